"""The spreadsheet of texts as it comes back from a translator: its rows, and everything in it that cannot be understood, each
with its row, its column and what was expected, in Spanish. What the texts mean for the flow files is for `text_import.py`."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.errors import UsageError
from app.sheets.sheet import cells
from app.sheets.text_marks import Mark, Mismatch, seen
from app.sheets.xlsx import NoSheet, NotXlsx, Odd, odd_cells
from app.translation.text_sheet import COMMENTS, CONTEXT, FILE, KIND, LENGTH, MARK, PLACE, SHEET, SMS

MOST_BYTES = 10_000_000
_MOST_ROWS, _MOST_COLUMNS = 20_000, 200
_OLE = b"\xd0\xcf\x11\xe0"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_SHOWN = 60
"""Of a cell, in a message."""

_AS_TEXT = "escríbalo otra vez con un apóstrofo (') antes"
"""How a spreadsheet is told to leave alone what is typed."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that keeps a sheet from being imported. Rows count as the spreadsheet does; row 0 is the file itself."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        column = f", columna {self.column}" if self.column else ""
        return f"fila {self.row}{column}: {self.text}" if self.row else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """One text as it came back: in each of the languages of the sheet, as people see it."""

    number: int
    place: str
    mark: Mark
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet read. `comments` is how many cells of reviewers' comments have something in them."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    comments: int = 0


def read(name: str, content: bytes) -> Rows:
    """Read the spreadsheet. Never raises, whatever the content is."""
    try:
        odd, table = _opened(name, content)
    except ValueError as error:
        return Rows(faults=(Fault(0, "", f"{name}: {error}"),))
    header = [_header(cell) for cell in table[0]] if table else []
    if faults := tuple(_of_header(header)):
        return Rows(faults=faults)
    reader = _Reader(header, odd)
    rows = [row for number, line in enumerate(table[1:], 2) if (row := reader.row(number, line)) is not None]
    faults = (*reader.faults, *_twice(rows), *_lost(header, rows))
    return Rows(tuple(rows), tuple(sorted(faults)), reader.comments)


def shown(value: object) -> str:
    """The beginning of a cell, for a message."""
    text = " ".join(str(value).split())
    return f"«{text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'}»"


def _opened(name: str, content: bytes) -> tuple[Odd, Sequence[Sequence[object]]]:
    """The sheet's cells. Raises ValueError in words for the person who sent the file."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"pesa más de {MOST_BYTES // 1_000_000} MB; ¿es la hoja que se exportó?")
    if content.startswith(_OLE):
        raise ValueError(
            "tiene contraseña o es de un Excel anterior; guárdelo sin contraseña como libro de Excel (.xlsx)"
        )
    try:
        odd = odd_cells(content, SHEET)
        if odd.last_row >= _MOST_ROWS or odd.last_column >= _MOST_COLUMNS:
            where = (
                f"fila {odd.last_row + 1}" if odd.last_row >= _MOST_ROWS else f"columna número {odd.last_column + 1}"
            )
            raise ValueError(f"hay algo escrito muy lejos de los textos ({where}); bórrelo")
        return odd, cells(name, content, SHEET)
    except NoSheet as error:
        raise ValueError(f"no tiene la hoja «{SHEET}»; tiene: {', '.join(error.args[0])}") from None
    except (NotXlsx, UsageError):
        raise ValueError("no es un libro de Excel (.xlsx) que se pueda leer; guárdelo otra vez con ese tipo") from None


# -- columns --------------------------------------------------------------------------------------------------------------


def _header(cell: object) -> str:
    """A header as it was exported, whatever became of its case and spaces."""
    text = " ".join(seen(str(cell)).split())
    known = {name.lower(): name for name in (FILE, PLACE, KIND, CONTEXT, COMMENTS, MARK)}
    language, _, region = text.replace("_", "-").partition("-")
    guess = f"{language.lower()}-{region.upper()}" if region else text.lower()
    return known.get(text.lower()) or (guess if _LANGUAGE.fullmatch(guess) else text)


def _of_header(header: Sequence[str]) -> Iterator[Fault]:
    for name in (PLACE, MARK):
        if name not in header:
            yield Fault(1, name, f"falta esta columna; hay: {', '.join(filter(None, header)) or 'ninguna'}")
    for name in dict.fromkeys(header):
        if header.count(name) > 1 and (name in (PLACE, MARK) or _LANGUAGE.fullmatch(name)):
            yield Fault(1, name, "hay dos columnas con este título; deje una")


def _lost(header: Sequence[str], rows: Sequence[Row]) -> Iterator[Fault]:
    """Languages that were exported and whose column is not there any more."""
    for language in dict.fromkeys(language for row in rows for language in row.mark.digests):
        if language not in header:
            others = [name for name in header if name and not name.startswith((LENGTH, SMS))]
            yield Fault(1, language, f"falta esta columna; si cambió su título, devuélvaselo. Hay: {', '.join(others)}")


# -- rows -----------------------------------------------------------------------------------------------------------------


class _Reader:
    def __init__(self, header: Sequence[str], odd: Odd) -> None:
        self.header = header
        self.odd = odd
        self.languages = {name: column for column, name in enumerate(header) if _LANGUAGE.fullmatch(name)}
        self.faults: list[Fault] = []
        self.comments = 0

    def row(self, number: int, line: Sequence[object]) -> Row | None:
        """A row with its mark; None if it is empty or cannot be used."""
        place, mark = (seen(str(line[self.header.index(name)])) for name in (PLACE, MARK))
        self.comments += any(
            name == COMMENTS and seen(str(cell)) for name, cell in zip(self.header, line, strict=False)
        )
        before = len(self.faults)
        texts = {language: self.text(number, language, line) for language in self.languages}
        if not (place or mark):
            if any(texts.values()) or len(self.faults) > before:
                self.fault(
                    number,
                    "",
                    "no es de ningún lugar: los textos nuevos se agregan en el archivo de flujos; borre la fila",
                )
            return None
        try:
            return Row(number, place, Mark.read(mark, place), texts)
        except Mismatch:
            self.fault(
                number,
                PLACE,
                f"{shown(place)} y la columna oculta «{MARK}» no van juntos: la fila se agregó o se cambió a mano; "
                "devuelva la fila a como estaba, o bórrela",
            )
            return None

    def text(self, number: int, language: str, line: Sequence[object]) -> str:
        """The text in a cell; empty if it has something else, which is a fault."""
        column = self.languages[language]
        cell, where = line[column], (number - 1, column)
        if where in self.odd.formulas or where in self.odd.errors:
            formula = self.odd.formulas.get(where, "un error")
            self.fault(number, language, f"tiene una fórmula, {shown(formula)}, y se espera un texto; {_AS_TEXT}")
        elif not isinstance(cell, str):
            self.fault(number, language, f"tiene {_kind(cell)}, y se espera un texto; {_AS_TEXT}")
        elif hidden := next(filter(_is_hidden, seen(cell)), ""):
            self.fault(
                number,
                language,
                f"{shown(cell)} tiene un carácter que no se ve (U+{ord(hidden):04X}); escriba el texto otra vez",
            )
        else:
            return seen(cell)
        return ""

    def fault(self, number: int, column: str, text: str) -> None:
        self.faults.append(Fault(number, column, text))


def _kind(cell: object) -> str:
    match cell:
        case bool():
            return f"un valor lógico, «{'VERDADERO' if cell else 'FALSO'}»"
        case datetime() | date():
            return f"una fecha, «{cell.isoformat()[:10]}»"
        case time() | timedelta():
            return f"una hora, «{cell}»"
        case float() if cell.is_integer():
            return f"un número, «{int(cell)}»"
        case _:
            return f"un número, «{cell}»"


def _is_hidden(char: str) -> bool:
    return char not in "\n\t" and (unicodedata.category(char) in ("Cc", "Cs") or char in "\ufffe\uffff")


def _twice(rows: Sequence[Row]) -> Iterator[Fault]:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        if (number := first.setdefault((row.mark.programme, row.place), row.number)) != row.number:
            yield Fault(row.number, PLACE, f"{shown(row.place)} ya está en la fila {number}; deje una de las dos")

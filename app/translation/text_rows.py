"""The spreadsheet of texts as a translator returns it: its rows, and every mistake with its row, column and the text expected, in
Spanish. `text_import.py` compares them with the flow files."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.sheets import xlsx
from app.sheets.cell_mistakes import is_error
from app.sheets.columns import Columns
from app.sheets.faults import Fault
from app.sheets.marks import Mark, Mismatch, visible
from app.sheets.reader import Reader
from app.sheets.reader import Row as SheetRow
from app.sheets.sheet_scan import Bounds, Scan, TooFar
from app.sheets.xlsx import Cells, NoSheet, OldFormat, Protected
from app.sheets.xlsx_xml import NotXlsx
from app.translation.text_sheet import COMMENTS, CONTEXT, FILE, KIND, LENGTH, MARK, PLACE, SHEET, SMS

MOST_BYTES = 10_000_000
_BOUNDS = Bounds(rows=20_000, columns=200, cells=4_000_000)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_SHOWN = 60
"""Characters of a cell that a message shows."""

_AS_TEXT = "escríbalo otra vez con un apóstrofo (') antes"
"""So that a spreadsheet keeps a text as it was typed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text of the sheet, in each of its languages, as people see it."""

    number: int
    place: str
    mark: Mark
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """A sheet read. `comments`: the number of rows with a reviewer's comment."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    comments: int = 0


def read(name: str, content: bytes) -> Rows:
    """Read the spreadsheet. Never raises, whatever the content is."""
    try:
        table, scan = _opened(content)
    except ValueError as error:
        return Rows(faults=(Fault(0, "", f"{name}: {error}"),))
    header = [_header(cell) for cell in table[0]] if table else []
    if faults := tuple(_of_header(header)):
        return Rows(faults=faults)
    reader = Reader(Columns(header, {name: header.index(name) for name in header}))
    rows: list[Row] = []
    comments = 0
    for row in reader.rows(table):
        comments += any(name == COMMENTS and _visible(cell) for name, cell in zip(header, row.cells, strict=False))
        if (found := _row(row, scan)) is not None:
            rows.append(found)
    faults = (*reader.faults, *_twice(rows), *_lost(header, rows))
    return Rows(tuple(rows), tuple(sorted(faults)), comments)


def shown(value: object) -> str:
    """The beginning of a cell, for a message."""
    text = " ".join(str(value).split())
    return f"«{text if len(text) <= _SHOWN else f'{text[:_SHOWN]}…'}»"


def _opened(content: bytes) -> tuple[Cells, Scan]:
    """The sheet's cells. Raises ValueError with a text for the person who sent the file."""
    if len(content) > MOST_BYTES:
        raise ValueError(f"pesa más de {MOST_BYTES // 1_000_000} MB; ¿es la hoja que se exportó?")
    try:
        return xlsx.read_sheet(content, SHEET, _BOUNDS)
    except (Protected, OldFormat):
        raise ValueError(
            "tiene contraseña o es de un Excel anterior; guárdelo sin contraseña como libro de Excel (.xlsx)"
        ) from None
    except TooFar as error:
        is_low = error.row >= _BOUNDS.rows
        where = f"fila {error.row + 1}" if is_low else f"columna número {error.column + 1}"
        raise ValueError(f"hay algo escrito muy lejos de los textos ({where}); bórrelo") from None
    except NoSheet as error:
        raise ValueError(f"no tiene la hoja «{SHEET}»; tiene: {', '.join(error.args[0])}") from None
    except NotXlsx:
        raise ValueError("no es un libro de Excel (.xlsx) que se pueda leer; guárdelo otra vez con ese tipo") from None


def _visible(cell: object) -> str:
    return visible(str(cell))


# -- columns --------------------------------------------------------------------------------------------------------------


def _header(cell: object) -> str:
    """A header as it was exported, though its case and spaces have changed."""
    text = " ".join(_visible(cell).split())
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
    """Exported languages whose column is missing."""
    for language in dict.fromkeys(language for row in rows for language in row.mark.digests):
        if language not in header:
            others = [name for name in header if name and not name.startswith((LENGTH, SMS))]
            yield Fault(1, language, f"falta esta columna; si cambió su título, devuélvaselo. Hay: {', '.join(others)}")


# -- rows -----------------------------------------------------------------------------------------------------------------


def _row(row: SheetRow, scan: Scan) -> Row | None:
    """A row with its mark; None if it has neither place nor mark, or cannot be used."""
    place, mark = (_visible(row.cell(name)) for name in (PLACE, MARK))
    texts = {language: _text(row, language, scan) for language in _languages(row.reader.columns)}
    if not (place or mark):
        if any(texts.values()) or row.is_faulty:
            row.fault("", "no es de ningún lugar: los textos nuevos se agregan en el archivo de flujos; borre la fila")
        return None
    try:
        return Row(row.number, place, Mark.read(mark, place), texts)
    except Mismatch:
        row.fault(
            PLACE,
            f"{shown(place)} y la columna oculta «{MARK}» no van juntos: la fila se agregó o se cambió a mano; "
            "devuelva la fila a como estaba, o bórrela",
        )
        return None


def _languages(columns: Columns) -> list[str]:
    return [name for name in columns.positions if _LANGUAGE.fullmatch(name)]


def _text(row: SheetRow, language: str, scan: Scan) -> str:
    """The text of a cell; "" if it has something else, which is a fault."""
    where = row.number - 1, row.reader.columns.positions[language]
    if where in scan.formulas or where in scan.errors:
        formula = scan.formulas.get(where, "un error")
        row.fault(language, f"tiene una fórmula, {shown(formula)}, y se espera un texto; {_AS_TEXT}")
        return ""
    return row.converted(language, row.cell(language), as_text, "")


def as_text(cell: object) -> str:
    """The text of a cell as people see it. Raises ValueError if it is not text, or has characters that nobody sees."""
    if not isinstance(cell, str):
        raise ValueError(f"tiene {_kind(cell)}, y se espera un texto; {_AS_TEXT}")  # noqa: TRY004 - a mistake in a sheet
    text = visible(cell)
    if is_error(text):
        raise ValueError(
            f"tiene un error de la hoja de cálculo, {shown(cell)}, y se espera un texto; escríbalo otra vez"
        )
    if hidden := next(filter(_is_hidden, text), ""):
        raise ValueError(
            f"{shown(cell)} tiene un carácter que no se ve (U+{ord(hidden):04X}); escriba el texto otra vez"
        )
    return text


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

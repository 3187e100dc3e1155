"""What an XLSX file holds that its values do not tell: where there are formulas, where a result is an error, and how far from
the first cell anything stands. Read straight from the file, in one pass and little memory, before anything else reads it: one
stray cell in the last row would cost gigabytes as a table."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.parsers.expat import ExpatError, XMLParserType
from xml.parsers.expat import ParserCreate as Parser

MOST_BYTES = 200_000_000
"""Unpacked. A file that says it is larger is no sheet of texts."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class NotXlsx(ValueError):
    """Not an XLSX file, or a damaged one."""


class TooLarge(NotXlsx):
    """Unpacked it is larger than any table that people filled in."""


class TooFar(ValueError):
    """Something stands farther from the first cell than a table goes: `reference` says where, such as XFD1048576."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference


class NoSheet(LookupError):
    """There is no sheet of this name; the argument lists those that there are."""


@dataclass(slots=True)
class Odd:
    """Formulas and errors by row and column, counted from 0; and the lowest and rightmost cell with anything in it."""

    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: set[tuple[int, int]] = field(default_factory=set)
    last_row: int = 0
    last_column: int = 0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a table may be."""

    rows: int
    columns: int
    cells: int


def odd_cells(content: bytes, sheet: str | None, within: Bounds | None = None) -> Odd:
    """What is odd in one sheet of an XLSX file, the first that is not hidden if none is named. Raises NotXlsx, NoSheet; TooFar
    as soon as something stands outside the bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_BYTES:
                raise TooLarge
            reader = _Cells(within)
            with archive.open(_part(archive, sheet)) as stream:
                reader.parser().ParseFile(stream)
            return reader.odd
    except (NotXlsx, TooFar):
        raise
    except (zipfile.BadZipFile, KeyError, ExpatError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise NotXlsx from None


def first_sheet(content: bytes) -> str:
    """The name of the first sheet that is not hidden. Raises NotXlsx."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _first(_elements(_book(archive), "sheet"))
    except (zipfile.BadZipFile, KeyError, ExpatError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise NotXlsx from None


def _book(archive: zipfile.ZipFile) -> bytes:
    if archive.getinfo("xl/workbook.xml").file_size > MOST_BYTES:
        raise TooLarge
    return archive.read("xl/workbook.xml")


def _first(book: list[dict[str, str]]) -> str:
    """Raises NotXlsx if there is no sheet at all."""
    seen = [item["name"] for item in book if item.get("state", "visible") == "visible"] or [
        item["name"] for item in book
    ]
    if not seen:
        raise NotXlsx
    return seen[0]


def _part(archive: zipfile.ZipFile, sheet: str | None) -> str:
    """The file of a sheet within the archive."""
    book = _elements(_book(archive), "sheet")
    sheet = _first(book) if sheet is None else sheet
    targets = {
        item["Id"]: item["Target"] for item in _elements(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    }
    names = {item["name"]: next((value for key, value in item.items() if key.endswith(":id")), "") for item in book}
    if sheet not in names:
        raise NoSheet(list(names))
    return normpath(join("xl", targets[names[sheet]])).removeprefix("/")


def _elements(xml: bytes, name: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append(attributes) if _local(tag) == name else None
    parser.Parse(xml, True)
    return found


def _parser() -> XMLParserType:
    parser = Parser()
    parser.StartDoctypeDeclHandler = _refuse  # no spreadsheet has one, and entities are made there
    return parser


def _refuse(*_: object) -> None:
    raise NotXlsx


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _reference(row: int, column: int) -> str:
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


@dataclass(slots=True)
class _Cells:
    """Reads a sheet's cells as the parser comes to them."""

    within: Bounds | None = None
    odd: Odd = field(default_factory=Odd)
    row: int = -1
    column: int = -1
    kind: str = ""
    formula: list[str] | None = None

    def parser(self) -> XMLParserType:
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler = self.characters
        return parser

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match _local(tag):
            case "row":
                self.row, self.column = int(attributes.get("r", self.row + 2)) - 1, -1
            case "c":
                self.kind = attributes.get("t", "")
                self.move(attributes.get("r"))
            case "v" | "is":
                self.odd.last_row = max(self.odd.last_row, self.row)
                self.odd.last_column = max(self.odd.last_column, self.column)
                self.check()
                if self.kind == "e":
                    self.odd.errors.add((self.row, self.column))
            case "f":
                self.formula = []
            case _:
                pass

    def move(self, reference: str | None) -> None:
        found = _REFERENCE.fullmatch(reference or "")
        if found is None:
            self.column += 1
            return
        self.column = -1
        for letter in found[1]:
            self.column = (self.column + 1) * 26 + ord(letter) - ord("A")
        self.row = int(found[2]) - 1

    def check(self) -> None:
        rows, columns, most = self.odd.last_row + 1, self.odd.last_column + 1, self.within
        if most is not None and (rows > most.rows or columns > most.columns or rows * columns > most.cells):
            raise TooFar(_reference(self.row, self.column))

    def characters(self, text: str) -> None:
        if self.formula is not None:
            self.formula.append(text)

    def end(self, tag: str) -> None:
        if _local(tag) == "f" and self.formula is not None:
            self.odd.formulas[self.row, self.column] = "=" + "".join(self.formula)
            self.formula = None

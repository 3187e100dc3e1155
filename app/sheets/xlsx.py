"""An XLSX file as it is, before anybody makes a table of it: the format, its sheets, formulas, error results and the distance of
cells from the first. Read straight from the XML, in one pass and little memory: as a table, one stray cell in the last row of
a sheet would cost gigabytes."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from posixpath import join, normpath
from xml.parsers.expat import ExpatError, XMLParserType
from xml.parsers.expat import ParserCreate as Parser

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MOST_BYTES = 200_000_000
"""Unpacked. Nobody fills in a sheet that is larger."""

ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Part of an XLSX file with a password, which is an OLE file like an old XLS file."""

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class NotXlsx(ValueError):
    """Not an XLSX file, or a damaged one."""


class TooLarge(NotXlsx):
    """Larger, unpacked, than any table that people fill in."""


class Protected(NotXlsx):
    """Encrypted with a password."""


class OldFormat(NotXlsx):
    """A spreadsheet of before 2007 (.xls)."""


class TooFar(ValueError):
    """A cell with a value outside of the bounds, at this row and column, counted from 0."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__(row, column)
        self.row, self.column = row, column

    @property
    def reference(self) -> str:
        """The cell as spreadsheets call it, such as XFD1048576."""
        letters, left = "", self.column + 1
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.row + 1}"


class NoSheet(LookupError):
    """No sheet has this name; the argument lists the names of the sheets."""


@dataclass(slots=True)
class Scan:
    """One sheet: formulas and error results by row and column, counted from 0; the lowest row and rightmost column with a value."""

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


Cells = Sequence[Sequence[object]]


def check_format(content: bytes) -> None:
    """Raise Protected or OldFormat if a file is one of these."""
    if content.startswith(_OLE):
        raise Protected if _ENCRYPTED in content else OldFormat


def read_sheet(content: bytes, sheet: str, within: Bounds) -> tuple[Cells, Scan]:
    """The cells of a sheet, each with its own type, and what was found before they were read. A formula has its last result, or
    nothing if that is an error. Raises NotXlsx, NoSheet, and TooFar as soon as a value is outside of the bounds."""
    check_format(content)
    found = scan(content, sheet, within)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False), found
    except PasswordError:
        raise Protected from None
    except (CalamineError, ValueError, IndexError, OSError):
        raise NotXlsx from None


def scan(content: bytes, sheet: str, within: Bounds | None = None) -> Scan:
    """Scan one sheet of an XLSX file. Raises NotXlsx, NoSheet, and TooFar as soon as a value is outside of the bounds."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_BYTES:
                raise TooLarge
            reader = _CellParser(within)
            with archive.open(_part(archive, sheet)) as stream:
                reader.parser().ParseFile(stream)
            return reader.found
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
    visible = [item["name"] for item in book if item.get("state", "visible") == "visible"] or [
        item["name"] for item in book
    ]
    if not visible:
        raise NotXlsx
    return visible[0]


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The file of a sheet within the archive."""
    book = _elements(_book(archive), "sheet")
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


@dataclass(slots=True)
class _CellParser:
    """Scans a sheet's cells as the XML parser meets them."""

    within: Bounds | None = None
    found: Scan = field(default_factory=Scan)
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
                self.found.last_row = max(self.found.last_row, self.row)
                self.found.last_column = max(self.found.last_column, self.column)
                self.check()
                if self.kind == "e":
                    self.found.errors.add((self.row, self.column))
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
        rows, columns, most = self.found.last_row + 1, self.found.last_column + 1, self.within
        if most is not None and (rows > most.rows or columns > most.columns or rows * columns > most.cells):
            raise TooFar(self.row, self.column)

    def characters(self, text: str) -> None:
        if self.formula is not None:
            self.formula.append(text)

    def end(self, tag: str) -> None:
        if _local(tag) == "f" and self.formula is not None:
            self.found.formulas[self.row, self.column] = "=" + "".join(self.formula)
            self.formula = None

"""An XLSX file as it is, before anybody makes a table of it: the format, its sheets, formulas, error results and the distance of
cells from the first. Read straight from the XML, in one pass and little memory: as a table, one stray cell in the last row of
a sheet would cost gigabytes."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from posixpath import join, normpath
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from app.sheets.sheet_scan import Book, Bounds, CellParser, Scan, TooFar
from app.sheets.xlsx_xml import MOST_BYTES, NotXlsx, TooLarge, elements, is_on, struck_formats, struck_texts

ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Part of an XLSX file with a password, which is an OLE file like an old XLS file."""


class Protected(NotXlsx):
    """Encrypted with a password."""


class OldFormat(NotXlsx):
    """A spreadsheet of before 2007 (.xls)."""


class NoSheet(LookupError):
    """No sheet has this name; the argument lists the names of the sheets."""


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
    with _archive(content) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_BYTES:
            raise TooLarge
        reader = CellParser(_book(archive), within)
        with archive.open(_part(archive, sheet)) as stream:
            reader.parser().ParseFile(stream)
        return reader.found


def first_sheet(content: bytes) -> str:
    """The name of the first sheet that is not hidden. Raises NotXlsx."""
    return visible_sheets(content)[0]


def visible_sheets(content: bytes) -> list[str]:
    """The names of the sheets that are not hidden; of all, if all are hidden. Raises NotXlsx, also if there is no sheet."""
    with _archive(content) as archive:
        sheets = elements(_workbook(archive), "sheet")
        found = [item["name"] for item in sheets if item.get("state", "visible") == "visible"]
        if not sheets:
            raise NotXlsx
        return found or [item["name"] for item in sheets]


@contextmanager
def _archive(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The parts of a file. Whatever is wrong with them is a NotXlsx."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except (NotXlsx, TooFar):
        raise
    except (zipfile.BadZipFile, KeyError, ExpatError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise NotXlsx from None


def _workbook(archive: zipfile.ZipFile) -> bytes:
    return _read(archive, "xl/workbook.xml")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_BYTES:
        raise TooLarge
    return archive.read(name)


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The file of a sheet within the archive."""
    book = elements(_workbook(archive), "sheet")
    names = {item["name"]: next((value for key, value in item.items() if key.endswith(":id")), "") for item in book}
    if sheet not in names:
        raise NoSheet(list(names))
    targets = {item["Id"]: item["Target"] for item in _relations(archive)}
    return _path(targets[names[sheet]])


def _book(archive: zipfile.ZipFile) -> Book:
    """The other parts that cells refer to."""
    parts = {item.get("Type", "").rpartition("/")[2]: _path(item["Target"]) for item in _relations(archive)}
    xml = {kind: _read(archive, name) for kind, name in parts.items() if name in archive.NameToInfo and kind in _KINDS}
    return Book(
        frozenset(struck_formats(xml.get("styles", b""))),
        frozenset(struck_texts(xml.get("sharedStrings", b""))),
        any(is_on(item, "fullCalcOnLoad", "0") for item in elements(_workbook(archive), "calcPr")),
    )


_KINDS = frozenset({"styles", "sharedStrings"})


def _relations(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    return elements(_read(archive, "xl/_rels/workbook.xml.rels"), "Relationship")


def _path(target: str) -> str:
    return normpath(join("xl", target)).removeprefix("/")

"""A table out of a file as people send one: CSV as Excel writes it in any language, or a spreadsheet. Cells come as the text
that a person sees. What they mean is not known here."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from app.errors import UsageError

MOST_BYTES = 20_000_000
_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"

Table = list[list[str]]


def table(name: str, content: bytes) -> Table:
    """The cells of a CSV file or of a spreadsheet's first sheet. Raises UsageError, without anything of the content."""
    check_size(name, len(content))
    if content.startswith((_ZIP, _OLE)) or name.lower().endswith(_SPREADSHEETS):
        return _spreadsheet(name, content)
    return _csv(name, content)


def check_size(name: str, size: int) -> None:
    """Raise UsageError if a file of so many bytes is too large to be a table that people filled in."""
    if size > MOST_BYTES:
        raise UsageError(f"{name} is larger than {MOST_BYTES // 1_000_000} MB: is it a roster?")


def _csv(name: str, content: bytes) -> Table:
    text = _decoded(content)
    if "\x00" in text:
        raise UsageError(f"{name} is not a CSV file")
    header = text.partition("\n")[0]
    if header.lower().startswith("sep="):  # a line for Excel only
        text = text.partition("\n")[2]
        header = text.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(f"{name} cannot be read as CSV: {error}") from None


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 with a mark, UTF-8 without one, or else what Windows writes in Spanish, which Latin-1 is part of."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _spreadsheet(name: str, content: bytes) -> Table:
    return [[_text(cell) for cell in row] for row in cells(name, content)]


def cells(name: str, content: bytes, sheet: str | None = None) -> Sequence[Sequence[object]]:
    """The cells of a spreadsheet's sheet, the first if none is named, each as the type that it has. Raises UsageError.

    Of a formula there is its last result, and nothing of one whose result is an error.
    """
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = book.get_sheet_by_index(0) if sheet is None else book.get_sheet_by_name(sheet)
        return found.to_python(skip_empty_area=False)
    except PasswordError:
        raise UsageError(f"{name} is protected by a password: save it without one") from None
    except (CalamineError, ValueError, IndexError, OSError):
        raise UsageError(f"{name} cannot be read as a spreadsheet") from None


def _text(cell: object) -> str:
    """A cell as a person sees it: whole numbers without a decimal point, dates in ISO order, yes and no as 1 and 0."""
    match cell:
        case bool():
            return str(int(cell))
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date():
            return cell.isoformat()[:10]
        case _:
            return str(cell)

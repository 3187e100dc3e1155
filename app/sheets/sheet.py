"""A table out of a file as people send one: CSV as Excel writes it in any language, or a sheet of an XLSX file. Cells come as
the text that a person sees. What they mean is not known here. Refuses, before it takes memory for it, what is larger than
anything that people fill in: a stray cell in the last row of a sheet would cost gigabytes."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from app.errors import UsageError
from app.sheets.xlsx import Bounds, NoSheet, NotXlsx, TooFar, TooLarge, first_sheet, odd_cells

MOST_BYTES = 20_000_000
BOUNDS = Bounds(rows=50_000, columns=200, cells=2_000_000)
"""How large a table may be: as a table, each of its cells takes memory, whether there is anything in it or not."""

_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What an XLSX file with a password holds: from outside it looks like an old XLS file."""

Table = list[list[str]]


def table(name: str, content: bytes, sheet: str | None = None) -> Table:
    """The cells of a CSV file, or of a spreadsheet's sheet: the first that is not hidden, if none is named. Raises UsageError,
    without anything of the content."""
    check_size(name, len(content))
    if content.startswith(_OLE):
        why = "is protected by a password: save it without one" if _ENCRYPTED in content else _OLD
        raise UsageError(f"{name} {why}")
    if content.startswith(_ZIP) or name.lower().endswith(_SPREADSHEETS):
        return _spreadsheet(name, content, sheet)
    if sheet is not None:
        raise UsageError(f"{name} is no XLSX file: it has no sheet to name with --sheet")
    return _csv(name, content)


_OLD = "is of an old kind of spreadsheet (.xls): save it as an Excel workbook (.xlsx) or as CSV"


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
        return _bounded(name, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(f"{name} cannot be read as CSV: {error}") from None


def _bounded(name: str, rows: Iterable[list[str]]) -> Table:
    found: Table = []
    widest = 0
    for place, row in enumerate(rows, 1):
        widest = max(widest, len(row))
        if place > BOUNDS.rows or widest > BOUNDS.columns or place * widest > BOUNDS.cells:
            raise UsageError(_too_far(name, f"row {place}"))
        found.append(row)
    return found


def _too_far(name: str, where: str) -> str:
    most = f"{BOUNDS.rows:,} rows, {BOUNDS.columns} columns and {BOUNDS.cells:,} cells in all"
    return f"{name}: there is something in {where}, and a table has at most {most}. Delete what stands apart from the table"


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 with a mark, UTF-8 without one, or else what Windows writes in Spanish, which Latin-1 is part of."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _spreadsheet(name: str, content: bytes, sheet: str | None) -> Table:
    try:
        sheet = first_sheet(content) if sheet is None else sheet
        odd_cells(content, sheet, BOUNDS)
    except TooFar as error:
        raise UsageError(_too_far(name, f"cell {error.reference}")) from None
    except NoSheet as error:
        raise UsageError(f"{name} has no sheet {sheet!r}; it has: {', '.join(error.args[0])}") from None
    except TooLarge:
        raise UsageError(
            f"{name} is too large once it is unpacked: copy the table alone into a new workbook, or save it as CSV"
        ) from None
    except NotXlsx:
        raise UsageError(
            f"{name} cannot be read as a spreadsheet: save it as an Excel workbook (.xlsx) or as CSV"
        ) from None
    return [[_text(cell) for cell in row] for row in cells(name, content, sheet)]


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
    """A cell as a person sees it: whole numbers without a decimal point, dates in ISO order, with the hour if there is one, to
    the minute, yes and no as 1 and 0."""
    match cell:
        case bool():
            return str(int(cell))
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            late = timedelta(seconds=30 if cell.year < MAXYEAR else 0)  # a workbook has hours as fractions of a day
            near = (cell + late).replace(second=0, microsecond=0)
            return f"{near:%Y-%m-%d}" if near.time() == time() else f"{near:%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case time():
            return f"{cell:%H:%M}"
        case _:
            return str(cell)

"""Tables from files as people send them: CSV as Excel writes it in any language, or a sheet of an XLSX file. Cells are the text
that a person sees. Refuses larger tables than people fill in before they take memory."""

import csv
import io
from collections.abc import Iterable
from datetime import MAXYEAR, date, datetime, time, timedelta

from app.errors import UsageError
from app.sheets import xlsx
from app.sheets.xlsx import Bounds, NoSheet, NotXlsx, OldFormat, Protected, TooFar, TooLarge

MOST_BYTES = 20_000_000
BOUNDS = Bounds(rows=50_000, columns=200, cells=2_000_000)
"""The largest table: each of its cells takes memory, even an empty one."""

_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

Table = list[list[str]]


def read_table(name: str, content: bytes, sheet: str | None = None) -> Table:
    """The cells of a CSV file, or of a spreadsheet's sheet: the first that is not hidden, if none is named. Raises UsageError,
    whose text repeats no cell."""
    check_size(name, len(content))
    try:
        xlsx.check_format(content)
        if content.startswith(xlsx.ZIP) or name.lower().endswith(_SPREADSHEETS):
            return _spreadsheet(content, sheet)
    except Protected:
        raise UsageError(f"{name} is protected by a password: save it without one") from None
    except OldFormat:
        raise UsageError(
            f"{name} is of an old kind of spreadsheet (.xls): save it as an Excel workbook (.xlsx) or as CSV"
        ) from None
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
    if sheet is not None:
        raise UsageError(f"--sheet needs a spreadsheet; {name} is not one")
    return _csv(name, content)


def check_size(name: str, size: int) -> None:
    """Raise UsageError if a file of this many bytes is too large for a table that people filled in."""
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
    table: Table = []
    widest = 0
    for place, row in enumerate(rows, 1):
        widest = max(widest, len(row))
        if place > BOUNDS.rows or widest > BOUNDS.columns or place * widest > BOUNDS.cells:
            raise UsageError(_too_far(name, f"row {place}"))
        table.append(row)
    return table


def _too_far(name: str, where: str) -> str:
    most = f"{BOUNDS.rows:,} rows, {BOUNDS.columns} columns and {BOUNDS.cells:,} cells in all"
    return f"{name}: there is something in {where}, and a table has at most {most}. Delete what stands apart from the table"


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 with a byte order mark, UTF-8 without one, or else Windows-1252, which contains Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _spreadsheet(content: bytes, sheet: str | None) -> Table:
    """Raises NotXlsx, NoSheet or TooFar."""
    cells, _ = xlsx.read_sheet(content, xlsx.first_sheet(content) if sheet is None else sheet, BOUNDS)
    return [[_text(cell) for cell in row] for row in cells]


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

"""Tables from files as people send them: CSV as any program writes it in any language, or a sheet of an XLSX file. Cells are the
text that a person sees; an error is its text (`#N/A`), and a formula without a result is the formula. Refuses larger tables than
people fill in before they take memory."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from app.errors import UsageError
from app.sheets import encodings, xlsx
from app.sheets.encodings import Decoded
from app.sheets.sheet_scan import Bounds, Scan, TooFar
from app.sheets.xlsx import NoSheet, OldFormat, Protected
from app.sheets.xlsx_xml import NotXlsx, TooLarge
from app.wording import Sentence

MOST_BYTES = 50_000_000
BOUNDS = Bounds(rows=250_000, columns=200, cells=5_000_000)
"""The largest table: each of its cells takes memory, even an empty one."""

_SPREADSHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r"sep=.?(?:\r\n?|\n)", re.IGNORECASE)
"""A first line for Excel only."""

_BEGINNING = 20_000
"""Characters of a CSV file that tell its delimiter."""

Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class RawTable:
    """All cells of a file or a sheet. `scan` is of a spreadsheet, `decoded` of a CSV file."""

    rows: Table
    sheet: str | None = None
    scan: Scan | None = None
    encoding: str | None = None
    is_repaired: bool = False


def is_spreadsheet(name: str, content: bytes) -> bool:
    """Whether a file is to be read as a spreadsheet, by its content or its name."""
    return content.startswith(xlsx.ZIP) or name.lower().endswith(_SPREADSHEETS)


def read_table(name: str, content: bytes, sheet: str | None = None) -> Table:
    """The cells of a CSV file, or of a spreadsheet's sheet: the first that is not hidden, if none is named. Raises UsageError,
    whose text repeats no cell."""
    return read(name, content, sheet).rows


def visible_sheets(name: str, content: bytes) -> Sequence[str]:
    """The sheets of a spreadsheet that are not hidden; of another file, none. Raises UsageError."""
    try:
        return xlsx.visible_sheets(content) if content.startswith(xlsx.ZIP) else []
    except NotXlsx:
        raise UsageError(_unreadable(name)) from None


def read(name: str, content: bytes, sheet: str | None = None) -> RawTable:
    """The same, with all that is known of the file."""
    check_size(name, len(content))
    try:
        xlsx.check_format(content)
        if is_spreadsheet(name, content):
            return _spreadsheet(content, sheet)
    except Protected:
        raise UsageError(Sentence("{name} is protected by a password: save it without one", name=name)) from None
    except OldFormat:
        raise UsageError(
            Sentence(
                "{name} is of an old kind of spreadsheet (.xls): save it as an Excel workbook (.xlsx) or as CSV",
                name=name,
            )
        ) from None
    except TooFar as error:
        raise UsageError(_too_far(name, Sentence("cell {reference}", reference=error.reference))) from None
    except NoSheet as error:
        raise UsageError(
            Sentence(
                "{name} has no sheet {sheet!r}; it has: {names}", name=name, sheet=sheet, names=", ".join(error.args[0])
            )
        ) from None
    except TooLarge:
        raise UsageError(
            Sentence(
                "{name} is too large once it is unpacked: copy the table alone into a new workbook, or save it as CSV",
                name=name,
            )
        ) from None
    except NotXlsx:
        raise UsageError(_unreadable(name)) from None
    if sheet is not None:
        raise UsageError(Sentence("only a spreadsheet has sheets; {name} is not one", name=name))
    return _csv(name, encodings.decode(content))


def check_size(name: str, size: int) -> None:
    """Raise UsageError if a file of this many bytes is too large for a table that people filled in."""
    if size > MOST_BYTES:
        raise UsageError(
            Sentence("{name} is larger than {most} MB: is it a roster?", name=name, most=MOST_BYTES // 1_000_000)
        )


def _unreadable(name: str) -> str:
    return Sentence("{name} cannot be read as a spreadsheet: save it as an Excel workbook (.xlsx) or as CSV", name=name)


def _csv(name: str, decoded: Decoded) -> RawTable:
    if "\x00" in decoded.text:
        raise UsageError(Sentence("{name} is not a CSV file", name=name))
    begins = mark.end() if (mark := _SEPARATOR.match(decoded.text)) else 0
    stream = io.StringIO(decoded.text[begins:], newline="")
    try:
        rows = csv.reader(stream, delimiter=_delimiter(decoded.text[begins : begins + _BEGINNING]), strict=True)
        return RawTable(_bounded(name, rows), None, None, decoded.encoding, decoded.is_repaired)
    except csv.Error as error:
        raise UsageError(Sentence("{name} cannot be read as CSV: {error}", name=name, error=error)) from None


def _delimiter(beginning: str) -> str:
    """The delimiter that most lines have equally often."""
    lines = [line for line in beginning.splitlines() if line.strip()]

    def weight(delimiter: str) -> int:
        counts = Counter(count for line in lines if (count := line.count(delimiter)))
        return max((count * times for count, times in counts.items()), default=0)

    return max(_DELIMITERS, key=weight)


def _bounded(name: str, rows: Iterable[list[str]]) -> Table:
    table: Table = []
    widest = 0
    for place, row in enumerate(rows, 1):
        widest = max(widest, len(row))
        if place > BOUNDS.rows or widest > BOUNDS.columns or place * widest > BOUNDS.cells:
            raise UsageError(_too_far(name, Sentence("row {place}", place=place)))
        table.append(row)
    return table


def _too_far(name: str, where: str) -> str:
    most = Sentence(
        "{rows:,} rows, {columns} columns and {cells:,} cells in all",
        rows=BOUNDS.rows,
        columns=BOUNDS.columns,
        cells=BOUNDS.cells,
    )
    return Sentence(
        "{name}: there is something in {where}, and a table has at most {most}. Delete what stands apart from the table",
        name=name,
        where=where,
        most=most,
    )


def _spreadsheet(content: bytes, sheet: str | None) -> RawTable:
    """Raises NotXlsx, NoSheet or TooFar."""
    named = xlsx.first_sheet(content) if sheet is None else sheet
    cells, found = xlsx.read_sheet(content, named, BOUNDS)
    rows = [[_text(cell) for cell in row] for row in cells]
    for (row, column), text in {**{at: found.formulas[at] for at in found.uncalculated}, **found.errors}.items():
        while len(rows) <= row:
            rows.append([])
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = text
    return RawTable(rows, named, found)


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

"""Sheets that people fill in by hand, written and read: CSV or XLSX by the file's name. An officer's text cannot become a formula
or break the sheet; it is shown for reading only, so control characters may be replaced."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

import xlsxwriter

from app.errors import UsageError
from app.sheets import table_files
from app.sheets.cell_mistakes import mistake
from app.sheets.faults import Fault
from app.sheets.marks import visible
from app.sheets.table_files import RawTable, Table
from app.wording import Sentence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 30_000
"""Characters of a text in a cell: it holds 32,767."""

_SHOWN = frozenset({"question", "text", "said", "mark"})
"""Columns for reading only."""

_WIDE, _NARROW = 60, 16
_WIDE_COLUMNS = frozenset({"question", "text", "redacted_text", "said"})


def check_name(name: str) -> None:
    """Raise UsageError unless a file can be such a sheet."""
    if not name.lower().endswith((".csv", ".xlsx")):
        raise UsageError(Sentence("{name} must end in .csv or .xlsx", name=name))


def write(
    name: str, headers: Sequence[str], rows: Sequence[Sequence[str]], choices: Mapping[str, Sequence[str]]
) -> bytes:
    """The sheet as a file of that name. `choices`: the allowed values of a column, which XLSX offers as a list."""
    shown = [[cell_of(cell) for cell in row] for row in rows]
    return _csv(headers, shown) if name.lower().endswith(".csv") else _xlsx(headers, shown, choices)


def cell_of(text: str) -> str:
    """A text as the sheet shows it."""
    plain = _UNWRITABLE.sub("\ufffd", text)
    return plain if len(plain) <= _LONGEST else f"{plain[:_LONGEST]}…"


def guarded(text: str) -> str:
    """A text for a CSV file that no spreadsheet takes for a formula: with an apostrophe before it if need be. By OWASP's page on
    CSV injection."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguarded(text: str) -> str:
    """A text without that apostrophe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def is_still(cell: str, text: str) -> bool:
    """Whether a cell still has the text that the sheet showed, as far as people see."""
    shown = cell_of(text)
    return visible(cell) in {visible(shown), visible(guarded(shown))}


def read(name: str, content: bytes) -> tuple[Table, list[Fault]]:
    """The cells of a filled-in sheet, and a fault for each formula in it, which shows another text than was typed, and for each error
    in a cell to fill in. Raises UsageError."""
    check_name(name)
    sheet = table_files.read(name, content)
    headers = sheet.rows[0] if sheet.rows else []
    formulas = set() if sheet.scan is None else {*sheet.scan.formulas, *sheet.scan.errors}
    return sheet.rows, [*_formulas(headers, formulas), *_mistakes(headers, sheet, formulas)]


def _formulas(headers: Sequence[str], formulas: Collection[tuple[int, int]]) -> Iterator[Fault]:
    for row, column in sorted(formulas):
        header = headers[column] if column < len(headers) else ""
        yield Fault(row + 1, header, Sentence("has a formula: write it as text, with an apostrophe (') before it"))


def _mistakes(headers: Sequence[str], sheet: RawTable, formulas: Collection[tuple[int, int]]) -> Iterator[Fault]:
    """Errors in the cells that people fill in. The others show what officers wrote, which may look like one; and in a spreadsheet a
    text may begin as a formula does."""
    for row, cells in enumerate(sheet.rows[1:], 1):
        for column, (header, cell) in enumerate(zip(headers, cells, strict=False)):
            is_text = header in _SHOWN or (row, column) in formulas or (sheet.scan is not None and cell.startswith("="))
            if not is_text and (wrong := mistake(cell.strip())):
                yield Fault(row + 1, header, wrong)


def _csv(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    writer.writerow(headers)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _xlsx(headers: Sequence[str], rows: Sequence[Sequence[str]], choices: Mapping[str, Sequence[str]]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet("texts")
        cell = book.add_format(
            {"text_wrap": True, "valign": "top", "num_format": "@"}
        )  # as text: what is typed stays as it is
        bold = book.add_format({"bold": True})
        for column, header in enumerate(headers):
            sheet.set_column(
                column, column, _WIDE if header in _WIDE_COLUMNS else _NARROW, cell, {"hidden": header == "mark"}
            )
            sheet.write_string(0, column, header, bold)
            if listed := choices.get(header):
                _offer(sheet, column, len(rows), listed)
        for place, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(place, column, text, cell)
        sheet.freeze_panes(1, 0)
    return stream.getvalue()


def _offer(sheet: xlsxwriter.worksheet.Worksheet, column: int, rows: int, listed: Sequence[str]) -> None:
    if rows and len(",".join(listed)) <= 255:  # as long as Excel's lists may be
        sheet.data_validation(
            1, column, rows, column, {"validate": "list", "source": list(listed), "error_type": "warning"}
        )

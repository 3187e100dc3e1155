"""XLSX, streamed: a sheet with frozen, filtered headers. A text is text, never a formula or a link; what a workbook cannot hold is
an error and never cut."""

import tempfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from app.errors import UsageError
from app.exports.columns import Kind
from app.exports.formats import Sheet
from app.exports.writers import PARTIAL
from app.wording import Sentence

MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
MADE = datetime(2000, 1, 1)  # noqa: DTZ001 - the same in every file
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_UNSPEAKABLE = str.maketrans({"\0": "␀"})


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as a workbook of its own."""
    write_book(path, [sheet])


def write_book(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write a workbook of several sheets. UsageError if one is too long."""
    with tempfile.TemporaryDirectory(dir=path.parent, suffix=PARTIAL) as folder:
        book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": folder})
        book.set_properties({"created": MADE})
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        try:
            for sheet in sheets:
                _fill(book.add_worksheet(sheet.name[:31]), sheet, head, day)
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise (
                error.args[0] if isinstance(error.args[0], OSError) else OSError(None, "no space, or not allowed")
            ) from None
        finally:
            for page in book.worksheets():
                page.row_data_fh.close()


def _fill(page: Any, sheet: Sheet, head: Any, day: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
    page.freeze_panes(1, 0)
    days = {place for place, column in enumerate(sheet.columns) if column.kind is Kind.date}
    for place, column in enumerate(sheet.columns):
        page.write_string(0, place, column.name, head)
    line = 0
    for batch in sheet.batches:
        for row in batch:
            line += 1
            if line > MOST_ROWS:
                raise UsageError(
                    Sentence(
                        "{table} has more than {most:,} rows, which is all that XLSX holds: use csv",
                        table=sheet.name,
                        most=MOST_ROWS,
                    )
                )
            for place, cell in enumerate(row):
                if place in days and cell is not None:
                    page.write_datetime(line, place, date.fromisoformat(cell), day)
                elif isinstance(cell, str):
                    _write_text(page, line, place, cell, sheet.name)
                elif cell is not None:
                    page.write_number(line, place, cell)
    page.autofilter(0, 0, line, len(sheet.columns) - 1)


def _write_text(page: Any, line: int, place: int, text: str, name: str) -> None:  # noqa: ANN401
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            Sentence(
                "{name} has a text of more than {most:,} characters, which is all that XLSX holds: use csv",
                name=name,
                most=LONGEST_TEXT,
            )
        )
    page.write_string(line, place, text.translate(_UNSPEAKABLE))

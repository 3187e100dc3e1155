"""CSV as RFC 4180 has it, but with LF line ends: UTF-8, safe to open in a spreadsheet. Python's own writer works through whole
batches; a row gets another treatment only where something in it asks for that."""

import csv
import io
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from app.exports.columns import Kind
from app.exports.formats import Sheet
from app.exports.numbering import NUMBER

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters of what a spreadsheet may take for a formula. By OWASP's page on CSV injection."""


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as CSV."""
    texts = [place for place, column in enumerate(sheet.columns) if column.kind is Kind.text]
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" if sheet.bom else b"")
        file.write(_encoded([[column.name for column in sheet.columns]]))
        for batch in sheet.batches:
            file.write(_encoded(_harmless(batch, texts)))


def write_lines(path: Path, sheet: Sheet, batches: Iterable[Sequence[str]]) -> None:
    """Write lines, with their ends, that are CSV already, below the names of the sheet's columns."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" if sheet.bom else b"")
        file.write(_encoded([[column.name for column in sheet.columns]]))
        for batch in batches:
            file.write("".join(batch).encode())


def safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay as they are."""
    if isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value):
        return "'" + value
    return value


def _harmless(batch: Sequence[Sequence[Any]], texts: Sequence[int]) -> Iterable[Sequence[Any]]:
    suspect = {
        place for place in texts if any(safe(value) is not value for value in set(map(itemgetter(place), batch)))
    }
    if not suspect:
        return batch
    return [[safe(value) if place in suspect else value for place, value in enumerate(row)] for row in batch]


def quoted(text: str) -> str:
    """A text as a cell of CSV, by RFC 4180."""
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if "," in text or "\n" in text or "\r" in text else text


def _encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    text = buffer.getvalue()
    if "\r" in text:
        # A lone carriage return ends a line for most readers, and is quoted by Python from 3.13 on only.
        text = "".join(",".join("" if cell is None else quoted(str(cell)) for cell in row) + "\n" for row in rows)
    return text.encode()

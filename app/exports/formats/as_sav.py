"""SPSS's .sav, by pyreadstat, which wants the whole table in memory: for millions of rows take another format. SPSS has no extended
missing values; each code is a number of its own instead, declared missing and labelled."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from app.errors import UsageError
from app.exports.columns import Column, Kind
from app.exports.formats import Sheet
from app.wording import Sentence

MOST_ROWS = 1_000_000
"""Rows of a table: pyreadstat needs it whole in memory."""
LONGEST_NAME = 64
LONGEST_LABEL = 256
LONGEST_VALUE_LABEL = 120
LONGEST_TEXT = 32_767
CODES = {
    ".d": -9_991,
    ".n": -9_992,
    ".r": -9_993,
    ".s": -9_994,
    ".m": -9_995,
    ".o": -9_996,
    ".u": -9_997,
    ".k": -9_998,
}
"""The numbers that stand for the extended missing codes."""

_DAY_CODES = dict(zip(CODES, range(1, len(CODES) + 1), strict=True))
"""The same in a column of days: seconds from 1582-10-14 on, long before any day of a programme."""

_SECONDS_OF_A_DAY = 86_400
_FIRST_DAY = date(1582, 10, 14)
_MADE_AT, _MADE = 92, b"01 Jan 0000:00:00"
"""Where the header has the day and the time of making; it would be another one every time."""


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as a .sav. UsageError if SPSS could not hold it."""
    check(sheet)
    frame = _frame(sheet)
    labels = {column.name: found for column in sheet.columns if (found := _labels(column))}
    days = {column.name: "DATE11" for column in sheet.columns if column.kind is Kind.date}
    try:
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=f"Trato: {sheet.name}",
            column_labels=[column.label for column in sheet.columns],
            variable_value_labels=labels,
            missing_ranges={column.name: [_range(column)] for column in sheet.columns if column.missing},
            variable_format=days,
        )
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        raise OSError(None, str(error)) from None
    with path.open("r+b") as file:
        file.seek(_MADE_AT)
        file.write(_MADE)


def _frame(sheet: Sheet) -> Any:  # noqa: ANN401 - pandas
    """The table in memory, column by column: numbers take eight bytes, and a text that a batch has often is kept once."""
    columns: list[list[Any]] = [[_cells(sheet.name, column, ())] for column in sheet.columns]
    rows = 0
    for batch in filter(None, sheet.batches):
        rows += len(batch)
        if rows > MOST_ROWS:
            raise UsageError(
                Sentence(
                    "{table} has more than {number:,} rows, which .sav takes too much memory for: use dta, parquet or csv",
                    table=sheet.name,
                    number=MOST_ROWS,
                )
            )
        for parts, column, cells in zip(columns, sheet.columns, zip(*batch, strict=True), strict=True):
            parts.append(_cells(sheet.name, column, cells))
    return pd.DataFrame(
        {column.name: np.concatenate(parts) for column, parts in zip(sheet.columns, columns, strict=True)}, copy=False
    )


def check(sheet: Sheet) -> None:
    """Refuse what SPSS could not name. A value's label that is too long for it is shortened: the codebook has it whole."""
    for column in sheet.columns:
        if len(column.name.encode()) > LONGEST_NAME:
            raise UsageError(
                Sentence(
                    "{table}: {name} is longer than the {most} characters of a name in SPSS: use csv",
                    table=sheet.name,
                    name=column.name,
                    most=LONGEST_NAME,
                )
            )
        if len(column.label.encode()) > LONGEST_LABEL:
            raise UsageError(
                Sentence(
                    "{table}: the label of {name} is longer than the {most} bytes that SPSS takes",
                    table=sheet.name,
                    name=column.name,
                    most=LONGEST_LABEL,
                )
            )


def _labels(column: Column) -> dict[int | float, str]:
    codes = {float(_code(column, code)): meaning for code, meaning in column.missing.items()}
    return {**{float(value): _short(text) for value, text in dict(column.values).items()}, **codes}


def _code(column: Column, code: str) -> int:
    return (_DAY_CODES if column.kind is Kind.date else CODES)[code]


def _range(column: Column) -> Any:  # noqa: ANN401 - pyreadstat's
    """The numbers of a column that stand for missing codes: SPSS takes them as a range."""
    numbers = [_code(column, code) for code in column.missing]
    return {"lo": min(numbers), "hi": max(numbers)}


def _short(text: str) -> str:
    """A label of a value in the bytes that SPSS has for it, never half a character."""
    if len(text.encode()) <= LONGEST_VALUE_LABEL:
        return text
    return text.encode()[: LONGEST_VALUE_LABEL - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def _cells(table: str, column: Column, cells: Sequence[Any]) -> Any:  # noqa: ANN401 - an array of numpy
    if column.is_moment:
        return np.array([cell and cell[:19].replace("T", " ") for cell in cells], dtype="datetime64[ns]")
    if column.is_number or column.kind is Kind.date:
        return np.array([_number(table, column, cell) for cell in cells], dtype="float64")
    texts = ["" if cell is None else str(cell).replace("\0", "␀") for cell in cells]
    if any(len(text.encode()) > LONGEST_TEXT for text in texts):
        raise UsageError(
            Sentence(
                "{table}: a text of {name} is longer than the {most} bytes that SPSS holds: use csv",
                table=table,
                name=column.name,
                most=LONGEST_TEXT,
            )
        )
    once = {text: text for text in texts}
    return np.array([once[text] for text in texts], dtype=object)


def _number(table: str, column: Column, cell: Any) -> float:  # noqa: ANN401
    if cell is None:
        return float("nan")
    if cell in column.missing:
        return _code(column, cell)
    if column.kind is Kind.date:
        return (date.fromisoformat(cell) - _FIRST_DAY).days * _SECONDS_OF_A_DAY
    if column.missing and _range(column)["lo"] <= cell <= _range(column)["hi"]:
        raise UsageError(
            Sentence(
                "{table}: {name} has the value {cell}, which stands for a missing code in SPSS: use another format",
                table=table,
                name=column.name,
                cell=cell,
            )
        )
    return float(cell)

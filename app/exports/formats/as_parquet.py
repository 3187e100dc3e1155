"""Parquet, by pyarrow: moments are timestamps, numbers are numbers. An extended missing code is null in its column, and stands as a
text in a column of its own beside it, `…_missing`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from app.exports.columns import Column, Kind
from app.exports.formats import Sheet

_GROUP = 100_000
"""Rows of a row group."""

_TYPES = {
    Kind.code: pa.string(),
    Kind.text: pa.string(),
    Kind.integer: pa.int64(),
    Kind.number: pa.float64(),
    Kind.utc: pa.timestamp("ms", tz="UTC"),
    Kind.local: pa.timestamp("ms"),
}


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as Parquet."""
    schema = pa.schema([field for column in sheet.columns for field in _fields(column)])
    with pq.ParquetWriter(str(path), schema, compression="snappy") as writer:
        for group in _groups(sheet, schema):
            writer.write_table(pa.Table.from_batches(group))


def _groups(sheet: Sheet, schema: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - pyarrow has no types
    """The rows in row groups, as batches of pyarrow: those are small, Python's rows are not."""
    group: list[Any] = []
    for batch in filter(None, sheet.batches):
        cells = list(zip(*batch, strict=True))
        arrays = [array for column, found in zip(sheet.columns, cells, strict=True) for array in _arrays(column, found)]
        group.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        if sum(map(len, group)) >= _GROUP:
            yield group
            group = []
    if group:
        yield group


def _fields(column: Column) -> list[Any]:
    field = pa.field(column.name, _TYPES[column.kind], metadata={"label": column.label})
    return [field, pa.field(f"{column.name}_missing", pa.string())] if column.extended else [field]


def _arrays(column: Column, cells: Sequence[Any]) -> list[Any]:
    kind = _TYPES[column.kind]
    if column.extended:
        numbers = pa.array([None if isinstance(cell, str) else cell for cell in cells], kind)
        return [numbers, pa.array([cell if isinstance(cell, str) else None for cell in cells], pa.string())]
    if column.is_moment:
        plain = pa.array([cell and cell[:19].replace("T", " ") for cell in cells], pa.string())
        return [plain.cast(pa.timestamp("ms")).cast(kind)]
    return [pa.array(cells, kind)]

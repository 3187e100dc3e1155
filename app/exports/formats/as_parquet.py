"""Parquet, by pyarrow: moments are timestamps, days dates, numbers numbers."""

import json
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
    Kind.date: pa.date32(),
    Kind.utc: pa.timestamp("ms", tz="UTC"),
    Kind.local: pa.timestamp("ms"),
}


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as Parquet."""
    schema = pa.schema([_field(column) for column in sheet.columns])
    with pq.ParquetWriter(str(path), schema, compression="snappy") as writer:
        for group in _groups(sheet, schema):
            writer.write_table(pa.Table.from_batches(group))


def _groups(sheet: Sheet, schema: Any) -> Iterator[list[Any]]:  # noqa: ANN401 - pyarrow has no types
    """The rows in row groups, as batches of pyarrow: those are small, Python's rows are not."""
    group: list[Any] = []
    for batch in filter(None, sheet.batches):
        cells = list(zip(*batch, strict=True))
        arrays = [_array(column, found) for column, found in zip(sheet.columns, cells, strict=True)]
        group.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        if sum(map(len, group)) >= _GROUP:
            yield group
            group = []
    if group:
        yield group


def _field(column: Column) -> Any:  # noqa: ANN401
    """A column with its label and, as JSON, the labels of its values."""
    values = {str(value): text for value, text in (*sorted(column.values.items()), *column.codes.items())}
    labels = {"values": json.dumps(values, ensure_ascii=False)} if values else {}
    return pa.field(column.name, _TYPES[column.kind], metadata={"label": column.label, **labels})


def _array(column: Column, cells: Sequence[Any]) -> Any:  # noqa: ANN401
    kind = _TYPES[column.kind]
    if column.is_moment:
        plain = pa.array([cell and cell[:19].replace("T", " ") for cell in cells], pa.string())
        return plain.cast(pa.timestamp("ms")).cast(kind)
    if column.kind is Kind.date:
        return pa.array(cells, pa.string()).cast(kind)
    return pa.array(cells, kind)

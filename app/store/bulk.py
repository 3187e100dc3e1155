"""Bulk inserts: many rows in one statement. On the hot path this takes a third of the time of SQLAlchemy's executemany, where the
driver releases the interpreter's lock and waits for it again for every row. Column types are honoured, and texts of sealed columns
sealed; defaults are not: rows must have every column they need."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Dialect, Table, literal_column

from app.store.sealing import sealed_rows

MOST_PARAMETERS = 30_000
"""Most parameters of one statement. SQLite takes 32,766, PostgreSQL 65,535."""

T = TypeVar("T")
_Row = Mapping[str, Any]
_Process = Callable[[Any], Any] | None
_Values = tuple[Any, ...]


class Record(Protocol):
    """A named tuple whose fields are columns of a table."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[Any]: ...


def insert_rows(
    tx: Connection, table: Table, rows: Sequence[_Row], *, returning: tuple[str, ...] = (), ignore: bool = False
) -> list[Any]:
    """Insert rows, which must all have the same columns, and return the `returning` columns of each. `ignore`: rows that violate
    a unique key are skipped and not returned."""
    if not rows:
        return []
    columns = tuple(rows[0])
    get = itemgetter(*columns)
    return _insert(tx, table, columns, [get(row) for row in rows], returning=returning, ignore=ignore)


def insert_records(
    tx: Connection,
    table: Table,
    records: Sequence[Record],
    link: tuple[str, Mapping[str, int]] | None = None,
    *,
    returning: tuple[str, ...] = (),
    ignore: bool = False,
) -> list[Any]:
    """Insert records of one class, as `insert_rows` does. `link` is a column and the ids of inbound messages by SID: that column
    gets the id of the message that the first field of a record names, None for another."""
    if not records:
        return []
    columns = records[0]._fields
    if link is None:
        return _insert(tx, table, columns, records, returning=returning, ignore=ignore)
    column, ids = link
    rows = [(ids.get(sid), *rest) for sid, *rest in records]
    return _insert(tx, table, (column, *columns[1:]), rows, returning=returning, ignore=ignore)


def values_of(*records: Record) -> dict[str, Any]:
    """The columns of records, which are of one row, by name."""
    return {column: value for record in records for column, value in zip(record._fields, record, strict=True)}


def _insert(
    tx: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[Iterable[Any]],
    *,
    returning: tuple[str, ...],
    ignore: bool,
) -> list[Any]:
    processes = _processes(table, columns, tx.dialect)
    rows = sealed_rows(tx, table, columns, rows)
    step = max(1, MOST_PARAMETERS // len(columns))
    found: list[Any] = []
    for begin in range(0, len(rows), step):
        some = rows[begin : begin + step]
        result = tx.exec_driver_sql(
            _statement(table, columns, len(some), returning, ignore, tx.dialect), _parameters(some, processes)
        )
        if returning:
            found.extend(result.all())
    return found


def portions(items: Collection[T], size: int = MOST_PARAMETERS) -> Iterator[list[T]]:
    """The items in lists of at most `size`: no more than one statement can take as parameters."""
    listed = list(items)
    for begin in range(0, len(listed), size):
        yield listed[begin : begin + size]


def among(column: Column[Any], keys: Iterable[int]) -> ColumnElement[bool]:
    """Whether a key is among many, which are written into the statement: as a parameter each would take some 8 µs. Execute the
    statement with `AS_IT_IS`, or every set of keys stays in the cache of compiled statements."""
    written = ",".join(str(int(key)) for key in keys)
    return column.op("IN", is_comparison=True)(literal_column(f"({written or 'NULL'})"))


AS_IT_IS: Mapping[str, Any] = {"compiled_cache": None}


def _parameters(rows: Sequence[Iterable[Any]], processes: tuple[_Process, ...]) -> _Values:
    to_process = [(place, process) for place, process in enumerate(processes) if process is not None]
    found: list[Any] = []
    for row in rows:
        values = list(row)
        for place, process in to_process:
            values[place] = process(values[place])
        found += values
    return tuple(found)


@lru_cache(maxsize=64)
def _processes(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[_Process, ...]:
    return tuple(table.c[column].type.dialect_impl(dialect).bind_processor(dialect) for column in columns)


@lru_cache(maxsize=512)  # a statement of thousands of rows has a hundred kilobytes
def _statement(
    table: Table, columns: tuple[str, ...], count: int, returning: tuple[str, ...], ignore: bool, dialect: Dialect
) -> str:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    values = f"({', '.join([mark] * len(columns))})"
    statement = (
        f"INSERT INTO {quote(table.name)} ({', '.join(quote(column) for column in columns)}) "  # noqa: S608 - names
        f"VALUES {', '.join([values] * count)}"
        f"{' ON CONFLICT DO NOTHING' if ignore else ''}"
    )
    return f"{statement} RETURNING {', '.join(quote(column) for column in returning)}" if returning else statement

"""The file formats of tables, one module each: `write(path, sheet)` streams a sheet into a file, and gives the same bytes for
the same sheet. `writer` puts missing codes into columns of their own where a format has no such values. A format that needs a heavy library is imported only when it is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from app import with_extra
from app.errors import ConfigurationError, UsageError
from app.exports.columns import MISSING_CODES, Column
from app.flows.language.nearby import unknown
from app.wording import Sentence

Batch = Any
"""Some rows: a sequence of sequences of cells."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table on its way into a file. `key` are the columns that are unique together; batches can be gone through once. `bom`
    marks text for Excel."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    batches: Iterable[Batch]
    bom: bool = False


class Write(Protocol):
    """The members of a format's module; also `check(sheet)`, if there are columns that it could not hold."""

    def __call__(self, path: Path, sheet: Sheet) -> None:
        """Write the sheet to the path. OSError if the disk will not take it, UsageError if the format cannot hold it."""


FORMATS = {
    "csv": "as_csv",
    "jsonl": "as_json_lines",
    "xlsx": "as_xlsx",
    "dta": "as_dta",
    "sav": "as_sav",
    "parquet": "as_parquet",
}
"""The formats of tables, which are also their files' endings, and their modules."""

_WITH_MISSING_COLUMNS = frozenset({"jsonl", "xlsx", "parquet"})
"""Formats whose cells have types, but no extended missing values. Stata and SPSS have these; in CSV every cell is a text."""

PACKAGES = {"floip": "Flow Results 1.1.0"}
"""Formats that are not of one table."""


def writer(name: str) -> Write:
    """The writer of a format. Raises UsageError for an unknown one, ConfigurationError if its library is not installed."""
    write: Write = _module(name).write
    return lambda path, sheet: write(path, _as_held(name, sheet))


def columns_in(name: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns as the files of a format have them: one without missing codes has these in a column of their own, `…_missing`,
    beside each column of numbers or days that may have them."""
    return tuple(part for column in columns for part in _parts(name, column))


def _parts(name: str, column: Column) -> tuple[Column, ...]:
    if not (column.extended and name in _WITH_MISSING_COLUMNS):
        return (column,)
    return replace(column, extended=False), missing_column(column)


def missing_column(column: Column) -> Column:
    """The column beside another that has its missing codes as texts."""
    label = f"Missing code of {column.name}"
    return Column(f"{column.name}_missing", label, codes=column.missing, variable=column.variable)


def _as_held(name: str, sheet: Sheet) -> Sheet:
    held = columns_in(name, sheet.columns)
    if len(held) == len(sheet.columns):
        return sheet
    apart = [column.extended for column in sheet.columns]
    return replace(sheet, columns=held, batches=([_apart(row, apart) for row in batch] for batch in sheet.batches))


def _apart(row: Sequence[Any], apart: Sequence[bool]) -> list[Any]:
    return [part for cell, two in zip(row, apart, strict=True) for part in (_two(cell) if two else (cell,))]


def _two(cell: Any) -> tuple[Any, Any]:  # noqa: ANN401 - of any kind
    return (None, cell) if cell in MISSING_CODES else (cell, None)


def check(name: str, sheet: Sheet) -> None:
    """Raise UsageError if a format cannot hold these columns. Their rows are not looked at."""
    if (refuse := getattr(_module(name), "check", None)) is not None:
        refuse(_as_held(name, sheet))


def _module(name: str) -> ModuleType:
    if name not in FORMATS:
        raise UsageError(
            unknown(Sentence("there is no format {name!r}", name=name), name, [*FORMATS, *PACKAGES], stop=True)
        )
    try:
        return import_module(f"{__name__}.{FORMATS[name]}")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            Sentence(
                "the format {name} needs {library}, which is not installed: {command}",
                name=name,
                library=error.name,
                command=with_extra("analysis"),
            )
        ) from None

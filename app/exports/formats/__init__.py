"""The file formats of tables, one module each: `write(path, sheet)` streams a sheet into a file, and gives the same bytes for
the same sheet. A format that needs a heavy library is imported only when it is asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from app import with_extra
from app.errors import ConfigurationError, UsageError
from app.exports.columns import Column
from app.flows.language.nearby import did_you_mean

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

PACKAGES = {"floip": "Flow Results 1.1.0"}
"""Formats that are not of one table."""


def writer(name: str) -> Write:
    """The writer of a format. Raises UsageError for an unknown one, ConfigurationError if its library is not installed."""
    write: Write = _module(name).write
    return write


def check(name: str, sheet: Sheet) -> None:
    """Raise UsageError if a format cannot hold these columns. Their rows are not looked at."""
    if (refuse := getattr(_module(name), "check", None)) is not None:
        refuse(sheet)


def _module(name: str) -> ModuleType:
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}. {did_you_mean(name, [*FORMATS, *PACKAGES])}".strip())
    try:
        return import_module(f"{__name__}.{FORMATS[name]}")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--format {name} needs {error.name}, which is not installed: {with_extra('analysis')}"
        ) from None

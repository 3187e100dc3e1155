"""Small tables of the archive, as CSV: the columns that are its own."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.exports.columns import Column, Kind
from app.exports.formats import Sheet
from app.exports.formats.as_csv import write
from app.exports.source import Row
from app.exports.writers import WrittenFile, digest, replacing


def text(name: str) -> Column:
    """A column of words that a person wrote."""
    return Column(name, name, Kind.text)


def code(name: str) -> Column:
    """A column of codes, numbers or moments."""
    return Column(name, name)


def write_table(folder: Path, name: str, columns: Sequence[Column], rows: Iterable[Row]) -> WrittenFile:
    """Write a table that fits into memory. Raises ExternalError."""
    listed = list(rows)
    with replacing(folder / name) as partial:
        write(partial, Sheet(name, "", (), tuple(columns), [listed]))
    return WrittenFile(name, len(listed), digest(folder / name))

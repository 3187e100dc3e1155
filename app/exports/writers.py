"""Files that are the same bytes for the same data: tables as CSV, and the manifest that says what is in a folder. A table is
streamed; a file appears under its name only when it is whole."""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from app.errors import ExternalError
from app.exports.columns import Column

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written, with its rows (1 if it is no table) and the SHA-256 of its bytes."""

    name: str
    rows: int
    sha256: str


def safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay as they are.

    By OWASP's list of first characters (CSV injection).
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def write_csv(
    folder: Path, name: str, columns: Sequence[Column], rows: Iterable[Sequence[object]], *, bom: bool = False
) -> Written:
    """Write a table as UTF-8 with LF line ends; `bom` for Excel. Raises ExternalError if the disk will not take it."""
    count = 0
    with _whole(folder / name, "utf-8-sig" if bom else "utf-8") as file:
        plain = csv.writer(file, lineterminator="\n")
        quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        plain.writerow([column.name for column in columns])
        for row in rows:
            cells = [safe(value) for value in row]
            # A lone carriage return ends a line for most readers, and is quoted by Python from 3.13 on only.
            has_return = any(isinstance(cell, str) and "\r" in cell for cell in cells)
            (quoted if has_return else plain).writerow(cells)
            count += 1
    return Written(name, count, digest(folder / name))


def write_json(folder: Path, name: str, data: object) -> None:
    """Write JSON with its keys in order. Raises ExternalError."""
    with _whole(folder / name, "utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=2, sort_keys=True)
        file.write("\n")


def write_bytes(folder: Path, name: str, content: bytes) -> Written:
    """Write a file as it is. Raises ExternalError."""
    with _replacing(folder / name) as partial:
        partial.write_bytes(content)
    return Written(name, 1, digest(folder / name))


def remove(folder: Path, name: str) -> None:
    """Remove a file if it is there. Raises ExternalError."""
    try:
        (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ExternalError(f"{folder / name} cannot be replaced: {error.strerror}") from None


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _whole(path: Path, encoding: str) -> Iterator[TextIO]:
    with _replacing(path) as partial, partial.open("w", encoding=encoding, newline="") as file:
        yield file


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise ExternalError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)

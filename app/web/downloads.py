"""Exports for an HTTP client: one table, or an archive of whole tables with what belongs to them. Everything is written completely before
the first byte is sent: a slow client holds no transaction open, and an error cannot truncate a download. The file is unlinked while open,
so closing it deletes it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from anyio.to_thread import run_sync

from app.errors import ConfigurationError, UsageError
from app.exports import package
from app.exports.attributes import Combinations
from app.exports.formats import FORMATS
from app.exports.package import Recipient
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.flows.language.nearby import did_you_mean
from app.store.database import Database

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}
_PIECE = 64 * 1024


class UnknownTable(LookupError):
    """No such table; the message suggests names."""


@dataclass(frozen=True, slots=True)
class Download:
    """An exported table. The caller closes `content`. `left_out` are the study ids of damaged officers, who are not in it;
    `combinations` are of the attributes of those who are."""

    table: str
    format: str
    rows: int
    sha256: str
    size: int
    content: BinaryIO
    left_out: Sequence[str]
    combinations: Combinations

    @property
    def media_type(self) -> str:
        """The media type for the Content-Type header."""
        return MEDIA_TYPES[self.format]


def make(database: Database, file: str, selection: Selection) -> Download:
    """Export `TABLE.csv` or `TABLE.jsonl`. Raises UnknownTable; UsageError for invalid filters; ConfigurationError without a
    temporary folder; ExternalError."""
    table, _, ending = file.rpartition(".")
    known = [one.name for one in TABLES]
    if table not in known or ending not in MEDIA_TYPES:
        near = did_you_mean(table or ending, known, else_list=len(known))
        raise UnknownTable(f"no such table; request TABLE.csv or TABLE.jsonl. {near}".strip())
    if selection.with_text:
        raise UsageError("unreviewed free text is not available over HTTP")
    with _folder() as folder:
        with database.reading() as tx:
            made = package.write(tx, folder, selection, formats=[ending], tables=[table], with_companion_files=False)
        (written,) = made.files
        content = (folder / written.name).open("rb")
        size = (folder / written.name).stat().st_size
    return Download(table, ending, written.rows, written.sha256, size, content, made.left_out, made.combinations)


async def pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    """The content of a file in pieces. Closes, and so deletes, the file afterwards, even if the client has disconnected."""
    with content:
        while piece := await run_sync(content.read, _PIECE):
            yield piece


# -- archives ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """The content of an archive: rows, formats, tables (None: all), recipient."""

    selection: Selection
    formats: Sequence[str]
    tables: Sequence[str] | None = None
    bom: bool = False
    recipient: Recipient | None = None


@dataclass(slots=True)
class Progress:
    """How far an archive is: the rows of each file. Setting `cancelled` stops it."""

    rows: dict[str, int] = field(default_factory=dict)
    cancelled: bool = False

    def add(self, name: str, rows: int) -> None:
        """Note rows that were written to a file. Raises _Cancelled."""
        if self.cancelled:
            raise _Cancelled
        self.rows[name] = self.rows.get(name, 0) + rows


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP file. The caller closes `content`. `rows` by the name of each table's file; `left_out` are the study ids of damaged
    officers, who are not in it; `combinations` are of the attributes of those who are."""

    content: BinaryIO
    size: int
    rows: dict[str, int]
    left_out: Sequence[str]
    combinations: Combinations


class _Cancelled(Exception):
    """Nobody wants the archive any more."""


def archive(database: Database, wanted: Wanted, progress: Progress) -> Archive | None:
    """Export tables with their codebook and the scripts that load them as one file; None if it was cancelled. Raises UsageError for
    invalid filters, and what a format cannot hold; ConfigurationError without a temporary folder, or the library of a format;
    ExternalError."""
    try:
        with _folder() as folder:
            with database.reading() as tx:
                made = package.write(
                    tx,
                    folder,
                    wanted.selection,
                    formats=wanted.formats,
                    tables=wanted.tables,
                    bom=wanted.bom,
                    recipient=wanted.recipient,
                    on_progress=progress.add,
                )
            content, size = _packed(folder, progress)
    except _Cancelled:
        return None
    rows = {one.name: one.rows for one in made.files if one.name.rpartition(".")[2] in FORMATS}
    return Archive(content, size, rows, made.left_out, made.combinations)


def _packed(folder: Path, progress: Progress) -> tuple[BinaryIO, int]:
    """All files of a folder in one, which is deleted when it is closed, and its size in bytes. Raises _Cancelled."""
    packed: BinaryIO = TemporaryFile(prefix="trato-")  # noqa: SIM115 - the caller closes it
    try:
        with ZipFile(packed, "w", ZIP_DEFLATED, compresslevel=1) as zipped:
            for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                zipped.write(path, path.relative_to(folder))
                progress.add(path.name, 0)
        size = packed.tell()
        packed.seek(0)
    except BaseException:
        packed.close()
        raise
    return packed, size


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that is deleted afterwards. Raises ConfigurationError."""
    try:
        with TemporaryDirectory(prefix="trato-") as folder:
            yield Path(folder)
    except OSError as error:
        raise ConfigurationError(f"cannot create a temporary file: {error.strerror}") from None

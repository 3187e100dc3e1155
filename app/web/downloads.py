"""One table for somebody who asks for it over HTTP. It is made whole before the first byte leaves: a reader who is slow holds up
no transaction, and nobody gets half a table for a whole one. It is on the disk as a file without a name, which nobody finds and
which is gone with whoever reads it."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from app.errors import ConfigurationError, UsageError
from app.exports import package
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.flows.language.nearby import did_you_mean
from app.store.database import Database

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


class NoTable(LookupError):
    """There is no such table; the text says which there are."""


@dataclass(frozen=True, slots=True)
class Download:
    """A table that was made. `content` is to be closed."""

    table: str
    format: str
    rows: int
    sha256: str
    size: int
    content: BinaryIO

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return MEDIA_TYPES[self.format]


def make(database: Database, file: str, selection: Selection) -> Download:
    """Make `TABLE.csv` or `TABLE.jsonl`. Raises NoTable, UsageError for filters that name nothing, ExternalError."""
    table, _, ending = file.rpartition(".")
    known = [one.name for one in TABLES]
    if table not in known or ending not in MEDIA_TYPES:
        near = did_you_mean(table or ending, known, else_list=len(known))
        raise NoTable(f"there is no such table; ask for TABLE.csv or TABLE.jsonl. {near}".strip())
    if selection.with_text:
        raise UsageError("free text that has not been reviewed is not given over HTTP")
    try:
        with TemporaryDirectory(prefix="trato-") as folder:
            with database.reading() as tx:
                (written,) = package.write(
                    tx, Path(folder), selection, formats=[ending], tables=[table], with_companion_files=False
                )
            content = (Path(folder) / written.name).open("rb")
            size = (Path(folder) / written.name).stat().st_size
    except OSError as error:
        raise ConfigurationError(f"no temporary file can be made: {error.strerror}") from None
    return Download(table, ending, written.rows, written.sha256, size, content)

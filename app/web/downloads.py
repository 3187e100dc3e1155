"""Export of one table for an HTTP client. The table is written completely before the first byte is sent: a slow client holds no
transaction open, and an error cannot truncate a download. The file is unlinked while open, so closing it deletes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from app.errors import ConfigurationError, UsageError
from app.exports import package
from app.exports.attributes import Combinations
from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.flows.language.nearby import did_you_mean
from app.store.database import Database

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


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
    try:
        with TemporaryDirectory(prefix="trato-") as folder:
            with database.reading() as tx:
                made = package.write(
                    tx, Path(folder), selection, formats=[ending], tables=[table], with_companion_files=False
                )
            (written,) = made.files
            content = (Path(folder) / written.name).open("rb")
            size = (Path(folder) / written.name).stat().st_size
    except OSError as error:
        raise ConfigurationError(f"cannot create a temporary file: {error.strerror}") from None
    return Download(table, ending, written.rows, written.sha256, size, content, made.left_out, made.combinations)

"""The sealed columns: the one list of everything in the database that is encrypted, which erasure and the change of keys walk. A sealed
value opens only as the value of its own row and column: its context names both."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from app.store.tables import ACCOUNT, ADDRESS, CASE, DEAD_LETTER, DEFERRED, IDENTITY, INBOUND, MEDIA


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A sealed column, and the column of the same table that the context of its values names."""

    name: str
    column: Column[Any]
    key: Column[Any]

    @property
    def table(self) -> Table:
        """The table of the column."""
        return self.column.table

    def context(self, key: object) -> str:
        """The context of the value in a row: data that the seal covers, and that opening must repeat."""
        return f"{self.name}:{key}"


NAME = SealedColumn("identity", IDENTITY.c.sealed, IDENTITY.c.contact_id)
NUMBER = SealedColumn("address", ADDRESS.c.sealed, ADDRESS.c.contact_id)
INBOUND_FORM = SealedColumn("inbound", INBOUND.c.sealed, INBOUND.c.sid)
DEFERRED_FORM = SealedColumn("deferred", DEFERRED.c.sealed, DEFERRED.c.sid)
LETTER = SealedColumn("dead_letter", DEAD_LETTER.c.sealed, DEAD_LETTER.c.kind)
FILE = SealedColumn("media", MEDIA.c.sealed, MEDIA.c.id)
CASE_NOTE = SealedColumn("case", CASE.c.note, CASE.c.id)
SECOND_FACTOR = SealedColumn("totp", ACCOUNT.c.totp, ACCOUNT.c.id)

SEALED = (NAME, NUMBER, INBOUND_FORM, DEFERRED_FORM, LETTER, FILE, CASE_NOTE, SECOND_FACTOR)
"""Every sealed column. Every column of bytes is one of these, by a test."""

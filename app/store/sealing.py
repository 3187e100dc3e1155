"""The sealed columns: the one list of everything in the database that is encrypted, which erasure and the change of keys walk, and the
functions that seal a text for its column and open it again. A sealed value opens only as the value of its own row and column:
its context names both. A transaction has the vault of its database: see `Database.unlock`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Table

from app.errors import ConfigurationError
from app.store.tables import (
    ACCOUNT,
    ADDRESS,
    ANNOUNCEMENT,
    CASE,
    CONSENT,
    DEAD_LETTER,
    DEFERRED,
    IDENTITY,
    INBOUND,
    INSTALLATION_SECRET,
    MEDIA,
    OUTBOUND,
    RESPONSE,
    SESSION,
    TEXT_REVIEW,
    UPLOAD,
    UPLOAD_PART,
)
from app.store.vault import Vault
from app.wording import Sentence

UNREADABLE = "(cannot be opened: TRATO_SECRET_KEY is another one, or it is damaged)"
"""The words of a text that cannot be opened, as people see them."""


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
INBOUND_BODY = SealedColumn("inbound_body", INBOUND.c.body, INBOUND.c.sid)
INBOUND_MEDIA = SealedColumn("inbound_media", INBOUND.c.media, INBOUND.c.sid)
OUTBOUND_BODY = SealedColumn("outbound_body", OUTBOUND.c.body, OUTBOUND.c.uid)
OUTBOUND_VARIABLES = SealedColumn("outbound_variables", OUTBOUND.c.variables, OUTBOUND.c.uid)
RESPONSE_WORDS = SealedColumn("response_words", RESPONSE.c.words, RESPONSE.c.inbound_id)
REVIEWED_TEXT = SealedColumn("reviewed_text", TEXT_REVIEW.c.text, TEXT_REVIEW.c.response_id)
SESSION_STATE = SealedColumn("session_state", SESSION.c.state, SESSION.c.contact_id)
CONSENT_TEXT = SealedColumn("consent_text", CONSENT.c.text, CONSENT.c.contact_id)
DEFERRED_FORM = SealedColumn("deferred", DEFERRED.c.sealed, DEFERRED.c.sid)
LETTER = SealedColumn("dead_letter", DEAD_LETTER.c.sealed, DEAD_LETTER.c.kind)
FILE = SealedColumn("media", MEDIA.c.sealed, MEDIA.c.id)
CASE_NOTE = SealedColumn("case", CASE.c.note, CASE.c.id)
RANDOM_SECRET = SealedColumn("installation_secret", INSTALLATION_SECRET.c.sealed, INSTALLATION_SECRET.c.name)
ANNOUNCED = SealedColumn("announcement", ANNOUNCEMENT.c.sealed, ANNOUNCEMENT.c.id)
UPLOAD_CHOICES = SealedColumn("upload", UPLOAD.c.sealed, UPLOAD.c.id)
UPLOAD_PLACE = SealedColumn("upload_part", UPLOAD_PART.c.sealed, UPLOAD_PART.c.place)
SECOND_FACTOR = SealedColumn("totp", ACCOUNT.c.totp, ACCOUNT.c.id)

SEALED = (
    NAME,
    NUMBER,
    INBOUND_FORM,
    INBOUND_BODY,
    INBOUND_MEDIA,
    OUTBOUND_BODY,
    OUTBOUND_VARIABLES,
    RESPONSE_WORDS,
    REVIEWED_TEXT,
    SESSION_STATE,
    CONSENT_TEXT,
    DEFERRED_FORM,
    LETTER,
    FILE,
    CASE_NOTE,
    RANDOM_SECRET,
    ANNOUNCED,
    UPLOAD_CHOICES,
    UPLOAD_PLACE,
    SECOND_FACTOR,
)
"""Every sealed column. Every column of bytes is one of these, by a test."""


def vault_of(tx: Connection) -> Vault:
    """The vault of the transaction's database. Raises ConfigurationError if it was opened without a key."""
    vault = tx.get_execution_options().get("vault")
    if not isinstance(vault, Vault):
        raise ConfigurationError(
            Sentence("TRATO_SECRET_KEY is not set, and nothing can be sealed or opened without it")
        )
    return vault


def seal(tx: Connection, column: SealedColumn, key: object, text: str | None) -> bytes | None:
    """A text as its column stores it. Nothing, or an empty text, is stored as None."""
    return vault_of(tx).seal(text, column.context(key)) if text else None


def open_text(tx: Connection, column: SealedColumn, key: object, sealed: bytes | None) -> str:
    """The text of a sealed value; empty for None. Raises ConfigurationError if it cannot be opened."""
    if sealed is None:
        return ""
    try:
        return vault_of(tx).open(sealed, column.context(key))
    except (ValueError, TypeError):  # of the right key, and damaged even so
        raise ConfigurationError(Sentence("something encrypted cannot be opened: it is damaged")) from None


def readable(tx: Connection, column: SealedColumn, key: object, sealed: bytes | None) -> str | None:
    """The same, but None if it cannot be opened: for what must not stop because of one row."""
    try:
        return open_text(tx, column, key, sealed)
    except ConfigurationError:
        return None


def shown(tx: Connection, column: SealedColumn, key: object, sealed: bytes | None) -> str:
    """The same, but `UNREADABLE` if it cannot be opened: for people, who must see that a text is there."""
    found = readable(tx, column, key, sealed)
    return UNREADABLE if found is None else found


def sealed_rows(
    tx: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Iterable[Any]]
) -> Sequence[Iterable[Any]]:
    """Rows of a table with the texts of its sealed columns sealed. Values that are bytes are sealed already."""
    places = _places(table, columns)
    if not places:
        return rows
    found = []
    for row in rows:
        values = list(row)
        for place, key, column in places:
            if not isinstance(values[place], bytes):
                values[place] = seal(tx, column, values[key], values[place])
        found.append(values)
    return found


@lru_cache(maxsize=64)
def _places(table: Table, columns: tuple[str, ...]) -> tuple[tuple[int, int, SealedColumn], ...]:
    """The places of the sealed columns among these, each with the place of its key. A row without the key is sealed already."""
    return tuple(
        (columns.index(one.column.name), columns.index(one.key.name), one)
        for one in SEALED
        if one.table is table and one.column.name in columns and one.key.name in columns
    )

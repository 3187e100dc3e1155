"""Seals the texts that a database from before the first release has in clear, in their place. The clear column of a text is renamed, its
sealed one takes its name, and the rows are sealed in steps of a transaction each: whoever is interrupted goes on where it
stopped. The clear columns go when they are empty."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import Connection, text

from app.flows.replies.bare import is_bare
from app.flows.replies.forms import OPEN_KINDS
from app.store import answer_words, sealing
from app.store.sealing import (
    CONSENT_TEXT,
    INBOUND_BODY,
    INBOUND_MEDIA,
    OUTBOUND_BODY,
    OUTBOUND_VARIABLES,
    RESPONSE_WORDS,
    REVIEWED_TEXT,
    SESSION_STATE,
    SealedColumn,
)

AT_ONCE = 2_000
"""Rows of a step."""

_COLUMNS = (
    INBOUND_BODY,
    INBOUND_MEDIA,
    OUTBOUND_BODY,
    OUTBOUND_VARIABLES,
    SESSION_STATE,
    CONSENT_TEXT,
    REVIEWED_TEXT,
)
TABLES = ("inbound_message", "outbound_message", "session", "consent", "text_review", "response", "media")
"""The tables in which clear texts were."""

Step = Callable[[Connection, int], int | None]
"""Seals some rows after an id. Returns the last id, or None if no row is left."""


def set_aside(tx: Connection, op: Operations) -> None:
    """Rename the clear columns, and add the sealed ones. Counts the characters of texts, which nobody could count afterwards."""
    for one in _COLUMNS:
        tx.execute(text(f"ALTER TABLE {one.table.name} RENAME COLUMN {one.column.name} TO {_clear(one)}"))
        op.add_column(one.table.name, sa.Column(one.column.name, sa.LargeBinary(), nullable=True))
    tx.execute(text("ALTER TABLE response RENAME COLUMN raw TO clear_raw"))
    op.add_column("response", sa.Column("raw", sa.Text(), nullable=True))
    op.add_column("response", sa.Column("words", sa.LargeBinary(), nullable=True))
    for table in ("inbound_message", "outbound_message"):
        op.add_column(table, sa.Column("characters", sa.Integer(), server_default="0", nullable=False))
        tx.execute(text(f"UPDATE {table} SET characters = length(clear_body)"))  # noqa: S608 - our own words
    for one in (INBOUND_MEDIA, OUTBOUND_VARIABLES):
        tx.execute(text(f"UPDATE {one.table.name} SET {_clear(one)} = '' WHERE {_clear(one)} = '[]'"))  # noqa: S608


def steps() -> Iterator[Step]:
    """The steps, each to be repeated until no row is left."""
    for one in _COLUMNS:
        yield partial(_seal, one)
    yield _seal_answers


def _seal(one: SealedColumn, tx: Connection, after: int) -> int | None:
    table, name = one.table.name, one.column.name
    rows = _some(tx, table, f"id, {one.key.name} AS its_key, {_clear(one)} AS clear", _clear(one), after)
    if rows:
        sealed = [{"row": row.id, "sealed": sealing.seal(tx, one, row.its_key, row.clear)} for row in rows]
        tx.execute(text(f"UPDATE {table} SET {name} = :sealed, {_clear(one)} = '' WHERE id = :row"), sealed)  # noqa: S608
    return rows[-1].id if rows else None


def _seal_answers(tx: Connection, after: int) -> int | None:
    columns = "id, inbound_id, kind, clear_raw, value, key, label, status"
    rows = _some(tx, "response", columns, "clear_raw", after)
    if rows:
        changed = "raw = :raw, words = :words, value = :value, label = :label, clear_raw = ''"
        tx.execute(text(f"UPDATE response SET {changed} WHERE id = :row"), [_answer(tx, row) for row in rows])  # noqa: S608
    return rows[-1].id if rows else None


class _Answer(NamedTuple):
    """An answer as it was stored before."""

    id: int
    inbound_id: int
    kind: str
    clear_raw: str
    value: str | None
    key: str | None
    label: str
    status: str


def _answer(tx: Connection, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    found = _Answer(*row)
    raw, value, label = found.clear_raw, found.value, found.label
    if found.status != "unclear" and found.kind not in OPEN_KINDS and is_bare(raw, key=found.key, label=label):
        return {"row": found.id, "raw": raw, "words": None, "value": value, "label": label}
    is_text = found.kind == "text" and value is not None
    words = answer_words.written(raw, *((value, label) if is_text else ()))
    sealed = sealing.seal(tx, RESPONSE_WORDS, found.inbound_id, words)
    kept = (None, "") if is_text else (value, label)
    return {"row": found.id, "raw": None, "words": sealed, "value": kept[0], "label": kept[1]}


def _some(tx: Connection, table: str, columns: str, clear: str, after: int) -> list[Any]:
    wanted = f"SELECT {columns} FROM {table} WHERE {clear} <> '' AND id > :after ORDER BY id LIMIT {AT_ONCE}"  # noqa: S608
    return list(tx.execute(text(wanted), {"after": after}).all())


def _clear(one: SealedColumn) -> str:
    return f"clear_{one.column.name}"


def finish(op: Operations) -> None:
    """Drop the clear columns, whose texts are sealed now; and the addresses of files, which their message has."""
    for one in _COLUMNS:
        op.drop_column(one.table.name, _clear(one))
    op.drop_column("response", "clear_raw")
    op.drop_column("media", "url")

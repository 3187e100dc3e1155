"""Sessions, responses and messages of a batch. `Changes` collects the rows while a batch is handled; `write` stores them in a
handful of statements, however large the batch."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, bindparam, func, insert, select, update

from app.store import addresses
from app.store.bulk import insert_rows
from app.store.tables import (
    CONSENT,
    CONTACT,
    INBOUND,
    MEDIA,
    OUTBOUND,
    RESPONSE,
    SESSION,
    MessageStatus,
)

Values = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows to write, as plain dictionaries of column values. The `inbound_sid` of a file, a response or an outbound
    message stands for the inbound message it comes from, whose id is known only once that is written."""

    inbound: list[Values] = field(default_factory=list)
    media: list[Values] = field(default_factory=list)
    responses: list[Values] = field(default_factory=list)
    superseded: list[tuple[int, str]] = field(default_factory=list)  # (session, step)
    sessions: dict[int, Values] = field(default_factory=dict)
    outbound: list[Values] = field(default_factory=list)
    consents: list[Values] = field(default_factory=list)
    contacts: list[tuple[int, Values]] = field(default_factory=list)
    addresses: list[Values] = field(default_factory=list)  # found out: one more address of an officer
    silenced: list[int] = field(default_factory=list)  # contacts whose queued messages are cancelled
    abandoned: list[int] = field(default_factory=list)  # sessions whose queued messages are cancelled
    completed: dict[int, str] = field(default_factory=dict)  # sessions that came to their end, each with its flow

    def supersede(self, session: int, step: str) -> None:
        """The answers to this question so far no longer count, neither the stored nor those of this batch."""
        self.superseded.append((session, step))
        for row in self.responses:
            if row["session_id"] == session and row["step"] == step and row["status"] == "ok":
                row["status"] = "superseded"

    def silence(self, contact: int) -> None:
        """Cancel the officer's queued messages, both the stored ones and those of this batch."""
        self.silenced.append(contact)
        self.outbound = [row for row in self.outbound if row["contact_id"] != contact]

    def abandon(self, session: int) -> None:
        """Cancel the session's queued messages: it no longer waits for an answer."""
        self.abandoned.append(session)
        self.outbound = [row for row in self.outbound if row["session_id"] != session]


def write(tx: Connection, changes: Changes) -> None:
    """Write everything. Superseding and cancelling concern stored rows only, so they come first."""
    _supersede(tx, changes.superseded)
    _cancel(tx, OUTBOUND.c.contact_id, changes.silenced)
    _cancel(tx, OUTBOUND.c.session_id, changes.abandoned)
    ids = _write_inbound(tx, changes.inbound)
    insert_rows(tx, MEDIA, [_linked(row, "inbound_id", ids) for row in changes.media])
    _write_responses(tx, changes.responses, ids)
    _write_sessions(tx, changes.sessions)
    _write_outbound(tx, changes.outbound, ids)
    if changes.consents:
        tx.execute(insert(CONSENT), changes.consents)
    addresses.add(tx, changes.addresses)
    for contact, values in changes.contacts:
        tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**values))


def known_sids(tx: Connection, sids: Collection[str]) -> set[str]:
    """Which of these inbound messages are stored."""
    return set(tx.execute(_KNOWN, {"sids": list(sids)}).scalars())


_KNOWN = select(INBOUND.c.sid).where(INBOUND.c.sid.in_(bindparam("sids", expanding=True)))
_UPDATE_SESSION = (
    update(SESSION)
    .where(SESSION.c.id == bindparam("session"))
    .values({name: bindparam(name) for name in ("state", "step", "wake_at", "outcome", "ended_at")})
)


def _write_inbound(tx: Connection, rows: list[Values]) -> dict[str, int]:
    return dict(insert_rows(tx, INBOUND, rows, returning=("sid", "id")))


def _write_responses(tx: Connection, rows: list[Values], inbound: dict[str, int]) -> None:
    insert_rows(tx, RESPONSE, [_linked(row, "inbound_id", inbound) for row in rows])


def _write_outbound(tx: Connection, rows: list[Values], inbound: dict[str, int]) -> None:
    insert_rows(tx, OUTBOUND, [_linked(row, "reply_to_id", inbound) for row in rows])


def _linked(row: Values, column: str, inbound: dict[str, int]) -> Values:
    row[column] = inbound.get(row.pop("inbound_sid"))
    return row


def _write_sessions(tx: Connection, sessions: dict[int, Values]) -> None:
    if sessions:
        tx.execute(_UPDATE_SESSION, [{"session": session, **values} for session, values in sessions.items()])


def _supersede(tx: Connection, questions: list[tuple[int, str]]) -> None:
    for session, step in questions:
        tx.execute(
            update(RESPONSE)
            .where(RESPONSE.c.session_id == session, RESPONSE.c.step == step, RESPONSE.c.status == "ok")
            .values(status="superseded")
        )


def _cancel(tx: Connection, column: Column[Any], ids: list[int]) -> None:
    """Cancel the queued messages of these. Planned nudges are skipped when they are due, unless the officer has come back."""
    if not ids:
        return
    tx.execute(
        update(OUTBOUND)
        .where(column.in_(ids), OUTBOUND.c.status == MessageStatus.queued)
        .values(status=MessageStatus.cancelled, rank=4)
    )


def open_session(tx: Connection, values: Values) -> int:
    """Start a session and return its id. Raises IntegrityError if the officer has an open one."""
    return int(tx.execute(insert(SESSION).returning(SESSION.c.id), values).scalar_one())


def said_lately(tx: Connection, contact: int, kind: str, step: str, now: datetime, within: timedelta) -> bool:
    """Whether this officer got this notice within `within`: repeating it could loop."""
    found = select(func.count()).where(
        OUTBOUND.c.contact_id == contact,
        OUTBOUND.c.kind == kind,
        OUTBOUND.c.step == step,
        OUTBOUND.c.created_at > now - within,
    )
    return bool(tx.execute(found).scalar_one())


def strangers_answered(tx: Connection, lookups: Collection[str]) -> set[str]:
    """Which of these strangers have been answered."""
    if not lookups:
        return set()
    joined = OUTBOUND.join(INBOUND, INBOUND.c.id == OUTBOUND.c.reply_to_id)
    found = select(INBOUND.c.lookup).select_from(joined).where(INBOUND.c.lookup.in_(list(lookups)))
    return set(tx.execute(found).scalars())


def heard_since(tx: Connection, contact: int, since: datetime, limit: int) -> list[tuple[str, str]]:
    """The officer's messages since then, latest first: (body, outcome)."""
    found = (
        select(INBOUND.c.body, INBOUND.c.outcome)
        .where(INBOUND.c.contact_id == contact, INBOUND.c.received_at > since)
        .order_by(INBOUND.c.id.desc())
        .limit(limit)
    )
    return [(row.body, row.outcome) for row in tx.execute(found)]

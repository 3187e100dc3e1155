"""Doubts whether a number is still the officer's: prepaid numbers are given to others. A number is in doubt once somebody there says
that it is not theirs, or when something is to go there after a long silence. It is the hold `number`; one question (`who`)
goes there, and nothing else until it is answered or a person ends the doubt. All functions take a transaction and commit nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.store.dialect import one_of
from app.store.holds import WHO, Hold
from app.store.tables import ADDRESS, COHORT, CONTACT, CONTACT_WITH_COHORT, OUTBOUND, ContactStatus, MessageStatus

DOUBTED = "number_doubted"
"""The reason of a nudge that waits, or was skipped, and the outcome of a message in doubt."""

ASKED_AGAIN_AFTER = timedelta(days=1)
"""When the question is put again that could not be sent: a template may have been approved, or a number added."""

ANSWERED_WITHIN = timedelta(days=3)
"""How long an answer is waited for before a person is told."""

_UNSENT = frozenset({MessageStatus.failed, MessageStatus.undelivered, MessageStatus.expired, MessageStatus.cancelled})
_ASKS = (OUTBOUND.c.kind == "notice", OUTBOUND.c.step == WHO)


@dataclass(frozen=True, slots=True)
class Doubt:
    """An officer's number in doubt. `asked_at` and `status` are those of the latest question, None before it."""

    contact_id: int
    programme: str
    active: bool
    asked_at: datetime | None = None
    status: str | None = None

    def is_to_ask(self, now: datetime) -> bool:
        """Whether the question has to be put: it never was, or it could not be sent a while ago."""
        if self.asked_at is None or not self.active:
            return self.active
        return self.status in _UNSENT and now - self.asked_at >= ASKED_AGAIN_AFTER

    def needs_person(self, now: datetime) -> bool:
        """Whether the question could not be sent, or has no answer after a while."""
        if self.asked_at is None or not self.active:
            return False
        return self.status in _UNSENT or now - self.asked_at >= ANSWERED_WITHIN


def is_silent(sign_at: datetime | None, silence: timedelta | None, now: datetime) -> bool:
    """Whether the last sign of an officer is older than `silence`; None: silence never counts. `sign_at` is None for an officer
    without an address."""
    return silence is not None and sign_at is not None and now - sign_at > silence


def last_sign(created_at: datetime, last_inbound_at: datetime | None, confirmed_at: datetime | None) -> datetime:
    """The last sign that an address is the officer's: its enrolment, a message from it, a confirmation. Whether something arrived
    there tells nothing: it would arrive at its next owner's too."""
    return max(created_at, last_inbound_at or created_at, confirmed_at or created_at)


_IN_USE = select(ADDRESS.c.contact_id, ADDRESS.c.created_at, ADDRESS.c.last_inbound_at, ADDRESS.c.confirmed_at).where(
    one_of(ADDRESS.c.contact_id, "contacts"), ADDRESS.c.retired_at.is_(None)
)


def signs(tx: Connection, contacts: Collection[int]) -> dict[int, datetime]:
    """The last sign of officers on any address in use, by contact id."""
    found: dict[int, datetime] = {}
    for row in tx.execute(_IN_USE, {"contacts": list(contacts)}):
        sign = last_sign(row.created_at, row.last_inbound_at, row.confirmed_at)
        found[row.contact_id] = max(sign, found.get(row.contact_id, sign))
    return found


def listed(tx: Connection) -> list[Doubt]:
    """The numbers in doubt, by contact id."""
    columns = (CONTACT.c.id, COHORT.c.programme, CONTACT.c.status, CONTACT.c.held_at, _confirmed())
    found = select(*columns).select_from(CONTACT_WITH_COHORT).where(_in_doubt()).order_by(CONTACT.c.id)
    doubts = {row.id: row for row in tx.execute(found)}
    if not doubts:
        return []
    asked = _asked(tx, min(row.held_at for row in doubts.values()))
    known = []
    for contact, row in doubts.items():
        since = max(row.held_at, row.confirmed_at or row.held_at)
        at, status = asked.get(contact, (None, None))
        if at is not None and at < since:
            at, status = None, None
        known.append(Doubt(contact, row.programme, row.status == ContactStatus.active, at, status))
    return known


def was_asked(tx: Connection, contact: int, by: datetime) -> bool:
    """Whether the question had gone to the officer's number by then, since the doubt began. The carrier's moments are whole seconds."""
    until = by + timedelta(seconds=1)
    asked = select(OUTBOUND.c.id).where(
        OUTBOUND.c.contact_id == contact,
        *_ASKS,
        OUTBOUND.c.sent_at < until,
        OUTBOUND.c.created_at >= select(CONTACT.c.held_at).where(CONTACT.c.id == contact).scalar_subquery(),
    )
    return tx.execute(asked.limit(1)).first() is not None


def _in_doubt() -> ColumnElement[bool]:
    return and_(CONTACT.c.held_at.is_not(None), CONTACT.c.held_for.like(f"%{Hold.number}%"))


def _confirmed() -> ColumnElement[datetime]:
    latest = select(func.max(ADDRESS.c.confirmed_at)).where(
        ADDRESS.c.contact_id == CONTACT.c.id, ADDRESS.c.retired_at.is_(None)
    )
    return latest.correlate(CONTACT).scalar_subquery().label("confirmed_at")


def _asked(tx: Connection, since: datetime) -> dict[int, tuple[datetime, str]]:
    """When officers in doubt were last asked, and the question's status."""
    theirs = OUTBOUND.c.contact_id.in_(select(CONTACT.c.id).where(_in_doubt()))
    asked = select(OUTBOUND.c.contact_id, OUTBOUND.c.created_at, OUTBOUND.c.status).where(
        theirs, OUTBOUND.c.created_at >= since, *_ASKS
    )
    return {row.contact_id: (row.created_at, row.status) for row in tx.execute(asked.order_by(OUTBOUND.c.id))}

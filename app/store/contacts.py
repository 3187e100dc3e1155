"""Officers, as the hot path sees them: by the keyed hash of an address or by id, each with the open session if there
is one, in one query a batch."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Select, bindparam, or_, select, tuple_, update

from app.store import alerts
from app.store.dialect import locks_rows
from app.store.tables import ADDRESS, COHORT, CONTACT, CONTACT_WITH_COHORT, SESSION, ContactStatus, with_officer

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class OpenSession:
    """The session that waits for an officer. `state` is the engine's JSON. Changed in memory, written at the end."""

    id: int
    flow_version_id: int
    flow: str
    wave: str | None
    channel: str
    state: str
    step: str | None
    wake_at: datetime | None


@dataclass(slots=True)
class Officer:
    """What handling a message needs to know. Changed in memory while a batch is handled."""

    id: int
    study_id: str
    programme: str
    language: str
    timezone: str
    channel: str
    status: str
    paused_until: datetime | None
    held_at: datetime | None
    shift: str | None
    attributes: dict[str, str | int | float | bool]
    session: OpenSession | None

    @property
    def may_be_written_to(self) -> bool:
        """Whether anything but the answer to a keyword may be sent."""
        return self.status == ContactStatus.active

    def is_left_alone(self, now: datetime) -> bool:
        """Whether nothing is to reach the officer that is no answer: a pause, or a hold."""
        return self.held_at is not None or (self.paused_until is not None and self.paused_until > now)


_COLUMNS = (
    CONTACT.c.id,
    CONTACT.c.study_id,
    COHORT.c.programme,
    CONTACT.c.language,
    CONTACT.c.timezone,
    CONTACT.c.channel,
    CONTACT.c.status,
    CONTACT.c.paused_until,
    CONTACT.c.held_at,
    CONTACT.c.shift,
    CONTACT.c.attributes,
    SESSION.c.id.label("session_id"),
    SESSION.c.flow_version_id,
    SESSION.c.flow,
    SESSION.c.wave,
    SESSION.c.channel.label("session_channel"),
    SESSION.c.state,
    SESSION.c.step,
    SESSION.c.wake_at,
)
_JOINED = CONTACT_WITH_COHORT.outerjoin(SESSION, (SESSION.c.contact_id == CONTACT.c.id) & SESSION.c.ended_at.is_(None))
_OFFICERS = select(*_COLUMNS).select_from(_JOINED)
_BY_ID = _OFFICERS.where(CONTACT.c.id.in_(bindparam("ids", expanding=True)))
_OWNERS = select(ADDRESS.c.lookup, ADDRESS.c.contact_id).where(
    ADDRESS.c.lookup.in_(bindparam("lookups", expanding=True)), ADDRESS.c.retired_at.is_(None)
)
_LOCK = (
    select(CONTACT.c.id)
    .where(CONTACT.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(CONTACT.c.id)
    .with_for_update()
)


def owners(tx: Connection, lookups: Collection[str]) -> dict[str, int]:
    """Whose address each hash is: contact ids. Unknown ones are absent, and those that were given up."""
    if not lookups:
        return {}
    return dict(tx.execute(_OWNERS, {"lookups": list(lookups)}).all())


def officers(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id, their rows locked in the order of ids (no lock clause on SQLite, which has one writer)."""
    if not ids:
        return {}
    wanted = {"ids": sorted(ids)}
    lock(tx, ids)
    return {row.id: _officer(row) for row in tx.execute(_BY_ID, wanted).all()}


def lock(tx: Connection, ids: Collection[int]) -> None:
    """Lock the rows of officers, in the order of ids, until the transaction ends. SQLite has one writer anyway."""
    if ids and locks_rows(tx):
        tx.execute(_LOCK, {"ids": sorted(ids)})


def waking(tx: Connection, now: datetime, limit: int, without: Collection[tuple[str, str]] = ()) -> list[int]:
    """Contacts whose open session wants to be looked at, the longest due first. Not those of a paused cohort, on hold, or in
    a conversation `without` whose programme and channel nothing goes out."""
    due: Select[Any] = (
        select(SESSION.c.contact_id)
        .select_from(with_officer(SESSION))
        .where(
            SESSION.c.ended_at.is_(None),
            SESSION.c.wake_at <= now,
            COHORT.c.paused_at.is_(None),
            CONTACT.c.held_at.is_(None),
            *([tuple_(COHORT.c.programme, SESSION.c.channel).not_in(list(without))] if without else []),
        )
        .order_by(SESSION.c.wake_at)
        .limit(limit)
    )
    return list(tx.execute(due).scalars())


def _officer(row: Any) -> Officer:  # noqa: ANN401 - a row of _OFFICERS
    session = None
    if row.session_id is not None:
        session = OpenSession(
            row.session_id,
            row.flow_version_id,
            row.flow,
            row.wave,
            row.session_channel,
            row.state,
            row.step,
            row.wake_at,
        )
    return Officer(
        row.id,
        row.study_id,
        row.programme,
        row.language,
        row.timezone,
        row.channel,
        row.status,
        row.paused_until,
        row.held_at,
        row.shift,
        {} if row.attributes == "{}" else json.loads(row.attributes),
        session,
    )


HEARD_ANEW_AFTER = timedelta(minutes=5)


def heard_from(tx: Connection, channel: str, lookups: Collection[str], now: datetime) -> None:
    """Note that these addresses of a channel wrote just now: so they can be reached by it, whatever was thought before.
    WhatsApp's window is counted from here, so a moment that is a few minutes early does no harm: whoever writes several
    messages in a row costs one write."""
    if lookups:
        tx.execute(_HEARD, {"on_channel": channel, "of": list(lookups), "at": now, "before": now - HEARD_ANEW_AFTER})


_HEARD = (
    update(ADDRESS)
    .where(
        ADDRESS.c.channel == bindparam("on_channel"),
        ADDRESS.c.lookup.in_(bindparam("of", expanding=True)),
        ADDRESS.c.retired_at.is_(None),
        or_(
            ADDRESS.c.last_inbound_at.is_(None),
            ADDRESS.c.last_inbound_at < bindparam("before"),
            ADDRESS.c.unreachable_at.is_not(None),
        ),
    )
    .values(last_inbound_at=bindparam("at"), unreachable_at=None)
)


_HEARD_EARLIER = (
    update(ADDRESS)
    .where(
        ADDRESS.c.channel == bindparam("on_channel"),
        ADDRESS.c.lookup == bindparam("of"),
        or_(ADDRESS.c.last_inbound_at.is_(None), ADDRESS.c.last_inbound_at < bindparam("at")),
    )
    .values(last_inbound_at=bindparam("at"))
)


def heard_earlier(tx: Connection, heard: Collection[tuple[str, str, datetime]]) -> None:
    """Note that addresses, as (channel, lookup), wrote at these moments, unless they have since."""
    if heard:
        tx.execute(_HEARD_EARLIER, [{"on_channel": channel, "of": lookup, "at": at} for channel, lookup, at in heard])


LOOP = "loop"
"""The kind of the alert that an officer is on hold, with whom a loop was stopped."""


def hold(tx: Connection, contact: int, now: datetime) -> None:
    """Send nothing more to an officer until a person lets it go on: the same message went out again and again."""
    held = tx.execute(update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.held_at.is_(None)).values(held_at=now))
    if held.rowcount and alerts.ring(tx, LOOP, f"contact:{contact}", now):
        log.error("a loop was stopped: nothing is sent to this officer until a person lets it go on", contact=contact)


def release(tx: Connection, contact: int, now: datetime) -> bool:
    """Let what waits for an officer on hold go out again, and close the alert. False if nothing was held."""
    released = tx.execute(
        update(CONTACT).where(CONTACT.c.id == contact, CONTACT.c.held_at.is_not(None)).values(held_at=None)
    )
    alerts.close(tx, LOOP, f"contact:{contact}", now)
    return bool(released.rowcount)


def change(tx: Connection, contact: int, **values: object) -> None:
    """Set columns of one officer."""
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**values))

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
from app.store.tables import Address, Cohort, Contact, ContactStatus, Session

log = structlog.get_logger(__name__)

_address = Address.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]


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
    _contact.c.id,
    _contact.c.study_id,
    _cohort.c.programme,
    _contact.c.language,
    _contact.c.timezone,
    _contact.c.channel,
    _contact.c.status,
    _contact.c.paused_until,
    _contact.c.held_at,
    _contact.c.shift,
    _contact.c.attributes,
    _session.c.id.label("session_id"),
    _session.c.flow_version_id,
    _session.c.flow,
    _session.c.wave,
    _session.c.channel.label("session_channel"),
    _session.c.state,
    _session.c.step,
    _session.c.wake_at,
)
_JOINED = _contact.join(_cohort, _cohort.c.id == _contact.c.cohort_id).outerjoin(
    _session, (_session.c.contact_id == _contact.c.id) & _session.c.ended_at.is_(None)
)
_OFFICERS = select(*_COLUMNS).select_from(_JOINED)
_BY_ID = _OFFICERS.where(_contact.c.id.in_(bindparam("ids", expanding=True)))
_OWNERS = select(_address.c.lookup, _address.c.contact_id).where(
    _address.c.lookup.in_(bindparam("lookups", expanding=True)), _address.c.retired_at.is_(None)
)
_LOCK = (
    select(_contact.c.id)
    .where(_contact.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_contact.c.id)
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
        select(_session.c.contact_id)
        .select_from(
            _session.join(_contact, _contact.c.id == _session.c.contact_id).join(
                _cohort, _cohort.c.id == _contact.c.cohort_id
            )
        )
        .where(
            _session.c.ended_at.is_(None),
            _session.c.wake_at <= now,
            _cohort.c.paused_at.is_(None),
            _contact.c.held_at.is_(None),
            *([tuple_(_cohort.c.programme, _session.c.channel).not_in(list(without))] if without else []),
        )
        .order_by(_session.c.wake_at)
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
    update(_address)
    .where(
        _address.c.channel == bindparam("on_channel"),
        _address.c.lookup.in_(bindparam("of", expanding=True)),
        _address.c.retired_at.is_(None),
        or_(
            _address.c.last_inbound_at.is_(None),
            _address.c.last_inbound_at < bindparam("before"),
            _address.c.unreachable_at.is_not(None),
        ),
    )
    .values(last_inbound_at=bindparam("at"), unreachable_at=None)
)


_HEARD_EARLIER = (
    update(_address)
    .where(
        _address.c.channel == bindparam("on_channel"),
        _address.c.lookup == bindparam("of"),
        or_(_address.c.last_inbound_at.is_(None), _address.c.last_inbound_at < bindparam("at")),
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
    held = tx.execute(
        update(_contact).where(_contact.c.id == contact, _contact.c.held_at.is_(None)).values(held_at=now)
    )
    if held.rowcount and alerts.ring(tx, LOOP, f"contact:{contact}", now):
        log.error("a loop was stopped: nothing is sent to this officer until a person lets it go on", contact=contact)


def release(tx: Connection, contact: int, now: datetime) -> bool:
    """Let what waits for an officer on hold go out again, and close the alert. False if nothing was held."""
    released = tx.execute(
        update(_contact).where(_contact.c.id == contact, _contact.c.held_at.is_not(None)).values(held_at=None)
    )
    alerts.close(tx, LOOP, f"contact:{contact}", now)
    return bool(released.rowcount)


def change(tx: Connection, contact: int, **values: object) -> None:
    """Set columns of one officer."""
    tx.execute(update(_contact).where(_contact.c.id == contact).values(**values))

"""Officers on the hot path: found by the keyed hash of an address or by id, with the open session, in one query per batch."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Connection, bindparam, or_, select, tuple_, update

from app.store import alerts, holds, sealing
from app.store.bulk import portions
from app.store.damaged_rows import refuse_damaged
from app.store.dialect import lock_within, locks_rows, one_of
from app.store.holds import Hold
from app.store.sealing import SESSION_STATE
from app.store.tables import ADDRESS, COHORT, CONTACT, CONTACT_WITH_COHORT, SESSION, ContactStatus, with_officer
from app.store.vault import Vault

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class OpenSession:
    """An officer's open session. `state` is the engine's JSON; empty, and so damaged, if it cannot be opened. Changed in memory, written
    at the end of a batch."""

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
    """An officer, with what handling a message needs. Changed in memory while a batch is handled."""

    id: int
    study_id: str
    programme: str
    language: str
    timezone: str
    channel: str
    status: str
    consented_at: datetime | None
    consented_to: str | None
    paused_until: datetime | None
    held_at: datetime | None
    holds: frozenset[Hold]
    person_wrote_at: datetime | None
    shift: str | None
    stored_attributes: str
    session: OpenSession | None

    @property
    def attributes(self) -> dict[str, str | int | float | bool]:
        """The roster's columns. ValueError if they are damaged: reading an officer must not fail for that, so that a BAJA is
        obeyed."""
        return {} if self.stored_attributes == "{}" else _attributes(self.stored_attributes)

    @property
    def may_be_written_to(self) -> bool:
        """Whether messages other than the reply to a keyword may be sent."""
        return self.status == ContactStatus.active

    def is_left_alone(self, now: datetime) -> bool:
        """Whether a pause or a hold allows nothing but replies."""
        return bool(self.holds) or (self.paused_until is not None and self.paused_until > now)


_COLUMNS = (
    CONTACT.c.id,
    CONTACT.c.study_id,
    COHORT.c.programme,
    CONTACT.c.language,
    CONTACT.c.timezone,
    CONTACT.c.channel,
    CONTACT.c.status,
    CONTACT.c.consented_at,
    CONTACT.c.consented_to,
    CONTACT.c.paused_until,
    CONTACT.c.held_at,
    CONTACT.c.held_for,
    CONTACT.c.person_wrote_at,
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
_BY_ID = _OFFICERS.where(one_of(CONTACT.c.id, "ids"))
_OWNERS = select(ADDRESS.c.lookup, ADDRESS.c.contact_id).where(
    one_of(ADDRESS.c.lookup, "lookups"), ADDRESS.c.retired_at.is_(None)
)
_LOCK = select(CONTACT.c.id).where(one_of(CONTACT.c.id, "ids")).order_by(CONTACT.c.id).with_for_update()
_LOCK_FREE = (
    select(CONTACT.c.id).where(one_of(CONTACT.c.id, "ids")).order_by(CONTACT.c.id).with_for_update(skip_locked=True)
)
PATIENCE = timedelta(milliseconds=200)
"""How long a batch waits for officers whose row another transaction holds. Their messages are deferred then."""


def owners(tx: Connection, lookups: Collection[str]) -> dict[str, int]:
    """The contact id of each address, by keyed hash. Unknown and retired addresses are absent."""
    if not lookups:
        return {}
    return dict(tx.execute(_OWNERS, {"lookups": list(lookups)}).all())


def by_number(tx: Connection, vault: Vault, numbers: Collection[str]) -> dict[str, int]:
    """The contacts with these numbers, by number. Also while the keys are changed; re-hashes nothing."""
    by_lookup = {lookup: number for number in numbers for lookup in vault.lookups(number)}
    return {by_lookup[one]: contact for some in portions(by_lookup) for one, contact in owners(tx, some).items()}


def of_programmes(contact: Column[int], scope: Collection[str] | None) -> list[ColumnElement[bool]]:
    """The condition that a column's officer is of one of these programmes; none for None, which is all programmes."""
    if scope is None:
        return []
    own = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme.in_(sorted(scope)))
    return [contact.in_(own)]


def free_officers(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id, without those whose row another transaction still holds after `PATIENCE`. Locks the rows."""
    return unlocked(tx, _lock_free(tx, ids) if ids and locks_rows(tx) else ids)


def _lock_free(tx: Connection, ids: Collection[int]) -> set[int]:
    """Lock the rows that are free, or are within `PATIENCE`: most locks last a few milliseconds. Returns the ids."""
    mine = set(tx.execute(_LOCK_FREE, {"ids": sorted(ids)}).scalars())
    others = set(ids) - mine
    if not others:
        return mine
    if lock_within(tx, _LOCK, {"ids": sorted(others)}, PATIENCE):
        return set(ids)
    return mine | set(tx.execute(_LOCK_FREE, {"ids": sorted(others)}).scalars())


def officers(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id. Locks their rows in the order of ids (SQLite has one writer anyway)."""
    lock(tx, ids)
    return unlocked(tx, ids)


def unlocked(tx: Connection, ids: Collection[int]) -> dict[int, Officer]:
    """Officers by id, to be read only."""
    return {row.id: _officer(tx, row) for row in tx.execute(_BY_ID, {"ids": sorted(ids)}).all()} if ids else {}


def lock(tx: Connection, ids: Collection[int]) -> None:
    """Lock the rows of officers, in the order of ids, until the transaction ends. SQLite has one writer anyway."""
    if ids and locks_rows(tx):
        tx.execute(_LOCK, {"ids": sorted(ids)})


def waking(tx: Connection, now: datetime, limit: int, without: Collection[tuple[str, str]] = ()) -> list[int]:
    """Contacts whose open session is due, longest due first. Leaves out paused cohorts, officers on hold, and the (programme,
    channel) pairs in `without`. On PostgreSQL, locks them and skips those that another transaction has locked."""
    due = _WAKING
    if without:
        due = due.where(tuple_(COHORT.c.programme, SESSION.c.channel).not_in(list(without)))
    return list(tx.execute(due, {"now": now, "most": limit}).scalars())


_WAKING = (
    select(SESSION.c.contact_id)
    .select_from(with_officer(SESSION))
    .where(
        SESSION.c.ended_at.is_(None),
        SESSION.c.wake_at <= bindparam("now"),
        COHORT.c.paused_at.is_(None),
        CONTACT.c.held_at.is_(None),
    )
    .order_by(SESSION.c.wake_at)
    .limit(bindparam("most"))
    .with_for_update(of=CONTACT, skip_locked=True)
)


def _attributes(text: str) -> dict[str, str | int | float | bool]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("attributes are not a JSON object")  # noqa: TRY004 - as the text that is not JSON at all
    return found


def _officer(tx: Connection, row: Any) -> Officer:  # noqa: ANN401 - a row of _OFFICERS
    session = None
    if row.session_id is not None:
        session = OpenSession(
            row.session_id,
            row.flow_version_id,
            row.flow,
            row.wave,
            row.session_channel,
            sealing.readable(tx, SESSION_STATE, row.id, row.state) or "",
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
        row.consented_at,
        row.consented_to,
        row.paused_until,
        row.held_at,
        holds.read(row.held_at, row.held_for),
        row.person_wrote_at,
        row.shift,
        row.attributes,
        session,
    )


HEARD_ANEW_AFTER = timedelta(minutes=5)


def heard_from(tx: Connection, channel: str, lookups: Collection[str], now: datetime) -> None:
    """Record that these addresses of a channel wrote just now, and are reachable. WhatsApp's window counts from here, so a moment
    that is up to `HEARD_ANEW_AFTER` early does no harm, and several messages in a row cost one write."""
    if lookups:
        tx.execute(_HEARD, {"on_channel": channel, "of": list(lookups), "at": now, "before": now - HEARD_ANEW_AFTER})


_HEARD = (
    update(ADDRESS)
    .where(
        ADDRESS.c.channel == bindparam("on_channel"),
        one_of(ADDRESS.c.lookup, "of"),
        ADDRESS.c.retired_at.is_(None),
        or_(
            ADDRESS.c.last_inbound_at.is_(None),
            ADDRESS.c.last_inbound_at < bindparam("before"),
            ADDRESS.c.last_inbound_at > bindparam("at"),  # the clock was set back since
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
    """Record when addresses wrote, as (channel, lookup, moment). No-op where a later moment is known."""
    if heard:
        tx.execute(_HEARD_EARLIER, [{"on_channel": channel, "of": lookup, "at": at} for channel, lookup, at in heard])


def hold(tx: Connection, contact: int, now: datetime) -> None:
    """Hold all messages to an officer until a person releases them, because of a message loop."""
    if holds.add(tx, contact, Hold.loop, now) and alerts.ring(tx, Hold.loop, f"contact:{contact}", now):
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == contact)).scalar_one()
        log.error("message loop stopped: this officer is on hold until a person resumes", officer=study_id)


def change(tx: Connection, contact: int, **values: object) -> None:
    """Set columns of one officer. ValueError if a value could not be read again."""
    refuse_damaged(values)
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**values))

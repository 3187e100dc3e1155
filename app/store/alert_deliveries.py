"""The delivery of alerts to people: which alert goes to whom, claimed by one process at a time, with its attempts. All functions take
a transaction and commit nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from app.store import cases
from app.store.dialect import insert_ignore
from app.store.tables import ALERT, ALERT_DELIVERY, ANNOUNCEMENT, COHORT, CONTACT, CONTACT_WITH_COHORT
from app.wording import Sentence, known

OPENED, OVER = "opened", "over"
_CONTACT, _CASE, _ANNOUNCEMENT = "contact:", "case:", "announcement:"
_WAITING = and_(ALERT_DELIVERY.c.sent_at.is_(None), ALERT_DELIVERY.c.dropped_at.is_(None))
_UNTRIED = Sentence("not tried: no clock is running")


class DeliveryKey(NamedTuple):
    """One delivery: an event of an alert, to a receiver (`email:…`, `webhook:…`)."""

    alert_id: int
    event: str
    receiver: str


class DeliveryState(StrEnum):
    """The state of a delivery."""

    waiting = "waiting"
    sent = "sent"
    dropped = "dropped"


@dataclass(frozen=True, slots=True)
class KnownAlert:
    """An alert with whom it concerns: the officer's study id and programme, if its subject is an officer, or a case of one; of an
    announcement the programme."""

    id: int
    kind: str
    subject: str
    first_at: datetime
    closed_at: datetime | None
    times: int = 1
    study_id: str | None = None
    programme: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery that only this process may attempt for a while. `attempts` includes the one about to be made."""

    id: int
    key: DeliveryKey
    attempts: int
    alert: KnownAlert


def recent(tx: Connection, since: datetime) -> list[KnownAlert]:
    """The alerts that are open, or were closed after this moment."""
    return _alerts(tx, or_(ALERT.c.closed_at.is_(None), ALERT.c.closed_at > since))


def _alerts(tx: Connection, wanted: ColumnElement[bool]) -> list[KnownAlert]:
    columns = (ALERT.c.id, ALERT.c.kind, ALERT.c.subject, ALERT.c.first_at, ALERT.c.closed_at, ALERT.c.times)
    rows = tx.execute(select(*columns).where(wanted).order_by(ALERT.c.id)).all()
    whose = _officers(tx, _named(rows, _CONTACT)) | _cases(tx, _named(rows, _CASE))
    whose |= _announcements(tx, _named(rows, _ANNOUNCEMENT))
    return [KnownAlert(*row, *whose.get(row.subject, (None, None))) for row in rows]


def _named(rows: Iterable[Any], prefix: str) -> list[int]:
    """The ids of the subjects that begin so."""
    subjects = {row.subject for row in rows if row.subject.startswith(prefix)}
    return [int(number) for one in subjects if (number := one.removeprefix(prefix)).isdecimal()]


_Whose = dict[str, tuple[str | None, str | None]]


def _officers(tx: Connection, contacts: Collection[int]) -> _Whose:
    if not contacts:
        return {}
    found = select(CONTACT.c.id, CONTACT.c.study_id, COHORT.c.programme).select_from(CONTACT_WITH_COHORT)
    return {
        f"{_CONTACT}{row[0]}": (row[1], row[2]) for row in tx.execute(found.where(CONTACT.c.id.in_(list(contacts))))
    }


def _cases(tx: Connection, ids: Collection[int]) -> _Whose:
    return {f"{_CASE}{one.id}": (one.study_id, one.programme) for one in (cases.some(tx, ids) if ids else ())}


def _announcements(tx: Connection, ids: Collection[int]) -> _Whose:
    if not ids:
        return {}
    found = select(ANNOUNCEMENT.c.id, ANNOUNCEMENT.c.programme).where(ANNOUNCEMENT.c.id.in_(list(ids)))
    return {f"{_ANNOUNCEMENT}{row.id}": (None, row.programme) for row in tx.execute(found)}


def states(tx: Connection, alerts: Collection[int]) -> dict[DeliveryKey, DeliveryState]:
    """The deliveries of some alerts, and all that wait."""
    names = ("alert_id", "event", "receiver", "sent_at", "dropped_at")
    columns = [ALERT_DELIVERY.c[name] for name in names]
    rows = tx.execute(select(*columns).where(or_(ALERT_DELIVERY.c.alert_id.in_(list(alerts)), _WAITING)))
    return {DeliveryKey(*row[:3]): _state(row.sent_at, row.dropped_at) for row in rows}


def _state(sent_at: datetime | None, dropped_at: datetime | None) -> DeliveryState:
    if sent_at is not None:
        return DeliveryState.sent
    return DeliveryState.waiting if dropped_at is None else DeliveryState.dropped


def plan(tx: Connection, wanted: Mapping[DeliveryKey, tuple[bool, datetime]]) -> None:
    """Plan deliveries, each with whether it is urgent and when it is due. Those that were dropped wait again; all others stay."""
    insert_ignore(
        tx,
        ALERT_DELIVERY,
        [
            {**key._asdict(), "urgent": urgent, "due_at": due_at, "attempts": 0}
            for key, (urgent, due_at) in wanted.items()
        ],
    )
    for key in wanted:
        tx.execute(update(ALERT_DELIVERY).where(_is(key), ALERT_DELIVERY.c.sent_at.is_(None)).values(dropped_at=None))


def drop(tx: Connection, keys: Collection[DeliveryKey], now: datetime) -> None:
    """Give up deliveries that are no longer wanted."""
    for key in keys:
        tx.execute(update(ALERT_DELIVERY).where(_is(key), _WAITING).values(dropped_at=now))


def _is(key: DeliveryKey) -> ColumnElement[bool]:
    return and_(*(ALERT_DELIVERY.c[name] == value for name, value in key._asdict().items()))


def claim(
    tx: Connection, now: datetime, until: datetime, limit: int, longest: timedelta, *, urgent: bool
) -> list[Delivery]:
    """Claim due deliveries. No other process gets them before `until`; then they are due again, unless they have been settled. None
    waits for more than `longest`: it is due if it seems to, because the clock was set back."""
    due = or_(ALERT_DELIVERY.c.due_at <= now, ALERT_DELIVERY.c.due_at > now + longest)
    ids = list(
        tx.execute(
            select(ALERT_DELIVERY.c.id)
            .where(_WAITING, due, ALERT_DELIVERY.c.urgent.is_(urgent))
            .order_by(ALERT_DELIVERY.c.attempts, ALERT_DELIVERY.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if not ids:
        return []
    mine = ALERT_DELIVERY.c.id.in_(ids)
    tx.execute(update(ALERT_DELIVERY).where(mine).values(due_at=until, attempts=ALERT_DELIVERY.c.attempts + 1))
    rows = tx.execute(select(ALERT_DELIVERY).where(mine).order_by(ALERT_DELIVERY.c.id)).all()
    found = {alert.id: alert for alert in _alerts(tx, ALERT.c.id.in_({row.alert_id for row in rows}))}
    return [
        Delivery(row.id, DeliveryKey(row.alert_id, row.event, row.receiver), row.attempts, found[row.alert_id])
        for row in rows
    ]


def sent(tx: Connection, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Note that deliveries have arrived at the server."""
    ids = [one.id for one in deliveries]
    tx.execute(update(ALERT_DELIVERY).where(ALERT_DELIVERY.c.id.in_(ids)).values(sent_at=now, error=None))


def failed(tx: Connection, deliveries: Sequence[Delivery], due_at: datetime, error: str) -> None:
    """Note why an attempt failed, and try again then."""
    ids = [one.id for one in deliveries]
    tx.execute(update(ALERT_DELIVERY).where(ALERT_DELIVERY.c.id.in_(ids), _WAITING).values(due_at=due_at, error=error))


def forget(tx: Connection, before: datetime) -> int:
    """Delete the deliveries of alerts that were closed before then, and give their number. Those of an open alert stay: without them it
    would be announced again."""
    over = select(ALERT.c.id).where(ALERT.c.closed_at < before)
    return tx.execute(delete(ALERT_DELIVERY).where(ALERT_DELIVERY.c.alert_id.in_(over), ~_WAITING)).rowcount


def undelivered(tx: Connection, late: datetime) -> dict[str, int]:
    """The deliveries that wait after a failed attempt, by the reason, and those that were due before `late` and have not been tried."""
    error = func.coalesce(ALERT_DELIVERY.c.error, str(_UNTRIED))
    stuck = or_(ALERT_DELIVERY.c.error.is_not(None), ALERT_DELIVERY.c.due_at < late)
    return {
        known(reason, "alerts"): int(count)
        for reason, count in tx.execute(
            select(error, func.count()).where(_WAITING, stuck).group_by(error).order_by(error)
        )
    }

"""Alerts for a person: one of our numbers that the carrier refuses, an officer with whom a loop was stopped. At most one alert
of a kind and subject is open, however often it occurs and whichever process notices. Subjects are ids; an alert has no name,
number or text. All functions take a transaction and commit nothing."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from app.store.dialect import insert_ignore
from app.store.tables import ALERT

JOB = "job"
"""The kind of the alert for a job that fails again and again; its subject is the job's name."""
NOT_READY = "not_ready"
"""The kind of the alert for a programme that may not begin any campaign; its subject is `programme:` and the code. Also the reason of
the nudges that wait."""
TRIED = "alerts test"
"""The action of the audit log, on `programme:CODE`, for a test alert, with how many servers took it."""


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An open alert. `times` counts its occurrences since `first_at`, `detail` is from the first."""

    kind: str
    subject: str
    times: int
    first_at: datetime
    last_at: datetime
    detail: str = "{}"


def ring(tx: Connection, kind: str, subject: str, now: datetime, detail: Mapping[str, object] | None = None) -> bool:
    """Open an alert, or count another occurrence. True if it was not open: log it only then."""
    again = tx.execute(
        update(ALERT)
        .where(ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None))
        .values(times=ALERT.c.times + 1, last_at=now)
    )
    if again.rowcount:
        return False
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    insert_ignore(
        tx, ALERT, [{"kind": kind, "subject": subject, "detail": text, "times": 1, "first_at": now, "last_at": now}]
    )
    return True


def close(tx: Connection, kind: str, subject: str, now: datetime) -> bool:
    """Close an alert. False if no such alert is open."""
    closed = tx.execute(
        update(ALERT)
        .where(ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    return bool(closed.rowcount)


def close_all(tx: Connection, subject: str, now: datetime, but: Collection[str] = ()) -> None:
    """Close all alerts of a subject, `but` those of some kinds."""
    theirs = (ALERT.c.subject == subject, ALERT.c.closed_at.is_(None), ALERT.c.kind.not_in(list(but)))
    tx.execute(update(ALERT).where(*theirs).values(closed_at=now))


def open_alerts(tx: Connection, kind: str | None = None) -> list[OpenAlert]:
    """The open alerts, all or of one kind, the latest first."""
    columns = (ALERT.c.kind, ALERT.c.subject, ALERT.c.times, ALERT.c.first_at, ALERT.c.last_at, ALERT.c.detail)
    found = select(*columns).where(ALERT.c.closed_at.is_(None)).order_by(ALERT.c.last_at.desc(), ALERT.c.id.desc())
    rows = tx.execute(found if kind is None else found.where(ALERT.c.kind == kind))
    return [OpenAlert(*row) for row in rows]


def counts(tx: Connection) -> dict[str, int]:
    """The number of open alerts by kind."""
    found = select(ALERT.c.kind, func.count()).where(ALERT.c.closed_at.is_(None)).group_by(ALERT.c.kind)
    return {kind: int(count) for kind, count in tx.execute(found.order_by(ALERT.c.kind))}


def subjects(tx: Connection, kind: str) -> list[str]:
    """The subjects of the open alerts of a kind."""
    found = select(ALERT.c.subject).where(ALERT.c.kind == kind, ALERT.c.closed_at.is_(None))
    return list(tx.execute(found.order_by(ALERT.c.id)).scalars())


def open_since(tx: Connection, kind: str, subject: str) -> datetime | None:
    """When the open alert of this kind and subject was opened; None if none is open."""
    found = select(ALERT.c.first_at).where(
        ALERT.c.kind == kind, ALERT.c.subject == subject, ALERT.c.closed_at.is_(None)
    )
    return tx.execute(found).scalar_one_or_none()

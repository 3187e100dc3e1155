"""Messages that did not arrive, by cause: those that failed, were not delivered or waited too long, and that no resend replaced. All
functions take a transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from app.store import tryouts
from app.store.dialect import literal
from app.store.tables import CONTACT, OUTBOUND, MessageStatus

EXPIRED = "expired"
"""The cause of a message that waited with us until it was too old."""
UNKNOWN = "unknown"
"""The cause of a failure without one."""
PAGE = 50

FAILED = ("failed", "undelivered", "expired")
_DID_NOT_ARRIVE: ColumnElement[bool] = OUTBOUND.c.status.in_([literal(one) for one in FAILED])
_CAUSE: ColumnElement[str] = func.coalesce(
    OUTBOUND.c.error_cause,
    case((OUTBOUND.c.status == MessageStatus.expired, literal(EXPIRED)), else_=literal(UNKNOWN)),
)
_RESEND = OUTBOUND.alias("resend")
_REPLACED = (
    select(_RESEND.c.id)
    .where(
        _RESEND.c.origin_id == func.coalesce(OUTBOUND.c.origin_id, OUTBOUND.c.id), _RESEND.c.resend > OUTBOUND.c.resend
    )
    .exists()
)
_FAILED = OUTBOUND.join(CONTACT, CONTACT.c.id == OUTBOUND.c.contact_id)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Messages that were written from `begin` on, before `end`, to officers of some cohorts, None: of all but those of tryouts;
    only of one cause, if it is given."""

    begin: datetime
    end: datetime
    cohorts: Collection[int] | None
    cause: str | None = None


class CauseCount(NamedTuple):
    """How many messages, to how many officers, did not arrive by a cause."""

    cause: str
    messages: int
    officers: int


class FailedMessage(NamedTuple):
    """A message that did not arrive."""

    id: int
    study_id: str
    at: datetime
    channel: str
    status: str
    cause: str
    flow: str | None


def counts(tx: Connection, chosen: Chosen) -> list[CauseCount]:
    """The causes, the most frequent first."""
    messages, cause = func.count(), _CAUSE.label("cause")
    among = OUTBOUND if chosen.cohorts is None else _FAILED  # else the index of failures has all that is asked
    found = select(cause, messages, func.count(OUTBOUND.c.contact_id.distinct())).select_from(among)
    rows = tx.execute(found.where(*_wanted(chosen)).group_by(cause).order_by(messages.desc(), cause))
    return [CauseCount(*row) for row in rows]


def page(
    tx: Connection, chosen: Chosen, before: tuple[datetime, int] | None = None, most: int = PAGE
) -> list[FailedMessage]:
    """A page of the messages, the latest first: those `before` a moment and an id."""
    at, key = OUTBOUND.c.created_at, OUTBOUND.c.id
    wanted = _wanted(chosen)
    if before is not None:
        wanted += [at <= before[0], or_(at < before[0], key < before[1])]
    columns = (key, CONTACT.c.study_id, at, OUTBOUND.c.channel, OUTBOUND.c.status, _CAUSE, OUTBOUND.c.flow)
    found = select(*columns).select_from(_FAILED).where(*wanted)
    return [FailedMessage(*row) for row in tx.execute(found.order_by(at.desc(), key.desc()).limit(most))]


def _wanted(chosen: Chosen) -> list[ColumnElement[bool]]:
    found = [
        _DID_NOT_ARRIVE,
        OUTBOUND.c.created_at >= chosen.begin,
        OUTBOUND.c.created_at < chosen.end,
        ~_REPLACED,
        OUTBOUND.c.contact_id.not_in(tryouts.officers())
        if chosen.cohorts is None
        else (CONTACT.c.cohort_id + 0).in_(sorted(chosen.cohorts)),  # by day, not by officer: no index of cohorts
    ]
    return found if chosen.cause is None else [*found, _CAUSE == chosen.cause]  # noqa: SIM300 - a column

"""Officers who did not answer their last flows: looked for among conversations that ended without an answer, the latest first, so that a
page never goes through all officers. All functions take a transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from app.store import officer_status
from app.store.dialect import literal
from app.store.tables import CONTACT, SESSION, ContactStatus

IN_A_ROW = 2
"""From how many on an officer is in the list."""
LATELY = timedelta(days=14)
"""How long ago the last one may have ended."""
PAGE = 50
_AT_ONCE = 100
_MOST_LOOKED_AT = 1_000

_EXPIRED = literal("expired")
_LATER = SESSION.alias("later")
_IS_LAST = ~(
    select(_LATER.c.id)
    .where(_LATER.c.contact_id == SESSION.c.contact_id, _LATER.c.outcome == "expired", _LATER.c.id > SESSION.c.id)
    .exists()
)


class SilentOfficer(NamedTuple):
    """An officer who has ignored so many flows in a row; the last of them ended at `ended_at`."""

    session: int
    contact_id: int
    study_id: str
    cohort_id: int
    ended_at: datetime
    flow: str
    in_a_row: int


class SilentPage(NamedTuple):
    """Officers, and the place from which the next page goes on; None at the end."""

    officers: list[SilentOfficer]
    next: tuple[datetime, int] | None


def page(
    tx: Connection,
    cohorts: Collection[int],
    now: datetime,
    since: datetime,
    before: tuple[datetime, int] | None = None,
    most: int = PAGE,
    *,
    few: bool = False,
) -> SilentPage:
    """Officers of some cohorts who take part and have not answered at least `IN_A_ROW` flows in a row, the latest first, from a place on.
    Flows count from `since` on. `few`: the cohorts have few officers, who are looked at one by one. A page may have fewer than `most` before the end: it looks at a bounded number of conversations."""
    found: list[SilentOfficer] = []
    looked_at = 0
    while looked_at < _MOST_LOOKED_AT:
        rows = _candidates(tx, cohorts, now - LATELY, before, few=few)
        looked_at += len(rows)
        known = officer_status.ignored(tx, [row.contact_id for row in rows], now, since) if rows else {}
        for row in rows:
            before = (row.ended_at, row.id)
            if (in_a_row := known[row.contact_id]) >= IN_A_ROW:
                found.append(SilentOfficer._make((*row, in_a_row)))
                if len(found) == most:
                    return SilentPage(found, before)
        if len(rows) < _AT_ONCE:
            return SilentPage(found, None)
    return SilentPage(found, before)


def _candidates(
    tx: Connection, cohorts: Collection[int], after: datetime, before: tuple[datetime, int] | None, *, few: bool
) -> Sequence[Any]:
    at, key = SESSION.c.ended_at, SESSION.c.id
    whose = CONTACT.c.cohort_id if few else CONTACT.c.cohort_id + 0  # no index of cohorts
    expired = (SESSION.c.outcome.concat("") if few else SESSION.c.outcome) == _EXPIRED  # no index of all that expired
    wanted = [expired, at > after, _IS_LAST, whose.in_(sorted(cohorts)), CONTACT.c.status == ContactStatus.active]
    if before is not None:
        wanted += [at <= before[0], or_(at < before[0], key < before[1])]
    columns = (key, SESSION.c.contact_id, CONTACT.c.study_id, CONTACT.c.cohort_id, at, SESSION.c.flow)
    found = select(*columns).select_from(SESSION.join(CONTACT, CONTACT.c.id == SESSION.c.contact_id)).where(*wanted)
    return tx.execute(found.order_by(at.desc(), key.desc()).limit(_AT_ONCE)).all()

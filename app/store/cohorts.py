"""Cohorts: officers who took the workshop together and share dates and a time zone. All functions take a transaction and commit
nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from app.errors import UsageError
from app.flows.language.nearby import unknown
from app.store.bulk import portions
from app.store.damaged_rows import refuse_damaged, sound_part
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, NUDGE, NudgeStatus
from app.store.tryouts import is_real
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Group:
    """A cohort. `dates`, as far as they can be read, are the campaign anchors its officers share; `officers` is their number."""

    id: int
    code: str
    programme: str
    timezone: str
    dates: dict[str, str]
    paused_at: datetime | None
    officers: int


@dataclass(frozen=True, slots=True)
class Member:
    """An officer of a cohort, with a time zone and dates that may differ from the cohort's."""

    id: int
    timezone: str
    dates: dict[str, str]


_OFFICERS = select(func.count()).select_from(CONTACT).where(CONTACT.c.cohort_id == COHORT.c.id).scalar_subquery()
_GROUPS: Select[Any] = select(
    COHORT.c.id,
    COHORT.c.code,
    COHORT.c.programme,
    COHORT.c.timezone,
    COHORT.c.dates,
    COHORT.c.paused_at,
    _OFFICERS,
)


def find_all(tx: Connection, programme: str | None = None) -> list[Group]:
    """All cohorts, or those of a programme, ordered by programme and code. Tryouts have none that anybody sees."""
    wanted = _GROUPS.where(is_real() if programme is None else COHORT.c.programme == programme)
    return [
        Group(key, code, of, zone, sound_part("dates", dates), paused_at, officers)
        for key, code, of, zone, dates, paused_at, officers in tx.execute(
            wanted.order_by(COHORT.c.programme, COHORT.c.code)
        ).all()
    ]


def find(tx: Connection, code: str) -> Group:
    """A cohort by code, its row locked. Raises UsageError if there is none."""
    check(tx, code)
    tx.execute(select(COHORT.c.id).where(COHORT.c.code == code).with_for_update())
    return next(group for group in find_all(tx) if group.code == code)


def members(tx: Connection, cohort: int) -> list[Member]:
    """The officers of a cohort."""
    rows = tx.execute(
        select(CONTACT.c.id, CONTACT.c.timezone, CONTACT.c.dates).where(CONTACT.c.cohort_id == cohort)
    ).all()
    return [Member(key, zone, sound_part("dates", dates)) for key, zone, dates in rows]


def change(tx: Connection, cohort: int, **values: object) -> None:
    """Set columns of one cohort. ValueError if a value is damaged."""
    refuse_damaged(values)
    tx.execute(update(COHORT).where(COHORT.c.id == cohort).values(**values))


def change_zone(tx: Connection, cohort: int, old: str, new: str) -> None:
    """Change the time zone of the cohort's officers who have the `old` one. ValueError if there is no such zone."""
    refuse_damaged({"timezone": new})
    tx.execute(update(CONTACT).where(CONTACT.c.cohort_id == cohort, CONTACT.c.timezone == old).values(timezone=new))


def started_flows(tx: Connection, contacts: Collection[int], campaigns: Collection[str]) -> int:
    """How many flows of these campaigns have started for these officers, without consent, which depends on no date."""
    count = 0
    for some in portions(contacts):
        started = (
            NUDGE.c.contact_id.in_(some),
            NUDGE.c.status == NudgeStatus.started,
            NUDGE.c.campaign.in_(list(campaigns)),
            NUDGE.c.slot != "consent",
            NUDGE.c.slot.not_like("consent@%"),
        )
        count += int(tx.execute(select(func.count()).select_from(NUDGE).where(*started)).scalar_one())
    return count


def officers_by_programme(tx: Connection) -> dict[str, int]:
    """The number of officers of each programme that has any."""
    counted = select(COHORT.c.programme, func.count()).select_from(CONTACT_WITH_COHORT).group_by(COHORT.c.programme)
    return dict(tx.execute(counted).all())


def check(tx: Connection, code: str | None) -> None:
    """Raise UsageError if there is no cohort with this code. None means any cohort."""
    if code is None:
        return
    codes = list(tx.execute(select(COHORT.c.code).where(is_real()).order_by(COHORT.c.code)).scalars())
    if code not in codes:
        raise UsageError(
            unknown(Sentence("there is no cohort {name!r}", name=code), code, codes, stop=True), "no_cohort"
        )

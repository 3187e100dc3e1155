"""The calendar: how many officers of each cohort get which flow on a day, as it is laid out. All functions take a transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from app.store.tables import COHORT, CONTACT, NUDGE, ContactStatus, NudgeStatus, with_officer


class FlowCount(NamedTuple):
    """Officers of a cohort by a flow of a day: those who have got it or will get it, those who wait for something, those who will not get
    it."""

    cohort_id: int
    flow: str
    goes: int
    waits: int
    will_not: int


def of_day(tx: Connection, begin: datetime, end: datetime, without_consent: Collection[str]) -> list[FlowCount]:
    """The flows that are planned for a moment from `begin` on, before `end`. `without_consent` are the campaigns that ask for none. An
    officer waits on hold, paused, in a paused cohort, or without consent."""
    agreed = or_(
        CONTACT.c.consented_at.is_not(None),
        NUDGE.c.slot == "consent",
        NUDGE.c.slot.like("consent@%"),
        NUDGE.c.campaign.in_(sorted(without_consent)),
    )
    paused = and_(CONTACT.c.paused_until.is_not(None), CONTACT.c.paused_until > NUDGE.c.planned_for)
    free = and_(CONTACT.c.held_at.is_(None), COHORT.c.paused_at.is_(None), ~paused, agreed)
    started, planned = NUDGE.c.status == NudgeStatus.started, NUDGE.c.status == NudgeStatus.planned
    takes_part = CONTACT.c.status == ContactStatus.active
    goes, waits = or_(started, and_(planned, takes_part, free)), and_(planned, takes_part, ~free)
    found = (
        select(
            CONTACT.c.cohort_id,
            NUDGE.c.flow,
            func.count(case((goes, 1))),
            func.count(case((waits, 1))),
            func.count(case((~or_(goes, waits), 1))),
        )
        .select_from(with_officer(NUDGE))
        .where(NUDGE.c.planned_for >= begin, NUDGE.c.planned_for < end)
        .group_by(CONTACT.c.cohort_id, NUDGE.c.flow)
    )
    return [FlowCount(*row) for row in tx.execute(found)]

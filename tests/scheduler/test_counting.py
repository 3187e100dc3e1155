"""The counts of days that the clock keeps: made again as they grow old and when flows are planned anew; a page tells their moment."""

import asyncio
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import reduce

import pytest
from sqlalchemy import update

from app.days import DAY, Days
from app.people.roles import Role
from app.scheduler.counting import LATER, NEAR, DayCounting
from app.scheduler.row_watch import RowWatch
from app.store import damaged_rows, day_counts
from app.store.database import Database
from app.store.funnel import NOTHING, Funnel
from app.store.ledger import Ledger
from app.store.tables import CONTACT, NUDGE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.web.console.desk import Office, both_follow

FIRST = date(2026, 3, 1)
HOY, WEEK = "/console/today?from=2026-03-10&to=2026-03-10", "/console/calendar?week=2026-03-10"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose two officers follow the campaign; two flows of a day are many."""
    monkeypatch.setattr(day_counts, "KEPT_FROM", 2)
    made = Office(database, vault, clock)
    with made.desk() as desk:
        both_follow(desk)
    made.hire("ana", Role.coordinator)
    with database.reading() as tx:
        made.library.refresh(tx)
    return made


def counting(office: Office) -> DayCounting:
    ledger = Ledger(office.database, office.vault, office.clock, {})
    return DayCounting(office.database, ledger, office.library, office.clock, "test")


def count(one: DayCounting) -> None:
    async def once() -> None:
        while await one.once():
            pass

    asyncio.run(once())


def test_a_day_of_many_flows_is_counted_before_anybody_asks_and_again_when_its_plan_changes(office: Office) -> None:
    work = counting(office)
    assert "Contado:" not in office.see("ana", WEEK)
    count(work)
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).values(consented_at=None))
    for page in (WEEK, HOY):
        assert "Contado: hoy, 10:00." in office.see("ana", page)
    assert "2 en espera" not in office.see("ana", WEEK)  # it has not been counted again
    office.clock.advance(minutes=30)
    count(work)
    assert "Contado: hoy, 10:00." in office.see("ana", WEEK)  # a day that is not near
    with office.database.transaction() as tx:
        tx.execute(update(NUDGE).values(id=NUDGE.c.id + 1_000))  # as if they were planned anew
    count(work)
    page = office.see("ana", WEEK)
    assert "Contado: hoy, 10:30." in page
    assert "0 2 en espera" in page


def test_the_counts_of_near_days_grow_old_soon_and_all_others_later(office: Office) -> None:
    work = counting(office)
    count(work)
    begun = office.clock()
    office.clock.advance(seconds=NEAR.total_seconds())
    count(work)
    tomorrow, *others = moments(office)
    assert (tomorrow, set(others)) == (office.clock(), {begun})
    office.clock.advance(seconds=LATER.total_seconds())
    count(work)
    assert set(moments(office)) == {office.clock()}


def moments(office: Office) -> list[datetime]:
    """When the days with flows were counted, in the order of the days."""
    with office.database.reading() as tx:
        found = day_counts.counted_at(tx, Days(FIRST, FIRST + 60 * DAY, "UTC"))
    return [found[day] for day in sorted(found)]


def test_another_process_leaves_the_counting_to_the_one_that_has_the_lease(office: Office) -> None:
    work = counting(office)
    other = DayCounting(office.database, work.ledger, office.library, office.clock, "other")
    count(work)
    assert asyncio.run(other.once()) > timedelta()


def test_the_number_of_damaged_rows_is_that_of_the_last_look_without_the_mended_ones(
    office: Office, clock: StillClock
) -> None:
    watch = RowWatch()
    with office.database.transaction() as tx:
        tx.execute(update(CONTACT).values(timezone="nowhere"))
        assert damaged_rows.known_number(tx) == 2  # nobody has looked: all are
        tx.execute(update(CONTACT).where(CONTACT.c.study_id == office.bruno).values(timezone="UTC"))
        while watch.look(tx, clock()):
            pass
        tx.execute(update(CONTACT).where(CONTACT.c.study_id == office.bruno).values(timezone="nowhere"))
        assert damaged_rows.known_number(tx) == 1
        tx.execute(update(CONTACT).values(timezone="UTC"))
        assert damaged_rows.known_number(tx) == 0


def test_the_sums_of_days_are_those_of_their_counts_kept_or_not(office: Office) -> None:
    count(counting(office))
    last = FIRST + 40 * DAY
    days = Days(last - 20 * DAY, last, office.library.zone(None))
    with office.database.reading() as tx:
        each = day_counts.of(tx, days.back(40), ())
        cohorts = {one.cohort_id for day in each.values() for one in day.counts}
        found = day_counts.sums(tx, days, 40, cohorts, ())
        assert not day_counts.sums(tx, days, 40, set(), ()).by_cohort
    assert {day.at is None for day in each.values()} == {True, False}
    assert found.by_day == {day: total(one.came for one in of.counts) for day, of in each.items()}
    shown = [one for day in days for one in each[day].counts]
    assert found.by_cohort == {key: total(one.came for one in shown if one.cohort_id == key) for key in cohorts}


def total(funnels: Iterable[Funnel]) -> Funnel:
    return reduce(Funnel.plus, funnels, NOTHING)

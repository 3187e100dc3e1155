"""The lists of the console on a database that has grown: every statement goes through an index, on both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.days import Days
from app.store import case_list, day_counts, failures, funnel, ignored, pauses
from app.store.case_list import Order, Wanted, Which
from app.store.cases import CaseReason
from app.store.database import Database
from app.store.funnel import Stage
from tests.conftest import StillClock
from tests.store.explained import plans, scanned

PARTIAL = frozenset({"ix_case_open", "ix_case_closed", "ix_outbound_due"})
"""Indexes of a few rows among many; and that of closed cases, which a page goes through as far as its end."""
DAY = timedelta(days=1)

Look = Callable[[Connection, datetime], object]


def of_cases(which: Which, order: Order = Order.urgency, scope: frozenset[str] | None = None) -> Look:
    wanted = Wanted(scope, "ana", which, frozenset({CaseReason.unclear}) if scope else frozenset(), order)
    return lambda tx, now: case_list.page(tx, wanted, now)


def flows(stage: Stage | None, *, missed: bool = False) -> Look:
    return lambda tx, now: funnel.lines(
        tx, funnel.Chosen(now - DAY, now, [1], stage, missed=missed, latest=missed), after=(now, 5)
    )


LOOKS: dict[str, Look] = {
    **{f"cases {which} {order}": of_cases(which, order) for which in Which for order in Order},
    **{f"cases of a programme {which}": of_cases(which, scope=frozenset({"prueba"})) for which in Which},
    "counts of cases": lambda tx, now: case_list.counts(tx, Wanted(None, "ana"), now),
    "count of open cases": lambda tx, now: case_list.count(tx, Wanted(frozenset({"prueba"}), "ana"), now),
    "count of closed cases": lambda tx, now: case_list.count(tx, Wanted(None, "ana", Which.closed), now),
    "cases of danger": lambda tx, _: case_list.dangers(tx, Wanted(None, "ana"), 20),
    "version of the cases": lambda tx, _: case_list.version(tx, Wanted(frozenset({"prueba"}), "ana")),
    "questions of cases": lambda tx, _: case_list.about(tx, [1, 2]),
    "funnel": lambda tx, now: funnel.between(tx, now - DAY, now),
    **{f"flows {stage}": flows(stage) for stage in (*Stage, None)},
    **{f"flows without {stage}": flows(stage, missed=True) for stage in Stage},
    "counts of a day": lambda tx, now: day_counts.count(tx, Days.at(now, "UTC"), ["libre"]),
    "kept counts of days": lambda tx, now: day_counts.of(tx, Days.at(now, "UTC").back(7), ["libre"]),
    "failures": lambda tx, now: failures.counts(tx, failures.Chosen(now - DAY, now, [1])),
    "failed messages": lambda tx, now: failures.page(tx, failures.Chosen(now - DAY, now, [1], "unknown"), (now, 5)),
    "ignored": lambda tx, now: ignored.page(tx, [1], now, now - 60 * DAY, (now, 5)),
    "waiting": lambda tx, _: pauses.waiting(tx),
    "waiting of a cohort": lambda tx, _: pauses.waiting(tx, cohort=1),
}


@pytest.mark.parametrize("name", LOOKS)
def test_no_list_goes_through_a_whole_table(name: str, database: Database, clock: StillClock) -> None:
    found = plans(database, lambda tx: LOOKS[name](tx, clock()))
    assert found
    for plan in found:
        assert scanned(plan, partial=PARTIAL) == set(), plan

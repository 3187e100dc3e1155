"""A damaged officer is put on hold, with an alert, and everybody else's plans, nudges and wake-ups go on, on both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.scheduler.nudging import plan_some, start_due
from app.scheduler.waking import wake_due
from app.store import alerts, contacts, damage, isolation, sealing
from app.store.database import Database
from app.store.sealing import SESSION_STATE
from app.store.tables import (
    ALERT,
    CONTACT,
    NUDGE,
    SESSION,
    Contact,
    FlowVersion,
    OutboundMessage,
    Session,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.scheduler.test_nudging import QUIET, Office
from tests.world import without_foreign_keys

NUMBERS = [f"+52555555010{digit}" for digit in range(5)]
BROKEN = 2
"""The place of the damaged officer among the five."""

ROWS: dict[str, dict[str, Any]] = {
    "a zone that does not exist": {"timezone": "Mars/Phobos"},
    "attributes that are not JSON": {"attributes": '{"sector": '},
    "attributes that are a list": {"attributes": "[1]"},
    "a shift that is not JSON": {"shift": "24x"},
    "a shift without hours": {"shift": '{"on": 0, "off": 0, "from": "2026-03-02T07:00"}'},
    "dates that are not JSON": {"dates": "{"},
    "dates without a date": {"dates": '{"workshop_date": "soon"}'},
}
PLANNED = [name for name in ROWS if not name.startswith("attributes")]
"""Plans do not depend on attributes."""


@pytest.fixture
def five(database: Database, vault: Vault, clock: StillClock) -> Any:
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        yield office, [office.enrol(number) for number in NUMBERS]


def spoil(office: Office, contact: int, values: dict[str, Any]) -> None:
    office.tx.execute(update(Contact).where(Contact.id == contact).values(**values))


def started(office: Office) -> set[int]:
    return set(office.tx.execute(select(NUDGE.c.contact_id).where(NUDGE.c.status == "started")).scalars())


def on_hold(office: Office) -> list[int]:
    """The officers on hold; each has one open alert and a description of the damage."""
    held = list(office.tx.execute(select(CONTACT.c.id).where(CONTACT.c.held_at.is_not(None))).scalars())
    assert {one.subject for one in alerts.open_alerts(office.tx)} == {f"contact:{contact}" for contact in held}
    assert list(damage.damaged(office.tx)) == held
    return held


@pytest.mark.parametrize("name", PLANNED)
def test_planning_goes_on_for_the_others(five: tuple[Office, list[int]], name: str) -> None:
    office, officers = five
    spoil(office, officers[BROKEN], ROWS[name])
    office.plan()
    planned = set(office.tx.execute(select(NUDGE.c.contact_id)).scalars())
    assert planned == {*officers} - {officers[BROKEN]}
    assert on_hold(office) == [officers[BROKEN]]
    assert office.plan() == 0


@pytest.mark.parametrize("name", [name for name in ROWS if not name.startswith("dates")])
def test_nudges_go_on_for_the_others(five: tuple[Office, list[int]], name: str) -> None:
    office, officers = five
    office.plan()
    spoil(office, officers[BROKEN], ROWS[name])
    office.go(4)
    while office.start():
        pass
    assert started(office) == {*officers} - {officers[BROKEN]}
    assert on_hold(office) == [officers[BROKEN]]


def test_a_newcomers_dates_do_not_stop_other_newcomers(five: tuple[Office, list[int]]) -> None:
    office, officers = five
    spoil(office, officers[BROKEN], ROWS["dates that are not JSON"])
    office.go(4)
    office.tick()
    assert started(office) == {*officers} - {officers[BROKEN]}


def _state(office: Office, contact: int) -> None:
    newer = sealing.seal(office.tx, SESSION_STATE, contact, '{"v": 99}')
    office.tx.execute(update(Session).where(Session.contact_id == contact).values(state=newer))


def _unreadable_version(office: Office, contact: int) -> None:
    row = {"programme": "prueba", "hash": "f" * 64, "source": "programme: [", "published_at": office.clock()}
    version = office.tx.execute(insert(FlowVersion).returning(FlowVersion.id), row).scalar_one()
    office.tx.execute(update(Session).where(Session.contact_id == contact).values(flow_version_id=version))


def _missing_version(office: Office, contact: int) -> None:
    without_foreign_keys(office.tx)
    office.tx.execute(update(Session).where(Session.contact_id == contact).values(flow_version_id=9_999))


def _attributes(office: Office, contact: int) -> None:
    spoil(office, contact, ROWS["attributes that are not JSON"])


def _zone(office: Office, contact: int) -> None:
    spoil(office, contact, ROWS["a zone that does not exist"])


def _shift(office: Office, contact: int) -> None:
    spoil(office, contact, ROWS["a shift that is not JSON"])


@pytest.mark.parametrize("break_", [_state, _unreadable_version, _missing_version, _attributes, _zone, _shift])
def test_wake_ups_go_on_for_the_others(five: tuple[Office, list[int]], break_: Any) -> None:
    office, officers = five
    office.tick()
    office.go(4)
    office.tick()
    assert started(office) == {*officers}
    break_(office, officers[BROKEN])
    office.clock.advance(hours=25)
    while wake_due(office.tx, office.library, office.clock()):
        pass
    reminded = select(OutboundMessage.contact_id).where(OutboundMessage.kind == "reminder")
    assert sorted(office.tx.execute(reminded).scalars()) == [one for one in officers if one != officers[BROKEN]]
    assert on_hold(office) == [officers[BROKEN]]
    if break_ is _missing_version:
        office.tx.execute(update(SESSION).values(flow_version_id=next(iter(office.library.current.values()))))


def test_the_alert_names_job_place_and_officer_and_rings_once(five: tuple[Office, list[int]]) -> None:
    office, officers = five
    spoil(office, officers[BROKEN], {"timezone": "Mars/Phobos"})
    for _ in range(3):
        office.tick()
    study_id = office.tx.execute(select(Contact.study_id).where(Contact.id == officers[BROKEN])).scalar_one()
    row = office.tx.execute(select(ALERT)).one()
    detail = json.loads(row.detail)
    assert (row.kind, row.times, detail["job"], detail["officer"]) == ("damaged", 1, "plan", study_id)
    assert detail["error"].startswith("ZoneInfoNotFoundError at scheduler/")
    assert "Mars" not in row.detail


def test_a_mended_officer_is_planned_again(five: tuple[Office, list[int]]) -> None:
    office, officers = five
    spoil(office, officers[BROKEN], {"timezone": "Mars/Phobos"})
    office.plan()
    spoil(office, officers[BROKEN], {"timezone": "America/Mexico_City"})
    assert damage.release(office.tx, officers[BROKEN], office.clock())
    assert not damage.release(office.tx, officers[BROKEN], office.clock())
    assert on_hold(office) == []
    assert office.plan() == 1


def test_a_person_s_own_hold_outlasts_the_damage(five: tuple[Office, list[int]]) -> None:
    office, officers = five
    spoil(office, officers[BROKEN], {"timezone": "Mars/Phobos", "held_at": office.clock()})
    office.plan()
    damage.release(office.tx, officers[BROKEN], office.clock())
    held = select(Contact.held_at).where(Contact.id == officers[BROKEN])
    assert office.tx.execute(held).scalar_one() is not None


def test_a_fault_that_everybody_causes_holds_nobody(database: Database, vault: Vault, clock: StillClock) -> None:
    def broken(_: Any) -> None:
        raise RuntimeError("a fault of the release")

    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        officers = [office.enrol(f"+5255555501{number}") for number in range(10, 30)]
        with pytest.raises(RuntimeError):
            isolation.run(tx, "nudge", officers, int, broken, clock())
        assert on_hold(office) == []


def test_many_damaged_officers_are_all_on_hold(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        officers = [office.enrol(f"+5255555501{number}") for number in range(10, 30)]
        tx.execute(update(Contact).values(timezone="Mars/Phobos"))
        office.plan()
        assert on_hold(office) == officers


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("found_before", [False, True])
def test_a_damaged_officer_can_leave(five: tuple[Office, list[int]], name: str, found_before: bool) -> None:
    office, officers = five
    office.tick()
    office.go(4)
    office.tick()
    spoil(office, officers[BROKEN], ROWS[name])
    _state(office, officers[BROKEN])
    if found_before:
        damage.hold(office.tx, officers[BROKEN], "wake", "ValueError", office.clock())
    office.say("BAJA", NUMBERS[BROKEN])
    row = office.tx.execute(select(Contact).where(Contact.id == officers[BROKEN])).one()
    assert (row.status, row.opted_out_at) == ("opted_out", office.clock())
    open_ = select(Session.id).where(Session.contact_id == officers[BROKEN], Session.ended_at.is_(None))
    assert office.tx.execute(open_).first() is None


def test_jobs_are_called_with_the_others_only(five: tuple[Office, list[int]]) -> None:
    """A batch of one hundred nudges of damaged officers would fill every batch, if they were found again."""
    office, officers = five
    office.plan()
    spoil(office, officers[BROKEN], {"attributes": "["})
    office.go(4)
    while start_due(office.tx, office.library, QUIET, office.clock(), limit=1):
        pass
    assert started(office) == {*officers} - {officers[BROKEN]}
    assert plan_some(office.tx, office.library, QUIET, office.clock()) == 0
    # All have waited for the same time, so their order is the database's.
    assert sorted(contacts.waking(office.tx, office.clock() + timedelta(days=9), 9)) == [
        one for one in officers if one != officers[BROKEN]
    ]

"""From the plan to sessions, on both databases: laid out once, begun once, skipped with a reason; two clocks, new versions of
the programme, officers who leave and come back."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from app.scheduler.nudging import nudging_jobs, plan_some, start_due
from app.services.inbound import receive
from app.services.library import Library
from app.services.sessions import wake_due
from app.settings import Settings
from app.store.database import Database
from app.store.standing import standings
from app.store.tables import Assignment, Cohort, Contact, Nudge, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, enrol, message, published

ALMA, BRUNO = "+525555550101", "+525555550102"
QUIET = Settings.model_fields["quiet_hours"].default
UP_TO_SLOTS = PROGRAMME[: PROGRAMME.index("    slots:")] + "    spread: 1m\n    slots:\n"
TWO_WEEKS = UP_TO_SLOTS + "      - {weeks: 1-2, per_week: 1, from: [reporte]}\n"


class Office:
    """A published programme and officers who follow its campaign, from the morning of the workshop on."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock, source: str = TWO_WEEKS) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        self.library: Library = published(tx, clock(), source)

    def enrol(self, number: str = ALMA, *, consented: bool = True, campaign: str = "seguimiento") -> int:
        contact = enrol(self.tx, self.vault, self.clock(), number, consented=consented)
        self.follow(contact, campaign)
        return contact

    def follow(self, contact: int, campaign: str) -> None:
        self.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": campaign, "at": self.clock()})

    def publish(self, source: str) -> None:
        self.library = published(self.tx, self.clock(), source)

    def plan(self) -> int:
        return plan_some(self.tx, self.library, QUIET, self.clock())

    def start(self) -> int:
        return start_due(self.tx, self.library, QUIET, self.clock())

    def tick(self) -> None:
        self.plan()
        while self.start():
            pass
        wake_due(self.tx, self.library, self.clock())

    def go(self, day: int, hour: int = 16, minute: int = 5) -> None:
        """Go to a moment of March 2026, UTC; 16 is ten in the morning in Mexico City."""
        self.clock.at = self.clock.at.replace(day=day, hour=hour, minute=minute)

    def say(self, body: str, number: str = ALMA) -> None:
        receive(self.tx, self.library, [message(self.vault, number, body)], self.clock())

    def nudges(self, contact: int | None = None) -> dict[str, tuple[Any, ...]]:
        found = select(Nudge.slot, Nudge.flow, Nudge.status, Nudge.reason).order_by(Nudge.planned_for)
        if contact is not None:
            found = found.where(Nudge.contact_id == contact)
        return {row[0]: tuple(row[1:]) for row in self.tx.execute(found)}

    def sessions(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.tx.execute(select(Session.flow, Session.wave).order_by(Session.id))]


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Iterator[Office]:
    with database.transaction() as tx:
        yield Office(tx, vault, clock)


def test_planning_twice_changes_nothing(office: Office) -> None:
    office.enrol()
    assert office.plan() == 1
    before = office.tx.execute(select(Nudge.__table__)).all()
    assert [row.slot for row in before] == ["w01.1", "w02.1"]
    assert office.plan() == 0
    office.tx.execute(update(Assignment).values(planned_version_id=None))
    assert office.plan() == 1
    again = office.tx.execute(select(Nudge.__table__)).all()
    assert [row[1:] for row in again] == [row[1:] for row in before]


def test_a_due_flow_begins_once(office: Office) -> None:
    office.enrol()
    office.tick()
    assert office.sessions() == []
    office.go(3)
    office.tick()
    office.tick()
    assert office.sessions() == [("reporte", None)]
    assert office.nudges()["w01.1"] == ("reporte", "started", None)
    session = office.tx.execute(select(Nudge.session_id).where(Nudge.slot == "w01.1")).scalar_one()
    assert session == office.tx.execute(select(Session.id)).scalar_one()


def test_consent_goes_first_and_everything_waits_for_it(office: Office) -> None:
    office.enrol(consented=False)
    office.tick()
    assert office.sessions() == [("permiso", None)]
    office.go(3, hour=19)
    office.tick()
    assert office.nudges()["w01.1"] == ("reporte", "planned", "no_consent")
    office.say("sí")
    office.go(3, hour=20)
    office.tick()
    assert office.sessions() == [("permiso", None), ("reporte", None)]


def test_without_consent_every_flow_is_skipped_with_that_reason(office: Office) -> None:
    office.enrol(consented=False)
    office.tick()
    office.say("no")
    for day in (3, 5, 10, 12):
        office.go(day, hour=15, minute=45)
        office.tick()
    assert {slot: what for slot, what in office.nudges().items() if slot != "consent"} == {
        "w01.1": ("reporte", "skipped", "no_consent"), "w02.1": ("reporte", "skipped", "no_consent"),
    }
    assert office.sessions() == [("permiso", None)]


def test_an_outage_makes_no_burst(office: Office) -> None:
    daily = UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 9}\n    spread:")
    office.publish(daily + "      - {weeks: 1-2, per_week: 7, from: [reporte]}\n")
    office.enrol()
    office.plan()
    office.go(12, hour=18)
    office.tick()
    assert len(office.sessions()) == 1
    assert office.nudges() == {
        **{f"w01.{place}": ("reporte", "skipped", "too_late") for place in range(1, 8)},
        "w02.1": ("reporte", "skipped", "too_late"),
        "w02.2": ("reporte", "started", None),
        "w02.3": ("reporte", "planned", "session_open"),
        **{f"w02.{place}": ("reporte", "planned", None) for place in (4, 5, 6, 7)},
    }


def test_who_leaves_is_skipped_and_who_comes_back_goes_on(office: Office) -> None:
    contact = office.enrol()
    office.plan()
    office.say("BAJA")
    office.go(3)
    office.tick()
    assert office.nudges(contact) == {"w01.1": ("reporte", "skipped", "opted_out"), "w02.1": ("reporte", "planned", None)}
    office.go(6)
    office.say("ALTA")
    office.go(10)
    office.tick()
    assert office.nudges(contact)["w02.1"] == ("reporte", "started", None)


def test_a_new_version_replaces_what_is_ahead_and_nothing_else(office: Office) -> None:
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.say("no")
    office.publish(UP_TO_SLOTS + "      - {weeks: 1-3, per_week: 2, from: [permiso, reporte]}\n")
    office.go(9)
    assert office.plan() == 1
    assert office.nudges() == {
        "w01.1": ("reporte", "started", None),      # permiso now, but it has begun
        "w01.2": ("reporte", "skipped", "too_late"),
        "w02.1": ("permiso", "planned", None), "w02.2": ("reporte", "planned", None),
        "w03.1": ("permiso", "planned", None), "w03.2": ("reporte", "planned", None),
    }


def test_what_had_its_moment_stays_skipped_and_what_had_no_room_gets_it(office: Office) -> None:
    office.enrol(consented=False)
    office.publish(UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 1, per: 7d}\n    spread:") + "      - {weeks: 1-3, per_week: 2, from: [reporte]}\n")
    office.tick()
    office.say("no")
    for day in (9, 10, 11):
        office.go(day, hour=15, minute=45)
        office.tick()
    before = office.nudges()
    assert (before["w01.2"][1:], before["w02.1"][1:], before["w02.2"][1:]) == (("skipped", "cap"), ("planned", "no_consent"), ("skipped", "cap"))
    office.publish(UP_TO_SLOTS + "      - {weeks: 1-3, per_week: 2, from: [permiso]}\n")
    office.plan()
    after = office.nudges()
    assert after["w01.2"] == before["w01.2"]
    assert {after[slot] for slot in ("w02.1", "w02.2", "w03.1", "w03.2")} == {("permiso", "planned", None)}


def test_until_it_is_laid_out_anew_a_nudge_of_an_old_version_waits(office: Office) -> None:
    office.enrol()
    office.plan()
    office.publish(TWO_WEEKS + "# a comment makes another version\n")
    office.go(3)
    office.start()
    assert office.nudges()["w01.1"][1:] == ("planned", "campaign_changed")
    office.tick()
    assert office.nudges()["w01.1"][1:] == ("started", None)


def test_a_campaign_that_is_withdrawn_is_skipped(office: Office) -> None:
    office.enrol()
    office.plan()
    office.publish(TWO_WEEKS.replace("  seguimiento:", "  otra:"))
    office.go(3)
    office.tick()
    assert office.nudges()["w01.1"] == ("reporte", "skipped", "campaign_withdrawn")


def test_one_campaign_laid_out_anew_leaves_the_officers_other_one_alone(office: Office) -> None:
    body = TWO_WEEKS[TWO_WEEKS.index("  seguimiento:\n") :]
    office.publish(TWO_WEEKS + body.replace("  seguimiento:", "  otra:"))
    contact = office.enrol()
    other = office.enrol(BRUNO)
    office.follow(contact, "otra")
    assert office.plan() == 3
    stale = [Assignment.contact_id == contact, Assignment.campaign == "otra"], [Assignment.contact_id == other]
    for conditions in stale:
        office.tx.execute(update(Assignment).where(*conditions).values(planned_version_id=None))
    assert office.plan() == 2
    found = office.tx.execute(select(Nudge.contact_id, Nudge.campaign)).all()
    assert sorted(map(tuple, found)) == sorted(
        [(contact, "seguimiento")] * 2 + [(contact, "otra")] * 2 + [(other, "seguimiento")] * 2
    )


def test_measurement_that_is_due_holds_back_the_rest_and_names_its_wave(office: Office) -> None:
    office.publish(TWO_WEEKS + "    waves:\n      linea: {suffix: bl, day: 0, closes: 5d, flows: [reporte, permiso]}\n")
    contact = office.enrol()
    office.tick()
    assert office.sessions() == [("reporte", "bl")]
    found = standings(office.tx, [contact], office.clock(), office.clock() - timedelta(days=1))
    assert (found[contact].measuring, found[contact].session_open) == (False, True)
    office.go(3, hour=17)
    held = standings(office.tx, [contact], office.clock(), office.clock() - timedelta(days=2))[contact]
    assert held.measuring
    assert office.nudges()["linea.2"] == ("permiso", "planned", None)


def test_ignored_are_the_latest_that_expired_without_an_answer_whatever_could_not_be_answered(office: Office) -> None:
    contact = office.enrol()
    now = office.clock()
    for day, outcome in enumerate(["expired", "completed", "expired", "stopped", "expired"]):
        office.tx.execute(
            insert(Session),
            {"contact_id": contact, "flow_version_id": office.library.current["prueba"], "flow": "reporte",
             "channel": "sms", "started_at": now + timedelta(days=day), "ended_at": now + timedelta(days=day, hours=1),
             "outcome": outcome},
        )
    later = now + timedelta(days=9)
    assert standings(office.tx, [contact], later, now)[contact].ignored == 3
    assert len(standings(office.tx, [contact], later, now + timedelta(days=2))[contact].begun) == 3


def test_an_answer_ends_the_silence(office: Office) -> None:
    contact = office.enrol()
    silent = {"contact_id": contact, "flow_version_id": office.library.current["prueba"], "flow": "reporte", "channel": "sms",
              "started_at": office.clock(), "ended_at": office.clock(), "outcome": "expired"}
    office.tx.execute(insert(Session), [silent, silent])
    assert standings(office.tx, [contact], office.clock(), office.clock())[contact].ignored == 2
    office.go(3)
    office.tick()
    office.say("no")
    office.go(10)
    office.tick()
    office.go(13)
    office.tick()
    found = standings(office.tx, [contact], office.clock(), office.clock() - timedelta(days=30))[contact]
    assert (found.ignored, found.session_open) == (1, False)


def test_officers_who_are_paused_alone_or_with_their_cohort(office: Office) -> None:
    alma, bruno = office.enrol(ALMA), office.enrol(BRUNO)
    office.plan()
    office.go(3)
    office.say("PAUSA 3 días", BRUNO)
    office.tx.execute(update(Cohort).values(paused_at=office.clock()))
    office.tick()
    assert {office.nudges(one)["w01.1"] for one in (alma, bruno)} == {("reporte", "planned", "cohort_paused")}
    office.tx.execute(update(Cohort).values(paused_at=None))
    office.go(3, hour=17)
    office.tick()
    assert office.nudges(alma)["w01.1"] == ("reporte", "started", None)
    assert office.nudges(bruno)["w01.1"] == ("reporte", "planned", "paused")


def test_enrolment_counts_from_when_the_campaign_was_given(office: Office) -> None:
    contact = enrol(office.tx, office.vault, office.clock(), ALMA)
    office.go(7)
    office.follow(contact, "seguimiento")
    office.plan()
    assert office.nudges() == {"w01.1": ("reporte", "skipped", "enrolled_late"), "w02.1": ("reporte", "planned", None)}


def test_the_officers_own_date_goes_before_the_cohorts(office: Office) -> None:
    contact = office.enrol()
    office.tx.execute(update(Contact).where(Contact.id == contact).values(dates='{"workshop_date": "2026-03-09"}'))
    office.plan()
    moments = office.tx.execute(select(Nudge.planned_for).order_by(Nudge.planned_for)).scalars()
    assert [moment.date() for moment in moments] == [date(2026, 3, 10), date(2026, 3, 17)]


def test_the_clocks_jobs(office: Office) -> None:
    office.enrol()
    lay_out, start = nudging_jobs(office.library, QUIET)
    assert (lay_out.piece(office.tx, office.clock()), lay_out.piece(office.tx, office.clock())) == (1, 0)
    office.go(3)
    assert (start.piece(office.tx, office.clock()), start.piece(office.tx, office.clock())) == (1, 0)


def test_two_clocks_at_once_begin_nothing_twice(database: Database, vault: Vault, clock: StillClock) -> None:
    """On PostgreSQL the second leaves the locked nudge alone; on SQLite it would wait for the first's end."""
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        office.enrol()
        office.plan()
        office.go(3)
    with database.transaction() as first:
        assert start_due(first, office.library, QUIET, clock()) == 1
        if not database.is_sqlite:
            with database.transaction() as second:
                assert start_due(second, office.library, QUIET, clock()) == 0
    with database.transaction() as third:
        assert start_due(third, office.library, QUIET, clock()) == 0
        assert third.execute(select(Session.flow)).scalars().all() == ["reporte"]

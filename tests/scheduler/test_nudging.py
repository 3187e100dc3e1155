"""From the plan to sessions, on both databases: laid out once, begun once, skipped with a reason; two clocks, new versions of
the programme, officers who leave and come back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.scheduler.nudging import nudging_jobs, plan_some, start_due
from app.scheduler.waking import wake_due
from app.settings import Settings
from app.store import nudges
from app.store.database import Database
from app.store.officer_status import statuses
from app.store.tables import (
    NUDGE,
    Assignment,
    Cohort,
    Contact,
    Draw,
    InboundMessage,
    Nudge,
    OutboundMessage,
    Response,
    Session,
    ShiftChange,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, published

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
        arrive(self.tx)
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
    before = office.tx.execute(select(NUDGE)).all()
    assert [row.slot for row in before] == ["w01.1", "w02.1"]
    assert office.plan() == 0
    office.tx.execute(update(Assignment).values(planned_version_id=None))
    assert office.plan() == 1
    again = office.tx.execute(select(NUDGE)).all()
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
        "w01.1": ("reporte", "skipped", "no_consent"),
        "w02.1": ("reporte", "skipped", "no_consent"),
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
    assert office.nudges(contact) == {
        "w01.1": ("reporte", "skipped", "opted_out"),
        "w02.1": ("reporte", "planned", None),
    }
    office.go(6)
    office.say("ALTA")
    office.say("sí")
    office.go(10)
    office.tick()
    assert office.nudges(contact)["w02.1"] == ("reporte", "started", None)


def test_who_declines_after_alta_is_not_asked_by_the_plan(office: Office) -> None:
    contact = office.enrol(consented=False)
    office.plan()
    office.say("ALTA")
    office.say("no")
    office.tick()
    assert office.nudges(contact)["consent"] == ("permiso", "skipped", "declined")
    nudges.lay_out_anew(office.tx, [contact])
    office.tick()
    assert office.sessions() == [("permiso", None)]


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
        "w01.1": ("reporte", "started", None),  # permiso now, but it has begun
        "w01.2": ("reporte", "skipped", "too_late"),
        "w02.1": ("permiso", "planned", None),
        "w02.2": ("reporte", "planned", None),
        "w03.1": ("permiso", "planned", None),
        "w03.2": ("reporte", "planned", None),
    }


def test_what_had_its_moment_stays_skipped_and_what_had_no_room_gets_it(office: Office) -> None:
    office.enrol(consented=False)
    office.publish(
        UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 1, per: 7d}\n    spread:")
        + "      - {weeks: 1-3, per_week: 2, from: [reporte]}\n"
    )
    office.tick()
    office.say("no")
    for day in (9, 10, 11):
        office.go(day, hour=15, minute=45)
        office.tick()
    before = office.nudges()
    assert (before["w01.2"][1:], before["w02.1"][1:], before["w02.2"][1:]) == (
        ("skipped", "cap"),
        ("planned", "no_consent"),
        ("skipped", "cap"),
    )
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
    found = statuses(office.tx, [contact], office.clock(), office.clock() - timedelta(days=1))
    assert (found[contact].measuring, found[contact].session_open) == (False, True)
    office.go(3, hour=17)
    held = statuses(office.tx, [contact], office.clock(), office.clock() - timedelta(days=2))[contact]
    assert held.measuring
    assert office.nudges()["linea.2"] == ("permiso", "planned", None)


def test_a_wave_that_closes_ends_its_conversation_and_reminds_nobody_later(office: Office) -> None:
    bare = UP_TO_SLOTS.replace("    slots:\n", "").replace("after: 24h", "after: 30h")
    office.publish(bare + "    waves:\n      linea: {suffix: bl, day: 1, closes: 1d, flows: [reporte]}\n")
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    assert office.sessions() == [("reporte", "bl")]
    office.say("sí")
    office.go(4, hour=16)
    office.tick()
    assert office.tx.execute(select(Session.outcome, Session.wake_at)).one() == ("expired", None)
    office.go(5, hour=23)
    office.tick()
    kinds = office.tx.execute(select(OutboundMessage.kind)).scalars().all()
    assert "reminder" not in kinds


def test_ignored_are_the_latest_that_expired_without_an_answer_whatever_could_not_be_answered(office: Office) -> None:
    contact = office.enrol()
    now = office.clock()
    for day, outcome in enumerate(["expired", "completed", "expired", "stopped", "expired"]):
        office.tx.execute(
            insert(Session),
            {
                "contact_id": contact,
                "flow_version_id": office.library.current["prueba"],
                "flow": "reporte",
                "channel": "sms",
                "started_at": now + timedelta(days=day),
                "ended_at": now + timedelta(days=day, hours=1),
                "outcome": outcome,
            },
        )
    later = now + timedelta(days=9)
    assert statuses(office.tx, [contact], later, now)[contact].ignored == 3
    assert len(statuses(office.tx, [contact], later, now + timedelta(days=2))[contact].begun) == 3


def test_an_answer_ends_the_silence(office: Office) -> None:
    contact = office.enrol()
    silent = {
        "contact_id": contact,
        "flow_version_id": office.library.current["prueba"],
        "flow": "reporte",
        "channel": "sms",
        "started_at": office.clock(),
        "ended_at": office.clock(),
        "outcome": "expired",
    }
    office.tx.execute(insert(Session), [silent, silent])
    assert statuses(office.tx, [contact], office.clock(), office.clock())[contact].ignored == 2
    office.go(3)
    office.tick()
    office.say("no")
    office.go(10)
    office.tick()
    office.go(13)
    office.tick()
    found = statuses(office.tx, [contact], office.clock(), office.clock() - timedelta(days=30))[contact]
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
    assert (lay_out.step(office.tx, office.clock()), lay_out.step(office.tx, office.clock())) == (1, 0)
    office.go(3)
    assert (start.step(office.tx, office.clock()), start.step(office.tx, office.clock())) == (1, 0)


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


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_locked_officer_holds_up_no_other(database: Database, vault: Vault, clock: StillClock) -> None:
    """Planning, beginning and waking leave a locked officer for the next tick."""
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        alma, bruno = office.enrol(), office.enrol(BRUNO)

    def both(step: Callable[[Connection], int]) -> tuple[int, int]:
        with database.transaction() as other, database.transaction() as tx:
            tx.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            other.execute(select(Contact.id).where(Contact.id == alma).with_for_update())
            meanwhile = step(tx)
        with database.transaction() as tx:
            return meanwhile, step(tx)

    assert both(lambda tx: plan_some(tx, office.library, QUIET, clock())) == (1, 1)
    office.go(3)
    assert both(lambda tx: start_due(tx, office.library, QUIET, clock())) == (1, 1)
    clock.advance(hours=49)
    assert both(lambda tx: wake_due(tx, office.library, clock())) == (1, 1)
    with database.transaction() as tx:
        assert sorted(tx.execute(select(Session.contact_id)).scalars()) == [alma, bruno]


# -- turns, leave, what replaces and what follows ---------------------------------------------------------------------

DAILY = (
    UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 9}\n    gap: 1h\n    spread:")
    + "      - {weeks: 1-2, per_week: 7, from: [reporte]}\n"
)


def _change(office: Office, contact: int, kind: str, starts: date, ends: date) -> None:
    moments = [datetime.combine(day, time(6), UTC) for day in (starts, ends)]
    office.tx.execute(
        insert(ShiftChange),
        {
            "contact_id": contact,
            "kind": kind,
            "starts_at": moments[0],
            "ends_at": moments[1],
            "created_at": office.clock(),
        },
    )
    nudges.lay_out_anew(office.tx, [contact])


def _moments(office: Office, contact: int) -> dict[str, str]:
    rows = office.tx.execute(
        select(Nudge.slot, Nudge.status, Nudge.reason, Nudge.due_at)
        .where(Nudge.contact_id == contact)
        .order_by(Nudge.planned_for, Nudge.slot)
    )
    return {slot: reason or f"{status} {due:%d %H}" for slot, status, reason, due in rows}


def test_a_shift_that_an_officer_tells_moves_what_is_ahead_and_nothing_else(office: Office) -> None:
    office.publish(DAILY)
    alma, bruno = office.enrol(ALMA), office.enrol(BRUNO)
    office.tick()
    office.go(3)
    office.tick()
    before = _moments(office, bruno)
    assert (before["w01.1"], before["w01.3"]) == ("started 03 16", "planned 05 16")
    office.say("no", BRUNO)
    office.say("TURNO 24x48 hoy 7", BRUNO)  # on duty on the 3rd, 6th, 9th; asleep from 10 to 17 on the 4th, 7th, 10th
    office.tick()
    after = _moments(office, bruno)
    assert {slot: after[slot] for slot in ("w01.1", "w01.2", "w01.3", "w01.4", "w01.5")} == {
        "w01.1": "started 03 16",
        "w01.2": "planned 05 00",
        "w01.3": "planned 05 16",
        "w01.4": "planned 07 23",
        "w01.5": "planned 08 00",
    }
    assert len(_moments(office, alma)) == len(after) == 14
    assert _moments(office, alma)["w01.2"] == "planned 04 16"
    for day in range(4, 18):
        for hour in (16, 23):
            office.go(day, hour=hour)
            office.tick()
            office.say("no", BRUNO)
    begun = (
        office.tx.execute(select(Nudge.slot).where(Nudge.contact_id == bruno, Nudge.status == "started"))
        .scalars()
        .all()
    )
    assert (
        len(begun)
        == len(set(begun))
        == office.tx.execute(select(func.count()).select_from(Session).where(Session.contact_id == bruno)).scalar_one()
    )
    told = [status for status in _moments(office, bruno).values() if status.startswith("planned")]
    assert told == [], "every nudge has begun or was skipped with a reason"


def test_who_is_on_leave_gets_nothing_even_before_it_is_laid_out_anew(office: Office) -> None:
    office.publish(DAILY)
    contact = office.enrol()
    office.plan()
    _change(office, contact, "leave", date(2026, 3, 3), date(2026, 3, 6))
    office.go(3)
    office.start()
    assert office.nudges()["w01.1"] == ("reporte", "skipped", "leave"), "it would have been over before the leave is"
    for day in (3, 4, 5):
        office.go(day)
        office.tick()
    assert office.sessions() == []
    office.go(6)
    office.tick()
    assert len(office.sessions()) == 1
    found = _moments(office, contact)
    assert (found["w01.2"], found["w01.3"]) == ("leave", "started 06 16"), (
        "of the second the 48 hours end at ten that day"
    )


@pytest.mark.parametrize(("after", "hour"), [("24h", 16), ("13h", 5)])
def test_nobody_is_reminded_on_leave_nor_in_the_night_before(office: Office, after: str, hour: int) -> None:
    """Of the night, a reminder would go out in the morning."""
    office.publish(TWO_WEEKS.replace("after: 24h", f"after: {after}"))
    contact = office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    start = datetime(2026, 3, 4, 6, tzinfo=UTC)  # midnight in Mexico City
    leave = {
        "contact_id": contact,
        "kind": "leave",
        "starts_at": start,
        "ends_at": start + timedelta(hours=12),
        "created_at": start,
    }
    office.tx.execute(insert(ShiftChange), leave)
    reminders = select(func.count()).select_from(OutboundMessage).where(OutboundMessage.kind == "reminder")
    office.go(4, hour=hour, minute=6)
    office.tick()
    assert office.tx.execute(reminders).scalar_one() == 0
    office.go(4, hour=18, minute=10)
    office.tick()
    assert office.tx.execute(reminders).scalar_one() == 1
    office.go(5, hour=16, minute=10)
    office.tick()
    assert office.tx.execute(select(Session.outcome)).scalar_one() == "expired"


def test_a_reminder_waits_for_the_end_of_a_turn_of_the_sleep_after_it_and_for_the_window(office: Office) -> None:
    """24x24 from seven in the morning of the 4th on: on duty until seven of the 5th, asleep from ten to five in the afternoon."""
    office.publish(TWO_WEEKS.replace("expires: 48h", "expires: 96h"))
    contact = office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.tx.execute(
        update(Contact).where(Contact.id == contact).values(shift='{"on": 24, "off": 24, "from": "2026-03-04T07:00"}')
    )
    found = []
    for day in (4, 5):
        for hour in range(13, 24):  # 07 to 17 in Mexico City
            office.go(day, hour=hour, minute=6)
            office.tick()
            reminded = office.tx.execute(
                select(func.count()).select_from(OutboundMessage).where(OutboundMessage.kind == "reminder")
            ).scalar_one()
            found.append((day, hour)) if reminded else None
    assert found == [(5, 23)]


def test_a_reminder_does_not_miss_the_half_hour_between_a_turn_and_the_end_of_the_window(office: Office) -> None:
    """12x12 from half past six in the morning on: on duty until half past six in the evening, and the window is open until seven."""
    contact = office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.tx.execute(
        update(Contact).where(Contact.id == contact).values(shift='{"on": 12, "off": 12, "from": "2026-03-03T06:30"}')
    )
    office.go(4)
    while (at := office.clock()) < datetime(2026, 3, 5, 1, 30, tzinfo=UTC):
        office.tick()
        office.clock.advance(minutes=5)
        if office.tx.execute(
            select(func.count()).select_from(OutboundMessage).where(OutboundMessage.kind == "reminder")
        ).scalar_one():
            break
    assert at == datetime(2026, 3, 5, 0, 30, tzinfo=UTC)


def test_a_wave_closes_on_time_although_a_reminder_waits_for_the_window(office: Office) -> None:
    """The reminder is due at 9:35, the window opens at ten, and that is when the wave closes."""
    bare = UP_TO_SLOTS.replace("    slots:\n", "").replace("after: 24h", "after: 1410m")
    office.publish(bare + "    waves:\n      linea: {suffix: bl, day: 1, closes: 1d, flows: [reporte]}\n")
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.go(4, hour=15, minute=36)
    office.tick()
    office.go(4, hour=16, minute=1)
    office.tick()
    assert office.tx.execute(select(Session.outcome)).scalar_one() == "expired"
    office.say("sí")
    assert office.tx.execute(select(func.count()).select_from(Response)).scalar_one() == 0


@pytest.mark.parametrize(("minute", "kept"), [(59, ["contact_any"]), (60, [])])
def test_what_is_written_after_a_wave_has_closed_is_not_of_it_though_the_clock_stood_still(
    office: Office, minute: int, kept: list[str]
) -> None:
    bare = UP_TO_SLOTS.replace("    slots:\n", "")
    office.publish(bare + "    waves:\n      linea: {suffix: bl, day: 1, closes: 1d, flows: [reporte]}\n")
    office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.go(4, hour=15, minute=0)
    office.clock.advance(minutes=minute)
    office.say("sí")
    assert office.tx.execute(select(Response.variable)).scalars().all() == kept
    message, session = office.tx.execute(select(InboundMessage.outcome, InboundMessage.session_id)).one()
    assert (message, session is not None) == (("answer", True) if kept else ("nothing_open", False))
    assert office.tx.execute(select(Session.outcome)).scalar_one() == (None if kept else "expired")


def test_an_open_conversation_is_replaced_without_a_word(office: Office) -> None:
    office.publish(DAILY.replace("    spread:", "    open_session: replace\n    spread:"))
    office.enrol()
    for day in (2, 3, 4):
        office.go(day)
        office.tick()
    outcomes = office.tx.execute(select(Session.outcome).order_by(Session.id)).scalars().all()
    assert outcomes == ["stopped", None]
    bodies = office.tx.execute(select(OutboundMessage.kind).order_by(OutboundMessage.id)).scalars().all()
    assert "notice" not in bodies


def test_a_measurement_is_not_replaced(office: Office) -> None:
    waves = "    waves:\n      linea: {suffix: bl, day: 0, closes: 5d, flows: [reporte]}\n"
    office.publish(DAILY.replace("    spread:", "    open_session: replace\n    spread:") + waves)
    office.enrol()
    office.tick()
    office.go(3, hour=17)
    office.tick()
    assert office.sessions() == [("reporte", "bl")]
    assert office.nudges()["w01.1"] == ("reporte", "planned", "session_open")


def test_a_cap_may_look_back_as_far_as_it_likes_and_counts_what_other_campaigns_began(office: Office) -> None:
    one = (
        UP_TO_SLOTS.replace("    spread:", "    cap: {flows: 1, per: 12w}\n    spread:")
        + "      - {days: [1], from: [reporte]}\n"
    )
    body = one[one.index("  seguimiento:\n") :].replace("  seguimiento:", "  otra:").replace("days: [1]", "days: [80]")
    office.publish(one + body)
    contact = office.enrol()
    office.tick()
    office.go(3)
    office.tick()
    office.say("no")
    office.follow(contact, "otra")
    office.clock.at = office.clock.at.replace(month=5, day=21)
    office.tick()
    assert office.nudges()["w12.1"] == ("reporte", "skipped", "cap")


def test_what_follows_something_outlives_a_new_layout_and_is_decided_like_the_rest(office: Office) -> None:
    source = TWO_WEEKS + "    followups:\n      repaso: {when: {flow: permiso}, after: 1d, from: [permiso]}\n"
    office.publish(source)
    contact = office.enrol()
    office.plan()
    office.tx.execute(
        insert(Nudge),
        {
            "contact_id": contact,
            "campaign_version_id": office.library.campaigns[office.library.current["prueba"]]["seguimiento"],
            "campaign": "seguimiento",
            "origin": "followup",
            "slot": "repaso.1",
            "rule": "followups.repaso",
            "flow": "permiso",
            "planned_for": office.clock() + timedelta(days=2),
            "due_at": office.clock() + timedelta(days=2),
            "closes_at": office.clock() + timedelta(days=4),
            "status": "planned",
            "created_at": office.clock(),
        },
    )
    office.publish(source + "# another version\n")
    office.plan()
    assert office.nudges()["repaso.1"] == ("permiso", "planned", None)
    office.go(3)
    office.tick()
    office.say("no")
    office.go(4)
    office.tick()
    assert office.nudges()["repaso.1"] == ("permiso", "started", None)


def test_what_was_drawn_is_not_laid_out_anew(office: Office) -> None:
    office.enrol()
    office.plan()
    nudge = office.tx.execute(select(Nudge.id).where(Nudge.slot == "w01.1")).scalar_one()
    drawn = {"nudge_id": nudge, "choice": "a", "probability": 0.5, "eligible": "{}", "seed": 1, "at": office.clock()}
    office.tx.execute(insert(Draw), drawn)
    office.tx.execute(update(Assignment).values(planned_version_id=None))
    assert office.plan() == 1
    assert office.tx.execute(select(Nudge.id).where(Nudge.slot == "w01.1")).scalar_one() == nudge


def test_a_later_workshop_brings_back_what_was_missed(office: Office) -> None:
    contact = enrol(office.tx, office.vault, office.clock(), ALMA)
    office.go(7)
    office.follow(contact, "seguimiento")
    office.plan()
    assert office.nudges()["w01.1"] == ("reporte", "skipped", "enrolled_late")
    office.tx.execute(update(Contact).values(dates='{"workshop_date": "2026-03-09"}'))
    nudges.lay_out_anew(office.tx, [contact])
    office.plan()
    assert office.nudges()["w01.1"] == ("reporte", "planned", None)


def test_a_workshop_that_is_put_off_brings_back_what_was_skipped_and_not_what_has_begun(office: Office) -> None:
    contact = office.enrol(consented=False)
    office.plan()
    office.tick()
    office.go(5)
    office.tick()
    assert office.nudges()["w01.1"] == ("reporte", "skipped", "too_late")
    office.tx.execute(update(Contact).values(dates='{"workshop_date": "2026-03-16"}'))
    nudges.lay_out_anew(office.tx, [contact])
    office.plan()
    assert office.nudges()["w01.1"] == ("reporte", "planned", None)
    assert office.nudges()["consent"] == ("permiso", "started", None)
    assert _moments(office, contact)["w01.1"] == "planned 17 16"


def test_an_officer_who_moves_is_written_to_by_the_clock_there(office: Office) -> None:
    contact = office.enrol()
    office.plan()
    office.tx.execute(update(Contact).values(timezone="America/Tijuana"))
    nudges.lay_out_anew(office.tx, [contact])
    office.plan()
    assert _moments(office, contact) == {"w01.1": "planned 03 18", "w02.1": "planned 10 17"}


def test_the_rule_of_a_nudge_is_kept(office: Office) -> None:
    office.publish(TWO_WEEKS + "    waves:\n      linea: {suffix: bl, day: 0, closes: 5d, flows: [reporte]}\n")
    office.enrol(consented=False)
    office.plan()
    rules = office.tx.execute(select(Nudge.slot, Nudge.rule, Nudge.origin)).all()
    assert {tuple(row) for row in rules} == {
        ("consent", "consent", "plan"),
        ("linea.1", "waves.linea", "plan"),
        ("w01.1", "slots.0", "plan"),
        ("w02.1", "slots.0", "plan"),
    }


def test_officers_are_laid_out_in_pieces_each_once_alike_or_not(office: Office) -> None:
    numbers = [f"+5255555502{number:02d}" for number in range(12)]
    ids = [office.enrol(number) for number in numbers]
    office.tx.execute(
        update(Contact)
        .where(Contact.id.in_(ids[::3]))
        .values(shift='{"on": 24, "off": 48, "from": "2026-03-03T07:00"}')
    )
    pieces = []
    while done := plan_some(
        office.tx, office.library, QUIET, office.clock(), limit=15
    ):  # three occasions an officer, at most
        pieces.append(done)
    assert pieces == [5, 5, 2]
    found = office.tx.execute(select(Nudge.contact_id, Nudge.slot)).all()
    assert len(found) == len(set(map(tuple, found))) == 2 * len(ids)
    for contact in ids:
        duty = Nudge.contact_id == contact
        first = office.tx.execute(select(Nudge.due_at).where(duty, Nudge.slot == "w01.1")).scalar_one()
        assert first.day == (4 if contact in ids[::3] else 3)


def test_three_days_of_outage_leave_a_reason_for_each_and_no_burst(office: Office) -> None:
    office.publish(DAILY)
    contact = office.enrol()
    office.plan()
    office.go(3)
    office.tick()
    office.say("no")
    office.go(7)  # nothing ran since the 3rd
    office.tick()
    found = _moments(office, contact)
    assert [found[f"w01.{place}"] for place in range(1, 6)] == [
        "started 03 16",
        "too_late",
        "too_late",
        "started 06 16",
        "session_open",
    ]
    assert len(office.sessions()) == 2


def test_two_clocks_that_plan_at_once_lay_out_everything_once(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        office = Office(tx, vault, clock)
        for number in range(20):
            office.enrol(f"+5255555503{number:02d}")

    def plan_all(_: int) -> None:
        done = 1
        while done:
            with database.transaction() as tx:
                done = plan_some(tx, office.library, QUIET, clock(), limit=12)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(plan_all, range(2)))
    with database.transaction() as tx:
        found = [tuple(row) for row in tx.execute(select(Nudge.contact_id, Nudge.slot))]
        assert len(found) == len(set(found)) == 40
        assert (
            tx.execute(
                select(func.count()).select_from(Assignment).where(Assignment.planned_version_id.is_(None))
            ).scalar_one()
            == 0
        )


NEXT_NOTICE = TWO_WEEKS.replace("consent: aviso_1", "consent: aviso_2").replace(
    "¿Acepta participar?", "¿Acepta el aviso?"
)


def _agreed(office: Office, version: str | None) -> int:
    contact = office.enrol()
    office.tx.execute(update(Contact).where(Contact.id == contact).values(consented_to=version))
    return contact


def _first_week(office: Office) -> None:
    """The first flow begins, and is answered."""
    office.plan()
    office.go(3)
    office.tick()
    office.say("no")
    office.go(4)


def test_who_agreed_to_an_earlier_notice_is_asked_again_before_the_next_flow(office: Office) -> None:
    _agreed(office, "aviso_1")
    _first_week(office)
    office.publish(NEXT_NOTICE)
    office.tick()
    assert office.sessions() == [("reporte", None), ("permiso", None)]
    assert office.nudges()["consent@aviso_2"] == ("permiso", "started", None)
    office.say("sí")
    assert office.tx.execute(select(Contact.consented_to)).scalars().all() == ["aviso_2"]
    office.go(10, hour=20)
    office.tick()
    assert office.sessions()[-1] == ("reporte", None)
    assert len(office.sessions()) == 3


@pytest.mark.parametrize("answer", ["no", None])
def test_who_does_not_agree_to_the_new_notice_gets_nothing_more_and_is_asked_once(
    office: Office, answer: str | None
) -> None:
    _agreed(office, "aviso_1")
    _first_week(office)
    office.publish(NEXT_NOTICE)
    office.tick()
    if answer is not None:
        office.say(answer)
    for day, hour in [(day, hour) for day in (9, 10, 11, 12) for hour in range(14, 24)]:
        office.go(day, hour)
        office.tick()
    reason = "no_consent" if answer else "notice_changed"
    assert office.nudges()["w02.1"] == ("reporte", "skipped", reason)
    assert [flow for flow, _ in office.sessions()].count("permiso") == 1


@pytest.mark.parametrize("version", [None, "aviso_1"])
def test_nobody_is_asked_again_for_the_same_notice(office: Office, version: str | None) -> None:
    """Nor is anybody whose version is not known."""
    _agreed(office, version)
    _first_week(office)
    office.publish(TWO_WEEKS.replace("text: Gracias.", "text: Muchas gracias."))
    office.tick()
    office.go(10, hour=20)
    office.tick()
    assert set(office.nudges()) == {"w01.1", "w02.1"}
    assert office.sessions()[-1] == ("reporte", None)


def test_a_notice_is_asked_for_even_of_who_ignored_the_rest(office: Office) -> None:
    contact = _agreed(office, "aviso_1")
    office.publish(NEXT_NOTICE.replace("    spread:", "    pause_after: 1\n    spread:"))
    office.plan()
    ended = {"ended_at": office.clock() - timedelta(days=1), "outcome": "expired"}
    version = office.library.current["prueba"]
    row = {"contact_id": contact, "flow_version_id": version, "flow": "reporte", "channel": "sms", **ended}
    office.tx.execute(insert(Session), {**row, "started_at": office.clock() - timedelta(days=3)})
    office.go(3)
    office.tick()
    assert office.nudges()["consent@aviso_2"][1] == "started"

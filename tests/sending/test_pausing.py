"""Stopping and going on, on both databases: what is stopped waits, nothing planned is lost, there is no burst afterwards, and
what makes no sense any more is dropped with its reason."""

import json
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from app.cli.main import app
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.errors import UsageError
from app.scheduler.nudging import plan_some, start_due
from app.scheduler.waking import wake_due
from app.sending import pausing
from app.sending.pausing import Change, Target
from app.store import alerts
from app.store.database import Database
from app.store.tables import Assignment, AuditEntry, Contact, Nudge, OutboundMessage, Session
from tests.sending.wire import ALMA, BRUNO, Run, Wire
from tests.world import PROGRAMME, arrive, message, published

QUIET = (time(21), time(9))
SERVICE = Target("service")
SOURCE = PROGRAMME[: PROGRAMME.index("    slots:")] + (
    "    spread: 1m\n    late: 48h\n    slots:\n      - {weeks: 1-3, per_week: 2, from: [reporte]}\n"
)


class House:
    """The clock and the sender of a service with a programme, and officers who follow it."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        with wire.database.transaction() as tx:
            self.library: Library = published(tx, wire.clock(), SOURCE)
            for contact in (wire.alma, wire.bruno):
                tx.execute(insert(Assignment), {"contact_id": contact, "campaign": "seguimiento", "at": wire.clock()})

    async def tick(self, *, sends: bool = True) -> None:
        with self.wire.database.transaction() as tx:
            plan_some(tx, self.library, QUIET, self.wire.clock())
            while start_due(tx, self.library, QUIET, self.wire.clock()):
                pass
            while wake_due(tx, self.library, self.wire.clock()):
                pass
        if sends:
            await self.wire.send()

    async def live(self, step: int = 15, **how_long: float) -> None:
        """Tick for so long, every so many minutes."""
        until = self.wire.clock() + timedelta(**how_long)
        while self.wire.clock() < until:
            self.wire.clock.advance(minutes=step)
            await self.tick()

    def set(self, target: Target, *, stopped: bool) -> Change:
        change = pausing.pause if stopped else pausing.resume
        with self.wire.database.transaction() as tx:
            return change(tx, target, self.wire.clock(), "ana")

    def say(self, body: str, number: str = ALMA) -> None:
        with self.wire.database.transaction() as tx:
            arrive(tx)
            receive(tx, self.library, [message(self.wire.vault, number, body)], self.wire.clock())

    def nudges(self, contact: int) -> dict[str, tuple[str, str | None]]:
        with self.wire.database.reading() as tx:
            found = (
                select(Nudge.slot, Nudge.status, Nudge.reason)
                .where(Nudge.contact_id == contact)
                .order_by(Nudge.planned_for)
            )
            return {slot: (status, reason) for slot, status, reason in tx.execute(found)}

    def texts(self, number: str = ALMA) -> list[tuple[int, int, str]]:
        """The messages that reached a phone: day and hour of March, UTC, and text."""
        return [(one.created.day, one.created.hour, one.body) for one in self.wire.carrier.sent_to(number)]


Targets = Any


def by_study_id(wire: Wire) -> Target:
    with wire.database.reading() as tx:
        return Target("officer", tx.execute(select(Contact.study_id).where(Contact.id == wire.alma)).scalar_one())


@pytest.mark.parametrize(
    "target",
    [
        lambda _: SERVICE,
        lambda _: Target("cohort", "prueba-1"),
        lambda _: Target("sender", "twilio:whatsapp"),
        by_study_id,
    ],
    ids=["service", "cohort", "sender", "officer"],
)
def test_what_is_stopped_waits_and_goes_on_where_it_stood(run: Run, target: Targets) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        what = target(wire)
        wire.queue("uno")
        wire.queue("dos")
        assert house.set(what, stopped=True) == Change(changed=True, waiting=2)
        assert house.set(what, stopped=True) == Change(changed=False, waiting=2)
        await wire.send()
        assert wire.bodies() == []
        wire.clock.advance(minutes=10)
        assert house.set(what, stopped=False) == Change(changed=True, waiting=2)
        assert house.set(what, stopped=False) == Change(changed=False, waiting=2)
        wire.clock.advance(minutes=5)
        await wire.send()
        assert wire.bodies() == ["uno", "dos"]
        with wire.database.reading() as tx:
            entries = tx.execute(
                select(AuditEntry.actor, AuditEntry.action, AuditEntry.detail).where(AuditEntry.actor == "ana")
            ).all()
        assert entries == [("ana", "pause", '{"waiting": 2}'), ("ana", "resume", '{"waiting": 2}')]

    run(work)


@pytest.mark.parametrize("target", [Target("cohort", "otra"), Target("officer", "NOBODY")])
def test_what_is_not_there_cannot_be_stopped(run: Run, target: Target) -> None:
    async def work(wire: Wire) -> None:
        with pytest.raises(UsageError, match=target.name):
            House(wire).set(target, stopped=True)

    run(work)


def test_a_sender_that_was_refused_goes_on_and_its_alert_is_closed(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.carrier.faults.refused = {ALMA: 20003, BRUNO: 20003}
        uids = [wire.queue("uno"), wire.queue("uno", to=wire.bruno)]
        await wire.send()
        with wire.database.reading() as tx:
            (alert,) = alerts.open_alerts(tx)
        assert (alert.kind, alert.subject) == ("sender_refused", "sender:twilio:whatsapp")
        wire.carrier.faults.refused = {}
        House(wire).set(Target("sender", "twilio:whatsapp"), stopped=False)
        await wire.send()
        assert {wire.status(uid) for uid in uids} == {"delivered"}
        with wire.database.reading() as tx:
            assert alerts.open_alerts(tx) == []

    run(work)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (SERVICE, "service_paused"),
        (Target("cohort", "prueba-1"), "cohort_paused"),
        (Target("sender", "twilio:whatsapp"), "sender_paused"),
    ],
    ids=["service", "cohort", "sender"],
)
def test_nudges_wait_and_go_out_within_their_windows_without_a_burst(run: Run, target: Target, reason: str) -> None:
    async def work(wire: Wire) -> None:
        wire.set(Contact, {"channel": "whatsapp"})
        house = House(wire)
        house.set(target, stopped=True)
        await house.live(60, days=9)
        assert house.texts() == [], "nothing is begun that could not go out, and would expire unseen"
        assert wire.count(Session) == 0
        planned = house.nudges(wire.alma)
        assert {planned[slot] for slot in ("w01.1", "w01.2")} == {("skipped", reason)}
        house.set(target, stopped=False)
        wire.set(Contact, {"channel": "sms"})
        await house.live(60, days=12)
        after = house.nudges(wire.alma)
        assert {status for status, _ in after.values()} == {"skipped", "started"}
        assert [slot for slot, (status, _) in after.items() if status == "started"], (
            "those whose window was open have begun"
        )
        hours = [(day, hour) for day, hour, _ in house.texts()]
        assert all(hour >= 15 or hour < 3 for _, hour in hours), "in no quiet hour"
        begun = [day for day, _, text in house.texts() if "una pregunta" in text]
        assert len(begun) == len(set(begun)), "one a day at most"

    run(work)


def test_time_stands_still_for_conversations_and_nobody_is_reminded_of_what_was_just_asked(run: Run) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        wire.clock.at = wire.clock.at.replace(day=3, hour=17)
        wire.heard(wire.alma)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        with wire.database.transaction() as tx:
            plan_some(tx, house.library, QUIET, wire.clock())
            tx.execute(
                update(Nudge).where(Nudge.contact_id == wire.alma, Nudge.slot == "w01.1").values(due_at=wire.clock())
            )
        house.say("hola")
        await house.tick(sends=False)
        assert wire.count(Session, contact_id=wire.alma, ended_at=None) == 1
        house.set(SERVICE, stopped=True)
        await house.live(hours=25)
        assert [text for *_, text in house.texts()] == []
        assert wire.count(OutboundMessage, kind="reminder") == 0
        wire.heard(wire.alma)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        house.set(SERVICE, stopped=False)
        await house.live(hours=2)
        texts = [text for *_, text in house.texts()]
        assert texts[-2:] == ["Alma, una pregunta.", "¿Tuvo contacto con ciudadanía?\n1 Sí\n2 No"]
        with wire.database.reading() as tx:
            reminders = tx.execute(
                select(OutboundMessage.status, OutboundMessage.error_class).where(
                    OutboundMessage.kind == "reminder", OutboundMessage.contact_id == wire.alma
                )
            ).all()
        assert reminders == [("cancelled", "just_asked")]

    run(work)


def test_a_question_whose_time_was_over_meanwhile_is_not_put_any_more(run: Run) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        wire.clock.at = wire.clock.at.replace(day=3, hour=17)
        await house.tick(sends=False)
        house.set(SERVICE, stopped=True)
        await house.live(hours=50)
        queued = wire.count(OutboundMessage, contact_id=wire.alma, status="queued")
        assert queued == 2
        house.set(SERVICE, stopped=False)
        await house.tick()
        await house.live(hours=1)
        assert house.texts() == []
        with wire.database.reading() as tx:
            found = tx.execute(
                select(OutboundMessage.status, OutboundMessage.error_class).where(
                    OutboundMessage.contact_id == wire.alma
                )
            ).all()
        assert [status for status, _ in found] == ["cancelled"] * 2
        assert wire.count(Session, contact_id=wire.alma, outcome="expired") == 1

    run(work)


def test_answers_are_taken_while_stopped_and_replies_go_out_afterwards_in_order(run: Run) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        wire.clock.at = wire.clock.at.replace(day=3, hour=17)
        wire.heard(wire.alma)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        await house.tick()
        asked = len(house.texts())
        assert asked == 2
        house.set(SERVICE, stopped=True)
        house.say("sí")
        wire.clock.advance(minutes=45)
        await house.tick()
        assert len(house.texts()) == asked
        house.set(SERVICE, stopped=False)
        await house.tick()
        assert [text for *_, text in house.texts()][asked:] == ["¿Qué pasó?"]

    run(work)


def test_the_night_counts_for_an_answer_that_was_held_back(run: Run) -> None:
    async def work(wire: Wire) -> None:
        house = House(wire)
        uid = wire.queue("respuesta", channel="sms")
        house.set(SERVICE, stopped=True)
        wire.clock.advance(hours=13)  # 23:00
        house.set(SERVICE, stopped=False)
        await wire.send()
        assert wire.status(uid) == "queued"
        assert wire.row(uid).due_at == wire.clock() + timedelta(hours=10)

    run(work)


# -- the commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def trato(database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line on this database."""
    monkeypatch.setenv("TRATO_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(app, arguments)

    return call


def test_the_commands_say_what_they_did_and_what_waits(run: Run, trato: Any) -> None:
    async def work(wire: Wire) -> None:
        House(wire)
        wire.queue("uno")
        wire.queue("dos", channel="sms")
        assert trato("pause").stdout == "everything: paused\n2 messages are queued for it\npaused: everything\n"
        assert trato("pause").stdout.startswith("everything: nothing to do, it was paused already\n")
        assert trato("pause", "--sender", "sms").stdout == (
            "simulator:sms: paused\n1 message is queued for it\npaused: everything\npaused: --sender simulator:sms\n"
        )
        assert trato("pause", "--cohort", "prueba-1").exit_code == 0
        study_id = by_study_id(wire).name
        assert json.loads(trato("pause", "--officer", study_id, "--json").stdout) == {
            "target": "officer",
            "name": study_id,
            "changed": True,
            "waiting": 2,
            "case": None,
            "stopped": True,
            "senders_paused": ["simulator:sms"],
            "cohorts_paused": ["prueba-1"],
            "officers_held": [study_id],
        }
        shown = json.loads(trato("status", "--json").stdout)
        assert (shown["stopped"], shown["cohorts_paused"], shown["officers_held"]) == (True, ["prueba-1"], [study_id])
        assert shown["spent"]["total"] == {"messages": 0, "segments": 0, "cost": {}}
        assert "senders paused: simulator:sms\n" in trato("status").stdout
        for arguments in ([], ["--sender", "simulator:sms"], ["--cohort", "prueba-1"], ["--officer", study_id]):
            resumed = trato("resume", *arguments)
        assert resumed.stdout == f"officer {study_id}: resumed\n2 messages are queued for it\n"

    run(work)


@pytest.mark.parametrize(
    "arguments", [("--cohort", "otra"), ("--sender", "fax"), ("--cohort", "a", "--officer", "b"), ("--officer", "X")]
)
def test_what_cannot_be_carried_out_is_usage(database: Database, trato: Any, arguments: tuple[str, ...]) -> None:
    refused = trato("pause", *arguments)
    assert isinstance(refused.exception, UsageError)
    assert refused.stdout == ""

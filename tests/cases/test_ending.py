"""A programme ends: the last message, the last answers, and a crisis afterwards. On both databases."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.alerting.receivers import Announcer
from app.cases import answering
from app.cases.answering import Words
from app.errors import ConflictError
from app.flows.loader import load
from app.roster import leaving
from app.scheduler.end_watch import EndWatch
from app.sending.send_policy import Means
from app.store import cases
from app.store.database import Database
from app.store.tables import AlertDelivery, Nudge, OutboundMessage, Response, Session
from app.store.vault import Vault
from tests.cases.world import CRISIS, SOURCE, SUPPORT, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO

ENDS = """alerts: {email: [guardia@example.org]}
ends: {last_day: "2026-03-10", answers_until: "2026-03-12", afterwards: [despues@example.org]}
"""
FAREWELL, ENDED = "Hasta aquí. Lo urgente se lee.", "Ya terminó. Lo urgente se lee."
LAST = SOURCE.replace("notices:\n", f"{ENDS}notices:\n  farewell: {FAREWELL}\n  ended: {ENDED}\n", 1)


@pytest.fixture
def desk(database: Database, vault: Vault, clock: StillClock) -> Any:
    with database.transaction() as tx:
        yield Desk(tx, vault, clock, LAST)


def look(desk: Desk) -> None:
    while EndWatch(desk.library).look(desk.tx, desk.clock()):
        pass


def at(desk: Desk, text: str) -> None:
    desk.go(datetime.fromisoformat(f"2026-03-{text}-06:00"))


def test_after_the_last_day_nothing_begins_and_everybody_who_agreed_gets_the_last_message_once(desk: Desk) -> None:
    desk.follow(desk.alma)
    desk.set(desk.bruno, consented_at=None)
    at(desk, "10T23:59")
    look(desk)
    assert desk.sent(desk.alma) == []
    at(desk, "11T00:00")
    look(desk)
    look(desk)
    assert desk.deliver() == [], "it waits for the morning"
    at(desk, "11T10:00")
    assert desk.deliver() == [FAREWELL]
    assert desk.rows(OutboundMessage, "contact_id", "template") == [(desk.alma, "trato_despedida")]
    at(desk, "17T12:00")
    desk.tick()
    assert {row for row in desk.rows(Nudge, "status", "reason") if row[0] == "skipped"} <= {
        ("skipped", "ended"),
        ("skipped", "too_late"),
    }
    assert desk.rows(Session, "id") == []


def test_who_is_on_hold_or_has_paused_gets_the_last_message_afterwards(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    assert desk.deliver() == [SUPPORT]
    at(desk, "11T12:00")
    look(desk)
    assert desk.deliver() == [FAREWELL], "Bruno's"
    desk.close(desk.case_id(desk.alma))
    look(desk)
    assert desk.deliver() == [FAREWELL]


def test_answers_are_taken_until_their_day_and_not_a_moment_longer(desk: Desk) -> None:
    desk.begin(desk.alma)
    desk.begin(desk.bruno)
    at(desk, "12T23:59")
    assert desk.say(ALMA, "sí") == ["answer"]
    at(desk, "13T00:00")
    assert desk.say(ALMA, "le expliqué", "otra cosa", "ALTA", "pausa") == ["ended"] * 4
    assert [row[0] for row in desk.rows(Response, "step")] == ["contacto"]
    assert desk.sent(desk.alma)[-1] == ENDED
    assert desk.sent(desk.alma).count(ENDED) == 1
    assert desk.cases() == []
    look(desk)
    assert {row[0] for row in desk.rows(Session, "outcome")} == {"stopped"}
    assert FAREWELL not in desk.sent(desk.bruno), "it would come after the end"


def test_who_comes_back_after_the_last_day_is_told_that_it_is_over_and_nothing_begins(desk: Desk) -> None:
    desk.set(desk.alma, consented_at=None, consented_to=None)
    desk.say(ALMA, "BAJA")
    at(desk, "11T10:00")
    look(desk)
    desk.deliver()
    assert desk.say(ALMA, "alta") == ["keyword"]
    assert desk.deliver() == [FAREWELL], "the one clear text, and no question for consent"
    assert desk.row(desk.alma).status == "active"
    assert desk.rows(Session, "id") == []
    look(desk)
    assert desk.deliver() == []
    with pytest.raises(ConflictError, match="the programme ended at 2026-03-11 00:00: no conversation begins any more"):
        leaving.invite(desk.tx, desk.library, desk.row(desk.alma).study_id, desk.clock(), "test")


def test_who_accepts_late_after_the_last_day_is_asked_no_more(desk: Desk) -> None:
    desk.set(desk.alma, consented_at=None, consented_to=None)
    desk.begin(desk.alma, "permiso")
    desk.deliver()
    desk.talk(ALMA, "xyzzy", "plugh")
    at(desk, "11T10:00")
    assert desk.say(ALMA, "sí acepto", "acepto") == ["ended", "ended"]
    assert desk.deliver()[-1] == FAREWELL
    assert desk.sent(desk.alma).count(FAREWELL) == 1
    assert len(desk.rows(Session, "id")) == 1


def test_who_has_left_is_not_told_of_the_end(desk: Desk) -> None:
    desk.say(ALMA, "BAJA")
    before = desk.sent(desk.alma)
    at(desk, "20T12:00")
    assert desk.say(ALMA, "hola") == ["ended"]
    assert desk.sent(desk.alma) == before


def test_afterwards_a_crisis_is_heard_by_those_who_are_named_and_baja_is_obeyed(desk: Desk) -> None:
    at(desk, "20T12:00")
    assert desk.say(ALMA, CRISIS) == ["crisis"]
    assert desk.deliver() == [SUPPORT]
    Announcer(desk.library).announce(desk.tx, desk.clock())
    assert list(desk.tx.execute(select(AlertDelivery.receiver)).scalars()) == ["email:despues@example.org"]
    case = desk.case_id(desk.alma)
    desk.show(case)
    answering.answer(desk.tx, desk.library, Means(), case, Words("Aquí estoy."), desk.clock(), "test")
    assert desk.deliver() == ["Aquí estoy."]
    assert desk.say(ALMA, "gracias") == ["held"]
    assert desk.say(BRUNO, "AYUDA", "BAJA") == ["keyword", "keyword"]
    assert desk.row(desk.bruno).status == "opted_out"
    assert [one.reason for one in cases.listed(desk.tx)] == ["crisis"]


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        (
            '{last_day: "2026-03-10", answers_until: "2026-03-09", afterwards: [a@example.org]}',
            "must not be before last_day",
        ),
        ('{last_day: "2026-03-10", answers_until: "2026-03-12", afterwards: []}', "afterwards"),
        ('{last_day: "2026-03-10", answers_until: "2026-03-12"}', "afterwards"),
        ('{last_day: mañana, answers_until: "2026-03-12", afterwards: [a@example.org]}', "last_day"),
    ],
)
def test_an_end_that_makes_no_sense_is_a_problem_with_its_place(ends: str, told: str) -> None:
    loaded = load(SOURCE.replace("notices:\n", f"ends: {ends}\nnotices:\n", 1), "prueba.yaml")
    (problem,) = loaded.problems
    assert told in str(problem)

"""The effect of keywords, at any step and in every standing of an officer, on both databases."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.channels.base import Accepted, Rejected
from app.channels.causes import Cause
from app.scheduler.waking import wake_due
from app.sending import claiming, outcomes
from app.sending.send_policy import Rules
from app.store.database import Database
from app.store.tables import Address, Assignment, Consent, Contact, OutboundMessage, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.test_inbound import ALMA, World

QUESTION = "¿Acepta participar?"
BYE, HELLO, HELP, NOTHING = (
    "Ya no le escribiremos.",
    "Bienvenida de nuevo.",
    "Ayuda del programa.",
    "Por ahora no hay preguntas.",
)


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    with database.transaction() as tx:
        talk = World(tx, vault, clock)
        follow(talk, talk.alma)
        yield talk


def follow(world: World, contact: int, campaign: str = "seguimiento") -> None:
    world.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": campaign, "at": world.clock()})


def alma(world: World, **values: Any) -> None:
    world.tx.execute(update(Contact).where(Contact.id == world.alma).values(**values))


def standing(world: World, *columns: str) -> tuple[Any, ...]:
    return world.rows(Contact, *columns)[0]


def queued(world: World) -> list[str]:
    return [body for body, status in world.rows(OutboundMessage, "body", "status") if status == "queued"]


STANDINGS = ["nothing open", "report open", "consent open", "paused", "opted out", "blocked", "held"]
SAID = {
    "BAJA por favor": (BYE, BYE, BYE, BYE, None, BYE, None),
    "ALTA": (HELLO,) * 6 + (None,),
    "¡Ayuda!": (HELP,) * 6 + (None,),
    "pausa 1 semana": ("Pausa de 7 días.",) * 4 + (None, None, None),
    "TURNO": ("No tenemos su turno",) * 4 + (None, None, None),
    "turno 24x48 hoy 7": ("Su turno: 24 x 48, entra el lunes 2 de marzo a las 7:00.",) * 4 + (None, None, None),
    "idioma": ("Idiomas de este programa: español, inglés.",) * 4 + (None, None, None),
    "IDIOMA en": (HELP,) * 4 + (None, None, None),
    "atrás": (NOTHING, "¿Tuvo contacto con ciudadanía?", "¿Acepta participar?", NOTHING, None, None, None),
}  # fmt: skip


@pytest.mark.parametrize("word", SAID)
@pytest.mark.parametrize("standing_", STANDINGS)
def test_a_keyword_is_answered_by_how_the_officer_stands(world: World, word: str, standing_: str) -> None:
    match standing_:
        case "report open":
            world.begin(world.alma)
        case "consent open":
            world.begin(world.alma, "permiso")
        case "paused":
            alma(world, paused_until=world.clock() + timedelta(days=3))
        case "opted out" | "blocked":
            alma(world, status=standing_.replace(" ", "_"))
        case "held":
            alma(world, held_at=world.clock())
    before = len(world.sent(world.alma))
    world.say(ALMA, word)
    expected = SAID[word][STANDINGS.index(standing_)]
    said = world.sent(world.alma)[before:]
    if standing_ == "held" and word == "atrás":
        return  # what is done with the message of an officer on hold is not a keyword's business
    assert len(said) == (expected is not None)
    assert (said or [""])[0].startswith(expected or "")
    assert world.rows(Response, "id") == []


def test_every_keyword_takes_effect_for_an_officer_on_hold_and_none_is_answered(world: World) -> None:
    alma(world, held_at=world.clock())
    world.say(ALMA, "turno 24x48 hoy 7", "pausa 3 días", "idioma en", "ayuda", "BAJA")
    assert world.sent(world.alma) == []
    assert standing(world, "status", "paused_until", "language", "shift") == (
        "opted_out",
        world.clock() + timedelta(days=3),
        "en",
        '{"on": 24, "off": 48, "from": "2026-03-02T07:00"}',
    )


def test_leaving_twice_is_confirmed_once_and_coming_back_counts(world: World) -> None:
    assert world.say(ALMA, "BAJA", "baja") == ["keyword", "keyword"]
    assert world.say(ALMA, "Alto!") == ["keyword"]
    assert world.sent(world.alma) == [BYE]
    assert world.say(ALMA, "ALTA", "baja 🙏", "alta") == ["keyword"] * 3
    assert world.sent(world.alma) == [BYE, BYE, QUESTION]  # the first question no longer went out
    assert standing(world, "status", "opted_out_at") == ("active", None)


@pytest.mark.parametrize(
    ("status", "opt_out", "body", "after", "outcome"),
    [
        ("active", "STOP", "STOP", "opted_out", "keyword"),
        ("active", "STOP", "cualquier palabra de la lista", "opted_out", "keyword"),
        ("opted_out", "START", "START", "active", "keyword"),
        ("opted_out", "START", "unstop", "active", "keyword"),
        ("blocked", "START", "START", "active", "keyword"),
        ("opted_out", "START", "YES", "opted_out", "opted_out"),
        ("opted_out", "START", "Sí", "opted_out", "opted_out"),
        ("opted_out", None, "YES", "opted_out", "opted_out"),
        ("active", "HELP", "HELP", "active", "keyword"),
    ],
)
def test_what_the_carrier_has_recognised_is_recorded_and_not_answered(
    world: World, status: str, opt_out: str | None, body: str, after: str, outcome: str
) -> None:
    alma(world, status=status)
    assert world.say(ALMA, body, opt_out=opt_out) == [outcome]
    assert standing(world, "status") == (after,)
    assert world.sent(world.alma) == []


def test_a_yes_is_the_answer_to_the_open_question_although_the_carrier_takes_it_for_a_start(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "YES", opt_out="START") == ["answer"]
    assert world.rows(Response, "raw", "key") == [("YES", "si")]


@pytest.mark.parametrize(
    ("word", "days"),
    [("pausa", 7), ("pausa 1 semana", 7), ("PAUSA 200 días", 90), ("pausa 9999", 90), ("pausa un mes porfa", 30)],
)
def test_a_pause_has_an_end(world: World, word: str, days: int) -> None:
    assert world.say(ALMA, word) == ["keyword"]
    assert standing(world, "paused_until") == (world.clock() + timedelta(days=days),)
    assert world.sent(world.alma) == [f"Pausa de {days} días."]


def test_a_pause_that_is_said_again_begins_again_and_alta_ends_it(world: World) -> None:
    world.say(ALMA, "pausa 30")
    world.clock.advance(days=1)
    world.say(ALMA, "pausa 2")
    assert standing(world, "paused_until") == (world.clock() + timedelta(days=2),)
    world.say(ALMA, "alta")
    assert standing(world, "paused_until") == (None,)


def test_an_officer_in_a_pause_is_not_reminded_and_may_still_answer(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "pausa 3")
    before = world.sent(world.alma)
    world.clock.advance(hours=25)
    assert wake_due(world.tx, world.library, world.clock()) == 1
    assert wake_due(world.tx, world.library, world.clock()) == 0
    assert world.sent(world.alma) == before
    assert world.say(ALMA, "1") == ["answer"]


def test_a_pause_over_the_reminder_comes_if_there_is_time_yet(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "pausa 1")
    world.clock.advance(hours=24)
    wake_due(world.tx, world.library, world.clock() - timedelta(seconds=1))
    world.clock.advance(hours=1)
    wake_due(world.tx, world.library, world.clock())
    assert world.sent(world.alma)[-1] == "{{nombre}}, ¿nos contesta?\n¿Tuvo contacto con ciudadanía?"


def test_a_conversation_expires_in_a_pause_and_what_waited_of_it_is_not_sent_afterwards(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "pausa 3")
    world.clock.advance(hours=49)
    wake_due(world.tx, world.library, world.clock())
    assert world.rows(Session, "outcome") == [("expired",)]
    assert queued(world) == ["Pausa de 3 días."]


def test_going_back_at_the_first_question_puts_it_once_more(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "atrás", "ATRAS porfa") == ["keyword", "keyword"]
    assert world.sent(world.alma)[1:] == ["¿Tuvo contacto con ciudadanía?"] * 3
    assert world.say(ALMA, "no") == ["answer"]


def test_going_back_on_consent_takes_it_back_only_with_the_new_answer(world: World) -> None:
    world.begin(world.alma, "permiso")
    world.say(ALMA, "atrás", "no")
    assert world.rows(Consent, "granted") == [(False,)]
    assert standing(world, "consented_at") == (None,)


def test_a_shift_is_noted_confirmed_and_told_again(world: World) -> None:
    assert world.say(ALMA, "TURNO 24x48 desde hoy 7am") == ["keyword"]
    world.clock.advance(days=4)
    assert world.say(ALMA, "turno") == ["keyword"]
    assert world.sent(world.alma) == [
        "Su turno: 24 x 48, entra el lunes 2 de marzo a las 7:00. Si no es correcto, escriba por ejemplo: TURNO 24x48 hoy 7:00",
        "Su turno: 24 x 48, entra el domingo 8 de marzo a las 7:00. Si no es correcto, escriba por ejemplo: TURNO 24x48 hoy 7:00",
    ]


def test_a_shift_that_cannot_be_is_not_noted_and_says_what_can(world: World) -> None:
    world.say(ALMA, "turno 24x48 hoy 7", "turno 24x0 hoy 7", "turno 12x36", "turno 12x36 no sé cuándo")
    assert standing(world, "shift") == ('{"on": 24, "off": 48, "from": "2026-03-02T07:00"}',)
    assert [body.partition(" ")[0] for body in world.sent(world.alma)[1:]] == ["No", "No", "No"]
    assert "de 4 a 72 horas" in world.sent(world.alma)[1]


def test_the_answer_goes_where_the_officer_has_just_written(world: World) -> None:
    world.begin(world.alma, "permiso")
    world.say(ALMA, "ayuda", "sí", "turno", channel="sms")
    world.say(ALMA, "ayuda")
    assert [row[0] for row in world.rows(OutboundMessage, "channel")] == ["whatsapp", "sms", "sms", "whatsapp"]
    assert world.rows(Consent, "channel") == [("sms",)]


def test_a_story_that_begins_like_a_shift_stays_an_answer(world: World) -> None:
    world.begin(world.alma)
    assert world.talk(ALMA, "1", "Turno 24x48, el conductor se calmó cuando le expliqué") == ["answer", "answer"]
    assert standing(world, "shift") == (None,)
    assert len(world.rows(Response, "id")) == 2


def test_a_keyword_that_quotes_a_question_or_captions_a_photo_is_obeyed(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "BAJA", quoted_sid="SMx", media=(("https://x.example/a", "image/jpeg"),)) == ["keyword"]
    assert standing(world, "status") == ("opted_out",)


@pytest.mark.parametrize("result", [Rejected(Cause.rate_limited, 20429), Accepted("SM" + "0" * 32)])
def test_who_leaves_while_a_message_is_being_sent_gets_nothing_after_it_but_the_confirmation(
    world: World, vault: Vault, result: Rejected | Accepted
) -> None:
    world.tx.execute(update(Address).values(last_inbound_at=world.clock()))
    desk = claiming.SendContext("simulator", "one", vault, Rules(), 100.0)

    def take() -> list[str]:
        jobs = claiming.take(world.tx, desk, 10, world.clock())[1]
        flying.extend(jobs)
        return [job.outgoing.body for job in jobs]

    flying: list[outcomes.Job] = []
    world.begin(world.alma)
    assert take() == ["Alma, una pregunta."]
    assert world.say(ALMA, "BAJA") == ["keyword"]
    assert take() == []  # of one officer one message at a time
    outcomes.write(world.tx, "one", [(flying.pop(), result)], world.clock(), Random(1))
    world.clock.advance(minutes=30)
    said = take() + take()
    outcomes.write(
        world.tx, "one", [(job, Accepted(f"SM{n:032}")) for n, job in enumerate(flying, 1)], world.clock(), Random(1)
    )
    said += take()
    assert said == [BYE]
    assert queued(world) == []

"""Leaving and coming back: what is stored about consent, and what the officer is told, on both databases."""

import json
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.store.tables import Assignment, AuditEntry, Consent, Contact, OutboundMessage, Session
from tests.conversations.talking import ALMA, World

BYE, HELLO = "Ya no le escribiremos.", "Bienvenida de nuevo."
IDLE = "Anotamos su ALTA. Por ahora no hay mensajes programados para usted. Si tiene dudas, escriba AYUDA."
ASKED = "¿Acepta participar?"


def follow(world: World, campaign: str = "seguimiento") -> None:
    world.tx.execute(insert(Assignment), {"contact_id": world.alma, "campaign": campaign, "at": world.clock()})


def agree(world: World) -> None:
    world.begin(world.alma, "permiso")
    world.say(ALMA, "sí")


def alma(world: World, **values: Any) -> None:
    world.tx.execute(update(Contact).where(Contact.id == world.alma).values(**values))


def consents(world: World) -> list[tuple[Any, ...]]:
    return world.rows(Consent, "version", "granted", "session_id", "channel")


def standing(world: World) -> tuple[Any, ...]:
    status, at, to = world.rows(Contact, "status", "consented_at", "consented_to")[0]
    return status, at is not None, to


def test_an_agreement_names_its_version_on_the_officer_too(world: World) -> None:
    agree(world)
    assert standing(world) == ("active", True, "aviso_1")


@pytest.mark.parametrize("words", ["BAJA", "baja, por favor", "ya no quiero que me escriban"])
def test_a_withdrawal_is_a_decision_with_its_words_and_an_audit_entry_without_them(world: World, words: str) -> None:
    agree(world)
    world.clock.advance(hours=1)
    world.say(ALMA, words, channel="sms")
    assert world.rows(Consent, "version", "granted", "channel", "at")[-1] == ("aviso_1", False, "sms", world.clock())
    assert world.rows(Consent, "text", "session_id")[-1] == (words, None)
    assert standing(world) == ("opted_out", False, None)
    [(actor, subject, detail)] = [
        entry[1:] for entry in world.rows(AuditEntry, "action", "actor", "subject", "detail") if entry[0] == "withdraw"
    ]
    assert (actor, subject) == ("officer", f"contact:{world.alma}")
    assert json.loads(detail) == {"version": "aviso_1", "channel": "sms"}


def test_who_leaves_twice_withdraws_once(world: World) -> None:
    world.say(ALMA, "BAJA", "baja")
    world.say(ALMA, "alto")
    assert [granted for _, granted, *_ in consents(world)] == [False]


def test_a_withdrawal_of_a_consent_in_the_same_batch_comes_after_it(world: World) -> None:
    world.begin(world.alma, "permiso")
    world.say(ALMA, "sí", "BAJA")
    assert [granted for _, granted, *_ in consents(world)] == [True, False]
    assert standing(world) == ("opted_out", False, None)


def test_the_carriers_stop_withdraws_too_and_its_start_is_followed_by_the_question(world: World) -> None:
    follow(world)
    agree(world)
    world.say(ALMA, "STOP", opt_out="STOP")
    assert consents(world)[-1][1] is False
    before = len(world.sent(world.alma))
    world.say(ALMA, "START", opt_out="START")
    [asked] = world.sent(world.alma)[before:]
    assert asked.startswith(ASKED)


def test_after_baja_alta_asks_again_and_keeps_every_decision(world: World) -> None:
    follow(world)
    agree(world)
    world.say(ALMA, "BAJA")
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma)[-1].startswith(ASKED)
    assert standing(world) == ("active", False, None)
    world.say(ALMA, "sí")
    assert standing(world) == ("active", True, "aviso_1")
    assert [granted for _, granted, *_ in consents(world)] == [True, False, True]


def test_who_put_the_question_off_and_writes_alta_later_gets_it_again(world: World) -> None:
    follow(world)
    alma(world, consented_at=None)
    world.begin(world.alma, "permiso")
    world.tx.execute(update(Session).values(ended_at=world.clock(), outcome="expired", state=None, step=None))
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma)[-1].startswith(ASKED)
    assert HELLO not in world.sent(world.alma)
    world.say(ALMA, "sí")
    assert standing(world)[1]


def test_alta_at_the_open_question_for_consent_repeats_it(world: World) -> None:
    follow(world)
    alma(world, consented_at=None)
    world.begin(world.alma, "permiso")
    world.say(ALMA, "ALTA")
    asked = [body for body in world.sent(world.alma) if body.startswith(ASKED)]
    queued = [body for body, status in world.rows(OutboundMessage, "body", "status") if status == "queued"]
    assert (len(asked), queued) == (2, asked[1:])  # the first had not gone out yet
    assert [outcome for (outcome,) in world.rows(Session, "outcome")] == ["stopped", None]


def test_who_agreed_to_an_earlier_notice_is_asked_for_the_current_one(world: World) -> None:
    follow(world)
    alma(world, consented_to="aviso_0")
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma)[-1].startswith(ASKED)


def test_alta_interrupts_no_other_conversation(world: World) -> None:
    follow(world)
    world.begin(world.alma)
    alma(world, consented_to="aviso_0")
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma)[-1] == HELLO
    assert world.rows(Session, "outcome") == [(None,)]


@pytest.mark.parametrize(
    ("campaign", "consented", "told"),
    [
        ("seguimiento", True, HELLO),
        (None, True, IDLE),
        ("gone", True, IDLE),
        (None, False, ASKED),
        ("gone", False, ASKED),
    ],
)
def test_alta_promises_messages_only_to_who_gets_them(
    world: World, campaign: str | None, consented: bool, told: str
) -> None:
    if campaign is not None:
        follow(world, campaign)
    if not consented:
        alma(world, consented_at=None)
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma)[-1].startswith(told)


def test_alta_of_an_officer_on_hold_asks_nothing(world: World) -> None:
    follow(world)
    alma(world, consented_at=None, held_at=world.clock())
    world.say(ALMA, "ALTA")
    assert world.sent(world.alma) == []
    assert world.rows(Session, "id") == []

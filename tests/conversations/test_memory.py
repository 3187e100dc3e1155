"""Answers and the memory cards of an officer, on both databases: the first of a conversation on each principle, of treatment
alone."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.conversations.inbound import receive
from app.flows.spacing import reviewed
from app.scheduler.waking import wake_due
from app.store import memory_cards
from app.store.database import Database
from app.store.tables import MemoryCard
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, World
from tests.world import PROGRAMME, arrive, message

FLOWS = """
  examen:
    title: Examen
    kind: quiz
    principle: voz
    steps:
      - ask: primera
        text: ¿Qué hace?
        answer: {choice: {escucha: {label: Escucha}, ordena: {label: Ordena}}, missing: [d, r]}
        correct: escucha
        records: k_uno
        level: knowledge
      - ask: segunda
        text: ¿Y después?
        answer: {choice: {explica: {label: Explica}, calla: {label: Calla}}}
        correct: explica
        records: k_dos
        level: knowledge
      - ask: respeto
        text: ¿De usted?
        answer: yes_no
        principle: respeto
        correct: si
        records: k_tres
        level: knowledge
      - ask: util
        text: ¿Le sirvió?
        answer: yes_no
        records: useful
  CASE
campaigns: {}
"""
VIGNETTE = """caso:
    title: Caso
    kind: KIND
    principle: voz
    steps:
      - ask: que
        text: ¿Qué haría?
        answer: yes_no
        correct: si
        records: case
"""


def source(kind: str = "vignette") -> str:
    flows = FLOWS.replace("CASE", VIGNETTE.replace("KIND", kind).rstrip())
    head = PROGRAMME[: PROGRAMME.index("campaigns:")].rstrip()
    return (
        (head + flows)
        .replace("  voz: {label: Dar voz}", "  voz: {label: Dar voz}\n  respeto: {label: Respeto}")
        .replace("campaigns: {}\n", "")
    )


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    with database.transaction() as tx:
        yield World(tx, vault, clock, source())


def kept(world: World) -> list[tuple[Any, ...]]:
    return world.rows(MemoryCard, "contact_id", "principle", "card")


def card(world: World, *, right: bool, attempt: int = 1, before: str | None = None) -> str:
    return reviewed(before, world.clock(), right=right, attempt=attempt).card


def test_the_first_answer_on_each_principle_counts(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    world.say(ALMA, "explica")
    world.say(ALMA, "sí", "sí")
    assert kept(world) == [
        (world.alma, "voz", card(world, right=False)),
        (world.alma, "respeto", card(world, right=True)),
    ]
    (row,) = world.rows(MemoryCard, "card", "due_at", "reviewed_at")[:1]
    assert json.loads(row[0])["due"] == row[1].isoformat()
    assert row[2] == world.clock()
    assert memory_cards.due(world.tx, world.alma) == dict(world.rows(MemoryCard, "principle", "due_at"))


@pytest.mark.parametrize("at_once", [True, False])
def test_a_correction_has_read_the_feedback_and_changes_nothing(world: World, at_once: bool) -> None:
    world.begin(world.alma, "examen")
    for bodies in [["ordena", "atrás", "escucha"]] if at_once else [["ordena"], ["atrás"], ["escucha"]]:
        world.say(ALMA, *bodies)
    assert kept(world) == [(world.alma, "voz", card(world, right=False))]


def test_right_after_an_unclear_try_was_hard(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "depende", "escucha")
    assert kept(world) == [(world.alma, "voz", card(world, right=True, attempt=2))]
    assert kept(world) != [(world.alma, "voz", card(world, right=True))]


def test_what_stays_unclear_shows_nothing(world: World) -> None:
    world.begin(world.alma, "examen")
    world.talk(ALMA, "depende", "según")
    assert kept(world) == []
    world.say(ALMA, "explica")
    assert kept(world) == [(world.alma, "voz", card(world, right=True))]


@pytest.mark.parametrize(("said", "right"), [("no sé", False), ("prefiero no contestar", None)])
def test_who_does_not_know_has_forgotten_and_who_refuses_shows_nothing(
    world: World, said: str, right: bool | None
) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, said)
    assert kept(world) == ([] if right is None else [(world.alma, "voz", card(world, right=right))])


def test_one_conversation_after_another_goes_on_with_the_same_card(world: World) -> None:
    world.begin(world.alma, "caso")
    world.say(ALMA, "sí")
    first = card(world, right=True)
    assert kept(world) == [(world.alma, "voz", first)]
    world.clock.advance(days=4)
    world.begin(world.alma, "examen")
    world.begin(world.bruno, "caso")
    world.say(ALMA, "ordena")
    world.say(BRUNO, "no")
    assert kept(world) == [
        (world.alma, "voz", card(world, right=False, before=first)),
        (world.bruno, "voz", card(world, right=False)),
    ]


def test_a_late_answer_is_one_too_and_an_extra_one_is_not(world: World) -> None:
    world.begin(world.alma, "caso")
    sid = world.sid("que")
    world.clock.advance(days=3)
    wake_due(world.tx, world.library, world.clock())
    world.say(ALMA, "no", quoted_sid=sid)
    assert kept(world) == [(world.alma, "voz", card(world, right=False))]
    before = kept(world)
    world.say(ALMA, "sí", quoted_sid=sid)
    assert kept(world) == before


def test_two_conversations_in_one_batch_are_two_reviews(world: World) -> None:
    world.begin(world.alma, "caso")
    sid = world.sid("que")
    world.clock.advance(days=3)
    wake_due(world.tx, world.library, world.clock())
    world.begin(world.alma, "examen")
    arrivals = [message(world.vault, ALMA, "no", quoted_sid=sid), message(world.vault, ALMA, "escucha")]
    arrive(world.tx)
    assert [one.outcome for one in receive(world.tx, world.library, arrivals, world.clock())] == ["late", "answer"]
    assert kept(world) == [(world.alma, "voz", card(world, right=True, before=card(world, right=False)))]


def test_an_extra_answer_to_what_was_refused_shows_nothing_either(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "prefiero no contestar")
    world.say(ALMA, "ordena", quoted_sid=world.sid("primera"))
    assert kept(world) == []
    world.say(ALMA, "explica")
    assert kept(world) == [(world.alma, "voz", card(world, right=True))]


def test_measurement_is_no_review(world: World) -> None:
    world.begin(world.alma, "examen")
    world.tx.exec_driver_sql("UPDATE session SET wave = 'bl'")
    world.say(ALMA, "escucha", "explica", "sí")
    assert kept(world) == []


def test_only_flows_that_ask_for_what_was_learnt_review_it(database: Database, vault: Vault, clock: StillClock) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, source("reflection"))
        world.begin(world.alma, "caso")
        world.say(ALMA, "sí")
        assert kept(world) == []


def test_answers_without_a_right_one_read_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("read without need")

    monkeypatch.setattr(memory_cards, "assessed_principles", never)
    world.begin(world.alma)
    world.say(ALMA, "sí", "Una historia.")
    assert kept(world) == []


def test_when_flows_were_last_begun(world: World) -> None:
    world.begin(world.alma, "caso")
    world.say(ALMA, "sí")
    first = world.clock()
    world.clock.advance(days=1)
    world.begin(world.alma, "caso")
    world.say(ALMA, "sí")
    world.begin(world.bruno, "examen")
    assert memory_cards.last_started(world.tx, world.alma, ["caso", "examen"]) == {"caso": first + timedelta(days=1)}

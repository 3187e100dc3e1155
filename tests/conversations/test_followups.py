"""Nudges that follow what happened in a conversation, on both databases: once, corrected, over the limit, and for nobody who
must not get one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from app.conversations import followups
from app.scheduler.waking import wake_due
from app.store.database import Database
from app.store.tables import Assignment, Contact, Nudge
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, World
from tests.world import PROGRAMME, published

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
      - ask: util
        text: ¿Le sirvió?
        answer: yes_no
        records: useful
  plan:
    title: Plan
    kind: plan
    steps:
      - ask: obstaculo
        text: ¿Qué se lo impide?
        answer: {choice: {tiempo: {label: Tiempo}, mando: {label: El mando}}}
        records: barrier
  repaso_a: {title: A, kind: tip, steps: [{say: a, text: A.}]}
  repaso_b: {title: B, kind: tip, steps: [{say: b, text: B.}]}
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    consent: permiso
    window: {from: "10:00", to: "19:00"}
    late: 24h
    followups:
      repaso: {when: {flow: examen, wrong: true}, after: 1d, from: [repaso_a, repaso_b], most: {flows: 2, per: 7d}}
      apoyo: {when: {flow: plan, step: obstaculo, in: [tiempo, mando]}, after: 2h, from: [repaso_a]}
      como_le_fue: {when: {flow: reporte}, after: 3d, from: [repaso_b]}
"""
SOURCE = PROGRAMME[: PROGRAMME.index("campaigns:")].rstrip() + FLOWS


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    """Alma follows the campaign; Bruno follows none. It is Monday, ten in the morning."""
    with database.transaction() as tx:
        world = World(tx, vault, clock, SOURCE)
        follow(world, world.alma)
        yield world


def follow(world: World, contact: int, campaign: str = "seguimiento") -> None:
    world.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": campaign, "at": world.clock()})


def nudges(world: World) -> list[tuple[Any, ...]]:
    return world.rows(Nudge, "slot", "flow", "status", "reason")


def test_a_wrong_answer_is_followed_by_a_review(world: World) -> None:
    session = world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    (found,) = world.rows(
        Nudge,
        "contact_id",
        "campaign",
        "origin",
        "slot",
        "rule",
        "wave",
        "flow",
        "status",
        "planned_for",
        "due_at",
        "closes_at",
    )
    at = world.clock() + timedelta(days=1)
    assert found == (
        world.alma,
        "seguimiento",
        "followup",
        f"repaso.{session}",
        "followups.repaso",
        None,
        "repaso_a",
        "planned",
        at,
        at,
        at + timedelta(hours=24),
    )
    (version,) = world.rows(Nudge, "campaign_version_id")
    assert version[0] == world.library.campaigns[world.library.current["prueba"]]["seguimiento"]


def test_a_right_answer_is_followed_by_nothing(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "escucha")
    world.say(ALMA, "explica", "sí")
    assert nudges(world) == []


@pytest.mark.parametrize(("said", "followed"), [("no sé", 1), ("prefiero no contestar", 0)])
def test_who_does_not_know_gets_it_and_who_refuses_does_not(world: World, said: str, followed: int) -> None:
    world.begin(world.alma, "examen")
    assert world.say(ALMA, said) == ["answer"]
    assert len(nudges(world)) == followed


def test_the_same_happening_twice_is_one_nudge(world: World) -> None:
    session = world.begin(world.alma, "examen")
    sid = "SM" + "1" * 32
    assert world.say(ALMA, "ordena", sid=sid) == ["answer"]
    assert world.say(ALMA, "ordena", sid=sid) == ["duplicate"]
    world.say(ALMA, "ordena", quoted_sid=world.sid("primera"))
    world.say(ALMA, "calla", "sí")
    assert nudges(world) == [(f"repaso.{session}", "repaso_a", "planned", None)]


def test_an_answer_that_is_corrected_takes_its_nudge_back_and_corrected_again_brings_it_again(world: World) -> None:
    session = world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    world.say(ALMA, "atrás")
    assert nudges(world) == []
    world.say(ALMA, "escucha")
    assert nudges(world) == []
    world.say(ALMA, "atrás", "ordena")
    assert nudges(world) == [(f"repaso.{session}", "repaso_a", "planned", None)]
    world.say(ALMA, "calla")
    world.say(ALMA, "atrás", "explica")
    assert len(nudges(world)) == 1, "the first answer is wrong still"


def test_what_has_begun_is_not_taken_back(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    world.tx.execute(update(Nudge).values(status="started"))
    world.say(ALMA, "atrás", "escucha")
    assert [row[2] for row in nudges(world)] == ["started"]


def test_a_barrier_that_is_named_is_followed_up_within_the_window(world: World) -> None:
    world.clock.advance(hours=8)
    session = world.begin(world.alma, "plan")
    world.say(ALMA, "el mando")
    assert nudges(world) == [(f"apoyo.{session}", "repaso_a", "planned", None)]
    assert world.rows(Nudge, "due_at") == [(datetime(2026, 3, 3, 16, tzinfo=world.clock().tzinfo),)], (
        "20:00 is too late"
    )


def test_what_is_completed_is_followed_up_and_what_expires_is_not(world: World) -> None:
    session = world.begin(world.alma)
    world.say(ALMA, "no")
    assert nudges(world) == [(f"como_le_fue.{session}", "repaso_b", "planned", None)]
    world.clock.advance(days=10)
    world.begin(world.alma)
    world.clock.advance(hours=49)
    assert wake_due(world.tx, world.library, world.clock()) == 1
    assert len(nudges(world)) == 1


def test_a_late_answer_counts_and_one_to_what_was_answered_does_not(world: World) -> None:
    session = world.begin(world.alma, "examen")
    sid = world.sid("primera")
    world.clock.advance(days=3)
    wake_due(world.tx, world.library, world.clock())
    world.say(ALMA, "escucha", quoted_sid=sid)
    assert nudges(world) == []
    world.say(ALMA, "ordena", quoted_sid=sid)
    assert nudges(world) == [], "extra: the first one stands"
    other = world.begin(world.alma, "examen")
    sid = world.sid("primera")
    world.clock.advance(days=3)
    wake_due(world.tx, world.library, world.clock())
    world.say(ALMA, "ordena", quoted_sid=sid)
    assert nudges(world) == [(f"repaso.{other}", "repaso_a", "planned", None)]
    assert other != session


def test_measurement_answers_wrong_without_feedback(world: World) -> None:
    world.begin(world.alma, "examen")
    world.tx.exec_driver_sql("UPDATE session SET wave = 'bl'")
    world.say(ALMA, "ordena", "calla", "sí")
    assert nudges(world) == []


def test_flows_take_turns_and_what_is_over_the_limit_is_skipped_with_that_reason(world: World) -> None:
    slots = []
    for _ in range(4):
        slots.append(f"repaso.{world.begin(world.alma, 'examen')}")
        world.talk(ALMA, "ordena", "explica", "sí")
        world.clock.advance(days=1)
    assert nudges(world) == [
        (slots[0], "repaso_a", "planned", None),
        (slots[1], "repaso_b", "planned", None),
        (slots[2], "repaso_a", "skipped", "most"),
        (slots[3], "repaso_a", "skipped", "most"),
    ]
    world.clock.advance(days=5)
    slots.append(f"repaso.{world.begin(world.alma, 'examen')}")
    world.say(ALMA, "ordena")
    assert nudges(world)[4:] == [(slots[4], "repaso_a", "planned", None)], "a week after the first two"
    assert [row[0] is None for row in world.rows(Nudge, "decided_at")] == [True, True, False, False, True]


@pytest.mark.parametrize(
    "standing",
    [{"consented_at": None}, {"status": "blocked"}],
)
def test_nobody_who_must_not_get_one_has_one(world: World, standing: dict[str, Any]) -> None:
    world.tx.execute(update(Contact).where(Contact.id == world.alma).values(**standing))
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    assert nudges(world) == []


def test_a_campaign_that_asks_for_no_consent_needs_none(world: World) -> None:
    world.library = published(world.tx, world.clock(), SOURCE.replace("    consent: permiso\n", ""))
    world.tx.execute(update(Contact).values(consented_at=None))
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    assert len(nudges(world)) == 1


def test_an_answer_and_baja_in_one_batch_leave_nothing(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena", "BAJA")
    assert nudges(world) == []


def test_who_follows_no_campaign_or_another_gets_none(world: World) -> None:
    follow(world, world.bruno, "otra")
    world.begin(world.bruno, "examen")
    world.say(BRUNO, "ordena")
    assert nudges(world) == []


def test_each_campaign_of_an_officer_follows_for_itself(database: Database, vault: Vault, clock: StillClock) -> None:
    body = SOURCE[SOURCE.index("  seguimiento:\n") :]
    with database.transaction() as tx:
        world = World(tx, vault, clock, SOURCE + body.replace("  seguimiento:", "  otra:"))
        follow(world, world.alma)
        follow(world, world.alma, "otra")
        session = world.begin(world.alma, "examen")
        world.say(ALMA, "ordena")
        assert world.rows(Nudge, "campaign", "slot") == [
            ("seguimiento", f"repaso.{session}"),
            ("otra", f"repaso.{session}"),
        ]


def test_a_follow_up_that_a_new_version_does_not_have_is_left_to_the_clock(world: World) -> None:
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena")
    world.library = published(world.tx, world.clock(), SOURCE.replace("      repaso: {", "      otro: {"))
    world.say(ALMA, "calla")
    assert [row[0].partition(".")[0] for row in nudges(world)] == ["repaso", "otro"]


def test_without_follow_ups_nothing_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("read without need")

    monkeypatch.setattr(followups.followups, "followed_sessions", never)
    world.begin(world.alma, "permiso")
    world.say(ALMA, "sí")  # a flow at which no follow-up looks
    world.library = published(world.tx, world.clock(), SOURCE[: SOURCE.index("    followups:")] + "    slots: []\n")
    world.begin(world.alma, "examen")
    world.say(ALMA, "ordena", "atrás", "escucha")
    assert nudges(world) == []

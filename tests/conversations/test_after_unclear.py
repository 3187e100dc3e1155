"""A clear answer after a conversation has ended on replies that were not understood: it counts, is told back, and is no answer to
anything else. An acceptance puts the question for consent again. On both databases."""

from collections.abc import Iterator

import pytest

from app.store.database import Database
from app.store.tables import Consent, InboundMessage, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME

ASKING = PROGRAMME.replace(
    "flows:\n",
    """flows:
  dos:
    title: Dos preguntas
    kind: report
    expires: 48h
    steps:
      - ask: primera
        text: ¿Tuvo contacto?
        answer: si_no
        records: first
      - ask: lugar
        text: ¿Dónde fue?
        answer: {choice: {calle: {label: Calle, value: 1}, comercio: {label: Comercio, value: 2}}}
        records: place
        go: {unclear: end, else: end}
  cuenta:
    title: Cuenta
    kind: report
    expires: 48h
    steps:
      - ask: primera
        text: ¿Tuvo contacto?
        answer: si_no
        records: first
      - ask: segunda
        text: ¿Explicó el motivo?
        answer: si_no
        records: second
        go: {unclear: end, else: end}
  unirse:
    title: Invitación
    kind: report
    steps:
      - ask: invita
        text: ¿Le mandamos un consejo?
        answer: si_no
        invitation: true
        records: invited
        go: {unclear: end, else: end}
""",
    1,
).replace("go: {no: fin}", "go: {no: fin, unclear: fin}")


@pytest.fixture
def asking(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    """A world whose reports end where they do not understand."""
    with database.transaction() as tx:
        yield World(tx, vault, clock, ASKING)


def end_unclear(world: World, flow: str = "reporte", *before: str) -> None:
    world.begin(world.alma, flow)
    world.talk(ALMA, *before, "depende", "depende, según")
    assert world.rows(Session, "outcome")[-1] == ("completed",)


@pytest.mark.parametrize("seconds", [0, 2, 30, 300, 47 * 3600])
def test_a_clear_answer_counts_and_is_told_back(asking: World, seconds: int) -> None:
    end_unclear(asking)
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, "no tuve contacto") == ["answer"]
    assert asking.responses() == [
        ("contacto", "depende, según", None, "unclear", False),
        ("contacto", "no tuve contacto", "no", "ok", False),
    ]
    assert asking.rows(Response, "attempt", "number")[-1] == (3, 0.0)
    assert asking.sent(asking.alma)[-1] == "Anoté: No."
    assert asking.rows(InboundMessage, "step", "needs_person")[-1] == ("contacto", False)


def test_it_counts_also_in_the_batch_of_the_unclear_ones(asking: World) -> None:
    asking.begin(asking.alma)
    asking.say(ALMA, "depende")
    assert asking.say(ALMA, "depende, según", "sí") == ["unclear", "answer"]
    assert asking.responses()[-1] == ("contacto", "sí", "si", "ok", False)
    assert asking.sent(asking.alma)[-1] == "Anoté: Sí."


def test_after_the_time_of_the_question_it_is_late(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(hours=49)
    assert asking.say(ALMA, "sí") == ["late"]
    assert asking.responses()[-1] == ("contacto", "sí", "si", "ok", True)
    assert asking.sent(asking.alma)[-1] == "Gracias, anotamos su respuesta."


def test_after_the_programmes_limit_it_is_lost(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(hours=73)
    assert asking.say(ALMA, "sí") == ["nothing_open"]
    assert [status for *_, status, _ in asking.responses()] == ["unclear"]


def test_one_answer_counts(asking: World) -> None:
    end_unclear(asking)
    asking.clock.advance(minutes=1)
    assert asking.talk(ALMA, "sí", "sí") == ["answer", "detail"]
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, no") == ["corrected"]
    assert [row[2:4] for row in asking.responses()] == [
        (None, "unclear"),
        ("si", "superseded"),
        ("si", "extra"),
        ("no", "ok"),
    ]


@pytest.mark.parametrize("text", ["gracias", "ok", "¿cómo dice?", "quién sabe, depende", "al rato"])
def test_what_is_no_answer_stays_none(asking: World, text: str) -> None:
    end_unclear(asking)
    asking.say(ALMA, text)
    assert [status for *_, status, _ in asking.responses()] == ["unclear"]


@pytest.mark.parametrize(("text", "key"), [("ok", None), ("sí, mándenlo", "si")])
def test_an_ok_to_the_goodbye_accepts_no_invitation(asking: World, text: str, key: str | None) -> None:
    end_unclear(asking, "unirse")
    asking.say(ALMA, text)
    assert asking.responses()[-1][2] == key


@pytest.mark.parametrize("seconds", [0, 60])
def test_it_answers_the_last_question_and_not_the_one_before(asking: World, seconds: int) -> None:
    end_unclear(asking, "dos", "sí")
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, "perdón, comercio") == ["answer"]
    assert [row[:4] for row in asking.responses()] == [
        ("primera", "sí", "si", "ok"),
        ("lugar", "depende, según", None, "unclear"),
        ("lugar", "perdón, comercio", "comercio", "ok"),
    ]


def test_a_correction_of_the_answer_before_is_still_one(asking: World) -> None:
    end_unclear(asking, "dos", "sí")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, no") == ["corrected"]
    assert [row[:4] for row in asking.responses()][-1] == ("primera", "perdón, no", "no", "ok")


def test_what_may_correct_one_or_answer_the_other_is_read_by_a_person(asking: World) -> None:
    end_unclear(asking, "cuenta", "no")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "perdón, sí") == ["nothing_open"]
    assert [row[:4] for row in asking.responses()] == [
        ("primera", "no", "no", "ok"),
        ("segunda", "depende, según", None, "unclear"),
    ]
    assert asking.rows(InboundMessage, "needs_person")[-1] == (True,)


def test_a_closed_wave_takes_no_answer(asking: World) -> None:
    end_unclear(asking)
    asking.tx.exec_driver_sql("UPDATE session SET wave = 'bl'")
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "sí") == ["nothing_open"]


# -- consent ------------------------------------------------------------------------------------------------------------


def test_an_acceptance_after_an_unclear_end_puts_the_question_again(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, ASKING)
        world.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
        end_unclear(world, "permiso")
        assert world.say(ALMA, "Acepto") == ["asked_again"]
        assert world.rows(Consent, "id") == []
        assert world.sent(world.alma)[-1].startswith("¿Acepta participar?")
        world.clock.advance(minutes=1)
        assert world.say(ALMA, "acepto") == ["answer"]
        assert world.rows(Consent, "granted") == [(True,)]


@pytest.mark.parametrize("seconds", [0, 3, 90, 3600])
@pytest.mark.parametrize("text", ["mejor sí acepto", "siempre sí", "cambié de opinión, acepto", "perdón, sí"])
def test_a_no_that_becomes_a_yes_puts_the_question_again(asking: World, text: str, seconds: int) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    asking.begin(asking.alma, "permiso")
    assert asking.say(ALMA, "no gracias") == ["answer"]
    asking.clock.advance(seconds=seconds)
    assert asking.say(ALMA, text) == ["asked_again"]
    assert asking.rows(Consent, "granted") == [(False,)], "the question is put, nothing is agreed to"
    asking.clock.advance(minutes=1)
    assert asking.say(ALMA, "sí") == ["answer"]
    assert asking.rows(Consent, "granted") == [(False,), (True,)]


@pytest.mark.parametrize("text", ["ok", "gracias", "mejor no", "mejor después", "sí, pero si no me obligan"])
def test_a_no_stays_a_no(asking: World, text: str) -> None:
    asking.tx.exec_driver_sql("UPDATE contact SET consented_at = NULL")
    asking.begin(asking.alma, "permiso")
    asking.say(ALMA, "no gracias")
    asking.clock.advance(minutes=1)
    asking.say(ALMA, text)
    assert asking.rows(Session, "outcome") == [("completed",)]
    assert asking.rows(Consent, "granted") == [(False,)]

"""A crisis, a serious incident and a clear wish to leave are acted on whatever question is open, and are never its answer."""

import pytest
from sqlalchemy import update

from app.flows.replies import danger, message
from app.flows.replies.model import Shares
from app.store import alerts
from app.store.tables import Case, Consent, Contact, InboundMessage, Response
from tests.conversations.talking import ALMA, STRANGER, World
from tests.world import PROGRAMME, published


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("ya no quiero vivir", "crisis"),
        ("Sí, pero la verdad ya me quiero morir", "crisis"),
        ("mi comandante me pide dinero para dejarme descansar", "serious"),
    ],
)
def test_danger_is_never_an_answer_and_reaches_a_person(world: World, text: str, act: str) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, text) == [act]
    assert world.rows(Response, "id") == []
    assert world.rows(InboundMessage, "needs_person") == [(True,)]
    (alert,) = alerts.open_alerts(world.tx)
    assert (alert.kind, alert.subject) == (act, f"contact:{world.alma}")
    assert text not in str(alert)
    assert world.say(ALMA, "sí") == ["held" if act == "crisis" else "nothing_open"]
    assert world.rows(Response, "id") == []


@pytest.mark.parametrize("text", ["ya no quiero participar", "Salir", "sáquenme de la lista", "quiero mi baja"])
def test_a_clear_wish_to_leave_is_obeyed_like_baja(world: World, text: str) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, text) == ["keyword"]
    assert world.rows(Response, "id") == []
    assert world.rows(Contact, "status")[0] == ("opted_out",)


@pytest.mark.parametrize("text", ["me muero de risa", "reportaron suicidio en la línea 3, acordonamos"])
def test_the_talk_of_police_is_no_alarm(world: World, text: str) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, text)[0] not in ("crisis", "serious")
    assert alerts.open_alerts(world.tx) == []


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("sí", "answer"),
        ("al rato le contesto", "deferral"),
        ("ya no quiero vivir", "crisis"),
        ("baja", "leave"),
        ("ayuda", None),
        ("xyzzy", "other"),
    ],
)
def test_what_a_message_does_is_stored_with_it(world: World, text: str, act: str | None) -> None:
    world.begin(world.alma)
    world.say(ALMA, text)
    ((stored, rule),) = world.rows(InboundMessage, "act", "act_rule")
    assert stored == act
    assert (rule is None) == (act is None)


@pytest.mark.parametrize(
    ("share", "outcome", "reason"), [(0.3, "answer", None), (0.6, "answer", "serious"), (0.9, "serious", "serious")]
)
def test_a_story_in_which_danger_is_only_perhaps_seen_is_recorded_and_read_by_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch, share: float, outcome: str, reason: str | None
) -> None:
    world.begin(world.alma)
    world.say(ALMA, "sí")
    for module in (danger, message):
        monkeypatch.setattr(module, "shares_of", lambda line: Shares(0.0, share, 0.0, 0.0))
    story = "el señor de la esquina contó lo del otro día, y la señora lo mismo, cada quien lo suyo"  # too long to be remembered
    assert world.say(ALMA, story) == [outcome]
    assert [step for (step,) in world.rows(Response, "step")] == ["contacto", "historia"][: 1 + (outcome == "answer")]
    assert [found for (found,) in world.rows(Case, "reason")] == [reason] * (reason is not None)
    assert world.rows(InboundMessage, "needs_person")[-1] == (reason is not None,)
    assert bool(alerts.open_alerts(world.tx)) == (outcome == "serious")


def test_the_act_of_a_stranger_is_stored_too(world: World) -> None:
    world.say(STRANGER, "¿quién es?")
    assert world.rows(InboundMessage, "act", "outcome") == [("question", "unknown_sender")]


def test_a_late_acceptance_puts_the_question_for_consent_again(world: World) -> None:
    """«Acepto» after an unclear end is given to no text: the question is put once more, and its answer counts."""
    world.tx.execute(update(Contact).values(consented_at=None))
    world.begin(world.alma, "permiso")
    assert world.talk(ALMA, "tal vez", "depende") == ["unclear", "unclear"]
    before = len(world.sent(world.alma))
    assert world.say(ALMA, "con gusto") == ["asked_again"]
    assert world.rows(Consent, "id") == []
    assert world.sent(world.alma)[before:] == [
        "Para anotar su decisión, le mostramos de nuevo la pregunta.",
        "¿Acepta participar?",
    ]
    assert world.say(ALMA, "Acepto") == ["answer"]
    assert world.rows(Consent, "granted", "version") == [(True, "aviso_1")]


@pytest.mark.parametrize(
    ("said", "then", "outcome"),
    [
        (["no"], "ok", "nothing_open"),
        (["no"], "sí", "nothing_open"),
        (["no"], "sí acepto", "asked_again"),
        (["depende", "según"], "ok", "asked_again"),
        (["depende", "según"], "sí, si es obligatorio", "nothing_open"),
        (["acepto"], "acepto", "nothing_open"),
    ],
)
def test_what_opens_the_question_for_consent_again(world: World, said: list[str], then: str, outcome: str) -> None:
    world.tx.execute(update(Contact).values(consented_at=None))
    world.begin(world.alma, "permiso")
    world.talk(ALMA, *said)
    world.clock.advance(minutes=1)
    assert world.say(ALMA, then) == [outcome]


@pytest.mark.parametrize(
    ("text", "outcome", "said"),
    [
        ("Acepto participar", "answer", "Anoté: Sí."),
        ("con gusto", "asked_again", "¿Acepta participar?"),
        ("¿es obligatorio?", "nothing_open", "No es obligatorio"),
    ],
)
def test_a_message_that_the_sweep_fetched_gets_the_same_reply(world: World, text: str, outcome: str, said: str) -> None:
    """A message from the carrier's list has the moment at which it was written; one from the webhook has none."""
    world.tx.execute(update(Contact).values(consented_at=None))
    world.begin(world.alma, "permiso")
    world.talk(ALMA, "depende", "según")
    world.clock.advance(minutes=1)
    assert world.say(ALMA, text, sent_at=world.clock()) == [outcome]
    assert world.sent(world.alma)[-1].startswith(said)


def test_the_question_for_consent_is_put_twice_a_day_at_most(world: World) -> None:
    world.tx.execute(update(Contact).values(consented_at=None))
    world.begin(world.alma, "permiso")
    world.talk(ALMA, "depende", "según")
    world.say(ALMA, "cuenten conmigo")
    world.talk(ALMA, "depende", "según")
    assert world.say(ALMA, "cuenten conmigo") == ["nothing_open"]
    assert world.rows(InboundMessage, "needs_person")[-1] == (True,)


def test_an_option_that_is_worded_like_leaving_is_its_option(world: World) -> None:
    source = PROGRAMME.replace("answer: si_no", "answer: {choice: {entrar: Entrar, salir: Salir}}").replace(
        "no: fin", "salir: fin"
    )
    world.library = published(world.tx, world.clock(), source)
    world.begin(world.alma)
    assert world.say(ALMA, "salir") == ["answer"]
    assert world.rows(Response, "key") == [("salir",)]
    assert world.say(ALMA, "salir") == ["keyword"]


def test_an_alta_that_arrives_late_does_not_undo_a_wish_to_leave_in_other_words(world: World) -> None:
    """The message that was written first arrives last: the later decision counts, whatever its words."""
    at = world.clock.advance(minutes=5)
    world.clock.advance(minutes=5)
    assert world.say(ALMA, "ya no quiero participar") == ["keyword"]
    world.clock.advance(hours=1)
    world.say(ALMA, "alta", sent_at=at)
    assert world.rows(Contact, "status")[0] == ("opted_out",)

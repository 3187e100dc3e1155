"""Late and quoted replies, and messages that were written before they came: each finds its own question, or none, and is never
taken for the answer to another. On both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.flows.engine.buttons import payload
from app.scheduler.waking import wake_due
from app.store.database import Database
from app.store.tables import Address, Consent, Contact, InboundMessage, OutboundMessage, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, World
from tests.world import PROGRAMME, published

CALLING = PROGRAMME.replace(
    "flows:\n",
    """flows:
  doble:
    title: Doble
    kind: report
    steps:
      - ask: contacto
        text: ¿Primero?
        answer: si_no
        records: first
      - call: dentro
        flow: dentro
  dentro:
    title: Dentro
    kind: report
    steps:
      - ask: contacto
        text: ¿Dentro?
        answer: si_no
        records: within
""",
    1,
)


def expire(world: World) -> None:
    world.clock.advance(hours=49)
    assert wake_due(world.tx, world.library, world.clock()) == 1


# -- quoted, and pressed ------------------------------------------------------------------------------------------------

Case = tuple[Callable[[World], dict[str, Any]], str, list[tuple[Any, ...]], bool]


def reminder(world: World) -> dict[str, Any]:
    world.clock.advance(hours=25)
    wake_due(world.tx, world.library, world.clock())
    return {"body": "no", "quoted_sid": world.sid("contacto", "reminder")}


def reminder_of_an_expired(world: World) -> dict[str, Any]:
    given = reminder(world)
    world.clock.advance(hours=24)
    wake_due(world.tx, world.library, world.clock())
    return given


def clarification_after_the_session(world: World) -> dict[str, Any]:
    world.say(ALMA, "depende")
    sid = world.sid("contacto", "clarification")
    expire(world)
    return {"body": "no", "quoted_sid": sid}


def opening(world: World) -> dict[str, Any]:
    return {"body": "sí", "quoted_sid": world.sid("hola", "say")}


def opening_of_an_earlier_session(world: World) -> dict[str, Any]:
    sid = world.sid("hola", "say")
    expire(world)
    world.begin(world.alma, "permiso")
    return {"body": "sí", "quoted_sid": sid}


def notice(world: World) -> dict[str, Any]:
    world.say(ALMA, "ayuda")
    return {"body": "sí", "quoted_sid": world.sid("help", "notice")}


def another_officers(world: World) -> dict[str, Any]:
    world.begin(world.bruno)
    return {"body": "sí", "quoted_sid": world.sid("contacto", contact=world.bruno)}


def of_an_older_version(world: World) -> dict[str, Any]:
    sid = world.sid("contacto")
    expire(world)
    world.library = published(
        world.tx, world.clock(), PROGRAMME.replace("label: Sí, value: 1", "label: Claro, value: 7")
    )
    world.begin(world.alma)
    return {"body": "sí", "quoted_sid": sid}


def unknown(world: World) -> dict[str, Any]:
    return {"body": "sí", "quoted_sid": "SM" + "9" * 32}


def open_question(world: World) -> dict[str, Any]:
    return {"body": "sí", "quoted_sid": world.sid("contacto")}


def answered_before(world: World) -> dict[str, Any]:
    sid = world.sid("contacto")
    world.say(ALMA, "1")
    return {"body": "no", "quoted_sid": sid}


def answered_before_unclearly(world: World) -> dict[str, Any]:
    sid = world.sid("contacto")
    world.talk(ALMA, "depende", "depende, según")
    return {"body": "no", "quoted_sid": sid}


YES, NO = ("contacto", "sí", "si", "ok"), ("contacto", "no", "no", "ok")
QUOTED: list[Case] = [
    (open_question, "answer", [(*YES, False)], False),
    (reminder, "answer", [(*NO, False)], False),
    (opening, "answer", [(*YES, False)], False),
    (unknown, "answer", [(*YES, False)], False),
    (reminder_of_an_expired, "late", [(*NO, True)], False),
    (clarification_after_the_session, "late", [(*NO, True)], False),
    (of_an_older_version, "late", [(*YES, True)], False),
    (another_officers, "late", [], True),
    (opening_of_an_earlier_session, "quoted", [], True),
    (notice, "quoted", [], True),
    (answered_before, "late", [("contacto", "1", "si", "ok", False), ("contacto", "no", "no", "extra", True)], False),
    (
        answered_before_unclearly,
        "late",
        [("contacto", "depende, según", None, "unclear", False), ("contacto", "no", "no", "ok", True)],
        False,
    ),
]


@pytest.mark.parametrize("case", QUOTED, ids=[case[0].__name__ for case in QUOTED])
def test_a_quoted_message_says_what_is_answered(world: World, case: Case) -> None:
    make, outcome, responses, needs_person = case
    world.begin(world.alma)
    given = make(world)
    before = len(world.sent(world.alma))
    assert world.say(ALMA, given.pop("body"), **given) == [outcome]
    assert world.responses() == responses
    assert world.rows(InboundMessage, "needs_person")[-1] == (needs_person,)
    assert world.rows(Consent, "id") == []
    if outcome in ("late", "quoted"):
        assert len(world.sent(world.alma)) == before, "no reply to what is not waited for"


def test_another_officers_session_is_not_said_to_be_ones_own(world: World) -> None:
    own = world.begin(world.alma)
    world.begin(world.bruno)
    world.say(ALMA, "sí", quoted_sid=world.sid("contacto", contact=world.bruno))
    assert world.rows(InboundMessage, "session_id") == [(own,)]


def test_an_older_version_gives_the_value_of_its_own_time(world: World) -> None:
    world.begin(world.alma)
    given = of_an_older_version(world)
    world.say(ALMA, "sí", quoted_sid=given["quoted_sid"])
    assert world.rows(Response, "number") == [(1.0,)]


def test_feedback_is_no_question(database: Database, vault: Vault, clock: StillClock) -> None:
    source = PROGRAMME.replace(
        "        level: behaviour\n", "        level: behaviour\n        feedback: {else: Anotado.}\n", 1
    )
    with database.transaction() as tx:
        world = World(tx, vault, clock, source)
        world.begin(world.alma)
        world.say(ALMA, "1")
        assert world.say(ALMA, "gracias", quoted_sid=world.sid("contacto", "feedback")) == ["quoted"]
        assert world.say(ALMA, "Le expliqué") == ["answer"]
        assert [row[:2] for row in world.responses()] == [("contacto", "1"), ("historia", "Le expliqué")]


def test_a_quotation_when_nothing_is_open_is_answered_as_any_message(world: World) -> None:
    world.say(ALMA, "ayuda")
    assert world.say(ALMA, "quizá", "quizá", quoted_sid=world.sid("help", "notice")) == [
        "nothing_open",
        "nothing_open",
    ]
    assert world.sent(world.alma) == ["Ayuda del programa.", "Por ahora no hay preguntas."]


@pytest.mark.parametrize("together", [True, False])
def test_a_button_pressed_twice_counts_once(world: World, together: bool) -> None:
    session = world.begin(world.alma)
    button = payload(session, "contacto", "si")
    outcomes = (
        world.say(ALMA, "Sí", "Sí", button=button)
        if together
        else [*world.say(ALMA, "Sí", button=button), *world.say(ALMA, "Sí", button=button)]
    )
    assert outcomes == ["answer", "late"]
    assert [row[3:] for row in world.responses()] == [("ok", False), ("extra", True)]
    assert world.rows(Session, "step", "outcome") == [("historia", None)]


def test_a_button_of_a_replaced_session_after_another_took_its_place(world: World) -> None:
    first = world.begin(world.alma)
    expire(world)
    second = world.begin(world.alma)
    assert world.say(ALMA, "No", button=payload(first, "contacto", "no")) == ["late"]
    assert world.rows(Response, "session_id", "key", "late") == [(first, "no", True)]
    assert world.rows(Session, "id", "step") == [(first, None), (second, "contacto")]


def test_a_step_of_the_same_name_in_a_called_flow_is_another_question(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, CALLING)
        session = world.begin(world.alma, "doble")
        outer = world.sid("contacto")
        world.say(ALMA, "1")
        assert world.say(ALMA, "No", button=payload(session, "contacto", "no"), quoted_sid=outer) == ["late"]
        assert world.say(ALMA, "no", quoted_sid=outer) == ["late"]
        assert world.say(ALMA, "sí") == ["answer"]
        assert world.rows(Response, "flow", "key", "status") == [
            ("doble", "si", "ok"),
            ("doble", "no", "extra"),
            ("doble", "no", "extra"),
            ("dentro", "si", "ok"),
        ]


def test_going_back_supersedes_the_answer_in_its_own_flow_though_another_has_a_question_of_that_name(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    text = CALLING.replace(
        "        flow: dentro\n", '        flow: dentro\n      - {ask: fin, text: "¿Y ya?", answer: si_no}\n'
    )
    with database.transaction() as tx:
        world = World(tx, vault, clock, text)
        world.begin(world.alma, "doble")
        assert world.talk(ALMA, "sí", "sí", "atrás", "no", "sí") == ["answer", "answer", "keyword", "answer", "answer"]
        assert world.sent(world.alma) == ["¿Primero?", "¿Dentro?", "¿Y ya?", "¿Dentro?", "¿Y ya?"]
        assert world.rows(Response, "flow", "step", "key", "status") == [
            ("doble", "contacto", "si", "ok"),
            ("dentro", "contacto", "si", "superseded"),
            ("dentro", "contacto", "no", "ok"),
            ("doble", "fin", "si", "ok"),
        ]


def test_a_late_consent_is_for_a_person(world: World) -> None:
    session = world.begin(world.alma, "permiso")
    world.clock.advance(days=30)
    wake_due(world.tx, world.library, world.clock())
    assert world.say(ALMA, "Sí", button=payload(session, "acepta", "si")) == ["late"]
    assert world.rows(InboundMessage, "needs_person") == [(True,)]
    assert world.rows(Consent, "id") == []
    assert world.rows(Response, "key", "late") == [("si", True)]


# -- written before it came ---------------------------------------------------------------------------------------------


def earlier(world: World, number: str, body: str, at: datetime, **more: Any) -> str:
    """A message that the sweep found."""
    (outcome,) = world.say(number, body, sent_at=at.replace(microsecond=0), **more)
    return outcome


def test_an_answer_of_an_outage_is_an_answer_of_its_moment(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(hours=2)
    now = world.clock.advance(hours=70)
    assert earlier(world, ALMA, "sí", at) == "answer"
    assert world.rows(Response, "key", "late", "answered_at") == [("si", False, at)]
    assert world.rows(InboundMessage, "received_at", "caught_up_at") == [(at, now)]
    assert world.sent(world.alma)[-1] == "¿Qué pasó?"
    asked = world.rows(OutboundMessage, "created_at")[-1][0]
    assert asked == now, "the next question is put now, and waits its whole time"
    wake_due(world.tx, world.library, world.clock())
    assert world.rows(Session, "step", "ended_at") == [("historia", None)]


def test_the_window_is_counted_from_when_it_was_written(world: World) -> None:
    at = world.clock.advance(hours=2)
    world.clock.advance(hours=20)
    earlier(world, ALMA, "hola", at)
    earlier(world, ALMA, "hola", at - timedelta(hours=1))
    last = world.rows(Address, "contact_id", "channel", "last_inbound_at")
    assert (world.alma, "whatsapp", at) in last
    assert (world.alma, "sms", None) in last
    world.say(ALMA, "1")
    now = world.clock()
    earlier(world, ALMA, "hola", at)
    assert (world.alma, "whatsapp", now) in world.rows(Address, "contact_id", "channel", "last_inbound_at")


def test_what_was_written_while_nobody_answered_is_no_answer_to_what_was_asked_since(world: World) -> None:
    """Three messages of one outage: one answers, and the others are not taken for answers to a question not yet seen."""
    world.begin(world.alma)
    first, second, third = (world.clock.advance(minutes=5) for _ in range(3))
    world.clock.advance(hours=5)
    assert [earlier(world, ALMA, body, at) for body, at in (("1", first), ("¿hola?", second), ("no", third))] == [
        "answer",
        "detail",
        "detail",
    ]
    assert world.responses() == [
        ("contacto", "1", "si", "ok", False),
        ("contacto", "no", "no", "extra", True),
    ]
    assert world.sent(world.alma)[-1] == "¿Qué pasó?", "asked once"
    assert world.say(ALMA, "Le expliqué") == ["answer"]


def test_a_batch_of_them_fares_the_same(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    world.clock.advance(hours=5)
    assert world.say(ALMA, "1", "2", "3", sent_at=at) == ["answer", "corrected", "detail"]
    assert [row[3] for row in world.responses()] == ["superseded", "ok", "extra"]


def test_a_message_that_a_quicker_one_overtook_keeps_its_own_question(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    world.clock.advance(minutes=1)
    assert world.say(ALMA, "sí") == ["answer"]
    world.clock.advance(minutes=4)
    assert earlier(world, ALMA, "sí", at) == "detail"
    assert [(row[0], row[3]) for row in world.responses()] == [("contacto", "ok"), ("contacto", "extra")]


def test_an_answer_in_time_that_comes_after_the_expiry_is_late_for_its_question(world: World) -> None:
    first = world.begin(world.alma)
    at = world.clock.advance(hours=30)
    world.clock.advance(hours=30)
    wake_due(world.tx, world.library, world.clock())
    world.begin(world.alma, "permiso")
    assert earlier(world, ALMA, "sí", at) == "late"
    assert world.rows(Response, "session_id", "key", "late", "answered_at") == [(first, "si", True, at)]
    assert world.rows(Consent, "id") == []


def test_what_was_written_before_anything_was_asked_answers_nothing(world: World) -> None:
    at = world.clock()
    world.clock.advance(minutes=10)
    world.begin(world.alma)
    assert earlier(world, ALMA, "sí", at) == "nothing_open"
    assert world.responses() == []
    assert "Por ahora no hay preguntas." not in world.sent(world.alma), "now there is one"


def test_an_old_message_with_nothing_open_is_kept_without_a_reply(world: World) -> None:
    at = world.clock()
    world.clock.advance(hours=13)
    assert earlier(world, ALMA, "hola", at) == "nothing_open"
    assert earlier(world, "+525555550177", "hola", at) == "unknown_sender"
    assert world.rows(OutboundMessage, "id") == []
    assert earlier(world, ALMA, "hola", world.clock() - timedelta(hours=1)) == "nothing_open"
    assert world.sent(world.alma) == ["Por ahora no hay preguntas."]


@pytest.mark.parametrize(("late", "since", "status"), [("BAJA", "alta", "active"), ("ALTA", "baja", "opted_out")])
def test_the_later_word_counts_whatever_comes_first(world: World, late: str, since: str, status: str) -> None:
    at = world.clock()
    world.clock.advance(minutes=5)
    world.say(ALMA, since)
    world.clock.advance(minutes=5)
    assert earlier(world, ALMA, late, at) == "keyword"
    assert world.rows(Contact, "status")[0] == (status,)


@pytest.mark.parametrize(
    ("body", "opt_out", "since", "status"),
    [
        ("STOP", "STOP", "alta", "active"),
        ("STOP", "STOP", "ayuda", "opted_out"),
        ("START", "START", "baja", "opted_out"),
    ],
)
def test_nor_does_the_carriers_own_word_of_earlier_count(
    world: World, body: str, opt_out: str, since: str, status: str
) -> None:
    at = world.clock()
    world.clock.advance(minutes=5)
    world.say(ALMA, since)
    assert earlier(world, ALMA, body, at, opt_out=opt_out) == "keyword"
    assert world.rows(Contact, "status")[0] == (status,)


def test_a_yes_that_the_carrier_counts_among_its_words_is_an_answer_of_its_moment(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    world.clock.advance(minutes=5)
    world.say(ALMA, "alta")
    assert earlier(world, ALMA, "YES", at, opt_out="START") == "answer"
    assert world.rows(Response, "key") == [("si",)]


def test_an_opt_out_of_an_outage_is_obeyed(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    world.clock.advance(hours=30)
    assert earlier(world, ALMA, "BAJA", at) == "keyword"
    assert world.rows(Contact, "status", "opted_out_at")[0] == ("opted_out", at)
    assert world.rows(Session, "outcome") == [("stopped",)]


def test_going_back_from_a_question_that_is_over_does_nothing(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    world.clock.advance(minutes=5)
    world.say(ALMA, "1")
    assert earlier(world, ALMA, "atrás", at) == "keyword"
    assert world.rows(Session, "step") == [("historia",)]


def test_days_are_reckoned_from_when_it_was_written(database: Database, vault: Vault, clock: StillClock) -> None:
    source = PROGRAMME.replace("answer: text", "answer: date")
    with database.transaction() as tx:
        world = World(tx, vault, clock, source)
        world.begin(world.alma)
        world.say(ALMA, "1")
        at = world.clock.advance(minutes=5)
        world.clock.advance(days=1)
        assert earlier(world, ALMA, "ayer", at) == "answer"
        assert world.rows(Response, "value")[-1] == ("2026-03-01",)


def test_of_another_officer_nothing_is_taken(world: World) -> None:
    world.begin(world.alma)
    at = world.clock.advance(minutes=5)
    assert earlier(world, BRUNO, "sí", at) == "nothing_open"
    assert world.responses() == []


# -- after the question has expired, without naming it ------------------------------------------------------------------


def test_an_answer_to_the_question_that_expired_last_is_late_and_thanked(world: World) -> None:
    session = world.begin(world.alma)
    expire(world)
    world.clock.advance(hours=2)
    assert world.say(ALMA, "sí, ayer") == ["late"]
    assert world.rows(Response, "session_id", "key", "status", "late") == [(session, "si", "ok", True)]
    assert world.sent(world.alma)[-1] == "Gracias, anotamos su respuesta."
    assert world.say(ALMA, "no") == ["nothing_open"], "one answer"


@pytest.mark.parametrize(
    ("source", "hours", "outcome"),
    [
        (PROGRAMME, 71, "late"),
        (PROGRAMME, 73, "nothing_open"),
        (PROGRAMME.replace("languages: [en]", "languages: [en]\nlate_answers: 2h"), 3, "nothing_open"),
    ],
)
def test_the_programme_says_until_when(
    database: Database, vault: Vault, clock: StillClock, source: str, hours: int, outcome: str
) -> None:
    with database.transaction() as tx:
        world = World(tx, vault, clock, source)
        world.begin(world.alma)
        expire(world)
        world.clock.advance(hours=hours)
        assert world.say(ALMA, "sí") == [outcome]


@pytest.mark.parametrize("text", ["gracias", "¿quién es?", "al rato le contesto"])
def test_what_is_no_answer_is_none_to_an_expired_question_either(world: World, text: str) -> None:
    world.begin(world.alma)
    expire(world)
    assert world.say(ALMA, text) == ["nothing_open"]
    assert world.responses() == []


def test_nothing_counts_after_a_wave_has_closed(world: World) -> None:
    session = world.begin(world.alma)
    world.tx.exec_driver_sql(f"UPDATE session SET wave = 'bl' WHERE id = {session}")
    expire(world)
    world.clock.advance(hours=1)
    assert world.say(ALMA, "sí") == ["nothing_open"]


def test_consent_is_not_given_to_a_question_that_expired(world: World) -> None:
    world.begin(world.alma, "permiso")
    expire(world)
    world.say(ALMA, "sí")
    assert world.rows(Consent, "id") == []
    assert world.responses() == []


# -- corrections --------------------------------------------------------------------------------------------------------


def test_a_correction_after_the_next_question_was_seen_supersedes_and_is_echoed(world: World) -> None:
    world.begin(world.alma)
    world.talk(ALMA, "no")
    world.clock.advance(minutes=5)
    assert world.say(ALMA, "perdón, sí") == ["corrected"]
    assert world.responses() == [
        ("contacto", "no", "no", "superseded", False),
        ("contacto", "perdón, sí", "si", "ok", False),
    ]
    assert world.sent(world.alma)[-1] == "Corregido: Sí."


def test_a_correction_long_after_the_end_corrects_nothing(world: World) -> None:
    world.begin(world.alma)
    world.talk(ALMA, "no")
    world.clock.advance(minutes=11)
    world.say(ALMA, "perdón, sí")
    assert world.responses() == [("contacto", "no", "no", "ok", False)]


# -- the act that is stored ---------------------------------------------------------------------------------------------


def acts(world: World) -> list[Any]:
    return [act for (act,) in world.rows(InboundMessage, "act")]


def test_a_late_answer_is_stored_as_an_answer(world: World) -> None:
    world.begin(world.alma)
    sid = world.sid("contacto")
    expire(world)
    world.say(ALMA, "sí, ayer tuve como tres")
    world.say(ALMA, "no", quoted_sid=sid)
    world.say(ALMA, "depende", quoted_sid=sid)
    assert acts(world) == ["answer", "answer", "other"]
    assert world.rows(InboundMessage, "act_rule")[1] == ("label",)


def test_a_correction_is_stored_as_one(world: World) -> None:
    world.begin(world.alma)
    world.talk(ALMA, "sí")
    world.clock.advance(minutes=5)
    world.say(ALMA, "perdón, no")
    world.clock.advance(minutes=5)
    world.say(ALMA, "digo sí")
    assert acts(world) == ["answer", "correction", "correction"]


def test_quick_messages_are_stored_by_what_they_do_to_the_answer_before(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "sí", "sí", "con un comerciante", "no", "gracias")
    assert acts(world) == ["answer", "answer", "answer", "correction", "ack"]


def test_a_button_has_no_act_also_when_it_is_late(world: World) -> None:
    session = world.begin(world.alma)
    expire(world)
    world.say(ALMA, "Sí", button=payload(session, "contacto", "si"))
    assert acts(world) == [None]

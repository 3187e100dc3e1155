"""Who has a case, what a person answers, and how a person reads a message. Every use case with its bad input, on both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.cases import acting, answering, closing, judging, owning, reading
from app.cases.answering import Answered, Words
from app.errors import ConflictError, UsageError
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.tables import responses
from app.people import accounts
from app.roster import leaving, story
from app.sending.send_policy import Means, Rules
from app.store import cases, files, free_text
from app.store.cases import CaseOutcome, CaseState
from app.store.tables import (
    Address,
    AuditEntry,
    Cohort,
    Consent,
    Contact,
    InboundMessage,
    Media,
    OutboundMessage,
    Response,
)
from tests.cases.world import CRISIS, QUIET, SUPPORT, Desk
from tests.conversations.talking import ALMA, BRUNO, STRANGER

ANA, EVA = "claims to be ana", "eva, token 7"
NEW = "+525555550188"


class Person:
    """Somebody at a desk, who reads a case before doing anything about it."""

    def __init__(self, desk: Desk, actor: str = ANA, means: Means | None = None) -> None:
        self.desk, self.actor, self.means = desk, actor, means or Means(Rules(QUIET))

    def read(self, case: int) -> Any:
        self.desk.library.refresh(self.desk.tx)
        return self.desk.read(case, self.actor)

    def answer(self, case: int, text: str = "Hola, soy Ana.", *, read: bool = True, **more: Any) -> Answered:
        if read:
            self.read(case)
        desk = self.desk
        words = Words(text, **more)
        return answering.answer(desk.tx, desk.library, self.means, case, words, desk.clock(), self.actor)

    def count(self, case: int, meant: str, **more: Any) -> judging.Judged:
        self.read(case)
        return judging.count(self.desk.tx, self.desk.library, case, meant, self.desk.clock(), self.actor, **more)

    def consent(self, case: int, *, granted: bool, **more: Any) -> judging.Judged:
        self.read(case)
        now = self.desk.clock()
        return judging.consent(self.desk.tx, self.desk.library, case, now, self.actor, granted=granted, **more)

    def files(self, case: int) -> Any:
        return reading.files(self.desk.tx, self.desk.vault, case, self.desk.clock(), self.actor)

    def take(self, case: int) -> Any:
        return owning.take(self.desk.tx, case, self.desk.clock(), self.actor)

    def assign(self, case: int, person: str) -> Any:
        return owning.assign(self.desk.tx, case, person, self.desk.clock(), self.actor)

    def release(self, case: int) -> Any:
        return owning.release(self.desk.tx, case, self.desk.clock(), self.actor)

    def snooze(self, case: int, **by: float) -> Any:
        now = self.desk.clock()
        return owning.snooze(self.desk.tx, case, now + timedelta(**by), now, self.actor)


@pytest.fixture
def ana(desk: Desk) -> Person:
    return Person(desk)


@pytest.fixture
def eva(desk: Desk) -> Person:
    return Person(desk, EVA)


def question(desk: Desk, text: str = "xyzzy") -> int:
    """A case of Alma's, who wrote something that is no answer."""
    desk.say(ALMA, text)
    return desk.case_id(desk.alma)


def stranger(desk: Desk, text: str = "hola, soy yo") -> int:
    desk.say(STRANGER, text)
    (case,) = [one.id for one in cases.listed(desk.tx) if one.lookup is not None]
    return case


# -- having a case ------------------------------------------------------------------------------------------------------


def test_a_case_goes_from_new_to_assigned_to_snoozed_and_a_message_wakes_it(desk: Desk, ana: Person) -> None:
    case = question(desk)
    now = desk.clock()

    def state() -> CaseState:
        found = cases.one(desk.tx, case)
        assert found is not None
        return found.state(desk.clock())

    assert state() is CaseState.new
    assert (ana.take(case).owner, state()) == ("ana", CaseState.assigned)
    assert (ana.snooze(case, hours=4).snoozed_until, state()) == (now + timedelta(hours=4), CaseState.snoozed)
    desk.clock.advance(hours=4)
    assert state() is CaseState.assigned
    ana.snooze(case, days=2)
    desk.say(ALMA, "¿hay alguien?")
    assert state() is CaseState.assigned
    assert ana.release(case).owner is None
    assert state() is CaseState.new
    desk.close_unread(case)
    assert state() is CaseState.closed
    assert [row for row in desk.rows(AuditEntry, "actor", "action") if row[1].startswith("case")] == [
        (ANA, "case assign"),
        (ANA, "case snooze"),
        (ANA, "case snooze"),
        (ANA, "case release"),
        ("test", "case close"),
    ]


def test_a_case_is_one_persons_at_a_time(desk: Desk, ana: Person, eva: Person) -> None:
    case = question(desk)
    ana.answer(case)
    for act in (lambda: eva.answer(case), lambda: eva.snooze(case, hours=1), lambda: eva.count(case, "1")):
        with pytest.raises(ConflictError, match=f"case {case} is ana's: `trato cases take {case}`"):
            act()
    with pytest.raises(ConflictError, match="is ana's"):
        desk.close(case)
    assert eva.take(case).owner == "eva"
    with pytest.raises(ConflictError, match="yours already"):
        eva.take(case)
    assert eva.assign(case, "ines.prueba").owner == "ines.prueba"
    with pytest.raises(ConflictError, match=r"is ines\.prueba's"):
        eva.release(case)


def test_a_case_that_becomes_a_crisis_is_nobodys_again(desk: Desk, ana: Person) -> None:
    case = question(desk)
    ana.take(case)
    desk.say(ALMA, CRISIS)
    found = cases.one(desk.tx, case)
    assert found is not None
    assert (found.reason, found.owner, found.waiting_since) == ("crisis", None, desk.clock())


def test_where_there_are_accounts_a_case_is_given_to_one_of_them(desk: Desk, ana: Person) -> None:
    case = question(desk)
    accounts.add(desk.tx, "eva", None, desk.clock(), "test")
    with pytest.raises(UsageError, match="no account eba in use"):
        ana.assign(case, "eba")
    assert ana.assign(case, "eva").owner == "eva"


def test_what_cannot_be_done_with_a_case_is_said(desk: Desk, ana: Person) -> None:
    case = question(desk)
    with pytest.raises(UsageError, match="no case 99"):
        ana.take(99)
    with pytest.raises(UsageError, match="named by the account"):
        ana.assign(case, "Ana Prueba")
    with pytest.raises(ConflictError, match="nobody has"):
        ana.release(case)
    with pytest.raises(UsageError, match="at most 60 days"):
        ana.snooze(case, days=61)
    with pytest.raises(UsageError, match="that is over"):
        ana.snooze(case, hours=-1)
    desk.close_unread(case)
    for act in (ana.take, ana.release, lambda one: ana.answer(one, read=False), lambda one: ana.snooze(one, hours=1)):
        with pytest.raises(ConflictError, match=rf"case {case} was closed at .*, as handled"):
            act(case)
    desk.say(ALMA, CRISIS)
    with pytest.raises(UsageError, match="about safety and cannot wait"):
        ana.snooze(desk.case_id(desk.alma), hours=1)


# -- answering ----------------------------------------------------------------------------------------------------------


def test_an_answer_goes_out_at_once_and_the_case_is_the_persons(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.deliver()
    desk.clock.advance(hours=3)
    done = ana.answer(case, "  Hola, {{ nombre }}: ¿qué pasó?  ")
    assert (done.channel, done.by_template, done.waits, done.goes_at) == ("whatsapp", False, False, desk.clock())
    assert done.left == timedelta(hours=20, minutes=50)
    assert desk.deliver() == ["Hola, Alma: ¿qué pasó?"]
    found = ana.read(case)
    assert (found.case.owner, [(one.body, one.status) for one in found.answers]) == (
        "ana",
        [("Hola, {{nombre}}: ¿qué pasó?", "accepted")],
    )
    assert found.case.messages == 1, "a person's answer is nothing to read"


def test_what_the_officer_writes_to_a_person_is_no_answer_to_a_flow(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.talk(ALMA, "qué molestos son")
    case = desk.case_id(desk.alma)
    desk.clock.advance(minutes=2)
    ana.answer(case, "¿Le puedo llamar mañana?")
    assert desk.say(ALMA, "sí") == ["to_person"]
    assert desk.responses() == []
    assert desk.deliver()[-1] == "¿Le puedo llamar mañana?", "nothing answers it"
    assert desk.cases() == [(desk.alma, "complaint", 2, None)]
    assert desk.say(ALMA, "sí", quoted_sid=desk.sid("contacto")) == ["answer"], "a quoted question is answered"
    ana.release(case)
    desk.close(case)
    assert desk.say(ALMA, "le expliqué") == ["answer"]


def test_the_talk_ends_with_the_day(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    case = question(desk, "qué molestos son")
    desk.clock.advance(minutes=2)
    ana.answer(case)
    desk.clock.advance(hours=23)
    assert desk.say(ALMA, "gracias") == ["to_person"]
    desk.clock.advance(hours=1)
    assert desk.say(ALMA, "sí") == ["answer"]


def test_the_talk_begins_when_the_answer_goes_out(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.talk(ALMA, "qué molestos son")
    desk.clock.advance(hours=12)  # ten in the evening
    ana.answer(desk.case_id(desk.alma), "Buen día.")
    desk.clock.advance(minutes=5)
    assert desk.say(ALMA, "sí") == ["answer"]


def test_amid_a_crisis_a_person_is_heard_and_automation_is_not(desk: Desk, ana: Person) -> None:
    desk.follow(desk.alma)
    desk.say(ALMA, CRISIS)
    desk.clock.advance(minutes=40)
    ana.answer(desk.case_id(desk.alma), "Aquí estoy. ¿Puedo llamarle?")
    desk.clock.advance(hours=8)
    desk.tick()
    assert desk.deliver() == [SUPPORT, "Aquí estoy. ¿Puedo llamarle?"]
    assert desk.say(ALMA, "sí") == ["held"]
    assert desk.cases() == [(desk.alma, "crisis", 2, None)]


def test_an_answer_by_night_waits_for_the_morning_unless_they_have_just_written_or_are_in_danger(
    desk: Desk, ana: Person
) -> None:
    desk.clock.advance(hours=11)  # nine in the evening
    case = question(desk)
    assert ana.answer(case, "Gracias.").goes_at == desk.clock()
    assert desk.deliver()[-1] == "Gracias."
    desk.clock.advance(minutes=45)
    late = ana.answer(case, "Una cosa más.")
    assert late.goes_at == desk.clock() + timedelta(hours=11, minutes=15)
    assert desk.deliver() == []
    desk.say(ALMA, CRISIS)
    desk.clock.advance(hours=1)
    assert ana.answer(case, "¿Está bien?").goes_at == desk.clock()


def test_outside_the_window_it_goes_by_sms_or_by_template_or_not_at_all(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.clock.advance(hours=24)
    done = ana.answer(case, "Buen día.")
    assert (done.channel, done.left) == ("sms", None)
    desk.tx.execute(update(Address).where(Address.channel == "sms").values(unreachable_at=desk.clock()))
    with pytest.raises(ConflictError, match=r"theirs is 24 hours old, and officer \w+ has no SMS: --template"):
        ana.answer(case, "Buen día.")
    with pytest.raises(UsageError, match="no approved template respuesta"):
        ana.answer(case, "Buen día.", template="respuesta")
    able = Person(desk, ANA, Means(Rules(QUIET, {"respuesta": "HX1"})))
    done = able.answer(case, "Buen día.", template="respuesta", variables=("{{nombre}}",))
    assert (done.channel, done.by_template) == ("whatsapp", True)
    assert desk.rows(OutboundMessage, "template", "variables")[-1] == ("respuesta", '["{{nombre}}"]')


def test_nobody_is_answered_who_has_left_a_second_ago(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.say(ALMA, "BAJA")
    before = desk.sent(desk.alma)
    with pytest.raises(
        ConflictError,
        match=f"has left the programme, and no message goes out: to telephone, `trato cases who {case} --reason …` shows the number",
    ):
        ana.answer(case)
    assert desk.sent(desk.alma) == before


def test_a_person_who_has_not_read_the_latest_message_does_not_answer_it(desk: Desk, ana: Person, eva: Person) -> None:
    case = question(desk)
    with pytest.raises(ConflictError, match=f"you have not read 1 message of case {case}"):
        ana.answer(case, read=False)
    ana.read(case)
    desk.say(ALMA, "plugh")
    with pytest.raises(ConflictError, match="not read 1"):
        ana.answer(case, read=False)
    eva.read(case)
    with pytest.raises(ConflictError, match="not read 1"):
        ana.answer(case, read=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [(" ", "needs words"), ("a" * 1601, "at most 1600 characters"), ("Hola {{ telefono }}", "the only variable")],
)
def test_words_that_cannot_be_sent_are_refused(desk: Desk, ana: Person, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ana.answer(question(desk), text)
    assert len(desk.sent(desk.alma)) == 1


def test_a_number_in_doubt_or_not_reached_gets_no_answer(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.set(desk.alma, status="blocked")
    with pytest.raises(ConflictError, match="does not reach officer"):
        ana.answer(case)
    desk.set(desk.alma, status="active", held_at=desk.clock(), held_for="number")
    with pytest.raises(ConflictError, match="may be somebody else's by now"):
        ana.answer(case)


def test_a_paused_cohort_waits_for_its_answer_too_and_that_is_said(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.deliver()
    desk.tx.execute(update(Cohort).values(paused_at=desk.clock()))
    assert ana.answer(case).waits
    assert desk.deliver() == []


def test_an_unknown_number_is_answered_within_a_day_and_without_a_name(desk: Desk, ana: Person) -> None:
    case = stranger(desk)
    desk.deliver()
    desk.clock.advance(hours=20)
    with pytest.raises(UsageError, match="no template and no name"):
        ana.answer(case, "Hola {{ nombre }}")
    assert ana.answer(case, "¿Con quién hablo?").study_id is None
    assert desk.deliver() == ["¿Con quién hablo?"]
    desk.clock.advance(hours=4)
    with pytest.raises(ConflictError, match="no free text more than 24 hours"):
        ana.answer(case, "¿Hola?")


# -- reading for the officer --------------------------------------------------------------------------------------------


def test_a_message_counts_as_it_was_written_with_the_person_who_judged(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.talk(ALMA, "pues fíjese que xyzzy", "ya le dije", "ya le dije otra vez")
    assert [row[1:4] for row in desk.responses()] == [("ya le dije otra vez", None, "unclear")]
    case = desk.case_id(desk.alma)
    shown = judging.asked(desk.tx, desk.library, ana.read(case).case)
    number = next(one.number for one in shown if one.step == "contacto")
    done = ana.count(case, "no", number=number)
    assert (done.step, done.label) == ("contacto", "No")
    rows = desk.rows(Response, "step", "raw", "key", "rule", "status", "judged")
    (row,) = [one for one in rows if one[0] == "contacto"]
    assert row[1:5] == ("ya le dije otra vez", "no", "person", "ok")
    judged = json.loads(row[5])
    assert (judged["by"], judged["instead_of"]["status"]) == ("ana", "unclear")


def test_an_open_question_is_answered_by_it_and_the_conversation_goes_on(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, "qué molestos son")
    case = desk.case_id(desk.alma)
    done = ana.count(case, "1")
    assert (done.goes_on, done.label) == (True, "Sí")
    assert desk.rows(Response, "step", "raw", "key", "rule", "late") == [
        ("contacto", "qué molestos son", "si", "person", False)
    ]
    assert desk.sent(desk.alma)[-1] == "¿Qué pasó?"
    with pytest.raises(ConflictError, match=r"reporte\.contacto has an answer that counts: --instead"):
        ana.count(case, "2", number=2)
    ana.count(case, "2", number=2, instead=True)
    assert desk.rows(Response, "step", "key", "status") == [("contacto", "no", "ok")]


def test_the_words_of_a_closed_answer_that_a_person_read_are_withheld_until_they_are_reviewed(
    desk: Desk, ana: Person
) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, "qué molestos son")
    ana.count(desk.case_id(desk.alma), "1")
    cells = responses.cells(Source(desk.tx, Selection()))
    shown = [cells[name] for name in ("raw", "value", "withheld", "rule")]
    query = responses.chosen(Selection(), *shown, with_officers=True)
    assert [tuple(row) for row in desk.tx.execute(query)] == [(None, "1", 1, "person")]
    (text,) = free_text.texts(desk.tx)
    assert (text.raw, text.readable) == ("qué molestos son", None)
    row = {"response_id": text.id, "decision": "ok", "text": None, "by": "eva", "at": desk.clock()}
    free_text.save_reviews(desk.tx, [row])
    ((row,),) = list(responses.rows(Source(desk.tx, Selection())))
    assert row[responses.NAMES.index("raw")] == "qué molestos son"


def test_what_cannot_be_counted_is_said_and_nothing_is_stored(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, "qué molestos son")
    case = desk.case_id(desk.alma)
    with pytest.raises(UsageError, match=r"no answer to reporte\.contacto, which takes Sí, No"):
        ana.count(case, "quizá")
    with pytest.raises(UsageError, match="no question 9"):
        ana.count(case, "1", number=9)
    with pytest.raises(UsageError, match="has 1 messages"):
        ana.count(case, "1", message=2)
    with pytest.raises(UsageError, match="is no officer's"):
        ana.count(stranger(desk), "1")
    desk.set(desk.alma, held_at=desk.clock(), held_for="person")
    with pytest.raises(ConflictError, match="on hold, and the question is open"):
        ana.count(case, "1")
    assert desk.responses() == []


def test_an_unclear_consent_is_accepted_by_hand_from_the_moment_of_the_message(desk: Desk, ana: Person) -> None:
    desk.set(desk.alma, consented_at=None)
    desk.begin(desk.alma, "permiso")
    desk.talk(ALMA, "xyzzy", "plugh, que sí")
    case = desk.case_id(desk.alma)
    written = desk.clock()
    desk.clock.advance(hours=5)
    ana.consent(case, granted=True)
    assert desk.rows(Consent, "version", "granted", "text", "at", "proof") == [
        ("aviso_1", True, "¿Acepta participar?", written, f"case {case}, judged by ana")
    ]
    assert desk.rows(Contact, "consented_at", "consented_to")[0] == (written, "aviso_1")
    assert [row[1:] for row in desk.rows(Response, "step", "raw", "rule", "status")][-1] == (
        "plugh, que sí",
        "person",
        "ok",
    )
    ana.consent(case, granted=False)
    assert desk.rows(Contact, "consented_at")[0] == (None,)
    assert [row[0] for row in desk.rows(Consent, "granted")] == [True, False]


def test_consent_is_not_taken_from_somebody_who_has_left_or_was_never_asked(desk: Desk, ana: Person) -> None:
    case = question(desk)
    with pytest.raises(UsageError, match="was never asked for consent"):
        ana.consent(case, granted=True)
    desk.begin(desk.alma, "permiso")
    desk.say(ALMA, "BAJA")
    with pytest.raises(ConflictError, match="has left the programme since"):
        ana.consent(case, granted=True)


def test_the_question_for_consent_is_not_counted_like_any_other(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma, "permiso")
    desk.talk(ALMA, "xyzzy", "plugh")
    with pytest.raises(UsageError, match="`trato cases consent`"):
        ana.count(desk.case_id(desk.alma), "1")


# -- the officer --------------------------------------------------------------------------------------------------------


def test_an_officer_is_let_out_once_by_day(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.clock.advance(hours=12)
    done = acting.let_out(desk.tx, desk.library, case, QUIET, desk.clock(), ANA)
    assert done.told_at == desk.clock() + timedelta(hours=11)
    assert desk.row(desk.alma).status == "opted_out"
    assert [row for row in desk.rows(AuditEntry, "actor", "action") if row[0] == ANA] == [
        (ANA, "withdraw"),
        (ANA, "let out"),
        (ANA, "case out"),
    ]
    assert desk.deliver() == [], "the notice of before is cancelled, the confirmation waits for the morning"
    desk.clock.advance(hours=11)
    assert desk.deliver() == ["Ya no le escribiremos."]
    with pytest.raises(ConflictError, match="has left already"):
        acting.let_out(desk.tx, desk.library, case, QUIET, desk.clock(), ANA)


def test_an_officer_is_paused_and_resumed_and_a_person_still_gets_through(desk: Desk, ana: Person) -> None:
    case = question(desk)
    desk.deliver()
    acting.pause(desk.tx, case, desk.clock(), ANA)
    assert desk.row(desk.alma).held_for == "person"
    ana.answer(case, "Hola.")
    assert desk.deliver() == ["Hola."]
    assert acting.resume(desk.tx, case, desk.clock(), ANA).changed
    assert desk.row(desk.alma).held_for is None
    with pytest.raises(UsageError, match="is no officer's"):
        acting.pause(desk.tx, stranger(desk), desk.clock(), ANA)


def test_an_officer_gets_another_number(desk: Desk, ana: Person) -> None:
    case = question(desk)
    done = acting.number(desk.tx, desk.vault, case, NEW, desk.clock(), ANA)
    assert (done.study_id, done.retired) == (desk.row(desk.alma).study_id, 2)
    with pytest.raises(UsageError, match="that number is officer"):
        acting.number(desk.tx, desk.vault, case, BRUNO, desk.clock(), ANA)


def test_a_stranger_is_given_to_an_officer(desk: Desk, ana: Person) -> None:
    case = stranger(desk)
    assert acting.ending(desk.tx, desk.vault, ana.read(case).case) == acting.Ending("…0199", None)
    done = acting.identify(desk.tx, desk.vault, case, desk.row(desk.alma).study_id, desk.clock(), ANA)
    assert (done.messages, done.retired) == (1, 2)
    assert desk.cases() == [(None, "unknown_number", 1, "identified")]
    assert desk.say(STRANGER, "xyzzy") == ["nothing_open"]
    other = desk.case_id(desk.alma)
    ana.read(other)
    with pytest.raises(UsageError, match="is of no unknown number"):
        acting.identify(desk.tx, desk.vault, other, desk.row(desk.bruno).study_id, desk.clock(), ANA)


def test_a_strangers_crisis_goes_on_as_the_officers(desk: Desk, ana: Person) -> None:
    case = stranger(desk, CRISIS)
    ana.read(case)
    acting.identify(desk.tx, desk.vault, case, desk.row(desk.alma).study_id, desk.clock(), ANA)
    assert desk.cases() == [(desk.alma, "crisis", 1, None)]
    assert desk.row(desk.alma).held_for == "crisis"


def test_looking_up_who_it_is_takes_a_reason_and_is_kept(desk: Desk, ana: Person) -> None:
    case = question(desk)
    with pytest.raises(UsageError, match="needs a reason"):
        acting.who(desk.tx, desk.vault, case, " ", desk.clock(), ANA)
    found = acting.who(desk.tx, desk.vault, case, "llamarle por teléfono", desk.clock(), ANA)
    assert (found.name, found.numbers) == ("Alma", (ALMA,))
    assert acting.who(desk.tx, desk.vault, stranger(desk), "quién es", desk.clock(), ANA).numbers == (STRANGER,)
    assert desk.rows(AuditEntry, "action", "subject", "detail")[-2] == (
        "case who",
        f"case:{case}",
        '{"reason": "llamarle por teléfono"}',
    )


def test_the_files_of_a_case_are_opened_for_a_person_and_that_is_kept(desk: Desk, ana: Person) -> None:
    desk.begin(desk.alma)
    desk.talk(ALMA, "sí")
    desk.say(ALMA, "", media=(("https://api.twilio.com/a", "audio/ogg"),))
    (file,) = desk.tx.execute(select(Media.id)).scalars()
    case = desk.case_id(desk.alma)
    assert [(one.name, one.status, one.content) for one in ana.files(case)] == [(f"{case}_1_1.ogg", "waiting", None)]
    files.store(desk.tx, file, "audio/ogg", 4, desk.vault.seal_bytes(b"OggS", files.sealed_for(file)), desk.clock())
    assert [(one.name, one.content) for one in ana.files(case)] == [(f"{case}_1_1.ogg", b"OggS")]
    assert desk.rows(AuditEntry, "action", "detail")[-1] == ("case files", '{"files": 1}')
    with pytest.raises(UsageError, match="no case 99"):
        ana.files(99)


def test_an_officer_who_never_decided_is_invited_again_and_nobody_else(desk: Desk) -> None:
    desk.follow(desk.alma)
    study_id = desk.row(desk.alma).study_id

    def invite() -> Any:
        return leaving.invite(desk.tx, desk.library, study_id, desk.clock(), ANA)

    with pytest.raises(ConflictError, match="has agreed already"):
        invite()
    desk.set(desk.alma, consented_at=None)
    assert invite().flow == "permiso"
    assert desk.deliver() == ["¿Acepta participar?"]
    with pytest.raises(ConflictError, match="is being asked"):
        invite()
    desk.say(ALMA, "BAJA")
    with pytest.raises(ConflictError, match="only the officer's own ALTA"):
        invite()
    desk.set(desk.alma, status="active", held_at=desk.clock(), held_for="person")
    with pytest.raises(ConflictError, match="on hold"):
        invite()
    with pytest.raises(UsageError, match="no officer has the study id ZZZ"):
        leaving.invite(desk.tx, desk.library, "zzz", desk.clock(), ANA)


def test_the_story_of_an_officer_has_words_only_if_they_are_asked_for(desk: Desk, ana: Person) -> None:
    case = question(desk, "una frase")
    ana.answer(case, "Una respuesta.")
    study_id = desk.row(desk.alma).study_id
    plain = story.of(desk.tx, study_id, desk.clock(), ANA)
    assert {"in", "out", "case", "number"} <= {one.kind for one in plain.moments}
    assert not any(one.words for one in plain.moments)
    told = story.of(desk.tx, study_id, desk.clock(), ANA, words=True)
    assert {"una frase", "Una respuesta."} <= {one.words for one in told.moments}
    assert [row[0] for row in desk.rows(AuditEntry, "action")].count("officers show") == 2
    with pytest.raises(UsageError, match="no officer has the study id ZZZ"):
        story.of(desk.tx, "zzz", desk.clock(), ANA)


def test_nothing_that_a_person_writes_or_reads_is_in_the_audit_log(desk: Desk, ana: Person) -> None:
    case = question(desk, "una frase secreta")
    ana.answer(case, "otra frase secreta")
    assert not any("secreta" in detail for (detail,) in desk.rows(AuditEntry, "detail"))
    assert desk.rows(InboundMessage, "body")[0] == ("una frase secreta",)


# -- a damaged officer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage", [{"attributes": '{"sector": '}, {"timezone": "Mars/Phobos"}, {"shift": "24x"}, {"dates": "[]"}]
)
def test_a_damaged_officer_is_heard_and_let_out_and_the_rest_says_what_to_mend(
    desk: Desk, damage: dict[str, str]
) -> None:
    desk.say(ALMA, CRISIS)
    case = desk.case_id(desk.alma)
    desk.set(desk.alma, **damage)
    person = Person(desk)
    with pytest.raises(ConflictError, match="is damaged: `trato officers check`"):
        person.answer(case)
    with pytest.raises(ConflictError, match="is damaged: `trato officers check`"):
        person.count(case, "1")
    assert person.read(case).messages
    left = acting.let_out(desk.tx, desk.library, case, QUIET, desk.clock(), ANA)
    assert left.told_at is None
    closed = closing.close(desk.tx, desk.library, desk.vault, case, CaseOutcome.false_alarm, None, desk.clock(), ANA)
    assert closed.ended
    assert not closed.told

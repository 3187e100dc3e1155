"""A number that may be somebody else's now: who says so, what is asked, and what ends it. Until then nothing else goes there, and
nothing that comes from there is an answer. On both databases."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.roster import numbers
from app.scheduler.doubt_watch import DoubtWatch
from app.sending import claiming, pausing
from app.sending.claiming import SendContext
from app.sending.pausing import Target
from app.sending.send_policy import Rules
from app.store import alerts, holds, status
from app.store.database import Database
from app.store.doubts import ANSWERED_WITHIN, ASKED_AGAIN_AFTER, DOUBTED
from app.store.tables import (
    AUDIT_ENTRY,
    Address,
    Contact,
    Nudge,
    OutboundMessage,
    Response,
    Session,
)
from app.store.vault import Vault
from tests.cases.world import CRISIS, INCIDENT, SOURCE, SUPPORT, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA

SILENCE = timedelta(days=120)
WHO, HELP, YES, NO = "¿Sigue siendo la misma persona?", "Responda 1 o 2.", "Gracias por confirmar.", "Adiós."
WORDS = SOURCE.replace(
    "notices:\n", f"notices:\n  who: {WHO}\n  who_help: {HELP}\n  who_yes: {YES}\n  who_no: {NO}\n", 1
)
NAMELESS = {WHO, HELP, NO, SUPPORT}
DENIALS = (
    "no es mi número",
    "número equivocado",
    "Disculpe, creo que se equivocó de número",
    "aquí no es",
    "ya no es de él",
    "yo no soy Juan",
    "Yo no soy esa persona",
    "este número ya no es del señor",
    "soy su esposa",
)
OTHERS = ("no me llegó", "no fui al taller", "no entiendo la pregunta", "este es mi número", "no tengo saldo")


class Post(Desk):
    """The desk, where silence counts."""

    def __init__(self, tx: Any, vault: Vault, clock: StillClock) -> None:
        super().__init__(tx, vault, clock, WORDS)
        self.library.silence = SILENCE
        self.templates = {"trato_quien": "HXquien"}

    @property
    def rules(self) -> Rules:
        return Rules(templates=self.templates, silence=SILENCE)

    def tick(self) -> None:
        super().tick()
        DoubtWatch(self.library).look(self.tx, self.clock())

    def begin_later(self) -> None:
        """A conversation with an officer who has been silent for long."""
        self.clock.advance(days=121)
        self.begin(self.alma)

    def nudged(self, contact: int) -> None:
        """Follow a campaign whose next occasion comes after a long silence."""
        self.tx.execute(update(Contact).where(Contact.id == contact).values(dates='{"workshop_date": "2026-07-05"}'))
        self.follow(contact)
        self.clock.at = self.clock.at.fromisoformat("2026-07-01T18:00:00+00:00")
        self.tick()

    def used(self, contact: int) -> int:
        found = select(Address.id).where(Address.contact_id == contact, Address.retired_at.is_(None))
        return len(self.tx.execute(found).all())

    def statuses(self) -> list[tuple[str, str]]:
        found = select(OutboundMessage.kind, OutboundMessage.status).order_by(OutboundMessage.id)
        return [tuple(row) for row in self.tx.execute(found)]


@pytest.fixture
def post(database: Database, vault: Vault, clock: StillClock) -> Iterator[Post]:
    with database.transaction() as tx:
        yield Post(tx, vault, clock)


# -- somebody says that it is not their number --------------------------------------------------------------------------


@pytest.mark.parametrize("text", DENIALS)
@pytest.mark.parametrize("is_open", [True, False])
def test_who_denies_the_number_is_asked_and_gets_nothing_else(post: Post, text: str, *, is_open: bool) -> None:
    if is_open:
        post.begin(post.alma)
        post.deliver()
    assert post.say(ALMA, text) == [DOUBTED]
    assert post.deliver() == [WHO]
    assert post.cases() == [(post.alma, "number", 1, None)]
    for _ in range(6):
        post.clock.advance(hours=9)
        post.tick()
        assert post.deliver() == []
    assert post.rows(Response, "id") == []
    assert status.on_hold(post.tx) == {"number": [post.row(post.alma).study_id]}


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_about_the_message_raises_no_doubt(post: Post, text: str) -> None:
    post.say(ALMA, text)
    assert holds.of(post.tx, post.alma) == frozenset()


def test_a_yes_ends_the_doubt_and_the_conversation_goes_on(post: Post) -> None:
    post.begin(post.alma)
    assert len(post.deliver()) == 2
    post.say(ALMA, "no es mi número")
    assert post.deliver() == [WHO]
    assert post.say(ALMA, "sí, soy yo", "sí") == [DOUBTED, "answer"]
    assert post.deliver() == [YES, "¿Qué pasó?"]
    assert post.rows(Response, "step", "key") == [("contacto", "si")]
    post.clock.advance(hours=1)
    post.tick()
    assert holds.of(post.tx, post.alma) == frozenset(), "nothing is doubted anew"


def test_a_no_gives_the_number_up_and_cancels_what_was_queued(post: Post) -> None:
    post.begin(post.alma)
    post.deliver()
    post.say(ALMA, "número equivocado")
    post.deliver()
    post.tx.execute(update(OutboundMessage).where(OutboundMessage.kind == "ask").values(status="queued", rank=0))
    assert post.say(ALMA, "2") == [DOUBTED]
    assert ("ask", "cancelled") in post.statuses()
    assert post.deliver() == [NO], "as to somebody unknown"
    assert (post.used(post.alma), post.row(post.alma).status, post.row(post.alma).held_for) == (0, "blocked", None)
    assert post.rows(Session, "outcome") == [("stopped",)]
    assert post.cases() == [(post.alma, "number", 2, None)]
    actions = list(post.tx.execute(select(AUDIT_ENTRY.c.action).where(AUDIT_ENTRY.c.actor == "replies")).scalars())
    assert actions == ["give up number", "block"]
    assert post.say(ALMA, "hola") == ["unknown_sender"]
    numbers.change(post.tx, post.vault, post.row(post.alma).study_id, "+525555550177", post.clock())
    assert (post.used(post.alma), post.row(post.alma).status) == (2, "active")


def test_a_no_leaves_the_officers_other_number(post: Post) -> None:
    study_id = post.row(post.alma).study_id
    numbers.change(post.tx, post.vault, study_id, "+525555550177", post.clock(), channel="sms")
    post.begin(post.alma)
    post.say(ALMA, "no es mi número")
    post.deliver()
    post.say(ALMA, "no")
    assert (post.used(post.alma), post.row(post.alma).status, post.row(post.alma).held_for) == (1, "active", None)
    post.clock.advance(minutes=6)
    assert post.deliver() == [NO, "Alma, una pregunta.", "¿Tuvo contacto con ciudadanía?"]
    by = select(OutboundMessage.channel).where(OutboundMessage.kind == "ask")
    assert post.tx.execute(by).scalar_one() == "sms"


def test_chatter_is_no_answer_and_a_person_reads_it(post: Post) -> None:
    session = post.begin(post.alma)
    post.deliver()
    button = {"button": f"{session}:contacto:si"}
    post.say(ALMA, "no es mi número")
    post.deliver()
    said = ("hola", "¿quién es?", "mucho trabajo", "5", "PAUSA", "TURNO 24x48 hoy 7:00", "ATRAS", "Acepto participar")
    assert post.say(ALMA, *said) == [DOUBTED] * len(said)
    post.say(ALMA, "Sí", **button)
    assert post.rows(Response, "id") == []
    assert post.deliver() == [HELP], "once in a while"
    assert post.cases() == [(post.alma, "number", len(said) + 2, None)]
    assert post.row(post.alma).held_for == "number"


@pytest.mark.parametrize("word", ["AYUDA", "ALTA"])
def test_help_names_nobody(post: Post, word: str) -> None:
    post.say(ALMA, "no es mi número", word, word)
    assert post.deliver() == [WHO, HELP, HELP]


@pytest.mark.parametrize("left", ["BAJA", "ya no me escriban"])
def test_baja_is_obeyed_without_a_name(post: Post, left: str) -> None:
    post.say(ALMA, "no es mi número")
    post.deliver()
    assert post.say(ALMA, left) == ["keyword"]
    assert post.deliver() == [NO]
    assert post.row(post.alma).status == "opted_out"
    assert post.row(post.alma).held_for == "number"


def test_a_crisis_comes_first_at_a_doubted_number_too(post: Post) -> None:
    post.say(ALMA, "no es mi número", CRISIS, INCIDENT)
    assert post.deliver() == [SUPPORT], "amid a crisis nothing else is asked"
    post.close(post.case_id(post.alma))
    assert post.row(post.alma).held_for == "number"


def test_an_answer_counts_only_once_the_question_has_gone(post: Post) -> None:
    post.say(ALMA, "no es mi número", "sí")
    assert post.row(post.alma).held_for == "number"
    post.deliver()
    post.say(ALMA, "sí")
    assert post.row(post.alma).held_for is None


# -- a long silence -----------------------------------------------------------------------------------------------------


def test_a_nudge_after_a_long_silence_asks_first(post: Post) -> None:
    post.nudged(post.alma)
    while ("number_doubted",) not in post.rows(Nudge, "reason"):
        post.clock.advance(minutes=30)
        post.tick()
    assert post.rows(Session, "id") == []
    assert post.deliver() == [WHO]
    post.clock.advance(minutes=10)
    assert post.say(ALMA, "1") == [DOUBTED]
    assert post.deliver() == [YES]
    while not post.rows(Session, "flow"):
        post.clock.advance(minutes=30)
        post.tick()
    assert post.deliver() == ["Alma, una pregunta.", "¿Tuvo contacto con ciudadanía?"]


def test_without_an_answer_nothing_else_goes_and_a_person_is_told_once(post: Post) -> None:
    post.nudged(post.alma)
    sent = []
    for _ in range(15 * 48):
        post.clock.advance(minutes=30)
        post.tick()
        sent += post.deliver()
    assert sent == [WHO]
    nudges = post.rows(Nudge, "status", "reason")
    assert nudges.count(("skipped", "number_doubted")) > 1
    assert not any(status == "started" for status, _ in nudges)
    assert alerts.subjects(post.tx, DOUBTED) == ["programme:prueba"]
    pausing.resume(post.tx, Target("officer", post.row(post.alma).study_id), post.clock(), "test")
    post.tick()
    assert alerts.subjects(post.tx, DOUBTED) == []


def test_messages_that_waited_for_long_are_preceded_by_the_question(post: Post) -> None:
    post.begin_later()
    assert post.deliver() == []
    assert post.row(post.alma).held_for == "number"
    post.tick()
    assert post.deliver() == [WHO]
    kind = select(OutboundMessage.template, OutboundMessage.channel).where(OutboundMessage.step == "who")
    assert post.tx.execute(kind).one() == ("trato_quien", "whatsapp")


def test_a_person_who_telephoned_ends_the_doubt_for_as_long_again(post: Post) -> None:
    post.begin_later()
    post.deliver()
    assert pausing.resume(post.tx, Target("officer", post.row(post.alma).study_id), post.clock(), "test").changed
    post.clock.advance(days=119)
    post.deliver()
    assert post.row(post.alma).held_for is None
    post.clock.advance(days=2)
    post.tick()
    post.begin(post.alma)
    post.deliver()
    assert post.row(post.alma).held_for == "number"


def test_a_message_or_a_new_number_is_a_sign(post: Post) -> None:
    post.clock.advance(days=121)
    post.say(ALMA, "hola")
    numbers.change(post.tx, post.vault, post.row(post.bruno).study_id, "+525555550177", post.clock())
    for contact in (post.alma, post.bruno):
        post.begin(contact)
    post.deliver()
    assert (post.row(post.alma).held_for, post.row(post.bruno).held_for) == (None, None)


def test_the_question_goes_by_sms_without_a_template_and_a_person_is_told_if_by_nothing(post: Post) -> None:
    post.templates = {}
    post.begin_later()
    post.deliver()
    post.tick()
    assert post.deliver() == [WHO]
    assert post.tx.execute(select(OutboundMessage.channel).where(OutboundMessage.step == "who")).scalar_one() == "sms"
    post.tx.execute(update(Address).where(Address.channel == "sms").values(unreachable_at=post.clock()))
    post.begin(post.bruno)
    post.deliver()
    post.tick()
    assert post.deliver() == []
    post.tick()
    assert alerts.subjects(post.tx, DOUBTED) == ["programme:prueba"]
    post.templates = {"trato_quien": "HXquien"}
    post.clock.advance(hours=1)
    post.tick()
    assert post.deliver() == []
    post.clock.at += ASKED_AGAIN_AFTER
    post.tick()
    assert post.deliver() == [WHO]
    assert ANSWERED_WITHIN > ASKED_AGAIN_AFTER


def test_zero_days_switch_the_rule_off(post: Post) -> None:
    post.library.silence = None
    post.begin_later()
    sent = claiming.take(post.tx, SendContext("test", "one", post.vault, Rules(), 1000.0), 50, post.clock())
    assert sent[0] > 0
    assert post.row(post.alma).held_for is None

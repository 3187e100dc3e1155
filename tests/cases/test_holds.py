"""A crisis and a serious incident: what goes out at once, what waits, and who ends that. Nothing reaches a held officer before."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select, update

from app.conversations.inbound import receive
from app.errors import UsageError
from app.sending import pausing
from app.sending.pausing import Target
from app.store import alerts, holds, sealing, status
from app.store.cases import CaseOutcome
from app.store.holds import Hold
from app.store.sealing import SESSION_STATE
from app.store.tables import OUTBOUND, Cohort, Contact, Nudge, OutboundMessage, Response, Session
from tests.cases.world import CRISIS, FALSE_ALARM, INCIDENT, SERIOUS, SUPPORT, Desk
from tests.conversations.talking import ALMA
from tests.world import message, stored

HELP, BYE, HELLO = "Ayuda del programa.", "Ya no le escribiremos.", "Bienvenida de nuevo."


# -- a crisis -----------------------------------------------------------------------------------------------------------


def test_in_a_crisis_only_the_text_of_support_goes_out(desk: Desk) -> None:
    """Neither the question that is on its way nor a reminder nor a nudge."""
    desk.follow(desk.alma)
    desk.begin(desk.alma)
    assert desk.say(ALMA, CRISIS) == ["crisis"]
    assert desk.deliver() == [SUPPORT]
    for _ in range(12):
        desk.clock.advance(hours=7)
        desk.tick()
        assert desk.deliver() == []
    assert desk.rows(Session, "outcome") == [(None,)], "the conversation stands still"
    assert {row[0] for row in desk.rows(Nudge, "status")} == {"planned", "skipped"}
    assert status.on_hold(desk.tx) == {"crisis": [desk.row(desk.alma).study_id]}


def test_in_a_crisis_nothing_is_an_answer_and_a_person_reads_everything(desk: Desk) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, CRISIS)
    assert desk.say(ALMA, "sí", "1", "hola", "ALTA", "atrás", "pausa") == [
        "held", "held", "held", "keyword", "held", "keyword",
    ]  # fmt: skip
    assert desk.rows(Response, "id") == []
    assert desk.cases() == [(desk.alma, "crisis", 7, None)]
    assert desk.deliver() == [SUPPORT]


def test_alta_releases_nothing_and_baja_is_obeyed(desk: Desk) -> None:
    desk.say(ALMA, CRISIS, "ALTA")
    assert desk.row(desk.alma).held_for == "crisis"
    assert desk.say(ALMA, "AYUDA", "BAJA") == ["keyword", "keyword"]
    assert desk.deliver() == [SUPPORT, BYE], "the answer to AYUDA is cancelled by the BAJA behind it"
    assert (desk.row(desk.alma).status, desk.row(desk.alma).held_for) == ("opted_out", "crisis")
    assert desk.cases() == [(desk.alma, "crisis", 4, None)]


def test_ayuda_is_answered_amid_a_crisis(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    desk.say(ALMA, "AYUDA")
    assert desk.deliver() == [SUPPORT, HELP]


@pytest.mark.parametrize("left", ["BAJA", "ya no quiero participar"])
def test_baja_in_the_same_breath_does_not_take_the_text_of_support_back(desk: Desk, left: str) -> None:
    arrivals = [message(desk.vault, ALMA, text) for text in (CRISIS, left)]
    receive(desk.tx, desk.library, arrivals[:1], desk.clock())
    receive(desk.tx, desk.library, arrivals[1:], desk.clock())
    assert desk.deliver() == [SUPPORT, BYE]


def test_an_officer_who_has_left_gets_the_text_of_support_and_nothing_else(desk: Desk) -> None:
    desk.say(ALMA, "BAJA")
    desk.deliver()
    assert desk.say(ALMA, CRISIS, INCIDENT, "hola") == ["crisis", "serious", "held"]
    assert desk.deliver() == [SUPPORT]
    assert desk.row(desk.alma).status == "opted_out"
    assert {(one.kind, one.subject) for one in alerts.open_alerts(desk.tx)} == {
        ("crisis", f"contact:{desk.alma}"),
        ("serious", f"contact:{desk.alma}"),
    }
    assert desk.cases() == [(desk.alma, "crisis", 3, None)]


def test_the_text_of_support_comes_again_after_an_hour(desk: Desk) -> None:
    desk.say(ALMA, CRISIS, CRISIS)
    desk.clock.advance(minutes=30)
    desk.say(ALMA, CRISIS)
    assert desk.deliver() == [SUPPORT]
    desk.clock.advance(minutes=31)
    desk.say(ALMA, CRISIS)
    assert desk.deliver() == [SUPPORT]


@pytest.mark.parametrize("hold", [Hold.person, Hold.loop, Hold.damaged])
def test_no_hold_and_no_pause_of_the_cohort_stops_the_text_of_support(desk: Desk, hold: Hold) -> None:
    holds.add(desk.tx, desk.alma, hold, desk.clock())
    desk.tx.execute(update(Cohort).values(paused_at=desk.clock()))
    desk.say(ALMA, CRISIS, "AYUDA")
    assert desk.deliver() == [SUPPORT]


def test_the_text_of_support_does_not_wait_for_the_morning(desk: Desk) -> None:
    desk.clock.at = datetime.fromisoformat("2026-03-03T08:30:00+00:00")  # half past two in Mexico City
    desk.say(ALMA, CRISIS)
    desk.clock.advance(minutes=45)  # the carrier was away
    assert desk.deliver() == [SUPPORT]


@pytest.mark.parametrize("damage", [{"attributes": '{"sector": '}, {"timezone": "Mars/Phobos"}, "state"])
@pytest.mark.parametrize(("text", "reply"), [(CRISIS, SUPPORT), (INCIDENT, SERIOUS)])
def test_danger_is_acted_on_although_the_officers_row_or_session_is_damaged(
    desk: Desk, damage: dict[str, str] | str, text: str, reply: str
) -> None:
    desk.begin(desk.alma)
    if isinstance(damage, str):
        desk.tx.execute(update(Session).values(state=sealing.seal(desk.tx, SESSION_STATE, desk.alma, "{")))
    else:
        desk.set(desk.alma, **damage)
    desk.say(ALMA, text)
    assert stored(desk.tx, OutboundMessage, "body", where=[OUTBOUND.c.kind == "notice"]) == [(reply,)]
    assert [(contact, messages) for contact, _, messages, _ in desk.cases()] == [(desk.alma, 1)]
    assert holds.of(desk.tx, desk.alma) & holds.OF_SAFETY


# -- a serious incident -------------------------------------------------------------------------------------------------


def test_after_a_serious_incident_the_conversation_ends_and_no_nudge_comes(desk: Desk) -> None:
    desk.follow(desk.alma)
    desk.begin(desk.alma)
    desk.deliver()
    assert desk.say(ALMA, INCIDENT) == ["serious"]
    assert desk.deliver() == [SERIOUS]
    assert desk.rows(Session, "outcome") == [("stopped",)]
    for _ in range(6):
        desk.clock.advance(hours=11)
        desk.tick()
        assert desk.deliver() == []
    assert status.on_hold(desk.tx) == {"serious": [desk.row(desk.alma).study_id]}


def test_alta_ends_the_hold_of_a_serious_incident_but_the_case_stays(desk: Desk) -> None:
    desk.follow(desk.alma)
    desk.say(ALMA, INCIDENT)
    assert desk.say(ALMA, "AYUDA", "ALTA") == ["keyword", "keyword"]
    assert desk.deliver() == [SERIOUS, HELP, HELLO]
    assert (desk.row(desk.alma).held_at, desk.row(desk.alma).held_for) == (None, None)
    assert desk.cases() == [(desk.alma, "serious", 3, None)], "a person reads what follows too"
    assert [one.kind for one in alerts.open_alerts(desk.tx)] == ["serious"]


def test_a_crisis_behind_a_serious_incident_stops_everything(desk: Desk) -> None:
    desk.say(ALMA, INCIDENT, CRISIS, "ALTA")
    assert desk.deliver() == [SUPPORT]
    assert holds.of(desk.tx, desk.alma) == {Hold.crisis}, "the ALTA ended the other one"
    assert desk.cases() == [(desk.alma, "crisis", 3, None)]


# -- the person ---------------------------------------------------------------------------------------------------------


def test_a_false_alarm_is_released_and_the_officer_is_told(desk: Desk) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, CRISIS)
    desk.deliver()
    desk.clock.advance(hours=1)
    done = desk.close(desk.case_id(desk.alma), CaseOutcome.false_alarm)
    assert (done.ended, done.left, done.told) == ({Hold.crisis}, frozenset(), True)
    assert alerts.open_alerts(desk.tx) == []
    desk.clock.advance(minutes=5)
    assert FALSE_ALARM in desk.deliver()
    assert desk.say(ALMA, "sí") == ["answer"]


def test_a_crisis_that_was_handled_ends_without_a_message(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    desk.deliver()
    done = desk.close(desk.case_id(desk.alma))
    assert (done.ended, done.told) == ({Hold.crisis}, False)
    assert desk.deliver() == []
    assert desk.row(desk.alma).held_at is None


def test_an_officer_who_has_left_is_told_nothing(desk: Desk) -> None:
    desk.say(ALMA, CRISIS, "BAJA")
    assert not desk.close(desk.case_id(desk.alma), CaseOutcome.false_alarm).told
    assert FALSE_ALARM not in desk.deliver()


def test_resuming_an_officer_leaves_the_hold_of_a_crisis_and_names_the_case(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    holds.add(desk.tx, desk.alma, Hold.person, desk.clock())
    target, case = Target("officer", desk.row(desk.alma).study_id), desk.case_id(desk.alma)
    first, second = (pausing.resume(desk.tx, target, desk.clock(), "test") for _ in range(2))
    assert [(one.changed, one.case) for one in (first, second)] == [(True, case), (False, case)]
    assert (desk.row(desk.alma).held_for, [one.kind for one in alerts.open_alerts(desk.tx)]) == ("crisis", ["crisis"])


def test_closing_the_case_leaves_a_persons_hold(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    holds.add(desk.tx, desk.alma, Hold.person, desk.clock())
    done = desk.close(desk.case_id(desk.alma), CaseOutcome.false_alarm)
    assert (done.left, done.told, desk.row(desk.alma).held_for) == ({Hold.person}, False, "person")


def test_what_nobody_has_read_of_a_crisis_is_not_closed(desk: Desk) -> None:
    desk.say(ALMA, CRISIS)
    case = desk.case_id(desk.alma)
    with pytest.raises(UsageError, match="nobody has read 1 message"):
        desk.close_unread(case)
    desk.show(case)
    desk.say(ALMA, "sigue pasando")
    with pytest.raises(UsageError, match="nobody has read 1 message"):
        desk.close_unread(case)
    desk.close(case)


# -- whatever happens ---------------------------------------------------------------------------------------------------

SAYINGS = ("sí", "1", "hola", "ALTA", "AYUDA", "pausa 2 días", CRISIS, INCIDENT, "ok", "¿quién es?", "atrás", "TURNO")


@pytest.mark.parametrize("seed", range(8))
def test_a_held_officer_gets_nothing_until_a_person_releases(desk: Desk, seed: int) -> None:
    """Whatever is said, planned, woken and sent meanwhile."""
    chance, allowed = Random(seed), {SUPPORT, HELP}
    desk.follow(desk.alma)
    if chance.random() < 0.7:
        desk.begin(desk.alma)
    desk.say(ALMA, *chance.sample(("hola", INCIDENT, "sí"), chance.randint(0, 2)), CRISIS)
    assert SUPPORT in desk.deliver()
    answered = desk.rows(Response, "id")
    for _ in range(12):
        match chance.randrange(4):
            case 0:
                desk.say(ALMA, *chance.choices(SAYINGS, k=chance.randint(1, 3)))
            case 1:
                desk.clock.advance(minutes=chance.randint(1, 3000))
            case 2:
                desk.tick()
            case _:
                study_id = desk.row(desk.alma).study_id
                pausing.resume(desk.tx, Target("officer", study_id), desk.clock(), "test")
        assert set(desk.deliver()) <= allowed
    assert desk.rows(Response, "id") == answered
    desk.close(desk.case_id(desk.alma))
    assert holds.of(desk.tx, desk.alma) == frozenset()


def test_what_is_queued_waits_and_is_not_lost(desk: Desk) -> None:
    desk.begin(desk.alma)
    desk.say(ALMA, CRISIS)
    desk.deliver()
    queued = select(OutboundMessage.id).where(OutboundMessage.status == "queued")
    assert len(desk.tx.execute(queued).all()) == 2
    desk.close(desk.case_id(desk.alma))
    desk.clock.advance(minutes=6)
    assert desk.deliver() == ["Alma, una pregunta.", "¿Tuvo contacto con ciudadanía?"]


def test_a_hold_for_a_reason_that_this_release_does_not_know_is_a_persons(desk: Desk) -> None:
    desk.set(desk.alma, held_at=desk.clock() - timedelta(days=1), held_for="eclipse crisis")
    assert holds.of(desk.tx, desk.alma) == {Hold.person, Hold.crisis}
    assert desk.tx.execute(select(Contact.held_at).where(Contact.id == desk.alma)).scalar_one() is not None

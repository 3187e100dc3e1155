"""Cases that nobody takes, and cases for what is no message of an officer. Whom the clock calls, when, and what ends it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.alerting.receivers import Announcer
from app.alerting.wording import notice
from app.cases import opening, owning
from app.cases.calling import CallWatch
from app.store import alert_deliveries, alerts, cases, dead_letters, status
from app.store.alert_deliveries import Delivery, DeliveryKey
from app.store.cases import CaseOutcome
from app.store.database import Database
from app.store.tables import AlertDelivery, OutboundMessage
from app.store.vault import Vault
from tests.cases.world import CRISIS, SOURCE, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.world import sealed

CHAIN = """alerts:
  email: [guardia@example.org]
  chain: [eva@example.org, luz@example.org]
  waits: {crisis: 30m, other: 2d}
"""


@pytest.fixture
def manned(database: Database, vault: Vault, clock: StillClock) -> Any:
    """A desk whose programme names whom to call."""
    with database.transaction() as tx:
        yield Desk(tx, vault, clock, CHAIN + SOURCE)


def look(desk: Desk) -> list[tuple[str, str]]:
    """What the clock does; then the deliveries planned so far, by event and receiver, in their order."""
    CallWatch(desk.library).look(desk.tx, desk.clock())
    Announcer(desk.library).announce(desk.tx, desk.clock())
    found = select(AlertDelivery.event, AlertDelivery.receiver).where(AlertDelivery.dropped_at.is_(None))
    return [(event, who.removeprefix("email:")) for event, who in desk.tx.execute(found.order_by(AlertDelivery.id))]


def test_a_crisis_that_nobody_takes_goes_round_the_chain_until_somebody_does(manned: Desk) -> None:
    desk = manned
    desk.say(ALMA, CRISIS)
    assert look(desk) == [("opened", "guardia@example.org")]
    desk.clock.advance(minutes=29)
    assert len(look(desk)) == 1
    steps = []
    for minutes in (1, 30, 30):
        desk.clock.advance(minutes=minutes)
        steps.append(look(desk)[-1])
        look(desk)
    assert steps == [
        ("opened", "eva@example.org"),
        ("opened", "luz@example.org"),
        ("opened.2", "eva@example.org"),
    ]
    assert [(one.kind, one.times) for one in alerts.open_alerts(desk.tx, "danger_waits")] == [("danger_waits", 3)]
    owning.take(desk.tx, desk.case_id(desk.alma), desk.clock(), "claims to be luz")
    assert alerts.open_alerts(desk.tx, "danger_waits") == []
    desk.clock.advance(hours=5)
    assert len(look(desk)) == 4
    owning.release(desk.tx, desk.case_id(desk.alma), desk.clock(), "claims to be luz")
    desk.clock.advance(minutes=30)
    assert look(desk)[-1] == ("opened", "eva@example.org"), "given back, it is called anew"


def test_other_cases_wait_longer_and_a_snoozed_one_until_its_moment(manned: Desk) -> None:
    desk = manned
    desk.say(BRUNO, "xyzzy")
    case = desk.case_id(desk.bruno)
    desk.clock.advance(hours=47)
    assert look(desk) == []
    owning.snooze(desk.tx, case, desk.clock() + timedelta(days=1), desk.clock(), "claims to be eva")
    desk.clock.advance(hours=71)
    assert look(desk) == []
    desk.clock.advance(hours=1)
    assert look(desk) == [("opened", "eva@example.org")]
    desk.close_unread(case)
    assert [one.kind for one in alerts.open_alerts(desk.tx)] == []


def test_without_a_chain_everybody_is_called_and_a_number_given_away_ends_it(desk: Desk) -> None:
    desk.say(STRANGER, "xyzzy")
    desk.clock.advance(days=3)
    CallWatch(desk.library).look(desk.tx, desk.clock())
    assert [one.subject for one in alerts.open_alerts(desk.tx, "case_waits")] == ["case:1"]
    cases.close_strangers(desk.tx, desk.vault.lookup(STRANGER), CaseOutcome.identified, desk.clock())
    CallWatch(desk.library).look(desk.tx, desk.clock())
    assert alerts.open_alerts(desk.tx) == []


def test_a_call_names_the_case_the_officer_and_the_command_and_nobody(manned: Desk) -> None:
    desk = manned
    desk.say(ALMA, CRISIS)
    desk.clock.advance(minutes=30)
    CallWatch(desk.library).look(desk.tx, desk.clock())
    (alert,) = [one for one in alert_deliveries.recent(desk.tx, desk.clock()) if one.kind == "danger_waits"]
    key = DeliveryKey(alert.id, "opened", "email:eva@example.org")
    told = notice([Delivery(1, key, 1, alert)], "America/Mexico_City", simulated=False)
    study_id = desk.row(desk.alma).study_id
    assert told.subject == f"Trato: Nadie ha tomado un caso de crisis o de incidente grave (prueba, {study_id})"
    assert {f"Oficial: {study_id} (clave de estudio)", "Asunto: case:1", "Qué hacer: trato cases take"} <= set(
        told.body.splitlines()
    )
    assert not {"Alma", "vivir", ALMA} & set(told.body.split())


# -- what is no message of an officer -----------------------------------------------------------------------------------


def sent(desk: Desk, contact: int, error_class: str, **more: Any) -> int:
    """A message of ours that failed so."""
    row = {
        "uid": f"{contact}{error_class}{len(desk.rows(OutboundMessage, 'id'))}",
        "contact_id": contact,
        "kind": "say",
        "channel": "sms",
        "body": "Hola",
        "due_at": desk.clock(),
        "created_at": desk.clock(),
        "status": "failed",
        "rank": 4,
        "error_class": error_class,
        "options": "[]",
        **more,
    }
    return int(
        desk.tx.execute(
            insert(OutboundMessage).returning(OutboundMessage.id), sealed(desk.tx, OutboundMessage, row)
        ).scalar_one()
    )


def test_a_refused_message_and_one_of_unknown_fate_are_cases_once(desk: Desk) -> None:
    sent(desk, desk.alma, "unclear")
    sent(desk, desk.bruno, "destination")
    sent(desk, desk.bruno, "stop_contact")
    sent(desk, desk.bruno, "retry")
    assert opening.look(desk.tx, desk.clock()) == 3
    assert desk.cases() == [(desk.alma, "unknown_fate", 1, None), (desk.bruno, "refused", 2, None)]
    assert opening.look(desk.tx, desk.clock()) == 0
    shown = desk.show(desk.case_id(desk.alma))
    assert [(one.status, one.error_class) for one in shown.ours] == [("failed", "unclear")]
    desk.close(desk.case_id(desk.alma))
    assert opening.look(desk.tx, desk.clock()) == 0, "a case that was closed stays so"
    desk.say(BRUNO, "qué molestos son")
    assert desk.cases()[-1] == (desk.bruno, "complaint", 3, None), "the officer's message joins it"


def test_a_message_that_was_resent_is_no_case(desk: Desk) -> None:
    first = sent(desk, desk.alma, "destination")
    sent(desk, desk.alma, "", status="delivered", origin_id=first, resend=1)
    assert opening.look(desk.tx, desk.clock()) == 0


def test_all_dead_letters_are_one_case_that_ends_when_they_are_processed(desk: Desk) -> None:
    letters = [
        dead_letters.save(desk.tx, desk.vault, "inbound", {"Body": "x"}, "ValueError at a.py:1", desk.clock()).id
        for _ in range(2)
    ]
    opening.look(desk.tx, desk.clock())
    assert desk.cases() == [(None, "dead_letter", 2, None)]
    assert [(one.id, one.error, one.is_replayed) for one in desk.show(1).letters] == [
        (letter, "ValueError at a.py:1", False) for letter in letters
    ]
    dead_letters.mark_replayed(desk.tx, letters[0], desk.clock())
    opening.look(desk.tx, desk.clock())
    assert desk.cases() == [(None, "dead_letter", 2, None)]
    dead_letters.mark_replayed(desk.tx, letters[1], desk.clock())
    opening.look(desk.tx, desk.clock())
    assert desk.cases() == [(None, "dead_letter", 2, "gone")]
    dead_letters.save(desk.tx, desk.vault, "status", {}, "KeyError at b.py:2", desk.clock())
    opening.look(desk.tx, desk.clock())
    assert desk.cases()[1:] == [(None, "dead_letter", 1, None)]


def test_status_counts_open_cases_by_reason_and_age(desk: Desk) -> None:
    desk.say(ALMA, "xyzzy")
    desk.clock.advance(hours=5)
    desk.say(BRUNO, "xyzzy")
    desk.say(STRANGER, CRISIS)
    owning.take(desk.tx, desk.case_id(desk.bruno), desk.clock(), "claims to be eva")
    assert status.counts(desk.tx, desk.clock())["cases"] == {
        "crisis": {"open": 1, "new": 1, "oldest_hours": 0},
        "nothing_open": {"open": 2, "new": 1, "oldest_hours": 5},
    }

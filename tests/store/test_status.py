"""The counts of `trato status`, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from app.cli.status import COUNTS, FUNNEL
from app.store import alerts, contacts, damage, funnel, status
from app.store.database import Database
from app.store.tables import (
    Bucket,
    CampaignVersion,
    Cohort,
    Contact,
    DeadLetter,
    FlowVersion,
    InboundMessage,
    Nudge,
    OutboundMessage,
    Response,
    Session,
    StateValue,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, published

NOTHING = {"planned": 0, "begun": 0, "sent": 0, "delivered": 0, "read": 0, "replied": 0, "completed": 0}


SHOWN_APART = {"cases", "on_hold", "failing_jobs", "not_ready", "alerts_undelivered"}


class Office:
    """A published programme and what has become of its flows."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.clock = tx, clock
        published(tx, clock())
        self.contact = enrol(tx, vault, clock(), "+525555550101")
        self.flow_version = tx.execute(select(FlowVersion.id)).scalar_one()
        self.campaign_version = tx.execute(select(CampaignVersion.id)).scalar_one()
        self.made = 0

    def add(self, table: Any, **values: Any) -> int:
        self.made += 1
        return int(self.tx.execute(insert(table).returning(table.id), values).scalar_one())

    def flow(self, *statuses: str, replies: int = 0, outcome: str | None = "expired", hours_ago: int = 1) -> int:
        """One begun nudge: its messages, so many replies, and how it ended; `outcome=None` leaves it open."""
        now = self.clock()
        session = self.add(
            Session,
            contact_id=self.contact,
            flow_version_id=self.flow_version,
            flow="reporte",
            channel="sms",
            started_at=now,
            outcome=outcome,
            ended_at=None if outcome is None else now,
        )
        self.nudge(session, hours_ago)
        for message in statuses:
            self.outbound(message, session=session)
        for _ in range(replies):
            self.response(session)
        return session

    def nudge(self, session: int | None, hours_ago: int) -> None:
        due = self.clock() - timedelta(hours=hours_ago)
        self.add(
            Nudge,
            contact_id=self.contact,
            campaign_version_id=self.campaign_version,
            campaign="seguimiento",
            slot=f"w{self.made}",
            flow="reporte",
            planned_for=due,
            due_at=due,
            closes_at=due + timedelta(days=1),
            status="planned" if session is None else "started",
            session_id=session,
            created_at=due,
        )

    def outbound(self, state: str, *, session: int | None = None, minutes_ago: int = 0) -> None:
        at = self.clock() - timedelta(minutes=minutes_ago)
        self.add(
            OutboundMessage,
            uid=f"u{self.made}",
            contact_id=self.contact,
            session_id=session,
            kind="say",
            channel="sms",
            options="[]",
            status=state,
            due_at=at,
            created_at=at,
        )

    def inbound(self, outcome: str = "answer", *, needs_person: bool = False) -> int:
        return self.add(
            InboundMessage,
            sid=f"SM{self.made}",
            contact_id=self.contact,
            lookup="x",
            channel="sms",
            sealed=b"x",
            outcome=outcome,
            needs_person=needs_person,
            received_at=self.clock(),
        )

    def response(self, session: int) -> None:
        now = self.clock()
        self.add(
            Response,
            session_id=session,
            contact_id=self.contact,
            inbound_id=self.inbound(),
            flow_version_id=self.flow_version,
            flow="reporte",
            step=f"s{self.made}",
            variable="v",
            kind="text",
            label="",
            rule="text",
            score=1.0,
            attempt=1,
            status="ok",
            asked_at=now,
            answered_at=now,
        )


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Any:
    with database.transaction() as tx:
        yield Office(tx, vault, clock)


def test_every_count_and_stage_has_words(database: Database, clock: StillClock) -> None:
    with database.reading() as tx:
        found = (status.counts(tx, clock()) | status.running(tx, clock())).keys()
    assert found - SHOWN_APART == COUNTS.keys()
    assert set(funnel.Stage) == FUNNEL.keys()


def test_an_empty_installation(database: Database, clock: StillClock) -> None:
    with database.reading() as tx:
        assert funnel.of_all(tx, clock()).stages == NOTHING
        counts = status.counts(tx, clock())
    assert counts["contacts"] == {}
    assert counts["senders_paused"] == []
    assert counts["stopped"] is False
    assert not any(value for value in counts.values())


def test_the_funnel_counts_flows_and_each_once(office: Office) -> None:
    office.nudge(None, 1)
    office.flow("queued")
    office.flow("sent")
    office.flow("delivered", "read", "queued", replies=2)
    office.flow("read", "read", replies=1, outcome="completed")
    office.flow("failed")
    now = office.clock()
    whole = funnel.of_all(office.tx, now).stages
    assert whole == {"planned": 6, "begun": 5, "sent": 3, "delivered": 2, "read": 2, "replied": 2, "completed": 1}
    assert funnel.total(funnel.between(office.tx, now - timedelta(hours=2), now)).stages == whole


def test_the_funnel_of_a_time(office: Office) -> None:
    office.flow("read", hours_ago=30)
    office.flow("sent", hours_ago=2)
    office.nudge(None, -5)
    now = office.clock()
    (of_today,) = funnel.between(office.tx, now - timedelta(hours=24), now).values()
    assert of_today.stages == NOTHING | {"planned": 1, "begun": 1, "sent": 1}
    assert funnel.of_all(office.tx, now).stages["planned"] == 2, "what is due later is not in the funnel yet"


def test_what_needs_a_person(office: Office) -> None:
    now = office.clock()
    office.flow(outcome=None)
    office.outbound("queued", minutes_ago=7)
    office.outbound("queued", minutes_ago=3)
    office.outbound("queued", minutes_ago=-60)
    for state in ("unknown", "failed", "undelivered", "expired"):
        office.outbound(state)
    office.inbound("unclear", needs_person=True)
    office.inbound("unknown_sender")
    office.add(DeadLetter, kind="inbound", sealed=b"x", error="ValueError", at=now)
    office.add(DeadLetter, kind="inbound", sealed=b"x", error="ValueError", at=now, replayed_at=now)
    office.tx.execute(
        insert(Bucket), {"sender": "sms", "tokens": 1.0, "at": now, "paused_at": now, "pause_code": 20003}
    )
    office.tx.execute(
        insert(Bucket), {"sender": "whatsapp", "tokens": 1.0, "at": now, "paused_at": None, "pause_code": None}
    )
    office.tx.execute(update(Cohort).values(paused_at=now))
    study_id = office.tx.execute(update(Contact).values(held_at=now).returning(Contact.study_id)).scalar_one()
    office.tx.execute(insert(StateValue), {"name": "stopped", "value": "1", "updated_at": now})
    assert status.counts(office.tx, now) == {
        "contacts": {"active": 1},
        "sessions_open": 1,
        "responses": 0,
        "outbox_due": 2,
        "outbox_oldest_seconds": 420,
        "outbox_unknown": 1,
        "messages_silent": 0,
        "messages_failed": 3,
        "needs_person": 1,
        "cases": {},
        "unknown_senders": 1,
        "dead_letters": 1,
        "deferred_messages": 0,
        "files": {},
        "on_hold": {"person": [study_id]},
        "failing_jobs": {},
        "not_ready": {},
        "alerts_undelivered": {},
        "senders_resting": [],
        "senders_paused": ["sms"],
        "cohorts_paused": ["prueba-1"],
        "officers_held": [study_id],
        "stopped": True,
    }


def test_officers_on_hold_are_listed_by_reason_and_jobs_that_fail_by_name(office: Office) -> None:
    now = office.clock()
    contact, study_id = office.tx.execute(select(Contact.id, Contact.study_id)).one()
    contacts.hold(office.tx, contact, now)
    assert status.on_hold(office.tx) == {"loop": [study_id]}
    damage.hold(office.tx, contact, "nudge", "ValueError at flows/shifts.py:47", now)
    assert status.on_hold(office.tx) == {"damaged": [study_id]}
    alerts.ring(office.tx, "job", "plan", now, {"error": "KeyError at scheduler/nudging.py:1"})
    assert status.failing_jobs(office.tx) == {"plan": "KeyError at scheduler/nudging.py:1"}


def test_what_was_sent_and_what_it_cost(office: Office) -> None:
    now = office.clock()
    assert status.spent(office.tx, None) == {"messages": 0, "segments": 0, "cost": {}}
    for hours_ago, segments, price, unit in (
        (1, 2, "0.01580", "USD"),
        (2, 1, "0.0079", "USD"),
        (3, 1, None, None),
        (50, 3, "1.5", "MXN"),
    ):
        office.outbound("delivered")
        office.tx.execute(
            update(OutboundMessage)
            .where(OutboundMessage.uid == f"u{office.made - 1}")
            .values(
                sid=f"SM{hours_ago}",
                sent_at=now - timedelta(hours=hours_ago),
                segments=segments,
                price=price,
                price_unit=unit,
            )
        )
    office.outbound("queued")
    assert status.spent(office.tx, now - timedelta(hours=24)) == {"messages": 3, "segments": 4, "cost": {"USD": 0.0237}}
    assert status.spent(office.tx, None) == {"messages": 4, "segments": 7, "cost": {"MXN": 1.5, "USD": 0.0237}}

"""The life of messages, as a machine that does whatever may happen in whatever order: officers and programme queue, senders
claim, post and crash, the carrier takes, refuses, keeps silent, calls back late, twice and out of order, people pause, resume
and opt out, and time jumps. After every step what must always hold is looked at; in the end the world calms down, and every
message has come to its end."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, Row, event, insert, select, text, update

from app.channels.base import Accepted, Ambiguous, DeliveryStatus, Outgoing, Rejected, SendResult, SentMessage, Status
from app.channels.causes import Cause
from app.channels.twilio import forms
from app.channels.twilio.codes import cause_of
from app.sending import claiming, delivery_reports, outcomes, pausing
from app.sending.claiming import SendContext
from app.sending.outcomes import Job, Settled
from app.sending.pausing import Target
from app.sending.reconciling import SKEW, Reconciler
from app.sending.send_policy import HANDOVER, Rules, is_prompt
from app.store import conversations, our_numbers, outbox
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import (
    OUTBOUND,
    RANKS,
    Address,
    Contact,
    FlowVersion,
    MessageStatus,
    OutboundMessage,
    Session,
    metadata,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import enrol, sealed

S = MessageStatus
QUIET = (time(21), time(9))
CITY = ZoneInfo("America/Mexico_City")
OWNERS = ("one", "two")
BACK = {("sending", "queued"), ("unknown", "queued")}
OPEN = {"queued", "sending", "unknown"}
REFUSALS = (20429, 21656, 63010, 63016, 63024, 63049, 20003, 63033, 21602, 29999, None)
FAILURES = (21655, 30003, 30008, 63018, 63016, 63024, 63049, 30036, 20003, 30005, 63005, 29999)


@dataclass
class Sent:
    """A message as the carrier has it: whose it is, and what becomes of it, a code or its delivery."""

    sid: str
    uid: str
    contact: int
    channel: str
    to: str
    body: str
    content: str | None
    at: datetime
    fate: int | None

    @property
    def life(self) -> list[Status]:
        """All that will ever be told of it."""
        end = ["delivered", "read"] if self.fate is None else ["undelivered"]
        return [_status(self, word, self.fate if word == "undelivered" else None) for word in ("queued", "sent", *end)]


def _status(one: Sent, word: str, code: int | None) -> Status:
    """Twilio's word and code, as its channel reads them."""
    form = {"MessageSid": one.sid, "MessageStatus": word, "ErrorCode": str(code or "")}
    status = forms.status(form, one.uid)
    assert (status.error_code, status.status is None) == (code, False)
    return status


@dataclass
class Process:
    """A sender's memory: what it has claimed, and answers that it has not written down."""

    jobs: list[tuple[Job, set[int]]] = field(default_factory=list)  # each with who had opted out when it was claimed
    answers: list[Settled] = field(default_factory=list)
    returned: list[Job] = field(default_factory=list)


class Life(RuleBasedStateMachine):
    """One world. `make` gives an empty database at this release's schema."""

    make: Callable[[], Database]

    @initialize(hour=st.integers(15, 27))
    def begin(self, hour: int) -> None:
        self.database = type(self).make()
        self.vault, self.chance = Vault("a secret that only tests have"), Random(1)
        self.database.unlock(self.vault)
        self.clock = StillClock(datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour))
        self.processes = {owner: Process() for owner in OWNERS}
        self.sent: list[Sent] = []
        self.rows: dict[int, Row[Any]] = {}
        self.numbers, self.names = count(1), count(1)
        self.opted_out: set[int] = set()
        self.stopped: set[Target] = set()
        self.heard: dict[int, datetime] = {}
        with self.database.transaction() as tx:
            self.contacts = [enrol(tx, self.vault, self.clock(), f"+52555555010{number}") for number in (1, 2)]
            self.version = tx.execute(
                insert(FlowVersion).returning(FlowVersion.id),
                {"programme": "prueba", "hash": "h", "source": "", "published_at": self.clock()},
            ).scalar_one()
        for who in range(2):
            self.writes(who)
            self.queue(who, priority=0, together=2)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            try:
                self.calm_down()
            finally:
                self.database.close()

    # -- what programme and officers do ---------------------------------------------------------------------------------

    def put(self, tx: Connection, contact: int, **changes: Any) -> None:
        number = next(self.numbers)
        row = {
            "uid": f"u{number:06d}",
            "contact_id": contact,
            "kind": "say",
            "channel": "whatsapp",
            "priority": 0,
            "body": f"text {number}",
            "options": "[]",
            "status": "queued",
            "rank": 0,
            "attempts": 0,
            "due_at": self.clock(),
            "created_at": self.clock(),
            **changes,
        }
        tx.execute(insert(OUTBOUND), sealed(tx, OutboundMessage, row))

    # Two rules for one thing, here and below: Hypothesis leaves some rules out of each life, and a life without this is none.

    @rule(who=st.integers(0, 1), priority=st.integers(0, 1), together=st.integers(1, 3))
    def queue(self, who: int, priority: int, together: int) -> None:
        with self.database.transaction() as tx:
            for _ in range(together):
                self.put(tx, self.contacts[who], priority=priority, channel="sms")

    @rule(
        who=st.integers(0, 1),
        priority=st.integers(0, 1),
        channel=st.sampled_from(["whatsapp", "whatsapp", "sms"]),
        template=st.sampled_from([None, "apertura"]),
        expires=st.sampled_from([None, None, 1, 30, 600]),
        later=st.sampled_from([0, 0, 0, 90]),
    )
    def queue_in_many_ways(
        self, who: int, priority: int, channel: str, template: str | None, expires: int | None, later: int
    ) -> None:
        now = self.clock()
        with self.database.transaction() as tx:
            self.put(
                tx,
                self.contacts[who],
                priority=priority,
                channel=channel,
                template=template,
                due_at=now + timedelta(minutes=later),
                expires_at=None if expires is None else now + timedelta(minutes=expires),
            )

    @rule(who=st.integers(0, 1), channel=st.sampled_from(["whatsapp", "sms"]))
    def ask(self, who: int, channel: str) -> None:
        """The officer's session puts its next question; it begins with the first."""
        contact, step = self.contacts[who], f"q{next(self.names)}"
        with self.database.transaction() as tx:
            session = tx.execute(
                select(Session.id).where(Session.contact_id == contact, Session.ended_at.is_(None))
            ).scalar_one_or_none()
            if session is None:
                session = tx.execute(
                    insert(Session).returning(Session.id),
                    {
                        "contact_id": contact,
                        "flow_version_id": self.version,
                        "flow": "f",
                        "channel": channel,
                        "step": step,
                        "started_at": self.clock(),
                    },
                ).scalar_one()
                self.put(tx, contact, session_id=session, step="hola", channel=channel, template="apertura", priority=1)
            else:
                tx.execute(update(Session).where(Session.id == session).values(step=step))
            self.put(tx, contact, session_id=session, step=step, kind="ask", channel=channel)

    @rule(who=st.integers(0, 5), outcome=st.sampled_from(["completed", "expired"]))
    def end(self, who: int, outcome: str) -> None:
        """The session is over."""
        if who > 1:
            return
        with self.database.transaction() as tx:
            tx.execute(
                update(Session)
                .where(Session.contact_id == self.contacts[who], Session.ended_at.is_(None))
                .values(ended_at=self.clock(), outcome=outcome, step=None, state=None)
            )

    @rule(who=st.integers(0, 1))
    def writes(self, who: int) -> None:
        """The officer writes by WhatsApp: its window is open."""
        contact = self.contacts[who]
        self.heard[contact] = self.clock()
        with self.database.transaction() as tx:
            tx.execute(
                update(Address)
                .where(Address.contact_id == contact, Address.channel == "whatsapp")
                .values(last_inbound_at=self.clock())
            )

    @rule(who=st.integers(0, 7))
    def opts_out(self, who: int) -> None:
        """BAJA: nothing more goes out but the answer to that. Few do, or nothing would go on."""
        if who > 1:
            return
        contact = self.contacts[who]
        self.opted_out.add(contact)
        with self.database.transaction() as tx:
            conversations.write(tx, Changes(silenced=[contact], contacts=[(contact, {"status": "opted_out"})]))
            self.put(tx, contact, kind="notice", step="opted_out")

    @rule()
    def opts_in(self) -> None:
        """ALTA, of whoever had left."""
        self.opted_out.clear()
        with self.database.transaction() as tx:
            tx.execute(update(Contact).values(status="active"))

    # -- what senders do ------------------------------------------------------------------------------------------------

    def desk(self, owner: str) -> SendContext:
        return SendContext("twilio", owner, self.vault, Rules(QUIET, {"apertura": "HX1"}), 1000.0)

    @rule(owner=st.sampled_from(OWNERS), room=st.integers(1, 5))
    def claim(self, owner: str, room: int) -> None:
        before, now = {row.id: row for row in self.read()}, self.clock()
        with self.database.transaction() as tx:
            _, jobs = claiming.take(tx, self.desk(owner), room, now)
            statuses = dict(tx.execute(select(Contact.id, Contact.status)).all())
        for job in jobs:
            self.must_be_allowed(job, before, statuses, now)
            self.processes[owner].jobs.append((job, set(self.opted_out)))

    def must_be_allowed(self, job: Job, before: dict[int, Row[Any]], statuses: dict[int, str], now: datetime) -> None:
        message, place = job.message, job.place
        assert place is not None
        assert message.contact_id is not None
        assert not any(self.holds(target, message.contact_id, message.channel) for target in self.stopped), (
            "it is stopped"
        )
        last_word = message.kind == "notice" and statuses[message.contact_id] == "opted_out"
        assert statuses[message.contact_id] == "active" or last_word, "none after BAJA"
        assert message.expires_at is None or message.expires_at > now + HANDOVER, "none after it has expired"
        origin = before[message.origin_id or message.id]
        if not is_prompt(message, now) or now - origin.created_at >= timedelta(minutes=30):
            until = now + HANDOVER + timedelta(seconds=job.outgoing.validity_seconds or 0)
            for moment in (now, until - timedelta(seconds=1)):
                assert time(9) <= moment.astimezone(CITY).time() < time(21), "none in quiet hours"
        if message.channel == "whatsapp" and job.outgoing.content_sid is None:
            heard = self.heard.get(message.contact_id)
            assert heard is not None
            assert now + HANDOVER - heard < timedelta(hours=24), "no free text outside the window"
        if message.kind == "ask" and (message.resend > 0 or now - message.created_at >= timedelta(minutes=30)):
            assert self.open_steps().get(message.session_id or 0) == message.step, (
                "no question that waits for no answer any more"
            )
        self.must_be_in_order(message.id, message.contact_id, before, now)

    def must_be_in_order(self, key: int, contact: int, before: dict[int, Row[Any]], now: datetime) -> None:
        row = before[key]
        stands = (row.priority, row.origin_id or key)
        for other in before.values():
            if other.contact_id != contact or other.id == key:
                continue
            assert other.status not in {"sending", "unknown"}, "one at a time"
            if other.channel != row.channel and other.channel in self.idle_channels(now):
                continue
            if other.status == "queued" and (other.priority, other.origin_id or other.id) < stands:
                decided = next(one for one in self.read() if one.id == other.id)
                if decided.status == "queued":
                    assert other.due_at > now or decided.due_at > now, "not before what stands before it"
                    assert other.attempts == 0 or decided.attempts == 0, "nor before what is being tried again"
        if row.resend > 0:
            behind = {
                other.uid
                for other in before.values()
                if other.contact_id == contact
                and (other.origin_id or other.id) > stands[1]
                and other.error_class != "unclear"
            }
            assert not [one for one in self.sent if one.uid in behind and one.fate is None], (
                "not after what has arrived already"
            )

    def open_steps(self) -> dict[int, str | None]:
        with self.database.reading() as tx:
            return dict(tx.execute(select(Session.id, Session.step).where(Session.ended_at.is_(None))).all())

    def holds(self, target: Target, contact: int, channel: str) -> bool:
        match target.kind:
            case "officer":
                return target.name == str(contact)
            case "sender":
                return target.name == f"twilio:{channel}"
        return True

    @precondition(lambda self: any(process.jobs for process in self.processes.values()))
    @rule(
        owner=st.sampled_from(OWNERS),
        fate=st.sampled_from([None, None, None, *FAILURES]),
        outcome=st.sampled_from(["accepted", "accepted", "accepted", "refused", "lost answer", "lost request"]),
        code=st.sampled_from(REFUSALS),
    )
    def post(self, owner: str, fate: int | None, outcome: str, code: int | None) -> None:
        process = self.processes[owner]
        if not process.jobs:
            return
        job, opted_out = process.jobs.pop(0)
        if job.message.lease_until is not None and job.message.lease_until <= self.clock():
            process.returned.append(job)
            return
        result: SendResult
        match outcome:
            case "refused":
                cause = Cause.carrier_unreachable if code is None else cause_of(code)
                result = Rejected(cause, code, 1.0 if code == 20429 else None)
            case "lost request":
                result = Ambiguous("timeout")
            case _:
                one = self.take(job, fate, opted_out)
                result = Accepted(one.sid, "queued", 1) if outcome == "accepted" else Ambiguous("timeout")
        process.answers.append((job, result))

    def take(self, job: Job, fate: int | None, opted_out: set[int]) -> Sent:
        """The carrier's side of a post."""
        message, outgoing = job.message, job.outgoing
        contact = message.contact_id or 0
        assert contact not in opted_out or message.kind == "notice", "none after BAJA"
        if outgoing.channel == "whatsapp" and outgoing.content_sid is None:
            heard = self.heard.get(contact)
            if heard is None or self.clock() - heard >= timedelta(hours=24):
                fate = 63016
        one = Sent(
            f"SM{len(self.sent):032x}",
            outgoing.uid,
            contact,
            outgoing.channel,
            outgoing.to,
            outgoing.body,
            outgoing.content_sid,
            self.clock(),
            fate,
        )
        self.sent.append(one)
        return one

    @rule(owner=st.sampled_from(OWNERS), fate=st.sampled_from([None, None, *FAILURES]), rounds=st.integers(1, 3))
    def works(self, owner: str, fate: int | None, rounds: int = 1) -> None:
        """A sender on a good day: claims, posts, writes; the carrier takes everything. What it was refused for is mended."""
        for name in ("twilio:sms", "twilio:whatsapp"):
            if Target("sender", name) not in self.stopped:
                self.set(Target("sender", name), stopped=False)
        for _ in range(rounds):
            self.claim(owner, 5)
            self.claim(owner, 5)  # some were put on another way first
            while self.processes[owner].jobs:
                self.post(owner, fate, "accepted", None)
            self.write(owner)

    @rule(owner=st.sampled_from(OWNERS), fate=st.sampled_from(FAILURES))
    def works_in_vain(self, owner: str, fate: int) -> None:
        """The carrier takes what is due first, and tells at once that it has failed."""
        self.works(owner, fate)
        self.tells_failures()

    @rule(who=st.integers(0, 1), fate=st.sampled_from(FAILURES), told=st.booleans())
    def half_of_it_fails(self, who: int, fate: int, told: bool) -> None:
        """Of what was said together the first fails; of the rest it may not be known yet when its turn comes again."""
        self.queue(who, priority=0, together=2)
        self.works("one", fate)
        self.works("one", None)
        (self.tells_all if told else self.tells_failures)()
        self.until_something_is_due()
        self.claim("one", 5)

    @rule(
        owner=st.sampled_from(OWNERS),
        fate=st.sampled_from([None, None, *FAILURES]),
        outcome=st.sampled_from(["lost answer", "lost request"]),
    )
    def dies_at_work(self, owner: str, fate: int | None, outcome: str) -> None:
        """A sender dies in the middle of a post, and is missed when its lease is over."""
        self.claim(owner, 5)
        while self.processes[owner].jobs:
            self.post(owner, fate, outcome, None)
        self.crash(owner)
        self.clock.at += HANDOVER
        self.reconcile()

    @rule(owner=st.sampled_from(OWNERS))
    def write(self, owner: str) -> None:
        process = self.processes[owner]
        answers, process.answers = process.answers, []
        returned, process.returned = process.returned, []
        with self.database.transaction() as tx:
            outcomes.write(tx, owner, answers, self.clock(), self.chance)
            for key in outbox.held(tx, owner, [job.message.id for job in returned]):
                outbox.release(tx, key, self.clock())

    @precondition(lambda self: any(process.jobs or process.answers for process in self.processes.values()))
    @rule(owner=st.sampled_from(OWNERS))
    def crash(self, owner: str) -> None:
        self.processes[owner] = Process()

    # -- what the carrier tells -----------------------------------------------------------------------------------------

    @precondition(lambda self: self.sent)
    @rule(picks=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3), st.booleans()), min_size=1, max_size=4))
    def calls_back(self, picks: list[tuple[int, int, bool]]) -> None:
        told = []
        for which, when, names_us in picks:
            one = self.sent[which % len(self.sent)]
            status = one.life[when % len(one.life)]
            told.append(status if names_us else replace(status, uid=None))
        with self.database.transaction() as tx:
            delivery_reports.record(tx, told, self.clock(), "twilio")

    @rule()
    def tells_failures(self) -> None:
        with self.database.transaction() as tx:
            delivery_reports.record(
                tx, [one.life[-1] for one in self.sent if one.fate is not None], self.clock(), "twilio"
            )

    @rule()
    def tells_all(self) -> None:
        with self.database.transaction() as tx:
            delivery_reports.record(
                tx, [status for one in reversed(self.sent) for status in one.life], self.clock(), "twilio"
            )

    @rule()
    def reconcile(self) -> None:
        """Leases that ran out, and messages in doubt, against the carrier's list."""
        reconciler = Reconciler(None, self, self.clock, self.desk("one"))  # type: ignore[arg-type]
        with self.database.transaction() as tx:
            doubtful = reconciler._in_doubt(tx)
        for message, composed in doubtful:
            found = [one for outgoing in composed for one in self.listed(outgoing, message.created_at - SKEW)]
            with self.database.transaction() as tx:
                reconciler._resolve(tx, message, found)

    name = "twilio"

    def listed(self, outgoing: Outgoing, after: datetime) -> list[SentMessage]:
        return [
            SentMessage(one.sid, DeliveryStatus.accepted, word="queued", same=one.body == outgoing.body)
            for one in self.sent
            if (one.channel, one.to) == (outgoing.channel, outgoing.to)
            and one.at >= after
            and (outgoing.content_sid is not None or one.body == outgoing.body)
        ]

    # -- what people and time do ----------------------------------------------------------------------------------------

    def target(self, which: int) -> Target:
        officer = Target("officer", str(self.contacts[0]))
        return [Target("service"), Target("cohort", "prueba-1"), Target("sender", "twilio:sms"), officer][which]

    def set(self, target: Target, *, stopped: bool) -> None:
        with self.database.transaction() as tx:
            named = target
            if target.kind == "officer":
                named = Target(
                    "officer", tx.execute(select(Contact.study_id).where(Contact.id == int(target.name))).scalar_one()
                )
            (pausing.pause if stopped else pausing.resume)(tx, named, self.clock(), "test")
        (self.stopped.add if stopped else self.stopped.discard)(target)

    @rule(which=st.integers(0, 11))
    def pause(self, which: int) -> None:
        if which < 4:
            self.set(self.target(which), stopped=True)

    @rule()
    def resume(self) -> None:
        """Everything goes on, senders that were refused too."""
        for target in (*map(self.target, range(4)), Target("sender", "twilio:whatsapp")):
            self.set(target, stopped=False)

    @rule(seconds=st.sampled_from([1, 11, 60, 130, 130, 700, 3600, 6 * 3600]))
    def waits(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    @rule()
    def until_something_is_due(self) -> None:
        waiting = [row.due_at for row in self.read() if row.status == "queued" and row.due_at > self.clock()]
        self.clock.at = min(waiting, default=self.clock())

    @rule(seconds=st.integers(1, 200))
    def evening(self, seconds: int) -> None:
        """A little before the quiet hours."""
        now = self.clock()
        nine = now.replace(hour=3, minute=0, second=0)
        nine = nine if nine > now else nine + timedelta(days=1)
        self.clock.at = max(now, nine - timedelta(seconds=seconds))

    # -- what must hold -------------------------------------------------------------------------------------------------

    def idle_channels(self, now: datetime) -> list[str]:
        """The channels whose number sends nothing now: what waits there is not waited for."""
        senders = {channel: our_numbers.name("twilio", channel) for channel in ("sms", "whatsapp")}
        with self.database.reading() as tx:
            idle = our_numbers.idle(tx, now)
        return [channel for channel, sender in senders.items() if sender in idle]

    def read(self) -> list[Row[Any]]:
        with self.database.reading() as tx:
            return list(tx.execute(select(OUTBOUND).order_by(OUTBOUND.c.id)))

    @invariant()
    def always(self) -> None:
        if not hasattr(self, "database"):
            return
        now = {row.id: row for row in self.read()}
        assert self.rows.keys() <= now.keys(), "lost"
        on_their_way = [row.contact_id for row in now.values() if row.status == "sending"]
        assert len(on_their_way) == len(set(on_their_way)), "two on their way to one officer"
        for key, row in now.items():
            assert row.rank == RANKS[S(row.status)]
            was = self.rows.get(key)
            if was is not None and (was.status, row.status) not in BACK:
                assert row.rank >= was.rank, f"{was.status} went back to {row.status}"
            if row.status == "queued":
                assert (row.sid, row.lease_owner) == (None, None), "what the carrier has is never queued"
            if row.origin_id is not None:
                assert self.words(row) == self.words(now[row.origin_id])
                assert row.contact_id == now[row.origin_id].contact_id
        self.rows = now
        self.nothing_arrives_twice()

    def words(self, row: Row[Any]) -> str:
        return self.vault.open(row.body, f"outbound_body:{row.uid}")

    def nothing_arrives_twice(self) -> None:
        origins = {row.uid: row.origin_id or row.id for row in self.rows.values()}
        arrived = [origins[one.uid] for one in self.sent if one.fate is None]
        assert len(arrived) == len(set(arrived)), "twice at the officer's"
        taken = [one.uid for one in self.sent]
        unsettled = {row.uid for row in self.rows.values() if row.error_class == "unclear"}
        assert all(taken.count(uid) == 1 for uid in set(taken) - unsettled), "one row, one message at the carrier"

    def calm_down(self) -> None:
        """Nobody crashes any more, the carrier takes and delivers everything and tells all of it: every message ends."""
        for owner in OWNERS:
            self.crash(owner)
        for _ in range(400):
            self.resume()
            with self.database.transaction() as tx:
                delivery_reports.record(
                    tx, [status for one in self.sent for status in one.life], self.clock(), "twilio"
                )
            self.reconcile()
            self.claim("one", 5)
            while self.processes["one"].jobs:
                self.post("one", None, "accepted", None)
            self.write("one")
            self.always()
            if not any(row.status in {*OPEN, "accepted", "sent"} for row in self.rows.values()):
                break
            self.clock.advance(minutes=17)
        left = [
            (row.id, row.status, row.error_class, row.due_at)
            for row in self.rows.values()
            if row.status in {*OPEN, "accepted", "sent"}
        ]
        assert left == [], "still on their way"
        for row in self.rows.values():
            if row.status in {"failed", "undelivered"}:
                assert row.error_class is not None, "failed, and nobody can see why"


def lives(make: Callable[[], Database], examples: int, steps: int) -> None:
    machine = type("OneLife", (Life,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )


@pytest.mark.nightly
def test_on_sqlite_every_life_comes_to_its_end(sqlite_template: Path, tmp_path: Path) -> None:
    number = count()

    def make() -> Database:
        path = tmp_path / f"{next(number)}.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}")
        event.listen(
            database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
        )  # nobody pulls the plug
        return database

    lives(make, 60, 60)


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_on_postgresql_too(database_url: str) -> None:
    tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)

    def make() -> Database:
        database = Database(database_url)
        with database.transaction() as tx:
            tx.execute(text("SET LOCAL session_replication_role = replica"))  # the audit log's triggers refuse it
            tx.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        return database

    lives(make, 10, 50)

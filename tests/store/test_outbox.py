"""The outbox, on both databases: what may be claimed, in which order, by how many, and that no message is lost, sent twice or
taken back, whatever happens in whatever order."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import DBAPIError

from app.channels.base import Status
from app.channels.twilio.codes import STATUSES, cause_of
from app.store import callbacks, outbox
from app.store.database import Database
from app.store.dialect import is_conflict
from app.store.outbox import Claimed, Queue
from app.store.tables import OUTBOUND, RANKS, Cohort, Contact, MessageEvent, MessageStatus, OutboundMessage
from tests.conftest import StillClock
from tests.together import together
from tests.world import sealed

SMS = Queue("sms", 0)
NUDGES = Queue("sms", 1)
LEASE = timedelta(minutes=2)
S = MessageStatus


def reported(sid: str, word: str, uid: str | None = None, code: int | None = None) -> Status:
    """A report in the carrier's words, as its channel reads it."""
    return Status(sid, STATUSES.get(word), uid, code, None if code is None else cause_of(code), word)


@dataclass
class Post:
    """An outbox, three officers, and a pen."""

    database: Database
    clock: StillClock
    contacts: list[int] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        with self.database.transaction() as tx:
            cohort = tx.execute(
                insert(Cohort).returning(Cohort.id),
                {"code": "c", "programme": "p", "timezone": "UTC", "dates": "{}", "created_at": self.clock()},
            ).scalar_one()
            for number in range(3):
                row = {
                    "study_id": f"S{number}",
                    "cohort_id": cohort,
                    "language": "es-MX",
                    "timezone": "UTC",
                    "channel": "sms",
                    "status": "active",
                    "attributes": "{}",
                    "dates": "{}",
                    "created_at": self.clock(),
                }
                self.contacts.append(tx.execute(insert(Contact).returning(Contact.id), row).scalar_one())

    def put(self, contact: int | None = 0, *, in_minutes: float = 0, queue: Queue = SMS, **changes: Any) -> int:
        """One message to the officer of that number, or to nobody known; due so many minutes from now."""
        self.made += 1
        row = {
            "uid": f"u{self.made}",
            "contact_id": None if contact is None else self.contacts[contact],
            "kind": "say",
            "channel": queue[0],
            "priority": queue[1],
            "body": "Hola",
            "options": "[]",
            "status": "queued",
            "rank": 0,
            "attempts": 0,
            "due_at": self.clock() + timedelta(minutes=in_minutes),
            "created_at": self.clock(),
            **changes,
        }
        with self.database.transaction() as tx:
            return int(
                tx.execute(insert(OUTBOUND).returning(OUTBOUND.c.id), sealed(tx, OutboundMessage, row)).scalar_one()
            )

    def claim(self, limit: int = 10, owner: str = "one", queue: Queue = SMS) -> list[Claimed]:
        with self.database.transaction() as tx:
            return outbox.claim(tx, self.clock(), owner, queue, limit, LEASE)

    def ids(self, limit: int = 10, **how: Any) -> list[int]:
        return [message.id for message in self.claim(limit, **how)]

    def row(self, message: int) -> Row[Any]:
        with self.database.reading() as tx:
            return tx.execute(select(OUTBOUND).where(OUTBOUND.c.id == message)).one()

    def accept(self, *messages: int) -> None:
        with self.database.transaction() as tx:
            outbox.accepted(tx, [(message, f"SM{message}", 2) for message in messages], self.clock())

    def tell(self, *told: Status) -> None:
        with self.database.transaction() as tx:
            callbacks.advance(tx, told, self.clock())

    def do(self, function: Any, *given: Any) -> Any:
        with self.database.transaction() as tx:
            return function(tx, *given)


@pytest.fixture
def post(database: Database, clock: StillClock) -> Post:
    return Post(database, clock)


# -- what may be claimed ----------------------------------------------------------------------------------------------


def test_only_what_is_due_is_claimed_the_earliest_first(post: Post) -> None:
    later, second, first = post.put(0, in_minutes=5), post.put(1, in_minutes=-1), post.put(2, in_minutes=-2)
    assert [message.id for message in post.claim(1)] == [first]
    assert post.ids() == [second]
    assert post.ids() == []
    post.clock.advance(minutes=6)
    assert post.ids() == [later], "and not those whose lease has run out: they may have been sent"


def test_what_is_claimed_says_by_whom_and_until_when(post: Post) -> None:
    message = post.put(0)
    [claimed] = post.claim(owner="two")
    assert (claimed.attempts, claimed.lease_until) == (1, post.clock() + LEASE)
    row = post.row(message)
    assert (row.status, row.rank, row.lease_owner) == ("sending", RANKS[S.sending], "two")
    with post.database.reading() as tx:
        assert outbox.held(tx, "two", [message]) == {message}
        assert outbox.held(tx, "one", [message]) == set()
        assert outbox.held(tx, "two", []) == set()


def test_lanes_are_apart_and_listed_when_something_is_due(post: Post) -> None:
    nudge = post.put(0, queue=NUDGES)
    reply = post.put(1, queue=Queue("whatsapp", 0))
    post.put(2, queue=Queue("whatsapp", 1), in_minutes=1)
    with post.database.reading() as tx:
        assert outbox.due(tx, post.clock()) == [Queue("whatsapp", 0), Queue("sms", 1)]
    assert post.ids(queue=SMS) == []
    assert post.ids(queue=NUDGES) == [nudge]
    assert post.ids(queue=Queue("whatsapp", 0)) == [reply]
    with post.database.reading() as tx:
        assert outbox.due(tx, post.clock()) == []


def test_one_officer_gets_one_message_after_the_other(post: Post) -> None:
    first, second, third, others = post.put(0), post.put(0), post.put(0), post.put(1)
    assert post.ids() == [first, others]
    assert post.ids() == [], "while the first is on its way"
    post.accept(first)
    assert post.ids() == [second]
    post.do(outbox.ambiguous, second, "timeout", post.clock())
    assert post.ids() == [], "while nobody knows whether the second went out"
    post.do(outbox.finish, second, S.failed, None, "unclear")
    assert post.ids() == [third]


@pytest.mark.parametrize("priority", [0, 1], ids=["replies", "nudges"])
def test_order_is_kept_from_one_channel_to_the_other(post: Post, priority: int) -> None:
    sms, whatsapp = Queue("sms", priority), Queue("whatsapp", priority)
    first, second = post.put(0, queue=sms), post.put(0, queue=whatsapp)
    assert post.ids(queue=whatsapp) == []
    assert post.ids(queue=sms) == [first]
    post.accept(first)
    assert post.ids(queue=whatsapp) == [second]


def test_replies_go_before_nudges_that_were_queued_earlier(post: Post) -> None:
    nudges = [post.put(0, queue=NUDGES) for _ in range(3)]
    assert post.ids(queue=NUDGES) == nudges[:1]
    replies = [post.put(0, queue=Queue("whatsapp", 0)) for _ in range(2)]
    assert post.ids(queue=Queue("whatsapp", 0)) == [], "one that is being sent is not overtaken"
    post.accept(nudges[0])
    for reply in replies:
        assert post.ids(queue=NUDGES) == []
        assert post.ids(queue=Queue("whatsapp", 0)) == [reply]
        post.accept(reply)
    for nudge in nudges[1:]:
        assert post.ids(queue=NUDGES) == [nudge]
        post.accept(nudge)


def test_a_nudge_of_tomorrow_blocks_no_reply_of_today(post: Post) -> None:
    nudge = post.put(0, in_minutes=24 * 60, queue=NUDGES)
    reply = post.put(0)
    assert post.ids() == [reply]
    post.clock.advance(days=1)
    assert post.ids(queue=NUDGES) == [], (
        "never two on their way to one officer, even if the earlier becomes due only now"
    )
    post.accept(reply)
    assert post.ids(queue=NUDGES) == [nudge]


def test_strangers_wait_for_nobody(post: Post) -> None:
    messages = [post.put(None) for _ in range(3)]
    assert post.ids() == messages


def test_a_retry_keeps_its_place_and_what_was_put_off_has_none(post: Post) -> None:
    first, second = post.put(0), post.put(0)
    post.ids()
    post.do(outbox.retry, first, post.clock() + timedelta(minutes=1), 429, "retry")
    assert post.ids() == [], "the second does not overtake the first, which waits for its next try"
    post.clock.advance(minutes=1)
    assert post.ids() == [first]
    row = post.row(first)
    assert (row.attempts, row.error_code) == (2, 429)
    post.do(outbox.wait, first, post.clock() + timedelta(hours=8))
    assert post.row(first).attempts == 0
    assert post.ids() == [second]


def test_a_clock_that_was_set_back_changes_no_order(post: Post) -> None:
    first = post.put(0)
    post.clock.advance(minutes=-1)
    second = post.put(0)
    assert post.ids() == [], "the second does not overtake the first, which was due at once"
    post.clock.advance(minutes=1)
    assert post.ids() == [first]
    post.accept(first)
    assert post.ids() == [second]


def test_release_and_redirect(post: Post) -> None:
    message = post.put(0)
    post.ids()
    post.do(outbox.release, message, post.clock())
    assert post.row(message).attempts == 0
    post.ids()
    post.do(outbox.redirect, message, "whatsapp", post.clock())
    assert post.ids() == []
    [claimed] = post.claim(queue=Queue("whatsapp", 0))
    assert (claimed.id, claimed.channel, claimed.attempts) == (message, "whatsapp", 2)


# -- what became of it ------------------------------------------------------------------------------------------------


def test_a_sender_that_died_leaves_a_message_in_doubt(post: Post) -> None:
    message = post.put(0)
    post.ids()
    assert post.do(outbox.overdue, post.clock()) == 0
    post.clock.advance(minutes=2)
    assert post.do(outbox.overdue, post.clock()) == 1
    [doubtful] = post.do(outbox.unknown, 10)
    assert (doubtful.id, doubtful.lease_until) == (message, post.clock())
    assert post.do(outbox.is_in_doubt, doubtful)
    assert post.do(outbox.requeue, doubtful, post.clock())
    assert not post.do(outbox.requeue, doubtful, post.clock()), "only from unknown"
    assert not post.do(outbox.is_in_doubt, doubtful)
    assert post.ids() == [message]
    post.do(outbox.ambiguous, message, "timeout", post.clock())
    assert not post.do(outbox.is_in_doubt, doubtful), "this doubt is a later one"
    assert not post.do(outbox.requeue, doubtful, post.clock())


def test_a_callback_finds_its_message_before_we_know_its_name(post: Post) -> None:
    message = post.put(0)
    post.ids()
    post.clock.advance(minutes=3)
    post.do(outbox.overdue, post.clock())
    [doubtful] = post.do(outbox.unknown, 10)
    post.tell(reported("SM9", "sent", "u1"))
    row = post.row(message)
    assert (row.status, row.sid, row.lease_owner) == ("sent", "SM9", None)
    assert not post.do(outbox.is_in_doubt, doubtful)
    assert not post.do(outbox.requeue, doubtful, post.clock())
    post.do(outbox.finish, message, S.failed, None, "unclear")
    post.do(outbox.retry, message, post.clock(), None, "retry")
    post.do(outbox.ambiguous, message, "timeout", post.clock())
    assert post.row(message).status == "sent", "nothing that we believe is worth more than what the carrier told"
    assert post.do(outbox.linked, ["SM9", "SM10"]) == {"SM9"}


def test_a_message_is_the_carriers_whoever_holds_it(post: Post) -> None:
    """Its first sender lost the lease, and its answer came late."""
    message = post.put(0)
    post.ids()
    post.clock.advance(minutes=3)
    post.do(outbox.overdue, post.clock())
    post.do(outbox.requeue, post.do(outbox.unknown, 1)[0], post.clock())
    post.accept(message)
    assert post.ids() == []
    row = post.row(message)
    assert (row.status, row.sid, row.segments, row.sent_at) == ("accepted", f"SM{message}", 2, post.clock())


@pytest.mark.parametrize(
    ("told", "status", "delivered", "read"),
    [
        (["queued", "sent", "delivered", "read"], "read", 2, 3),
        (["read", "delivered", "sent", "queued"], "read", 0, 0),
        (["delivered", "sent", "delivered"], "delivered", 0, None),
        (["sent", "undelivered", "sent"], "undelivered", None, None),
        (["failed", "delivered"], "delivered", 1, None),
        (["delivered", "failed"], "delivered", 0, None),
        (["canceled"], "cancelled", None, None),
        (["nonsense", "accepted", "scheduled", "sending"], "accepted", None, None),
    ],
)
def test_a_status_only_moves_on(
    post: Post, told: list[str], status: str, delivered: int | None, read: int | None
) -> None:
    message = post.put(0)
    post.ids()
    post.accept(message)
    began = post.clock()
    for word in told:
        post.tell(reported(f"SM{message}", word, None, 30003 if word in {"failed", "undelivered"} else None))
        post.clock.advance(minutes=1)
    row = post.row(message)
    assert row.status == status
    assert row.rank == RANKS[MessageStatus(status)]
    assert row.sent_at == began
    assert row.delivered_at == (None if delivered is None else began + timedelta(minutes=delivered))
    assert row.read_at == (None if read is None else began + timedelta(minutes=read))
    assert row.error_code == (30003 if told[0] == "failed" or status == "undelivered" else None)
    with post.database.reading() as tx:
        kept = tx.execute(select(MessageEvent.status, MessageEvent.outbound_id).order_by(MessageEvent.id)).all()
    assert [event.status for event in kept] == list(dict.fromkeys(told)), "each once, in the order in which it was told"
    assert {event.outbound_id for event in kept} == {message}


def test_statuses_in_one_batch_are_as_statuses_one_by_one(post: Post) -> None:
    messages = [post.put(number) for number in range(3)]
    post.ids()
    post.accept(*messages)
    words = ("delivered", "sent", "read", "sent", "failed")
    post.tell(*[reported(f"SM{message}", word, f"u{message}") for word in words for message in reversed(messages)])
    assert [post.row(message).status for message in messages] == ["read"] * 3


def test_what_is_told_of_a_message_that_is_not_ours_is_kept(post: Post) -> None:
    post.tell(reported("SM404", "delivered", "nobody", None), reported("SM404", "delivered", None, None))
    with post.database.reading() as tx:
        assert tx.execute(select(MessageEvent.sid, MessageEvent.status, MessageEvent.outbound_id)).all() == [
            ("SM404", "delivered", None)
        ]
        assert callbacks.contact_of(tx, "SM404") is None


# -- many senders at once ---------------------------------------------------------------------------------------------


def test_of_many_senders_each_message_has_one(post: Post) -> None:
    wanted = [[post.put(contact) for _ in range(25)] for contact in range(3)]
    strangers = [post.put(None) for _ in range(25)]
    sent: list[int] = []
    under_way: set[int] = set()
    guard = threading.Lock()

    def send(number: int) -> None:
        chance = Random(number)
        idle = 0
        while idle < 40:
            messages = retried(post.database, lambda tx: outbox.claim(tx, post.clock(), f"s{number}", SMS, 4, LEASE))
            idle = 0 if messages else idle + 1
            with guard:
                known = [message.contact_id for message in messages if message.contact_id is not None]
                assert under_way.isdisjoint(known), "two on their way to one officer"
                assert len(set(known)) == len(known)
                under_way.update(known)
                sent.extend(message.id for message in messages)
            threading.Event().wait(chance.random() / 500)
            with guard:
                under_way.difference_update(known)
            rows = [(one.id, f"SM{one.id}", 1) for one in messages]
            retried(post.database, partial(outbox.accepted, messages=rows, now=post.clock()))

    together(4, send)
    assert sorted(sent) == sorted(chain(*wanted, strangers)), "each once, and none is left"
    for messages in wanted:
        assert [message for message in sent if message in messages] == messages, "in order for each officer"


def retried(database: Database, work: Any) -> Any:
    """As the ledger does it."""
    while True:
        try:
            with database.transaction() as tx:
                return work(tx)
        except DBAPIError as error:
            if not is_conflict(error):
                raise


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_processes_that_cannot_see_each_other_do_not_send_to_one_officer(post: Post) -> None:
    """One claims the nudge; before it has committed, a reply becomes due for the other."""
    post.put(0, queue=NUDGES)
    post.put(0, in_minutes=1)
    other: list[Any] = []

    def claim_reply(_: int) -> None:
        try:
            with post.database.transaction() as tx:
                other.extend(outbox.claim(tx, post.clock() + timedelta(minutes=1), "two", SMS, 10, LEASE))
        except DBAPIError as error:
            other.append(error)

    with post.database.transaction() as tx:
        assert len(outbox.claim(tx, post.clock(), "one", NUDGES, 10, LEASE)) == 1
        thread = threading.Thread(target=claim_reply, args=[0], daemon=True)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the index makes it wait"
    thread.join(30)
    [error] = other
    assert isinstance(error, DBAPIError)
    assert is_conflict(error), "so that the ledger tries again"
    post.clock.advance(minutes=1)
    assert post.ids() == []


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_what_one_process_is_claiming_another_passes_by(post: Post) -> None:
    first, second = post.put(0), post.put(1)
    with post.database.transaction() as tx:
        assert [message.id for message in outbox.claim(tx, post.clock(), "one", SMS, 1, LEASE)] == [first]
        assert post.ids() == [second]


def test_two_processes_that_are_told_the_same_do_not_wait_for_each_other(post: Post) -> None:
    messages = [post.put(None) for _ in range(20)]
    post.ids(20)
    post.accept(*messages)

    def tell(number: int) -> None:
        chance = Random(number)
        for word in ("sent", "delivered", "read"):
            told = [reported(f"SM{message}", word, None) for message in messages]
            chance.shuffle(told)
            post.tell(*told)  # a deadlock would be raised: nothing is tried again here

    together(4, tell)
    assert {post.row(message).status for message in messages} == {"read"}


# -- whatever happens -------------------------------------------------------------------------------------------------

BACK = {("sending", "queued"), ("unknown", "queued")}
"""The only ways back, of a message that was certainly not sent."""


class Life:
    """Random senders, carriers, crashes and callbacks, and what must hold after every step."""

    def __init__(self, post: Post, chance: Random) -> None:
        self.post, self.chance = post, chance
        self.held: dict[int, Claimed] = {}
        self.before: dict[int, Any] = {}
        self.sids: dict[int, str] = {}

    def step(self) -> None:
        actions = [
            self.put,
            self.put,
            self.claim,
            self.claim,
            self.claim,
            self.answer,
            self.answer,
            self.tell,
            self.tell,
            self.wait,
            self.look,
        ]
        self.chance.choice(actions)()
        self.check()

    def put(self) -> None:
        queue = self.chance.choice([SMS, NUDGES])
        self.post.put(self.chance.choice([0, 1, 2, None]), in_minutes=self.chance.choice([0, 0, -1, 1, 5]), queue=queue)

    def claim(self) -> None:
        queue, limit = self.chance.choice([SMS, NUDGES]), self.chance.randint(1, 5)
        for message in self.post.claim(limit, owner=self.chance.choice("ab"), queue=queue):
            row = self.before[message.id]
            assert row.status == "queued"
            assert row.due_at <= self.post.clock()
            assert (row.channel, row.priority) == queue[:2]
            if row.contact_id is not None:
                for other in self.before.values():
                    if other.contact_id == row.contact_id and other.id != row.id:
                        assert other.status not in {"sending", "unknown"}
                        earlier = other.status == "queued" and (other.priority, other.id) < (row.priority, row.id)
                        assert not (earlier and (other.due_at <= self.post.clock() or other.attempts > 0))
            self.held[message.id] = message

    def answer(self) -> None:
        """What the carrier says to one that some sender has, or had."""
        if not self.held:
            return
        message = self.held.pop(self.chance.choice(list(self.held)))
        now = self.post.clock()
        kind = self.chance.choice(
            ["accepted", "accepted", "accepted", "retry", "ambiguous", "release", "wait", "failed", "crash"]
        )
        if kind == "accepted":
            self.sids[message.id] = f"SM{message.id}"
            self.post.accept(message.id)
        elif kind != "crash":
            with self.post.database.transaction() as tx:
                owner = self.before[message.id].lease_owner
                if owner is None or message.id not in outbox.held(tx, owner, [message.id]):
                    return
                self.settle(tx, kind, message, now)

    def settle(self, tx: Connection, kind: str, message: Claimed, now: datetime) -> None:
        match kind:
            case "retry":
                outbox.retry(tx, message.id, now + timedelta(minutes=1), 429, "retry")
            case "ambiguous":
                outbox.ambiguous(tx, message.id, "timeout", now)
            case "release":
                outbox.release(tx, message.id, now)
            case "wait":
                outbox.wait(tx, message.id, now + timedelta(minutes=3))
            case "failed":
                outbox.finish(tx, message.id, S.failed, 21211, "stop_contact")

    def tell(self) -> None:
        words = list(STATUSES)
        with_uid = [row for row in self.before.values() if row.status in {"sending", "unknown"}]
        told = [
            reported(sid, self.chance.choice(words), None) for sid in self.sids.values() if self.chance.random() < 0.3
        ]
        for row in with_uid:
            if self.chance.random() < 0.2:
                self.sids[row.id] = f"SM{row.id}"
                told.append(reported(f"SM{row.id}", self.chance.choice(words), row.uid))
        self.chance.shuffle(told)
        self.post.tell(*told)

    def wait(self) -> None:
        self.post.clock.advance(seconds=self.chance.choice([1, 30, 150]))

    def look(self) -> None:
        """The sweep: leases that ran out, and doubts that are resolved one way or the other."""
        with self.post.database.transaction() as tx:
            outbox.overdue(tx, self.post.clock())
            for message in outbox.unknown(tx, 2):
                self.held.pop(message.id, None)
                if self.chance.random() < 0.5:
                    assert outbox.requeue(tx, message, self.post.clock())
                else:
                    outbox.finish(tx, message.id, S.failed, None, "unclear")

    def check(self) -> None:
        with self.post.database.reading() as tx:
            now = {row.id: row for row in tx.execute(select(OUTBOUND))}
        on_their_way = [
            row.contact_id for row in now.values() if row.status == "sending" and row.contact_id is not None
        ]
        assert len(on_their_way) == len(set(on_their_way)), "two on their way to one officer"
        assert set(self.before) <= set(now), "lost"
        for key, row in now.items():
            assert row.rank == RANKS[MessageStatus(row.status)]
            was = self.before.get(key)
            if was is not None and (was.status, row.status) not in BACK:
                assert row.rank >= was.rank, f"{was.status} went back to {row.status}"
            if row.status == "queued":
                assert row.sid is None, "what the carrier has is never queued"
                assert row.lease_owner is None
        self.before = now

    def finish(self) -> None:
        """In the end everything gets out or is given up: nothing blocks for ever."""
        for _ in range(200):
            self.post.clock.advance(minutes=5)
            with self.post.database.transaction() as tx:
                outbox.overdue(tx, self.post.clock())
                for message in outbox.unknown(tx, 100):
                    outbox.finish(tx, message.id, S.failed, None, "unclear")
            claimed = self.post.ids(50, queue=SMS) + self.post.ids(50, queue=NUDGES)
            self.post.accept(*claimed)
            self.check()
            if not claimed:
                break
        assert not {row.status for row in self.before.values()} & {"queued", "sending", "unknown"}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_a_message_is_never_lost_nor_taken_back(post: Post, seed: int) -> None:
    life = Life(post, Random(seed))
    for _ in range(150):
        life.step()
    assert len({row.status for row in life.before.values()}) > 4, "the life was full enough to mean something"
    life.finish()

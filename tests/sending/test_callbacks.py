"""Failures that the carrier tells only later, in a callback: for every code of the table, Twilio's raw body in; status,
successor, contact, sender and alert out. And what may happen to a successor before its turn."""

import asyncio
from datetime import time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from sqlalchemy import insert, select, update

from app.channels.twilio import codes
from app.sending.resending import AT_ONCE, LATER, MUCH_LATER, SLOWED
from app.sending.send_policy import PAUSED_AGAIN, STALE_AFTER
from app.store.tables import (
    OUTBOUND,
    Address,
    Alert,
    AuditEntry,
    Bucket,
    Contact,
    FlowVersion,
    MessageEvent,
    OutboundMessage,
    Session,
)
from tests.sending.wire import ACCOUNT, ALMA, TEMPLATE, Run, Wire

SMS = (
    "ApiVersion=2010-04-01&MessageStatus={status}&SmsSid={sid}&SmsStatus={status}&ErrorCode={code}"
    "&To=%2B525555550101&From=%2B525555550000&MessageSid={sid}&AccountSid={account}"
)
WHATSAPP = (
    "ChannelPrefix=whatsapp&ApiVersion=2010-04-01&MessageStatus={status}&SmsSid={sid}&SmsStatus={status}&ErrorCode={code}"
    "&ErrorMessage=Twilio+Error%3A+see+the+docs&ChannelInstallSid=XE0123456789abcdef0123456789abcdef"
    "&ChannelStatusMessage=Message+failed+to+send+because+of+x&ChannelToAddress=%2B5255555501XX"
    "&To=whatsapp%3A%2B525555550101&From=whatsapp%3A%2B525555559999&StructuredMessage=false&MessageSid={sid}"
    "&AccountSid={account}&MessagingServiceSid="
)

NEVER = (time(1), time(1))
BLOCKED, PAUSED, FAILED = "the contact is stopped", "the sender is paused", "failed, and visible"
BY_SMS, BY_TEMPLATE = "said again by SMS", "said again with its template"
AGAIN, AGAIN_MUCH_LATER, AGAIN_SLOWLY = (
    "said again later",
    "said again hours later",
    "said again later, and the number rests",
)
AT_NEXT = "said again now"
ELSEWHERE = "the officer is marked, and it goes by the other channel"

TABLE: dict[int, str] = {
    20429: AGAIN_SLOWLY,
    21611: AGAIN_SLOWLY,
    30001: AGAIN_SLOWLY,
    30003: AGAIN,
    30008: AGAIN,
    30017: AGAIN,
    30022: AGAIN_SLOWLY,
    30410: AGAIN,
    63009: AGAIN,
    63010: AGAIN,
    63012: AGAIN,
    63017: AGAIN_SLOWLY,
    63018: AGAIN_SLOWLY,
    63119: AGAIN,
    63003: BY_SMS,
    63024: BY_SMS,
    21655: BY_SMS,
    21656: BY_SMS,
    63016: BY_TEMPLATE,
    63032: AGAIN_MUCH_LATER,
    63049: AGAIN_MUCH_LATER,
    30036: AT_NEXT,
    21610: BLOCKED,
    63014: BLOCKED,
    63033: BLOCKED,
    21211: BLOCKED,
    21614: BLOCKED,
    30005: BLOCKED,
    30006: BLOCKED,
    20003: PAUSED,
    20404: PAUSED,
    21408: ELSEWHERE,
    21606: PAUSED,
    21612: ELSEWHERE,
    21703: PAUSED,
    21704: PAUSED,
    30002: PAUSED,
    30007: ELSEWHERE,
    63007: PAUSED,
    63013: PAUSED,
    63020: PAUSED,
    63027: PAUSED,
    63028: PAUSED,
    63040: PAUSED,
    63041: PAUSED,
    63042: PAUSED,
    63051: PAUSED,
    21602: FAILED,
    21603: FAILED,
    21604: FAILED,
    21609: FAILED,
    21617: FAILED,
    21654: FAILED,
    63005: FAILED,
    63021: FAILED,
    21658: FAILED,
    63006: FAILED,
    63015: FAILED,
    21608: FAILED,
    30004: ELSEWHERE,
    29999: FAILED,
}


def test_every_code_that_we_know_is_in_the_table() -> None:
    assert set(codes.CAUSES) <= set(TABLE)


async def accepted(wire: Wire, body: str = "uno", **changes: Any) -> Any:
    """A message that the carrier has taken, and of which it has told nothing yet."""
    wire.carrier.faults.callbacks_lost = 1.0
    uid = wire.queue(body, **changes)
    await wire.send()
    row = wire.row(uid)
    assert row.status == "accepted"
    return row


async def tell(wire: Wire, row: Any, code: int | None, status: str = "undelivered") -> None:
    """The carrier's callback, as it comes over the wire, signed."""
    raw = (WHATSAPP if row.channel == "whatsapp" else SMS).format(
        status=status, sid=row.sid, code=code or "", account=ACCOUNT.sid
    )
    answers = await wire.carrier.caller.post(
        f"https://trato.example/twilio/status?m={row.uid}", dict(parse_qsl(raw, keep_blank_values=True))
    )
    assert answers == [204]
    assert urlencode(parse_qsl(raw, keep_blank_values=True)) == raw, "nothing of the raw body was lost on the way"


def successors(wire: Wire, row: Any) -> list[Any]:
    with wire.database.reading() as tx:
        table = OUTBOUND
        return list(tx.execute(select(table).where(table.c.origin_id == row.id).order_by(table.c.resend)))


def state(wire: Wire) -> tuple[str, Any, int]:
    """The contact's status, the sender's pause code, how many alerts are open."""
    with wire.database.reading() as tx:
        status = tx.execute(select(Contact.status).where(Contact.id == wire.alma)).scalar_one()
        code = tx.execute(select(Bucket.pause_code).where(Bucket.paused_at.is_not(None))).scalar_one_or_none()
        return status, code, wire.count(Alert, kind="sender_refused", closed_at=None)


CASES = [
    (code, expected, channel)
    for code, expected in TABLE.items()
    for channel in ("whatsapp", "sms")
    if channel == "whatsapp" or expected not in {BY_SMS, BY_TEMPLATE}
]


@pytest.mark.parametrize(
    ("code", "expected", "channel"), CASES, ids=[f"{code}-{channel}" for code, _, channel in CASES]
)
def test_what_a_failure_in_a_callback_does(run: Run, code: int, expected: str, channel: str) -> None:
    async def work(wire: Wire) -> None:
        row = await accepted(wire, channel=channel, template="apertura", variables='["{{nombre}}"]')
        told_at = wire.clock.advance(seconds=30)
        for _ in range(3):
            await tell(wire, row, code)
        await tell(wire, row, code, "failed")
        failed = wire.row(row.uid)
        assert (failed.status, failed.error_code, failed.sid) == ("undelivered", code, row.sid), (
            "the row stays as it is"
        )
        assert failed.error_class == codes.cause_of(code).error_class
        assert wire.count(MessageEvent, outbound_id=row.id) == 2
        again = successors(wire, row)
        waits = {
            AGAIN: LATER[0],
            AGAIN_SLOWLY: LATER[0],
            AGAIN_MUCH_LATER: MUCH_LATER[0],
            BY_SMS: AT_ONCE,
            BY_TEMPLATE: AT_ONCE,
            PAUSED: AT_ONCE,
            AT_NEXT: AT_ONCE,
            ELSEWHERE: AT_ONCE,
        }
        if expected not in waits:
            assert again == []
        else:
            (one,) = again
            assert (one.status, one.resend, one.due_at, wire.words(one), one.sid) == (
                "queued",
                1,
                told_at + waits[expected],
                "uno",
                None,
            )
            assert one.uid != row.uid
        assert state(wire) == {
            BLOCKED: ("blocked", None, 0),
            PAUSED: ("active", code, 1),
        }.get(expected, ("active", None, 0))
        assert wire.count(Alert, kind="destination_refused", closed_at=None) == (expected == ELSEWHERE)
        assert wire.count(Bucket, not_before=told_at + SLOWED) == (expected == AGAIN_SLOWLY)
        assert wire.count(AuditEntry, action="pause") == (expected == PAUSED)
        wire.clock.at = told_at + waits.get(expected, timedelta(hours=30))
        await wire.send()
        sent = wire.carrier.sent_to(ALMA)
        if expected == PAUSED or expected not in waits:
            assert len(sent) == 1
        else:
            by_whatsapp = channel == ("sms" if expected == ELSEWHERE else "whatsapp") and expected != BY_SMS
            prefix = "whatsapp:" if by_whatsapp else ""
            assert [message.receiver for message in sent[1:]] == [f"{prefix}{ALMA}"]
            assert sent[1].content_sid == (TEMPLATE if expected == BY_TEMPLATE else None)
            assert successors(wire, row)[0].sid == sent[1].sid

    run(work)


def test_that_an_officer_has_no_whatsapp_is_remembered_and_what_was_said_together_stays_in_order(run: Run) -> None:
    async def work(wire: Wire) -> None:
        rows = [await accepted(wire, body) for body in ("uno", "dos", "tres")]
        for row in reversed(rows):
            await tell(wire, row, 63024, "failed")
            wire.clock.advance(seconds=2)
        assert (
            wire.count(
                Address, contact_id=wire.alma, channel="whatsapp", unreachable_at=wire.clock() - timedelta(seconds=6)
            )
            == 1
        )
        wire.queue("cuatro", channel="whatsapp", created_at=rows[0].created_at)
        wire.clock.advance(seconds=10)
        await wire.send()
        assert [(one.receiver, one.body) for one in wire.carrier.sent_to(ALMA)[3:]] == [
            (ALMA, "uno"),
            (ALMA, "dos"),
            (ALMA, "tres"),
            (ALMA, "cuatro"),
        ]

    run(work)


@pytest.mark.parametrize("code", [63003, 63016])
def test_without_another_way_it_has_failed_and_that_is_all(run: Run, code: int) -> None:
    async def work(wire: Wire) -> None:
        wire.set(Address, {"unreachable_at": wire.clock()}, contact_id=wire.alma, channel="sms")
        row = await accepted(wire)
        await tell(wire, row, code, "failed")
        assert successors(wire, row) == []
        assert (wire.status(row.uid), wire.row(row.uid).error_class) == ("failed", "change")

    run(work)


def test_outside_the_window_without_a_template_it_goes_by_sms_until_the_officer_writes(run: Run) -> None:
    async def work(wire: Wire) -> None:
        row = await accepted(wire)
        await tell(wire, row, 63016, "failed")
        wire.clock.at += AT_ONCE
        await wire.send()
        assert [one.receiver for one in wire.carrier.sent_to(ALMA)] == [f"whatsapp:{ALMA}", ALMA]
        wire.heard(wire.alma)
        later = wire.queue("dos")
        await wire.send()
        assert wire.row(later).channel == "whatsapp", "nothing is remembered but of that message"

    run(work)


@pytest.mark.parametrize(
    ("code", "waits"),
    [(30003, LATER), (63049, MUCH_LATER), (30008, LATER[:1]), (30002, (AT_ONCE,) * 3)],
    ids=["unreachable", "throttled", "once", "operator"],
)
def test_it_is_said_again_a_few_times_with_longer_waits_and_then_no_more(
    run: Run, code: int, waits: tuple[timedelta, ...]
) -> None:
    async def work(wire: Wire) -> None:
        row = await accepted(
            wire, channel="sms" if code < 63000 else "whatsapp", template="apertura", variables='["{{nombre}}"]'
        )
        origin, sent = row, 1
        for wait in waits:
            await tell(wire, row, code)
            (*_, again) = successors(wire, origin)
            assert again.due_at == wire.clock() + wait
            wire.clock.at = again.due_at
            wire.set(Bucket, {"paused_at": None})
            await wire.send(quiet=NEVER)
            sent += 1
            assert len(wire.carrier.sent_to(ALMA)) == sent
            row = wire.row(again.uid)
            assert row.status == "accepted"
        await tell(wire, row, code)
        assert len(successors(wire, origin)) == len(waits)
        assert wire.row(row.uid).error_code == code

    run(work)


def test_what_is_said_again_respects_the_night(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.clock.advance(hours=10, minutes=50)  # 20:50
        wire.heard(wire.alma)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False)
        row = await accepted(wire, channel="sms")
        wire.clock.advance(minutes=5)
        await tell(wire, row, 63010)
        (again,) = successors(wire, row)
        wire.clock.at = again.due_at + timedelta(minutes=30)
        await wire.send()
        assert len(wire.carrier.sent_to(ALMA)) == 1
        assert wire.row(again.uid).due_at.hour == 15, "nine in the morning"
        wire.clock.at = wire.row(again.uid).due_at
        await wire.send()
        assert len(wire.carrier.sent_to(ALMA)) == 2

    run(work)


# -- whether it still makes sense -----------------------------------------------------------------------------------------


def session(wire: Wire, step: str | None = "contacto", **changes: Any) -> int:
    """A session that waits for the answer to a question."""
    with wire.database.transaction() as tx:
        version = tx.execute(
            insert(FlowVersion).returning(FlowVersion.id),
            {"programme": "prueba", "hash": f"h{wire.clock()}", "source": "", "published_at": wire.clock()},
        ).scalar_one()
        return int(
            tx.execute(
                insert(Session).returning(Session.id),
                {
                    "contact_id": wire.alma,
                    "flow_version_id": version,
                    "flow": "reporte",
                    "channel": "whatsapp",
                    "step": step,
                    "started_at": wire.clock(),
                    **changes,
                },
            ).scalar_one()
        )


async def question(wire: Wire, **changes: Any) -> Any:
    return await accepted(
        wire, "¿uno?", session_id=session(wire), step="contacto", kind="ask", channel="sms", **changes
    )


Move = Any


def answered(wire: Wire) -> None:
    wire.set(Session, {"step": "historia"})


def expired(wire: Wire) -> None:
    wire.set(Session, {"step": None, "state": None, "outcome": "expired", "ended_at": wire.clock()})


def said_more(wire: Wire) -> None:
    wire.queue("otra cosa", channel="sms", due_at=wire.clock() + timedelta(days=9))


def arrived(wire: Wire) -> None:
    wire.set(OutboundMessage, {"status": "delivered", "rank": 5}, kind="ask", resend=0)


def opted_out(wire: Wire) -> None:
    wire.set(Contact, {"status": "opted_out"}, id=wire.alma)


def too_old(wire: Wire) -> None:
    wire.set(OutboundMessage, {"created_at": wire.clock() - STALE_AFTER}, kind="ask", resend=0)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (answered, "stale"),
        (expired, "stale"),
        (said_more, "stale"),
        (too_old, "stale"),
        (arrived, "arrived"),
        (opted_out, "opted_out"),
    ],
)
def test_a_conversation_that_has_gone_on_is_not_taken_back(run: Run, happens: Move, reason: str) -> None:
    async def work(wire: Wire) -> None:
        row = await question(wire)
        await tell(wire, row, 30003)
        (again,) = successors(wire, row)
        wire.clock.at = again.due_at
        happens(wire)
        await wire.send()
        assert len(wire.carrier.sent_to(ALMA)) == 1
        assert (wire.status(again.uid), wire.row(again.uid).error_class) == ("cancelled", reason)

    run(work)


def test_a_question_that_is_still_open_is_put_again_and_its_answer_finds_it(run: Run) -> None:
    async def work(wire: Wire) -> None:
        row = await question(wire)
        await tell(wire, row, 30003)
        (again,) = successors(wire, row)
        assert (again.session_id, again.step, again.kind) == (row.session_id, "contacto", "ask")
        wire.clock.at = again.due_at
        await wire.send()
        assert [one.body for one in wire.carrier.sent_to(ALMA)] == ["¿uno?", "¿uno?"]

    run(work)


def test_what_follows_waits_for_what_is_said_again_and_what_has_come_first_stays_first(run: Run) -> None:
    async def work(wire: Wire) -> None:
        first = await accepted(wire, "uno", channel="sms")
        second = wire.queue("dos", channel="sms", due_at=wire.clock() + timedelta(minutes=1))
        await tell(wire, first, 30003)
        wire.clock.advance(minutes=2)
        await wire.send()
        assert wire.bodies() == ["uno"], "it does not overtake"
        wire.clock.at += LATER[0]
        await wire.send()
        assert wire.bodies() == ["uno", "uno", "dos"]
        await tell(wire, successors(wire, first)[0], 30003)
        (_, again) = successors(wire, first)
        wire.clock.at = again.due_at
        await wire.send()
        assert wire.status(again.uid) == "queued", "whether the second has come is not known yet"
        await tell(wire, wire.row(second), None, "delivered")
        wire.clock.advance(minutes=1)
        await wire.send()
        assert (wire.status(again.uid), wire.row(again.uid).error_class) == ("cancelled", "overtaken")

    run(work)


def test_a_failure_that_nobody_wants_to_know_of_any_more(run: Run) -> None:
    """After a delivery it changes nothing; to an officer who has left nothing is said again."""

    async def work(wire: Wire) -> None:
        row = await accepted(wire)
        await tell(wire, row, None, "delivered")
        await tell(wire, row, 63024, "failed")
        assert (wire.status(row.uid), successors(wire, row)) == ("delivered", [])
        other = await accepted(wire, "dos")
        opted_out(wire)
        await tell(wire, other, 30003)
        assert (wire.status(other.uid), successors(wire, other)) == ("undelivered", [])

    run(work)


def test_an_old_failure_does_not_stop_a_sender_that_was_mended_meanwhile(run: Run) -> None:
    async def work(wire: Wire) -> None:
        row = await accepted(wire)
        wire.clock.advance(hours=2)
        await tell(wire, row, 63013)
        assert state(wire) == ("active", None, 0)

    run(work)


def test_a_held_officer_gets_nothing_until_a_person_lets_it_go_on(run: Run) -> None:
    async def work(wire: Wire) -> None:
        wire.set(Contact, {"held_at": wire.clock()}, id=wire.alma)
        uid = wire.queue("uno")
        await wire.send()
        assert (wire.status(uid), wire.row(uid).due_at) == ("queued", wire.clock() + PAUSED_AGAIN)
        wire.set(Contact, {"held_at": None}, id=wire.alma)
        wire.clock.at += PAUSED_AGAIN
        await wire.send()
        assert wire.bodies() == ["uno"]

    run(work)


def test_two_processes_that_are_told_of_one_failure_at_once_say_it_again_once(run: Run) -> None:
    async def work(wire: Wire) -> None:
        rows = [await accepted(wire, f"{number}", channel="sms") for number in range(3)]
        for row in rows:
            await asyncio.gather(*(tell(wire, row, 30003, status) for status in ("failed", "undelivered", "failed")))
        with wire.database.transaction() as tx:
            tx.execute(update(OutboundMessage).where(OutboundMessage.resend == 0).values(status="sent", rank=3))
        for row in rows:
            await tell(wire, row, 30003)
        assert [len(successors(wire, row)) for row in rows] == [1, 1, 1]

    run(work)

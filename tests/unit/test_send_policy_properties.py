"""Whatever the message, its officer, the hour, the zone and the conversation: what is sent is allowed, now and for as long as
the carrier may keep it, and nothing waits for ever. Days on which clocks change are tried more often than they come."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.channels.causes import Cause
from app.flows.quiet_hours import Quiet, quiet_until, until_quiet
from app.sending.send_policy import (
    HANDOVER,
    PROMPT,
    SHORTEST_VALIDITY,
    STALE_AFTER,
    Cancel,
    Expire,
    Fail,
    Redirect,
    Rules,
    Send,
    Wait,
    decide,
    validity,
)
from app.store.delivery import Place, Receiver
from app.store.outbox import Claimed
from app.store.resends import MessageHistory

ZONES = [
    "America/Mexico_City",
    "America/Cancun",
    "America/Tijuana",
    "America/Hermosillo",
    "America/Ciudad_Juarez",
    "America/Matamoros",
]
CHANGES = [datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)]  # in the zones that have them
MINUTE = timedelta(minutes=1)

minutes = st.integers(0, 2 * 365 * 24 * 60).map(lambda count: datetime(2026, 1, 1, tzinfo=UTC) + count * MINUTE)
changing = st.builds(
    lambda change, count: change + count * MINUTE, st.sampled_from(CHANGES), st.integers(-36 * 60, 36 * 60)
)
moments = st.one_of(minutes, changing)
clock_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.one_of(st.just((time(21), time(9))), st.tuples(clock_times, clock_times))
ages = st.timedeltas(timedelta(0), timedelta(days=3))
maybe = st.one_of(st.none(), ages)


@st.composite
def places(draw: st.DrawFn, now: datetime) -> tuple[Place, ...]:
    found = []
    for number, channel in enumerate(draw(st.lists(st.sampled_from(["whatsapp", "sms"]), unique=True)), 1):
        heard = draw(maybe)
        found.append(
            Place(
                number, channel, b"", None if heard is None else now - heard, draw(st.sampled_from([None, None, now]))
            )
        )
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Claimed, Receiver, Rules, datetime, MessageHistory | None]:
    now = draw(moments)
    created_at = now - draw(ages)
    resend = draw(st.integers(0, 3))
    expires = draw(st.one_of(st.none(), st.timedeltas(timedelta(minutes=-5), timedelta(hours=12))))
    message = Claimed(
        id=9,
        uid="u" * 32,
        contact_id=7,
        reply_to_id=None,
        session_id=draw(st.sampled_from([None, 3])),
        step="a",
        kind=draw(st.sampled_from(["ask", "say", "notice", "reminder"])),
        channel=draw(st.sampled_from(["whatsapp", "sms"])),
        body="x",
        options="[]",
        plain=None,
        template=draw(st.sampled_from([None, "apertura", "otra"])),
        variables="[]",
        media=None,
        priority=draw(st.integers(0, 1)),
        attempts=1,
        created_at=created_at,
        expires_at=None if expires is None else now + expires,
        lease_until=None,
        origin_id=4 if resend else None,
        resend=resend,
        error_cause=draw(st.sampled_from([None, Cause.outside_window, Cause.passing])),
    )
    receiver = Receiver(
        7,
        draw(st.sampled_from(["active", "active", "opted_out", "blocked"])),
        draw(st.sampled_from(ZONES)),
        draw(st.one_of(st.none(), st.timedeltas(timedelta(days=-1), timedelta(days=3)).map(lambda by: now + by))),
        cohort_paused=draw(st.integers(0, 5)) == 5,
        identity=None,
        places=draw(places(now)),
        held=draw(st.integers(0, 5)) == 5,
    )
    history = draw(
        st.one_of(
            st.none(),
            st.builds(
                MessageHistory,
                said_at=ages.map(lambda age: created_at - age),
                ended_at=st.sampled_from([None, now, created_at]),
                step=st.sampled_from([None, "a", "b"]),
                outcome=st.sampled_from([None, "completed", "expired"]),
                wake_at=st.sampled_from([None, now, now + MINUTE]),
                asked_at=st.sampled_from([None, created_at, created_at - timedelta(hours=1)]),
                arrived=st.booleans(),
                newer=st.booleans(),
                overtaken=st.booleans(),
                followed=st.booleans(),
            ),
        )
    )
    return message, receiver, Rules(draw(hours), {"apertura": "HX1"}), now, history


def is_quiet(moment: datetime, zone: str, quiet: Quiet) -> bool:
    """By the clock on the wall, written down a second time."""
    start, end = quiet
    wall = moment.astimezone(ZoneInfo(zone)).time()
    return start <= wall < end if start <= end else not end <= wall < start


@given(worlds())
def test_what_is_sent_is_allowed_for_as_long_as_it_may_take(
    world: tuple[Claimed, Receiver, Rules, datetime, MessageHistory | None],
) -> None:
    message, receiver, rules, now, history = world
    decision = decide(message, receiver, rules, now, history)
    if not isinstance(decision, Send):
        return
    last_word = receiver.status == "opted_out" and message.kind == "notice" and message.priority == 0
    assert receiver.status == "active" or last_word, "never after an opt-out"
    assert not receiver.held
    assert not receiver.cohort_paused
    assert message.priority == 0 or receiver.paused_until is None or receiver.paused_until <= now
    assert decision.place.channel == message.channel
    assert decision.place.unreachable_at is None
    posted = now + HANDOVER
    if message.channel == "whatsapp" and decision.content_sid is None:
        heard = decision.place.last_inbound_at
        assert heard is not None
        assert posted - heard < timedelta(hours=24), "never free text outside the window"
        assert message.error_cause != Cause.outside_window or heard > message.created_at
    kept = validity(message, receiver.timezone, rules, now, history)
    if message.expires_at is not None:
        assert kept is not None
        assert posted + kept <= message.expires_at, "never after it has expired"
    said_at = message.created_at if history is None else history.said_at
    if message.priority == 0 and now - said_at < PROMPT:
        return
    if rules.quiet[0] != rules.quiet[1]:
        assert kept is not None
        assert kept >= SHORTEST_VALIDITY
        assert not any(
            is_quiet(now + step * 5 * MINUTE, receiver.timezone, rules.quiet)
            for step in range((HANDOVER + kept - MINUTE / 60) // (5 * MINUTE) + 1)
        ), "never in quiet hours"
        assert not is_quiet(posted + kept - timedelta(seconds=1), receiver.timezone, rules.quiet)


@given(worlds())
def test_what_is_said_again_belongs_where_it_is_said(
    world: tuple[Claimed, Receiver, Rules, datetime, MessageHistory | None],
) -> None:
    message, receiver, rules, now, history = world
    decision = decide(message, receiver, rules, now, history)
    if history is None or not isinstance(decision, Send | Redirect):
        return
    if message.resend:
        assert not any((history.arrived, history.newer, history.overtaken, history.followed))
        assert now - history.said_at < STALE_AFTER
    if message.session_id is not None and message.kind in {"ask", "reminder"}:
        assert history.ended_at is None
        assert history.step == message.step
    assert history.wake_at is None or history.wake_at > now, "the clock has looked"
    if message.kind == "reminder":
        assert history.asked_at is None or history.asked_at < message.created_at, "of what was asked before"


@given(worlds())
def test_nothing_waits_for_ever_and_no_message_goes_to_and_fro(
    world: tuple[Claimed, Receiver, Rules, datetime, MessageHistory | None],
) -> None:
    """Every wait ends later than now; once what was stopped goes on, a message is sent, or done with, within days."""
    message, receiver, rules, now, history = world
    receiver = replace(receiver, held=False, cohort_paused=False)
    history = None if history is None else replace(history, followed=False, wake_at=None)
    began, turned = now, 0
    for _ in range(30):
        decision = decide(message, receiver, rules, now, history)
        match decision:
            case Wait(until):
                assert until > now
                now = until
            case Redirect(channel):
                assert channel != message.channel
                turned += 1
                message = replace(message, channel=channel)
            case Send() | Cancel() | Expire() | Fail():
                break
    else:
        assume(_never_open(rules.quiet))  # an hour that is open for less than a message needs
    assert turned <= 1
    assert now - began <= timedelta(days=5) or _never_open(rules.quiet)


def _never_open(quiet: Quiet) -> bool:
    start, end = (at.hour * 60 + at.minute for at in quiet)
    return (start - end) % (24 * 60) <= 63  # an hour that the clocks leave out, and the way to the carrier


@given(moments, st.sampled_from(ZONES), hours)
@example(datetime(2026, 3, 8, 9, 50, tzinfo=UTC), "America/Tijuana", (time(2, 30), time(9)))
@example(datetime(2026, 3, 8, 9, 50, tzinfo=UTC), "America/Tijuana", (time(21), time(2, 30)))
@example(datetime(2026, 11, 1, 8, 40, tzinfo=UTC), "America/Tijuana", (time(21), time(1, 30)))
@example(datetime(2026, 11, 1, 9, 10, tzinfo=UTC), "America/Tijuana", (time(1, 30), time(9)))
def test_quiet_hours_end_and_begin_when_the_wall_says(now: datetime, zone: str, quiet: Quiet) -> None:
    until, left = quiet_until(now, zone, quiet), until_quiet(now, zone, quiet)
    if quiet[0] == quiet[1]:
        assert until is None
        assert left is None
        return
    assert until is not None or not is_quiet(now, zone, quiet)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert not is_quiet(until, zone, quiet)
    assert left is not None
    assert timedelta(0) < left <= timedelta(hours=26)
    if until is None:
        assert not any(is_quiet(now + step * MINUTE, zone, quiet) for step in range(left // MINUTE))

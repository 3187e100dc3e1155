"""Whatever the message, its officer, the hour, the zone and the conversation: what is sent is allowed, now and for as long as
the carrier may keep it, and nothing waits for ever. Days on which clocks change are tried more often than they come."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
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
from app.store.holds import Hold
from app.store.outbox import Claimed
from app.store.resends import MessageHistory
from tests.shares import asserted, mostly

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


World = tuple[Claimed, Receiver, Rules, datetime, MessageHistory | None]
Obstacle = Callable[[World, st.DrawFn], World]


@st.composite
def any_worlds(draw: st.DrawFn) -> World:
    """Worlds of any kind: hardly one in thirty has a message that can be sent."""
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
        holds=draw(st.sampled_from([frozenset()] * 5 + [frozenset({Hold.person})])),
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


@st.composite
def clear_worlds(draw: st.DrawFn) -> World:
    """Worlds in which nothing keeps the message from going."""
    zone, quiet = draw(st.sampled_from(ZONES)), draw(hours.filter(_opens))
    now = draw(moments)
    while any(is_quiet(now + ahead * MINUTE, zone, quiet) for ahead in range(-62, 4)):
        now += 13 * MINUTE  # and none within the hour that clocks may repeat
    channel, kind = (
        draw(st.sampled_from(["whatsapp", "sms"])),
        draw(st.sampled_from(["ask", "say", "notice", "reminder"])),
    )
    created_at = now - draw(st.timedeltas(timedelta(0), timedelta(hours=20)))
    resend, session_id = draw(st.integers(0, 3)), draw(st.sampled_from([None, 3]))
    expires = draw(st.one_of(st.none(), st.timedeltas(timedelta(minutes=3), timedelta(hours=12))))
    message = replace(
        draw(any_worlds())[0],
        kind=kind,
        channel=channel,
        session_id=session_id,
        created_at=created_at,
        expires_at=None if expires is None else now + expires,
        origin_id=4 if resend else None,
        resend=resend,
        template=draw(st.sampled_from([None, "apertura"])),
        error_cause=draw(st.sampled_from([None, Cause.passing])),
    )
    heard = now - draw(st.timedeltas(timedelta(0), timedelta(hours=23)))
    spoken = [Place(1, channel, b"", heard, None)]
    if draw(st.booleans()):
        spoken.insert(
            draw(st.integers(0, 1)), Place(2, "sms" if channel == "whatsapp" else "whatsapp", b"", heard, None)
        )
    receiver = Receiver(7, "active", zone, draw(st.sampled_from([None, now - MINUTE])), False, None, tuple(spoken))
    history: MessageHistory | None = MessageHistory(
        said_at=created_at - draw(st.timedeltas(timedelta(0), timedelta(hours=15))),
        ended_at=None,
        step="a",
        outcome=None,
        wake_at=draw(st.sampled_from([None, now + MINUTE])),
        asked_at=draw(st.sampled_from([None, created_at - timedelta(hours=1)])),
        arrived=False,
        newer=False,
        overtaken=False,
        followed=False,
    )
    if not resend and kind != "reminder":
        history = draw(st.sampled_from([None, history]))
    return message, receiver, Rules(quiet, {"apertura": "HX1"}), now, history


def _received(**changed: object) -> Obstacle:
    return lambda world, draw: (world[0], replace(world[1], **changed), *world[2:])


def _remembered(**changed: object) -> Obstacle:
    """Of a resend, which is held against the history at whatever age."""

    def hinder(world: World, draw: st.DrawFn) -> World:
        message, receiver, rules, now, history = world
        history = history or MessageHistory(message.created_at, None, "a", None, None, None, False, False, False, False)
        message = replace(message, resend=1, origin_id=4, session_id=3, kind="ask")
        return message, receiver, rules, now, replace(history, **changed)

    return hinder


def _pause(world: World, draw: st.DrawFn) -> World:
    message, receiver, rules, now, history = world
    until = now + draw(st.timedeltas(timedelta(seconds=1), timedelta(days=3)))
    return replace(message, priority=1), replace(receiver, paused_until=until), rules, now, history


def _night(world: World, draw: st.DrawFn) -> World:
    """Quiet hours that have begun, or begin before the message is with the carrier."""
    message, receiver, rules, now, history = world
    wall = now.astimezone(ZoneInfo(receiver.timezone)).replace(tzinfo=None)
    start = wall - draw(st.integers(-1, 600)) * MINUTE
    quiet = (
        start.time().replace(second=0, microsecond=0),
        (start + 660 * MINUTE).time().replace(second=0, microsecond=0),
    )
    return replace(message, priority=1), receiver, replace(rules, quiet=quiet), now, history


def _expiry(world: World, draw: st.DrawFn) -> World:
    message, *others = world
    left = draw(st.timedeltas(timedelta(days=-1), HANDOVER))
    return replace(message, expires_at=world[3] + left), *others  # type: ignore[return-value]


def _silence(world: World, draw: st.DrawFn) -> World:
    """WhatsApp's 24 hours are over, and there is no template."""
    message, receiver, rules, now, history = world
    heard = draw(st.sampled_from([None, now - draw(st.timedeltas(timedelta(hours=24) - HANDOVER, timedelta(days=3)))]))
    spoken = tuple(replace(place, last_inbound_at=heard) for place in receiver.places)
    return (
        replace(message, channel="whatsapp", template=draw(st.sampled_from([None, "otra"]))),
        replace(receiver, places=spoken),
        rules,
        now,
        history,
    )


def _refused(world: World, draw: st.DrawFn) -> World:
    """WhatsApp has refused free text for this message, and nobody has written since."""
    message, receiver, rules, now, history = _silence(world, draw)
    spoken = tuple(replace(place, last_inbound_at=message.created_at) for place in receiver.places)
    message = replace(message, error_cause=draw(st.sampled_from([Cause.outside_window, Cause.template_refused])))
    return message, replace(receiver, places=spoken), rules, now, history


def _nowhere(world: World, draw: st.DrawFn) -> World:
    message, receiver, rules, now, history = world
    lost = tuple(replace(place, unreachable_at=now) for place in receiver.places)
    return message, replace(receiver, places=draw(st.sampled_from([(), lost]))), rules, now, history


def _left(world: World, draw: st.DrawFn) -> World:
    message, receiver, rules, now, history = world
    last_word = message.kind == "notice" and message.priority == 0
    status = draw(st.sampled_from(["blocked"] if last_word else ["blocked", "opted_out"]))
    return message, replace(receiver, status=status), rules, now, history


def _long_silence(world: World, draw: st.DrawFn) -> World:
    """The number may be somebody else's, and nobody has been asked."""
    message, receiver, rules, now, history = world
    days = draw(st.integers(1, 200))
    sign_at = now - timedelta(days=days, seconds=1)
    return message, replace(receiver, sign_at=sign_at), replace(rules, silence=timedelta(days=days)), now, history


def _at_once(kind: str, hinder: Callable[[World], dict[str, object]]) -> Obstacle:
    """Something in the history of a message of this kind, at the moment of the decision."""

    def hindered(world: World, draw: st.DrawFn) -> World:
        message, receiver, rules, now, history = _remembered(**hinder(world))(world, draw)
        return replace(message, kind=kind), receiver, rules, now, history

    return hindered


OBSTACLES: dict[str, Obstacle] = {
    "held": _received(holds=frozenset({Hold.person})),
    "number in doubt": _received(holds=frozenset({Hold.number})),
    "long silence": _long_silence,
    "cohort paused": _received(cohort_paused=True),
    "paused": _pause,
    "quiet hours": _night,
    "expired": _expiry,
    "outside the window": _silence,
    "free text refused": _refused,
    "no address": _nowhere,
    "left": _left,
    "arrived": _remembered(arrived=True),
    "newer": _remembered(newer=True),
    "overtaken": _remembered(overtaken=True),
    "followed": _remembered(followed=True),
    "another step": _remembered(step="b"),
    "stale": _at_once("say", lambda world: {"said_at": world[3] - STALE_AFTER}),
    "ended": _at_once("ask", lambda world: {"ended_at": world[3]}),
    "its time is up": _at_once("ask", lambda world: {"wake_at": world[3]}),
    "just asked": _at_once("reminder", lambda world: {"asked_at": world[0].created_at}),
}
"""Each keeps a message of a clear world from going."""


@st.composite
def hindered_worlds(draw: st.DrawFn) -> World:
    """Worlds with no obstacle, one or two."""
    world = draw(clear_worlds())
    for name in draw(st.lists(st.sampled_from([*OBSTACLES]), max_size=2)):
        world = OBSTACLES[name](world, draw)
    return world


worlds = st.one_of(clear_worlds(), clear_worlds(), hindered_worlds(), any_worlds())


def is_quiet(moment: datetime, zone: str, quiet: Quiet) -> bool:
    """By the clock on the wall, written down a second time."""
    start, end = quiet
    wall = moment.astimezone(ZoneInfo(zone)).time()
    return start <= wall < end if start <= end else not end <= wall < start


@given(clear_worlds())
def test_nothing_keeps_a_message_of_a_clear_world_from_going(world: World) -> None:
    assert isinstance(decide(*world), Send)


@pytest.mark.parametrize("name", OBSTACLES)
@settings(max_examples=30)
@given(world=clear_worlds(), data=st.data())
def test_each_obstacle_alone_keeps_it_from_going(name: str, world: World, data: st.DataObject) -> None:
    hindered = OBSTACLES[name](world, data.draw)
    assert not isinstance(decide(*hindered), Send)


@pytest.mark.parametrize("step", ["who", "who_help", "who_no", "support"])
@given(world=clear_worlds())
def test_what_names_nobody_goes_to_a_number_in_doubt(step: str, world: World) -> None:
    message, receiver, *others = world
    message = replace(message, kind="notice", step=step, session_id=None, resend=0, origin_id=None)
    assert isinstance(decide(message, replace(receiver, holds=frozenset({Hold.number})), *others), Send)  # type: ignore[arg-type]


@mostly(0.3)
@given(worlds)
def test_what_is_sent_is_allowed_for_as_long_as_it_may_take(
    world: World,
) -> None:
    message, receiver, rules, now, history = world
    decision = decide(message, receiver, rules, now, history)
    if not isinstance(decision, Send):
        return
    asserted()
    last_word = receiver.status == "opted_out" and message.kind == "notice" and message.priority == 0
    assert receiver.status == "active" or last_word, "never after an opt-out"
    assert not receiver.holds
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


@mostly(0.3)
@given(worlds)
def test_what_is_said_again_belongs_where_it_is_said(
    world: World,
) -> None:
    message, receiver, rules, now, history = world
    decision = decide(message, receiver, rules, now, history)
    if history is None or not isinstance(decision, Send | Redirect):
        return
    asserted()
    if message.resend:
        assert not any((history.arrived, history.newer, history.overtaken, history.followed))
        assert now - history.said_at < STALE_AFTER
    if message.session_id is not None and message.kind in {"ask", "reminder"}:
        assert history.ended_at is None
        assert history.step == message.step
    assert history.wake_at is None or history.wake_at > now, "the clock has looked"
    if message.kind == "reminder":
        assert history.asked_at is None or history.asked_at < message.created_at, "of what was asked before"


@mostly(0.8)
@given(worlds)
def test_nothing_waits_for_ever_and_no_message_goes_to_and_fro(
    world: World,
) -> None:
    """Every wait ends later than now; once what was stopped goes on, a message is sent, or done with, within days."""
    message, receiver, rules, now, history = world
    receiver, rules = replace(receiver, holds=frozenset(), cohort_paused=False), replace(rules, silence=None)
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
    asserted()
    assert turned <= 1
    assert now - began <= timedelta(days=5) or _never_open(rules.quiet)


def _opens(quiet: Quiet) -> bool:
    start, end = (at.hour * 60 + at.minute for at in quiet)
    return start == end or (start - end) % (24 * 60) > 150


def _never_open(quiet: Quiet) -> bool:
    start, end = (at.hour * 60 + at.minute for at in quiet)
    return (start - end) % (24 * 60) <= 63  # an hour that the clocks leave out, and the way to the carrier


@mostly(0.5)
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
    asserted()
    assert until is not None or not is_quiet(now, zone, quiet)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert not is_quiet(until, zone, quiet)
    assert left is not None
    assert timedelta(0) < left <= timedelta(hours=26)
    if until is None:
        assert not any(is_quiet(now + step * MINUTE, zone, quiet) for step in range(left // MINUTE))

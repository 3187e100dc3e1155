"""Deciding: whether a flow begins now, waits or is skipped, by example, for random situations, and through whole campaigns
lived minute by minute with pauses, silence and outages."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.language.campaign import Campaign
from app.flows.nudge_rules import Rule, SlotRule, WaveRule
from app.flows.quiet_hours import quiet_until
from app.flows.shifts import LEAVE, UNKNOWN, Duty, Shift, ShiftException
from app.scheduler.nudge_policy import Begin, Postpone, Situation, Skip, decide_nudge, foreseen
from app.scheduler.planning import BUCKETS, Planned, Profile, plan
from app.scheduler.recurring import ALMANAC
from tests.shares import asserted, mostly
from tests.unit.test_planning import CAMPAIGNS, MEXICO_CITY, OFFICERS, QUIET, ZONES, assert_may_be_written_to
from tests.unit.test_planning import campaign as every_day

NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # ten in the morning in Mexico City


FIRST_SLOT = SlotRule(0)


def situation(**changes: object) -> Situation:
    return Situation(
        **{
            "status": "active",
            "timezone": MEXICO_CITY,
            "consented": True,
            "paused_until": None,
            "cohort_paused": False,
            "session_open": False,
            "measuring": False,
            "begun": (),
            "ignored": 0,
            **changes,
        }
    )


def nudge(**changes: object) -> Planned:
    return Planned(**{"slot": "w02.1", "flow": "a", "due_at": NOW, "closes_at": NOW + timedelta(hours=48), **changes})


def campaign(**changes: object) -> Campaign:
    """Of no spread, so that moments are those of the hours."""
    return every_day(**{"spread": "1m", **changes})


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZoneInfo(MEXICO_CITY)).astimezone(UTC)


def test_the_way_is_free() -> None:
    assert decide_nudge(campaign(), nudge(), situation(), QUIET, ALMANAC, NOW) == Begin()


def test_reasons_not_to_begin() -> None:
    def decided(now: datetime = NOW, **changes: object) -> object:
        return decide_nudge(campaign(), nudge(), situation(**changes), QUIET, ALMANAC, now)

    assert decided(status="opted_out") == Skip("opted_out")
    assert decided(status="blocked") == Skip("blocked")
    assert decided(NOW + timedelta(hours=48)) == Skip("too_late")
    assert decided(consented=False) == Postpone(NOW + timedelta(minutes=30), "no_consent")
    assert decided(cohort_paused=True) == Postpone(NOW + timedelta(minutes=30), "cohort_paused")
    assert decided(paused_until=NOW + timedelta(hours=5)) == Postpone(NOW + timedelta(hours=5), "paused")
    assert decided(paused_until=NOW + timedelta(days=1)) == Postpone(NOW + timedelta(hours=6), "paused"), (
        "ALTA ends a pause"
    )
    assert decided(paused_until=NOW - timedelta(hours=5)) == Begin()
    assert decided(session_open=True) == Postpone(NOW + timedelta(minutes=30), "session_open")
    assert decided(measuring=True) == Postpone(NOW + timedelta(minutes=30), "measurement")
    week = tuple(NOW - timedelta(days=days) for days in (6, 4, 2))
    assert decided(begun=week) == Postpone(NOW + timedelta(days=1), "cap")
    assert decided(begun=week, ignored=3) == Skip("ignored")
    assert decided(ignored=3, begun=(NOW - timedelta(days=15),)) == Begin()
    assert decided(at(20)) == Postpone(at(10, 3), "quiet_hours")
    assert decided(at(8)) == Postpone(at(10), "quiet_hours")


def test_a_rule_is_held_to_its_own_cap_or_else_to_the_campaigns() -> None:
    own = campaign(
        waves={"baseline": {"suffix": "bl", "day": 0, "cap": {"flows": 4, "per": "7d"}, "flows": ["q1"]}}, gap="1h"
    )
    three = tuple(NOW - timedelta(days=days) for days in (5, 4, 3))
    for rule, decision in ((WaveRule("baseline"), Begin()), (FIRST_SLOT, Postpone(NOW + timedelta(days=2), "cap"))):
        asked = nudge(rule=rule, closes_at=NOW + timedelta(days=7))
        assert decide_nudge(own, asked, situation(begun=three), QUIET, ALMANAC, NOW) == decision
    four = (NOW - timedelta(days=6), *three)
    asked = nudge(rule=WaveRule("baseline"), closes_at=NOW + timedelta(days=7))
    assert decide_nudge(own, asked, situation(begun=four), QUIET, ALMANAC, NOW) == Postpone(
        NOW + timedelta(days=1), "cap"
    )


def test_the_gap_ends_in_an_open_hour() -> None:
    short = campaign(gap="8h")
    assert decide_nudge(short, nudge(), situation(begun=(at(9),)), QUIET, ALMANAC, at(10)) == Postpone(at(17), "gap")
    assert decide_nudge(short, nudge(), situation(begun=(at(13),)), QUIET, ALMANAC, at(14)) == Postpone(
        at(10, 3), "gap"
    )


def test_what_comes_late_or_at_an_opening_is_spread_over_a_cohort() -> None:
    wide = campaign(spread="2h")

    def begun(now: datetime, **changes: object) -> set[object]:
        return {
            decide_nudge(wide, nudge(**changes), situation(bucket=bucket), QUIET, ALMANAC, now)
            for bucket in range(BUCKETS)
        }

    assert begun(NOW + timedelta(minutes=29)) == {Begin()}, "a tick late, or put off until now"
    late = begun(NOW + timedelta(hours=2))
    assert late - {Begin()} == {
        Postpone(NOW + timedelta(hours=2, minutes=minutes), "spread") for minutes in _minutes(late) if minutes
    }
    assert len(late) > BUCKETS * 0.9
    assert max(_minutes(late)) < 120
    closing = begun(NOW + timedelta(hours=2), closes_at=NOW + timedelta(hours=2, minutes=10))
    assert max(_minutes(closing)) < 10, "none is spread beyond its closing"
    morning = begun(at(20))
    assert len(morning) > BUCKETS * 0.9
    assert all(
        isinstance(one, Postpone) and one.reason == "quiet_hours" and at(10, 3) <= one.until < at(12, 3)
        for one in morning
    )
    asking = nudge(slot="consent", flow="permiso")
    assert (
        decide_nudge(wide, asking, situation(consented=False, bucket=40), QUIET, ALMANAC, NOW + timedelta(hours=2))
        == Begin()
    )


def _minutes(decisions: set[object]) -> list[int]:
    """After two hours and by how many minutes each of these waits."""
    return [
        int((one.until - NOW - timedelta(hours=2)).total_seconds() // 60) if isinstance(one, Postpone) else 0
        for one in decisions
    ]


def test_measurement_is_asked_for_even_of_who_ignores_the_rest_and_does_not_wait_for_itself() -> None:
    silent = situation(ignored=5, measuring=True, begun=(NOW - timedelta(days=3),))
    assert decide_nudge(campaign(), nudge(wave="bl"), silent, QUIET, ALMANAC, NOW) == Begin()


def test_consent_itself_needs_none_and_is_not_asked_twice() -> None:
    asking = nudge(slot="consent", flow="permiso")
    assert decide_nudge(campaign(), asking, situation(consented=False, measuring=True), QUIET, ALMANAC, NOW) == Begin()
    assert decide_nudge(campaign(), asking, situation(consented=True), QUIET, ALMANAC, NOW) == Skip("consented_already")


def test_an_open_conversation_may_skip_the_next_one() -> None:
    assert decide_nudge(
        campaign(open_session="skip"), nudge(), situation(session_open=True), QUIET, ALMANAC, NOW
    ) == Skip("session_open")


def test_another_may_replace_it_unless_it_measures() -> None:
    def decided(**changes: object) -> object:
        return decide_nudge(
            campaign(open_session="replace"), nudge(), situation(session_open=True, **changes), QUIET, ALMANAC, NOW
        )

    assert decided() == Begin()
    assert decided(session_measures=True) == Postpone(NOW + timedelta(minutes=30), "session_open")
    assert decided(begun=(NOW - timedelta(hours=20),)) == Postpone(NOW + timedelta(hours=4), "gap"), (
        "and what is open stays open"
    )


def test_the_officers_turns_decide_too() -> None:
    """On duty from seven in the morning of the 2nd for a day, then asleep from ten to five."""
    works = Duty(Shift(24, 48, datetime.fromisoformat("2026-03-02 07:00"), MEXICO_CITY))

    def decided(now: datetime, duty: Duty = works, rule: Rule = FIRST_SLOT, **changes: object) -> object:
        return decide_nudge(campaign(**changes), nudge(rule=rule), situation(duty=duty), QUIET, ALMANAC, now)

    assert decided(NOW) == Postpone(at(17, 3), "on_duty")
    assert decided(NOW, on_duty="write") == Begin()
    assert decided(at(11, 3)) == Postpone(at(17, 3), "rest")
    assert decided(at(17, 3)) == Begin()
    assert decided(NOW, late="3h") == Postpone(at(17, 3), "on_duty"), "when it closes was laid down with the plan"
    away = Duty(None, (ShiftException(LEAVE, at(0), at(12, 3)),))
    assert decided(NOW, away) == Postpone(at(12, 3), "leave")
    assert decided(NOW, Duty(None, (ShiftException(LEAVE, at(0), at(12, 9)),))) == Skip("leave")
    assert decide_nudge(
        campaign(holidays="wait"), nudge(closes_at=at(12, 20)), situation(), QUIET, ALMANAC, at(12, 16)
    ) == Postpone(at(10, 17), "holiday")
    evening = {"slots": [{"weeks": "1-4", "per_week": 1, "from": ["a"], "window": {"from": "17:00", "to": "18:00"}}]}
    assert decided(NOW, UNKNOWN, **evening) == Postpone(at(17), "quiet_hours")
    assert decided(NOW, UNKNOWN, SlotRule(7), **evening) == Begin(), "what is no more has the campaign's window"


def test_what_waits_waits_until_the_officer_can_be_reached() -> None:
    works = Duty(Shift(12, 36, datetime.fromisoformat("2026-03-02 10:15"), MEXICO_CITY))
    assert decide_nudge(campaign(), nudge(), situation(duty=works, consented=False), QUIET, ALMANAC, NOW) == Postpone(
        at(10, 3), "no_consent"
    )
    late = nudge(closes_at=NOW + timedelta(hours=5))
    assert decide_nudge(campaign(), late, situation(duty=works, consented=False), QUIET, ALMANAC, NOW) == Skip(
        "no_consent"
    )


def test_what_would_wait_beyond_its_closing_is_skipped_with_the_reason() -> None:
    closing = nudge(closes_at=NOW + timedelta(hours=10))
    assert decide_nudge(campaign(), closing, situation(begun=(NOW - timedelta(hours=3),)), QUIET, ALMANAC, NOW) == Skip(
        "gap"
    )
    late = NOW + timedelta(hours=9, minutes=45)
    assert decide_nudge(campaign(), closing, situation(consented=False), QUIET, ALMANAC, late) == Skip("no_consent")


MOSTLY_NOT = st.integers(0, 7).map(lambda drawn: drawn == 7)


@mostly(0.05)
@given(
    ZONES,
    st.integers(0, 364 * 24 * 60),
    st.one_of(st.just([]), st.lists(st.floats(0, 10), max_size=5)),
    MOSTLY_NOT.map(lambda no: not no),
    MOSTLY_NOT,
    MOSTLY_NOT,
    st.one_of(st.just(0), st.integers(0, 5)),
    st.floats(0, 72),
)
@settings(max_examples=300, deadline=None)
def test_a_nudge_begins_only_when_it_may_and_comes_to_an_end(
    zone: str, minutes: int, days: list[float], consented: bool, paused: bool, is_open: bool, ignored: int, left: float
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begun = tuple(now - timedelta(days=ago) for ago in days)
    one = nudge(due_at=now, closes_at=now + timedelta(hours=left))
    how = situation(
        timezone=zone, consented=consented, cohort_paused=paused, session_open=is_open, begun=begun, ignored=ignored
    )
    decision = decide_nudge(campaign(), one, how, QUIET, ALMANAC, now)
    local = now.astimezone(ZoneInfo(zone)).time()
    match decision:
        case Begin():
            asserted()
            assert (consented, paused, is_open) == (True, False, False)
            assert now < one.closes_at
            assert time(10) <= local < time(19)
            assert sum(moment > now - timedelta(days=7) for moment in begun) < 3
        case Postpone(until, reason):
            assert now < until < one.closes_at
            assert reason
        case Skip(reason):
            assert reason


@pytest.mark.parametrize(("hours", "found"), [(47, Postpone), (48, Skip), (49, Skip)])
def test_a_pause_until_the_nudge_closes_or_longer_skips_it(hours: int, found: type) -> None:
    how = situation(paused_until=NOW + timedelta(hours=hours))
    assert isinstance(foreseen(campaign(), nudge(), how), found)


# -- whole campaigns --------------------------------------------------------------------------------------------------

TICK = timedelta(minutes=10)


class Life:
    """One officer's campaign as it is lived: the clock ticks, except in an outage; conversations are answered or not."""

    def __init__(
        self, one: Campaign, who: Profile, quiet: tuple[time, time], *, answers: bool, consents_after: timedelta
    ) -> None:
        self.one, self.who, self.quiet, self.answers, self.consents_after = one, who, quiet, answers, consents_after
        self.waiting = [item for item in plan(one, who, quiet, ALMANAC) if item.skip is None]
        self.consented_at = who.enrolled_at if who.consented else None
        self.begun: list[tuple[datetime, Planned]] = []
        self.skipped: list[tuple[datetime, Planned, str]] = []
        self.session_until = datetime.min.replace(tzinfo=UTC)
        self.opted_out_at = self.paused_until = datetime.max.replace(tzinfo=UTC)
        self.ignored = 0

    def tick(self, now: datetime) -> None:
        for item in sorted((item for item in self.waiting if item.due_at <= now), key=lambda item: item.due_at):
            self.waiting.remove(item)
            match decide_nudge(self.one, item, self.situation(now), self.quiet, ALMANAC, now):
                case Begin():
                    self.begin(item, now)
                case Postpone(until, _):
                    assert until > now
                    self.waiting.append(replace(item, due_at=until))
                case Skip(reason):
                    self.skipped.append((now, item, reason))

    def begin(self, item: Planned, now: datetime) -> None:
        self.begun.append((now, item))
        self.session_until = now + timedelta(hours=1 if self.answers else 48)
        self.ignored = 0 if self.answers else self.ignored + 1
        if item.slot == "consent" and self.answers:
            self.consented_at = now + self.consents_after

    def situation(self, now: datetime) -> Situation:
        return Situation(
            status="opted_out" if now >= self.opted_out_at else "active",
            timezone=self.who.timezone,
            consented=self.consented_at is not None and self.consented_at <= now,
            paused_until=None,
            cohort_paused=False,
            session_open=now < self.session_until,
            measuring=any(item.wave and item.due_at <= now < item.closes_at for item in self.waiting),
            begun=tuple(moment for moment, _ in self.begun),
            ignored=self.ignored,
            duty=self.who.duty,
        )


@mostly(0.1)
@given(
    CAMPAIGNS,
    OFFICERS,
    st.tuples(st.sampled_from([time(21), time(18)]), st.sampled_from([time(9), time(11)])),
    st.booleans(),
    st.integers(0, 20),
    st.integers(0, 5),
    st.none() | st.integers(0, 60),
    st.integers(0, 3),
)
@settings(max_examples=30, deadline=None)
def test_a_campaign_lived_through_keeps_its_promises(
    one: Campaign,
    who: Profile,
    quiet: tuple[time, time],
    answers: bool,
    outage: int,
    length: int,
    leaves: int | None,
    hours: int,
) -> None:
    life = Life(one, who, quiet, answers=answers, consents_after=timedelta(hours=hours))
    total = len(life.waiting)
    if leaves is not None:
        life.opted_out_at = who.enrolled_at + timedelta(days=leaves)
    now = who.enrolled_at
    end = max((item.closes_at for item in life.waiting), default=now) + timedelta(hours=1)
    dark = (who.enrolled_at + timedelta(days=outage), who.enrolled_at + timedelta(days=outage + length))
    while now <= end and life.waiting:
        if not dark[0] <= now < dark[1]:
            life.tick(now)
        # Nothing can happen before the next nudge is due: go there, in whole ticks.
        soonest = min((item.due_at for item in life.waiting), default=end)
        now += max(TICK, (soonest - now) // TICK * TICK)
    life.tick(max(now, end))
    assert not life.waiting, "every due nudge has begun or been skipped"
    assert len(life.begun) + len(life.skipped) == total
    _assert_kept(life, one)


def _assert_kept(life: Life, one: Campaign) -> None:
    moments = [moment for moment, _ in life.begun]
    if moments:
        asserted()
    for place, (moment, item) in enumerate(life.begun):
        assert quiet_until(moment, life.who.timezone, life.quiet) is None
        assert_may_be_written_to(one, life.who.duty, life.who.timezone, moment)
        assert moment < life.opted_out_at
        assert item.due_at <= moment < item.closes_at
        assert sum(other > moment - one.cap.per for other in moments[: place + 1]) <= one.cap.flows
        assert not place or moment - moments[place - 1] >= one.gap
        if one.consent is not None and item.slot != "consent":
            assert life.consented_at is not None
            assert life.consented_at <= moment
    assert all(reason for _, _, reason in life.skipped)

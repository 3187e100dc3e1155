"""Planning: when which flow is due, by example and for random campaigns, officers and zones."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.language.campaign import Campaign
from app.flows.quiet_hours import quiet_until
from app.flows.shifts import LEAVE, OFF, ON, Duty, Shift, ShiftException, leaves, usual, worked
from app.scheduler.occasions import window_of
from app.scheduler.planning import Planned, Profile, plan
from app.scheduler.recurring import ALMANAC
from tests.shares import asserted, mostly

QUIET = (time(21), time(9))
MEXICO_CITY, TIJUANA = "America/Mexico_City", "America/Tijuana"


def campaign(**changes: object) -> Campaign:
    return Campaign.model_validate(
        {
            "title": "Seguimiento",
            "anchor": "workshop_date",
            "consent": "permiso",
            "window": {"from": "10:00", "to": "19:00"},
            "slots": [
                {"weeks": "1-4", "per_week": 2, "from": ["a", "b", "c"]},
                {"weeks": "5-12", "per_week": 1, "from": ["d"]},
                {"weeks": "13-16", "every": "2w", "from": ["e"]},
            ],
            "waves": {"baseline": {"suffix": "bl", "day": 0, "flows": ["q1", "q2"]}},
            **changes,
        }
    )


def officer(**changes: object) -> Profile:
    return Profile(
        **{
            "bucket": 71,
            "timezone": MEXICO_CITY,
            "anchor": date(2026, 3, 2),
            "enrolled_at": datetime(2026, 3, 1, tzinfo=UTC),
            **changes,
        }
    )


def calendar(planned: list[Planned], zone: str = MEXICO_CITY) -> dict[str, str]:
    """The local moment of each occasion, or the reason why there is none."""
    return {item.slot: item.skip or f"{item.due_at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for item in planned}


def days(planned: list[Planned]) -> dict[str, str]:
    return {slot: moment[:5] for slot, moment in calendar(planned).items()}


def test_a_whole_campaign() -> None:
    planned = plan(campaign(), officer(), QUIET, ALMANAC)
    flows = {item.slot: item.flow for item in planned}
    assert flows["consent"] == "permiso"
    assert (flows["baseline.1"], flows["baseline.2"]) == ("q1", "q2")
    assert [flows[f"w{week:02d}.{place}"] for week in range(1, 5) for place in (1, 2)] == [
        "a",
        "b",
        "c",
        "a",
        "b",
        "c",
        "a",
        "b",
    ]
    assert {flows[f"w{week:02d}.1"] for week in range(5, 13)} == {"d"}
    assert [slot for slot in flows if slot > "w13"] == ["w13.1", "w15.1"]
    assert [item.due_at for item in planned] == sorted(item.due_at for item in planned)


def test_measurement_goes_before_follow_up() -> None:
    waves = {"middle": {"suffix": "md", "day": 8, "closes": "14d", "flows": ["q1", "q2", "q3", "q4"]}}
    planned = plan(campaign(waves=waves, spread="30m"), officer(consented=True), QUIET, ALMANAC)
    assert {slot: day for slot, day in days(planned).items() if slot < "w04"} == {
        "w01.1": "03-03",
        "w01.2": "cap",  # the wave needs all three of the seven days that follow
        "middle.1": "03-10",
        "middle.2": "03-11",
        "middle.3": "03-12",
        "middle.4": "03-17",
        "w02.1": "measu",
        "w02.2": "cap",
        "w03.1": "03-18",
        "w03.2": "03-20",
    }


def test_a_wave_and_a_slot_may_have_a_cap_of_their_own() -> None:
    four = {"flows": 4, "per": "7d"}
    waves = {"middle": {"suffix": "md", "day": 8, "closes": "14d", "cap": four, "flows": ["q1", "q2", "q3", "q4"]}}
    slots = [
        {"days": [5, 6, 12], "from": ["a"]},
        {"days": [13], "cap": {"flows": 5, "per": "7d"}, "from": ["b"]},
    ]
    planned = plan(campaign(waves=waves, slots=slots, spread="30m"), officer(consented=True), QUIET, ALMANAC)
    assert days(planned) == {
        "w01.1": "cap",  # the wave has its four in the seven days that follow, and a slot is held to three
        "w01.2": "cap",
        "middle.1": "03-10",
        "middle.2": "03-11",
        "middle.3": "03-12",
        "middle.4": "03-13",
        "w02.1": "cap",
        "w02.2": "03-15",
    }


@pytest.mark.parametrize(("every", "days_"), [("1d", range(1, 15)), ("2d", range(1, 15, 2)), ("1w", (1, 8))])
def test_weeks_are_whole_weeks(every: str, days_: Iterable[int]) -> None:
    slots = [{"weeks": "1-2", "every": every, "from": ["a"]}]
    who = officer(consented=True)
    planned = plan(campaign(slots=slots, waves={}, cap={"flows": 20}, gap="1h"), who, QUIET, ALMANAC)
    zone = ZoneInfo(who.timezone)
    due = [item.due_at.astimezone(zone).date() for item in planned if item.slot != "consent"]
    assert due == [date(2026, 3, 2) + timedelta(days=day) for day in days_]


def test_what_waits_for_the_gap_is_due_when_it_is_over() -> None:
    """The one before was spread already."""
    slots = [{"weeks": "1", "every": "1d", "from": ["a"]}]
    busy = campaign(slots=slots, waves={}, consent=None, cap={"flows": 20}, gap="25h")
    apart = [
        later.due_at - earlier.due_at
        for bucket in range(20)
        for earlier, later in pairwise(
            item for item in plan(busy, officer(bucket=bucket), QUIET, ALMANAC) if item.skip is None
        )
    ]
    assert min(apart) == timedelta(hours=25)
    assert apart.count(timedelta(hours=25)) > len(apart) / 4


def test_a_wave_takes_one_flow_a_day_even_if_the_gap_is_short() -> None:
    waves = {"baseline": {"suffix": "bl", "day": 0, "flows": ["q1", "q2", "q3"]}}
    planned = plan(campaign(waves=waves, gap="1h", cap={"flows": 9}), officer(consented=True), QUIET, ALMANAC)
    assert [days(planned)[f"baseline.{place}"] for place in (1, 2, 3)] == ["03-02", "03-03", "03-04"]
    assert "03-02" not in [day for slot, day in days(planned).items() if slot.startswith("w")]


def test_a_wave_with_days_leaves_room_for_something_that_does_not_measure() -> None:
    wave = {"suffix": "el", "day": 10, "closes": "14d", "flows": ["q1", "q2", "q3", "q4", "q5"]}
    slots = [{"days": [12], "from": ["a"]}]
    close = days(plan(campaign(slots=slots, waves={"final": wave}), officer(consented=True), QUIET, ALMANAC))
    assert close == {
        "final.1": "03-12",
        "final.2": "03-13",
        "final.3": "03-14",
        "final.4": "03-19",
        "final.5": "03-20",
        "w02.1": "cap",
    }
    wave["days"] = [0, 1, 8, 9, 10]
    spread = days(plan(campaign(slots=slots, waves={"final": wave}), officer(consented=True), QUIET, ALMANAC))
    assert spread == {
        "final.1": "03-12",
        "final.2": "03-13",
        "w02.1": "03-14",
        "final.3": "03-20",
        "final.4": "03-21",
        "final.5": "03-22",
    }


def test_the_first_flow_of_a_wave_may_wait_for_a_shift_and_the_others_not() -> None:
    # 24x48 from the day of the wave at seven: the first shift ends a day later at seven.
    duty = Duty(usual(Shift(24, 48, datetime(2026, 3, 12, 7), MEXICO_CITY)))  # noqa: DTZ001 - local time
    wave = {"suffix": "el", "day": 10, "closes": "14d", "flows": ["q1", "q2"], "first_at": {"after_shift": "1h-3h"}}

    def moments(wave: dict[str, object]) -> dict[str, str]:
        one = campaign(slots=[], waves={"final": wave}, window={"from": "09:00", "to": "21:00"})
        return days(plan(one, officer(consented=True, duty=duty), QUIET, ALMANAC))

    assert moments(wave) == {"final.1": "03-13", "final.2": "03-14"}, "the next day is one of rest"
    wave["at"] = wave["first_at"]
    assert moments(wave) == {"final.1": "03-13", "final.2": "03-16"}, "after the next shift"


def test_what_a_wave_has_no_time_for_is_said() -> None:
    waves = {"baseline": {"suffix": "bl", "day": 0, "closes": "3d", "flows": ["q1", "q2", "q3", "q4"]}}
    planned = plan(campaign(waves=waves), officer(consented=True), QUIET, ALMANAC)
    assert days(planned)["baseline.4"] == "wave_", "three days hold three flows"
    assert calendar(planned)["baseline.4"] == "wave_closed"


def test_slots_that_share_a_week_have_names_of_their_own() -> None:
    slots = [{"weeks": "1-2", "per_week": 1, "from": ["a"]}, {"weeks": "2-3", "per_week": 1, "from": ["b"]}]
    planned = plan(campaign(slots=slots, waves={}, cap={"flows": 9}), officer(consented=True), QUIET, ALMANAC)
    assert {item.slot: item.flow for item in planned} == {"w01.1": "a", "w02.1": "a", "w02.2": "b", "w03.1": "b"}
    assert not any(item.skip for item in planned)


def test_consent_is_asked_at_once_if_it_is_open_and_else_at_the_next_opening() -> None:
    def asked(hour: int) -> str:
        enrolled = datetime(2026, 2, 10, hour, 5, tzinfo=ZoneInfo(MEXICO_CITY)).astimezone(UTC)
        planned = plan(campaign(spread="1h"), officer(enrolled_at=enrolled), QUIET, ALMANAC)
        assert planned[0].slot == "consent"
        return calendar(planned)["consent"]

    assert asked(14) == "02-10 14:05"
    assert "02-10 10:00" <= asked(7) < "02-10 11:00"
    assert "02-11 10:00" <= asked(20) < "02-11 11:00"


def test_nothing_goes_before_consent_even_on_its_day() -> None:
    night = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    hasty = campaign(gap="30m", waves={}, cap={"flows": 9})
    for number in range(30):
        planned = plan(hasty, officer(bucket=number, enrolled_at=night), QUIET, ALMANAC)
        assert [item.slot for item in planned[:2]] == ["consent", "w01.1"]
        assert planned[1].due_at - planned[0].due_at >= timedelta(minutes=30)


def test_nothing_goes_where_consent_can_never_be_asked() -> None:
    """On duty from seven to seven every day: the campaign's window never opens, a slot's own in the evening does."""
    works = Duty(Shift(12, 12, datetime.fromisoformat("2026-03-01 07:00"), MEXICO_CITY))
    evening = {"from": "19:15", "to": "20:30"}
    slots = [{"weeks": "1-2", "per_week": 1, "from": ["a"], "window": evening}]
    narrow = campaign(window={"from": "10:00", "to": "10:30"}, slots=slots, waves={})
    found = calendar(plan(narrow, officer(duty=works), QUIET, ALMANAC))
    assert found == {"consent": "on_duty", "w01.1": "no_consent", "w02.1": "no_consent"}
    assert calendar(plan(narrow, officer(duty=works, consented=True), QUIET, ALMANAC)).keys() == {"w01.1", "w02.1"}


def test_without_an_anchor_only_consent_is_asked() -> None:
    assert [item.slot for item in plan(campaign(), officer(anchor=None), QUIET, ALMANAC)] == ["consent"]


def test_who_has_consented_is_not_asked_again() -> None:
    assert "consent" not in {item.slot for item in plan(campaign(), officer(consented=True), QUIET, ALMANAC)}


def test_who_is_enrolled_late_gets_no_burst() -> None:
    late = officer(enrolled_at=datetime(2026, 4, 20, 18, 0, tzinfo=UTC))
    planned = plan(campaign(), late, QUIET, ALMANAC)
    missed = [item.slot for item in planned if item.skip == "enrolled_late"]
    assert missed == [
        "baseline.1",
        "baseline.2",
        *(f"w{week:02d}.{place}" for week in range(1, 5) for place in (1, 2)),
        "w05.1",
        "w06.1",
        "w07.1",
    ]
    assert all(item.due_at >= late.enrolled_at for item in planned if item.slot not in missed)
    assert [item.slot for item in planned if item.slot not in missed][:3] == ["consent", "w08.1", "w09.1"]


def test_a_campaign_may_begin_anew_for_who_is_enrolled_late() -> None:
    late = officer(enrolled_at=datetime(2026, 4, 21, 3, 0, tzinfo=UTC), consented=True)  # the evening of the 20th
    restarted = plan(campaign(enrolled_late="restart"), late, QUIET, ALMANAC)
    in_time = plan(
        campaign(), officer(anchor=date(2026, 4, 20), enrolled_at=late.enrolled_at, consented=True), QUIET, ALMANAC
    )
    assert restarted == in_time
    early = officer(consented=True)
    assert plan(campaign(enrolled_late="restart"), early, QUIET, ALMANAC) == plan(campaign(), early, QUIET, ALMANAC)


def test_who_is_enrolled_while_a_wave_is_open_begins_with_its_first_flow() -> None:
    late = officer(enrolled_at=datetime(2026, 3, 4, 23, 0, tzinfo=UTC), consented=True)
    planned = plan(campaign(), late, QUIET, ALMANAC)
    assert [days(planned)[f"baseline.{place}"] for place in (1, 2)] == ["03-04", "03-05"]


def test_what_has_its_window_within_the_quiet_hours_is_skipped_and_says_so() -> None:
    usual = plan(campaign(), officer(), QUIET, ALMANAC)
    never = plan(campaign(window={"from": "22:00", "to": "23:00"}), officer(), QUIET, ALMANAC)
    assert {one.slot for one in never} == {one.slot for one in usual}
    assert {one.skip for one in never} == {"quiet_hours"}
    assert all(one.closes_at > one.due_at for one in never)


@pytest.mark.parametrize(
    ("quiet", "earliest", "latest"),
    [
        ((time(21), time(9)), 10, 19),
        ((time(17), time(12)), 12, 17),
        ((time(0), time(11)), 11, 19),
        ((time(18), time(23)), 10, 18),
        ((time(12), time(12)), 10, 19),  # none
    ],
)
def test_quiet_hours_cut_the_window(quiet: tuple[time, time], earliest: int, latest: int) -> None:
    dense = campaign(slots=[{"weeks": "1-60", "per_week": 7, "from": ["a"]}], waves={}, cap={"flows": 20}, gap="1h")
    planned = plan(dense, officer(consented=True), quiet, ALMANAC)
    hours = {item.due_at.astimezone(ZoneInfo(MEXICO_CITY)).hour for item in planned if item.skip is None}
    assert hours == set(range(earliest, latest))


# A year in which the clocks change in Tijuana (8 March and 1 November 2026) and not in Mexico City. Written by hand: the
# window opens at ten by the wall, which is 18 or 17 hours UTC in Tijuana and 16 in Mexico City.
@pytest.mark.parametrize(
    ("zone", "day", "hour"),
    [
        (TIJUANA, date(2026, 3, 7), 18),
        (TIJUANA, date(2026, 3, 8), 17),
        (TIJUANA, date(2026, 10, 31), 17),
        (TIJUANA, date(2026, 11, 1), 18),
        (MEXICO_CITY, date(2026, 3, 7), 16),
        (MEXICO_CITY, date(2026, 3, 8), 16),
        (MEXICO_CITY, date(2026, 10, 31), 16),
        (MEXICO_CITY, date(2026, 11, 1), 16),
    ],
)
def test_the_clock_on_the_wall_decides(zone: str, day: date, hour: int) -> None:
    one = officer(
        timezone=zone, anchor=day - timedelta(days=1), enrolled_at=datetime(2026, 1, 1, tzinfo=UTC), consented=True
    )
    planned = plan(campaign(spread="1m", waves={}), one, QUIET, ALMANAC)
    assert planned[0].due_at == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_not_open() -> None:
    """On 8 March 2026 in Tijuana there is no 02:00 to 03:00."""
    night = campaign(
        window={"from": "02:00", "to": "03:00"},
        waves={},
        slots=[{"weeks": "1", "per_week": 7, "from": ["a"]}],
        gap="1h",
        cap={"flows": 9},
    )
    one = officer(
        timezone=TIJUANA, anchor=date(2026, 3, 6), enrolled_at=datetime(2026, 1, 1, tzinfo=UTC), consented=True
    )
    planned = plan(night, one, (time(12), time(12)), ALMANAC)
    local = [item.due_at.astimezone(ZoneInfo(TIJUANA)) for item in planned if item.skip is None]
    assert {moment.hour for moment in local} == {2}
    assert date(2026, 3, 8) not in {moment.date() for moment in local}


ZONES = st.sampled_from([MEXICO_CITY, TIJUANA, "America/Cancun", "America/Hermosillo", "America/Ojinaga"])
HOURS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
DURATIONS = st.sampled_from(["30m", "1h", "24h", "36h", "2d", "7d", "3w"])
SLOTS = st.fixed_dictionaries(
    {
        "weeks": st.tuples(st.integers(1, 6), st.integers(0, 6)).map(lambda pair: f"{pair[0]}-{pair[0] + pair[1]}"),
        "from": st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
    },
    optional={
        "at": st.sampled_from([{"after_shift": "1h-3h"}, {"after_shift": "1h-12h"}, {"before_shift": "5h-1h"}]),
        "window": st.sampled_from([{"from": "06:00", "to": "08:30"}, {"from": "12:00", "to": "22:00"}]),
    },
).flatmap(
    lambda slot: st.one_of(
        st.integers(1, 7).map(lambda count: {**slot, "per_week": count}),
        st.sampled_from(["3d", "1w", "2w"]).map(lambda every: {**slot, "every": every}),
        st.sampled_from([{"day_of_week": "mon,thu"}, {"day": "1,15,last"}, {"week": "*/2"}]).map(
            lambda on: {**slot, "on": on}
        ),
        st.lists(st.integers(1, 60), min_size=1, max_size=5, unique=True).map(
            lambda days_: {**{key: value for key, value in slot.items() if key != "weeks"}, "days": sorted(days_)}
        ),
    )
)
WAVES = st.lists(
    st.fixed_dictionaries(
        {
            "suffix": st.just("bl"),
            "day": st.integers(-20, 40),
            "closes": DURATIONS,
            "flows": st.lists(st.just("q"), min_size=1, max_size=6),
        }
    ),
    max_size=2,
).map(lambda waves: {f"wave{place}": wave for place, wave in enumerate(waves)})
CAMPAIGNS = st.builds(
    campaign,
    window=st.tuples(HOURS, HOURS)
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: {"from": f"{pair[0]:%H:%M}", "to": f"{pair[1]:%H:%M}"}),
    spread=st.none() | DURATIONS,
    gap=DURATIONS,
    late=DURATIONS,
    consent=st.none() | st.just("permiso"),
    cap=st.builds(lambda flows, per: {"flows": flows, "per": per}, st.integers(1, 4), DURATIONS),
    slots=st.lists(SLOTS, max_size=3),
    waves=WAVES,
    on_duty=st.sampled_from(["wait", "write"]),
    rest=st.none() | st.sampled_from([{}, {"after": "12h", "between": "1h-9h"}]),
    holidays=st.sampled_from(["wait", "write"]),
    enrolled_late=st.sampled_from(["skip", "restart"]),
)
# Anchors around the days on which the clocks change at the border, and all over the year.
ANCHORS = st.sampled_from([date(2026, 3, 1), date(2026, 10, 25)]) | st.dates(date(2025, 1, 1), date(2028, 1, 1))
PHASES = st.builds(
    lambda hours, days_, minutes: (*hours, timedelta(days=days_, minutes=minutes)),
    st.sampled_from([(24, 48), (24, 24), (12, 24), (12, 36), (12, 12), (8, 16), (72, 96)]),
    st.integers(-9, 0),
    st.sampled_from([0, 6 * 60, 7 * 60, 12 * 60 + 30, 19 * 60]),
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from([LEAVE, LEAVE, ON, OFF]), st.integers(-30, 90 * 24), st.sampled_from([8, 24, 5 * 24, 30 * 24])
    ),
    max_size=3,
    unique_by=lambda one: one[1],
)


def _duty(
    anchor: date, zone: str, phase: tuple[int, int, timedelta] | None, changes: list[tuple[str, int, int]]
) -> Duty:
    begins = datetime.fromisoformat(str(anchor))
    day = begins.replace(tzinfo=UTC)
    turns = None if phase is None else usual(Shift(phase[0], phase[1], begins + phase[2], zone))
    spans = ((kind, day + timedelta(hours=start), timedelta(hours=length)) for kind, start, length in changes)
    return Duty(turns, tuple(ShiftException(kind, start, start + length) for kind, start, length in spans))


OFFICERS = st.builds(
    lambda bucket, zone, anchor, days_, minutes, consented, phase, changes: Profile(
        bucket,
        zone,
        anchor,
        datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC) + timedelta(days=days_, minutes=minutes),
        consented,
        _duty(anchor, zone, phase, changes),
    ),
    st.integers(0, 63),
    ZONES,
    ANCHORS,
    st.integers(-40, 40),
    st.integers(0, 1439),
    st.booleans(),
    st.none() | PHASES,
    st.just([]) | CHANGES,
)


def assert_may_be_written_to(one: Campaign, duty: Duty, zone: str, at: datetime) -> None:
    """Not on leave; not on duty and not asleep after it, and not on a rest day, if the campaign says so."""
    assert not any(start <= at < end for start, end in leaves(duty))
    turns = worked(duty, at - timedelta(days=9), at + timedelta(days=1))
    if one.on_duty == "wait":
        assert not any(start <= at < end for start, end in turns)
    if one.rest is not None:
        for start, end in turns:
            if end - start >= one.rest.after + timedelta(hours=1) and start > at - timedelta(days=8):
                assert not end + one.rest.between[0] <= at < end + one.rest.between[1]
    if one.holidays == "wait":
        assert not ALMANAC.is_rest_day(at.astimezone(ZoneInfo(zone)).date())


REASONS = {
    "cap",
    "gap",
    "measurement",
    "no_consent",
    "wave_closed",
    "enrolled_late",
    "leave",
    "on_duty",
    "rest",
    "holiday",
    "quiet_hours",
}


@mostly(0.2)
@given(CAMPAIGNS, OFFICERS, st.tuples(HOURS, HOURS))
@settings(max_examples=300, deadline=None)
def test_whatever_the_campaign_the_plan_keeps_its_promises(
    one: Campaign, who: Profile, quiet: tuple[time, time]
) -> None:
    planned = plan(one, who, quiet, ALMANAC)
    assert planned == plan(one, who, quiet, ALMANAC), "the same question, the same answer"
    assert max(Counter(item.slot for item in planned).values(), default=1) == 1
    begun = [item for item in planned if item.skip is None]
    if begun:
        asserted()
    zone = ZoneInfo(who.timezone)
    for item in planned:
        assert item.skip is None or item.skip in REASONS
        assert item.skip != "enrolled_late" or item.due_at < who.enrolled_at
    for item in begun:
        assert quiet_until(item.due_at, who.timezone, quiet) is None
        window = window_of(one, item.rule) or one.window
        assert window.start <= item.due_at.astimezone(zone).time() < window.end
        assert who.enrolled_at <= item.due_at < item.closes_at
        assert_may_be_written_to(one, who.duty, who.timezone, item.due_at)
    _assert_paced(one, [item.due_at for item in begun])
    if one.consent is not None and not who.consented and begun:
        assert begun[0].slot == "consent", "never before consent"
    measured = Counter(item.due_at.astimezone(zone).date() for item in begun if item.wave)
    assert max(measured.values(), default=1) == 1 or len(one.waves) > 1
    follow_up = {item.due_at.astimezone(zone).date() for item in begun if item.wave is None and item.slot != "consent"}
    assert not follow_up & measured.keys()


def _assert_paced(one: Campaign, moments: list[datetime]) -> None:
    for place, moment in enumerate(moments):
        assert sum(other > moment - one.cap.per for other in moments[: place + 1]) <= one.cap.flows
        assert not place or moment - moments[place - 1] >= one.gap

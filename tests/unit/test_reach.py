"""When officers can be reached and their occasions laid out by their turns, against tables written by hand: shifts, changes of
turns, leave, sleep, rest days, calendars, windows of a slot's own, and a year on both sides of the border."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.flows.language.campaign import Recurrence
from app.flows.nudge_rules import ConsentRule, SlotRule, WaveRule
from app.flows.shifts import LEAVE, OFF, ON, UNKNOWN, Duty, Shift, ShiftException, usual, worked
from app.scheduler.planning import BUCKETS, Profile, bucket_of, plan
from app.scheduler.recurring import ALMANAC
from tests.unit.test_planning import MEXICO_CITY, QUIET, TIJUANA, calendar, campaign, officer

CDMX = ZoneInfo(MEXICO_CITY)


def local(text: str, zone: str = MEXICO_CITY) -> datetime:
    """A moment of 2026 by the wall: "03-02 07:00"."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shift(on: int, off: int, begins: str, zone: str = MEXICO_CITY) -> Shift:
    return usual(Shift(on, off, datetime.fromisoformat(f"2026-{begins}"), zone))


def change(kind: str, starts: str, ends: str) -> ShiftException:
    return ShiftException(kind, local(starts), local(ends))


def laid_out(
    duty: Duty = UNKNOWN, *, bucket: int = 0, anchor: date = date(2026, 3, 2), **changes: object
) -> dict[str, str]:
    """The local moments of an officer's occasions, or why there is none."""
    one = campaign(**{"waves": {}, "consent": None, "spread": "1m", "cap": {"flows": 9}, "gap": "30m", **changes})
    who = officer(bucket=bucket, anchor=anchor, enrolled_at=datetime(2026, 1, 1, tzinfo=UTC), duty=duty)
    return calendar(plan(one, who, QUIET, ALMANAC))


def days(*numbers: int, **more: object) -> list[dict[str, object]]:
    return [{"days": list(numbers), "from": ["a"], **more}]


WORKS = Duty(shift(24, 48, "03-02 07:00"))
"""On duty from 7:00 on 2, 5, 8, 11 March for a day; asleep from 10:00 to 17:00 on 3, 6, 9 March."""


def test_nothing_on_duty_and_nothing_while_asleep() -> None:
    assert laid_out(WORKS, slots=days(1, 2, 3, 4, 7)) == {
        "w01.1": "03-03 17:00",  # the turn ended at seven; sleep until five
        "w01.2": "03-04 10:00",  # a free day
        "w01.3": "03-06 17:00",  # on duty on the 5th
        "w01.4": "03-06 17:30",  # asleep, and half an hour after the other
        "w01.5": "03-09 17:00",
    }
    assert laid_out(WORKS, slots=days(1, 3), on_duty="write") == {"w01.1": "03-03 17:00", "w01.2": "03-05 10:00"}
    assert laid_out(WORKS, slots=days(1, 3), rest=None) == {"w01.1": "03-03 10:00", "w01.2": "03-06 10:00"}
    assert laid_out(WORKS, slots=days(1, 3), rest={"after": "25h"}) == {"w01.1": "03-03 10:00", "w01.2": "03-06 10:00"}


def test_what_the_turn_leaves_no_time_for_is_skipped_with_the_reason() -> None:
    assert laid_out(WORKS, slots=days(3), late="12h") == {"w01.1": "on_duty"}
    assert laid_out(WORKS, slots=days(1), late="3h") == {"w01.1": "rest"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(LEAVE, "03-04 00:00", "03-04 14:00")], "03-04 14:00"),
        ([(LEAVE, "03-04 00:00", "03-05 00:00")], "leave"),  # and on the 5th there is a turn until the late sixth
        ([(LEAVE, "03-04 00:00", "03-30 00:00")], "leave"),
        ([(ON, "03-04 07:00", "03-04 15:00")], "03-04 15:00"),  # an extra turn of eight hours: no sleep after it
        ([(ON, "03-04 07:00", "03-05 07:00")], "on_duty"),  # two turns that meet are one of 48 hours
        (
            [(ON, "03-04 07:00", "03-05 07:00"), (OFF, "03-05 07:00", "03-06 07:00")],
            "03-05 17:00",
        ),  # asleep from 10:00 on
    ],
)
def test_turns_that_are_otherwise(changes: list[tuple[str, str, str]], expected: str) -> None:
    duty = Duty(WORKS.shift, tuple(change(*one) for one in changes))
    assert laid_out(duty, slots=days(2)) == {"w01.1": expected}


def test_an_officer_without_a_shift_may_have_leave_and_extra_turns() -> None:
    away = Duty(None, (change(LEAVE, "03-03 00:00", "03-04 12:00"), change(ON, "03-05 08:00", "03-05 16:00")))
    assert laid_out(away, slots=days(1, 3)) == {"w01.1": "03-04 12:00", "w01.2": "03-05 16:00"}


def test_measurement_waits_for_who_is_away_too() -> None:
    waves = {"antes": {"suffix": "bl", "day": 1, "closes": "4d", "flows": ["q1", "q2"]}}
    away = Duty(None, (change(LEAVE, "03-03 00:00", "03-06 00:00"),))
    assert laid_out(away, slots=[], waves=waves) == {"antes.1": "03-06 10:00", "antes.2": "wave_closed"}


def test_hours_after_a_turn_and_before_one() -> None:
    ends_at_three = Duty(shift(8, 40, "03-02 07:00"))  # from 7:00 to 15:00 on 2, 4, 6, 8 March
    after = {"at": {"after_shift": "1h-3h"}}
    by_day = [
        laid_out(ends_at_three, bucket=bucket, slots=days(1, 2, 3, **after), gap="1m") for bucket in range(BUCKETS)
    ]
    for slot, day in (("w01.1", "03-04"), ("w01.2", "03-04"), ("w01.3", "03-06")):  # no turn on the 3rd: the next
        moments = {one[slot] for one in by_day}
        assert {moment[:5] for moment in moments} == {day}
        assert f"{day} 16:00" <= min(moments) < f"{day} 16:03" < f"{day} 17:57" < max(moments) < f"{day} 18:00"
    before = Duty(shift(12, 36, "03-02 19:00"))
    assert "03-04 13:00" <= laid_out(before, slots=days(1, at={"before_shift": "6h-2h"}))["w01.1"] < "03-04 17:00"


def test_hours_of_a_turn_are_cut_to_the_open_ones_and_without_any_the_window_counts() -> None:
    early = {"at": {"after_shift": "1h-4h"}}
    assert laid_out(WORKS, slots=days(1, **early)) == {"w01.1": "03-03 17:00"}, "eight to ten is never open, then sleep"
    day = Duty(shift(12, 36, "03-02 19:00"))  # ends at 7:00 on 3, 5, 7 March: open from ten to eleven
    moments = {laid_out(day, bucket=bucket, slots=days(1, **early))["w01.1"] for bucket in range(BUCKETS)}
    assert (min(moments), max(moments)) == ("03-03 10:00", "03-03 10:59")
    assert laid_out(slots=days(1, **early)) == {"w01.1": "03-03 10:00"}, "no shift is known"
    night = {"at": {"after_shift": "1h-2h"}}
    assert laid_out(day, slots=days(1, **night)) == {"w01.1": "03-03 10:00"}, "eight to nine is never open"


def test_a_window_of_a_slots_own_and_of_a_waves() -> None:
    evening = {"window": {"from": "17:00", "to": "19:30"}}
    waves = {"antes": {"suffix": "bl", "day": 3, "flows": ["q"], "window": {"from": "12:00", "to": "13:00"}}}
    assert laid_out(slots=[*days(1, **evening), *days(2)], waves=waves) == {
        "w01.1": "03-03 17:00",
        "w01.2": "03-04 10:00",
        "antes.1": "03-05 12:00",
    }
    assert laid_out(slots=days(1, window={"from": "22:00", "to": "23:00"})) == {"w01.1": "quiet_hours"}


def test_days_are_counted_and_calendars_read() -> None:
    assert laid_out(slots=days(1, 3, 7, 14, 30)) == {
        "w01.1": "03-03 10:00",
        "w01.2": "03-05 10:00",
        "w01.3": "03-09 10:00",
        "w02.1": "03-16 10:00",
        "w05.1": "04-01 10:00",
    }
    fortnight = [{"weeks": "1-5", "on": {"day": "1,15"}, "from": ["a"]}]
    assert laid_out(slots=fortnight) == {"w02.1": "03-15 10:00", "w05.1": "04-01 10:00"}
    mondays = [{"weeks": "1-2", "on": {"day_of_week": "mon,thu"}, "from": ["a", "b"]}]
    assert list(laid_out(slots=mondays).values()) == ["03-05 10:00", "03-09 10:00", "03-12 10:00", "03-16 10:00"]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        ({"day": "last"}, [31]),
        ({"day": "2nd tue"}, [10]),
        ({"month": 3, "day_of_week": "sun"}, [1, 8, 15, 22, 29]),
        ({"week": "*/2", "day_of_week": "mon"}, [9, 23]),
        ({"month": "4-6"}, []),
    ],
)
def test_what_a_calendar_may_say(recurrence: dict[str, object], expected: list[int]) -> None:
    found = ALMANAC.days(Recurrence.model_validate(recurrence), date(2026, 3, 1), date(2026, 3, 31))
    assert [day.day for day in found] == expected


def test_official_rest_days() -> None:
    """Article 74 of the Federal Labour Law."""
    in_2026 = ["01-01", "02-02", "03-16", "05-01", "09-16", "11-16", "12-25"]
    assert [
        f"{day:%m-%d}" for number in range(365) if ALMANAC.is_rest_day(day := date(2026, 1, 1) + timedelta(number))
    ] == in_2026
    assert ALMANAC.is_rest_day(date(2030, 10, 1)), "the federal executive changes"
    assert laid_out(slots=days(14)) == {"w02.1": "03-16 10:00"}
    assert laid_out(slots=days(14), holidays="wait") == {"w02.1": "03-17 10:00"}
    assert laid_out(slots=days(14), holidays="wait", late="12h") == {"w02.1": "holiday"}


def test_occasions_of_a_draw_have_its_first_flow_until_they_are_drawn() -> None:
    draw = {"nada": {"p": 0.5}, "algo": {"p": 0.5, "from": ["b", "c"]}}
    one = campaign(
        waves={},
        slots=[{"weeks": 1, "per_week": 2, "draw": draw}, {"weeks": 2, "per_week": 1, "from": ["a"], "pick": "due"}],
    )
    found = [(item.slot, item.flow, item.rule) for item in plan(one, officer(), QUIET, ALMANAC)]
    assert found == [
        ("consent", "permiso", ConsentRule()),
        ("w01.1", "b", SlotRule(0)),
        ("w01.2", "b", SlotRule(0)),
        ("w02.1", "a", SlotRule(1)),
    ]


def test_the_rule_of_a_wave() -> None:
    assert [item.rule for item in plan(campaign(slots=[], consent=None), officer(), QUIET, ALMANAC)] == [
        WaveRule("baseline")
    ] * 2


def test_a_cohort_is_spread_evenly() -> None:
    moments = sorted(laid_out(bucket=bucket, slots=days(1), spread="2h")["w01.1"] for bucket in range(BUCKETS))
    minutes = [int(moment[6:8]) * 60 + int(moment[9:]) for moment in moments]
    assert minutes[0] < 602
    assert minutes[-1] > 717
    assert {after - before for before, after in pairwise(minutes)} <= {1, 2}
    buckets = [bucket_of(f"{number:08X}") for number in range(BUCKETS * 100)]
    assert all(50 < buckets.count(bucket) < 160 for bucket in range(BUCKETS))


def test_turns_worked() -> None:
    since, until = local("03-01 00:00"), local("03-12 00:00")

    def told(*changes: ShiftException) -> list[str]:
        return [
            f"{start.astimezone(CDMX):%d %H} {end.astimezone(CDMX):%d %H}"
            for start, end in worked(Duty(WORKS.shift, changes), since, until)
        ]

    assert told() == ["02 07 03 07", "05 07 06 07", "08 07 09 07", "11 07 12 07"]
    assert told(change(OFF, "03-05 12:00", "03-05 14:00"))[1:3] == ["05 07 05 12", "05 14 06 07"]
    assert told(change(ON, "03-06 07:00", "03-06 19:00"))[1] == "05 07 06 19"
    assert told(change(LEAVE, "03-01 00:00", "03-10 00:00")) == ["11 07 12 07"]


# A year, written by hand: on which day, and at which hour in UTC in Mexico City and in Tijuana, an officer gets what is due at
# ten in the morning. Tijuana changes its clocks on 8 March and 1 November 2026, Mexico City never. The officer with a shift
# works from 7:00 to 19:00 by the wall on 2, 4, 6 January and so on: what is due on such a day comes the day after.
YEAR = [
    ("01-15", 16, 18, "01-15", 16, 18),
    ("02-15", 16, 18, "02-16", 16, 18),
    ("03-07", 16, 18, "03-08", 16, 17),
    ("03-10", 16, 17, "03-10", 16, 17),
    ("04-15", 16, 17, "04-15", 16, 17),
    ("06-17", 16, 17, "06-18", 16, 17),
    ("08-15", 16, 17, "08-15", 16, 17),
    ("10-29", 16, 17, "10-30", 16, 17),
    ("10-31", 16, 17, "11-01", 16, 18),
    ("11-04", 16, 18, "11-05", 16, 18),
    ("12-15", 16, 18, "12-15", 16, 18),
]


@pytest.mark.parametrize(("zone", "column"), [(MEXICO_CITY, 1), (TIJUANA, 2)])
def test_a_year_on_both_sides_of_the_border(zone: str, column: int) -> None:
    begins = date(2026, 1, 1)
    numbers = [(date.fromisoformat(f"2026-{line[0]}") - begins).days for line in YEAR]
    one = campaign(
        waves={}, consent=None, spread="1m", cap={"flows": 9}, gap="1h", slots=[{"days": numbers, "from": ["a"]}]
    )

    def moments(duty: Duty) -> list[str]:
        who = Profile(0, zone, begins, datetime(2026, 1, 1, tzinfo=UTC), duty=duty)
        return [f"{item.due_at:%m-%d %H:%M}" for item in plan(one, who, QUIET, ALMANAC)]

    assert moments(UNKNOWN) == [f"{line[0]} {line[column]}:00" for line in YEAR]
    assert moments(Duty(shift(12, 36, "01-02 07:00", zone))) == [f"{line[3]} {line[3 + column]}:00" for line in YEAR]

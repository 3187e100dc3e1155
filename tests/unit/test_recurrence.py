"""Days as in cron: read as APScheduler reads them, by which campaigns are planned."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from app.flows.language.campaign import Recurrence
from app.flows.recurrence import MONTHS, WEEKDAYS, Unreadable, happens, holds, read


def _numbers(least: int, most: int, names: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    one = st.integers(least, most).map(str) | (st.sampled_from(names) if names else st.nothing())
    pair = st.tuples(st.integers(least, most), st.integers(least, most)).map(sorted)
    named = [pair.map(lambda two: f"{names[two[0] - least]}-{names[two[1] - least]}")] if names else []
    spans = [pair.map(lambda two: f"{two[0]}-{two[1]}"), *named]
    stepped = pair.filter(lambda two: two[1] - two[0] > 1).map(lambda two: f"{two[0]}-{two[1]}/2")
    return st.one_of(one, st.just("*"), st.just("*/2"), *spans, stepped)


def _some(items: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.lists(items, min_size=1, max_size=3).map(",".join)


_DAYS = (
    _numbers(1, 31)
    | st.just("last")
    | st.tuples(st.sampled_from(["1st", "2nd", "3rd", "4th", "5th", "last"]), st.sampled_from(WEEKDAYS)).map(" ".join)
)
_RECURRENCES = st.builds(
    dict,
    month=_some(_numbers(1, 12, MONTHS)),
    day=_some(_DAYS),
    week=_some(_numbers(1, 53)),
    day_of_week=_some(_numbers(0, 6, WEEKDAYS)),
).filter(lambda fields: any(fields.values()))


@given(_RECURRENCES, st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_a_day_is_one_if_the_planner_says_so(fields: dict[str, str | None], first: date) -> None:
    trigger = CronTrigger(**fields, hour=0, minute=0, second=0, timezone=UTC)
    recurrence = Recurrence(**fields)
    for place in range(0, 100, 5):
        day = first + timedelta(days=place)
        midnight = datetime.combine(day, time(), UTC)
        # Field by field: the trigger's own search for the next day goes on to the year 9999 if there is none.
        fires = all(field.get_next_value(midnight) == field.get_value(midnight) for field in trigger.fields)
        assert holds(recurrence, day) == fires


@pytest.mark.parametrize(
    ("fields", "so"),
    [
        ({"month": "2", "day": "29"}, True),
        ({"month": "2", "day": "30,31"}, False),
        ({"month": "apr", "day": "31"}, False),
        ({"day": "5th mon"}, True),
        ({"month": "2", "day": "5th mon"}, True),
        ({"week": "53"}, True),
        ({"week": "53", "month": "6"}, False),
        ({"day": "1", "week": "5-8", "month": "1"}, False),
        ({"day": "last", "month": "2"}, True),
    ],
)
def test_what_never_comes(fields: dict[str, str], so: bool) -> None:
    assert happens(Recurrence(**fields)) is so


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("day", "32"),
        ("day", "0"),
        ("month", "13"),
        ("month", "enero"),
        ("day_of_week", "lun"),
        ("day_of_week", "7"),
        ("week", "54"),
        ("day", "5-3"),
        ("day_of_week", "fri-mon"),
        ("day", "*/0"),
        ("day", "1-5/9"),
        ("day", "6th mon"),
        ("day", "2nd lun"),
        ("day", ""),
        ("day", "1,"),
        ("day_of_week", "mon tue"),
        ("day_of_week", "mon-fri/2"),
        ("day", "*-5"),
        ("month", "3-"),
    ],
)
def test_what_cannot_be_read(field: str, text: str) -> None:
    with pytest.raises(Unreadable):
        read(field, text)

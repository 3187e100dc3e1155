"""Which hours of a campaign's window quiet hours leave open."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.flows.language.campaign import Window
from app.flows.quiet_hours import Opening, opening


@pytest.mark.parametrize(
    ("quiet", "left"),
    [
        ((21, 9), (10, 20)),
        ((19, 9), (10, 19)),
        ((21, 11), (11, 20)),
        ((19, 11), (11, 19)),
        ((12, 12), (10, 20)),  # none
        ((21, 21), (10, 20)),
        ((12, 14), (10, 12)),  # in the middle: what is before them
        ((8, 14), (14, 20)),
        ((10, 14), (14, 20)),
        ((12, 22), (10, 12)),
        ((9, 21), None),
        ((20, 10), (10, 20)),
        ((10, 20), None),
    ],
)
def test_what_is_left_of_a_window(quiet: tuple[int, int], left: tuple[int, int] | None) -> None:
    window = Window.model_validate({"from": "10:00", "to": "20:00"})
    found = opening(window, (time(quiet[0]), time(quiet[1])))
    assert found == (None if left is None else Opening(time(left[0]), time(left[1])))


@pytest.mark.parametrize(
    ("day", "hour", "opens"), [(2, 8, (2, 10)), (2, 10, (2, 10)), (2, 15, (2, 15)), (2, 20, (3, 10)), (2, 22, (3, 10))]
)
def test_the_next_opening(day: int, hour: int, opens: tuple[int, int]) -> None:
    zone = ZoneInfo("America/Mexico_City")
    moment, wanted = (datetime(2026, 3, *at, tzinfo=zone).astimezone(UTC) for at in ((day, hour), opens))
    assert Opening(time(10), time(20)).next(moment, zone) == wanted

"""Clocks: the paced one of rehearsals."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clock import PacedClock
from tests.conftest import StillClock


def test_a_paced_clock_starts_where_it_is_told_and_runs_faster() -> None:
    base = StillClock(datetime(2026, 3, 2, 16, tzinfo=UTC))
    clock = PacedClock(datetime(2026, 3, 2, 12, 1, tzinfo=ZoneInfo("America/Mexico_City")), 60, base)
    assert clock() == datetime(2026, 3, 2, 18, 1, tzinfo=UTC)
    assert clock().tzinfo is UTC
    base.advance(minutes=1)
    assert clock() == datetime(2026, 3, 2, 19, 1, tzinfo=UTC)
    assert clock.advance(timedelta(days=1)) == datetime(2026, 3, 3, 19, 1, tzinfo=UTC)


def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="back"):
        PacedClock().advance(timedelta(seconds=-1))

"""Reading ahead: in order, nothing lost, errors told, and no thread left behind."""

import threading
from collections.abc import Iterator

import pytest

from app.store.prefetch import prefetch


def counting(upto: int, closed: list[bool], fail: bool = False) -> Iterator[int]:
    try:
        yield from range(upto)
        if fail:
            raise OSError("the server has gone")
    finally:
        closed.append(True)


@pytest.mark.parametrize("count", [0, 1, 4, 5, 100])
def test_all_of_it_in_its_order(count: int) -> None:
    closed: list[bool] = []
    assert list(prefetch(counting(count, closed))) == list(range(count))
    assert closed == [True]


def test_an_error_is_raised_after_what_came_before_it() -> None:
    closed: list[bool] = []
    seen = []
    with pytest.raises(OSError, match="the server has gone"):
        seen.extend(prefetch(counting(7, closed, fail=True)))
    assert closed == [True]


@pytest.mark.parametrize("taken", [1, 3, 50])
def test_whoever_stops_taking_leaves_no_thread(taken: int) -> None:
    closed: list[bool] = []
    reading = prefetch(counting(1_000, closed))
    assert [next(reading) for _ in range(taken)] == list(range(taken))
    reading.close()  # type: ignore[attr-defined]
    assert closed == [True]
    assert "reading ahead" not in [thread.name for thread in threading.enumerate()]

"""How many requests are under way: halved by "too many", a little more with every message taken, never beyond its bounds."""

import asyncio
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sending.pace import LONGEST_PAUSE, MOST_ASKED, Pace


def test_it_is_halved_once_for_all_that_were_under_way_together() -> None:
    async def work() -> None:
        pace = Pace(8)
        tickets = [await pace.enter() for _ in range(8)]
        for ticket in tickets:
            pace.refused(ticket, None, Random(1))
            pace.leave()
        assert pace.width == 4
        pace.refused(await pace.enter(), None, Random(1))
        assert pace.width == 2

    asyncio.run(work())


def test_it_grows_by_one_for_as_many_taken_as_are_under_way() -> None:
    pace = Pace(4)
    pace.refused(0, None, Random(1))
    pace.refused(1, None, Random(1))
    widths = []
    for _ in range(12):
        pace.accepted()
        widths.append(pace.width)
    assert widths == [2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4]


def test_no_more_than_its_width_are_let_in_and_nobody_waits_for_ever() -> None:
    async def work() -> None:
        pace, most, done = Pace(6), 0, 0

        async def one(number: int) -> None:
            nonlocal most, done
            ticket = await pace.enter()
            most = max(most, pace.under_way)
            await asyncio.sleep(0)
            if number % 7 == 0:
                pace.refused(ticket, None, Random(number))
            else:
                pace.accepted()
            pace.leave()
            done += 1

        await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(200))), 10)
        assert (most, done, pace.under_way) == (6, 200, 0)

    asyncio.run(work())


def test_places_are_given_in_the_order_in_which_they_were_asked_for() -> None:
    async def work() -> None:
        pace, order = Pace(1), []

        async def one(number: int) -> None:
            await pace.enter()
            order.append(number)
            await asyncio.sleep(0)
            pace.leave()

        await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(6))), 10)
        assert order == list(range(6))

    asyncio.run(work())


def test_one_that_is_cancelled_while_it_waits_takes_nobodys_place() -> None:
    async def work() -> None:
        pace = Pace(1)
        await pace.enter()
        waiting = [asyncio.create_task(pace.enter()) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.sleep(0)
        pace.leave()
        assert await asyncio.wait_for(waiting[1], 5) == 0

    asyncio.run(work())


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(None, 0.5, 1.0), (0.0, 0.0, 0.5), (30.0, 30.0, 30.5), (1e9, 600.0, 600.5)]
)
def test_it_rests_as_long_as_it_is_asked_to_or_else_a_moment(asked: float | None, least: float, most: float) -> None:
    pause = Pace(4).refused(0, asked, Random(1)).total_seconds()
    assert least <= pause <= most


@given(
    st.lists(st.one_of(st.just("taken"), st.tuples(st.integers(0, 3), st.one_of(st.none(), st.floats(0, 1e6))))),
    st.integers(),
)
def test_whatever_happens_it_stays_within_its_bounds(story: list[object], seed: int) -> None:
    pace, chance = Pace(10), Random(seed)
    for happens in story:
        if isinstance(happens, tuple):
            ago, asked = happens
            pause = pace.refused(max(0, pace._cuts - ago), asked, chance)
            assert timedelta(0) <= pause <= MOST_ASKED + LONGEST_PAUSE
        else:
            pace.accepted()
        assert 1 <= pace.width <= 10

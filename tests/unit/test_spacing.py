"""Spaced repetition: the library's own results, and which flow is the next."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from app.flows.spacing import most_due, reviewed

NOW = datetime(2026, 3, 2, 16, tzinfo=UTC)
DAY = timedelta(days=1)

answer = st.tuples(st.timedeltas(timedelta(0), 60 * DAY), st.booleans(), st.integers(1, 3))


@given(st.lists(answer, min_size=1, max_size=8))
def test_a_card_is_what_the_library_makes_of_the_same_reviews(answers: list[tuple[timedelta, bool, int]]) -> None:
    scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, kept, at = Card(card_id=0, due=NOW), None, NOW
    for later, right, attempt in answers:
        at += later
        card, _ = scheduler.review_card(
            card, {(True, 1): Rating.Good, (True, 2): Rating.Hard}.get((right, min(attempt, 2)), Rating.Again), at
        )
        memory = reviewed(kept, at, right=right, attempt=attempt)
        kept = memory.card
        assert (memory.card, memory.due_at, memory.reviewed_at) == (card.to_json(), card.due, at)
        assert memory.due_at >= at + DAY


def test_what_is_known_well_is_asked_less_and_less_often() -> None:
    at, kept, waits = NOW, None, []
    for _ in range(5):
        memory = reviewed(kept, at, right=True)
        waits.append((memory.due_at - at).days)
        kept, at = memory.card, memory.due_at
    assert all(earlier < later for earlier, later in pairwise(waits))
    again = reviewed(kept, at, right=False)
    assert (again.due_at - at).days < waits[-1]
    assert reviewed(kept, at, right=True, attempt=2).due_at < reviewed(kept, at, right=True).due_at


def test_a_message_that_comes_late_does_not_turn_time_back() -> None:
    first = reviewed(None, NOW, right=True)
    late = reviewed(first.card, NOW - 3 * DAY, right=True)
    assert late == reviewed(first.card, NOW, right=True)
    assert late.reviewed_at == NOW


PRINCIPLES: dict[str, str | None] = {
    "voz_1": "voz",
    "voz_2": "voz",
    "respeto_1": "respeto",
    "neutral_1": "neutral",
    "tip": None,
}
ALL = list(PRINCIPLES)


@pytest.mark.parametrize(
    ("flows", "due", "begun", "chosen"),
    [
        pytest.param(ALL, {}, {}, "voz_1", id="never asked: in the order of the list"),
        pytest.param(ALL, {"voz": -9}, {"voz_1": -9}, "respeto_1", id="never asked goes before long due"),
        pytest.param(ALL, {"voz": 2, "respeto": -1, "neutral": 1}, {}, "respeto_1", id="the longest due"),
        pytest.param(
            ALL, {"voz": 5, "respeto": 3, "neutral": 4}, {}, "respeto_1", id="nothing due yet: the next to be"
        ),
        pytest.param(
            ALL, {"voz": -9, "respeto": 1, "neutral": 1}, {"voz_1": -20}, "voz_2", id="of a principle, one never begun"
        ),
        pytest.param(
            ALL, {"voz": -9, "respeto": 1, "neutral": 1}, {"voz_1": -20, "voz_2": -30}, "voz_2", id="or the longest ago"
        ),
        pytest.param(
            ALL,
            {"voz": -9, "respeto": -2, "neutral": 1},
            {"voz_1": -1},
            "respeto_1",
            id="left unanswered: due since then",
        ),
        pytest.param(
            ALL, {}, {"voz_1": -3, "respeto_1": -2, "neutral_1": -1}, "voz_2", id="none ever answered: the longest ago"
        ),
        pytest.param(
            ["tip", "voz_1"], {"voz": 9}, {"voz_1": -1}, "voz_1", id="one without a principle only if there is no other"
        ),
        pytest.param(["tip"], {}, {"tip": -1}, "tip", id="no principle at all"),
    ],
)
def test_the_flow_that_is_most_due(flows: list[str], due: dict[str, int], begun: dict[str, int], chosen: str) -> None:
    found = most_due(
        flows,
        PRINCIPLES,
        {name: NOW + day * DAY for name, day in due.items()},
        {name: NOW + day * DAY for name, day in begun.items()},
    )
    assert found == chosen

"""The events that start a follow-up, and when it is due."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.happenings import ConversationFacts, CountedAnswer, due_at, triggered
from app.flows.language.campaign import Campaign
from app.flows.shifts import LEAVE, OFF, UNKNOWN, Duty, Shift, ShiftException, last_worked, next_start

QUIET = (datetime(2026, 1, 1, 21).time(), datetime(2026, 1, 1, 9).time())  # noqa: DTZ001 - hours
ZONE = "America/Mexico_City"
NOON = datetime(2026, 3, 2, 18, tzinfo=UTC)
"""Monday, noon in Mexico City."""


def campaign(when: dict[str, Any] | None = None, **more: Any) -> Campaign:
    followup = {"when": when or {"flow": "reporte"}, "after": "1d", "from": ["repaso"], **more}
    return Campaign.model_validate(
        {
            "title": "C",
            "anchor": "workshop_date",
            "window": {"from": "10:00", "to": "19:00"},
            "followups": {"algo": followup},
        }
    )


def answer(**more: Any) -> CountedAnswer:
    return CountedAnswer(**{"flow": "reporte", "step": "obstaculo", "key": None, "value": None, "number": None, **more})


RIGHT, WRONG = answer(key="a", value="a", correct=True), answer(key="b", value="b", correct=False)
UNSAID = answer(missing="r", correct=False)
IS = {"flow": "reporte", "step": "obstaculo", "is": "tiempo"}
IN = {"flow": "reporte", "step": "obstaculo", "in": ["tiempo", "miedo", 3]}
ANY_WRONG = {"flow": "reporte", "wrong": True}


@pytest.mark.parametrize(
    ("when", "story", "happened"),
    [
        ({"flow": "reporte"}, ConversationFacts("reporte", True, False), True),
        ({"flow": "reporte"}, ConversationFacts("reporte", True, True), True),
        ({"flow": "reporte"}, ConversationFacts("reporte", False, False, [RIGHT]), False),
        ({"flow": "reporte"}, ConversationFacts("otro", True, False), False),
        (IS, ConversationFacts("reporte", False, False, [answer(key="tiempo", value="1", number=1.0)]), True),
        (
            IS,
            ConversationFacts("otro", False, False, [answer(key="tiempo")]),
            True,
        ),  # the question stands in a flow that was called
        (IS, ConversationFacts("reporte", True, False, [answer(key="tiempo", flow="otro")]), False),
        (IS, ConversationFacts("reporte", True, False, [answer(key="tiempo", step="otro")]), False),
        (IS, ConversationFacts("reporte", True, False, [answer(key="miedo")]), False),
        (IS, ConversationFacts("reporte", True, True, [answer(key="tiempo")]), True),
        (IS, ConversationFacts("reporte", True, False), False),
        (
            {**IS, "is": "miedo"},
            ConversationFacts("reporte", False, False, [answer(key="tiempo miedo", value="tiempo miedo")]),
            True,
        ),
        ({**IS, "is": "d"}, ConversationFacts("reporte", False, False, [answer(missing="d")]), True),
        ({**IS, "is": 3}, ConversationFacts("reporte", False, False, [answer(value="3", number=3.0)]), True),
        (IN, ConversationFacts("reporte", False, False, [answer(value="3", number=3.0)]), True),
        (IN, ConversationFacts("reporte", False, False, [answer(key="miedo")]), True),
        (IN, ConversationFacts("reporte", False, False, [answer(key="otro", value="7", number=7.0)]), False),
        (ANY_WRONG, ConversationFacts("reporte", False, False, [RIGHT, WRONG]), True),
        (ANY_WRONG, ConversationFacts("reporte", True, False, [RIGHT, answer(key="tiempo")]), False),
        (ANY_WRONG, ConversationFacts("reporte", True, True, [WRONG]), False),  # measurement gives no feedback
        (ANY_WRONG, ConversationFacts("reporte", True, False, [UNSAID]), False),
        (ANY_WRONG, ConversationFacts("reporte", True, False, [answer(missing="d", correct=False)]), True),
        ({**ANY_WRONG, "step": "obstaculo"}, ConversationFacts("reporte", True, False, [WRONG]), True),
        ({**ANY_WRONG, "step": "otro"}, ConversationFacts("reporte", True, False, [WRONG]), False),
    ],
)
def test_what_sets_a_follow_up_off(when: dict[str, Any], story: ConversationFacts, happened: bool) -> None:
    assert triggered(campaign(when).followups, story) == (["algo"] if happened else [])


@pytest.mark.parametrize(
    ("after", "now", "due"),
    [
        ("1d", NOON, NOON + timedelta(days=1)),
        ("2h", NOON, NOON + timedelta(hours=2)),
        ("8h", NOON, datetime(2026, 3, 3, 16, tzinfo=UTC)),  # 20:00 is too late: ten the next morning
        ("1d", NOON - timedelta(hours=4), datetime(2026, 3, 3, 16, tzinfo=UTC)),  # eight is too early
        ("1d", NOON + timedelta(hours=7), datetime(2026, 3, 4, 16, tzinfo=UTC)),  # at seven it has closed
    ],
)
def test_a_follow_up_is_due_at_the_first_open_hour_after_the_wait(after: str, now: datetime, due: datetime) -> None:
    plan = campaign(after=after)
    assert due_at(plan, plan.followups["algo"], ZONE, UNKNOWN, QUIET, now) == due


def test_none_is_due_if_quiet_hours_leave_no_hour_open() -> None:
    plan = campaign()
    assert due_at(plan, plan.followups["algo"], ZONE, UNKNOWN, (QUIET[1], QUIET[0]), NOON) is None


@given(
    st.sampled_from(["after_shift", "before_shift"]),
    st.integers(4, 72),
    st.integers(8, 168),
    st.integers(0, 500),
    st.from_regex("[A-F0-9]{8}", fullmatch=True),
)
def test_by_the_shift_it_is_within_the_span_from_the_first_turn_after_the_wait(
    side: str, on: int, off: int, hours: int, name: str
) -> None:
    plan = campaign(at={side: "1h-3h"}).model_copy(
        update={
            "window": campaign().window.model_copy(update={"start": datetime.min.time(), "end": datetime.max.time()})
        }
    )
    shift, now = Shift(on, off, datetime(2026, 3, 1, 7), ZONE), NOON + timedelta(hours=hours)  # noqa: DTZ001 - the wall's
    due = due_at(plan, plan.followups["algo"], ZONE, Duty(shift), (QUIET[0], QUIET[0]), now, name)
    wanted = now + timedelta(days=1)
    ended = last_worked(Duty(shift), due or wanted)
    assert due is not None
    assert ended is not None
    assert wanted <= due <= wanted + timedelta(hours=on + off)
    apart = due - ended if side == "after_shift" else next_start(shift, due) - due
    assert timedelta(hours=1) <= apart <= timedelta(hours=3)


def test_turns_that_are_not_worked_and_leave_are_no_turns() -> None:
    """24x48 from the first: off duty on the 4th (a turn changed away), on leave on the 7th, so the turn of the 10th is the next."""
    plan = campaign(at={"before_shift": "1h-1h"})
    shift = Shift(24, 48, datetime(2026, 3, 1, 7), ZONE)  # noqa: DTZ001 - the wall's
    days = [datetime(2026, 3, day, 6, tzinfo=UTC) for day in (4, 6, 7, 9)]
    duty = Duty(shift, (ShiftException(OFF, days[0], days[1]), ShiftException(LEAVE, days[2], days[3])))
    found = due_at(plan, plan.followups["algo"], ZONE, duty, (QUIET[0], QUIET[0]), NOON, "A")
    assert found == datetime(2026, 3, 10, 16, tzinfo=UTC)  # six in the morning has to wait for the window, at ten
    assert due_at(plan, plan.followups["algo"], ZONE, Duty(shift), (QUIET[0], QUIET[0]), NOON, "A") == datetime(
        2026, 3, 4, 16, tzinfo=UTC
    )


def test_who_has_no_shift_gets_it_at_the_usual_hour() -> None:
    plan = campaign(at={"after_shift": "1h-3h"})
    assert due_at(plan, plan.followups["algo"], ZONE, UNKNOWN, QUIET, NOON, "A") == NOON + timedelta(days=1)

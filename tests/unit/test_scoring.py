"""Scores, against figures worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.language.definition import Level
from app.flows.language.reports_and_scores import Score, ScoreKind
from app.flows.loader import load
from app.flows.scoring import RATED, ItemAnswer, ScoreResult, score
from app.flows.variables import ItemScale, measured
from tests.excerpts import whole
from tests.shares import asserted, mostly


def rule(kind: str, items: str, minimum: float = 0.8, level: str = "internal") -> Score:
    return Score.model_validate(
        {"title": "P", "level": level, "kind": kind, "items": items.split(), "minimum": minimum}
    )


RIGHT, WRONG, DOES_NOT_KNOW, REFUSED = (
    ItemAnswer("a", correct=True),
    ItemAnswer("b", correct=False),
    ItemAnswer(missing="d", correct=False),
    ItemAnswer(missing="r", correct=False),
)
SKIPPED = ItemAnswer(missing="s")


def number(value: float) -> ItemAnswer:
    return ItemAnswer(f"{value:g}", value)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([RIGHT, RIGHT, WRONG, RIGHT], ScoreResult(4, 4, 4, 3, None, 0.75, se=0.25)),
        ([RIGHT, DOES_NOT_KNOW, WRONG, DOES_NOT_KNOW], ScoreResult(4, 4, 4, 1, None, 0.25, se=0.25)),
        ([DOES_NOT_KNOW] * 4, ScoreResult(4, 4, 4, 0, None, 0.0, se=0.0)),
        ([RIGHT, RIGHT, RIGHT, REFUSED], ScoreResult(4, 3, 3, 3, None, None, "m", "too_few")),
        ([RIGHT, RIGHT, RIGHT, None], ScoreResult(4, 3, 3, 3, None, None, "m", "too_few")),
        ([None] * 4, ScoreResult(4, 0, 0, 0, None, None, "m", "not_answered")),
        ([REFUSED] * 4, ScoreResult(4, 0, 0, 0, None, None, "m", "not_answered")),
    ],
)
def test_share_right(answers: list[ItemAnswer | None], expected: ScoreResult) -> None:
    given = {name: answer for name, answer in zip("abcd", answers, strict=True) if answer is not None}
    assert score(rule("share_right", "a b c d", level="knowledge"), {}, given) == expected


SCALE = {
    "a": ItemScale(1, 5),
    "b": ItemScale(1, 5, reverse=True),
    "c": ItemScale(1, 5),
    "d": ItemScale(1, 5, reverse=True),
    "e": ItemScale(1, 5),
}


def test_a_mean_turns_reversed_items_and_keeps_the_raw_sum() -> None:
    # 5, 6-2=4, 4, 6-1=5: 18 of 4 items are 4.5; as answered 5+2+4+1=12.
    given = {"a": number(5), "b": number(2), "c": number(4), "d": number(1)}
    assert score(rule("mean", "a b c d"), SCALE, given) == ScoreResult(4, 4, 4, 18, 12, 4.5)
    # A scale of 0 to 10 is turned by its own ends.
    assert score(rule("mean", "x"), {"x": ItemScale(0, 10, reverse=True)}, {"x": number(3)}).value == 7


def test_a_mean_needs_four_fifths_of_its_items() -> None:
    given = {"a": number(5), "b": number(2), "c": number(4), "d": number(1)}
    assert score(rule("mean", "a b c d e"), SCALE, given).value == 4.5, "4 of 5 are four fifths"
    given["d"] = ItemAnswer(missing="r")
    assert score(rule("mean", "a b c d e"), SCALE, given) == ScoreResult(5, 3, 3, 13, 11, None, "m", "too_few")
    assert score(rule("mean", "a b c d e", 0.6), SCALE, given).value == pytest.approx(13 / 3)
    assert score(rule("mean", "a b c d e", 0.61), SCALE, given).value is None
    assert score(rule("mean", "a b c d e", 0), SCALE, {}) == ScoreResult(5, 0, 0, 0, 0, None, "m", "not_answered")


@pytest.mark.parametrize(
    ("answers", "minimum", "expected"),
    [
        ([number(1), number(0), ItemAnswer("n"), number(1)], 0.8, ScoreResult(4, 4, 3, 2, None, 2 / 3, low=2 / 3)),
        (
            [number(1), number(0), ItemAnswer(missing="n"), number(1)],
            0.8,
            ScoreResult(4, 4, 3, 2, None, 2 / 3, low=2 / 3),
        ),
        # What was not needed is left out of the value, and counts as not applied in the lowest: 1 of 2, or 1 of 4.
        ([number(1), number(0), *[ItemAnswer("u")] * 2], 0.8, ScoreResult(4, 4, 2, 1, None, 0.5, unneeded=2, low=0.25)),
        ([ItemAnswer("u")] * 4, 0.8, ScoreResult(4, 4, 0, 0, None, None, "n", "not_applicable", unneeded=4, low=0.0)),
        ([ItemAnswer("u"), None, None, None], 0.8, ScoreResult(4, 1, 0, 0, None, None, "m", "too_few", unneeded=1)),
        ([ItemAnswer("n")] * 4, 0.8, ScoreResult(4, 4, 0, 0, None, None, "n", "not_applicable")),
        ([SKIPPED] * 4, 0.8, ScoreResult(4, 0, 0, 0, None, None, "n", "not_applicable")),
        ([number(0), SKIPPED, SKIPPED, SKIPPED], 0.8, ScoreResult(4, 1, 1, 0, None, 0.0, low=0.0)),
        ([number(1), None, ItemAnswer(missing="r"), None], 0.8, ScoreResult(4, 1, 1, 1, None, None, "m", "too_few")),
        ([number(1), None, ItemAnswer(missing="r"), None], 0.25, ScoreResult(4, 1, 1, 1, None, 1.0, low=1.0)),
        ([None] * 4, 0.0, ScoreResult(4, 0, 0, 0, None, None, "m", "not_answered")),
    ],
)
def test_share_applied(answers: list[ItemAnswer | None], minimum: float, expected: ScoreResult) -> None:
    given = {name: answer for name, answer in zip("abcd", answers, strict=True) if answer is not None}
    assert score(rule("share_applied", "a b c d", minimum, "behaviour"), {}, given) == expected


def test_a_number_counts_out_of_its_most() -> None:
    items = {"a": ItemScale(0, 5), "b": ItemScale()}
    # 3 of 5 and 1 of 1: 4 of 6.
    found = score(rule("share_applied", "a b", level="behaviour"), items, {"a": number(3), "b": number(1)})
    assert found == ScoreResult(2, 2, 6, 4, None, 4 / 6, low=4 / 6)


def test_a_score_is_of_the_items_of_the_variant_that_was_drawn() -> None:
    given = {"a": RIGHT, "b": WRONG, "c": RIGHT}
    whole = rule("share_right", "a b c d w x y z", level="knowledge")
    assert score(whole, {}, given, {"w", "x", "y", "z"}) == ScoreResult(4, 3, 3, 2, None, None, "m", "too_few")
    found = score(whole, {}, {**given, "d": RIGHT}, {"w", "x", "y", "z"})
    assert found == ScoreResult(4, 4, 4, 3, None, 0.75, se=0.25)
    assert len(found.by_item) == 8


def test_the_error_of_a_share_of_eight_items() -> None:
    # Five of eight: sqrt(.625 * .375 / 7).
    given = {name: RIGHT if place < 5 else WRONG for place, name in enumerate("abcdefgh")}
    assert score(rule("share_right", "a b c d e f g h", level="knowledge"), {}, given).se == pytest.approx(
        0.18298, abs=1e-5
    )
    assert score(rule("share_right", "a", level="knowledge"), {}, {"a": RIGHT}).se is None, "one item has no error"


def test_acquiescence_is_the_mean_of_raw_answers() -> None:
    # The first agrees with everything, the second with what he believes: 5 and 1 on both sides cancel out.
    everything = {name: number(5) for name in "abcd"}
    believes = {"a": number(5), "b": number(1), "c": number(4), "d": number(2)}
    assert score(rule("acquiescence", "a b c d"), SCALE, everything) == ScoreResult(4, 4, 4, 20, 20, 5.0)
    assert score(rule("acquiescence", "a b c d"), SCALE, believes) == ScoreResult(4, 4, 4, 12, 12, 3.0)


def test_a_straight_line_is_one_answer_to_everything() -> None:
    same = {name: number(4) for name in "abcd"}
    assert score(rule("straight_line", "a b c d"), SCALE, same) == ScoreResult(4, 4, 1, 1, None, 1.0)
    assert score(rule("straight_line", "a b c d"), SCALE, {**same, "b": number(2)}).value == 0.0
    few = {name: number(4) for name in "ab"}
    assert score(rule("straight_line", "a b c d"), SCALE, few).reason == "too_few", "two answers make no line"


@pytest.mark.parametrize("scale", [ItemScale(1, None, reverse=True), ItemScale(None, 5, reverse=True)])
def test_an_item_without_both_ends_cannot_be_turned_round(scale: ItemScale) -> None:
    found = score(rule("mean", "a b", 0.5), {"a": scale, "b": ItemScale(1, 5)}, {"a": number(2), "b": number(4)})
    assert (found.answered, found.value) == (1, 4)


ANSWER = st.one_of(
    st.sampled_from([RIGHT, WRONG, DOES_NOT_KNOW, REFUSED, SKIPPED, ItemAnswer("n"), ItemAnswer("u")]),
    st.integers(1, 5).map(number),
)


@mostly(0.2)
@given(st.sampled_from(list(ScoreKind)), st.dictionaries(st.sampled_from("abcdefg"), ANSWER), st.floats(0, 1))
def test_what_holds_of_every_score(kind: ScoreKind, given_: dict[str, ItemAnswer], minimum: float) -> None:
    found = score(rule(kind.value, "a b c d e", minimum), SCALE, given_)
    assert 0 <= found.answered <= found.items == 5
    assert (found.value is None) == (found.missing is not None) == (found.reason is not None)
    if found.value is not None:
        asserted()
        assert found.value == pytest.approx(found.points / found.possible)
        assert kind is ScoreKind.share_applied or (1 if kind in RATED else 0) <= found.value <= 5
        assert found.low is None or found.low <= found.value


def test_items_are_those_of_conversations_that_measure() -> None:
    steps = """\
    steps:
      - {ask: uno, text: Uno, answer: {scale: {min: 0, max: 10}}, records: %s, reverse: true}
      - {ask: dos, text: Dos, answer: {number: {min: 0, max: 5}}, records: %s}
      - {ask: tres, text: Tres, answer: yes_no, records: %s}
"""
    flows = f"flows:\n  mide:\n    title: M\n    kind: survey\n{steps % ('a', 'b', 'c')}  ensena:\n    title: E\n    kind: vignette\n{steps % ('x', 'y', 'z')}"
    programme = load(whole(flows), "f.yaml").programme
    assert programme is not None
    assert measured(programme) == {"a": ItemScale(0, 10, reverse=True), "b": ItemScale(0, 5), "c": ItemScale()}


def test_the_levels_are_those_of_questions() -> None:
    for level in Level:
        assert Score.model_validate({"title": "P", "level": level.value, "kind": "mean", "items": ["a"]}).level == level

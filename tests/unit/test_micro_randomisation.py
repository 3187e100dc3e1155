"""A draw is fair, the same whenever it is made again, and only among what an officer may get."""

from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows import micro_randomisation
from app.flows.language.campaign import Choice
from app.flows.micro_randomisation import draw, eligible, share


def choices(**chances: float) -> dict[str, Choice]:
    return {code: Choice.model_validate({"p": p, "from": ["tip"]}) for code, p in chances.items()}


NORTH = {
    "norte": Choice.model_validate({"p": 0.5, "only": {"sector": ["norte"], "turno": [24]}}),
    **choices(otro=0.25, nada=0.25),
}


@pytest.mark.parametrize(
    ("attributes", "possible"),
    [
        ({"sector": "norte", "turno": 24}, {"norte": 0.5, "otro": 0.25, "nada": 0.25}),
        ({"sector": "norte", "turno": "24"}, {"norte": 0.5, "otro": 0.25, "nada": 0.25}),
        ({"sector": "norte", "turno": 12}, {"otro": 0.5, "nada": 0.5}),
        ({"sector": "sur", "turno": 24}, {"otro": 0.5, "nada": 0.5}),
        ({"sector": "norte"}, {"otro": 0.5, "nada": 0.5}),
        ({}, {"otro": 0.5, "nada": 0.5}),
    ],
)
def test_a_choice_is_possible_where_all_of_its_only_holds(
    attributes: dict[str, str | int], possible: dict[str, float]
) -> None:
    assert eligible(NORTH, attributes) == possible


def test_nothing_is_drawn_where_nothing_is_possible() -> None:
    assert draw({"norte": NORTH["norte"]}, {}, "1", "A", "c", "w01.1") is None


chances = st.dictionaries(st.from_regex("[a-z]{1,4}", fullmatch=True), st.floats(0.001, 1), min_size=1, max_size=12)


@given(chances, st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_probabilities_sum_to_one_keep_their_proportions_and_a_draw_made_again_is_the_same(
    found: dict[str, float], names: list[str]
) -> None:
    made = draw(choices(**found), {}, *names)
    assert made is not None
    assert sum(made.eligible.values()) == pytest.approx(1)
    total = sum(found.values())
    assert made.eligible == pytest.approx({code: p / total for code, p in found.items()})
    assert made == draw(choices(**found), {}, *names)
    assert made.probability == made.eligible[made.choice]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), min_size=2, max_size=6),
    st.integers(0, 2**31),
    st.from_regex("w[0-9]{2}.1", fullmatch=True),
)
def test_over_many_officers_every_choice_comes_as_often_as_declared(
    parts: dict[str, int], seed: int, slot: str
) -> None:
    officers, total = 2_000, sum(parts.values())
    options = choices(**{code: part / total for code, part in parts.items()})
    found = [draw(options, {}, str(seed), f"{number:08X}", "seguimiento", slot) for number in range(officers)]
    for code, part in parts.items():
        p = part / total
        times = sum(made is not None and made.choice == code for made in found)
        assert abs(times - officers * p) <= 5.5 * sqrt(officers * p * (1 - p))


@pytest.mark.parametrize(("at", "choice"), [(0.0, "a"), (0.4999, "a"), (0.5, "b"), (0.9999, "b")])
def test_a_share_begins_where_the_one_before_it_ends(monkeypatch: pytest.MonkeyPatch, at: float, choice: str) -> None:
    monkeypatch.setattr(micro_randomisation, "share", lambda *names: at)
    made = draw(choices(a=0.5, b=0.5), {}, "1")
    assert made is not None
    assert made.choice == choice


def test_seed_officer_campaign_and_occasion_each_change_what_is_drawn() -> None:
    names = ["1", "A1B2C3D4", "seguimiento", "w01.1"]
    others = [[*names[:at], "2", *names[at + 1 :]] for at in range(1, 4)] + [["7", *names[1:]]]
    assert len({share(*each) for each in [names, *others]}) == 5
    assert share("a", "bc") != share("ab", "c")


def test_a_draw_is_what_it_was_in_the_first_release() -> None:
    """Whoever has the data draws again: the function never changes."""
    assert share("20260302", "A1B2C3D4", "seguimiento", "w01.1") == 0.6783840761136255

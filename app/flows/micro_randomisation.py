"""Micro-randomisation: one random choice for one officer on one occasion. Pure: the draw follows from the campaign's
seed and the ids of the officer, the campaign and the occasion, so that anyone with the data can repeat it; study
ids are random, so nobody can foresee it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.flows.language.campaign import Choice

_SHARES = 1 << 53
"""The number of equal parts that a float can distinguish."""

Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True)
class DrawResult:
    """The result of a draw. `eligible` has the probability of each eligible choice, in the order of the file; they
    sum to 1."""

    choice: str
    eligible: Mapping[str, float]

    @property
    def probability(self) -> float:
        """The probability of the choice."""
        return self.eligible[self.choice]


def draw(choices: Mapping[str, Choice], attributes: Mapping[str, Attribute], *names: str) -> DrawResult | None:
    """A choice among those that an officer with these attributes may get; None if there is none. The same `names`
    (seed, study id, campaign, occasion) give the same draw."""
    chances = eligible(choices, attributes)
    if not chances:
        return None
    at, reached = share(*names), 0.0
    for choice, probability in chances.items():
        reached += probability
        if at < reached:
            return DrawResult(choice, chances)
    return DrawResult(next(reversed(chances)), chances)  # the sum of the floats may be a hair below 1


def eligible(choices: Mapping[str, Choice], attributes: Mapping[str, Attribute]) -> dict[str, float]:
    """The probability of each choice whose `only` holds, scaled to sum to 1."""
    possible = {code: choice.p for code, choice in choices.items() if _holds(choice.only, attributes)}
    total = sum(possible.values())
    return {code: p / total for code, p in possible.items()}


def share(*names: str) -> float:
    """A uniform number in [0, 1), always the same for the same names."""
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / _SHARES


def _holds(only: Mapping[str, list[str | int]], attributes: Mapping[str, Attribute]) -> bool:
    """Whether the attributes match. Compared as text: a roster's cell may be a text where the flow file has a number."""
    return all(
        name in attributes and str(attributes[name]) in [str(value) for value in wanted]
        for name, wanted in only.items()
    )

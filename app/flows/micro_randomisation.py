"""Micro-randomisation: one choice drawn for one officer on one occasion. Pure: what is drawn follows from the campaign's seed
and the names of the officer, the campaign and the occasion, so that whoever has the data can draw it again; study ids are
random, so nobody can foresee it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.flows.language.campaign import Choice

_SHARES = 1 << 53
"""As many equal parts as a float can tell apart."""

Attribute = str | int | float | bool


@dataclass(frozen=True, slots=True)
class DrawResult:
    """What was drawn. `eligible` has the probability of each choice that was possible, in the order of the file; they sum to 1."""

    choice: str
    eligible: Mapping[str, float]

    @property
    def probability(self) -> float:
        """How likely the choice was."""
        return self.eligible[self.choice]


def draw(choices: Mapping[str, Choice], attributes: Mapping[str, Attribute], *names: str) -> DrawResult | None:
    """One of the choices that an officer with these attributes may get, or None if there is none. The same `names` (seed,
    study id, campaign, occasion), the same draw."""
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
    """The probability of each choice whose `only` holds, raised in proportion so that they sum to 1."""
    possible = {code: choice.p for code, choice in choices.items() if _holds(choice.only, attributes)}
    total = sum(possible.values())
    return {code: p / total for code, p in possible.items()}


def share(*names: str) -> float:
    """A number from 0 up to but without 1, each as likely as the others; for the same names always the same."""
    digest = hashlib.blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return (int.from_bytes(digest) >> 11) / _SHARES


def _holds(only: Mapping[str, list[str | int]], attributes: Mapping[str, Attribute]) -> bool:
    """A roster's cell may be a text where the flow file has a number: they are compared as they are written."""
    return all(
        name in attributes and str(attributes[name]) in [str(value) for value in wanted]
        for name, wanted in only.items()
    )

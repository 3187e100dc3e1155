"""Final dispositions of a measurement wave and the outcome rates of AAPOR (Standard Definitions, 10th ed., 2023). `settle` says
what became of one officer in one wave; `rates` makes RR1-RR6, COOP1, REF1 and CON1 of their counts. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

COMPLETE = 0.8
PARTIAL = 0.5
"""AAPOR's usual bounds: below half of it answered is a break-off, and a break-off counts with refusals."""


class Disposition(StrEnum):
    """The letters of AAPOR's formulas."""

    complete = "I"
    partial = "P"
    refusal = "R"
    non_contact = "NC"
    other = "O"
    unknown_household = "UH"  # whether the officer can be reached is not known: not tried, or no proof
    unknown_other = "UO"  # the number cannot be reached: whether the officer has another is not known
    not_eligible = "NE"


@dataclass(frozen=True, slots=True)
class WaveHistory:
    """The outcome of one officer in one wave. `asked` counts the flows of the wave that the plan had for the officer, `completed`
    those that were talked to their end; the rest says whether it happened in any of them. Of an officer without consent,
    `delivered` and `failed` are of the question for consent: nothing else may be sent."""

    asked: int
    completed: int = 0
    answered: bool = False  # at least one answer that was understood
    wrote: bool = False  # something that was not
    refused: bool = False  # consent declined, or opted out before the wave closed
    delivered: bool = False  # the carrier proved that a message arrived
    failed: bool = False  # the carrier refused, or gave back, a message; or the number is blocked
    enrolled_late: bool = False  # joined after the wave had closed


def final_disposition(history: WaveHistory, complete: float = COMPLETE, partial: float = PARTIAL) -> Disposition:
    """The final disposition, by the first rule that holds:

    NE joined after the wave; I completed at least `complete` of the flows; P at least `partial`; R refused, or broke off below
    that; O wrote, and nothing of it was understood; NC a message was delivered and nothing came; UO a message could not be
    delivered; UH nothing was sent (AAPOR's 3.11, not attempted), or whether it arrived is not known.
    """
    done = history.completed / history.asked if history.asked else 0.0
    rules = (
        (history.enrolled_late or not history.asked, Disposition.not_eligible),
        (done >= complete, Disposition.complete),
        (done >= partial, Disposition.partial),
        (history.refused or history.answered, Disposition.refusal),
        (history.wrote, Disposition.other),
        (history.delivered, Disposition.non_contact),
        (history.failed, Disposition.unknown_other),
    )
    return next((disposition for holds, disposition in rules if holds), Disposition.unknown_household)


Weights = Mapping[Disposition, float]
"""A sum of counts, each with its weight."""

_D = Disposition
_INTERVIEWED = (_D.complete, _D.partial)
_ELIGIBLE = (*_INTERVIEWED, _D.refusal, _D.non_contact, _D.other)
_UNKNOWN = (_D.unknown_household, _D.unknown_other)


def _sum(*letters: Disposition, **weighted: float) -> Weights:
    return {**dict.fromkeys(letters, 1.0), **dict.fromkeys(_UNKNOWN if weighted else (), weighted.get("e", 0.0))}


def formulas(e: float) -> dict[str, tuple[Weights, Weights]]:
    """Numerator and denominator of every rate; `e` is the share of those of unknown eligibility that are eligible."""
    everybody, likely, known = _sum(*_ELIGIBLE, e=1.0), _sum(*_ELIGIBLE, e=e), _sum(*_ELIGIBLE)
    complete, interviewed, refused = _sum(_D.complete), _sum(*_INTERVIEWED), _sum(_D.refusal)
    contacted = _sum(*_INTERVIEWED, _D.refusal, _D.other)
    return {
        "RR1": (complete, everybody),
        "RR2": (interviewed, everybody),
        "RR3": (complete, likely),
        "RR4": (interviewed, likely),
        "RR5": (complete, known),
        "RR6": (interviewed, known),
        "COOP1": (complete, contacted),
        "REF1": (refused, everybody),
        "CON1": (contacted, everybody),
    }


def estimated_e(counts: Mapping[Disposition, int]) -> float:
    """The share of eligible among those of whom it is known (CASRO): 1 if nobody is known not to be."""
    known = sum(counts.get(letter, 0) for letter in _ELIGIBLE)
    return known / (known + counts.get(_D.not_eligible, 0)) if known else 1.0


def rates(counts: Mapping[Disposition, int], e: float | None = None) -> dict[str, float | None]:
    """All rates; None where the denominator is nothing. Without `e` it is estimated. Raises ValueError for an impossible `e`."""
    share = estimated_e(counts) if e is None else e
    if not 0 <= share <= 1:
        raise ValueError(f"e must lie between 0 and 1, got {share}")
    return {name: _ratio(counts, *formula) for name, formula in formulas(share).items()}


def shown(hidden: Collection[Disposition], e: float) -> set[str]:
    """The rates that may be shown where some counts are hidden, and the total of all is not: those in which all hidden counts
    weigh the same, so that only their sum is told, which is known anyway."""
    return {
        name
        for name, formula in formulas(e).items()
        if all(len({w.get(letter, 0.0) for letter in hidden}) <= 1 for w in formula)
    }


def _ratio(counts: Mapping[Disposition, int], above: Weights, below: Weights) -> float | None:
    of = _total(counts, below)
    return _total(counts, above) / of if of else None


def _total(counts: Mapping[Disposition, int], weights: Weights) -> float:
    return sum(weight * counts.get(letter, 0) for letter, weight in weights.items())

"""Suppression of figures about few people. A figure is hidden if fewer than `k` officers stand behind it, and so is what would give a
hidden figure away: where all parts of a shown total but one are shown, the one follows by subtraction. Pure. Refuses to judge
what several tables, or reports of several days, tell together."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

K = 5
"""The usual least number of people behind a figure."""


@dataclass(frozen=True, slots=True)
class Part:
    """How many things (flows, answers), and how many different officers are behind them."""

    count: int
    officers: int

    def small(self, k: int) -> bool:
        """Whether somebody stands behind it, and fewer than k."""
        return 0 < self.officers < k


@dataclass(frozen=True, slots=True)
class Share:
    """A yes or no of many: both sides must be large enough, for one gives the other away. `spread` is the sum over officers of
    (yes - share · all)²; None: every officer is in it once."""

    yes: Part
    no: Part
    officers: int  # different ones, of both sides together
    spread: float | None = None

    @property
    def of(self) -> int:
        """The denominator."""
        return self.yes.count + self.no.count

    def small(self, k: int) -> bool:
        """Whether the share would tell of fewer than k officers. All and none may be shown of a group of k."""
        return self.of > 0 and (self.officers < k or self.yes.small(k) or self.no.small(k))


def hidden(
    parts: Sequence[Part | Share], k: int = K, *, disjoint: bool = False, last: Collection[int] = ()
) -> set[int]:
    """The places of those parts of a shown total that must not be shown: the small ones, and as many of the next larger ones as
    it takes until at least two are hidden, and what follows of them together by subtraction is not small. `disjoint`: nobody
    is behind two of the parts, so that officers may be added up; else those of the largest part are counted alone. The places
    in `last` are hidden only if no other will do."""
    out = {place for place, part in enumerate(parts) if part.small(k)}
    rest = [
        place
        for place, part in enumerate(parts)
        if place not in out and _sides(part)[0].officers + _sides(part)[1].officers
    ]
    rest.sort(key=lambda place: (place in last, sum(side.officers for side in _sides(parts[place])), place))
    add = sum if disjoint else max
    while out and rest and (len(out) < 2 or not _together([_sides(parts[place]) for place in out], add, k)):
        out.add(rest.pop(0))
    return out


def _sides(part: Part | Share) -> tuple[Part, Part]:
    return (part, Part(0, 0)) if isinstance(part, Part) else (part.yes, part.no)


def _together(pieces: Sequence[tuple[Part, Part]], add: Callable[[Iterable[int]], int], k: int) -> bool:
    return not any(0 < add(part.officers for part in side) < k for side in zip(*pieces, strict=True))


def steps(falls: Sequence[Part], last: Part, k: int = K, keep: Collection[int] = ()) -> list[bool]:
    """Which steps of a funnel may be shown. `falls` are those who came so far and no farther, from step to step, and `last` those
    who came to the end. None is shown if fewer than k officers are in it at all. The places in `keep` are shown, for another
    table has them; any other if its difference from the last shown, and from the next kept, holds nobody or k."""
    alive = [*falls, last]
    if 0 < max((part.officers for part in alive), default=0) < k:
        return [False] * len(alive)
    shown: list[int] = []
    for place in range(len(alive)):
        before = alive[shown[-1] : place] if shown else []
        after = alive[place : min((kept for kept in keep if kept > place), default=len(alive))]
        if place in keep or not (_few(before, k) or _few(after, k)):
            shown.append(place)
    return [place in shown for place in range(len(alive))]


def _few(parts: Sequence[Part], k: int) -> bool:
    """Whether somebody is in it, and perhaps fewer than k: those of the largest part are counted alone."""
    return any(part.count for part in parts) and max(part.officers for part in parts) < k

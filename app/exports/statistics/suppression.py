"""What may be shown of few people. A figure is hidden if fewer than `k` officers stand behind it, and so is what would give a
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
    """A yes or no of many: both sides must be large enough, for one gives the other away."""

    yes: Part
    no: Part
    officers: int                    # different ones, of both sides together

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
    rest = [place for place, part in enumerate(parts) if place not in out and _sides(part)[0].officers + _sides(part)[1].officers]
    rest.sort(key=lambda place: (place in last, sum(side.officers for side in _sides(parts[place])), place))
    add = sum if disjoint else max
    while out and rest and (len(out) < 2 or not _together([_sides(parts[place]) for place in out], add, k)):
        out.add(rest.pop(0))
    return out


def _sides(part: Part | Share) -> tuple[Part, Part]:
    return (part, Part(0, 0)) if isinstance(part, Part) else (part.yes, part.no)


def _together(pieces: Sequence[tuple[Part, Part]], add: Callable[[Iterable[int]], int], k: int) -> bool:
    return not any(0 < add(part.officers for part in side) < k for side in zip(*pieces, strict=True))


def steps(falls: Sequence[Part], last: Part, k: int = K) -> list[bool]:
    """Which steps of a funnel may be shown. `falls` are those who came so far and no farther, from step to step, and `last`
    those who came to the end. The first is shown if k officers are in it at all; another one if the difference from the last
    shown holds nobody or k."""
    alive = [*falls, last]
    if max((part.officers for part in alive), default=0) < k and sum(part.officers for part in alive) > 0:
        return [False] * len(alive)
    shown, between, count = [True], 0, 0
    for place, fall in enumerate(falls):
        between, count = max(between, fall.officers), count + fall.count
        rest = alive[place + 1:]
        left = max(part.officers for part in rest)
        fits = (count == 0 or between >= k) and (left >= k or not any(part.count for part in rest))
        shown.append(fits)
        if fits:
            between, count = 0, 0
    return shown

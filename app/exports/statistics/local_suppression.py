"""Local suppression: blanks attributes of people whose combination too few share, until each combination, blanks included, is that of k
people or more (k-anonymity; Sweeney 2002). People for whom one blank is enough get one; the others lose their rarest value, and another
blank is tried, and so on. Where those who need the same blanks are too few, people of larger groups get them too. The result is near the
fewest blanks; to find the fewest takes too long. The same people give the same blanks. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from app.exports.statistics.suppression import K

Combination = tuple[Any, ...]
"""The attributes of one person, in the same order for everybody."""

_Others = Callable[[frozenset[int]], dict[Combination, list[int]]]

_BLANK = object()


def rare(people: Iterable[Combination], k: int = K) -> int:
    """How many people have a combination that fewer than k have."""
    return sum(count for count in Counter(people).values() if count < k)


def blanks(people: Sequence[Combination], k: int, last: Collection[int] = ()) -> list[frozenset[int]]:
    """For each person the places to blank. The places in `last` are blanked only in people of whom nothing else is shown.
    ValueError if there are fewer than k people."""
    if len(people) < k:
        raise ValueError("no blank makes k people of fewer")
    search = _Search(people, k)
    search.settle(list(range(len(people))), frozenset())
    first = [place for place in range(len(people[0])) if place not in last]
    search.descend(frozenset(), first)
    search.descend(frozenset(), first, whole=True)
    search.descend(frozenset(first), sorted(last), whole=True)
    return search.blanks


class _Search:
    """The people whose blanks are settled, by what is then shown of them, and those who are still `open`, with the blanks that each of
    them will have."""

    def __init__(self, people: Sequence[Combination], k: int) -> None:
        self._people, self._k = people, k
        self._columns = list(zip(*people, strict=True))
        self._counts = [Counter(values) for values in self._columns]
        self._settled: dict[Combination, list[int]] = {}
        self.open: dict[int, frozenset[int]] = dict.fromkeys(range(len(people)), frozenset())
        self.blanks: list[frozenset[int]] = [frozenset()] * len(people)

    def descend(self, start: frozenset[int], places: Sequence[int], *, whole: bool = False) -> None:
        """Blank one of these places after the other in those who are open. Others may be needed to be k: first such as their groups can
        spare; if `whole`, the smallest group too."""
        self.open = dict.fromkeys(self.open, start)
        for _ in places:
            ways: dict[frozenset[int], list[int]] = {}
            for one, shape in self.open.items():
                for place in places:
                    if place not in shape:
                        ways.setdefault(shape | {place}, []).append(one)
            # Stable: of two that help as many, the first.
            ordered = sorted(ways, key=lambda way: self._gain(ways[way], way), reverse=True)
            for others in (None, self._spare, self._smallest)[: 3 if whole else 2]:
                for way in ordered:
                    self.settle([one for one in ways[way] if one in self.open], way, others)
            for one, shape in self.open.items():
                left = (place for place in places if place not in shape)
                self.open[one] = shape | {min(left, key=partial(self._count, one))}

    def settle(self, those: Sequence[int], way: frozenset[int], others: _Others | None = None) -> None:
        """Give these blanks to such of those as are k then, with the `others` whom they need."""
        if not those:
            return
        help_ = others(way) if others else {}
        for shown, group in self._groups(those, way).items():
            missing = self._missing(shown, group)
            if missing <= 0:
                helping = []
            elif missing <= len(help_.get(shown, ())):
                helping = help_[shown] if others == self._smallest else help_[shown][:missing]
            else:
                continue
            for one in [*group, *helping]:
                self._move(one, way)

    def _count(self, one: int, place: int) -> int:
        """How many people have somebody's value of a place."""
        return self._counts[place][self._people[one][place]]

    def _gain(self, those: Sequence[int], way: frozenset[int]) -> int:
        """How many of those these blanks would settle, without others."""
        groups = self._groups(those, way).items()
        return sum(len(group) for shown, group in groups if self._missing(shown, group) <= 0)

    def _groups(self, those: Sequence[int], way: frozenset[int]) -> dict[Combination, list[int]]:
        found: dict[Combination, list[int]] = {}
        # All at once: this is where the time goes.
        theirs = ([values[one] for one in those] for values in self._columns)
        shown = zip(*(repeat(_BLANK) if place in way else values for place, values in enumerate(theirs)), strict=False)
        for one, combination in zip(those, shown, strict=False):
            found.setdefault(combination, []).append(one)
        return found

    def _missing(self, shown: Combination, group: Sequence[int]) -> int:
        return self._k - len(group) - len(self._settled.get(shown, ()))

    def _spare(self, way: frozenset[int]) -> dict[Combination, list[int]]:
        """Settled people whom their groups can spare, by what these blanks would show of them. They lose more by them, never less."""
        found: dict[Combination, list[int]] = {}
        for shown, group in self._joining(way):
            found.setdefault(shown, []).extend(group[self._k :])
        return found

    def _smallest(self, way: frozenset[int]) -> dict[Combination, list[int]]:
        """The smallest settled group by what these blanks would show of it: none of it could stay behind."""
        found: dict[Combination, list[int]] = {}
        for shown, group in self._joining(way):
            if shown not in found or len(group) < len(found[shown]):
                found[shown] = list(group)
        return found

    def _joining(self, way: frozenset[int]) -> Iterator[tuple[Combination, list[int]]]:
        for group in self._settled.values():
            if self.blanks[group[0]] < way:
                yield self._shown(group[0], way), group

    def _move(self, one: int, way: frozenset[int]) -> None:
        if self.open.pop(one, None) is None:
            before = self._shown(one, self.blanks[one])
            self._settled[before].remove(one)
            if not self._settled[before]:
                del self._settled[before]
        self.blanks[one] = way
        self._settled.setdefault(self._shown(one, way), []).append(one)

    def _shown(self, one: int, way: frozenset[int]) -> Combination:
        return tuple(_BLANK if place in way else value for place, value in enumerate(self._people[one]))

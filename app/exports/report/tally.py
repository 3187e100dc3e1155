"""Counts with the number of different officers behind them, by any key. Officers stay here; only numbers leave."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

from app.exports.statistics.suppression import Part, Share

K = TypeVar("K", bound=Hashable)


class Parts(Generic[K]):
    """Counts of events by key, and of the officers behind them."""

    def __init__(self) -> None:
        self._counts: Counter[K] = Counter()
        self._officers: defaultdict[K, set[Hashable]] = defaultdict(set)

    def add(self, key: K, officer: Hashable) -> None:
        """Count one more event."""
        self._counts[key] += 1
        self._officers[key].add(officer)

    def get(self, key: K) -> Part:
        """One count; zero if the key is unknown."""
        return Part(self._counts[key], len(self._officers.get(key, ())))

    def all(self) -> dict[K, Part]:
        """Every count, in no order."""
        return {key: self.get(key) for key in list(self._counts)}


class Shares(Generic[K]):
    """Counts of yes and no by key and officer."""

    def __init__(self) -> None:
        self._counts: defaultdict[K, dict[Hashable, list[int]]] = defaultdict(dict)

    def add(self, key: K, officer: Hashable, *, yes: bool) -> None:
        """Count one more yes or no."""
        officers = self._counts[key]
        if officer not in officers:
            officers[officer] = [0, 0]
        officers[officer][yes] += 1

    def add_some(self, key: K, officer: Hashable, part: float, whole: float) -> None:
        """Count a yes if the part is positive, and a no if it is less than the whole."""
        if part > 0:
            self.add(key, officer, yes=True)
        if part < whole:
            self.add(key, officer, yes=False)

    def all(self) -> dict[K, Share]:
        """Every share, in no order."""
        return {key: _share(counts.values()) for key, counts in self._counts.items()}

    def by_officer(self, key: K) -> dict[Hashable, tuple[int, int]]:
        """The yes and all of each officer of a key."""
        return {officer: (yes, no + yes) for officer, (no, yes) in self._counts.get(key, {}).items()}


def _share(counts: Collection[list[int]]) -> Share:
    no, yes = (sum(column) for column in zip(*counts, strict=True))
    officers_no, officers_yes = (sum(map(bool, column)) for column in zip(*counts, strict=True))
    share = yes / (no + yes)
    spread = sum((one - share * (other + one)) ** 2 for other, one in counts) if len(counts) < no + yes else None
    return Share(Part(yes, officers_yes), Part(no, officers_no), len(counts), spread)

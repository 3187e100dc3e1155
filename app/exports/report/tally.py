"""Counts with the number of different officers behind them, by any key. Officers stay here; only numbers leave."""

from collections import Counter, defaultdict
from collections.abc import Hashable
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
    """Counts of yes and no by key, and of the officers behind each."""

    def __init__(self) -> None:
        self._sides: Parts[tuple[K, bool]] = Parts()
        self._officers: defaultdict[K, set[Hashable]] = defaultdict(set)

    def add(self, key: K, officer: Hashable, *, yes: bool) -> None:
        """Count one more yes or no."""
        self._sides.add((key, yes), officer)
        self._officers[key].add(officer)

    def add_some(self, key: K, officer: Hashable, part: float, whole: float) -> None:
        """Count a yes if the part is positive, and a no if it is less than the whole."""
        if part > 0:
            self.add(key, officer, yes=True)
        if part < whole:
            self.add(key, officer, yes=False)

    def all(self) -> dict[K, Share]:
        """Every share, in no order."""
        return {
            key: Share(self._sides.get((key, True)), self._sides.get((key, False)), len(officers))
            for key, officers in self._officers.items()
        }

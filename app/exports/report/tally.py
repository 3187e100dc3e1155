"""Counts with the different people behind them, by any key of theirs. The people stay here: what is given out are numbers."""

from collections import Counter, defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

from app.exports.statistics.suppression import Part, Share

K = TypeVar("K", bound=Hashable)


class Parts(Generic[K]):
    """How often each thing happened, and to how many officers."""

    def __init__(self) -> None:
        self._counts: Counter[K] = Counter()
        self._officers: defaultdict[K, set[Hashable]] = defaultdict(set)

    def add(self, key: K, officer: Hashable) -> None:
        """It happened once more."""
        self._counts[key] += 1
        self._officers[key].add(officer)

    def get(self, key: K) -> Part:
        """One count; nothing, if it never happened."""
        return Part(self._counts[key], len(self._officers.get(key, ())))

    def all(self) -> dict[K, Part]:
        """Every count, in no order."""
        return {key: self.get(key) for key in list(self._counts)}


class Shares(Generic[K]):
    """How often each thing turned out so or otherwise, and for how many officers."""

    def __init__(self) -> None:
        self._sides: Parts[tuple[K, bool]] = Parts()
        self._officers: defaultdict[K, set[Hashable]] = defaultdict(set)

    def add(self, key: K, officer: Hashable, *, yes: bool) -> None:
        """It turned out so, or otherwise, once more."""
        self._sides.add((key, yes), officer)
        self._officers[key].add(officer)

    def add_some(self, key: K, officer: Hashable, part: float, whole: float) -> None:
        """It turned out so in a part, and otherwise in the rest: once more on each side that has something."""
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

"""Counts with the number of different officers behind them, by any key. Officers stay here; only numbers leave. What is counted is kept
as one number of 8 bytes each: a dictionary of the officers of each key takes a hundred times as much."""

from array import array
from collections.abc import Hashable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from app.exports.statistics.libraries import numpy
from app.exports.statistics.suppression import Part, Share

K = TypeVar("K", bound=Hashable)

_OFFICER = 32
"""Bits of an officer's id."""


class Places(dict[K, int]):
    """A number for each key, from 0, in the order in which they are first asked for."""

    def __missing__(self, key: K) -> int:
        self[key] = place = len(self)
        return place


def different(numbers: Any) -> Any:  # noqa: ANN401 - arrays
    """The different numbers, sorted. NumPy's `unique` keeps them in a hash table, which takes seventy times as long for millions."""
    np = numpy()
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


class Parts(Generic[K]):
    """Counts of events by key, and of the officers behind them. Nothing is added after the first was read."""

    def __init__(self) -> None:
        self._keys: Places[K] = Places()
        self._rows = array("q")

    def add(self, key: K, officer: int) -> None:
        """Count one more event."""
        self._rows.append(self._keys[key] << _OFFICER | officer)

    def extend(self, keys: Sequence[K], places: Any, officers: Any) -> None:  # noqa: ANN401 - arrays
        """Count many: `places` are those of their keys among `keys`, `officers` the ids."""
        _extend(self._rows, self._keys, keys, places, officers)

    def get(self, key: K) -> Part:
        """One count; zero if the key is unknown."""
        return self._found.get(key, Part(0, 0))

    def all(self) -> dict[K, Part]:
        """Every count, in no order."""
        return self._found

    @cached_property
    def _found(self) -> dict[K, Part]:
        np = numpy()
        who, counts = np.unique(np.frombuffer(self._rows, np.int64), return_counts=True)
        return {
            key: Part(int(counts[there].sum()), there.stop - there.start)
            for key, there in _slices(self._keys, who).items()
        }


class Shares(Generic[K]):
    """Counts of yes and no by key and officer. Nothing is added after the first was read."""

    def __init__(self) -> None:
        self._keys: Places[K] = Places()
        self._rows = {True: array("q"), False: array("q")}

    def add(self, key: K, officer: int, *, yes: bool) -> None:
        """Count one more yes or no."""
        self._rows[yes].append(self._keys[key] << _OFFICER | officer)

    def add_some(self, key: K, officer: int, part: float, whole: float) -> None:
        """Count a yes if the part is positive, and a no if it is less than the whole."""
        if part > 0:
            self.add(key, officer, yes=True)
        if part < whole:
            self.add(key, officer, yes=False)

    def extend(self, keys: Sequence[K], places: Any, officers: Any, yes: Any) -> None:  # noqa: ANN401 - arrays
        """Count many: `places` are those of their keys among `keys`, `officers` the ids, `yes` whether each is one."""
        for which, rows in self._rows.items():
            _extend(rows, self._keys, keys, places[yes == which], officers[yes == which])

    def all(self) -> dict[K, Share]:
        """Every share, in no order."""
        return {key: _share(yes, of) for key, (_, yes, of) in self._found.items()}

    def by_officer(self, key: K) -> dict[int, tuple[int, int]]:
        """The yes and all of each officer of a key."""
        if key not in self._found:
            return {}
        who, yes, of = (column.tolist() for column in self._found[key])
        return dict(zip(who, zip(yes, of, strict=True), strict=True))

    @cached_property
    def _found(self) -> dict[K, tuple[Any, Any, Any]]:
        """By key the officers, and the yes and all of each."""
        np = numpy()
        rows = [np.sort(np.frombuffer(self._rows[yes], np.int64)) for yes in (True, False)]
        who = different(np.concatenate(rows))
        yes, no = (np.searchsorted(own, who, "right") - np.searchsorted(own, who) for own in rows)
        of = yes + no
        officers = who & ((1 << _OFFICER) - 1)
        return {key: (officers[there], yes[there], of[there]) for key, there in _slices(self._keys, who).items()}


def _extend(rows: "array[int]", known: Places[K], keys: Sequence[K], places: Any, officers: Any) -> None:  # noqa: ANN401
    np = numpy()
    there = np.flatnonzero(np.bincount(places))
    own = np.zeros(len(keys), np.int64)
    own[there] = [known[keys[place]] for place in there.tolist()]
    rows.frombytes((own[places] << _OFFICER | officers).tobytes())


def _slices(keys: Places[K], rows: Any) -> dict[K, slice]:  # noqa: ANN401 - sorted rows
    """Where the rows of each key are."""
    ends = numpy().searchsorted(rows, [place << _OFFICER for place in range(len(keys) + 1)]).tolist()
    return {key: slice(ends[place], ends[place + 1]) for key, place in keys.items()}


def _share(yes: Any, of: Any) -> Share:  # noqa: ANN401 - arrays, of an officer each
    given, every, officers = int(yes.sum()), int(of.sum()), len(of)
    spread = float(((yes - given / every * of) ** 2).sum()) if officers < every else None
    sides = (Part(given, int((yes > 0).sum())), Part(every - given, int((of > yes).sum())))
    return Share(*sides, officers, spread)

"""Counts that are kept for a while, because they take long to compute where there are very many messages: so long that computing them takes
a small share of the time. Where that is quick, they are hardly kept at all."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")

LIVE, PAST = 20, 200
"""How many times as long as it took to compute a count is kept: one that changes now, and one of a day that is over."""
_MOST = 500


@dataclass(slots=True)
class Memo:
    """The counts of a process, by their key. `monotonic` gives seconds. Each key is computed once at a time: a second caller waits for
    the first, and not for another key."""

    monotonic: Callable[[], float] = time.monotonic
    _kept: OrderedDict[Hashable, tuple[float, Any]] = field(default_factory=OrderedDict)
    _computing: dict[Hashable, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Around the two dictionaries; never held while a count is computed."""

    def get(self, key: Hashable, times: int, compute: Callable[[], T]) -> T:
        """The count of a key, computed unless it is kept. It is kept `times` as long as that took."""
        with self._lock:
            own = self._computing.setdefault(key, threading.Lock())
        with own:
            try:
                return self._found(key, times, compute)
            finally:
                with self._lock:
                    self._computing.pop(key, None)  # a waiting caller has the lock, and then finds the kept count

    def _found(self, key: Hashable, times: int, compute: Callable[[], T]) -> T:
        with self._lock:
            until, value = self._kept.get(key, (0.0, None))
        begun = self.monotonic()
        if begun < until:
            return value  # type: ignore[no-any-return] # of this key
        found = compute()
        done = self.monotonic()
        with self._lock:
            self._kept[key] = (done + times * (done - begun), found)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

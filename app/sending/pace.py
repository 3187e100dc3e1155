"""The number of concurrent requests of one process to the carrier. "Too many requests" halves it, every accepted message adds a
little: so all processes together find the carrier's limit without knowing of each other."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)
MOST_ASKED = timedelta(minutes=10)
"""The longest pause that the carrier may ask for at a time."""


@dataclass(slots=True)
class Pace:
    """At most `most` requests at a time, at least one. Belongs to one event loop."""

    most: int
    under_way: int = 0
    _width: float = field(init=False)
    _cuts: int = 0
    _strikes: int = 0
    _waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._width = float(self.most)

    @property
    def width(self) -> int:
        """How many requests may be under way now."""
        return int(self._width)

    async def enter(self) -> int:
        """Wait for a place. Returns a ticket for `refused`."""
        while self.under_way >= self.width:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self.under_way += 1
        return self._cuts

    def leave(self) -> None:
        """Give the place back."""
        self.under_way -= 1
        self._call()

    def accepted(self) -> None:
        """The carrier has accepted a message: one request more once it has accepted as many as are under way."""
        self._strikes = 0
        if self._width < self.most:
            self._width = min(float(self.most), self._width + 1 / self._width)
            self._call()

    def refused(self, ticket: int, asked: float | None, chance: Random) -> timedelta:
        """Too many requests: half as many from now on, however many of those under way are refused with this one. Returns how
        long the number rests: as long as the carrier asks, or else longer each time; with jitter, for others rest too."""
        if ticket == self._cuts:
            self._cuts += 1
            self._strikes += 1
            self._width = max(1.0, self._width / 2)
        longest = min(LONGEST_PAUSE.total_seconds(), FIRST_PAUSE.total_seconds() * 2 ** min(self._strikes - 1, 10))
        own = timedelta(seconds=longest * chance.uniform(0.5, 1.0))
        return own if asked is None else min(timedelta(seconds=asked), MOST_ASKED) + own * chance.uniform(0.0, 0.5)

    def _call(self) -> None:
        """Wake as many as there are places for."""
        free = self.width - self.under_way
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

"""The streams of events of a process: one look at a time serves all that listen. The caller has the function that looks."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import structlog

from app.store.dead_letters import describe

log = structlog.get_logger(__name__)

EVERY = 2.0
"""Seconds between two looks."""
HEARTBEAT = 15.0
"""Seconds after which an idle stream sends an empty line: a proxy would end it."""
LONGEST = 600.0
"""Seconds after which a stream ends. A browser begins another, for which its session is looked up again."""
MOST, MOST_EACH = 200, 6
"""Streams of a process, and of one person."""


class Seen(NamedTuple):
    """What a look found: the news by their key, and the sessions that are still open, each with what its person may do."""

    news: Mapping[object, str]
    sessions: Mapping[int, object]


Look = Callable[[frozenset[object], frozenset[int]], Awaitable[Seen]]
"""Looks for the news of some keys, and at some sessions."""


@dataclass(eq=False, slots=True)
class Listener:
    """One stream. `key` names the news that its person may have, which follow from `rights`: once the person has others, the stream ends, and the
    browser begins another. `session` is None for somebody without one."""

    person: int
    key: object
    session: int | None
    rights: object = None
    latest: str = ""
    is_over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, news: str) -> None:
        """Pass on the news, if they are any."""
        if news != self.latest:
            self.latest = news
            self.changed.set()

    def hear(self, seen: Seen) -> None:
        """Pass on what a look found, or end the stream."""
        if self.session is None or (self.session in seen.sessions and seen.sessions[self.session] == self.rights):
            self.tell(seen.news[self.key])
        else:
            self.end()

    def end(self) -> None:
        """End the stream."""
        self.is_over = True
        self.changed.set()


class Streams:
    """The listeners of a process. After `close`, none begins any more, and those under way end."""

    def __init__(self, every: float = EVERY, longest: float = LONGEST) -> None:
        self._every, self._longest = every, longest
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def close(self) -> None:
        """End all streams: the server is about to stop."""
        self._is_closed = True
        for listener in self._listeners:
            listener.end()

    def join(self, listener: Listener, look: Look) -> AsyncIterator[str] | None:
        """The events of a listener; None if there are too many streams."""
        own = Counter(one.person for one in self._listeners)[listener.person]
        limit = MOST if listener.session is None else MOST_EACH
        if self._is_closed or len(self._listeners) >= MOST or own >= limit:
            return None
        self._listeners.add(listener)
        return self._events(listener, look)

    async def _events(self, listener: Listener, look: Look) -> AsyncIterator[str]:
        until = time.monotonic() + self._longest
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._look_on(look))
            yield "retry: 2000\n\n"
            while not listener.is_over and (left := until - time.monotonic()) > 0:
                try:
                    await asyncio.wait_for(listener.changed.wait(), min(HEARTBEAT, left))
                except TimeoutError:
                    yield ":\n\n"
                    continue
                listener.changed.clear()
                if not listener.is_over:
                    yield f"data: {listener.latest}\n\n"
        finally:
            self._listeners.discard(listener)

    async def _look_on(self, look: Look) -> None:
        """Look as long as anybody listens."""
        while self._listeners:
            listeners = list(self._listeners)
            try:
                seen = await look(
                    frozenset(one.key for one in listeners),
                    frozenset(one.session for one in listeners if one.session is not None),
                )
            except Exception as error:  # noqa: BLE001 - the edge: a database that is away; the streams go on
                log.warning("no look at the news of the console", error=describe(error))
            else:
                for one in listeners:
                    one.hear(seen)
            await asyncio.sleep(self._every)

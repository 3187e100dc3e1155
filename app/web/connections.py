"""The bounds of a connection, below every application: uvicorn and its parser have none for the size of a head, nor for the time that a head
or a body takes. Also the bound of all connections: one more ends the one that has kept us waiting longest, so that many slow ones never
shut out a good one."""

import asyncio
import resource
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LARGEST_HEAD = 16 * 1024
"""Bytes of a request's line and headers. Carriers' and proxies' are under 4 kB."""

LARGEST_REQUEST = 96 * 1024
"""Bytes of a whole request. The largest that anybody has to send is a carrier's form: see `webhooks`."""

CONSOLE, LARGEST_FORM = b"/console/", 26_000_000
"""Pages whose forms may have a file in them, and the bytes of such a request. They read no body of somebody who is not signed in, and as much
of a signed-in person's as the page permits; until a body is read, the server takes 64 kB of it."""

LONGEST_WAIT = 10.0
"""Seconds that a request may take to arrive. A carrier gives up after 15, with our answer."""

MOST_CONNECTIONS = 1024
_MOST_PIPELINED = 4
"""Requests that may wait behind another on one connection. Neither carriers nor proxies do this."""

_SLICE = LARGEST_HEAD
_LOOK = 1.0
_TRIM = 0.1
_YOUNG = 1.0
"""Seconds in which a connection is not ended for being one too many: a good one may need as long to be accepted, beside hundreds, and to say
what it wants."""

_FLOOD = 3
"""How many times the most connections there may be, of which the rest are young."""

_OTHER_FILES = 256
"""Files that a process needs beside connections: the database, the log, connections to the carrier."""


class Connections:
    """The open connections of a process. Those whose request, or the rest of it, has not arrived are in the order in which they began to
    keep us waiting."""

    def __init__(self, most: int = MOST_CONNECTIONS, longest_wait: float = LONGEST_WAIT) -> None:
        self._most, self._longest_wait = most, longest_wait
        self._open = 0
        self._waiting: dict[Connection, float] = {}
        self._look: asyncio.TimerHandle | None = None
        self._trim: asyncio.TimerHandle | None = None

    def join(self, connection: "Connection", now: float) -> None:
        """A connection begins. If there are too many, those that have kept us waiting longest end soon."""
        self._open += 1
        self.await_rest(connection, now)
        if self._open > self._most and self._trim is None:
            self._trim = connection.loop.call_later(_TRIM, self._end_oldest, connection.loop)

    def leave(self, connection: "Connection") -> None:
        """A connection has ended."""
        self._open -= 1
        self.serve(connection)

    def await_rest(self, connection: "Connection", now: float) -> None:
        """From now on a request of this connection is awaited."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = now
        if self._look is None:
            self._look = connection.loop.call_later(_LOOK, self._end_late, connection.loop)

    def serve(self, connection: "Connection") -> None:
        """The request has arrived: its answer may take as long as it takes."""
        self._waiting.pop(connection, None)

    def _end_oldest(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._trim = loop.time(), None
        too_many, flood = self._open - self._most, self._open - _FLOOD * self._most
        for place, (connection, since) in enumerate(list(self._waiting.items())[: max(0, too_many)]):
            if now - since < _YOUNG and place >= flood:
                break
            self._end(connection)
        if too_many > 0:
            self._trim = loop.call_later(_TRIM, self._end_oldest, loop)

    def _end_late(self, loop: asyncio.AbstractEventLoop) -> None:
        now, self._look = loop.time(), None
        late = [one for one, since in self._waiting.items() if now - since > self._longest_wait]
        for connection in late:
            if connection.is_writing:  # the end of a large answer, on a slow line
                self.await_rest(connection, now)
            else:
                self._end(connection)
        if self._waiting and self._look is None:
            self._look = loop.call_later(_LOOK, self._end_late, loop)

    def _end(self, connection: "Connection") -> None:
        self.serve(connection)
        connection.transport.abort()


class Connection(HttpToolsProtocol):
    """A connection within the bounds. 431 for a head that is too large, 413 for a request that is; whoever takes too long is cut off."""

    def __init__(self, *args: Any, connections: Connections, **more: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **more)
        self._all = connections
        self._in_head, self._bytes = True, 0
        self.url = b""  # uvicorn sets it only once a request begins

    @property
    def is_writing(self) -> bool:
        """Whether a part of an answer has not left yet."""
        return not self.transport.is_closing() and self.transport.get_write_buffer_size() > 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn has it."""
        super().connection_made(transport)
        self._all.join(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn has it."""
        self._all.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what has come, in slices, so that a bound is noticed before the parser has worked on more than it permits."""
        for start in range(0, len(data), _SLICE):
            if self.transport.is_closing():
                return
            part = data[start : start + _SLICE]
            super().data_received(part)
            self._bytes += len(part)
            if self._in_head and self._bytes > LARGEST_HEAD:
                self._refuse(431)
            elif self._bytes > (LARGEST_FORM if self.url.startswith(CONSOLE) else LARGEST_REQUEST):
                self._refuse(413)
            elif len(self.pipeline) > _MOST_PIPELINED:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """As uvicorn has it."""
        super().on_message_begin()
        self._in_head, self._bytes = True, 0
        self._note()

    def on_headers_complete(self) -> None:
        """As uvicorn has it."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """As uvicorn has it."""
        super().on_message_complete()
        self._note()

    def on_response_complete(self) -> None:
        """As uvicorn has it."""
        super().on_response_complete()
        self._note()

    def _note(self) -> None:
        """Whether we wait for the other side now, or it for us."""
        cycle = self.cycle
        if cycle is not None and not cycle.more_body and not cycle.response_complete:
            self._all.serve(self)
        elif not self.transport.is_closing():
            self._all.await_rest(self, self.loop.time())

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()


def protocol() -> "partial[Connection]":
    """The protocol for a server of this process, whose connections are bounded together: by MOST_CONNECTIONS, or by the files that the
    process may open."""
    return partial(Connection, connections=Connections(min(MOST_CONNECTIONS, (_files() - _OTHER_FILES) // _FLOOD)))


def _files() -> int:
    """The number of files that this process may open, which is raised as far as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FLOOD * MOST_CONNECTIONS + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft

"""Spans: what this process does and how long it takes, for traces. The rooms open them; `app/otlp.py` sends them, if a collector is named, and
until then they cost next to nothing. A span holds words of ours, counts, and the ids of requests and of messages in the outbox: no name, number,
text, address with such a part, nor a value of the database. The names of attributes are a closed list, so that a new one is thought about."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

Attribute: TypeAlias = Literal[
    "code.function.name",
    "error.type",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "trato.channel",
    "trato.found",
    "trato.items",
    "trato.kind",
    "trato.kinds",
    "trato.message",
    "trato.new",
    "trato.outcome",
    "trato.request",
]
Value: TypeAlias = str | int | Sequence[str]
Attributes: TypeAlias = Mapping[Attribute, Value]
Kind: TypeAlias = Literal["internal", "server", "client"]
Origin: TypeAlias = object
"""The place of a span in its trace, for work that is done elsewhere later."""


class Span(Protocol):
    """A span that is open."""

    def set(self, name: Attribute, value: Value) -> None:
        """Note something."""
        ...

    def rename(self, name: str) -> None:
        """Give it the name that is known only now."""
        ...

    def fail(self, error: str) -> None:
        """Mark it as failed, with the cause or the type of the error, never its text."""
        ...


class Tracer(Protocol):
    """What records spans: see the functions below."""

    def begin(self, name: str, attributes: Attributes, kind: Kind) -> AbstractContextManager[Span]: ...  # noqa: D102

    def within(self, name: str, attributes: Attributes) -> AbstractContextManager[Span]: ...  # noqa: D102

    def joining(self, name: str, origins: Sequence[Origin | None]) -> AbstractContextManager[Span]: ...  # noqa: D102

    def here(self) -> Origin | None: ...  # noqa: D102


class _Nothing:
    """The span of a process that records none. There is one, for all."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def set(self, name: Attribute, value: Value) -> None:
        """See Span."""

    def rename(self, name: str) -> None:
        """See Span."""

    def fail(self, error: str) -> None:
        """See Span."""


NOTHING = _Nothing()
_NONE: Attributes = {}


@dataclass(slots=True)
class _Recording:
    tracer: Tracer | None = None


_recording = _Recording()


@contextmanager
def recorded_by(tracer: Tracer) -> Iterator[None]:
    """Record the spans of this process during the body."""
    _recording.tracer = tracer
    try:
        yield
    finally:
        _recording.tracer = None


def begin(name: str, attributes: Attributes = _NONE, kind: Kind = "internal") -> AbstractContextManager[Span]:
    """The first span of a trace, whatever is open, and whatever a request says of traces of its own."""
    tracer = _recording.tracer
    return NOTHING if tracer is None else tracer.begin(name, attributes, kind)


def within(name: str, attributes: Attributes = _NONE) -> AbstractContextManager[Span]:
    """A span within the one that is open; none if none is."""
    tracer = _recording.tracer
    return NOTHING if tracer is None else tracer.within(name, attributes)


def joining(name: str, origins: Callable[[], Sequence[Origin | None]]) -> AbstractContextManager[Span]:
    """A span of work for several others: within their span if they have the same, else the first of a trace, linked to theirs."""
    tracer = _recording.tracer
    return NOTHING if tracer is None else tracer.joining(name, origins())


def here() -> Origin | None:
    """The place of the span that is open."""
    tracer = _recording.tracer
    return None if tracer is None else tracer.here()


def name_of(work: object) -> str:
    """The name of a function in our code, such as `app.store.leases.acquire`."""
    while isinstance(work, partial):
        work = work.func
    return f"{getattr(work, '__module__', '')}.{getattr(work, '__qualname__', type(work).__qualname__)}"

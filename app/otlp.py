"""Sends the spans of this process to a collector, by OTLP over HTTP, in a thread of its own: a collector that is slow or away delays nothing, and
is logged once. What it does not take is dropped. Needs OpenTelemetry, the extra `traces`; the only module that imports it. Nothing else in
the process is instrumented, and no provider is made a global one, so that no library records what it likes (addresses, statements)."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Thread
from urllib.parse import urlsplit

import structlog
from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, StatusCode, set_span_in_context

from app import __version__, spans
from app.spans import Attribute, Attributes, Kind, Origin, Value

log = structlog.get_logger(__name__)

LONGEST_FLUSH_SECONDS = 2.0
"""How long a process that stops waits for the collector: what drains before it takes 35 seconds at most, and the process is ended after 40."""

_ATTEMPTS = logging.getLogger("opentelemetry.exporter")
"""Has a line for each attempt."""
_DROPPED = logging.getLogger("opentelemetry.sdk._shared_internal")
"""Has a line for spans that are dropped because too many wait."""


@dataclass(frozen=True, slots=True)
class Collector:
    """A collector, by its base address."""

    endpoint: str

    @property
    def host(self) -> str:
        """The machine, for the log."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def _address(self) -> str:
        return f"{self.endpoint.rstrip('/')}/v1/traces"

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Record the spans of the body, and send them. OpenTelemetry's own environment sets the rest, such as OTEL_TRACES_SAMPLER."""
        exporter = _Telling(OTLPSpanExporter(self._address), self.host)
        resource = Resource({"service.name": "trato", "service.version": __version__})
        provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        _ATTEMPTS.setLevel(logging.CRITICAL)
        _DROPPED.addFilter(exporter.is_dropping)
        log.info("traces are sent", host=self.host)
        try:
            with spans.recorded_by(_Tracer(provider.get_tracer("trato", __version__))):
                yield
        finally:
            last = Thread(target=provider.shutdown, name="traces", daemon=True)
            last.start()
            last.join(LONGEST_FLUSH_SECONDS)
            if last.is_alive():
                exporter.give_up()
            _DROPPED.removeFilter(exporter.is_dropping)

    def answers(self, seconds: float) -> bool:
        """Whether it takes traces, within so many seconds. It is sent none."""
        _ATTEMPTS.setLevel(logging.CRITICAL)
        exporter = OTLPSpanExporter(self._address, timeout=seconds)
        try:
            return exporter.export([]) is SpanExportResult.SUCCESS
        finally:
            exporter.shutdown()  # type: ignore[no-untyped-call] # of the SDK


class _Telling(SpanExporter):
    """An exporter that logs when the collector begins to fail, and when it takes traces again."""

    def __init__(self, exporter: SpanExporter, host: str) -> None:
        self._exporter, self._host = exporter, host
        self._is_failing = self._is_dropping = self._is_over = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See SpanExporter."""
        result = self._exporter.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed != self._is_failing and not self._is_over:
            self._is_failing = failed
            if failed:
                log.warning("the collector takes no traces: they are dropped until it does", host=self._host)
            else:
                log.info("the collector takes traces again", host=self._host)
        return result

    def is_dropping(self, _: logging.LogRecord) -> bool:
        """Replace the SDK's lines about dropped spans by one of ours."""
        if not self._is_dropping and not self._is_failing:
            self._is_dropping = True
            log.warning("the collector is too slow: spans are dropped", host=self._host)
        return False

    def give_up(self) -> None:
        """Stop, although spans wait."""
        if not self._is_failing:
            log.warning("stopped before the collector had taken all traces", host=self._host)
        self.shutdown()

    def shutdown(self) -> None:
        """See SpanExporter. Also ends a wait before another attempt."""
        if not self._is_over:
            self._is_over = True
            self._exporter.shutdown()


class _Span:
    __slots__ = ("_span",)

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def set(self, name: Attribute, value: Value) -> None:
        """See Span."""
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """See Span."""
        self._span.update_name(name)

    def fail(self, error: str) -> None:
        """See Span."""
        self._span.set_attribute("error.type", error)
        self._span.set_status(StatusCode.ERROR)


class _Tracer:
    """Records by the tracer of the SDK. An error is recorded by its type: its text may hold anything."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def begin(self, name: str, attributes: Attributes, kind: Kind) -> AbstractContextManager[spans.Span]:
        """See `spans.begin`."""
        return _open(self._tracer.start_span(name, Context(), SpanKind[kind.upper()], _plain(attributes)))

    def within(self, name: str, attributes: Attributes) -> AbstractContextManager[spans.Span]:
        """See `spans.within`."""
        if not trace.get_current_span().get_span_context().is_valid:
            return spans.NOTHING
        return _open(self._tracer.start_span(name, attributes=_plain(attributes)))

    def joining(self, name: str, origins: Sequence[Origin | None]) -> AbstractContextManager[spans.Span]:
        """See `spans.joining`."""
        places = {one.span_id: one for one in origins if isinstance(one, SpanContext)}
        if len(places) == 1 and None not in origins:
            within = set_span_in_context(NonRecordingSpan(*places.values()), Context())
            return _open(self._tracer.start_span(name, within))
        return _open(self._tracer.start_span(name, Context(), links=[Link(one) for one in places.values()]))

    def here(self) -> Origin | None:
        """See `spans.here`."""
        place = trace.get_current_span().get_span_context()
        return place if place.is_valid else None


def _plain(attributes: Attributes) -> dict[str, Value]:
    return dict(attributes.items())


@contextmanager
def _open(span: trace.Span) -> Iterator[spans.Span]:
    token = attach(set_span_in_context(span))
    ours = _Span(span)
    try:
        yield ours
    except Exception as error:
        ours.fail(type(error).__name__)
        raise
    finally:
        detach(token)
        span.end()

"""Traces: what a collector gets of a whole service, in which nobody's name, number or word is, and what becomes of a collector that is slow or away."""

import asyncio
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, get_args
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from sqlalchemy import Connection, insert
from starlette.types import ASGIApp
from structlog.testing import capture_logs
from uvicorn import Config

from app import main, otlp, spans, with_extra
from app.channels.twilio.channel import TwilioChannel
from app.cli import serve
from app.clock import system_clock
from app.errors import ConfigurationError
from app.from_settings import collector
from app.otlp import Collector
from app.settings import Settings
from app.store.database import Database
from app.store.tables import OutboundMessage
from app.store.vault import Vault
from app.web.sign_in import NEW_PASSWORD
from tests.acceptance.processes import Installation, free_port
from tests.carrier import Account, Carrier
from tests.world import PROGRAMME, enrol, flows_folder, sealed

KEY = "a secret that only tests have"
NUMBER, STRANGER = "+525555550101", "+525555550199"
DOUBTFUL = "un xilofono en duda"
MARKS = ("xilofono", "Nombremarcado", "Otromarcado", NUMBER[3:], STRANGER[3:], "secretlink")
PAGE = (Path(__file__).parents[2] / "docs" / "watching.md").read_text(encoding="utf-8")


@dataclass
class Taker:
    """A collector: what was posted to it, by path. `patience`: seconds before it answers; a test that is over waits for none of them."""

    patience: float = 0.0
    got: list[tuple[str, str, bytes]] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)
    url: str = ""

    @property
    def spans(self) -> list[Any]:
        found = [ExportTraceServiceRequest.FromString(body) for path, _, body in self.got if path == "/v1/traces"]
        scopes = [scope for one in found for resource in one.resource_spans for scope in resource.scope_spans]
        assert {scope.scope.name for scope in scopes} <= {"trato"}, "nothing else in the process is recorded"
        return [span for scope in scopes for span in scope.spans]


@contextmanager
def taking(patience: float = 0.0) -> Iterator[Taker]:
    taker = Taker(patience)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taker.got.append((self.path, str(self.headers), body))
            taker.is_over.wait(taker.patience)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    taker.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield taker
    finally:
        taker.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


# -- the whole service ---------------------------------------------------------------------------------------------------


def _in_doubt(tx: Connection, contact: int) -> None:
    """A message of which nobody knows whether it was sent."""
    now = system_clock() - timedelta(minutes=1)
    row = {"uid": uuid4().hex, "contact_id": contact, "kind": "say", "channel": "whatsapp", "body": DOUBTFUL}
    row |= {"priority": 0, "due_at": now, "created_at": now, "status": "unknown", "rank": 0, "attempts": 1}
    tx.execute(insert(OutboundMessage), sealed(tx, OutboundMessage, row | {"options": "[]"}))


@asynccontextmanager
async def living(app: ASGIApp) -> AsyncIterator[None]:
    """An application between its start and its end."""
    said: asyncio.Queue[str] = asyncio.Queue()
    done: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}

    async def receive() -> MutableMapping[str, Any]:
        return {"type": f"lifespan.{await said.get()}"}

    task = asyncio.create_task(app(scope, receive, done.put))  # type: ignore[arg-type]
    await said.put("startup")
    assert (await done.get())["type"] == "lifespan.startup.complete"
    yield
    await said.put("shutdown")
    await task


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Taker], None]:
    """Runs `trato serve` with a day's work in short, and with FastAPI's own traces asked for."""
    (tmp_path / "trato.db").write_bytes(sqlite_template.read_bytes())
    account = Account(webhook="https://trato.example/twilio/inbound")
    settings = {
        "CHANNEL": "twilio",
        "DATABASE_URL": f"sqlite:///{tmp_path}/trato.db",
        "FLOWS": str(flows_folder(tmp_path / "flows")),
        "PUBLIC_URL": "https://trato.example",
        "QUIET_HOURS": "03:00-03:01",
        "SECRET_KEY": KEY,
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.auth_token,
        "TWILIO_FROM_SMS": account.sms,
        "TWILIO_FROM_WHATSAPP": account.whatsapp,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"TRATO_{name}", value)
    database = Database(settings["DATABASE_URL"])
    database.unlock(vault := Vault(KEY))
    with database.transaction() as tx:
        _in_doubt(tx, enrol(tx, vault, system_clock(), NUMBER, name="Nombremarcado"))
    database.close()

    async def day(app: ASGIApp, taker: Taker) -> None:
        outside = httpx.ASGITransport(app, raise_app_exceptions=False)
        foreign = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-00", "X-Request-Id": "xilofono"}
        async with httpx.AsyncClient(transport=outside, base_url="https://trato.example", headers=foreign) as client:
            carrier.caller.client = client
            async with living(app):
                await carrier.inject(f"whatsapp:{NUMBER}", "toqué el xilofono", ProfileName="Otromarcado")
                await carrier.inject(f"whatsapp:{STRANGER}", "soy Nombremarcado")
                assert (await client.get(f"/console/{NUMBER}?q=xilofono")).status_code == 404
                await client.get(f"{NEW_PASSWORD}/secretlink?q={NUMBER}")
                await client.request("XILOFONO", "/healthz")
                for _ in range(400):
                    names = Counter(span.name for span in taker.spans)
                    if names["hand over"] == 3 and names.keys() >= {"tick", "sweep", "look up"}:
                        break
                    await asyncio.sleep(0.05)
                await carrier.settle()

    def make(*_: object) -> TwilioChannel:
        return TwilioChannel(
            account.sid,
            (account.auth_token,),
            from_sms=account.sms,
            from_whatsapp=account.whatsapp,
            public_url="https://trato.example",
            api_url="https://api.example",
            client=httpx.AsyncClient(transport=httpx.ASGITransport(carrier)),
        )

    carrier = Carrier(account)
    carrier.faults.refused = {STRANGER: 63010}
    monkeypatch.setattr(main, "make_channel", make)

    def run(taker: Taker) -> None:
        class Server:
            def __init__(self, config: Config, *_: object) -> None:
                self.app: Any = config.app

            def run(self, sockets: object) -> None:
                asyncio.run(day(self.app, taker))

        monkeypatch.setattr(serve, "Server", Server)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", taker.url)
        asyncio.run(carrier.inject(f"whatsapp:{NUMBER}", "otro xilofono", deliver=False, ago=timedelta(minutes=3)))
        with socket.socket() as unused:
            serve.run(Settings.load(otlp_endpoint=taker.url), unused)

    return run


def test_a_collector_gets_what_the_service_does_and_nobody_is_in_it(served: Callable[[Taker], None]) -> None:
    with taking() as taker, capture_logs() as lines:
        served(taker)
    assert [one["event"] for one in lines if "trace" in one["event"]] == ["traces are sent"]
    for path, headers, body in taker.got:
        assert path == "/v1/traces"
        for mark in MARKS:
            assert mark not in headers
            assert mark.encode() not in body, mark

    found = taker.spans
    by_id = {span.span_id: span for span in found}
    roots = {_general(span.name) for span in found if not span.parent_span_id}
    assert roots - {"ledger batch"} == {"METHOD ROUTE", "hand over", "task NAME", "tick"}

    def seen(name: str) -> list[tuple[str | None, dict[str, Any]]]:
        """The parents' names and the attributes of the spans of a name."""
        return [
            (
                by_id[span.parent_span_id].name if span.parent_span_id else None,
                {one.key: one.value.string_value or one.value.int_value for one in span.attributes},
            )
            for span in found
            if span.name == name
        ]

    requests = seen("POST /twilio/inbound")
    assert [parent for parent, _ in requests] == [None, None]
    assert [one["http.response.status_code"] for _, one in requests] == [200, 200]
    assert all(re.fullmatch("[0-9a-f]{12}", one["trato.request"]) for _, one in requests)
    batches = seen("ledger batch")
    assert {parent for parent, _ in batches} >= {"POST /twilio/inbound", "sweep"}
    turns = {(parent, one["trato.outcome"]) for parent, one in seen("turn")}
    assert turns == {("ledger batch", "nothing_open"), ("ledger batch", "unknown_sender")}
    assert len(seen("turn")) == 3
    handed = seen("hand over")
    assert {(one["trato.outcome"], one.get("error.type")) for _, one in handed} == {
        ("accepted", None),
        ("rejected", "passing"),
    }
    assert all(re.fullmatch("[0-9a-f]{32}", one["trato.message"]) for _, one in handed)
    assert [(parent, one["trato.found"], one["trato.new"]) for parent, one in seen("sweep")] == [("task sweep", 1, 1)]
    assert [(parent, one.get("trato.found")) for parent, one in seen("look up")] == [("task reconcile", 0)]
    assert [parent for parent, _ in seen("tick")][:1] == [None]
    assert {parent for parent, _ in seen("job plan")} == {"tick"}
    assert ("job plan", "app.store.leases.acquire") in [
        (parent, one["code.function.name"]) for parent, one in seen("transaction")
    ]
    assert [one["http.response.status_code"] for _, one in seen("GET")] == [404]
    assert len(seen(f"GET {NEW_PASSWORD}/{{token}}")) == len(seen("_OTHER")) == 1

    documented = set(re.findall(r"^\| `([a-zA-Z ]+)` \|", PAGE.partition("## Traces")[2], re.MULTILINE))
    general = {_general(span.name) for span in found}
    assert general == documented, "each kind of span is in docs/watching.md"
    listed = set(re.findall(r"`((?:code|error|http|trato)\.[a-z_.]+)`", PAGE.partition("## Traces")[2]))
    assert listed == set(get_args(spans.Attribute))
    assert {one.key for span in found for one in span.attributes} <= listed


def _general(name: str) -> str:
    """The name of a span as docs/watching.md has it."""
    return re.sub(r"^(job|task) .*", r"\1 NAME", re.sub(r"^(_OTHER|[A-Z]+)( /.*)?$", "METHOD ROUTE", name))


# -- the collector, and the lack of one -------------------------------------------------------------------------------------


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are sent at once, and a stop waits for a moment only."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "5")
    monkeypatch.setattr(otlp, "LONGEST_FLUSH_SECONDS", 0.3)


def _work(times: int) -> None:
    for _ in range(times):
        with spans.begin("tick"):
            pass
        time.sleep(0.03)


def _events(lines: list[MutableMapping[str, Any]]) -> list[str]:
    return [one["event"] for one in lines if one["event"] != "traces are sent"]


@pytest.mark.usefixtures("_quick")
def test_a_collector_that_is_away_is_logged_once_and_so_is_its_return(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "0.5")  # less than the wait before another attempt
    away = "the collector takes no traces: they are dropped until it does"
    with capture_logs() as lines, Collector(f"http://127.0.0.1:{free_port()}/").sending():
        _work(5)
    assert (_events(lines), caplog.messages) == ([away], [])
    told = otlp._Telling(_Wavering(), "x")
    with capture_logs() as lines:
        for _ in range(6):
            told.export([])
    assert _events(lines) == [away, "the collector takes traces again"] * 2


class _Wavering(otlp.SpanExporter):
    """Fails twice, succeeds once."""

    times = 0

    def export(self, spans: Any) -> otlp.SpanExportResult:
        self.times += 1
        return otlp.SpanExportResult.FAILURE if self.times % 3 else otlp.SpanExportResult.SUCCESS


@pytest.mark.usefixtures("_quick")
def test_a_slow_collector_delays_no_work_and_no_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "4")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
    with taking(patience=30) as taker, capture_logs() as lines:
        begun = time.monotonic()
        with Collector(taker.url).sending():
            _work(12)
        assert time.monotonic() - begun < 5
    slow = "the collector is too slow: spans are dropped"
    assert _events(lines) == [slow, "stopped before the collector had taken all traces"]
    assert caplog.messages == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_sent_yet_is_sent_at_the_stop(tmp_path: Path, database_url: str) -> None:
    """By a process that a signal ends."""
    with taking() as taker:
        more = {"TRATO_OTLP_ENDPOINT": taker.url, "OTEL_BSP_SCHEDULE_DELAY": "600000"}
        with Installation(tmp_path, database_url, PROGRAMME, more).serving():
            assert taker.got == []
        assert "GET /readyz" in {span.name for span in taker.spans}


def test_an_error_is_recorded_by_its_type_alone_and_many_requests_are_linked() -> None:
    with taking() as taker, Collector(taker.url).sending():
        with spans.begin("one") as first:
            first.set("trato.items", 1)
            one = spans.here()
        with suppress(ValueError), spans.begin("two"):
            two = spans.here()
            raise ValueError("Alma")
        with spans.joining("ledger batch", lambda: [one, two, None, one]):
            assert isinstance(spans.within("turn"), type(spans.begin("x")))
        assert spans.within("transaction") is spans.NOTHING, "there is no span that it would be within"
    assert not any(b"Alma" in body for _, _, body in taker.got)
    found = {span.name: span for span in taker.spans}
    assert [(one.key, one.value.string_value) for one in found["two"].attributes] == [("error.type", "ValueError")]
    assert (found["two"].status.code, found["two"].status.message, len(found["two"].events)) == (2, "", 0)
    batch = found["ledger batch"]
    assert [link.span_id for link in batch.links] == [found["one"].span_id, found["two"].span_id]
    assert not batch.parent_span_id


def test_a_doctor_asks_without_a_span() -> None:
    with taking() as taker:
        assert Collector(taker.url).answers(5)
        assert (len(taker.got), taker.spans) == (1, [])
    assert not Collector(taker.url).answers(0.5)


def test_without_a_collector_nothing_is_recorded() -> None:
    assert collector(Settings()) is None
    with spans.begin("one") as span:
        span.set("trato.items", 1)
        assert (span, spans.here()) == (spans.NOTHING, None)
    assert spans.joining("two", lambda: 1 / 0) is spans.NOTHING  # type: ignore[arg-type,return-value]


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "app.otlp", None)
    with pytest.raises(ConfigurationError) as raised:
        collector(Settings.load(otlp_endpoint="http://127.0.0.1:4318"))
    assert raised.value.text == f"TRATO_OTLP_ENDPOINT needs OpenTelemetry: {with_extra('traces')}"

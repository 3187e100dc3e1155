"""`python -m benchmarks inbound`: signed webhooks that are durable before they are answered, against a bare FastAPI endpoint that
echoes a form. Both are processes of their own on this machine, started here, and loaded in turn: echo, Trato, echo,
Trato… Every webhook is the answer of another officer to an open question that has been delivered, so that a whole turn is
measured: the answer is read and stored, and the next question is put."""

import secrets
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import uvloop
from sqlalchemy import Connection, update

from app.channels.twilio.signature import sign
from app.clock import system_clock
from app.conversations.library import Library, publish
from app.conversations.sessions import Turn, begin
from app.errors import ExternalError
from app.flows.loader import load
from app.store.contacts import officers
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.tables import OUTBOUND
from app.store.vault import Vault
from benchmarks.load import Measured, middle, post, run
from benchmarks.officers import ACCOUNT, OURS, SECRET, enrol, numbers
from benchmarks.servers import python, server

TOKEN = "bench"  # noqa: S105 - of a carrier that does not exist
QUESTIONS = 2
ANSWERS = ("1", "Sí", "no", "2", "simón", "nel")
ROUNDS = 5
DELIVERED_AFTER = timedelta(seconds=1)

PROGRAMME = """
programme: bench
title: Medición
timezone: America/Mexico_City
notices: {help: a, opted_out: b, opted_in: c, paused: d, nothing_open: e, unclear: f}
answers:
  si_no: {si: {label: Sí, value: 1}, no: {label: No, value: 0}}
flows:
  reporte:
    title: Reporte
    kind: report
    steps:
"""
_STEP = """
      - ask: q{n}
        text: "¿Pudo aplicar el principio número {n} en su último contacto?"
        answer: si_no
        records: q{n}
"""


@dataclass(frozen=True, slots=True)
class InboundFigures:
    """Medians over the rounds. `ratio` is Trato's requests a second over the echo's, `p99_ratio` the same of p99."""

    connections: int
    database: str
    echo: Measured
    trato: Measured
    ratio: float
    p99_ratio: float


def measure(requests: int, connections: int, database_url: str | None) -> InboundFigures:
    """Measure with so many requests a round. `database_url`: an empty PostgreSQL database; else a SQLite file.

    Raises ExternalError if a server does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="trato-bench-") as folder:
        url = database_url or f"sqlite:///{folder}/bench.db"
        phones = _prepare(url, ROUNDS * requests)
        echoes, tratos = [], []
        with server(_echo_command(), {}) as echo, server(_trato_command(), _environment(url, folder)) as trato:
            for round_ in range(ROUNDS):
                wire = _requests(phones[round_ * requests : (round_ + 1) * requests])
                echoes.append(uvloop.run(run(echo, wire, connections)))
                tratos.append(uvloop.run(run(trato, wire, connections)))
        if refused := sum(measured.refused for measured in tratos):
            raise ExternalError(f"{refused} webhooks were refused: the figures would mean nothing")
        return _figures(connections, "postgresql" if database_url else "sqlite", echoes, tratos)


def _figures(connections: int, database: str, echoes: list[Measured], tratos: list[Measured]) -> InboundFigures:
    echo, trato = middle(echoes), middle(tratos)
    return InboundFigures(
        connections, database, echo, trato, trato.per_second / echo.per_second, trato.p99_ms / echo.p99_ms
    )


# -- the world that is measured in ----------------------------------------------------------------------------------


def _prepare(url: str, size: int) -> list[str]:
    """A database with officers whose phones all show an open question. Gives their numbers."""
    database = Database(url)
    database.prepare()
    database.unlock(Vault(SECRET))
    now = system_clock() - timedelta(minutes=1)
    phones = numbers(size)
    with database.transaction() as tx:
        library = _published(tx, now)
        ids = enrol(tx, phones, now)
    for start in range(0, size, 2_000):
        with database.transaction() as tx:
            changes = Changes()
            for officer in officers(tx, ids[start : start + 2_000]).values():
                begin(Turn(tx, library, changes, now), officer, "reporte")
            write(tx, changes)
    with database.transaction() as tx:
        tx.execute(update(OUTBOUND).values(status="delivered", sent_at=now, delivered_at=now + DELIVERED_AFTER))
    database.close()
    return phones


def _source() -> str:
    return PROGRAMME + "".join(_STEP.format(n=n) for n in range(QUESTIONS))


def _published(tx: Connection, now: datetime) -> Library:
    publish(tx, load(_source(), "bench.yaml"), _source(), "bench", now)
    library = Library()
    library.refresh(tx)
    return library


def _requests(phones: list[str]) -> list[bytes]:
    """As Twilio posts them: each officer answers the first question."""
    url = "https://bench.invalid/twilio/inbound"
    return [_signed(url, number, ANSWERS[place % len(ANSWERS)]) for place, number in enumerate(phones)]


def _signed(url: str, number: str, body: str) -> bytes:
    sid = "SM" + secrets.token_hex(16)
    fields = {
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ProfileName": "Oficial",
        "MessageType": "text",
        "SmsSid": sid,
        "WaId": number[1:],
        "SmsStatus": "received",
        "Body": body,
        "To": f"whatsapp:{OURS}",
        "NumSegments": "1",
        "ReferralNumMedia": "0",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": f"whatsapp:{number}",
        "ApiVersion": "2010-04-01",
    }
    signature = sign(url, list(fields.items()), TOKEN)
    return post("/twilio/inbound", urlencode(fields).encode(), [("X-Twilio-Signature", signature)])


# -- the two servers ------------------------------------------------------------------------------------------------


def _environment(url: str, folder: str) -> dict[str, str]:
    flows = Path(folder) / "flows"
    flows.mkdir()
    (flows / "bench.yaml").write_text(_source(), encoding="utf-8")
    return {
        "TRATO_DATABASE_URL": url,
        "TRATO_FLOWS": str(flows),
        "TRATO_CHANNEL": "twilio",
        "TRATO_ROLE": "web",
        "TRATO_TWILIO_ACCOUNT_SID": ACCOUNT,
        "TRATO_TWILIO_AUTH_TOKEN": TOKEN,
        "TRATO_SECRET_KEY": SECRET,
        "TRATO_TWILIO_FROM_WHATSAPP": OURS,
        "TRATO_PUBLIC_URL": "https://bench.invalid",
        "TRATO_TWILIO_API_URL": "http://127.0.0.1:9",
    }


def _trato_command() -> list[str]:
    return python("app.cli.main", "serve", "--port", "{port}")


def _echo_command() -> list[str]:
    return python(
        "uvicorn",
        "benchmarks.echo:app",
        "--port",
        "{port}",
        "--no-access-log",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--log-level",
        "error",
    )

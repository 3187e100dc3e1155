"""`python -m benchmarks export`: the table `responses` as CSV, or in another format, against the quickest that the database's own tools write: `sqlite3 -csv`
on a SQLite file, `COPY … TO` on PostgreSQL. Both read the same joined rows; only Trato's are made ready for analysis. The
export runs as a process of its own, whose highest memory is what counts."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, text

from app.errors import ExternalError, UsageError
from app.store.database import Database
from app.store.tables import Cohort, Contact, InboundMessage, metadata

CONTACT_WITH_COHORT = 10_000
ANSWERS_PER_SESSION = 4
BEGAN = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)

_RAW = (
    "SELECT c.study_id, k.code, k.programme, r.id, r.session_id, r.flow, v.hash, r.step, r.variable, r.wave, r.level,"
    " r.principle, r.kind, r.raw, r.value, r.label, r.missing, r.correct, r.rule, r.score, r.attempt, r.status, r.late,"
    " s.channel, n.planned_for, r.asked_at, r.answered_at, s.variant, r.number, c.timezone"
    " FROM response r JOIN contact c ON c.id = r.contact_id JOIN cohort k ON k.id = c.cohort_id"
    " JOIN session s ON s.id = r.session_id JOIN flow_version v ON v.id = r.flow_version_id"
    " LEFT JOIN nudge n ON n.session_id = s.id ORDER BY r.id"
)
"""The same rows as the table, as they are stored."""


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """Seconds of the floor and of Trato, each the best of the rounds, by the clock and of this machine's processors (of
    PostgreSQL's own processes there is no telling); Trato's highest memory, in MB."""

    database: str
    format: str
    rows: int
    floor: str
    floor_seconds: float
    floor_cpu: float
    export_seconds: float
    export_cpu: float
    ratio: float
    cpu_ratio: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of a process: by the clock, of the processor, its highest memory."""

    seconds: float
    cpu: float
    peak_mb: float


def measure(rows: int, database_url: str | None, rounds: int, format_: str = "csv") -> ExportFigures:
    """Fill an empty database with so many responses, and measure. Raises UsageError if it is not empty."""
    with tempfile.TemporaryDirectory(prefix="trato-bench-") as folder:
        url = database_url or f"sqlite:///{folder}/bench.db"
        _fill(url, rows)
        name, command = _floor(url, folder)
        floors, exports = [], []
        for _ in range(rounds):
            floors.append(_run(command, f"{folder}/floor.csv"))
            exports.append(_run([sys.executable, "-c", _EXPORT, url, f"{folder}/export", format_], f"{folder}/out"))
    floor, export = (min(runs, key=lambda run: run.seconds) for runs in (floors, exports))
    return ExportFigures(
        "postgresql" if database_url else "sqlite",
        format_,
        rows,
        name,
        floor.seconds,
        floor.cpu,
        export.seconds,
        export.cpu,
        export.seconds / floor.seconds,
        export.cpu / floor.cpu,
        max(run.peak_mb for run in exports),
    )


_EXPORT = """
import sys
from pathlib import Path
from app.exports.package import write
from app.exports.selection import Selection
from app.store.database import Database

with Database(sys.argv[1]).reading() as tx:
    write(tx, Path(sys.argv[2]), Selection(), formats=[sys.argv[3]], tables=["responses"], with_companion_files=False)
"""
_COPY = """
import sys
import psycopg

with psycopg.connect(sys.argv[1]) as connection, connection.cursor().copy(sys.argv[2]) as copy:
    sys.stdout.buffer.writelines(copy)
"""
_DUMP = "import csv, sqlite3, sys; csv.writer(sys.stdout).writerows(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]))"


def _floor(url: str, folder: str) -> tuple[str, list[str]]:
    """The quickest dump of the same rows, and the command that writes it."""
    if not url.startswith("sqlite"):
        address = url.replace("postgresql+psycopg://", "postgresql://")
        return "COPY … TO", [sys.executable, "-c", _COPY, address, f"COPY ({_RAW}) TO STDOUT (FORMAT csv, HEADER)"]
    binary = shutil.which("sqlite3")
    if binary is not None:
        return "sqlite3 -csv", [binary, "-readonly", "-csv", "-header", f"{folder}/bench.db", _RAW]
    return "Python's sqlite3 and csv", [sys.executable, "-c", _DUMP, f"{folder}/bench.db", _RAW]


def _run(command: list[str], output: str) -> _Run:
    """Run a process to its end. Raises ExternalError if it fails."""
    began = time.perf_counter()
    with Path(output).open("wb") as file, subprocess.Popen(command, stdout=file) as process:  # noqa: S603 - our own commands
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise ExternalError("a process of the benchmark failed")
    return _Run(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


# -- the data -------------------------------------------------------------------------------------------------------


def _fill(url: str, rows: int) -> None:
    database = Database(url)
    database.prepare()
    with database.transaction() as tx:
        if tx.execute(text("SELECT count(*) FROM contact")).scalar_one():
            raise UsageError("the database of the benchmark must be empty")
        _officers(tx)
        _conversations(tx, rows)
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    database.close()


def _officers(tx: Connection) -> None:
    """Officers in two zones, and one inbound message of each, to which all the answers refer."""
    version = metadata.tables["flow_version"]
    tx.execute(
        version.insert(),
        {"id": 1, "programme": "bench", "hash": "b" * 64, "source": "programme: 1", "published_at": BEGAN},
    )
    campaign = {"id": 1, "flow_version_id": 1, "code": "seguimiento", "hash": "c" * 64, "definition": "{}"}
    tx.execute(metadata.tables["campaign_version"].insert(), campaign)
    zones = ("America/Mexico_City", "America/Tijuana")
    tx.execute(
        insert(Cohort),
        [
            {
                "id": place + 1,
                "code": zone[8:].lower(),
                "programme": "bench",
                "timezone": zone,
                "dates": "{}",
                "created_at": BEGAN,
            }
            for place, zone in enumerate(zones)
        ],
    )
    tx.execute(
        insert(Contact),
        [
            {
                "id": number,
                "study_id": f"B{number:07d}",
                "cohort_id": number % 2 + 1,
                "language": "es-MX",
                "timezone": zones[number % 2],
                "channel": "whatsapp",
                "status": "active",
                "attributes": "{}",
                "dates": "{}",
                "created_at": BEGAN,
            }
            for number in range(1, CONTACT_WITH_COHORT + 1)
        ],
    )
    tx.execute(
        insert(InboundMessage),
        [
            {
                "id": number,
                "sid": f"SM{number:032x}",
                "contact_id": number,
                "lookup": "",
                "channel": "whatsapp",
                "sealed": b"",
                "kind": "text",
                "outcome": "answer",
                "needs_person": False,
                "received_at": BEGAN + timedelta(seconds=977 * number),
            }
            for number in range(1, CONTACT_WITH_COHORT + 1)
        ],
    )


_FLOW = "CASE i % 3 WHEN 0 THEN 'reporte_voz' WHEN 1 THEN 'reporte_respeto' ELSE 'reflexion_semanal' END"
_SEALED = 2 * len("Le expliqué el motivo, y qué seguía") + 60
"""Bytes of a sealed answer to an open question."""
_SESSIONS = f"""
INSERT INTO session (id, contact_id, flow_version_id, flow, channel, outcome, started_at, ended_at)
{{series}}
SELECT i, m.contact_id, 1, {_FLOW}, 'whatsapp', 'completed', m.received_at, m.received_at {{chosen}}
"""
_NUDGES = f"""
INSERT INTO nudge (contact_id, campaign_version_id, campaign, origin, slot, flow, planned_for, due_at, closes_at, status,
                   session_id, decided_at, created_at)
{{series}}
SELECT m.contact_id, 1, 'seguimiento', 'plan', 'w' || i, {_FLOW}, m.received_at, m.received_at, m.received_at, 'started',
       i, m.received_at, m.received_at {{chosen}}
"""
_RESPONSES = f"""
INSERT INTO response (session_id, contact_id, inbound_id, flow_version_id, flow, step, variable, level, principle, kind,
                      raw, words, value, number, key, label, rule, score, attempt, status, late, asked_at, answered_at)
{{series}}
SELECT (i - 1) / {ANSWERS_PER_SESSION} + 1, m.contact_id, m.id, 1, {_FLOW}, 'paso_' || (i % {ANSWERS_PER_SESSION}),
       'applied_' || (i % {ANSWERS_PER_SESSION}), 'behaviour', 'voz',
       CASE WHEN i % 10 = 0 THEN 'text' ELSE 'choice' END,
       CASE WHEN i % 10 = 0 THEN NULL WHEN i % 2 = 0 THEN 'Simón' ELSE 'la 2' END,
       CASE WHEN i % 10 = 0 THEN {{sealed}} END,
       CASE WHEN i % 10 = 0 THEN NULL WHEN i % 2 = 0 THEN '1' ELSE '0' END,
       CASE WHEN i % 10 = 0 THEN NULL WHEN i % 2 = 0 THEN 1.0 ELSE 0.0 END,
       CASE WHEN i % 2 = 0 THEN 'si' ELSE 'no' END, CASE WHEN i % 2 = 0 THEN 'Sí' ELSE 'No' END,
       'lexicon', 0.95, 1, 'ok', {{false}}, m.received_at, m.received_at {{chosen}}
"""


def _conversations(tx: Connection, rows: int) -> None:
    """Sessions, their nudges and answers: made by the database itself out of numbers, with the officers' moments."""
    chosen = f"FROM series JOIN inbound_message m ON m.id = i % {CONTACT_WITH_COHORT} + 1"
    false = "0" if _is_sqlite(tx) else "FALSE"
    sealed = f"zeroblob({_SEALED})" if _is_sqlite(tx) else f"decode(repeat('00', {_SEALED}), 'hex')"
    sessions = -(-rows // ANSWERS_PER_SESSION)
    for count, statement in ((sessions, _SESSIONS), (sessions, _NUDGES), (rows, _RESPONSES)):
        series = f"WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {count})"  # noqa: S608 - a number
        tx.execute(text(statement.format(series=series, chosen=chosen, false=false, sealed=sealed)))


def _is_sqlite(tx: Connection) -> bool:
    return isinstance(tx.connection.driver_connection, sqlite3.Connection)

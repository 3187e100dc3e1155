"""`python -m benchmarks plan`: twelve weeks of a campaign laid out for a whole police force, as the clock does it, piece by piece, each
in a transaction of its own; against one INSERT … SELECT of the same rows into the same table, with its keys and indexes."""

import gc
import json
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from sqlalchemy import Connection, delete, func, insert, select, text

from app.conversations.library import Library, publish
from app.errors import UsageError
from app.flows.loader import load
from app.flows.quiet_hours import Quiet
from app.scheduler.nudging import plan_some
from app.store.database import Database
from app.store.tables import ASSIGNMENT, COHORT, CONTACT, NUDGE

ZONE = "America/Mexico_City"
FIRST = date(2026, 3, 2)
ENROLLED = datetime(2026, 2, 20, 18, tzinfo=UTC)
QUIET: Quiet = (clock(21), clock(9))
WITH_SHIFT = 3
"""Of so many officers one has told a shift: 24x48, and the three of them begin on different days."""

PROGRAMME = """
programme: bench
title: Medición
timezone: America/Mexico_City
notices: {help: a, opted_out: b, opted_in: c, paused: d, nothing_open: e, unclear: f}
flows:
  consejo: {title: Consejo, kind: tip, steps: [{say: uno, text: "Escuche primero."}]}
  reporte: {title: Reporte, kind: report, steps: [{say: uno, text: "Gracias por contarnos."}]}
campaigns:
  seguimiento:
    title: Doce semanas
    anchor: workshop_date
    window: {from: "10:00", to: "19:00"}
    spread: 2h
    slots:
      - {weeks: 1-12, per_week: 1, from: [consejo, reporte]}
"""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Seconds for all, and for a piece of the work. `ratio` is how many times longer than the one statement it takes."""

    database: str
    officers: int
    cohorts: int
    nudges: int
    seconds: float
    floor_seconds: float
    ratio: float
    piece_median: float
    piece_longest: float


def measure(officers: int, cohort: int, database_url: str | None) -> PlanFigures:
    """Measure with so many officers in cohorts of so many. `database_url`: an empty PostgreSQL database; else a SQLite file.

    Raises UsageError if the database is not empty.
    """
    with tempfile.TemporaryDirectory(prefix="trato-bench-") as folder:
        database = Database(database_url or f"sqlite:///{folder}/bench.db")
        database.prepare()
        try:
            with database.transaction() as tx:
                library = _published(tx)
            cohorts = _enrol(database, officers, cohort)
            pieces = _plan(database, library)
            rows, floor = _copy_once(database)
        finally:
            database.close()
    taken = sum(pieces)
    return PlanFigures(
        "postgresql" if database_url else "sqlite",
        officers,
        cohorts,
        rows,
        taken,
        floor,
        taken / floor,
        sorted(pieces)[len(pieces) // 2],
        max(pieces),
    )


def _published(tx: Connection) -> Library:
    if tx.execute(select(func.count()).select_from(CONTACT)).scalar_one():
        raise UsageError("the database of a benchmark must be empty")
    publish(tx, load(PROGRAMME, "bench.yaml"), PROGRAMME, "bench", ENROLLED)
    library = Library()
    library.refresh(tx)
    return library


def _enrol(database: Database, officers: int, size: int) -> int:
    """Cohorts that begin day after day. Gives how many they are."""
    starts = range(0, officers, size)
    for number, start in enumerate(starts):
        dates = {"workshop_date": str(FIRST + timedelta(days=number % 100))}
        with database.transaction() as tx:
            cohort = tx.execute(
                insert(COHORT).returning(COHORT.c.id),
                {
                    "code": f"bench-{number}",
                    "programme": "bench",
                    "timezone": ZONE,
                    "dates": json.dumps(dates),
                    "created_at": ENROLLED,
                },
            ).scalar_one()
            people = [_officer(place, cohort) for place in range(start, min(start + size, officers))]
            tx.execute(insert(CONTACT), people)
            contacts = tx.execute(select(CONTACT.c.id).where(CONTACT.c.cohort_id == cohort)).scalars()
            tx.execute(
                insert(ASSIGNMENT),
                [{"contact_id": one, "campaign": "seguimiento", "at": ENROLLED} for one in contacts],
            )
    return len(starts)


def _officer(place: int, cohort: int) -> dict[str, object]:
    shift = (
        json.dumps({"on": 24, "off": 48, "from": f"2026-02-{10 + place // WITH_SHIFT % 3}T07:00"})
        if place % WITH_SHIFT == 0
        else None
    )
    return {
        "study_id": f"B{place:07d}",
        "cohort_id": cohort,
        "language": "es-MX",
        "timezone": ZONE,
        "channel": "whatsapp",
        "status": "active",
        "attributes": "{}",
        "dates": "{}",
        "shift": shift,
        "consented_at": ENROLLED,
        "created_at": ENROLLED,
    }


def _plan(database: Database, library: Library) -> list[float]:
    """Plan until nothing is left. Gives the seconds that each piece took, with its commit."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)  # as the service does
    pieces, found = [], 1
    while found:
        began = time.perf_counter()
        with database.transaction() as tx:
            found = plan_some(tx, library, QUIET, ENROLLED)
        pieces.append(time.perf_counter() - began)
    return pieces


def _copy_once(database: Database) -> tuple[int, float]:
    """The floor: the rows that were planned, into the same table again by one statement. Gives how many, and the seconds."""
    names = ", ".join(column.name for column in NUDGE.c if column.name != "id")
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE bench_nudge AS SELECT * FROM nudge ORDER BY id"))
    with database.transaction() as tx:
        tx.execute(delete(NUDGE) if database.is_sqlite else text("TRUNCATE nudge CASCADE"))
    began = time.perf_counter()
    with database.transaction() as tx:
        rows = tx.execute(text(f"INSERT INTO nudge ({names}) SELECT {names} FROM bench_nudge")).rowcount  # noqa: S608 - names
    return rows, time.perf_counter() - began

"""A police force in a database, for `python -m benchmarks console`: officers in cohorts who follow the programme of `flows/`, their plans as
the clock lays them out, and the conversations up to a moment, with cases, reviews, codes and a log. It is made in SQLite, row by row, with
real seals, and is kept in a folder; of PostgreSQL it is a copy."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path

from sqlalchemy import func, insert, select

from app.channels.addresses import canonical
from app.conversations.library import Library, publish
from app.errors import UsageError
from app.flows.loader import load
from app.flows.quiet_hours import Quiet
from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.scheduler.nudging import plan_some
from app.store.database import Database
from app.store.sealing import NAME, NUMBER
from app.store.tables import ASSIGNMENT, COHORT, CONTACT, NUDGE
from app.store.vault import Vault
from benchmarks.officers import SECRET
from benchmarks.talk import FlowScript, Talk, as_text, scripts

PERSON, PASSWORD = "ana", "cuatro tazas de café"
ZONE = "America/Mexico_City"
FIRST = date(2026, 1, 5)
"""The day of the first workshop."""
ENROLLED = datetime(2025, 12, 15, 16, tzinfo=UTC)
QUIET: Quiet = (time(21), time(9))
COHORT_OF = 500
WORKSHOPS_IN = 365
"""Officers of a cohort, and days in which the workshops are."""
_AT_ONCE = 20_000
_NAMES = ("Alma", "Bruno", "Celia", "Darío", "Elena", "Fermín", "Gloria", "Hugo", "Inés", "Joel")
_FAMILIES = ("Aguirre", "Barrera", "Cano", "Duarte", "Esparza", "Fuentes", "Galindo", "Huerta", "Ibarra", "Juárez")
CODES = """
codes:
  motivo:
    title: De qué habla el oficial
    of: [{variables}]
    codes: {{tiempo: Falta de tiempo, riesgo: Riesgo, mando: El mando, otro: Otra cosa}}
"""
"""A coding scheme for the texts of the programme, which has none of its own."""


@dataclass(frozen=True, slots=True)
class Force:
    """The database: the number of officers and of messages, and the moment up to which the conversations go."""

    officers: int
    messages: int
    now: datetime


def made(folder: Path, officers: int, messages: int, say: Callable[[str], None]) -> Force:
    """The force of a folder: in `force.db`, with the flow file in `flows/`. It is made unless it is there."""
    facts = folder / "force.json"
    if facts.exists():
        found = json.loads(facts.read_text())
        Database(f"sqlite:///{folder}/force.db").upgrade()  # made by an earlier release
        return Force(found["officers"], found["messages"], datetime.fromisoformat(found["now"]))
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob("force.db*"):
        left_over.unlink()
    database = Database(f"sqlite:///{folder}/force.db")
    database.unlock(vault := Vault(SECRET))
    database.prepare()
    indexes = _without_indexes(folder)
    source = _programme(folder)
    library = _enrol(database, vault, officers, source)
    say(f"{officers:,} officers enrolled")
    while _planned(database, library):
        pass
    say("their campaigns laid out")
    talk = Talk(vault, scripts(load(source, "programme.yaml").programme))
    now = _moment(database, talk.flows, messages)
    database.close()
    with sqlite3.connect(folder / "force.db") as connection:
        connection.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000")
        written = _converse(connection, talk, now)
        say(f"{written:,} messages written")
        connection.executescript(";".join(indexes))
        connection.commit()
    facts.write_text(json.dumps({**asdict(Force(officers, written, now)), "now": now.isoformat()}))
    return Force(officers, written, now)


def _without_indexes(folder: Path) -> list[str]:
    """Drop the indexes that are no keys, which are made faster afterwards; but those that planning needs. Gives the statements that make them."""
    with sqlite3.connect(folder / "force.db") as connection:
        found = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN "
            "('outbound_message', 'inbound_message', 'response', 'session', 'message_event', 'audit_entry', 'case')"
        ).fetchall()
        for name, _ in found:
            connection.execute(f"DROP INDEX {name}")
    return [sql for _, sql in found]


def _programme(folder: Path) -> str:
    """The shipped programme with a coding scheme, in a folder of its own."""
    source = Path("flows/principles.yaml").read_text(encoding="utf-8")
    programme = load(source, "principles.yaml").programme
    if programme is None:
        raise UsageError("flows/principles.yaml has errors")
    open_texts = sorted({ask.variable for script in scripts(programme).values() for ask in script.asks if ask.is_text})
    source += CODES.format(variables=", ".join(open_texts))
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows" / "principles.yaml").write_text(source, encoding="utf-8")
    return source


# -- officers -------------------------------------------------------------------------------------------------------------


def _enrol(database: Database, vault: Vault, officers: int, source: str) -> Library:
    chance = random.Random(officers)  # noqa: S311 - no secret
    cohorts = -(-officers // COHORT_OF)
    with database.transaction() as tx:
        loaded = load(source, "principles.yaml")
        assert loaded.programme is not None  # noqa: S101 - `_programme` has read it
        publish(tx, loaded, source, "bench", ENROLLED)
        accounts.add(tx, PERSON, PASSWORD, ENROLLED, "bench")
        for role in Role:
            accounts.give_role(tx, PERSON, Grant(role, ""), ENROLLED, "bench")
        for number in range(cohorts):
            dates = {"workshop_date": str(FIRST + timedelta(days=number * WORKSHOPS_IN // cohorts))}
            own = {"id": number + 1, "code": f"grupo-{number + 1:03}", "dates": json.dumps(dates)}
            programme = loaded.programme.programme
            tx.execute(insert(COHORT), {**own, "programme": programme, "timezone": ZONE, "created_at": ENROLLED})
        library = Library(quiet=QUIET)
        library.refresh(tx)
        campaign = next(iter(loaded.programme.campaigns))
    for begin in range(0, officers, _AT_ONCE):
        some = range(begin + 1, min(begin + _AT_ONCE, officers) + 1)
        with database.transaction() as tx:
            tx.execute(insert(CONTACT), [_officer(number, chance) for number in some])
            tx.execute(insert(ASSIGNMENT), [{"contact_id": one, "campaign": campaign, "at": ENROLLED} for one in some])
            tx.execute(insert(NAME.table), [_identity(vault, number) for number in some])
            tx.execute(insert(NUMBER.table), [one for number in some for one in _addresses(vault, number)])
    return library


def _officer(number: int, chance: random.Random) -> dict[str, object]:
    fate = chance.random()
    status = "opted_out" if fate < 0.03 else "blocked" if fate < 0.04 else "active"
    held = 0.04 <= fate < 0.044
    shift = {"on": 24, "off": 48, "from": f"2026-01-{number // 3 % 3 + 1:02}T07:00"} if number % 3 == 0 else None
    return {
        "id": number,
        "study_id": "".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8)),
        "cohort_id": (number - 1) // COHORT_OF + 1,
        "language": "es-MX",
        "timezone": ZONE,
        "channel": "whatsapp",
        "status": status,
        "held_at": ENROLLED if held else None,
        "held_for": "person" if held else None,
        "attributes": json.dumps({"sector": ("norte", "sur", "centro")[number % 3]}),
        "dates": "{}",
        "shift": None if shift is None else json.dumps(shift),
        "consented_at": None if 0.05 <= fate < 0.1 else ENROLLED,
        "opted_out_at": ENROLLED if status == "opted_out" else None,
        "created_at": ENROLLED,
    }


def _identity(vault: Vault, number: int) -> dict[str, object]:
    name = f"{_NAMES[number % 10]} {_FAMILIES[number // 10 % 10]} {_FAMILIES[number // 100 % 10]}"
    return {"contact_id": number, "sealed": vault.seal(json.dumps({"nombre": name}), NAME.context(number))}


def phone(number: int) -> str:
    """The number of an officer, who is a number too."""
    return f"+5255{50_000_000 + number}"


def _addresses(vault: Vault, number: int) -> Iterator[dict[str, object]]:
    own = phone(number)
    for channel in ("whatsapp", "sms"):
        sealed, lookup = vault.seal(own, NUMBER.context(number)), vault.lookup(canonical(channel, own))
        own_row = {"contact_id": number, "channel": channel, "lookup": lookup, "sealed": sealed}
        yield {**own_row, "last_inbound_at": ENROLLED, "created_at": ENROLLED}


def _planned(database: Database, library: Library) -> int:
    with database.transaction() as tx:
        return plan_some(tx, library, QUIET, ENROLLED)


def _moment(database: Database, flows: dict[str, FlowScript], messages: int) -> datetime:
    """The first noon at which about so many messages have been written."""
    day = func.substr(NUDGE.c.planned_for, 1, 10).label("day")
    with database.reading() as tx:
        rows = tx.execute(select(day, NUDGE.c.flow, func.count()).group_by(day, NUDGE.c.flow).order_by(day)).all()
    usual = accumulate(number * flows[flow.split(" | ")[0]].usual_messages for _, flow, number in rows)
    days = [at for (at, _, _), written in zip(rows, usual, strict=True) if written < messages]
    return datetime.combine(date.fromisoformat(days[-1] if days else str(FIRST)), time(18), UTC)


# -- conversations --------------------------------------------------------------------------------------------------------

_PAST = """
SELECT n.id, n.contact_id, n.flow, n.wave, n.status, CAST(strftime('%s', n.planned_for) AS INTEGER),
       c.consented_at IS NOT NULL AND c.status = 'active'
FROM nudge n JOIN contact c ON c.id = n.contact_id WHERE n.planned_for < ? ORDER BY n.planned_for, n.id
"""


def _converse(connection: sqlite3.Connection, talk: Talk, now: datetime) -> int:
    """Make every planned flow of the past a conversation. Gives the number of messages."""
    programme, version = connection.execute("SELECT programme, id FROM flow_version").fetchone()
    talk.begin(programme, version, int(now.timestamp()))
    past = connection.execute(_PAST, (as_text(int(now.timestamp())),))
    while rows := past.fetchmany(_AT_ONCE):
        for nudge in rows:
            talk.about(*nudge)
        talk.flush(connection)
    agreed = "SELECT id FROM contact WHERE consented_at IS NOT NULL AND status = 'active' ORDER BY id"
    talk.finish(key for (key,) in connection.execute(agreed).fetchall())
    talk.flush(connection)
    return talk.messages

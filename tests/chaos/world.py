"""The installation of a chaos run: a programme, officers of whom some sleep, and what is due to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, update

from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, begin
from app.sending.send_policy import Rules
from app.store import conversations
from app.store.contacts import officers
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import Assignment, Cohort, Contact
from app.store.vault import Vault
from tests.acceptance.processes import SECRET, ZONES
from tests.world import enrol, published

QUIET = (21, 9)
"""Quiet hours, as whole local hours."""

TEMPLATE = "HX" + "0" * 31 + "1"
RULES = Rules(quiet=(time(QUIET[0]), time(QUIET[1])), templates={"reporte_apertura": TEMPLATE})
"""The rules of sending, as the processes have them."""

PROGRAMME = """
programme: prueba
title: Programa de prueba
timezone: America/Mexico_City
fields: [sector]
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: "Pausa de {{ dias }} días."
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
  support: "Lo que cuenta es importante. Si está en peligro, llame al 911."
  false_alarm: Leímos su mensaje. Seguimos como antes.
principles:
  voz: {label: Dar voz}
answers:
  si_no: {si: {label: Sí, value: 1}, no: {label: "No", value: 0}}
flows:
  reporte:
    title: Reporte
    kind: report
    principle: voz
    expires: 48h
    steps:
      - ask: contacto
        template: reporte_apertura
        variables: ["{{ nombre }}"]
        text: "{{ nombre }}, ¿tuvo contacto con ciudadanía?"
        answer: si_no
        records: contact_any
      - say: sigue
        text: Van tres preguntas más.
      - ask: situacion
        text: ¿Qué situación fue?
        answer: {choice: {auxilio: Auxilio, detencion: Detención, otro: Otro}}
        records: situation
      - ask: veces
        text: De sus últimos 5 contactos, ¿en cuántos?
        answer: {number: {min: 0, max: 5}}
        records: last_five
      - ask: historia
        text: ¿Cómo le fue?
        answer: text
        records: story
      - say: fin
        text: Gracias, {{ nombre }}.
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {from: "00:05", to: "23:55"}
    spread: 1m
    slots:
      - {weeks: 30-31, per_week: 1, from: [reporte]}
    waves:
      hoy: {suffix: bl, day: 0, flows: [reporte]}
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An officer of the run. `asleep`: it is in the quiet hours where this one lives, for the whole run."""

    contact: int
    number: str
    channel: str
    zone: str
    asleep: bool


def people(database: Database, count: int, chance: Random, now: datetime) -> list[Person]:
    """Enrol so many officers: nine of ten where it is day, the others where it is night. All are due to be written to;
    half of those who sleep have a conversation that began just now, whose messages must wait for the morning."""
    day, night = zones(now)
    with database.transaction() as tx:
        library = published(tx, now, PROGRAMME)
        found = [_person(tx, number, day, night, chance, now) for number in range(count)]
        earlier = datetime(2026, 1, 1, tzinfo=UTC)
        tx.execute(update(Contact).values(created_at=earlier))
        tx.execute(update(Cohort).values(dates='{"workshop_date": "' + _today(day, now).isoformat() + '"}'))
        tx.execute(
            insert(Assignment), [{"contact_id": one.contact, "campaign": "seguimiento", "at": earlier} for one in found]
        )
        _begun(tx, library, [one.contact for one in found if one.asleep][::2], now)
    return found


def zones(now: datetime) -> tuple[list[str], list[str]]:
    """Zones where it is day now and for some hours, and zones where it is night, also by a clock that is some minutes off."""
    hours = {zone: now.astimezone(ZoneInfo(zone)).hour for zone in ZONES}
    day = [zone for zone, hour in hours.items() if QUIET[1] < hour < QUIET[0] - 3]
    night = [zone for zone, hour in hours.items() if hour > QUIET[0] or hour < QUIET[1] - 3]
    return day, night


def is_quiet(zone: str, at: datetime) -> bool:
    """Whether it is in the quiet hours there."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    return hour >= QUIET[0] or hour < QUIET[1]


def _today(day: list[str], now: datetime) -> date:
    """The day on which the wave begins: so early that it has begun everywhere, so late that it is open everywhere."""
    return min(now.astimezone(ZoneInfo(zone)).date() for zone in day)


def _person(tx: Connection, number: int, day: list[str], night: list[str], chance: Random, now: datetime) -> Person:
    asleep = number % 10 == 9
    zone = chance.choice(night if asleep else day)
    channel = chance.choice(("sms", "whatsapp"))
    phone = f"+5255{50000000 + number:08}"
    contact = enrol(tx, Vault(SECRET), now, phone, name=_name(phone), channel=channel)
    tx.execute(update(Contact).where(Contact.id == contact).values(timezone=zone))
    return Person(contact, phone, channel, zone, asleep)


def _name(phone: str) -> str:
    return f"Ficticia{phone[-4:]}"


def _begun(tx: Connection, library: Library, contacts: list[int], now: datetime) -> None:
    changes = Changes()
    for officer in officers(tx, contacts).values():
        begin(Turn(tx, library, changes, now - timedelta(seconds=1), NUDGE), officer, "reporte")
    conversations.write(tx, changes)


def flows(folder: Path) -> Path:
    """The programme as a folder of flow files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prueba.yaml").write_text(PROGRAMME, encoding="utf-8")
    return folder


def roster(file: Path, people: Mapping[str, Person]) -> Path:
    """The officers as the coordination's list has them."""
    rows = [f"{_name(one.number)},{one.number},prueba-1" for one in people.values()]
    file.write_text("\n".join(("nombre,telefono,cohorte", *rows)) + "\n", encoding="utf-8")
    return file

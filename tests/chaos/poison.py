"""Damaged officers: a field that cannot be read, of every kind, and the commands by which an operator mends them."""

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import Connection, select, update

from app.store import sealing
from app.store.database import Database
from app.store.sealing import SESSION_STATE
from app.store.tables import Address, Contact, Session
from tests.chaos.process import Process

FIELDS: Mapping[str, str] = {
    "timezone": "Mars/Phobos",
    "attributes": '{"sector": ',
    "dates": '{"workshop_date": "soon"}',
    "shift": "24x",
}
"""Columns of an officer, with what cannot be read."""

SESSION, ADDRESS = "session", "address"
KINDS = (*FIELDS, SESSION, ADDRESS)


@dataclass(slots=True)
class Damaged:
    """The damaged officers of a run, by contact with what is damaged. `zones` are those that they had before."""

    officers: dict[int, str] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)

    def poison(self, tx: Connection, chance: Random, among: Collection[int], each: int) -> None:
        """Damage some more officers, so many in each way."""
        talking = set(tx.execute(select(Session.contact_id).where(Session.ended_at.is_(None))).scalars())
        for kind in KINDS:
            free = [one for one in among if one not in self.officers and (kind != SESSION or one in talking)]
            for contact in chance.sample(free, min(each, len(free))):
                self.officers[contact] = kind
                self._spoil(tx, contact, kind)

    def _spoil(self, tx: Connection, contact: int, kind: str) -> None:
        if kind == SESSION:
            its = Session.contact_id == contact, Session.ended_at.is_(None)
            newer = sealing.seal(tx, SESSION_STATE, contact, '{"v": 99}')
            tx.execute(update(Session).where(*its).values(state=newer))
        elif kind == ADDRESS:
            tx.execute(update(Address).where(Address.contact_id == contact).values(sealed=b"damaged"))
        else:
            row = Contact.id == contact
            self.zones[contact] = tx.execute(select(Contact.timezone).where(row)).scalar_one()
            tx.execute(update(Contact).where(row).values(**{kind: FIELDS[kind]}))

    async def mend(self, database: Database, process: Process, roster: Path) -> list[str]:
        """Mend everybody as an operator does: with what `trato officers check` advises. Gives what did not come out as it should."""
        with database.reading() as tx:
            study_ids = select(Contact.study_id, Contact.id).where(Contact.id.in_(list(self.officers)))
            ours = {row.study_id: row.id for row in tx.execute(study_ids)}
        _, output, error = await process.trato("officers", "check", "--json")
        found = json.loads(output)
        commands = [
            *[
                (one["study_id"], self._how(ours.get(one["study_id"], 0), one["field"], roster))
                for one in found["damaged"]
            ],
            *[(one["study_id"], ()) for one in found["failed"]],
        ]
        wrong = [f"{study_id} is found damaged, and is not" for study_id, _ in commands if study_id not in ours]
        turns = asyncio.Semaphore(2)
        await asyncio.gather(*[_mend(process, turns, study_id, how) for study_id, how in commands])
        code, output, error = await process.trato("officers", "check")
        return [*wrong, *([f"not mended: {line}" for line in (output + error).splitlines()] if code else [])]

    def _how(self, contact: int, damaged: str, roster: Path) -> tuple[str, ...]:
        if damaged == SESSION:
            return ("--end-session",)
        if damaged == "number":
            return ("--from-roster", str(roster))
        value = {"timezone": self.zones.get(contact, ""), "attributes": "sector=8", "dates": "", "shift": ""}[damaged]
        return ("--field", damaged, "--value", value)


async def _mend(process: Process, turns: asyncio.Semaphore, study_id: str, how: tuple[str, ...]) -> None:
    async with turns:
        await process.trato("officers", "mend", study_id, *how)

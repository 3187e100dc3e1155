"""Officers who answer, and the export of what they said, for the tests of exports."""

import csv
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.exports.package import write
from app.exports.selection import Selection
from app.store.conversations import Changes
from app.store.conversations import write as keep
from app.store.tables import Nudge
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published

ALMA, BRUNO = "+525555550101", "+525555550102"
MEASURING = PROGRAMME.replace(
    "campaigns:\n",
    """  saber:
    title: Conocimiento
    kind: quiz
    steps:
      - ask: neutral
        text: "{{ nombre }}, ¿cuál es neutral?"
        answer:
          choice: {gusto: Según la persona, regla: {label: El mismo criterio con todos, value: 7}}
          missing: [d]
        correct: regla
        records: know_neutral
        level: knowledge
        principle: voz
      - repeat: opina
        text: "Del 1 al 5: {{ item }}"
        answer: {scale: {min: 1, max: 5, labels: {1: Muy en desacuerdo, 5: Muy de acuerdo}}}
        level: internal
        items:
          vale: {text: Vale la pena escuchar., records: att_vale}
          basta: {text: Basta ver a alguien., records: att_basta, reverse: true}
campaigns:
""",
).replace("answer: text", "answer: {text: {}, missing: [r]}")


class Field:
    """Officers, conversations with them, and the export of these."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock, folder: Path) -> None:
        self.tx, self.vault, self.clock, self.folder = tx, vault, clock, folder
        self.library: Library = published(tx, clock(), MEASURING)
        self.alma = enrol(tx, vault, clock(), ALMA)

    def talk(
        self, flow: str, *replies: str, number: str = ALMA, contact: int | None = None, wave: str | None = None
    ) -> int:
        changes = Changes()
        who = officer(self.tx, contact or self.alma)
        session = begin(Turn(self.tx, self.library, changes, self.clock()), who, flow, wave=wave)
        keep(self.tx, changes)
        self.say(*replies, number=number)
        return session

    def say(self, *replies: str, number: str = ALMA) -> None:
        for reply in replies:
            self.clock.advance(minutes=5)
            arrive(self.tx)
            receive(self.tx, self.library, [message(self.vault, number, reply)], self.clock())

    def plan(
        self, flow: str, *, wave: str | None = None, slot: str = "w01.1", contact: int | None = None, **more: object
    ) -> int:
        """A planned flow; its session, if it has one, is `session_id`."""
        now = self.clock()
        row = {
            "contact_id": contact or self.alma,
            "campaign_version_id": self.library.campaigns[self.library.current["prueba"]]["seguimiento"],
            "campaign": "seguimiento",
            "slot": slot,
            "flow": flow,
            "wave": wave,
            "planned_for": now - timedelta(hours=1),
            "due_at": now,
            "closes_at": now + timedelta(days=7),
            "status": "started",
            "created_at": now - timedelta(days=1),
            **more,
        }
        return self.tx.execute(insert(Nudge).returning(Nudge.id), row).scalar_one()

    def tables(self, *names: str, **wanted: object) -> dict[str, list[dict[str, str]]]:
        """An export of these tables as CSV, as they are read."""
        write(self.tx, self.folder, Selection(**{"exact_times": True, **wanted}), tables=names)  # type: ignore[arg-type]
        return {name: self.read(f"{name}.csv") for name in names}

    def export(self, *, bom: bool = False, **wanted: object) -> list[dict[str, str]]:
        write(self.tx, self.folder, Selection(**{"exact_times": True, **wanted}), bom=bom)  # type: ignore[arg-type]
        return self.read("responses.csv")

    def read(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def codebook(self) -> dict[str, dict[str, str]]:
        return {row["variable"]: row for row in self.read("codebook.csv")}

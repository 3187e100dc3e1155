"""A programme with texts of support, whose messages are sent as the sender does, and a person who closes cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from app.cases import closing, reading
from app.cases.closing import Closed
from app.scheduler.nudging import plan_some, start_due
from app.scheduler.waking import wake_due
from app.settings import Settings
from app.store import cases
from app.store.cases import CaseOutcome
from app.store.tables import CASE, Assignment, Contact
from tests.conversations.talking import World
from tests.world import PROGRAMME

SUPPORT, SERIOUS, FALSE_ALARM = "Llame a la línea de apoyo.", "Gracias por contarlo.", "Fue una falsa alarma."
SOURCE = PROGRAMME.replace(
    "notices:\n",
    f"notices:\n  support: {SUPPORT}\n  serious: {SERIOUS}\n  false_alarm: {FALSE_ALARM}\n",
    1,
)
CRISIS, INCIDENT = "ya no quiero vivir", "mi comandante me pide dinero para dejarme descansar"
QUIET = Settings.model_fields["quiet_hours"].default


class Desk(World):
    """The world, with the sender, the clock's jobs and a person."""

    def follow(self, contact: int) -> None:
        self.tx.execute(insert(Assignment), {"contact_id": contact, "campaign": "seguimiento", "at": self.clock()})

    def tick(self) -> None:
        plan_some(self.tx, self.library, QUIET, self.clock())
        while start_due(self.tx, self.library, QUIET, self.clock()):
            pass
        wake_due(self.tx, self.library, self.clock())

    def cases(self) -> list[tuple[Any, ...]]:
        """Officer, reason, number of messages, and outcome of all cases."""
        found = [cases.one(self.tx, key) for key in self.tx.execute(select(CASE.c.id).order_by(CASE.c.id)).scalars()]
        return [(one.contact_id, str(one.reason), one.messages, one.outcome) for one in found if one is not None]

    def case_id(self, contact: int) -> int:
        found = cases.open_of(self.tx, contact)
        assert found is not None
        return found

    def show(self, case: int) -> reading.CaseDetails:
        return self.read(case, "test")

    def read(self, case: int, actor: str) -> reading.CaseDetails:
        return reading.show(self.tx, case, self.clock(), actor)

    def close(self, case: int, outcome: CaseOutcome = CaseOutcome.handled, note: str | None = None) -> Closed:
        self.show(case)
        return self.close_unread(case, outcome, note)

    def close_unread(self, case: int, outcome: CaseOutcome = CaseOutcome.handled, note: str | None = None) -> Closed:
        return closing.close(self.tx, self.library, self.vault, case, outcome, note, self.clock(), "test")

    def set(self, contact: int, **values: Any) -> None:
        self.tx.execute(update(Contact).where(Contact.id == contact).values(**values))

    def row(self, contact: int) -> Any:
        columns = (Contact.status, Contact.held_at, Contact.held_for, Contact.study_id)
        return self.tx.execute(select(*columns).where(Contact.id == contact)).one()

    def go(self, at: datetime) -> None:
        self.clock.at = at

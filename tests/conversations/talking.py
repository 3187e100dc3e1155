"""Officers who talk with a programme, message by message, in one open transaction."""

from typing import Any

from sqlalchemy import Connection, select

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.sending import claiming
from app.sending.claiming import SendContext
from app.sending.send_policy import Rules
from app.store import outbox
from app.store.conversations import Changes, write
from app.store.tables import OUTBOUND, InboundMessage, OutboundMessage, Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published, stored

ALMA, BRUNO, STRANGER = "+525555550101", "+525555550102", "+525555550199"


class World:
    """An open transaction with two officers and a published programme."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock, source: str = PROGRAMME) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        self.library: Library = published(tx, clock(), source)
        self.alma = enrol(tx, vault, clock(), ALMA)
        self.bruno = enrol(tx, vault, clock(), BRUNO, name="Bruno")

    def begin(self, contact: int, flow: str = "reporte") -> int:
        changes = Changes()
        session = begin(Turn(self.tx, self.library, changes, self.clock()), officer(self.tx, contact), flow)
        write(self.tx, changes)
        return session

    def say(self, number: str, *bodies: str, **more: Any) -> list[str]:
        arrive(self.tx)
        arrivals = [message(self.vault, number, body, **more) for body in bodies]
        return [received.outcome for received in receive(self.tx, self.library, arrivals, self.clock())]

    def talk(self, number: str, *bodies: str, **more: Any) -> list[str]:
        """Say one thing after the other, each when what came before it has arrived."""
        return [outcome for body in bodies for outcome in self.say(number, body, **more)]

    @property
    def rules(self) -> Rules:
        """The rules of the sender."""
        return Rules()

    def deliver(self) -> list[str]:
        """Send everything that is due, as the sender does; the first lines of what goes out."""
        context = SendContext("test", "one", self.vault, self.rules, 1000.0)
        sent = []
        while True:
            claimed, jobs = claiming.take(self.tx, context, 50, self.clock())
            outbox.accepted(self.tx, [(job.message.id, f"SM{job.message.id:032x}", 1) for job in jobs], self.clock())
            sent += [job.outgoing.body.partition("\n")[0] for job in jobs]
            if not claimed:
                return sent

    def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        return stored(self.tx, table, *columns)

    def sent(self, contact: int) -> list[str]:
        found = stored(self.tx, OutboundMessage, "body", where=[OUTBOUND.c.contact_id == contact])
        return [body for (body,) in found]

    def sid(self, step: str, kind: str = "ask", contact: int | None = None) -> str:
        """The carrier's name of the latest message of this kind and step, which it gets now if it has none."""
        table = OUTBOUND
        found = select(table.c.id, table.c.sid).where(
            table.c.step == step, table.c.kind == kind, table.c.contact_id == (contact or self.alma)
        )
        row = self.tx.execute(found.order_by(table.c.id.desc())).first()
        assert row is not None, f"{kind} of {step} was never said"
        sid = row.sid or f"SMout{row.id}"
        self.tx.execute(table.update().where(table.c.id == row.id).values(sid=sid))
        return str(sid)

    def responses(self) -> list[tuple[Any, ...]]:
        """Step, what was typed, key, status, and whether it was late, of all responses."""
        return self.rows(Response, "step", "raw", "key", "status", "late")

    def outcomes(self) -> list[str]:
        return [row[0] for row in self.rows(InboundMessage, "outcome")]

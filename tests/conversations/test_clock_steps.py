"""The clock is set back in the middle of a conversation: answers go on, whichever moments of the other clock lie ahead. On both
databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.scheduler import clock_watch
from app.store import outbox
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.tables import OUTBOUND, Response, Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.quick import ALMA, programme
from tests.world import enrol, message, officer, published

STEPS = [timedelta(**by) for by in ({"minutes": -7}, {"hours": -2}, {"days": -2}, {"days": -31})]
ASKED = [
    {"kind": "yes_no", "question": "¿Tuvo contacto?"},
    {"kind": "yes_no", "question": "¿Explicó el motivo?"},
    {"kind": "number", "question": "¿Cuántos?", "min": 0, "max": 5},
]


class Talk:
    """A conversation of three questions, with what the sender and the carrier do at once."""

    def __init__(self, tx: Connection, vault: Vault, clock: StillClock) -> None:
        self.tx, self.vault, self.clock = tx, vault, clock
        self.library: Library = published(tx, clock(), programme(ASKED))
        contact = enrol(tx, vault, clock(), ALMA, consented=False)
        changes = Changes()
        begin(Turn(tx, self.library, changes, clock()), officer(tx, contact), "quick")
        write(tx, changes)

    def goes_out(self) -> None:
        now = self.clock()
        self.tx.execute(
            update(OUTBOUND)
            .where(OUTBOUND.c.sent_at.is_(None))
            .values(sent_at=now, delivered_at=now, status="delivered")
        )

    def says(self, text: str, ago: timedelta | None = None) -> str:
        self.goes_out()
        self.clock.advance(minutes=1)
        sent = {} if ago is None else {"sent_at": self.clock() - ago}
        (found,) = receive(self.tx, self.library, [message(self.vault, ALMA, text, **sent)], self.clock())
        return found.outcome

    def step(self, by: timedelta) -> None:
        self.clock.at += by
        self.noticed = False
        outbox.correct_moments(self.tx, self.clock(), timedelta(minutes=2), timedelta(minutes=20))

    def notices(self, by: timedelta) -> None:
        """The next tick, if there has been none since the step."""
        if not self.noticed:
            clock_watch._note(self.tx, self.clock(), int(by.total_seconds()))
            self.noticed = True

    def values(self) -> list[float | None]:
        found = select(Response.number).where(Response.status == "ok").order_by(Response.id)
        return list(self.tx.execute(found).scalars())


@pytest.mark.parametrize("by", STEPS, ids=str)
@pytest.mark.parametrize("noticed", ["before the next answer", "after it"])
@pytest.mark.parametrize("when", ["before it goes out", "before the first answer", "after the first answer"])
def test_answers_go_on(
    database: Database, vault: Vault, clock: StillClock, by: timedelta, noticed: str, when: str
) -> None:
    with database.transaction() as tx:
        talk = Talk(tx, vault, clock)
        outcomes: list[str] = []
        if when != "before it goes out":
            talk.goes_out()
        if when == "after the first answer":
            outcomes.append(talk.says("sí"))
        talk.step(by)
        for text in ("sí", "sí", "3")[len(outcomes) :]:
            if noticed == "before the next answer":
                talk.notices(by)
            outcomes.append(talk.says(text))
            talk.notices(by)
        assert (outcomes, talk.values()) == (["answer"] * 3, [1, 1, 3])
        assert tx.execute(select(Session.outcome)).scalar_one() == "completed"

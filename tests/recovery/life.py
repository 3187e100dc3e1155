"""A programme lived against the fake carrier's account: the code of the service plans, begins, sends and understands in simulated time,
invented officers answer, and the account has every message of both sides, as Twilio's would."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import httpx
from sqlalchemy import Connection, insert, select

from app.channels.base import Accepted, Inbound, Outgoing, SendResult
from app.channels.twilio.channel import TwilioChannel
from app.flows.quiet_hours import Quiet
from app.rehearsal.behaviour import Behaviour, Crowd, Reply
from app.rehearsal.simulation import Simulation
from app.sending.claiming import SendContext
from app.sending.send_policy import Rules
from app.settings import Settings
from app.store.agenda import Agenda
from app.store.database import Database
from app.store.tables import INBOUND, OUTBOUND, RESPONSE, Assignment
from app.store.vault import Vault
from tests.carrier import Account, Carrier
from tests.conftest import StillClock
from tests.world import enrol, published

ACCOUNT = Account()
QUIET: Quiet = Settings.model_fields["quiet_hours"].default
OTHER_WORDS = ("hola", "quién es usted", "👍", "no entiendo", "PAUSA", "quiero hablar con alguien", "BAJA")


def number(place: int) -> str:
    return f"+5255555501{place:02}"


def begin_life(
    database: Database, vault: Vault, clock: StillClock, carrier: Carrier, officers: int, seed: int
) -> "Life":
    """A programme whose officers begin today; every third still has to consent."""
    with database.transaction() as tx:
        library = published(tx, clock())
        for place in range(officers):
            contact = enrol(tx, vault, clock(), number(place), consented=place % 3 > 0)
            tx.execute(insert(Assignment), {"contact_id": contact, "campaign": "seguimiento", "at": clock()})
    chance = Random(seed)
    context = SendContext("twilio", "life", vault, Rules(QUIET), rate=1e6)
    crowd = Crowd(Behaviour(unreachable=0, no_whatsapp=0.1), chance, clock().date())
    return Life(database, library, context, crowd, QUIET, chance, clock=clock, carrier=carrier)


def channel_to(carrier: Carrier) -> TwilioChannel:
    return TwilioChannel(
        ACCOUNT.sid,
        (ACCOUNT.auth_token,),
        public_url="https://trato.example",
        from_sms=ACCOUNT.sms,
        from_whatsapp=ACCOUNT.whatsapp,
        api_url="https://api.example",
        client=httpx.AsyncClient(transport=httpx.ASGITransport(carrier)),
    )


@dataclass(slots=True)
class Life(Simulation):
    """A simulation whose messages are in a carrier's account. `clock` follows it."""

    clock: StillClock = field(kw_only=True)
    carrier: Carrier = field(kw_only=True)

    def _step(self, tx: Connection, due: Agenda, now: datetime) -> Agenda:
        self.clock.at = now
        return Simulation._step(self, tx, due, now)

    def _accept(self, message: Outgoing) -> SendResult:
        refused = Simulation._accept(self, message)
        if not isinstance(refused, Accepted):
            return refused
        form = dict(channel_to(self.carrier)._fields(message))
        listed = self.carrier.book.create(form)
        listed.status, listed.sent = "delivered", listed.created
        return Accepted(listed.sid, segments=1)

    def _write(self, message: Outgoing, reply: Reply, sid: str, now: datetime) -> None:
        """The reply is in the account from the moment at which it will be written."""
        text = self.chance.choice(OTHER_WORDS) if self.chance.random() < 0.15 else reply.text
        self.say(message.channel, message.to, text, now + reply.after)

    def say(self, channel: str, to: str, text: str, at: datetime) -> None:
        self._number += 1
        author = f"whatsapp:{to.replace('+52', '+521', 1)}" if channel == "whatsapp" else to
        listed = self.carrier.book.receive(author, text, ago=self.clock.at - at)
        written = Inbound(
            sid=listed.sid,
            channel=channel,
            author=listed.sender,
            receiver=listed.receiver,
            body=text,
            form={"From": listed.sender, "To": listed.receiver, "Body": text},
        )
        heapq.heappush(self._replies, (listed.created, self._number, written))


def known(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """The parts of a database that a restore must bring back: messages of both sides, and answers."""
    with database.reading() as tx:
        said = tx.execute(select(INBOUND.c.sid, INBOUND.c.contact_id, INBOUND.c.outcome).order_by(INBOUND.c.sid)).all()
        sent = tx.execute(
            select(OUTBOUND.c.sid, OUTBOUND.c.contact_id, OUTBOUND.c.kind, OUTBOUND.c.flow, OUTBOUND.c.step)
            .where(OUTBOUND.c.sid.is_not(None))
            .order_by(OUTBOUND.c.sid)
        ).all()
        answers = tx.execute(
            select(
                RESPONSE.c.contact_id,
                RESPONSE.c.flow,
                RESPONSE.c.step,
                RESPONSE.c.status,
                RESPONSE.c.value,
                INBOUND.c.sid,
            )
            .select_from(RESPONSE.join(INBOUND, INBOUND.c.id == RESPONSE.c.inbound_id))
            .order_by(RESPONSE.c.contact_id, INBOUND.c.sid, RESPONSE.c.step)
        ).all()
    return {"said": [tuple(r) for r in said], "sent": [tuple(r) for r in sent], "answers": [tuple(r) for r in answers]}


DAY = timedelta(days=1)

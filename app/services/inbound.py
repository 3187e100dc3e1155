"""What becomes of a message from a phone. `receive` takes a batch (one is a batch), is called by the ledger within one
transaction, and finds each message's meaning: the carrier's own opt-out, a keyword, the answer to an open question,
the late answer to an earlier one, or a message when nothing was asked. Whatever it is, the message itself is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Connection

from app.channels.addresses import canonical, is_user_id
from app.channels.base import Inbound
from app.flows import engine
from app.flows.engine import Reply
from app.flows.replies.keywords import keyword
from app.services import keywords
from app.services.library import Library
from app.services.sessions import Turn, contact_of, notice, outbound_row, proceed, response_row, say
from app.store import alerts, contacts, conversations
from app.store.contacts import Officer
from app.store.conversations import Asked, Changes, Values
from app.store.vault import Vault

log = structlog.get_logger(__name__)

QUIET_AFTER_NOTICE = timedelta(hours=12)
"""How long the notice that nothing is open is not repeated to the same officer: two machines must not talk in a loop."""

STRANGER_TEXT = (
    "Este número es de un programa de capacitación y sólo atiende a participantes registrados. "
    "Si usted participa, avise a su coordinación que cambió de número."
)
"""The one answer to an unknown number. Neutral: it says nothing of who takes part, or in what."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one message. `duplicate`: it was kept before, and nothing was done."""

    sid: str
    outcome: str
    contact_id: int | None = None

    @property
    def duplicate(self) -> bool:
        """Whether the message had come before."""
        return self.outcome == "duplicate"


@dataclass(frozen=True, slots=True)
class UserId:
    """A WhatsApp user id that comes with a message. `seal` seals it as an officer's address."""

    lookup: str
    seal: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message with what the edge worked out outside of the transaction: the sender's keyed hash, the sealed form. `ids` are
    the sender's user ids; `number` is the keyed hash of the number that comes with a user id, "" if none does."""

    message: Inbound
    lookup: str
    sealed: bytes
    ids: tuple[UserId, ...] = ()
    number: str = ""

    @classmethod
    def of(cls, message: Inbound, vault: Vault) -> "Arrival":
        """Prepare a message for the ledger."""
        sender = canonical(message.channel, message.sender)
        also = [canonical(message.channel, other) for other in message.also]
        return cls(
            message,
            vault.lookup(sender),
            vault.seal(orjson.dumps(dict(message.form)).decode(), f"inbound:{message.sid}"),
            tuple([_user_id(one, vault) for one in (sender, *also) if is_user_id(one)]) if also or is_user_id(sender) else (),
            next((vault.lookup(one) for one in also if not is_user_id(one)), ""),
        )

    @property
    def lookups(self) -> tuple[str, ...]:
        """Every hash by which the sender may be known."""
        return (self.lookup, *[one.lookup for one in self.ids], *([self.number] if self.number else []))


def _user_id(plain: str, vault: Vault) -> UserId:
    return UserId(vault.lookup(plain), lambda contact: vault.seal(plain, f"address:{contact}"))


Handler = Callable[[Connection, Sequence[Arrival], datetime], Sequence[Received]]


def receiver(library: Library) -> Handler:
    """The ledger's handler for inbound messages."""

    def handle(tx: Connection, arrivals: Sequence[Arrival], now: datetime) -> Sequence[Received]:
        return receive(tx, library, arrivals, now)

    return handle


def receive(tx: Connection, library: Library, arrivals: Sequence[Arrival], now: datetime) -> list[Received]:
    """Handle a batch in its order. A message that was kept before changes nothing."""
    batch = _Batch.load(tx, library, arrivals, now)
    received = [batch.handle(arrival) for arrival in arrivals]
    conversations.write(tx, batch.changes)
    for channel, lookups in batch.heard.items():
        contacts.heard_from(tx, channel, lookups, now)
    return received


class _Batch:
    """The officers, questions and earlier messages that a batch needs, read in a few statements."""

    def __init__(self, tx: Connection, library: Library, now: datetime) -> None:
        self.tx, self.library, self.now = tx, library, now
        self.changes = Changes()
        self.seen: set[str] = set()
        self.owners: dict[str, int] = {}
        self.officers: dict[int, Officer] = {}
        self.quoted: dict[str, Asked] = {}
        self.answered_strangers: set[str] = set()
        self.heard: dict[str, set[str]] = {}

    @classmethod
    def load(cls, tx: Connection, library: Library, arrivals: Sequence[Arrival], now: datetime) -> "_Batch":
        batch = cls(tx, library, now)
        lookups = {lookup for arrival in arrivals for lookup in arrival.lookups}
        batch.owners = contacts.owners(tx, lookups)
        # The rows of the officers are locked before the check for duplicates: another process that is handling the
        # same message is through by then, and its message is seen.
        batch.officers = contacts.officers(tx, set(batch.owners.values()))
        batch.seen = conversations.known_sids(tx, [arrival.message.sid for arrival in arrivals])
        quoted = {arrival.message.quoted_sid for arrival in arrivals if arrival.message.quoted_sid}
        batch.quoted = conversations.asked_by_sid(tx, quoted)
        batch.answered_strangers = conversations.strangers_answered(tx, lookups - batch.owners.keys())
        return batch

    def handle(self, arrival: Arrival) -> Received:
        message = arrival.message
        if message.sid in self.seen:
            return Received(message.sid, "duplicate")
        self.seen.add(message.sid)
        officer, disputed = self.sender(arrival)
        turn = Turn(self.tx, self.library, self.changes, self.now, inbound_sid=message.sid, channel=message.channel)
        row = self.row(arrival, officer)
        if officer is None:
            self.stranger(turn, arrival)
        else:
            row["session_id"], row["step"] = (officer.session.id, officer.session.step) if officer.session else (None, None)
            self.heard.setdefault(message.channel, set()).add(arrival.lookup)
            self.officer(turn, officer, message, row)
        row["outcome"], row["needs_person"] = turn.outcome, turn.needs_person or disputed
        self.changes.inbound.append(row)
        return Received(message.sid, turn.outcome, officer.id if officer else None)

    def sender(self, arrival: Arrival) -> tuple[Officer | None, bool]:
        """Who wrote, and whether the carrier's word on that disagrees with ours. `From` decides: it is where we would answer.
        A user id that comes with an officer's number is one more address of that officer; a number that comes with an
        officer's user id is not, for a change of number is confirmed by a person."""
        owner = self.owners.get(arrival.lookup) or self.owners.get(arrival.number)
        if owner is None:
            return None, False
        disputed = False
        for user_id in arrival.ids:
            if user_id.lookup not in self.owners:
                self.owners[user_id.lookup] = owner
                self.changes.addresses.append(
                    {
                        "contact_id": owner, "channel": arrival.message.channel, "lookup": user_id.lookup,
                        "sealed": user_id.seal(owner), "last_inbound_at": self.now, "created_at": self.now,
                    }
                )
            disputed = disputed or self.owners[user_id.lookup] != owner
        if disputed and alerts.ring(self.tx, "address_disputed", f"contact:{owner}", self.now):
            log.error("the carrier says that an officer's number is another officer's account", contact=owner)
        return self.officers.get(owner), disputed

    def row(self, arrival: Arrival, officer: Officer | None) -> Values:
        message = arrival.message
        return {
            "sid": message.sid, "contact_id": officer.id if officer else None, "lookup": arrival.lookup,
            "channel": message.channel, "body": message.body, "button": message.button,
            "media": orjson.dumps(message.media).decode() if message.media else "[]", "quoted_sid": message.quoted_sid,
            "sealed": arrival.sealed, "session_id": None, "step": None, "received_at": self.now,
        }

    def stranger(self, turn: Turn, arrival: Arrival) -> None:
        """An unknown number: kept, visible, answered once."""
        turn.outcome, turn.needs_person = "unknown_sender", True
        if arrival.lookup in self.answered_strangers or arrival.message.opt_out:
            return
        self.answered_strangers.add(arrival.lookup)
        self.changes.outbound.append(
            outbound_row(
                turn, contact_id=None, step="stranger", kind="notice", channel=arrival.message.channel, body=STRANGER_TEXT
            )
        )

    def officer(self, turn: Turn, officer: Officer, message: Inbound, row: Values) -> None:
        """Find what a known officer's message means, the most certain meaning first."""
        if message.opt_out and keywords.carrier_opt_out(turn, officer, message.opt_out, message.body):
            return
        if not _payload(message.button or "") and (word := keyword(message.body)) and keywords.obey(turn, officer, word):
            return
        if not officer.may_be_written_to:
            turn.outcome = "opted_out"
        elif (asked := self.meant(officer, message)) and not _is_open(officer, asked):
            self.late(turn, officer, message, asked)
            row["session_id"], row["step"] = asked.session_id, asked.step
        elif asked is None and message.button and _payload(message.button):
            # A button of ours, of a question that was never put to this officer: not an answer to anything.
            turn.outcome, turn.needs_person = "late", True
        elif officer.session is not None:
            proceed(turn, officer, _reply(message))
        else:
            self.nothing_open(turn, officer)

    def meant(self, officer: Officer, message: Inbound) -> Asked | None:
        """The question that a button or a quotation names."""
        if message.button and (named := _payload(message.button)):
            return conversations.asked_in(self.tx, officer.id, named[0], named[1])
        return self.quoted.get(message.quoted_sid or "")

    def late(self, turn: Turn, officer: Officer, message: Inbound, asked: Asked) -> None:
        """The answer to a question that is no longer waited for: recorded as late, never taken for another's."""
        turn.outcome = "late"
        book = self.library.book(self.tx, asked.flow_version_id)
        response = engine.late_response(
            book, asked.flow, asked.step, contact_of(officer), _reply(message), asked.asked_at, self.now
        )
        if response is None or asked.contact_id != officer.id:  # the quoted message may be another officer's
            turn.needs_person = True
            return
        turn.needs_person = response.status == "unclear"
        self.changes.responses.append(response_row(turn, officer, asked, response, late=True))

    def nothing_open(self, turn: Turn, officer: Officer) -> None:
        """A message when nothing was asked: kept for a person, and answered once in a while."""
        turn.outcome, turn.needs_person = "nothing_open", True
        said = conversations.said_lately(
            self.tx, officer.id, "notice", "nothing_open", self.now, QUIET_AFTER_NOTICE
        ) or any(row["contact_id"] == officer.id and row["step"] == "nothing_open" for row in self.changes.outbound)
        if not said and (text := notice(turn, officer, "nothing_open")):
            say(turn, officer, "nothing_open", text)


def _is_open(officer: Officer, asked: Asked) -> bool:
    session = officer.session
    return session is not None and session.id == asked.session_id and session.step == asked.step


def payload(session: int, step: str, key: str) -> str:
    """What a button carries, so that pressing it later still finds its question."""
    return f"t1:{session}:{step}:{key}"


def _payload(button: str) -> tuple[int, str, str] | None:
    version, _, rest = button.partition(":")
    session, _, rest = rest.partition(":")
    step, _, key = rest.partition(":")
    return (int(session), step, key) if version == "t1" and session.isdecimal() and len(session) < 19 and key else None


def _reply(message: Inbound) -> Reply:
    """What the engine is told. The button of a template carries what was approved with it: an option's key, at best."""
    named = _payload(message.button) if message.button else None
    return Reply(message.body, named[2] if named else message.button, tuple([kind for _, kind in message.media]))

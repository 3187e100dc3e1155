"""Inbound messages. The ledger calls `receive` with a batch of them in one transaction; it stores each message once, with its
files, and hands it to `understanding`. Messages from unknown numbers are stored too, and answered once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app import spans
from app.channels import sealed_form
from app.channels.addresses import canonical, is_user_id
from app.channels.base import Inbound, MessageKind
from app.conversations.late import QUIET_AFTER_NOTICE
from app.conversations.library import Library
from app.conversations.sessions import SEEN_AFTER, Turn, close, need, new_message, wordings, write_batch
from app.conversations.understanding import is_danger, lets_out, understand, understand_damaged
from app.flows.engine.asides import DANGER_TOLD_AGAIN
from app.flows.language.notices import Notices
from app.flows.replies.acts import act_of
from app.flows.replies.message import ActKind
from app.measures import INBOUND_LAG_SECONDS
from app.store import (
    alerts,
    carrier_deletions,
    cases,
    contacts,
    conversations,
    dead_letters,
    deferred,
    lookups,
    questions,
    suppression,
)
from app.store.cases import CaseReason
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.deferred import NewDeferred
from app.store.holds import SUPPORT
from app.store.lookups import Moved
from app.store.questions import AskedQuestion, Said, SentMessage
from app.store.records import NewAddress, NewFile, NewInbound
from app.store.vault import Vault

log = structlog.get_logger(__name__)

ERASED = "erased"
"""The outcome of a message from somebody who was erased."""

STRANGER_TEXT = str(Notices.model_fields["stranger"].default)
"""The one answer to an unknown number that wrote to a number of several programmes."""


@dataclass(frozen=True, slots=True)
class Received:
    """The outcome of one message. `duplicate`: it was stored before, and nothing was done."""

    sid: str
    outcome: str
    contact_id: int | None = None

    @property
    def duplicate(self) -> bool:
        """Whether the message was stored before."""
        return self.outcome == "duplicate"


@dataclass(frozen=True, slots=True)
class UserId:
    """A WhatsApp user id that comes with a message. `seal` seals it as an officer's address."""

    lookup: str
    seal: Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message with what is computed outside of the transaction: the author's keyed hash and the sealed form. `ids` are
    the author's user ids; `number` is the keyed hash of the number that comes with a user id, or "". `seal` seals the whole
    message, to defer it; `deferred` is the row of one that has been. `moved` are the author's hashes of before a change of keys."""

    message: Inbound
    lookup: str
    sealed: bytes
    ids: tuple[UserId, ...] = ()
    number: str = ""
    seal: Callable[[], bytes] = bytes
    deferred: int | None = None
    moved: tuple[Moved, ...] = ()

    @classmethod
    def of(cls, message: Inbound, vault: Vault, deferred_row: int | None = None) -> "Arrival":
        """Prepare a message for the ledger."""
        author = canonical(message.channel, message.author)
        also = [canonical(message.channel, other) for other in message.also]
        return cls(
            message,
            vault.lookup(author),
            vault.seal(sealed_form.dump(message), f"inbound:{message.sid}"),
            tuple([_user_id(one, vault) for one in (author, *also) if is_user_id(one)])
            if also or is_user_id(author)
            else (),
            next((vault.lookup(one) for one in also if not is_user_id(one)), ""),
            lambda: vault.seal(sealed_form.dump_message(message), deferred.purpose(message.sid)),
            deferred_row,
            tuple(lookups.moved(vault, [author, *also])),
        )

    @property
    def lookups(self) -> tuple[str, ...]:
        """Every hash under which the author may be stored."""
        return (self.lookup, *[one.lookup for one in self.ids], *([self.number] if self.number else []))


def _user_id(plain: str, vault: Vault) -> UserId:
    return UserId(vault.lookup(plain), lambda contact: vault.seal(plain, f"address:{contact}"))


Handler = Callable[[Connection, Sequence[Arrival], datetime], Sequence[Received]]


def receiver(library: Library, seen_after: timedelta = SEEN_AFTER) -> Handler:
    """The ledger's handler for inbound messages. `seen_after`: how long after it was sent a message of ours of which no delivery is
    reported can have been seen."""

    def handle(tx: Connection, arrivals: Sequence[Arrival], now: datetime) -> Sequence[Received]:
        received = receive(tx, library, arrivals, now, seen_after)
        for arrival, one in zip(arrivals, received, strict=True):
            if arrival.message.sent_at is not None and not one.duplicate:
                INBOUND_LAG_SECONDS.observe((now - arrival.message.sent_at).total_seconds())
        return received

    return handle


def receive(
    tx: Connection,
    library: Library,
    arrivals: Sequence[Arrival],
    now: datetime,
    seen_after: timedelta = SEEN_AFTER,
) -> list[Received]:
    """Handle a batch in order. A message that was stored before changes nothing. A BAJA is obeyed, and a danger
    is acted on, even if nothing else can be done for an officer whose row or session is damaged. A message of an officer whose row another transaction holds is deferred, and
    so are those that follow it, until it has been handled."""
    try:
        return _receive(tx, library, arrivals, now, seen_after)
    except DBAPIError:
        raise
    except Exception as error:
        if len(arrivals) != 1 or not (lets_out(arrivals[0].message) or is_danger(arrivals[0].message)):
            raise
        log.warning("a message of a damaged officer that cannot wait", error=dead_letters.describe(error))
        return _receive(tx, library, arrivals, now, seen_after, damaged=True)


def _receive(
    tx: Connection,
    library: Library,
    arrivals: Sequence[Arrival],
    now: datetime,
    seen_after: timedelta,
    *,
    damaged: bool = False,
) -> list[Received]:
    batch = _Batch.load(tx, library, arrivals, now, seen_after)
    received = [_handled(batch, arrival, damaged=damaged) for arrival in arrivals]
    write_batch(tx, library, batch.changes, now)
    for channel, heard in batch.heard.items():
        contacts.heard_from(tx, channel, heard, now)
    contacts.heard_earlier(tx, batch.heard_earlier)
    deferred.save(tx, batch.put_off)
    deferred.remove(tx, batch.taken_up)
    return received


def _handled(batch: "_Batch", arrival: Arrival, *, damaged: bool) -> Received:
    with spans.within("turn") as span:
        received = batch.handle(arrival, damaged=damaged)
        span.set("trato.channel", arrival.message.channel)
        span.set("trato.kind", arrival.message.kind)
        span.set("trato.outcome", received.outcome)
    return received


class _Batch:
    """A batch, with the officers, questions and earlier messages that it needs, read in a few statements."""

    def __init__(self, tx: Connection, library: Library, now: datetime, seen_after: timedelta) -> None:
        self.tx, self.library, self.now, self.seen_after = tx, library, now, seen_after
        self.changes = Changes()
        self.seen: set[str] = set()
        self.owners: dict[str, int] = {}
        self.officers: dict[int, Officer] = {}
        self.said: dict[int, list[Said]] = {}
        self.quoted: dict[str, AskedQuestion | SentMessage] = {}
        self.answered_strangers: set[str] = set()
        self.heard: dict[str, set[str]] = {}
        self.heard_earlier: list[tuple[str, str, datetime]] = []
        self.queues: dict[int, list[int]] = {}
        self.put_off: list[NewDeferred] = []
        self.taken_up: list[int] = []

    @classmethod
    def load(
        cls, tx: Connection, library: Library, arrivals: Sequence[Arrival], now: datetime, seen_after: timedelta
    ) -> "_Batch":
        batch = cls(tx, library, now, seen_after)
        lookups.adopt(tx, {moved for arrival in arrivals for moved in arrival.moved})
        authors = {lookup for arrival in arrivals for lookup in arrival.lookups}
        batch.owners = contacts.owners(tx, authors)
        # The rows of the officers are locked before the check for duplicates: another process that is handling the
        # same message is through by then, and its message is seen.
        batch.officers = contacts.free_officers(tx, set(batch.owners.values()))
        batch.queues = deferred.queues(tx, set(batch.owners.values()))
        batch.seen = conversations.known_sids(tx, [arrival.message.sid for arrival in arrivals])
        sessions = [officer.session.id for officer in batch.officers.values() if officer.session is not None]
        batch.said = questions.said_in(tx, sessions, now)
        quoted = {arrival.message.quoted_sid for arrival in arrivals if arrival.message.quoted_sid}
        batch.quoted = questions.quoted(tx, quoted)
        batch.answered_strangers = conversations.strangers_answered(tx, authors - batch.owners.keys())
        return batch

    def handle(self, arrival: Arrival, *, damaged: bool = False) -> Received:
        """Handle one message. `damaged`: it is a BAJA or about safety, and is acted on without reading the officer's session or attributes."""
        message, owner = arrival.message, self.owner(arrival)
        if message.sid in self.seen:
            self.leave_queue(arrival)
            return Received(message.sid, "duplicate")
        self.seen.add(message.sid)
        if owner is not None and self.must_wait(arrival, owner):
            return self.defer(arrival, owner)
        self.leave_queue(arrival)
        officer, disputed = self.sender(arrival)
        turn = Turn(
            self.tx,
            self.library,
            self.changes,
            self.now,
            inbound_sid=message.sid,
            channel=message.channel,
            written_at=message.sent_at,
            said=self.said,
            seen_after=self.seen_after,
            words=message.body,
            lookups=arrival.lookups,
        )
        if officer is None and self.is_erased(arrival):
            return self.tombstone(turn, arrival)
        if officer is None:
            self.stranger(turn, arrival)
        elif damaged:
            self.hear(turn, arrival)
            understand_damaged(turn, officer, message)
        else:
            close(turn, officer)
            if officer.session is not None:
                turn.question = officer.session.id, officer.session.step
            self.hear(turn, arrival)
            understand(turn, officer, message, self.quoted.get(message.quoted_sid or ""))
        if disputed and not turn.needs_person:
            turn.needs_person, turn.reason = True, CaseReason.number
        if turn.needs_person:
            need(turn, officer.id if officer else None, arrival.lookup)
        self.changes.inbound.append(self.record(turn, arrival, officer))
        if message.media:
            self.changes.media.extend(_files(message, self.now))
        return Received(message.sid, turn.outcome, officer.id if officer else None)

    def is_erased(self, arrival: Arrival) -> bool:
        """Whether the author was erased, and does not seem to be in danger now."""
        message = arrival.message
        authors = [canonical(message.channel, one) for one in (message.author, *message.also)]
        return bool(suppression.among(self.tx, authors)) and not is_danger(message)

    def tombstone(self, turn: Turn, arrival: Arrival) -> Received:
        """Nothing but the id and the moment of a message from somebody who was erased. The carrier is to delete it."""
        turn.outcome = ERASED
        bare = replace(arrival.message, body="", media=(), button=None, quoted_sid=None)
        self.changes.inbound.append(self.record(turn, replace(arrival, message=bare, lookup="", sealed=b""), None))
        carrier_deletions.add(self.tx, [bare.sid], self.now)
        return Received(bare.sid, turn.outcome)

    def owner(self, arrival: Arrival) -> int | None:
        """The contact id of the author."""
        return self.owners.get(arrival.lookup) or self.owners.get(arrival.number)

    def must_wait(self, arrival: Arrival, owner: int) -> bool:
        """Whether the officer's row is not ours, or an earlier message of theirs waits."""
        queue = self.queues.get(owner, [])
        return owner not in self.officers or (
            bool(queue) and arrival.deferred != queue[0] and (arrival.deferred is None or arrival.deferred in queue)
        )

    def defer(self, arrival: Arrival, owner: int) -> Received:
        """Leave a message to `DeferredMessages`. One that was deferred before keeps its row."""
        message = arrival.message
        if arrival.deferred is None:
            self.put_off.append(NewDeferred(message.sid, owner, arrival.seal(), message.sent_at or self.now))
        return Received(message.sid, "deferred", owner)

    def leave_queue(self, arrival: Arrival) -> None:
        """A deferred message has been handled."""
        if arrival.deferred is not None:
            self.taken_up.append(arrival.deferred)
            for queue in self.queues.values():
                if arrival.deferred in queue:
                    queue.remove(arrival.deferred)

    def sender(self, arrival: Arrival) -> tuple[Officer | None, bool]:
        """The author, and whether the carrier's data contradict ours. `From` decides: replies go there. A user id that comes
        with an officer's number is one more address of that officer; a number that comes with an officer's user id is not: a
        person confirms a change of number."""
        owner = self.owner(arrival)
        if owner is None:
            return None, False
        disputed = False
        for user_id in arrival.ids:
            if user_id.lookup not in self.owners:
                self.owners[user_id.lookup] = owner
                self.changes.addresses.append(
                    NewAddress(
                        contact_id=owner,
                        channel=arrival.message.channel,
                        lookup=user_id.lookup,
                        sealed=user_id.seal(owner),
                        last_inbound_at=arrival.message.sent_at or self.now,
                        created_at=self.now,
                    )
                )
            disputed = disputed or self.owners[user_id.lookup] != owner
        if disputed and alerts.ring(self.tx, "address_disputed", f"contact:{owner}", self.now):
            log.error(
                "the carrier says that an officer's number is another officer's account", officer=self._study_id(owner)
            )
        return self.officers.get(owner), disputed

    def _study_id(self, contact: int) -> str | None:
        known = self.officers.get(contact)
        return None if known is None else known.study_id

    def record(self, turn: Turn, arrival: Arrival, officer: Officer | None) -> NewInbound:
        message = arrival.message
        session, step = turn.question
        return NewInbound(
            sid=message.sid,
            contact_id=officer.id if officer else None,
            lookup=arrival.lookup,
            channel=message.channel,
            kind=message.kind,
            body=message.body,
            characters=len(message.body),
            button=message.button,
            media=orjson.dumps(message.media).decode() if message.media else None,
            quoted_sid=message.quoted_sid,
            sealed=arrival.sealed,
            session_id=session,
            step=step,
            received_at=turn.said_at,
            caught_up_at=None if message.sent_at is None else self.now,
            programme=message.programme or None,
            outcome=turn.outcome,
            act=turn.act.kind if turn.act else None,
            act_rule=turn.act.rule if turn.act else None,
            needs_person=turn.needs_person,
        )

    def hear(self, turn: Turn, arrival: Arrival) -> None:
        """Record when an officer wrote: WhatsApp's window starts there."""
        channel = arrival.message.channel
        if turn.written_at is None:
            self.heard.setdefault(channel, set()).add(arrival.lookup)
        else:
            self.heard_earlier.append((channel, arrival.lookup, turn.said_at))

    def stranger(self, turn: Turn, arrival: Arrival) -> None:
        """A message from an unknown number: answered once, unless it is old."""
        message = arrival.message
        turn.outcome, turn.needs_person, turn.reason = "unknown_sender", True, CaseReason.unknown_number
        if message.kind is not MessageKind.reaction:
            turn.act = act_of(message.body, extra=wordings(turn, _programme_of(turn, message.programme)))
        if turn.act is not None and turn.act.kind in (ActKind.crisis, ActKind.serious):
            self.endangered(turn, arrival, turn.act.kind)
            return
        old = turn.now - turn.said_at >= QUIET_AFTER_NOTICE
        if arrival.lookup in self.answered_strangers or message.opt_out or message.kind is MessageKind.reaction or old:
            return
        self.answered_strangers.add(arrival.lookup)
        self.say_to_stranger(
            turn, message, "stranger", _stranger_text(turn, message.programme, "stranger") or STRANGER_TEXT
        )

    def endangered(self, turn: Turn, arrival: Arrival, danger: ActKind) -> None:
        """A crisis, or a serious incident, of somebody whose number we do not know: a person, and the text of support at once."""
        turn.outcome, turn.reason = danger, CaseReason(danger)
        alerts.ring(turn.tx, danger, cases.subject(None, arrival.lookup), turn.now)
        text = _stranger_text(turn, arrival.message.programme, SUPPORT) if danger is ActKind.crisis else None
        if text and not self.supported(arrival.lookup):
            self.say_to_stranger(turn, arrival.message, SUPPORT, text)

    def supported(self, lookup: str) -> bool:
        """Whether a stranger has just had the text of support."""
        sids = {one.sid for one in self.changes.inbound if one.lookup == lookup}
        return any(one.step == SUPPORT and one.inbound_sid in sids for one in self.changes.outbound) or (
            conversations.supported_lately(self.tx, lookup, self.now, DANGER_TOLD_AGAIN)
        )

    def say_to_stranger(self, turn: Turn, message: Inbound, name: str, text: str) -> None:
        self.changes.outbound.append(new_message(turn, step=name, kind="notice", channel=message.channel, body=text))


def _stranger_text(turn: Turn, programme: str, name: str) -> str | None:
    """A notice of the programme that owns the number, or of the only programme. None if there is no such notice."""
    latest = turn.library.latest(turn.tx, _programme_of(turn, programme))
    wording = latest[1].notices.get(name) if latest else None
    return None if latest is None or wording is None else wording.of(latest[1].definition.language).render({})


def _programme_of(turn: Turn, programme: str) -> str:
    """The programme that owns the number, or the only one; "" if neither is known."""
    current = turn.library.published
    return next(iter(current)) if not programme and len(current) == 1 else programme


def _files(message: Inbound, now: datetime) -> list[NewFile]:
    """The files that came with a message."""
    return [
        NewFile(message.sid, position, content_type, now) for position, (_, content_type) in enumerate(message.media, 1)
    ]

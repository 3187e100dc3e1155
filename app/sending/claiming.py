"""From the outbox to messages ready to send: claims what is due within each sender's rate, decides on each message, and
opens address and name for those that go out. Runs in the ledger's thread, in one transaction, so that the decision and
the claim are one: an officer who opts out a moment later is seen the next time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.channels.addresses import canonical
from app.channels.base import ErrorClass
from app.errors import ConfigurationError
from app.sending import outcomes
from app.sending.composing import compose
from app.sending.outcomes import Job
from app.sending.send_policy import (
    HANDOVER,
    Cancel,
    Expire,
    Fail,
    Redirect,
    Rules,
    Send,
    Wait,
    decide,
    in_window,
    may_be_stale,
    validity,
)
from app.store import contacts, delivery, loops, our_numbers, outbox, pauses, resends, sweeps
from app.store.delivery import Receiver
from app.store.our_numbers import OwnNumbers
from app.store.outbox import Claimed, Lane
from app.store.resends import Course
from app.store.vault import Vault

log = structlog.get_logger(__name__)

LEASE = HANDOVER
"""How long a claimed message is its sender's: longer than the longest POST."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a sender works with: the carrier's name, its own, the keys, the rules, and messages a second of one number.
    `swept`: nothing goes out unasked until it is known what officers have written. `own` are the programmes that have a number
    of their own, by channel. `sends_by` are the channels on which there is a number to send from: addresses on others are as
    good as none."""

    carrier: str
    owner: str
    vault: Vault
    rules: Rules
    rate: float
    swept: bool = False
    own: OwnNumbers = field(default_factory=dict)
    sends_by: frozenset[str] = frozenset({"sms", "whatsapp"})

    def sender(self, lane: Lane) -> str:
        """The bucket's name of the number that sends what is in a lane."""
        return our_numbers.name(self.carrier, lane.channel, lane.programme or "")


def take(tx: Connection, desk: Desk, room: int, now: datetime) -> tuple[int, list[Job]]:
    """Claim up to `room` messages and decide on each: (how many were claimed, those that are to be sent now)."""
    if pauses.is_stopped(tx):
        return 0, []
    jobs: list[Job] = []
    claimed = 0
    lanes = outbox.due(tx, now, outbox.lanes(desk.own))
    if desk.swept and lanes and not sweeps.is_current(tx, now):
        lanes = [lane for lane in lanes if lane.priority == 0]
    our_numbers.lock(tx, {desk.sender(lane) for lane in lanes})
    for lane in lanes:
        sender = desk.sender(lane)
        tokens = our_numbers.take_tokens(tx, sender, desk.rate, now, room - len(jobs))
        messages = outbox.claim(tx, now, desk.owner, lane, tokens, LEASE, sender)
        begun = [_by(job, sender, lane) for job in _begin(tx, desk, messages, sender, now)]
        our_numbers.return_tokens(tx, sender, tokens - len(begun))
        jobs.extend(begun)
        claimed += len(messages)
    return claimed, jobs


def _by(job: Job, sender: str, lane: Lane) -> Job:
    """A message by the number of its lane."""
    outgoing = replace(job.outgoing, programme=lane.programme) if lane.programme else job.outgoing
    return replace(job, sender=sender, outgoing=outgoing)


def _begin(tx: Connection, desk: Desk, messages: Sequence[Claimed], sender: str, now: datetime) -> list[Job]:
    _stop_loops(tx, messages, now)
    known = _Known(
        delivery.receivers(tx, {one.contact_id for one in messages if one.contact_id is not None}),
        resends.courses(tx, [one.id for one in messages if one.contact_id is not None and may_be_stale(one, now)]),
    )
    jobs = []
    for message in messages:
        found = _prepare(tx, desk, message, known, now)
        if isinstance(found, Job):
            jobs.append(found)
        else:
            outcomes.put_back(tx, message, found, sender, now)
    return jobs


@dataclass(frozen=True, slots=True)
class _Known:
    """What deciding on a batch needs: receivers by contact, and, of messages that may be stale, what has happened since."""

    receivers: Mapping[int, Receiver]
    courses: Mapping[int, Course]


def _stop_loops(tx: Connection, messages: Sequence[Claimed], now: datetime) -> None:
    """Put officers on hold who would get the same message once more than is sensible, before anything is decided."""
    for contact in loops.looping(tx, messages, now):
        contacts.hold(tx, contact, now)


def _prepare(
    tx: Connection, desk: Desk, message: Claimed, known: _Known, now: datetime
) -> Job | Wait | Redirect | Cancel | Expire | Fail:
    """One message that cannot be prepared must not hold up the others; a wrong key must not fail them all."""
    try:
        if message.contact_id is None:
            return _for_stranger(tx, desk, message, now)
        receiver = known.receivers.get(message.contact_id)
        return (
            Cancel("erased")
            if receiver is None
            else _for_officer(desk, message, receiver, known.courses.get(message.id), now)
        )
    except ConfigurationError:
        return Fail(ErrorClass.operator)
    except (ValueError, LookupError, TypeError) as error:
        log.warning("a message cannot be prepared", message=message.uid, error=type(error).__name__)
        return Fail(ErrorClass.bug)


def _for_officer(
    desk: Desk, message: Claimed, receiver: Receiver, course: Course | None, now: datetime
) -> Job | Wait | Redirect | Cancel | Expire | Fail:
    receiver = replace(receiver, places=tuple([place for place in receiver.places if place.channel in desk.sends_by]))
    decision = decide(message, receiver, desk.rules, now, course)
    if not isinstance(decision, Send):
        return decision
    outgoing = compose(
        message,
        desk.vault.open(decision.place.sealed, f"address:{receiver.contact_id}"),
        identity_of(receiver, desk.vault),
        decision.content_sid,
        desk.rules.templates,
        validity(message, receiver.timezone, desk.rules, now, course),
    )
    dressed = decision.content_sid is None and outgoing.content_sid is not None
    return Job(message, outgoing, "", decision.place, receiver.places, dressed)


def _for_stranger(tx: Connection, desk: Desk, message: Claimed, now: datetime) -> Job | Fail:
    """The one answer to an unknown number, which has written just before."""
    if message.channel == "whatsapp" and not in_window(message.created_at, now):
        return Fail(ErrorClass.change)
    to = stranger_address(tx, message, desk.vault)
    outgoing = compose(message, to, {}, None, {}, validity(message, None, desk.rules, now))
    return Job(message, outgoing, "")


def identity_of(receiver: Receiver, vault: Vault) -> dict[str, str]:
    """What we may call an officer; empty if the identity has been deleted. Raises ConfigurationError."""
    if receiver.identity is None:
        return {}
    opened = json.loads(vault.open(receiver.identity, f"identity:{receiver.contact_id}"))
    return {name: str(value) for name, value in opened.items()}


def stranger_address(tx: Connection, message: Claimed, vault: Vault) -> str:
    """The address of an unknown number that a message answers. Raises ConfigurationError, LookupError."""
    if message.reply_to_id is None:
        raise LookupError("a message to nobody")
    channel, sid, sealed = delivery.stranger(tx, message.reply_to_id)
    return canonical(channel, json.loads(vault.open(sealed, f"inbound:{sid}"))["From"])

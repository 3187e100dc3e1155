"""From the outbox to messages ready to send: claims due messages within the rate of each of our numbers, decides on each, and
opens address and name of those that go out. Runs in the ledger's thread, in one transaction, so that decision and claim
are one: an officer who opts out a moment later is noticed the next time."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from app.channels import sealed_form
from app.channels.causes import ErrorClass
from app.errors import ConfigurationError
from app.flows.engine.render import IDENTITY
from app.flows.free_text_window import in_window
from app.sending import outcomes, unreadable
from app.sending.composing import compose
from app.sending.outcomes import Job
from app.sending.send_policy import (
    HANDOVER,
    PAUSED_AGAIN,
    Cancel,
    Doubt,
    Expire,
    Fail,
    Redirect,
    Rules,
    Send,
    Wait,
    decide,
    may_be_overtaken,
    may_be_stale,
    validity,
)
from app.store import (
    contacts,
    damage,
    damaged_rows,
    dead_letters,
    delivery,
    loops,
    our_numbers,
    outbox,
    pauses,
    resends,
    restored,
    spending,
    state_values,
    sweeps,
)
from app.store.delivery import Receiver
from app.store.our_numbers import BucketTimes, OwnNumbers
from app.store.outbox import Claimed, Queue
from app.store.resends import MessageHistory
from app.store.vault import Vault

log = structlog.get_logger(__name__)

LEASE = HANDOVER
"""How long a worker holds a claimed message: longer than the longest POST."""


@dataclass(frozen=True, slots=True)
class SendContext:
    """The fixed context of a send worker: the carrier's name, its own, the keys, the rules, and the messages a second of one
    number. `swept`: only replies go out until the carrier's list of inbound messages has been read. `own` are the programmes
    that have a number of their own, by channel. `sends_by` are the channels on which we have a number: addresses on other
    channels are ignored. `replays`: it sends nothing, and may claim while the database is held after a restore."""

    carrier: str
    owner: str
    vault: Vault
    rules: Rules
    rate: float
    swept: bool = False
    own: OwnNumbers = field(default_factory=dict)
    sends_by: frozenset[str] = frozenset({"sms", "whatsapp"})
    times: BucketTimes = field(default_factory=BucketTimes)
    replays: bool = False

    def sender(self, queue: Queue) -> str:
        """The name of the number that sends a queue's messages, as its bucket has it."""
        return our_numbers.name(self.carrier, queue.channel, queue.programme or "")

    def resting(self, queue: Queue, idle: Collection[str]) -> list[str]:
        """The other channels of a queue's officers on which our number is among the `idle` ones."""
        others = self.sends_by - {queue.channel}
        return [channel for channel in others if self.sender(queue._replace(channel=channel)) in idle]


def take(tx: Connection, context: SendContext, room: int, now: datetime) -> tuple[int, list[Job]]:
    """Claim up to `room` messages and decide on each: (how many were claimed, those to send now)."""
    state = state_values.read_all(tx, (pauses.STOPPED, spending.OVER_BUDGET, restored.HELD))
    if state.get(pauses.STOPPED) == "1" or (restored.HELD in state and not context.replays):
        return 0, []
    jobs: list[Job] = []
    claimed = 0
    queues = outbox.due(tx, now, outbox.queues(context.own, spending.listed(state.get(spending.OVER_BUDGET))))
    if context.swept and queues and not sweeps.is_current(tx, now):
        queues = [queue for queue in queues if queue.priority == 0]
    our_numbers.lock(tx, {context.sender(queue) for queue in queues})
    idle = our_numbers.idle(tx, now) if queues else set()
    for queue in queues:
        sender = context.sender(queue)
        tokens, probe = our_numbers.take_tokens(tx, sender, context.rate, now, room - len(jobs), context.times)
        resting = context.resting(queue, idle)
        messages = outbox.claim(tx, now, context.owner, queue, tokens, LEASE, sender, resting)
        begun = [_from(job, sender, queue, probe=probe) for job in _begin(tx, context, messages, sender, now)]
        our_numbers.return_tokens(tx, sender, tokens - len(begun))
        if probe and begun:
            our_numbers.probe_by_one(tx, sender, now + LEASE)
        jobs.extend(begun)
        claimed += len(messages)
    return claimed, jobs


def _from(job: Job, sender: str, queue: Queue, *, probe: bool) -> Job:
    """A job with the number of its queue."""
    outgoing = replace(job.outgoing, programme=queue.programme) if queue.programme else job.outgoing
    return replace(job, sender=sender, outgoing=outgoing, probe=probe)


def _begin(tx: Connection, context: SendContext, messages: Sequence[Claimed], sender: str, now: datetime) -> list[Job]:
    _stop_loops(tx, messages, now)
    receivers = delivery.receivers(tx, {one.contact_id for one in messages if one.contact_id is not None})
    facts = _Facts(
        receivers,
        resends.histories(tx, [one.id for one in messages if _may_be_stale(one, receivers, now)]),
    )
    jobs = []
    for message in messages:
        found = _prepare(tx, context, message, facts, now)
        if isinstance(found, Job):
            jobs.append(found)
        else:
            outcomes.put_back(tx, message, found, sender, now)
    return jobs


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts for the decisions on a batch: receivers by contact, and the histories of messages that may be stale."""

    receivers: Mapping[int, Receiver]
    histories: Mapping[int, MessageHistory]


def _may_be_stale(message: Claimed, receivers: Mapping[int, Receiver], now: datetime) -> bool:
    """Whether the history of a message to an officer is needed."""
    receiver = receivers.get(message.contact_id) if message.contact_id is not None else None
    return receiver is not None and (may_be_stale(message, now) or may_be_overtaken(message, receiver))


def _stop_loops(tx: Connection, messages: Sequence[Claimed], now: datetime) -> None:
    """Put officers on hold who get the same message again and again, before any decision."""
    for contact in loops.looping(tx, messages, now):
        contacts.hold(tx, contact, now)


def _prepare(
    tx: Connection, context: SendContext, message: Claimed, facts: _Facts, now: datetime
) -> Job | Wait | Doubt | Redirect | Cancel | Expire | Fail:
    """Decide on one message. One that cannot be prepared must not block the others, and fails; unless the key is
    wrong, which must not fail them all."""
    try:
        if message.contact_id is None:
            return _for_stranger(tx, context, message, now)
        receiver = facts.receivers.get(message.contact_id)
        return (
            Cancel("erased")
            if receiver is None
            else _for_officer(context, message, receiver, facts.histories.get(message.id), now)
        )
    except ConfigurationError:
        return Fail(unreadable.blame(tx, context.vault, message, now))
    except (ValueError, LookupError, TypeError) as error:
        if message.contact_id is not None and damaged_rows.is_damaged(tx, message.contact_id):
            damage.hold(tx, message.contact_id, "send", dead_letters.describe(error), now)
            return Wait(now + PAUSED_AGAIN)
        log.warning("a message cannot be prepared", message=message.uid, error=type(error).__name__)
        return Fail(ErrorClass.bug)


def _for_officer(
    context: SendContext, message: Claimed, receiver: Receiver, history: MessageHistory | None, now: datetime
) -> Job | Wait | Doubt | Redirect | Cancel | Expire | Fail:
    receiver = replace(
        receiver, places=tuple([place for place in receiver.places if place.channel in context.sends_by])
    )
    decision = decide(message, receiver, context.rules, now, history)
    if not isinstance(decision, Send):
        return decision
    outgoing = compose(
        message,
        context.vault.open(decision.place.sealed, f"address:{receiver.contact_id}"),
        identity_of(receiver, context.vault),
        decision.content_sid,
        context.rules.templates,
        validity(message, receiver.timezone, context.rules, now, history),
    )
    has_buttons = decision.content_sid is None and outgoing.content_sid is not None
    return Job(message, outgoing, "", decision.place, receiver.places, has_buttons)


def _for_stranger(tx: Connection, context: SendContext, message: Claimed, now: datetime) -> Job | Fail:
    """An answer to an unknown number: the service's own, or a person's."""
    written_at, to = stranger_address(tx, message, context.vault)
    if message.channel == "whatsapp" and not in_window(written_at, now):
        return Fail(ErrorClass.change)
    outgoing = compose(message, to, {}, None, {}, validity(message, None, context.rules, now))
    return Job(message, outgoing, "")


def identity_of(receiver: Receiver, vault: Vault) -> dict[str, str]:
    """The part of an officer's identity that texts may use, by variable; empty if it has been deleted. Raises ConfigurationError."""
    if receiver.identity is None:
        return {}
    opened = json.loads(vault.open(receiver.identity, f"identity:{receiver.contact_id}"))
    return {name: str(opened[name]) for name in IDENTITY if name in opened}


def stranger_address(tx: Connection, message: Claimed, vault: Vault) -> tuple[datetime, str]:
    """The unknown number that a message answers: when it wrote, and its canonical address. Raises ConfigurationError, LookupError."""
    if message.reply_to_id is None:
        raise LookupError("a message to nobody")
    written_at, sid, sealed = delivery.stranger(tx, message.reply_to_id)
    return written_at, sealed_form.load(vault.open(sealed, f"inbound:{sid}")).author

"""After a restore the database has nothing of what happened since the backup; the carrier has it. The replay reads the carrier's list of
both directions and lives that time again, in its order: messages from phones are handled, and nudges and reminders begin, at their
moments. What comes of it is found in the carrier's list instead of being sent, because the same conversation gives the same words. What is
not found there was never sent, and goes out afterwards. Safe to repeat: a run that was killed goes on where it was."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from app.channels.base import Channel, Inbound, ListedMessage
from app.clock import PacedClock
from app.conversations.intake import Intake
from app.conversations.sessions import uid
from app.conversations.sweeping import GRACE, OVERLAP
from app.errors import ExternalError
from app.recovery.account import CarrierAccount
from app.scheduler.ticker import MOST_STEPS, Job
from app.sending import claiming, delivery_reports, reconciling
from app.sending.claiming import SendContext
from app.sending.reconciling import Reconciler
from app.store import agenda, audit, contacts, conversations, dead_letters, outbox, restored, sweeps
from app.store.bulk import portions
from app.store.conversations import Changes
from app.store.ledger import Ledger
from app.store.records import NewMessage
from app.store.restored import Restored

log = structlog.get_logger(__name__)

BATCH = 500
LONGEST_LEAP = timedelta(minutes=15)
"""Between two looks for work of which no moment is known."""

AFTERWARDS = timedelta(minutes=10)
"""How long after a message in the list one may have been queued that is in truth the same."""

LISTED = "restored"
"""The kind of a message that only the carrier's list had: what a person wrote since the backup, for example."""


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """Counts of a replay. `heard`: messages from phones that the database lacked. `found`: messages of ours that it has again; `listed`: those
    in the list that nothing here explains, stored as they are; `strange`: those to numbers that nobody here has. `waiting`: messages that
    were never sent and go out now; `given_up`: not sent, because one of `listed` may be them."""

    heard: int
    found: int = 0
    listed: int = 0
    strange: int = 0
    waiting: int = 0
    given_up: int = 0


@dataclass(slots=True)
class Replay:
    """One replay, which ends at `until`. `clock` stands still and is moved on; ledger, intake and reconciler have it as theirs. `jobs` are
    those of the clock that begin, remind, end and open."""

    ledger: Ledger
    channel: Channel
    clock: PacedClock
    intake: Intake
    jobs: Sequence[Job]
    context: SendContext
    reconciler: Reconciler
    held: Restored
    until: datetime
    _account: CarrierAccount = field(init=False)
    _heard: int = 0
    _redirected: set[int] = field(default_factory=set)
    _looked: datetime | None = None
    _done: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> ReplayReport:
        """Read the list, live the time again until the last message of ours, hand over what phones wrote later as a sweep does, and let
        messages go out. Raises ExternalError if the list cannot be read; the next run goes on from there."""
        outbound, inbound = await self._read()
        self._account.remove(await self.ledger.run(self._begin))
        # The carrier's moments are whole seconds: a message was sent in the second that begins then.
        sent = {at for entry in outbound for at in (entry.at, entry.at + timedelta(seconds=1))}
        stopped = max(sent, default=self.held.since)
        moments: list[tuple[datetime, int, Inbound | None]] = [(at, 0, None) for at in sent]
        moments += [(message.sent_at or self.held.since, 1, message) for message in inbound]
        for at, _, message in sorted(moments, key=lambda moment: moment[:2]):
            await self._move_on(at if at <= stopped else self.until, replaying=at <= stopped)
            if message is not None:
                await self._hear(message)
        report = await self.ledger.run(self._settle)
        log.info("the time since the backup is known again", **asdict(report))
        return report

    def _begin(self, tx: Connection) -> set[str]:
        """Find the messages that were on their way when the backup was made, and queue those that are not in the list."""
        outbox.queue_in_flight(tx, self.clock())
        return self._find_queued(tx)

    async def _read(self) -> tuple[list[ListedMessage], list[Inbound]]:
        since = self.held.since - OVERLAP
        oldest = await self.ledger.run(outbox.oldest_in_flight)
        outbound = [one async for one in self.channel.list_outbound(min(since, oldest or since))]
        inbound = [
            message
            async for page in self.channel.list_inbound(since, self.until - GRACE)
            for message in await self._new(page.messages)
        ]
        linked = await self.ledger.run(partial(_linked, sids=[one.message.sid for one in outbound]))
        self._account = CarrierAccount(outbound, linked)
        return outbound, inbound

    async def _new(self, listed: Sequence[Inbound]) -> list[Inbound]:
        """The messages that the database lacks, with their attachments. One that cannot be completed becomes a dead letter, as in a sweep."""
        known = await self.ledger.run(partial(_known, sids=[message.sid for message in listed]))
        new = []
        for message in listed:
            if message.sid in known:
                continue
            try:
                new.append(await self.channel.complete(message))
            except ExternalError:
                raise
            except Exception as error:  # noqa: BLE001 - one message must not hold up all others for ever
                await self.ledger.set_aside("inbound", message.form, dead_letters.describe(error))
        return new

    async def _hear(self, message: Inbound) -> None:
        received = await self.intake.message(message)
        self._heard += not getattr(received, "duplicate", False)
        await self._send()

    async def _move_on(self, to: datetime, *, replaying: bool) -> None:
        """Move the clock to a moment, and do what was due by then. Not `replaying`, the service does so afterwards, as after an outage."""
        while (now := self.clock()) < to:
            self.clock.advance(min(to - now, LONGEST_LEAP) if replaying else to - now)
            if await self.ledger.run(self._proceed) and replaying:
                for job in self.jobs:
                    await self._do(job)
            await self._send()

    def _proceed(self, tx: Connection) -> bool:
        """Every message from a phone has been handled up to here. Whether there is work for the jobs."""
        now, due = self.clock(), agenda.read(tx)
        restored.proceed(tx, self.held, now)
        sweeps.advance(tx, now, now)
        if self._looked is None or now - self._looked >= LONGEST_LEAP:
            self._looked = now
            return True
        return any(at is not None and at <= now for at in (due.nudges, due.sessions))

    async def _do(self, job: Job) -> None:
        now = self.clock()
        if (last := self._done.get(job.name)) is not None and now < last + job.every:
            return
        self._done[job.name] = now
        try:
            for _ in range(MOST_STEPS):
                if not await self.ledger.run(partial(job.step, now=now)):
                    break
        except Exception:  # the edge: as with the clock, a job that fails does not stop the others
            log.exception("job failed", job=job.name)

    async def _send(self) -> None:
        """Instead of sending: find each message that would go out now in the carrier's list. One that is not there waits for the end."""
        claimed = 1
        while claimed:
            claimed, sids = await self.ledger.run(self._find)
            self._account.remove(sids)

    def _find(self, tx: Connection) -> tuple[int, set[str]]:
        now, sids = self.clock(), set[str]()
        claimed, jobs = claiming.take(tx, self.context, BATCH, now)
        for job in jobs:
            entry = self._account.find(job.outgoing, now, sids)
            if entry is not None:
                self._link(tx, job.message.id, job.message.uid, entry)
                sids.add(entry.message.sid)
            elif job.message.id not in self._redirected and self._account.went_by_sms(job.outgoing, now, sids):
                self._redirected.add(job.message.id)
                outbox.redirect(tx, job.message.id, "sms", now)
            else:
                outbox.wait(tx, job.message.id, self.until + timedelta(seconds=1))
        return claimed, sids

    def _link(self, tx: Connection, message: int, its_uid: str, entry: ListedMessage) -> None:
        outbox.accepted(tx, [(message, entry.message.sid, entry.message.segments)], entry.at)
        delivery_reports.record(tx, [entry.message.report(its_uid)], self.clock(), self.context.carrier)

    # -- at the end, in the ledger's thread ----------------------------------------------------------------------------

    def _settle(self, tx: Connection) -> ReplayReport:
        """Find what no moment of the replay would have sent, such as messages of a number that was paused at the backup; store what is left
        in the list; give up what may be among it; and end the hold."""
        listed, strange, last = self._store_listed(tx, self._find_queued(tx))
        doubted = [
            message
            for message in outbox.queued(tx)
            if message.contact_id in last and message.created_at <= last[message.contact_id] + AFTERWARDS
        ]
        for message in doubted:
            reconciling.give_up(tx, message, self.until)
        found = self._account.known - listed - strange
        report = ReplayReport(self._heard, found, listed, strange, len(outbox.queued(tx)), len(doubted))
        sweeps.advance(tx, self.until - GRACE, self.until)
        restored.finish(tx)
        detail = asdict(report) | {"since": self.held.since.isoformat()}
        audit.record(tx, self.until, "recovery", "replay", "database", detail)
        return report

    def _find_queued(self, tx: Connection) -> set[str]:
        """Find every queued message in the list, whether or not it would go out now. Returns the SIDs of those found."""
        sids = set[str]()
        for message in outbox.queued(tx):
            for outgoing in self.reconciler.recomposed(tx, message):
                if (entry := self._account.find(outgoing, None, sids)) is not None:
                    self._link(tx, message.id, message.uid, entry)
                    sids.add(entry.message.sid)
                    break
        return sids

    def _store_listed(self, tx: Connection, but: set[str]) -> tuple[int, int, dict[int, datetime]]:
        """Store what is left as messages of their officers. Returns how many, how many are nobody's, and the last moment of each officer."""
        listed, strange, last = 0, 0, dict[int, datetime]()
        for receiver, entries in self._account.left(but).items():
            contact = contacts.by_number(tx, self.context.vault, [receiver]).get(receiver)
            if contact is None:
                strange += len(entries)
                continue
            new = {_as_stored(entry, contact): entry for entry in entries}
            conversations.write(tx, Changes(outbound=list(new)))
            ids = outbox.ids(tx, [message.uid for message in new])
            for message, entry in new.items():
                self._link(tx, ids[message.uid], message.uid, entry)
            listed, last[contact] = listed + len(entries), entries[-1].at
        return listed, strange, last


def _known(tx: Connection, sids: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for some in portions(sids):
        found |= conversations.known_sids(tx, some) | dead_letters.known_sids(tx, some)
    return found


def _linked(tx: Connection, sids: Sequence[str]) -> set[str]:
    return {found for some in portions(sids) for found in outbox.linked(tx, some)}


def _as_stored(entry: ListedMessage, contact: int) -> NewMessage:
    return NewMessage(
        inbound_sid=None,
        uid=uid(entry.at),
        priority=1,
        due_at=entry.at,
        created_at=entry.at,
        kind=LISTED,
        channel=entry.channel,
        body=entry.body,
        characters=len(entry.body),
        contact_id=contact,
    )

"""A carrier without a network: for the demo, the simulated phone and rehearsals. It keeps the messages of each phone,
reports statuses a moment later, as a carrier does, and fails on request. It has no webhooks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import uuid4

from app.channels import simulator_faults
from app.channels.addresses import canonical
from app.channels.base import (
    Accepted,
    Ambiguous,
    DeliveryStatus,
    File,
    Forged,
    Inbound,
    InboundPage,
    ListedMessage,
    MessageKind,
    NoFile,
    Outgoing,
    Rejected,
    SendResult,
    SentMessage,
    Status,
    Webhook,
)
from app.channels.causes import Cause
from app.clock import Clock
from app.flows.replies.open import family

OUR_NUMBER = "+525555550000"
OVERTAKEN_SECONDS = 3.0
"""How long a message waits for the phone's next one to overtake it."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults switched on by hand. `delay`, in seconds, applies both ways. `refuse_with` is an error code for every message of
    ours, `fail_with` one that comes later, in a status (see `simulator_faults`). In an `outage` no message of ours is accepted,
    and messages from phones are not delivered: the sweep finds them. With `lost_answers` a message goes out and its sender gets
    no answer. `reordered` statuses come last first, and a phone's message comes after its next one, or a moment later."""

    delay: float = 0.0
    duplicated: bool = False
    reordered: bool = False
    refuse_with: int | None = None
    fail_with: int | None = None
    lost_answers: bool = False
    outage: bool = False


@dataclass(slots=True)
class Note:
    """One message as a phone shows it. `mine`: it was typed on this phone. `buttons` are (payload, title), `content` is the name
    of its template, `quoted` the message that it answers, `place` the location sent with it."""

    sid: str
    mine: bool
    text: str
    channel: str
    at: datetime
    status: str = ""
    uid: str | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    media: tuple[tuple[str, str], ...] = ()
    content: str | None = None
    quoted: str | None = None
    place: tuple[float, float] | None = None
    code: int | None = None


@dataclass(slots=True)
class Phone:
    """One telephone. `version` grows with every change. `lost` are messages of ours that never arrived, by their uid."""

    number: str
    notes: list[Note] = field(default_factory=list)
    lost: dict[str, Note] = field(default_factory=dict)
    version: int = 0


OnInbound = Callable[[Inbound], Awaitable[object]]
OnStatus = Callable[[Status], Awaitable[object]]
OnNote = Callable[[Phone, Note], None]


class Simulator:
    """Many phones and the carrier between them and us. `connect` sets the receivers of messages and statuses."""

    name = "simulator"
    sends_by = frozenset({"sms", "whatsapp"})
    webhooks: tuple[Webhook, ...] = ()
    templates = None
    account = None

    def __init__(self, clock: Clock) -> None:
        self.phones: dict[str, Phone] = {}
        self.files: dict[str, File] = {}
        self.faults = Faults()
        self.on_note: OnNote | None = None
        self._clock = clock
        self._on_inbound: OnInbound | None = None
        self._on_status: OnStatus | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._overtaken: dict[str, Inbound] = {}

    def connect(self, on_inbound: OnInbound, on_status: OnStatus) -> None:
        """Set the receivers of messages from phones and of statuses."""
        self._on_inbound, self._on_status = on_inbound, on_status

    def phone(self, number: str) -> Phone:
        """The telephone with this number, created if it does not exist."""
        return self.phones.setdefault(number, Phone(number))

    def set_faults(self, **changes: object) -> Faults:
        """Change the faults. TypeError for an unknown one."""
        self.faults = replace(self.faults, **changes)  # type: ignore[arg-type]
        return self.faults

    async def type(
        self,
        number: str,
        text: str,
        *,
        channel: str = "whatsapp",
        button: str | None = None,
        quoted: str | None = None,
        media: tuple[tuple[str, str], ...] = (),
        place: tuple[float, float] | None = None,
    ) -> Inbound:
        """Send a message from a phone. It has arrived when this returns: once, twice or, depending on the faults, not yet."""
        note = Note(
            f"SM{uuid4().hex}",
            mine=True,
            text=text,
            channel=channel,
            at=self._clock(),
            media=media,
            quoted=quoted,
            place=place,
        )
        phone = self.phone(number)
        self._note(phone, note)
        message = replace(_inbound(phone, note), button=button, quoted_sid=quoted)
        if button is not None:
            message = replace(message, kind=MessageKind.button)
        await asyncio.sleep(self.faults.delay)
        if self.faults.outage:
            note.status = "waiting"
        elif (earlier := self._overtaken.pop(number, None)) is not None:
            await self._deliver(message)
            await self._deliver(earlier)
        elif self.faults.reordered:
            self._overtaken[number] = message
            self._later(self._arrive_alone(number, message))
        else:
            await self._deliver(message)
        return message

    async def _deliver(self, message: Inbound) -> None:
        if self._on_inbound is not None:
            for _ in range(2 if self.faults.duplicated else 1):
                await self._on_inbound(message)

    async def _arrive_alone(self, number: str, message: Inbound) -> None:
        """Deliver a message that no other has overtaken."""
        await asyncio.sleep(OVERTAKEN_SECONDS)
        if self._overtaken.get(number) is message:
            del self._overtaken[number]
            await self._deliver(message)

    async def send(self, message: Outgoing) -> SendResult:
        """Deliver a message of ours to a phone, and report on it a moment later."""
        if self.faults.outage:
            return Rejected(Cause.carrier_unreachable)
        phone = self.phone(canonical(message.channel, message.to))
        note = Note(
            f"SM{uuid4().hex}",
            mine=False,
            text=message.body,
            channel=message.channel,
            at=self._clock(),
            status="accepted",
            uid=message.uid,
            buttons=message.buttons,
            content=message.content_sid,
        )
        if (code := _concerning(self.faults.refuse_with, message.channel)) is not None:
            self._lose(phone, note, code, "failed")
            return Rejected(simulator_faults.cause_of(code), code)
        faults = replace(self.faults, fail_with=_concerning(self.faults.fail_with, message.channel))
        if faults.fail_with is None:
            phone.lost.pop(message.uid, None)
            self._note(phone, note)
        else:
            self._lose(phone, note, faults.fail_with, "accepted")
        self._later(self._report(phone, note, faults))
        return Ambiguous("lost") if self.faults.lost_answers else Accepted(note.sid)

    async def settle(self) -> None:
        """Wait until all pending statuses are reported."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _report(self, phone: Phone, note: Note, faults: Faults) -> None:
        """Report the statuses of a message, with the faults of the moment when it was sent."""
        read = [DeliveryStatus.read] if note.channel == "whatsapp" else []
        words = [DeliveryStatus.sent, DeliveryStatus.delivered, *read]
        if faults.fail_with is not None:
            words = [DeliveryStatus.sent, DeliveryStatus.undelivered]
        for word in reversed(words) if faults.reordered else words:
            await asyncio.sleep(faults.delay)
            note.status = words[-1] if faults.reordered else word
            phone.version += 1
            code = faults.fail_with if word is DeliveryStatus.undelivered else None
            cause = None if code is None else simulator_faults.cause_of(code)
            for _ in range(2 if faults.duplicated else 1):
                await self._tell(Status(note.sid, word, note.uid, code, cause))

    async def _tell(self, status: Status) -> None:
        if self._on_status is not None:
            await self._on_status(status)

    def _note(self, phone: Phone, note: Note) -> None:
        phone.notes.append(note)
        phone.version += 1
        if self.on_note is not None:
            self.on_note(phone, note)

    def _lose(self, phone: Phone, note: Note, code: int, status: str) -> None:
        note.code, note.status = code, status
        phone.lost[note.uid or note.sid] = note
        phone.version += 1

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the rest of a channel --------------------------------------------------------------------------------------

    def self_test(self) -> None:
        """There is nothing to configure."""

    def glance(self, headers: Mapping[str, str]) -> None:  # noqa: ARG002 - the contract's
        """There are no webhooks: Forged."""
        raise Forged("the simulator has no webhooks")

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG002 - the contract's
        """There are no webhooks: Forged."""
        raise Forged("the simulator has no webhooks")

    def parse_inbound(self, form: Mapping[str, str]) -> Inbound:  # noqa: ARG002 - the contract's
        """There are no webhooks: Forged."""
        raise Forged("the simulator has no webhooks")

    def parse_status(self, form: Mapping[str, str], uid: str | None) -> Status:  # noqa: ARG002 - the contract's
        """There are no webhooks: Forged."""
        raise Forged("the simulator has no webhooks")

    async def find_sent(self, message: Outgoing, after: datetime) -> list[SentMessage]:
        """The messages that reached this phone since then with this body; with any body, if the message has a content."""
        phone = self.phone(canonical(message.channel, message.to))
        notes = [note for note in phone.notes if not note.mine and note.channel == message.channel and note.at >= after]
        found = [SentMessage(note.sid, _status(note), same=note.text == message.body) for note in notes]
        return [one for one in found if one.same or message.content_sid is not None]

    async def look_up(self, sid: str) -> SentMessage | None:
        """The message with that id. A message from before this process started counts as delivered."""
        notes = (note for phone in self.phones.values() for note in phone.notes if not note.mine and note.sid == sid)
        return next(
            (SentMessage(note.sid, _status(note)) for note in notes), SentMessage(sid, DeliveryStatus.delivered)
        )

    async def list_sent(self, day: date) -> AsyncIterator[Sequence[SentMessage]]:
        """The messages that reached any phone on that day."""
        yield [
            SentMessage(note.sid, _status(note))
            for phone in self.phones.values()
            for note in phone.notes
            if not note.mine and note.at.date() == day
        ]

    async def list_outbound(self, since: datetime) -> AsyncIterator[ListedMessage]:
        """The messages that reached any phone since then."""
        for number, phone in self.phones.items():
            for note in reversed(phone.notes):
                if not note.mine and note.at >= since:
                    yield ListedMessage(SentMessage(note.sid, _status(note)), note.channel, number, note.text, note.at)

    async def list_inbound(self, since: datetime, until: datetime) -> AsyncIterator[InboundPage]:
        """All messages typed on any phone in this time. As with a real carrier, buttons and quotations are missing."""
        for phone in self.phones.values():
            for note in phone.notes:
                if note.status == "waiting" and note.at >= since:
                    note.status, phone.version = "", phone.version + 1
        found = [
            replace(_inbound(phone, note), sent_at=note.at)
            for phone in self.phones.values()
            for note in phone.notes
            if note.mine and since <= note.at < until
        ]
        yield InboundPage(until, sorted(found, key=lambda message: message.sent_at or since))

    async def complete(self, message: Inbound) -> Inbound:
        """The list has the attachments already."""
        return message

    async def delete(self, sid: str) -> None:
        """Take a message off its phone."""
        for phone in self.phones.values():
            kept = [note for note in phone.notes if note.sid != sid]
            if len(kept) < len(phone.notes):
                phone.notes[:], phone.version = kept, phone.version + 1

    async def fetch(self, url: str, most: int) -> File | NoFile:
        """A file of `files`, by its address."""
        file = self.files.get(url)
        if file is None:
            return NoFile("gone", gone=True)
        return NoFile("size") if len(file.content) > most else file

    async def aclose(self) -> None:
        """Drop pending statuses."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _concerning(code: int | None, channel: str) -> int | None:
    return code if code is not None and simulator_faults.concerns(code, channel) else None


def _status(note: Note) -> DeliveryStatus:
    return DeliveryStatus(note.status)


def _inbound(phone: Phone, note: Note) -> Inbound:
    form = {"MessageSid": note.sid, "From": phone.number, "To": OUR_NUMBER, "Body": note.text}
    if note.place is not None:
        form |= {"Latitude": str(note.place[0]), "Longitude": str(note.place[1])}
    return Inbound(
        sid=note.sid,
        channel=note.channel,
        author=phone.number,
        receiver=OUR_NUMBER,
        body=note.text,
        media=note.media,
        form=form,
        kind=_kind(note),
    )


def _kind(note: Note) -> MessageKind:
    if note.place is not None:
        return MessageKind.location
    return MessageKind(family(note.media[0][1])) if note.media else MessageKind.text

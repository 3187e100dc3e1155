"""What a carrier is to the rest of Trato: requests in, messages out, and an honest word on what became of each.

A channel verifies and parses what the carrier posts, and sends. It never touches the store. A send has three
outcomes, and the third is the one that others forget: `Accepted`, `Rejected` (certainly not sent; the class says
what to do), `Ambiguous` (it may have been sent: never send again blindly).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ErrorClass(StrEnum):
    """What a rejection asks of us."""

    retry = "retry"  # not processed; the same message may be sent again, later
    change = "change"  # needs a template or another channel
    stop_contact = "stop_contact"  # never write to this address again
    operator = "operator"  # a configuration fault: pause the sender, call a person
    bug = "bug"  # our request was wrong
    sandbox = "sandbox"  # a trial account's limit
    final = "final"  # anything else: final and visible


class MessageKind(StrEnum):
    """What a message is, by its content."""

    text = "text"
    button = "button"  # a pressed button, or a row of a list
    reaction = "reaction"  # an emoji on a message of ours; with an empty body, taken off again
    location = "location"
    contact = "contact"  # somebody's card
    sticker = "sticker"
    image = "image"
    audio = "audio"  # voice notes too
    video = "video"
    document = "document"
    other = "other"  # nothing in it that we can read: a poll, an edit, what the carrier does not pass on


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a phone. `sender` is the raw address as the carrier gave it, `channel` sms or whatsapp.

    `also` are other addresses that the carrier says are the same sender's: a WhatsApp user id beside a number, or the number
    beside the id. `sent_at` is when it was written, if that is not just now: it was found by a sweep, or is handled again.
    `programme` is the one whose number it was written to, "" if the number is not one programme's alone. `form` is everything the carrier sent (personal data). `opt_out` is the carrier's own finding (START, STOP, HELP): it has
    answered already.
    """

    sid: str
    channel: str
    sender: str
    receiver: str
    body: str
    media: tuple[tuple[str, str], ...] = ()  # (url, content type)
    button: str | None = None  # the payload we gave the button
    quoted_sid: str | None = None
    opt_out: str | None = None
    sent_at: datetime | None = None
    also: tuple[str, ...] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    kind: MessageKind = MessageKind.text
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What the carrier says became of an outbound message. `uid` is our own, from the callback's URL."""

    sid: str
    status: str
    uid: str | None = None
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to send: names filled in, wording for the channel chosen. `to` is the canonical address.

    With `content_sid` the carrier words the message itself, from its content and `variables`; `body` is then our own
    wording of it. `buttons` are (payload, title), and shown below the body; a message without them names its options in it.
    `programme` is the one by whose own number it goes out, "" for one that is shared.
    """

    uid: str
    channel: str
    to: str
    body: str
    content_sid: str | None = None
    variables: tuple[str, ...] = ()
    media: str | None = None
    validity_seconds: int | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    programme: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has it and named it."""

    sid: str
    status: str = "accepted"
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not sent. `retry_after` is in seconds, where the carrier asked for a pause."""

    error_class: ErrorClass
    code: int | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may have been sent: time-out while reading, a broken connection, a 5xx. `reason` is short, without data."""

    reason: str


SendResult = Accepted | Rejected | Ambiguous


@dataclass(frozen=True, slots=True)
class Found:
    """A message as the carrier's own book shows it. `same`: its body is ours, letter by letter. `price` is what it charges, in
    `price_unit`, as a decimal number without its sign; None while that is not known."""

    sid: str
    status: str
    error_code: int | None = None
    segments: int | None = None
    same: bool = True
    price: str | None = None
    price_unit: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A stretch of the carrier's list of messages to us: all of them up to `until`, the oldest first."""

    until: datetime
    messages: Sequence[Inbound]


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message, as the carrier gives it out."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class NoFile:
    """It will never be had. `gone`: the carrier has it no longer; else we do not take it. `reason` is short, without data."""

    reason: str
    gone: bool = False


class Forged(Exception):
    """The request is not from the carrier, or not for us. Answered 403; nothing is kept."""


class Malformed(Exception):
    """Signed by the carrier, but not a message or status that can be read. Kept as a dead letter."""


class Channel(Protocol):
    """One carrier."""

    name: str

    @property
    def sends_by(self) -> frozenset[str]:
        """The channels, sms or whatsapp, on which this installation has a number to send from."""
        ...

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """Check the signature of a posted form and give its fields. `url` is path and query as requested; the public
        base comes from the configuration. Raises Forged, whatever a stranger sends."""
        ...

    def parse_inbound(self, form: Mapping[str, str]) -> Inbound:
        """A verified form as a message. Raises Malformed, or Forged if it is for another account or number."""
        ...

    def parse_status(self, form: Mapping[str, str], uid: str | None) -> Status:
        """A verified form as a status. Raises Malformed."""
        ...

    async def send(self, message: Outgoing) -> SendResult:
        """Hand one message to the carrier, once. Never raises for what a network or a carrier does."""
        ...

    async def find_sent(self, message: Outgoing, after: datetime) -> list[Found]:
        """Messages like this one that the carrier has had since `after`: same receiver, exactly the same body. Where the
        carrier may have worded it, with any body, for nobody says how it lists a content: those that are the `same` as ours
        are the likelier. Some may be other messages of ours. Raises ExternalError."""
        ...

    async def look_up(self, sid: str) -> Found | None:
        """One message of ours, by the carrier's name of it; None if the carrier has no such message. Raises ExternalError."""
        ...

    def list_sent(self, day: date) -> AsyncIterator[Sequence[Found]]:
        """Every message that our numbers sent on a day (UTC), page by page. Raises ExternalError."""
        ...

    def list_inbound(self, since: datetime, until: datetime) -> AsyncIterator[Listed]:
        """Every message to us of this time, for the sweep: stretch by stretch, the oldest first, so that a long time needs
        no more memory than a day of it. A list knows less than a webhook does. Raises ExternalError."""
        ...

    async def complete(self, message: Inbound) -> Inbound:
        """A listed message with what has to be asked for apart: its attachments. Raises ExternalError."""
        ...

    async def fetch(self, url: str, most: int) -> File | NoFile:
        """A file that came with a message, unless it has more than `most` bytes. Raises ExternalError if it may be had
        later."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...

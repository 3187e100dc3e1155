"""The interface to a carrier: inbound messages, outbound messages, and what became of each.

A channel verifies and parses what the carrier posts, and sends. It never touches the store. A send has three
outcomes: `Accepted`, `Rejected` (certainly not sent; its cause says why) and `Ambiguous` (it may have been sent: never
send it again blindly).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, Protocol

from app.channels.account import Account
from app.channels.causes import Cause, ErrorClass
from app.channels.templates import Templates

UID_PARAMETER = "m"
"""The query parameter of a status callback's URL that holds our own id of the message."""


class MessageKind(StrEnum):
    """The kind of an inbound message, by its content."""

    text = "text"
    button = "button"  # a pressed button, or a row of a list
    reaction = "reaction"  # an emoji on a message of ours; an empty body removes it
    location = "location"
    contact = "contact"  # a contact card
    sticker = "sticker"
    image = "image"
    audio = "audio"  # voice notes too
    video = "video"
    document = "document"
    other = "other"  # nothing in it that we can read: a poll, an edit, content that the carrier does not pass on


class DeliveryStatus(StrEnum):
    """How far an outbound message has come. Spelled as the outbox spells it."""

    accepted = "accepted"
    sent = "sent"
    delivered = "delivered"
    read = "read"
    failed = "failed"
    undelivered = "undelivered"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a phone. `author` and `receiver` are raw addresses as the carrier gave them, `channel` is sms or whatsapp.

    `also` are other addresses of the same author: a WhatsApp user id beside a number, or the number beside the id. `profile`
    is the author's own name on WhatsApp. `sent_at` is set if the message was not written just now: a sweep found it, or it is
    processed again. `programme` owns the number that received it, "" if several share it. `form` is everything the carrier
    sent (personal data). `opt_out` (START, STOP, HELP) is set if the carrier itself has answered the message.
    """

    sid: str
    channel: str
    author: str
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
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The carrier's report on an outbound message. `status` is None for a word that we do not know; `word` is the carrier's own
    word where it differs from `status`. `uid` is our own id, from the callback's URL. `error_code` is the carrier's code,
    kept as information; `cause` is what it means."""

    sid: str
    status: DeliveryStatus | None
    uid: str | None = None
    error_code: int | None = None
    cause: Cause | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to send: names filled in, wording chosen for the channel. `to` is the canonical address.

    With `content_sid` the carrier words the message from its own content and `variables`; `body` is then our wording of it.
    `buttons` are (payload, title), shown below the body; without them the body names the options. `programme` is the one whose
    own number sends the message, "" for a shared number.
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
    """The carrier has the message and gave it an id. `status` is the carrier's own word."""

    sid: str
    status: str = "accepted"
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """Certainly not sent. `code` is the carrier's own; `retry_after` is in seconds, if the carrier asked for a pause."""

    cause: Cause
    code: int | None = None
    retry_after: float | None = None

    @property
    def error_class(self) -> ErrorClass:
        """The handling that the rejection needs."""
        return self.cause.error_class


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may have been sent: a read time-out, a broken connection, a 5xx. `reason` is short and holds no personal data."""

    reason: str


SendResult = Accepted | Rejected | Ambiguous


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of ours as the carrier lists it. `same`: its body equals ours, letter by letter. `price` is a decimal number
    without a sign, in `price_unit`; None while it is not known. The rest is as in `Status`."""

    sid: str
    status: DeliveryStatus | None
    error_code: int | None = None
    segments: int | None = None
    same: bool = True
    price: str | None = None
    price_unit: str | None = None
    cause: Cause | None = None
    word: str = ""

    def report(self, uid: str | None = None) -> Status:
        """The entry as a status report. `uid` is our own id of the message, if known."""
        return Status(self.sid, self.status, uid, self.error_code, self.cause, self.word)


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A message of ours in the carrier's list, with what tells which one it is. `to` is the canonical address; `at` is when the carrier
    took it, to the second. Never logged: address and body are personal data."""

    message: SentMessage
    channel: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class InboundPage:
    """A part of the carrier's list of messages to us: all messages up to `until`, the oldest first."""

    until: datetime
    messages: Sequence[Inbound]


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class NoFile:
    """A file that will never be available. `gone`: the carrier has deleted it; otherwise we refuse it. `reason` is short and
    holds no personal data."""

    reason: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that the carrier calls. `answer` is an XML body with status 200; without one the status is 204."""

    path: str
    kind: Literal["inbound", "status"]
    answer: bytes = b""


class Forged(Exception):
    """The request is not from the carrier, or not for us. Answered with 403; nothing of it is kept. `names_us`: it has what only the
    carrier and we should know, such as our account's id, so that our own settings may be what is wrong."""

    def __init__(self, reason: str, *, names_us: bool = False) -> None:
        super().__init__(reason)
        self.names_us = names_us


class Malformed(Exception):
    """Signed by the carrier, but not a readable message or status. Kept as a dead letter."""


class Channel(Protocol):
    """One carrier."""

    name: str

    @property
    def sends_by(self) -> frozenset[str]:
        """The channels, sms or whatsapp, on which this installation has a number."""
        ...

    @property
    def webhooks(self) -> Sequence[Webhook]:
        """The addresses that the carrier calls."""
        ...

    @property
    def templates(self) -> Templates | None:
        """The carrier's message templates; None if it needs none."""
        ...

    @property
    def account(self) -> Account | None:
        """Our account at the carrier; None if it has none to look at."""
        ...

    def self_test(self) -> None:
        """Check the configuration at start-up, without the network. Raises ConfigurationError."""
        ...

    def glance(self, headers: Mapping[str, str]) -> None:
        """Look at a request's headers before its body is read. Raises Forged if they cannot be the carrier's, and nothing else."""
        ...

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """Check the signature of a posted form and return its fields. `url` is path and query as requested; the public
        base comes from the configuration. Raises Forged, and nothing else."""
        ...

    def parse_inbound(self, form: Mapping[str, str]) -> Inbound:
        """A verified form as a message. Raises Malformed, or Forged if it is for another account or number."""
        ...

    def parse_status(self, form: Mapping[str, str], uid: str | None) -> Status:
        """A verified form as a status. Raises Malformed."""
        ...

    async def send(self, message: Outgoing) -> SendResult:
        """Hand one message to the carrier, once. Never raises for a failure of the network or the carrier."""
        ...

    async def find_sent(self, message: Outgoing, after: datetime) -> list[SentMessage]:
        """Messages like this one that the carrier has received since `after`: same receiver, same body. A message with a
        content may be listed with any body; those that are the `same` are likelier. Some may be other messages of ours.
        Raises ExternalError."""
        ...

    async def look_up(self, sid: str) -> SentMessage | None:
        """One message of ours, by the carrier's id; None if the carrier does not have it. Raises ExternalError."""
        ...

    def list_sent(self, day: date) -> AsyncIterator[Sequence[SentMessage]]:
        """Every message that our numbers sent on a day (UTC), page by page. Raises ExternalError."""
        ...

    def list_outbound(self, since: datetime) -> AsyncIterator[ListedMessage]:
        """Every message that our numbers sent since then, whatever became of it, the newest first. Raises ExternalError."""
        ...

    def list_inbound(self, since: datetime, until: datetime) -> AsyncIterator[InboundPage]:
        """Every message to us within this time, for the sweep: page by page, the oldest first, at most a day in memory.
        A list knows less than a webhook. Raises ExternalError."""
        ...

    async def complete(self, message: Inbound) -> Inbound:
        """A listed message with its attachments, which need requests of their own. Raises ExternalError."""
        ...

    async def fetch(self, url: str, most: int) -> File | NoFile:
        """A file that came with a message, unless it has more than `most` bytes. Raises ExternalError if it may be available
        later."""
        ...

    async def delete(self, sid: str) -> None:
        """Let the carrier delete a message, of either side, with its files. No-op if it has none of it. Raises ExternalError if it does not
        do so now, also because the message is still on its way."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...

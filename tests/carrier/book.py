"""The carrier's own account: who may send, every message in both directions with what became of it, and the rules that
depend on what went before (who has opted out, when somebody last wrote)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

from tests.carrier.contents import TEXT, Content, Rendered, Shelf, kind_for, rendered, values_of
from tests.carrier.rules import Refusal

WINDOW = timedelta(hours=24)
STOP_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
HELP_WORDS = frozenset({"HELP", "INFO"})


@dataclass(frozen=True, slots=True)
class Account:
    """One customer of the carrier. `webhook` and `fallback` may carry Twilio's overrides as a fragment (#rc=5&rp=all)."""

    sid: str = "AC" + "a1" * 16
    auth_token: str = "0123456789abcdef0123456789abcdef"
    api_key: str = "SK" + "b2" * 16
    api_secret: str = "the-secret-of-the-key"
    sms: str = "+525555550000"
    whatsapp: str = "+525555559999"
    service: str = "MG" + "c3" * 16
    webhook: str = "http://127.0.0.1:8000/twilio/inbound"
    fallback: str | None = None
    api: str = "https://api.twilio.com"  # where the files of messages are
    contents: Mapping[str, str] = field(default_factory=dict)  # HX…: text with {{1}}, approved; more are on the shelf


@dataclass(slots=True)
class Message:
    """One message as the carrier knows it. `media` are (url path, content type) of an inbound message."""

    sid: str
    number: int
    direction: str
    sender: str
    receiver: str
    body: str
    status: str
    created: datetime
    sent: datetime | None
    service: str | None = None
    error_code: int | None = None
    price: str | None = None  # known only once it has come to its end
    content_sid: str | None = None
    callback: str | None = None
    buttons: list[tuple[str, str]] = field(default_factory=list)  # (id, title), as WhatsApp shows them
    shape: str = ""  # the content's type
    media: list[tuple[str, str]] = field(default_factory=list)
    form: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # statuses that reached us, in order
    webhook_answers: list[int] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    def resource(self, account: str) -> dict[str, object]:
        """As the API shows it."""
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "sid": self.sid,
            "date_created": format_datetime(self.created),
            "date_updated": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender or None,
            "to": self.receiver,
            "messaging_service_sid": self.service,
            "num_media": str(len(self.media)),
            "num_segments": str(segments(self.body)),
            "price": self.price,
            "price_unit": "USD",
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "uri": f"{uri}.json",
        }

    def record(self) -> dict[str, object]:
        """For whoever compares the carrier's account with our database."""
        kept = asdict(self)
        kept["created"], kept["sent"] = self.created.isoformat(), self.sent.isoformat() if self.sent else None
        return kept

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Message":
        """The message of such a record, which may have passed through JSON."""
        given = dict(record)
        given["created"] = datetime.fromisoformat(given["created"])
        given["sent"] = datetime.fromisoformat(given["sent"]) if given["sent"] else None
        for name in ("buttons", "media"):
            given[name] = [tuple(pair) for pair in given[name]]
        return cls(**given)


class Book:
    """Everything that has been sent and received. Sids are drawn from a seeded source, so that a run can be repeated."""

    def __init__(self, account: Account, clock: Callable[[], datetime], seed: int = 0) -> None:
        self.account, self.clock = account, clock
        self.random = Random(seed)
        self.messages: dict[str, Message] = {}
        self.refused: list[tuple[int, str]] = []  # requests that broke a rule: (code, text)
        self.opted_out: set[tuple[str, str]] = set()  # (theirs, ours)
        self.last_heard: dict[str, datetime] = {}
        self.shelf = Shelf(self.sid)
        for sid, text in account.contents.items():
            self.shelf.put(sid, text)

    def now(self) -> datetime:
        """By the second, as the carrier's dates are."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def sid(self, kind: str = "SM") -> str:
        """A new name."""
        return f"{kind}{self.random.getrandbits(128):032x}"

    def refuse(self, form: Mapping[str, str]) -> Refusal | None:
        """The obstacle to a well-formed message: a sender that is not ours, a receiver who has opted out."""
        sender, ours = form.get("From"), {self.account.sms, f"whatsapp:{self.account.whatsapp}"}
        if sender is not None and sender not in ours:
            return Refusal(400, 63007 if sender.startswith("whatsapp:") else 21606, "The 'From' address is not yours")
        if "MessagingServiceSid" in form and form["MessagingServiceSid"] != self.account.service:
            return Refusal(404, 20404, "The Messaging Service was not found")
        if not form["To"].startswith("whatsapp:") and (plain(form["To"]), self.account.sms) in self.opted_out:
            return Refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        return self.shelf.refuse(form, self.in_window(form["To"])) if "ContentSid" in form else None

    def create(self, form: Mapping[str, str]) -> Message:
        """A message of ours, as it stands when the carrier has taken it."""
        whatsapp = form["To"].startswith("whatsapp:")
        default = f"whatsapp:{self.account.whatsapp}" if whatsapp else self.account.sms
        content = self.shelf.contents.get(form.get("ContentSid", ""))
        shown = self._rendered(content, form) if content else Rendered("", form.get("Body", ""))
        message = self._keep(
            Message(
                self.sid("MM" if "MediaUrl" in form else "SM"),
                len(self.messages),
                "outbound-api",
                form.get("From", default),
                form["To"],
                shown.body,
                "queued",
                self.now(),
                None,
                form.get("MessagingServiceSid"),
                content_sid=form.get("ContentSid"),
                callback=form.get("StatusCallback"),
                buttons=list(shown.buttons),
                shape=shown.kind,
                form=dict(form),
                history=["queued"],
            )
        )
        if whatsapp and not (content and content.approved) and not self.in_window(form["To"]):
            message.error_code = 63016
        return message

    def _rendered(self, content: Content, form: Mapping[str, str]) -> Rendered:
        return rendered(content, kind_for(content, form["To"]) or TEXT, values_of(form))

    def receive(
        self, sender: str, body: str, media: Iterable[tuple[str, str]] = (), ago: timedelta = timedelta()
    ) -> Message:
        """A message from a phone. WhatsApp writes Mexican mobile numbers as +521, whatever we wrote."""
        whatsapp = sender.startswith("whatsapp:")
        ours = f"whatsapp:{self.account.whatsapp}" if whatsapp else self.account.sms
        now = self.now() - ago
        media = list(media)
        message = self._keep(
            Message(
                self.sid("MM" if media else "SM"),
                len(self.messages),
                "inbound",
                sender,
                ours,
                body,
                "received",
                now,
                now,
                media=media,
            )
        )
        self.last_heard[plain(sender)] = self.clock() - ago
        word = body.strip().upper()
        if not whatsapp and word in STOP_WORDS:
            self.opted_out.add((plain(sender), ours))
        if not whatsapp and word in START_WORDS:
            self.opted_out.discard((plain(sender), ours))
        return message

    def _keep(self, message: Message) -> Message:
        self.messages[message.sid] = message
        return message

    def in_window(self, address: str) -> bool:
        """Whether free text may be sent to this WhatsApp address now."""
        heard = self.last_heard.get(plain(address))
        return heard is not None and self.clock() - heard < WINDOW

    def listed(self, query: Mapping[str, str]) -> list[Message]:
        """Messages that match a list's query, the newest first."""
        found = [message for message in self.messages.values() if _matches(message, query)]
        return sorted(found, key=lambda message: (message.created, message.number), reverse=True)


def plain(address: str) -> str:
    """The number alone, +521 as +52."""
    number = address.removeprefix("whatsapp:")
    return f"+52{number[4:]}" if number.startswith("+521") and len(number) == 14 else number


def segments(body: str) -> int:
    """About how many parts an SMS has."""
    size = 153 if body.isascii() else 67
    return 1 if len(body) <= (160 if body.isascii() else 70) else -(-len(body) // size)


def _matches(message: Message, query: Mapping[str, str]) -> bool:
    if any(query.get(name, value) != value for name, value in (("To", message.receiver), ("From", message.sender))):
        return False
    dates = [name for name in query if name.startswith("DateSent")]
    if dates and message.sent is None:
        return False
    day = message.sent.date().isoformat() if message.sent else ""
    compare = {"DateSent": day.__eq__, "DateSent<": day.__le__, "DateSent>": day.__ge__}
    return all(compare[name](query[name]) for name in dates)

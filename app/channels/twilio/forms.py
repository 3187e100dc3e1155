"""Twilio's forms and list entries as messages and statuses. Pure: what is signed has been checked before, what is asked
for has been fetched. New fields appear without notice and are kept in `form`; nothing here depends on their absence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from app.channels.addresses import WHATSAPP, canonical, is_user_id
from app.channels.base import Found, Inbound, Malformed, MessageKind, Status
from app.flows.replies.open import family

MOST_MEDIA = 10
"""Attachments of one message."""

_SID = re.compile(r"[A-Za-z0-9]{4,64}")
_UID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
_UNIT = re.compile(r"[A-Za-z]{3}")
_OPT_OUT = frozenset({"START", "STOP", "HELP"})
_STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"})
"""What Twilio itself obeys in an SMS: whoever writes it has been answered, and gets nothing more from us."""
_UNTYPED = "application/octet-stream"


def inbound(form: Mapping[str, str]) -> Inbound:
    """A webhook's form as a message. Raises Malformed, naming the field and not its value.

    A pressed button comes with its payload (`ButtonPayload`, or `ListId` of a list); a quoted message, and a reaction
    to one, with that message's SID; a location with an empty body and its coordinates in `form`.
    """
    sender = form.get("From", "").strip()
    if not sender:
        raise Malformed("From is missing")
    body = form.get("Body") or form.get("ButtonText") or form.get("ListTitle") or ""
    media = _media(form)
    return Inbound(
        sid=_sid(form, "MessageSid", "SmsMessageSid", "SmsSid"),
        channel=_channel(sender),
        sender=sender,
        receiver=form.get("To", "").strip(),
        body=body,
        media=media,
        button=form.get("ButtonPayload") or form.get("ListId") or None,
        quoted_sid=form.get("OriginalRepliedMessageSid") or None,
        opt_out=_opt_out(form.get("OptOutType", "")),
        sent_at=moment(form.get(WRITTEN_AT)),
        also=also(form, sender),
        form=dict(form),
        kind=_kind(form, body, media),
    )


def also(form: Mapping[str, str], sender: str) -> tuple[str, ...]:
    """The addresses of a WhatsApp sender beside `From`: the user id, and the number where `From` is the user id."""
    if not sender.startswith(WHATSAPP):
        return ()
    user_id = form.get("ExternalUserId", "").strip().removeprefix(WHATSAPP)
    number = form.get("WaId", "").strip()
    if not is_user_id(canonical("whatsapp", sender)):
        return (user_id,) if is_user_id(user_id) else ()
    return (f"+{number}",) if number.isascii() and number.isdecimal() else ()


def status(form: Mapping[str, str], uid: str | None) -> Status:
    """A status callback's form. `uid` comes from the callback's address. Raises Malformed."""
    name = form.get("MessageStatus") or form.get("SmsStatus") or ""
    if form.get("EventType", "").upper() == "READ":
        name = "read"
    if not name.strip():
        raise Malformed("MessageStatus is missing")
    return Status(
        sid=_sid(form, "MessageSid", "SmsSid"),
        status=name.strip().lower(),
        uid=uid if uid and _UID.fullmatch(uid) else None,
        error_code=_integer(form.get("ErrorCode")),
    )


def listed(entry: Mapping[str, Any]) -> Inbound:
    """An entry of the list of messages as a message. It knows less than the webhook did: no button, no quotation, and of
    attachments only that there are some. An emoji alone may have been a reaction, and is taken for no more than that.

    Raises Malformed.
    """
    message = inbound(_as_form(entry))
    if message.channel == "sms" and message.body.strip().upper() in _STOPS:
        return replace(message, opt_out="STOP")
    if message.channel == "whatsapp" and message.kind is MessageKind.text and _is_emoji(message.body):
        return replace(message, kind=MessageKind.reaction)
    return message


def has_media(message: Inbound) -> bool:
    """Whether a listed message has attachments that the list did not name."""
    return not message.media and message.form.get("NumMedia", "0") not in ("", "0")


def with_media(message: Inbound, media: Sequence[tuple[str, str]]) -> Inbound:
    """A listed message with its attachments, (address, content type)."""
    form = dict(message.form)
    for place, (url, content_type) in enumerate(media):
        form[f"MediaUrl{place}"], form[f"MediaContentType{place}"] = url, content_type
    found = inbound(form)
    return replace(message, media=found.media, form=form, kind=found.kind)


def days(since: datetime, until: datetime) -> Iterator[tuple[dict[str, str], datetime]]:
    """A time as queries by which Twilio lists messages of one day (UTC), each with the moment that its day ends. The last
    one has no end: its clock may be ahead of ours."""
    day = since.astimezone(UTC).date()
    while day < until.astimezone(UTC).date():
        following = day + timedelta(days=1)
        yield {"DateSent": day.isoformat()}, datetime.combine(following, time(), UTC)
        day = following
    yield {"DateSent>": day.isoformat()}, until


def found(entry: Mapping[str, Any]) -> Found:
    """An entry of the list of messages as the trace of something we sent. Raises Malformed."""
    return Found(
        sid=_sid(entry, "sid"),
        status=str(entry.get("status") or "accepted"),
        error_code=_integer(entry.get("error_code")),
        segments=_integer(entry.get("num_segments")),
        price=_price(entry.get("price")),
        price_unit=_unit(entry.get("price_unit")),
    )


def moment(text: object) -> datetime | None:
    """A date of the API (RFC 2822) in UTC; None where there is none."""
    if not isinstance(text, str) or not text:
        return None
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


WRITTEN_AT = "DateSent"
"""The field of our own in which a listed message keeps its moment. Webhooks have none."""

_FORM_NAMES = {
    "sid": "MessageSid",
    "from": "From",
    "to": "To",
    "body": "Body",
    "account_sid": "AccountSid",
    "num_media": "NumMedia",
    "messaging_service_sid": "MessagingServiceSid",
    "direction": "Direction",
    "date_sent": WRITTEN_AT,
}


def _as_form(entry: Mapping[str, Any]) -> dict[str, str]:
    """An entry with the names that a webhook's form has, so that what is kept of a message is read in one way."""
    dated = {**entry, "date_sent": entry.get("date_sent") or entry.get("date_created")}
    return {
        form: str(dated[name]).replace("\0", "") for name, form in _FORM_NAMES.items() if dated.get(name) is not None
    }


def _kind(form: Mapping[str, str], body: str, media: Sequence[tuple[str, str]]) -> MessageKind:
    """What a message is. Twilio says so (`MessageType`) of WhatsApp messages only, and not of all; an emoji alone that quotes
    one of ours is then taken for a reaction, which Twilio's reference does not describe."""
    said = form.get("MessageType", "").lower()
    if said == "reaction":
        return MessageKind.reaction
    if form.get("ButtonPayload") or form.get("ListId"):
        return MessageKind.button
    if form.get("Latitude") and form.get("Longitude"):
        return MessageKind.location
    if media:
        return _media_kind(said, media[0][1], form.get("From", ""))
    if body.strip():
        reacts = not said and form.get("OriginalRepliedMessageSid") and _is_emoji(body)
        return MessageKind.reaction if reacts else MessageKind.text
    return MessageKind.other


def _media_kind(said: str, content_type: str, sender: str) -> MessageKind:
    plain = content_type.partition(";")[0].strip().lower()
    if plain.endswith("vcard") or said == "contacts":
        return MessageKind.contact
    if said == "sticker" or (not said and plain == "image/webp" and sender.startswith(WHATSAPP)):
        return MessageKind.sticker  # photographs come as JPEG
    return MessageKind(family(plain))


def _is_emoji(body: str) -> bool:
    return any(unicodedata.category(char) == "So" for char in body) and not any(char.isalnum() for char in body)


def _sid(fields: Mapping[str, Any], *names: str) -> str:
    sid = next((value for name in names if (value := fields.get(name))), "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise Malformed(f"{names[0]} is missing or no SID")
    return sid


def _channel(sender: str) -> str:
    if sender.startswith(WHATSAPP):
        return "whatsapp"
    if ":" in sender:
        raise Malformed("From is an address of a channel that is not used")
    return "sms"


def _media(form: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Attachments by their fields, not by NumMedia: what is there counts."""
    found = []
    for number in range(MOST_MEDIA):
        if not (url := form.get(f"MediaUrl{number}")):
            break
        found.append((url, form.get(f"MediaContentType{number}") or _UNTYPED))
    return tuple(found)


def _opt_out(text: str) -> str | None:
    word = text.strip().upper()
    return word if word in _OPT_OUT else None


def _price(value: object) -> str | None:
    """What was charged: Twilio writes it below zero, and as text."""
    text = str(value).strip().removeprefix("-") if isinstance(value, str | float | int) else ""
    return text if _PRICE.fullmatch(text) else None


def _unit(value: object) -> str | None:
    return value.strip().upper() if isinstance(value, str) and _UNIT.fullmatch(value.strip()) else None


def _integer(value: object) -> int | None:
    text = str(value).strip() if value is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) else None

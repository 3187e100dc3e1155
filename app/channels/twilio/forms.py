"""Twilio's forms and list entries as messages and statuses. Pure: signatures have been checked, and lists fetched, before.
New fields appear without notice and are kept in `form`; nothing here depends on their absence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from app.channels.addresses import WHATSAPP, canonical, is_user_id
from app.channels.base import DeliveryStatus, Inbound, ListedMessage, Malformed, MessageKind, SentMessage, Status
from app.channels.causes import Cause
from app.channels.twilio.codes import STATUSES, cause_of
from app.flows.replies.open import family

MOST_MEDIA = 10
"""Attachments of one message."""

_SID = re.compile(r"[A-Za-z0-9]{4,64}")
_UID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
_UNIT = re.compile(r"[A-Za-z]{3}")
_OPT_OUT = frozenset({"START", "STOP", "HELP"})
_STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL"})
"""The words that Twilio itself obeys in an SMS: it has answered their author, and delivers nothing more from us."""
_UNTYPED = "application/octet-stream"


def inbound(form: Mapping[str, str]) -> Inbound:
    """A webhook's form as a message. Raises Malformed, naming the field and not its value.

    A pressed button has its payload in `ButtonPayload`, or `ListId` for a list; a quotation, and a reaction, has the SID of the
    quoted message; a location has an empty body and its coordinates in `form`.
    """
    author = form.get("From", "").strip()
    if not author:
        raise Malformed("From is missing")
    body = form.get("Body") or form.get("ButtonText") or form.get("ListTitle") or ""
    media = _media(form)
    return Inbound(
        sid=_sid(form, "MessageSid", "SmsMessageSid", "SmsSid"),
        channel=_channel(author),
        author=author,
        receiver=form.get("To", "").strip(),
        body=body,
        media=media,
        button=form.get("ButtonPayload") or form.get("ListId") or None,
        quoted_sid=form.get("OriginalRepliedMessageSid") or None,
        opt_out=_opt_out(form.get("OptOutType", "")),
        sent_at=moment(form.get(WRITTEN_AT)),
        also=_also(form, author),
        form=dict(form),
        kind=_kind(form, body, media),
        profile=form.get("ProfileName", ""),
    )


def _also(form: Mapping[str, str], author: str) -> tuple[str, ...]:
    """The other addresses of a WhatsApp author: the user id, or the number where `From` is the user id."""
    if not author.startswith(WHATSAPP):
        return ()
    user_id = form.get("ExternalUserId", "").strip().removeprefix(WHATSAPP)
    number = form.get("WaId", "").strip()
    if not is_user_id(canonical("whatsapp", author)):
        return (user_id,) if is_user_id(user_id) else ()
    return (f"+{number}",) if number.isascii() and number.isdecimal() else ()


def status(form: Mapping[str, str], uid: str | None) -> Status:
    """A status callback's form. `uid` comes from the callback's address. Raises Malformed."""
    name = form.get("MessageStatus") or form.get("SmsStatus") or ""
    if form.get("EventType", "").upper() == "READ":
        name = "read"
    if not name.strip():
        raise Malformed("MessageStatus is missing")
    sid, code = _sid(form, "MessageSid", "SmsSid"), _integer(form.get("ErrorCode"))
    status, word = _status(name.strip().lower())
    return Status(sid, status, uid if uid and _UID.fullmatch(uid) else None, code, _cause(code), word)


def _status(word: str) -> tuple[DeliveryStatus | None, str]:
    """A status with its meaning, and Twilio's word where it differs from it."""
    status = STATUSES.get(word)
    return status, "" if word == status else word


def _cause(code: int | None) -> Cause | None:
    return None if code is None else cause_of(code)


def listed(entry: Mapping[str, Any]) -> Inbound:
    """An entry of the list of messages as a message. It knows less than a webhook: no button, no quotation, and of
    attachments only that there are some. An emoji alone may have been a reaction, and counts as one.

    Raises Malformed.
    """
    message = inbound(_as_form(entry))
    if message.channel == "sms" and message.body.strip().upper() in _STOPS:
        return replace(message, opt_out="STOP")
    if message.channel == "whatsapp" and message.kind is MessageKind.text and _is_emoji(message.body):
        return replace(message, kind=MessageKind.reaction)
    return message


def has_media(message: Inbound) -> bool:
    """Whether a listed message has attachments, which the list does not name."""
    return not message.media and message.form.get("NumMedia", "0") not in ("", "0")


def with_media(message: Inbound, media: Sequence[tuple[str, str]]) -> Inbound:
    """A listed message with its attachments, (address, content type)."""
    form = dict(message.form)
    for place, (url, content_type) in enumerate(media):
        form[f"MediaUrl{place}"], form[f"MediaContentType{place}"] = url, content_type
    found = inbound(form)
    return replace(message, media=found.media, form=form, kind=found.kind)


def days(since: datetime, until: datetime) -> Iterator[tuple[dict[str, str], datetime]]:
    """A time as one query a day (UTC), which is how Twilio filters, each with the end of its day. The last query has no end:
    Twilio's clock may be ahead of ours."""
    day = since.astimezone(UTC).date()
    while day < until.astimezone(UTC).date():
        following = day + timedelta(days=1)
        yield {"DateSent": day.isoformat()}, datetime.combine(following, time(), UTC)
        day = following
    yield {"DateSent>": day.isoformat()}, until


def sent_message(entry: Mapping[str, Any]) -> SentMessage:
    """An entry of the list of messages as a message of ours. Raises Malformed."""
    status, word = _status(str(entry.get("status") or "accepted"))
    code = _integer(entry.get("error_code"))
    return SentMessage(
        sid=_sid(entry, "sid"),
        status=status,
        error_code=code,
        segments=_integer(entry.get("num_segments")),
        price=_price(entry.get("price")),
        price_unit=_unit(entry.get("price_unit")),
        cause=_cause(code),
        word=word,
    )


def listed_message(entry: Mapping[str, Any], since: datetime) -> ListedMessage:
    """An entry of the list as a message of ours with its receiver and words; `since` where the entry has no date. Raises Malformed."""
    to = str(entry.get("to") or "")
    at = moment(entry.get("date_created")) or moment(entry.get("date_sent")) or since
    channel = _channel(to)
    return ListedMessage(sent_message(entry), channel, canonical(channel, to), str(entry.get("body") or ""), at)


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
    """The kind of a message. Twilio gives it (`MessageType`) for WhatsApp messages only, and not for all. Without it, an emoji
    alone that quotes one of ours counts as a reaction, which Twilio's reference does not describe."""
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


def _media_kind(said: str, content_type: str, author: str) -> MessageKind:
    plain = content_type.partition(";")[0].strip().lower()
    if plain.endswith("vcard") or said == "contacts":
        return MessageKind.contact
    if said == "sticker" or (not said and plain == "image/webp" and author.startswith(WHATSAPP)):
        return MessageKind.sticker  # photographs come as JPEG
    return MessageKind(family(plain))


def _is_emoji(body: str) -> bool:
    return any(unicodedata.category(char) == "So" for char in body) and not any(char.isalnum() for char in body)


def _sid(fields: Mapping[str, Any], *names: str) -> str:
    sid = next((value for name in names if (value := fields.get(name))), "")
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise Malformed(f"{names[0]} is missing or no SID")
    return sid


def _channel(author: str) -> str:
    if author.startswith(WHATSAPP):
        return "whatsapp"
    if ":" in author:
        raise Malformed("From is an address of a channel that is not used")
    return "sms"


def _media(form: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Attachments by their fields; NumMedia is not trusted."""
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
    """The price: Twilio writes it as a negative number, and as text."""
    text = str(value).strip().removeprefix("-") if isinstance(value, str | float | int) else ""
    return text if _PRICE.fullmatch(text) else None


def _unit(value: object) -> str | None:
    return value.strip().upper() if isinstance(value, str) and _UNIT.fullmatch(value.strip()) else None


def _integer(value: object) -> int | None:
    text = str(value).strip() if value is not None else ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 and int(text) else None

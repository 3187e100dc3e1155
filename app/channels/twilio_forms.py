"""Twilio's forms and list entries as messages and statuses. Pure: what is signed has been checked before, what is asked
for has been fetched. New fields appear without notice and are kept in `form`; nothing here depends on their absence."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from app.channels.addresses import WHATSAPP, canonical, is_user_id
from app.channels.base import Found, Inbound, Malformed, Status

MOST_MEDIA = 10
"""Attachments of one message."""

_SID = re.compile(r"[A-Za-z0-9]{4,64}")
_UID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
_UNIT = re.compile(r"[A-Za-z]{3}")
_OPT_OUT = frozenset({"START", "STOP", "HELP"})
_UNTYPED = "application/octet-stream"


def inbound(form: Mapping[str, str]) -> Inbound:
    """A webhook's form as a message. Raises Malformed, naming the field and not its value.

    A pressed button comes with its payload (`ButtonPayload`, or `ListId` of a list); a quoted message, and a reaction
    to one, with that message's SID; a location with an empty body and its coordinates in `form`.
    """
    sender = form.get("From", "").strip()
    if not sender:
        raise Malformed("From is missing")
    return Inbound(
        sid=_sid(form, "MessageSid", "SmsMessageSid", "SmsSid"),
        channel=_channel(sender),
        sender=sender,
        receiver=form.get("To", "").strip(),
        body=form.get("Body") or form.get("ButtonText") or form.get("ListTitle") or "",
        media=_media(form),
        button=form.get("ButtonPayload") or form.get("ListId") or None,
        quoted_sid=form.get("OriginalRepliedMessageSid") or None,
        opt_out=_opt_out(form.get("OptOutType", "")),
        also=also(form, sender),
        form=dict(form),
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


def listed(entry: Mapping[str, Any], media: Sequence[tuple[str, str]]) -> Inbound:
    """An entry of the list of messages as a message. It knows less than the webhook did: no button, no quotation.

    Raises Malformed.
    """
    sender = str(entry.get("from") or "")
    if not sender:
        raise Malformed("from is missing")
    return Inbound(
        sid=_sid(entry, "sid"),
        channel=_channel(sender),
        sender=sender,
        receiver=str(entry.get("to") or ""),
        body=str(entry.get("body") or "").replace("\0", ""),
        media=tuple(media),
        sent_at=moment(entry.get("date_sent")) or moment(entry.get("date_created")),
        form=_as_form(entry),
    )


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


_FORM_NAMES = {"sid": "MessageSid", "from": "From", "to": "To", "body": "Body"}


def _as_form(entry: Mapping[str, Any]) -> dict[str, str]:
    """An entry with the names that a webhook's form has, so that what is kept of a message is read in one way."""
    plain = {name: str(value) for name, value in entry.items() if isinstance(value, str | int | float)}
    return {_FORM_NAMES.get(name, name): value for name, value in plain.items()}


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

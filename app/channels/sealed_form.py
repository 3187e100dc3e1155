"""The content that is sealed with each inbound message: the carrier's whole form, and beside it, in no carrier's words, what is
read later. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from app.channels.addresses import canonical, channel_of
from app.channels.base import Inbound, MessageKind


@dataclass(frozen=True, slots=True)
class SealedForm:
    """An opened form. `author` and `also` are canonical addresses of its author, `profile` their own name on WhatsApp."""

    author: str
    also: tuple[str, ...]
    profile: str
    form: Mapping[str, str]


def dump(message: Inbound) -> str:
    """The JSON text to seal."""
    content = {
        "author": canonical(message.channel, message.author),
        "also": [canonical(message.channel, other) for other in message.also],
        "profile": message.profile,
        "form": dict(message.form),
    }
    return orjson.dumps(content).decode()


def dump_message(message: Inbound) -> str:
    """The JSON text of a whole message, to be handled later."""
    return orjson.dumps({**asdict(message), "form": dict(message.form)}).decode()


def load_message(text: str) -> Inbound:
    """The message of `dump_message`."""
    content = orjson.loads(text)
    sent_at = content["sent_at"]
    return Inbound(
        **{
            **content,
            "media": tuple((url, content_type) for url, content_type in content["media"]),
            "also": tuple(content["also"]),
            "kind": MessageKind(content["kind"]),
            "sent_at": None if sent_at is None else datetime.fromisoformat(sent_at),
        }
    )


def load(text: str) -> SealedForm:
    """An opened JSON text."""
    content = orjson.loads(text)
    if "form" not in content:  # sealed before the first release: Twilio's form alone
        address = content.get("From", "")
        return SealedForm(canonical(channel_of(address), address), (), content.get("ProfileName", ""), content)
    return SealedForm(content["author"], tuple(content["also"]), content["profile"], content["form"])

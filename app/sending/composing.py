"""The message as it goes to the carrier: name filled in, options as buttons, as a list or as numbered lines, by SMS without
accents where the programme asks for it. Pure, and always the same for the same row, so that a message that may have been
sent can be found by its body."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from app.channels.base import Outgoing
from app.channels.interactive import Option, content_for, one_line
from app.errors import ConfigurationError, UsageError
from app.flows.engine.buttons import Shape, payload, title
from app.flows.engine.render import fill, written
from app.flows.segments import plain
from app.store.outbox import Claimed
from app.wording import Sentence

UNNAMED = "oficial"
"""Replaces a missing name in a template: WhatsApp refuses an empty variable."""

LONGEST = 1600
"""Characters that the carrier takes in one message."""

_NAME = re.compile(r"\{\{\s*nombre\s*\}\}")

NOTHING = "-"
"""Replaces any other empty value in a template."""


def compose(
    message: Claimed,
    to: str,
    identity: Mapping[str, str],
    template: str | None,
    contents: Mapping[str, str],
    validity: timedelta | None = None,
) -> Outgoing:
    """Word a message. `template` is the carrier's id of the template it needs, if any; `contents` are the environment's generic
    contents by name, which show a question with buttons or a list within the conversation. Raises ConfigurationError if the words of
    the message could not be opened."""
    if message.body is None:
        raise ConfigurationError(Sentence("the words of a message cannot be opened"))
    named = {name: one_line(value) for name, value in identity.items()}
    text = fill(message.body, named)
    options = _options(message)
    content = (
        content_for(text, options) if options and message.channel == "whatsapp" and message.media is None else None
    )
    sid, variables, pressed = template, _values(message, named), False
    if template is not None:
        # A template has buttons of its own, and no list.
        pressed = content is not None and content.shape is Shape.buttons
    elif content is not None and content.name in contents:
        sid, variables, pressed = contents[content.name], content.variables(text, options), True
    return Outgoing(
        uid=message.uid,
        channel=message.channel,
        to=to,
        body=one_line(text) if pressed else _written(message, text),
        content_sid=sid,
        variables=variables if sid else (),
        media=message.media,
        validity_seconds=None if validity is None else int(validity.total_seconds()),
        buttons=tuple([(option.payload, title(option.label)) for option in options]) if pressed else (),
    )


def _options(message: Claimed) -> list[Option]:
    """The options that can be pressed: none if one of them would not be the whole answer."""
    session, step = message.session_id, message.step
    if session is None or step is None:
        return []
    return [
        Option(payload(session, step, option["key"]), option["label"], option["number"])
        for option in json.loads(message.options)
        if "key" in option
    ]


def _values(message: Claimed, identity: Mapping[str, str]) -> tuple[str, ...]:
    """The values of a template's variables: none is empty, and each is on one line."""
    return tuple([_value(str(value), identity) for value in json.loads(message.variables or "[]")])


def _value(value: str, identity: Mapping[str, str]) -> str:
    return one_line(fill(value, identity)) or (UNNAMED if value.strip() else NOTHING)


def _written(message: Claimed, text: str) -> str:
    """The text with its options as numbered lines."""
    lines = [(option["number"], option["label"]) for option in json.loads(message.options)]
    body = written(message.kind, text, lines)
    return (plain(body) or body) if message.plain and message.channel == "sms" else body


def personal_words(text: str) -> str:
    """The words of a person to officers, as they are stored. The officer's name is the one variable that they may have. Raises UsageError."""
    text = _NAME.sub("{{nombre}}", text.strip())
    if not text:
        raise UsageError(Sentence("a message needs words"), "no_words")
    if len(text) > LONGEST:
        raise UsageError(
            Sentence("a message has at most {most} characters; this one has {number}", most=LONGEST, number=len(text)),
            "too_long",
            most=LONGEST,
        )
    if "{{" in text.replace("{{nombre}}", ""):
        raise UsageError(Sentence("the only variable of a message is {{{{ nombre }}}}"), "variable")
    return text

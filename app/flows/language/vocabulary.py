"""The small types of the flow language: names, durations, texts, and the strict base model."""

import re
from datetime import time, timedelta
from typing import Annotated, LiteralString
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.wording import Sentence

NAME = re.compile(r"^[a-z][a-z0-9_]{0,31}$")
Code = Annotated[str, StringConstraints(pattern=NAME.pattern)]
"""A name that may become a column: ASCII snake_case of at most 32 characters (Stata's limit)."""
Reference = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""The name of something defined elsewhere. Checks say whether it exists, so here any text is allowed."""
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A title or the label of an option: one line."""
DataLabel = Annotated[str, StringConstraints(min_length=1, max_length=80)]
"""The label of a variable in the data: one line that Stata takes whole."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]

_DURATION = re.compile(r"(\d{1,4})\s*(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def fault(code: LiteralString, text: Sentence) -> PydanticCustomError:
    """A model's own error: its code for authors, and the text."""
    return PydanticCustomError(code, "{text}", {"text": text})


def duration(value: object) -> timedelta:
    """A duration as written in a file. Raises pydantic's error if it is not valid."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise fault("duration", Sentence("must be a duration such as 30m, 24h, 3d or 2w"))
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,4}(m|h|d|w)$", "examples": ["30m", "24h", "3d", "2w"]}),
]


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


class Model(BaseModel):
    """Unknown keys are errors, never ignored; nothing is changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _hour(value: object) -> object:
    if isinstance(value, time):
        return value
    match = _HOUR.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise fault("hour", Sentence("must be an hour of the day such as 09:30"))
    return time(int(match[1]), int(match[2]))


Hour = Annotated[
    time,
    BeforeValidator(_hour),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,2}:[0-9]{2}$", "examples": ["09:30"]}),
]
"""A local hour of the day."""

Plain = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Translations = Annotated[dict[Language, Plain], Field(min_length=1, max_length=20)]


def _text_kind(value: object) -> str:
    return "translations" if isinstance(value, dict) else "plain"


Text = Annotated[
    Annotated[Plain, Tag("plain")] | Annotated[Translations, Tag("translations")],
    Discriminator(_text_kind),
]
"""A text: one string in the programme's language, or one for each language."""

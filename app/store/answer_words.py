"""The words of an answer. A reply that is nothing but its option stands in the column `raw`; every other one is sealed in `words`, and
with it what a text was understood as, which is the officer's words too."""

from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from app.store import sealing
from app.store.sealing import RESPONSE_WORDS, UNREADABLE


class AnswerWords(NamedTuple):
    """What was typed, what it was understood as, and how that reads."""

    raw: str
    value: str | None
    label: str


def written(raw: str, value: str | None = None, label: str = "") -> str | None:
    """The text to seal: with value and label if the answer is a text. None if nothing was written."""
    return orjson.dumps([raw] if value is None else [raw, value, label]).decode() if raw or value else None


def read(raw: str | None, words: str | None, value: str | None, label: str) -> AnswerWords:
    """The words of an answer from its columns, `words` opened. Raises ValueError if they are damaged."""
    if not words:
        return AnswerWords(raw or "", value, label)
    typed, *understood = orjson.loads(words)
    return AnswerWords(typed, *understood) if understood else AnswerWords(typed, value, label)


def shown(tx: Connection, inbound: int | None, sealed: bytes | None) -> str:
    """What was typed, of the words as they are stored; `UNREADABLE` if they cannot be opened."""
    found = opened(tx, inbound, None, sealed, None, "")
    return UNREADABLE if found is None else found.raw


def opened(
    tx: Connection, inbound: int | None, raw: str | None, sealed: bytes | None, value: str | None, label: str
) -> AnswerWords | None:
    """The same with `words` as they are stored; None if they cannot be opened."""
    words = sealing.readable(tx, RESPONSE_WORDS, inbound, sealed)
    try:
        return None if words is None else read(raw, words, value, label)
    except ValueError:
        return None

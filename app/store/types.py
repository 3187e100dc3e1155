"""Column types that behave alike on SQLite and PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

from app.flows.nudge_rules import Rule, read_rule

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key. SQLite numbers rows by itself only where the type is exactly INTEGER."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, in UTC both ways; a naive one is refused with ValueError.

    SQLite has no moments: there it is text of one width that sorts as time does. The processors are replaced whole, and
    not only wrapped, because every webhook converts dozens of moments.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """How a moment is handed to the driver."""
        return _as_text if dialect.name == "sqlite" else _aware

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """How the driver's value becomes a moment."""
        return _from_text if dialect.name == "sqlite" else _in_utc


class NudgeRule(TypeDecorator[Rule]):
    """The rule that a nudge comes from, stored as its text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Rule | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """A rule as its text."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Rule | None:  # noqa: ARG002
        """A text as its rule."""
        return read_rule(value)


_NAIVE = "a stored moment must have a time zone"


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(_NAIVE)
    return value


@lru_cache(maxsize=256)
def _as_text(value: datetime | None) -> str | None:
    """The last ones are kept: most of the moments in a batch are its own."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(_NAIVE)
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def as_texts(values: Sequence[datetime | None]) -> list[str | None]:
    """The same for many at once, which takes a fifth of the time."""
    written = orjson.loads(orjson.dumps(values).replace(b"T", b" ").replace(b"+00:00", b".000000"))
    width = 26  # which those in another zone, or with fractions of a second, do not have
    return [
        text if text and len(text) == width else _as_text(value) for text, value in zip(written, values, strict=True)
    ]


def _from_text(value: str | None) -> datetime | None:
    # `replace(tzinfo=UTC)` would take ten times as long.
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)

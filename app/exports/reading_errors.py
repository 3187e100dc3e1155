"""The error of the reader of replies, as people find it who read a random sample blind: by question the share of replies in which the
reader's value is not the one on which the people agree, with an interval. Replies on which they do not agree are counted, not judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.exports.coding_status import settle_codes
from app.exports.numbering import in_data
from app.exports.selection import officer_conditions, time_conditions
from app.exports.source import Source
from app.exports.statistics.proportions import Interval, wilson
from app.flows.replies.forms import AnswerKind
from app.store.readings import UNCLEAR
from app.store.tables import COHORT, READING, RESPONSE, SAMPLED_REPLY, with_officer

Question = tuple[str, str]
"""Programme and variable."""


@dataclass(slots=True)
class _Tally:
    read: int = 0
    agreed: int = 0
    errors: int = 0
    weight: float = 0.0
    wrong: float = 0.0
    squares: float = 0.0

    def add(self, share: float, *, is_wrong: bool) -> None:
        """Count a reply that stands for 1 / share others of its stratum."""
        weight = 1 / share
        self.agreed += 1
        self.errors += is_wrong
        self.weight += weight
        self.wrong += weight * is_wrong
        self.squares += weight * weight


@dataclass(frozen=True, slots=True)
class ReadingError:
    """The error in the replies to a question. `read`: by two people or more; `agreed`: those on which they agree; `errors` of these; `rate`
    counts each by the replies that it stands for; `interval` is Wilson's, of so many replies as are worth the same (Kish)."""

    variable: str
    read: int
    agreed: int
    errors: int
    rate: float | None
    interval: Interval | None


def reading_errors(source: Source) -> dict[Question, ReadingError]:
    """The error by question; those that nobody has read twice are left out."""
    found: dict[Question, _Tally] = {}
    for question, share, value, read in _replies(source):
        tally = found.setdefault(question, _Tally())
        tally.read += 1
        settled, _ = settle_codes(read)
        if settled is not None:
            tally.add(share, is_wrong=settled != value)
    return {question: _error(question[1], tally) for question, tally in sorted(found.items())}


def _error(variable: str, tally: _Tally) -> ReadingError:
    if not tally.agreed:
        return ReadingError(variable, tally.read, 0, 0, None, None)
    rate = tally.wrong / tally.weight
    worth = tally.weight**2 / tally.squares
    interval = wilson(rate * worth, worth)
    return ReadingError(variable, tally.read, tally.agreed, tally.errors, rate, interval)


def _replies(source: Source) -> Iterator[tuple[Question, float, str, dict[str, str]]]:
    """Each reply that two people have read: its question, the share of its stratum that was drawn, the reader's value as the data have it,
    and the people's."""
    response, reading = RESPONSE.c, READING.c
    names = (response.id, response.variable, response.kind, response.status, response.value, response.missing)
    query = (
        select(COHORT.c.programme, *names, SAMPLED_REPLY.c.share, reading.reader, reading.value.label("read"))
        .select_from(
            with_officer(RESPONSE)
            .join(SAMPLED_REPLY, SAMPLED_REPLY.c.response_id == response.id)
            .join(READING, reading.response_id == response.id)
        )
        .where(
            response.status.in_(("ok", "unclear")),
            *officer_conditions(source.selection),
            *time_conditions(source.selection, response.answered_at),
        )
        .order_by(response.id, reading.reader)
    )
    rows: dict[int, tuple[Question, float, str, dict[str, str]]] = {}
    for row in source.tx.execute(query):
        value = UNCLEAR if row.status == "unclear" else _in_data(source, row)
        told = rows.setdefault(row.id, ((row.programme, row.variable), row.share, value, {}))
        told[3][row.reader] = row.read
    return (told for told in rows.values() if len(told[3]) > 1)


def _in_data(source: Source, row: Any) -> str:  # noqa: ANN401 - of the query
    if row.missing is not None:
        return f".{row.missing}"
    numbers, value = source.numbering.of(row.programme, row.variable), row.value or ""
    return " ".join(in_data(numbers, part) for part in (value.split() if row.kind == AnswerKind.multi else [value]))

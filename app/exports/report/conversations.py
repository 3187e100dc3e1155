"""When the first question of each conversation was put and when its first answer came, and which questions were put and answered. Read as
arrays by the conversation's number, from which the funnels and the drop-off are counted. Nothing of it leaves the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select, true

from app.exports.report.sample import Sample
from app.exports.report.tally import Places, different
from app.exports.source import SMALL_BATCH
from app.exports.statistics.libraries import numpy
from app.store.dialect import batches, stored_text
from app.store.funnel import SENT
from app.store.tables import CONTACT, OUTBOUND, RESPONSE

ANSWERED = ("ok", "superseded")
"""The answers to a question; one that was corrected counts once."""

_STEP = 20
"""Bits of a question's place."""


@dataclass(frozen=True, slots=True)
class Conversations:
    """Arrays by the number of the conversation, of which 0 is none: the bits of `Reach`, and moments in UTC, which are NaT where there is
    none. `put` and `given` are the questions that were put within the time of the sample, and those that were answered: sorted numbers, each
    of a conversation and a place in `questions`. `officer` has who was asked; `mine`, by the officer's id, who belongs to the sample."""

    reach: Any
    asked_at: Any
    answered_at: Any
    officer: Any
    mine: Any
    put: Any
    given: Any
    questions: Sequence[tuple[str, str]]

    def steps(self) -> tuple[Any, Any, Any]:
        """Of each question that was put in a conversation: its place in `questions`, the officer, whether it was answered."""
        np = numpy()
        given = np.append(self.given, -1)  # where the search ends for a question after the last one that was answered
        answered = given[np.searchsorted(self.given, self.put)] == self.put
        return self.put & ((1 << _STEP) - 1), self.officer[self.put >> _STEP], answered


def conversations(tx: Connection, sample: Sample, reach: bytearray) -> Conversations:
    """The conversations of the sample; of others there may be something, too."""
    np, size = numpy(), len(reach)
    asked_at, answered_at = np.full(size, _NEVER), np.full(size, _NEVER)
    officer, questions = np.zeros(size, np.int64), Places[tuple[str, str]]()
    put, given = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    mine = _mine(tx, sample)
    for session, contact, flow, step, sent_at, within in columns(tx, _questions(sample)):
        asked, who = np.array(session), np.array(contact)
        _earliest(asked_at, asked, sent_at)
        officer[asked] = who
        put.append((asked << _STEP | _places(questions, flow, step))[np.array(within, bool) & mine[who]])
    for session, flow, step, status, at in columns(tx, _answers(sample)):
        answered = np.array(session)
        _earliest(answered_at, answered, at)
        given.append((answered << _STEP | _places(questions, flow, step))[is_among(status, ANSWERED)])
    return Conversations(
        reach=np.frombuffer(reach, np.uint8),
        asked_at=_moments_of(asked_at),
        answered_at=_moments_of(answered_at),
        officer=officer,
        mine=mine,
        put=different(np.concatenate(put)),
        given=different(np.concatenate(given)),
        questions=list(questions),
    )


_NEVER = 2**63 - 1
"""Microseconds that stand for no moment while the earliest is looked for."""


def _earliest(found: Any, places: Any, texts: Sequence[str | None]) -> None:  # noqa: ANN401 - arrays
    """Put the earliest moment of each place, in microseconds."""
    np, at = numpy(), moments(texts)
    known = ~np.isnat(at)
    np.minimum.at(found, places[known], at[known].astype(np.int64))


def _moments_of(found: Any) -> Any:  # noqa: ANN401 - arrays
    at = found.astype("M8[us]")
    at[found == _NEVER] = "NaT"
    return at


def _mine(tx: Connection, sample: Sample) -> Any:  # noqa: ANN401 - an array
    found = numpy().zeros((tx.execute(select(func.max(CONTACT.c.id))).scalar_one() or 0) + 1, bool)
    found[tx.execute(sample.officers()).scalars().all()] = True
    return found


def _questions(sample: Sample) -> Select[Any]:
    message = OUTBOUND.c
    return select(
        message.session_id,
        message.contact_id,
        message.flow,
        message.step,
        stored_text(message.sent_at),
        case((and_(true(), *sample.within(message.created_at, message.contact_id)), 1), else_=0),
    ).where(
        message.kind == "ask",
        message.status.in_(SENT),
        message.session_id.is_not(None),
        message.contact_id.is_not(None),
        *sample.narrowed(message.contact_id),
    )


def _answers(sample: Sample) -> Select[Any]:
    answer = RESPONSE.c
    names = (answer.session_id, answer.flow, answer.step, answer.status, stored_text(answer.answered_at))
    return select(*names).where(*sample.narrowed(answer.contact_id))


def _places(known: Places[tuple[str, str]], flow: Sequence[str], step: Sequence[str]) -> Any:  # noqa: ANN401 - an array
    return numpy().array([known[one] for one in zip(flow, step, strict=True)])


# -- reading as columns -----------------------------------------------------------------------------------------------


def columns(tx: Connection, query: Select[Any]) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """The rows of a query of texts and numbers, in batches, as columns."""
    return (tuple(zip(*rows, strict=True)) for rows in batches(tx, query, SMALL_BATCH))


def moments(texts: Sequence[str | None]) -> Any:  # noqa: ANN401 - an array
    """Moments as `stored_text` gives them; NaT where there is none."""
    return numpy().array([text or "" for text in texts], "M8[us]")


def naive(moment: datetime) -> Any:  # noqa: ANN401 - of NumPy
    """A moment as these arrays have it."""
    return numpy().datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")


def is_among(words: Sequence[str], wanted: Sequence[str]) -> Any:  # noqa: ANN401 - an array
    """Whether each word is one of those wanted."""
    found = frozenset(wanted)
    return numpy().array([word in found for word in words])

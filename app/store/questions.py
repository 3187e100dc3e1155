"""The question that a message belongs to: by its quotation, by the pressed button, or by the moment at which it was written. Only
reads. All functions take a transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select

from app.clock import FARTHEST_AHEAD
from app.store import answer_words, sealing
from app.store.dialect import one_of
from app.store.sealing import OUTBOUND_BODY
from app.store.tables import NUDGE, OUTBOUND, RESPONSE, SESSION

QUESTIONS = ("ask", "clarification", "offer", "aside", "reminder")
"""Kinds of messages that ask a question, or stand in for it while it is open."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question of a session, found by a message that asked it."""

    contact_id: int
    session_id: int
    flow_version_id: int
    flow: str
    step: str
    wave: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of ours that asked nothing: `say`, `feedback`, or a notice, which belongs to no session."""

    contact_id: int | None
    session_id: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a session: when it was queued, when it went out, and when the phone had it, as far as known."""

    session_id: int
    flow: str
    step: str
    kind: str
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer, and when its session ended, if it has. `status`: whether it counts (ok), or was not understood (unclear)."""

    asked: AskedQuestion
    raw: str
    value: str | None
    key: str | None
    label: str
    missing: str | None
    answered_at: datetime
    ended_at: datetime | None
    status: str = "ok"


_ASKED = (
    select(
        SESSION.c.contact_id,
        SESSION.c.id,
        SESSION.c.flow_version_id,
        OUTBOUND.c.flow,
        OUTBOUND.c.step,
        SESSION.c.wave,
        OUTBOUND.c.created_at,
    )
    .select_from(OUTBOUND.join(SESSION, SESSION.c.id == OUTBOUND.c.session_id))
    .where(OUTBOUND.c.kind.in_(QUESTIONS))
    .order_by(OUTBOUND.c.id.desc())
    .limit(1)
)
_QUOTED = select(
    OUTBOUND.c.sid,
    OUTBOUND.c.kind,
    OUTBOUND.c.contact_id,
    OUTBOUND.c.session_id,
    SESSION.c.flow_version_id,
    OUTBOUND.c.flow,
    OUTBOUND.c.step,
    SESSION.c.wave,
    OUTBOUND.c.created_at,
).select_from(OUTBOUND.outerjoin(SESSION, SESSION.c.id == OUTBOUND.c.session_id))


def quoted(tx: Connection, sids: Collection[str]) -> dict[str, AskedQuestion | SentMessage]:
    """These messages of ours, by their SIDs. SIDs that are not ours are absent."""
    if not sids:
        return {}
    found: dict[str, AskedQuestion | SentMessage] = {}
    for sid, kind, contact, session, *rest in tx.execute(_QUOTED.where(OUTBOUND.c.sid.in_(list(sids)))):
        asks = kind in QUESTIONS and session is not None
        found[sid] = AskedQuestion(contact, session, *rest) if asks else SentMessage(contact, session, kind)
    return found


def asked_in(tx: Connection, contact: int, session: int, step: str) -> AskedQuestion | None:
    """The latest message with which a session of this officer asked this question: for a button, whose payload names both."""
    row = tx.execute(
        _ASKED.where(OUTBOUND.c.contact_id == contact, OUTBOUND.c.session_id == session, OUTBOUND.c.step == step)
    ).first()
    return None if row is None else AskedQuestion(*row)


def open_at(tx: Connection, contact: int, moment: datetime) -> AskedQuestion | None:
    """The open question of an officer at a moment: the last one asked by then, if its session had not ended."""
    row = tx.execute(
        _ASKED.where(
            OUTBOUND.c.contact_id == contact,
            OUTBOUND.c.created_at <= moment,
            or_(SESSION.c.ended_at.is_(None), SESSION.c.ended_at > moment),
        )
    ).first()
    return None if row is None else AskedQuestion(*row)


@dataclass(frozen=True, slots=True)
class PutQuestion:
    """A question as an officer got it: its text and options (JSON), and whether an answer counts already."""

    asked: AskedQuestion
    text: str
    options: str
    is_answered: bool


def put_lately(tx: Connection, contact: int, most: int) -> list[PutQuestion]:
    """The questions that an officer was asked last, each once, the latest first."""
    answered = (
        select(RESPONSE.c.id)
        .where(
            RESPONSE.c.session_id == OUTBOUND.c.session_id,
            RESPONSE.c.step == OUTBOUND.c.step,
            RESPONSE.c.flow == OUTBOUND.c.flow,
            RESPONSE.c.status == "ok",
        )
        .exists()
    )
    columns = (
        *_ASKED.selected_columns,
        OUTBOUND.c.uid,
        OUTBOUND.c.body,
        OUTBOUND.c.options,
        answered.label("is_answered"),
    )
    query = (
        select(*columns)
        .select_from(OUTBOUND.join(SESSION, SESSION.c.id == OUTBOUND.c.session_id))
        .where(OUTBOUND.c.contact_id == contact, OUTBOUND.c.kind == "ask")
        .order_by(OUTBOUND.c.id.desc())
        .limit(most)
    )
    found: dict[tuple[int, str], PutQuestion] = {}
    for *asked, uid, body, options, is_answered in tx.execute(query):
        question, text = AskedQuestion(*asked), sealing.shown(tx, OUTBOUND_BODY, uid, body)
        found.setdefault((question.session_id, question.step), PutQuestion(question, text, options, bool(is_answered)))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The question that an officer was asked last, of a session that ended without its answer, and when its wave closes, if it is of
    one. `tries`: how many replies to it were not understood, if the session ended on that; None if it expired."""

    asked: AskedQuestion
    ended_at: datetime
    closes_at: datetime | None
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The end of a session, as stored or as the batch at hand has it."""

    outcome: str | None
    ended_at: datetime | None


def last_asked(tx: Connection, contact: int) -> AskedQuestion | None:
    """The question that an officer was asked last."""
    row = tx.execute(_ASKED.where(OUTBOUND.c.contact_id == contact)).first()
    return None if row is None else AskedQuestion(*row)


def end_of(tx: Connection, session: int) -> End:
    """The stored end of a session."""
    return End(*tx.execute(select(SESSION.c.outcome, SESSION.c.ended_at).where(SESSION.c.id == session)).one())


def unclear_tries(tx: Connection, asked: AskedQuestion) -> int | None:
    """The tries after which a session went on without understanding the answer to a question; None if it did not."""
    found = select(func.max(RESPONSE.c.attempt)).where(
        RESPONSE.c.session_id == asked.session_id,
        RESPONSE.c.flow == asked.flow,
        RESPONSE.c.step == asked.step,
        RESPONSE.c.status == "unclear",
    )
    tries: int | None = tx.execute(found).scalar_one()
    return tries


def closing_of(tx: Connection, asked: AskedQuestion, ended_at: datetime) -> datetime | None:
    """When the wave of a question closes; None if it is of none. A wave whose closing is not known has closed with the session."""
    if asked.wave is None:
        return None
    closes = select(NUDGE.c.closes_at).where(NUDGE.c.session_id == asked.session_id)
    return tx.execute(closes.limit(1)).scalar_one_or_none() or ended_at


def is_answered(tx: Connection, asked: AskedQuestion) -> bool:
    """Whether a question has an answer that counts."""
    found = select(RESPONSE.c.id).where(
        RESPONSE.c.session_id == asked.session_id,
        RESPONSE.c.flow == asked.flow,
        RESPONSE.c.step == asked.step,
        RESPONSE.c.status == "ok",
    )
    return tx.execute(found.limit(1)).first() is not None


_SAID = (
    select(
        OUTBOUND.c.session_id,
        OUTBOUND.c.flow,
        OUTBOUND.c.step,
        OUTBOUND.c.kind,
        OUTBOUND.c.created_at,
        OUTBOUND.c.sent_at,
        OUTBOUND.c.delivered_at,
    )
    # By officer and time, for which there is an index.
    .select_from(
        SESSION.join(
            OUTBOUND,
            (OUTBOUND.c.contact_id == SESSION.c.contact_id)
            & (OUTBOUND.c.created_at >= bindparam("since"))
            & (OUTBOUND.c.session_id == SESSION.c.id),
        )
    )
    .where(one_of(SESSION.c.id, "sessions"))
    .order_by(OUTBOUND.c.id)
)


_BEGUN = select(func.min(SESSION.c.started_at)).where(one_of(SESSION.c.id, "sessions"))


def said_in(tx: Connection, sessions: Collection[int], now: datetime) -> dict[int, list[Said]]:
    """The messages of these sessions, in order."""
    found: dict[int, list[Said]] = {session: [] for session in sessions}
    if found and (first := tx.execute(_BEGUN, {"sessions": list(sessions)}).scalar_one()) is not None:
        # A session's messages come after its start; but two clocks may differ, or one may just have been set back.
        since = min(first, now) - FARTHEST_AHEAD
        for row in tx.execute(_SAID, {"sessions": list(sessions), "since": since}).all():
            found[row.session_id].append(Said(*row))
    return found


def last_answer(tx: Connection, contact: int, session: int | None = None) -> GivenAnswer | None:
    """The last answer that counts of an officer, or of one session; None also if its words cannot be opened."""
    found = _ANSWERS.where(RESPONSE.c.contact_id == contact, RESPONSE.c.status == "ok")
    if session is not None:
        found = found.where(RESPONSE.c.session_id == session)
    row = tx.execute(found.order_by(RESPONSE.c.id.desc()).limit(1)).first()
    return None if row is None else _as_answer(tx, row)


def answers_in(tx: Connection, session: int) -> list[GivenAnswer]:
    """The answers of a session that count, and the replies that were not understood in the end, in order; without those whose words
    cannot be opened."""
    found = _ANSWERS.where(RESPONSE.c.session_id == session, RESPONSE.c.status.in_(("ok", "unclear")))
    answers = [_as_answer(tx, row) for row in tx.execute(found.order_by(RESPONSE.c.id)).all()]
    return [one for one in answers if one is not None]


_ANSWERS = select(
    RESPONSE.c.contact_id,
    RESPONSE.c.session_id,
    RESPONSE.c.flow_version_id,
    RESPONSE.c.flow,
    RESPONSE.c.step,
    RESPONSE.c.wave,
    RESPONSE.c.asked_at,
    RESPONSE.c.inbound_id,
    RESPONSE.c.raw,
    RESPONSE.c.words,
    RESPONSE.c.value,
    RESPONSE.c.label,
    RESPONSE.c.key,
    RESPONSE.c.missing,
    RESPONSE.c.answered_at,
    SESSION.c.ended_at,
    RESPONSE.c.status,
).select_from(RESPONSE.join(SESSION, SESSION.c.id == RESPONSE.c.session_id))


def _as_answer(tx: Connection, row: Any) -> GivenAnswer | None:  # noqa: ANN401 - a row of _ANSWERS
    words = answer_words.opened(tx, row.inbound_id, row.raw, row.words, row.value, row.label)
    if words is None:
        return None
    asked = AskedQuestion(*row[:7])
    return GivenAnswer(
        asked, words.raw, words.value, row.key, words.label, row.missing, row.answered_at, row.ended_at, row.status
    )

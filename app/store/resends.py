"""Resends after a carrier failure. The failed row stays as it is; its successor is a new row with its own uid, which keeps the
place of the first one among its officer's messages. A unique key makes sure that a failure that is reported twice has one
successor. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, or_, select, update

from app.store import dialect, sealing
from app.store.dialect import insert_ignore_from, one_of
from app.store.outbox import place
from app.store.questions import QUESTIONS
from app.store.sealing import OUTBOUND_BODY, OUTBOUND_VARIABLES
from app.store.tables import (
    ADDRESS,
    CONTACT,
    OUTBOUND,
    SESSION,
    MessageStatus,
)

_first, _other = OUTBOUND.alias("first"), OUTBOUND.alias("other")

S = MessageStatus
_SAID_AT = func.coalesce(_first.c.created_at, OUTBOUND.c.created_at, type_=OUTBOUND.c.created_at.type)
_WITH_FIRST = OUTBOUND.outerjoin(_first, _first.c.id == OUTBOUND.c.origin_id)


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that the carrier reports as failed. `said_at` is when it was queued for the first time, `resend` the number of
    resends since; `status` is its officer's; `sender` is the number of ours that sent it."""

    id: int
    uid: str
    contact_id: int | None
    status: str | None
    channel: str
    template: str | None
    code: int | None
    cause: str | None
    resend: int
    said_at: datetime
    sent_at: datetime | None
    sender: str | None


_FAILED = [
    OUTBOUND.c.id,
    OUTBOUND.c.uid,
    OUTBOUND.c.contact_id,
    CONTACT.c.status,
    OUTBOUND.c.channel,
    OUTBOUND.c.template,
    OUTBOUND.c.error_code,
    OUTBOUND.c.error_cause,
    OUTBOUND.c.resend,
    _SAID_AT,
    OUTBOUND.c.sent_at,
    OUTBOUND.c.sender,
]


def failed(tx: Connection, messages: Collection[int]) -> list[Failed]:
    """The failed ones of these messages, ordered by id."""
    found = (
        select(*_FAILED)
        .select_from(_WITH_FIRST.outerjoin(CONTACT, CONTACT.c.id == OUTBOUND.c.contact_id))
        .where(OUTBOUND.c.id.in_(list(messages)), OUTBOUND.c.status.in_((S.failed, S.undelivered)))
        .order_by(OUTBOUND.c.id)
    )
    return [Failed(*row) for row in tx.execute(found)]


_COPIED = (
    "contact_id",
    "reply_to_id",
    "session_id",
    "flow",
    "step",
    "kind",
    "channel",
    "characters",
    "options",
    "plain",
    "template",
    "media",
    "priority",
    "expires_at",
)


def queue_successor(tx: Connection, message: Failed, uid: str, due_at: datetime, now: datetime) -> None:
    """Queue a failed message's successor, unless it has one. Messages that were to follow it at once wait for it."""
    given = {
        "uid": uid,
        "resend": message.resend + 1,
        "due_at": due_at,
        "created_at": now,
        "status": S.queued,
        "rank": 0,
        "attempts": 0,
        "error_code": message.code,
        "error_cause": message.cause,
        **_sealed_anew(tx, message, uid),
    }
    values = [literal(value, OUTBOUND.c[name].type).label(name) for name, value in given.items()]
    row = select(place(OUTBOUND), *[OUTBOUND.c[name] for name in _COPIED], *values).where(OUTBOUND.c.id == message.id)
    insert_ignore_from(tx, OUTBOUND, ("origin_id", *_COPIED, *given), row)
    said_at = func.coalesce(
        select(_first.c.created_at).where(_first.c.id == OUTBOUND.c.origin_id).scalar_subquery(),
        OUTBOUND.c.created_at,
    )
    stands = select(place(_other)).where(_other.c.id == message.id).scalar_subquery()
    tx.execute(
        update(OUTBOUND)
        .where(
            OUTBOUND.c.contact_id == message.contact_id,
            OUTBOUND.c.status == S.queued,
            OUTBOUND.c.due_at < due_at,
            said_at == literal(message.said_at, OUTBOUND.c.created_at.type),
            place(OUTBOUND) > stands,
        )
        .values(due_at=due_at)
    )


def _sealed_anew(tx: Connection, message: Failed, uid: str) -> dict[str, bytes | None]:
    """The words of a message, sealed for its successor. Those that cannot be opened are left as they are: sending them fails."""
    columns = OUTBOUND_BODY, OUTBOUND_VARIABLES
    row = tx.execute(select(*[one.column for one in columns]).where(OUTBOUND.c.id == message.id)).one()
    texts = [sealing.readable(tx, one, message.uid, value) for one, value in zip(columns, row, strict=True)]
    return {
        one.column.name: value if text is None else sealing.seal(tx, one, uid, text)
        for one, value, text in zip(columns, row, texts, strict=True)
    }


def note_class(tx: Connection, message: int, error_class: str) -> None:
    """Keep the reason of a failure, for a person to read."""
    tx.execute(update(OUTBOUND).where(OUTBOUND.c.id == message).values(error_class=error_class))


def without_channel(tx: Connection, contact: int, channel: str, at: datetime, now: datetime) -> None:
    """Mark an officer's addresses on a channel, as known when the message went out, as unreachable."""
    tx.execute(
        update(ADDRESS)
        .where(
            ADDRESS.c.contact_id == contact,
            ADDRESS.c.channel == channel,
            ADDRESS.c.created_at <= at,
            ADDRESS.c.retired_at.is_(None),
            ADDRESS.c.unreachable_at.is_(None),
        )
        .values(unreachable_at=now)
    )


def has_other_channel(tx: Connection, contact: int, channel: str) -> bool:
    """Whether an officer can be reached on another channel."""
    other = select(ADDRESS.c.id).where(
        ADDRESS.c.contact_id == contact,
        ADDRESS.c.channel != channel,
        ADDRESS.c.retired_at.is_(None),
        ADDRESS.c.unreachable_at.is_(None),
    )
    return tx.execute(other.limit(1)).first() is not None


# -- whether a resend still makes sense -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageHistory:
    """The history of a message since it was first queued, at `said_at`: its session, None if there is none (`asked_at`: when
    another message last asked the same question); its own delivery (`arrived`: by a late report of the carrier); its
    officer's other messages (`newer`: queued since); and the messages behind it (`overtaken`: one has arrived, `followed`: one
    is on its way)."""

    said_at: datetime
    ended_at: datetime | None
    step: str | None
    outcome: str | None
    wake_at: datetime | None
    asked_at: datetime | None
    arrived: bool
    newer: bool
    overtaken: bool
    followed: bool


def _some(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(*conditions)


_ARRIVED = _other.c.status.in_((dialect.literal(S.delivered), dialect.literal(S.read)))
_OF_OFFICER = _other.c.contact_id == OUTBOUND.c.contact_id
_BEHIND = and_(_OF_OFFICER, place(_other) > place(OUTBOUND))
_ASKED_AT = (
    select(func.max(_other.c.sent_at))
    .where(
        _OF_OFFICER,  # for its index
        _other.c.session_id == OUTBOUND.c.session_id,
        _other.c.step == OUTBOUND.c.step,
        _other.c.id != OUTBOUND.c.id,
        _other.c.kind.in_([dialect.literal(kind) for kind in QUESTIONS]),
    )
    .scalar_subquery()
)
_COURSE = select(
    OUTBOUND.c.id,
    _SAID_AT,
    SESSION.c.ended_at,
    SESSION.c.step,
    SESSION.c.outcome,
    SESSION.c.wake_at,
    _ASKED_AT,
    _some(or_(_other.c.id == OUTBOUND.c.origin_id, _other.c.origin_id == OUTBOUND.c.origin_id), _ARRIVED),
    _some(
        _OF_OFFICER,
        _other.c.created_at > _SAID_AT,
        _other.c.resend == 0,
        _other.c.status.not_in((dialect.literal(S.cancelled), dialect.literal(S.expired))),
    ),
    _some(_BEHIND, _ARRIVED),
    _some(_BEHIND, _other.c.status.in_((dialect.literal(S.accepted), dialect.literal(S.sent)))),
).select_from(_WITH_FIRST.outerjoin(SESSION, SESSION.c.id == OUTBOUND.c.session_id))
_COURSES = _COURSE.where(one_of(OUTBOUND.c.id, "messages"))


def histories(tx: Connection, messages: Sequence[int]) -> dict[int, MessageHistory]:
    """The histories of these messages, by id."""
    if not messages:
        return {}
    rows = tx.execute(_COURSES, {"messages": messages}).all()
    return {row[0]: MessageHistory(*row[1:7], *map(bool, row[7:])) for row in rows}

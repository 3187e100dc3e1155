"""The outbox: queued messages, claimed by senders with a lease, and what became of them. Of one contact only the earliest
message that is due and not yet through may be claimed, so order is kept and a nudge of tomorrow never blocks a reply of
today. A status only ever moves a message on. All functions take a transaction and commit nothing. See docs/adr/0003."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, case, exists, func, insert, or_, select, update

from app.store.dialect import insert_ignore
from app.store.tables import RANKS, Bucket, MessageEvent, MessageStatus, OutboundMessage, Setting

_bucket = Bucket.__table__  # type: ignore[attr-defined]
_event = MessageEvent.__table__  # type: ignore[attr-defined]
_outbound = OutboundMessage.__table__  # type: ignore[attr-defined]
_setting = Setting.__table__  # type: ignore[attr-defined]

S = MessageStatus
UNSENT = (S.queued, S.sending, S.unknown)

WORDS = {
    "accepted": S.accepted, "scheduled": S.accepted, "queued": S.accepted, "sending": S.accepted, "sent": S.sent,
    "delivered": S.delivered, "read": S.read, "failed": S.failed, "undelivered": S.undelivered,
    "canceled": S.cancelled,
}
"""The carrier's words for a status, as ours."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this sender, and no other, may hand to the carrier until `lease_until`. Of an unknown message that
    is the moment since when nobody hands it over any more."""

    id: int
    uid: str
    contact_id: int | None
    reply_to_id: int | None
    session_id: int | None
    step: str | None
    kind: str
    channel: str
    body: str
    options: str
    template: str | None
    variables: str
    media: str | None
    priority: int
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    lease_until: datetime | None


class Told(Protocol):
    """A status as the carrier told it."""

    @property
    def sid(self) -> str:
        """The carrier's name of the message."""

    @property
    def status(self) -> str:
        """Its word for what became of it."""

    @property
    def uid(self) -> str | None:
        """Ours, from the callback's address."""

    @property
    def error_code(self) -> int | None:
        """Why not."""


_MOMENT = _outbound.c.sent_at.type
"""Within a function a parameter has no type by itself, and a moment would be written as the driver has it."""

_FIELDS = [_outbound.c[name] for name in Claimed.__dataclass_fields__]
_earlier = _outbound.alias("earlier")
_CLAIMABLE = (
    select(_outbound.c.id)
    .where(
        _outbound.c.status == S.queued,
        _outbound.c.channel == bindparam("on_channel"),
        _outbound.c.priority == bindparam("of_priority"),
        _outbound.c.due_at <= bindparam("at"),
        or_(
            _outbound.c.contact_id.is_(None),
            ~exists().where(
                _earlier.c.contact_id == _outbound.c.contact_id,
                _earlier.c.id < _outbound.c.id,
                _earlier.c.status.in_(UNSENT),
                # One that was tried and waits for its next try keeps its place; one that is planned for later has none.
                or_(_earlier.c.due_at <= bindparam("at"), _earlier.c.attempts > 0),
            ),
        ),
    )
    .order_by(_outbound.c.due_at, _outbound.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(_outbound)
    .where(_outbound.c.id.in_(_CLAIMABLE.scalar_subquery()))
    .values(
        status=S.sending, rank=RANKS[S.sending], attempts=_outbound.c.attempts + 1,
        lease_until=bindparam("until"), lease_owner=bindparam("holder"),
    )
    .returning(*_FIELDS)
)


Lane = tuple[str, int]
"""A channel and a priority: messages of one lane are claimed together, in the order of an index."""

LANES: tuple[Lane, ...] = (("whatsapp", 0), ("sms", 0), ("whatsapp", 1), ("sms", 1))
"""In the order in which they are served: replies before nudges."""

_DUE = select(
    *[
        exists().where(
            _outbound.c.status == S.queued, _outbound.c.channel == channel, _outbound.c.priority == priority,
            _outbound.c.due_at <= bindparam("at"),
        )
        for channel, priority in LANES
    ]
)


def due(tx: Connection, now: datetime) -> list[Lane]:
    """The lanes in which something is due. Cheap, so that an idle sender writes nothing."""
    return [lane for lane, is_due in zip(LANES, tx.execute(_DUE, {"at": now}).one(), strict=True) if is_due]


def claim(tx: Connection, now: datetime, owner: str, lane: Lane, limit: int, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` messages of a lane that are due, in the order in which they are to be sent."""
    if limit < 1:
        return []
    channel, priority = lane
    rows = tx.execute(
        _CLAIM,
        {"at": now, "on_channel": channel, "of_priority": priority, "most": limit, "until": now + lease, "holder": owner},
    )
    return sorted([Claimed(*row) for row in rows], key=lambda message: message.id)


_ACCEPTED = (
    update(_outbound)
    .where(_outbound.c.id == bindparam("its_id"))
    .values(
        sid=bindparam("its_sid"),
        segments=func.coalesce(bindparam("parts"), _outbound.c.segments),
        lease_until=None,
        lease_owner=None,
        sent_at=func.coalesce(_outbound.c.sent_at, bindparam("at", type_=_MOMENT)),
        status=case((_outbound.c.rank < RANKS[S.accepted], S.accepted.value), else_=_outbound.c.status),
        rank=case((_outbound.c.rank < RANKS[S.accepted], RANKS[S.accepted]), else_=_outbound.c.rank),
    )
)


def accepted(tx: Connection, messages: Sequence[tuple[int, str, int | None]], now: datetime) -> None:
    """The carrier has these, as (id, its name, segments). A callback may have told us more already."""
    if messages:
        rows = [{"its_id": key, "its_sid": sid, "parts": segments, "at": now} for key, sid, segments in messages]
        tx.execute(_ACCEPTED, rows)


def retry(tx: Connection, message: int, due_at: datetime, code: int | None, error_class: str) -> None:
    """Certainly not sent: queued again for later, in its old place among its contact's messages."""
    _back(tx, message, due_at=due_at, error_code=code, error_class=error_class)


def release(tx: Connection, message: int, due_at: datetime) -> None:
    """Put back what was claimed but not tried: that does not count as an attempt."""
    _back(tx, message, due_at=due_at, attempts=_outbound.c.attempts - 1)


def wait(tx: Connection, message: int, due_at: datetime) -> None:
    """Put off until then, as if it had never been claimed: what waits for the morning holds nothing up at night."""
    _back(tx, message, due_at=due_at, attempts=0)


def redirect(tx: Connection, message: int, channel: str, now: datetime) -> None:
    """Certainly not sent, and to go by another channel."""
    _back(tx, message, channel=channel, due_at=now)


def requeue(tx: Connection, message: Claimed, due_at: datetime) -> bool:
    """An unknown message that the carrier certainly does not have: queued again. False if it is unknown no more, or was
    handed over since by somebody else."""
    result = tx.execute(
        update(_outbound)
        .where(
            _outbound.c.id == message.id, _outbound.c.status == S.unknown, _outbound.c.sid.is_(None),
            _outbound.c.attempts == message.attempts,
        )
        .values(status=S.queued, rank=RANKS[S.queued], due_at=due_at, lease_until=None, lease_owner=None)
    )
    return result.rowcount == 1


def held(tx: Connection, owner: str, messages: Collection[int]) -> set[int]:
    """Which of these a sender still holds. It has lost those whose lease ran out."""
    if not messages:
        return set()
    found = select(_outbound.c.id).where(
        _outbound.c.id.in_(list(messages)), _outbound.c.status == S.sending, _outbound.c.lease_owner == owner
    )
    return set(tx.execute(found).scalars())


def linked(tx: Connection, sids: Collection[str]) -> set[str]:
    """Which of the carrier's messages are known to be ours."""
    return set(tx.execute(select(_outbound.c.sid).where(_outbound.c.sid.in_(list(sids)))).scalars())


def _back(tx: Connection, message: int, **values: object) -> None:
    tx.execute(
        update(_outbound)
        .where(_outbound.c.id == message, _outbound.c.status.in_((S.sending, S.unknown)), _outbound.c.sid.is_(None))
        .values(status=S.queued, rank=RANKS[S.queued], lease_until=None, lease_owner=None, **values)
    )


def finish(
    tx: Connection, message: int, status: MessageStatus, code: int | None = None, error_class: str | None = None
) -> None:
    """Certainly not sent, and it will not be: failed or cancelled."""
    tx.execute(
        update(_outbound)
        .where(_outbound.c.id == message, _outbound.c.rank < RANKS[status])
        .values(
            status=status, rank=RANKS[status], error_code=code, error_class=error_class, lease_until=None,
            lease_owner=None,
        )
    )


def ambiguous(tx: Connection, message: int, reason: str, now: datetime) -> None:
    """It may have been sent: not again, unless it is looked for and not found."""
    tx.execute(
        update(_outbound)
        .where(_outbound.c.id == message, _outbound.c.status == S.sending)
        .values(status=S.unknown, rank=RANKS[S.unknown], error_class=reason, lease_until=now, lease_owner=None)
    )


def overdue(tx: Connection, now: datetime) -> int:
    """Messages whose sender died with the lease: nobody knows whether they went out. Gives how many."""
    result = tx.execute(
        update(_outbound)
        .where(_outbound.c.status == S.sending, _outbound.c.lease_until <= now)
        .values(status=S.unknown, error_class="lease_ran_out", lease_owner=None)
    )
    return result.rowcount


def unknown(tx: Connection, limit: int) -> list[Claimed]:
    """Messages that may or may not have been sent, the oldest first."""
    found = select(*_FIELDS).where(_outbound.c.status == S.unknown).order_by(_outbound.c.id).limit(limit)
    return [Claimed(*row) for row in tx.execute(found)]


def advance(tx: Connection, statuses: Sequence[Told], now: datetime) -> None:
    """Keep what the carrier told, each (message, status) once, and move the messages on; never back. Links a SID that we
    did not live to learn by the uid in the callback's address."""
    known = [told for told in statuses if told.status in WORDS]
    _link(tx, known, now)
    ids = _by_sid(tx, {told.sid for told in statuses})
    insert_ignore(
        tx,
        _event,
        [
            {"outbound_id": ids.get(told.sid), "sid": told.sid, "status": told.status[:20],
             "error_code": told.error_code, "at": now}
            for told in statuses
        ],
    )
    rows = [_move(told, now) for told in known if told.sid in ids]
    if rows:
        tx.execute(_ADVANCE, rows)


_LINK = (
    update(_outbound)
    .where(_outbound.c.uid == bindparam("its_uid"), _outbound.c.sid.is_(None))
    .values(
        sid=bindparam("its_sid"), sent_at=func.coalesce(_outbound.c.sent_at, bindparam("at", type_=_MOMENT)), lease_until=None,
        lease_owner=None,
    )
)
_ADVANCE = (
    update(_outbound)
    .where(_outbound.c.sid == bindparam("its_sid"), _outbound.c.rank < bindparam("to_rank"))
    .values(
        status=bindparam("to_status"),
        rank=bindparam("to_rank"),
        error_code=func.coalesce(bindparam("code"), _outbound.c.error_code),
        delivered_at=func.coalesce(_outbound.c.delivered_at, bindparam("delivered", type_=_MOMENT)),
        read_at=func.coalesce(_outbound.c.read_at, bindparam("seen", type_=_MOMENT)),
    )
)


def _link(tx: Connection, statuses: Sequence[Told], now: datetime) -> None:
    rows = [{"its_uid": told.uid, "its_sid": told.sid, "at": now} for told in statuses if told.uid]
    if rows:
        tx.execute(_LINK, rows)


def _by_sid(tx: Connection, sids: set[str]) -> dict[str, int]:
    rows = tx.execute(select(_outbound.c.sid, _outbound.c.id).where(_outbound.c.sid.in_(sids)))
    return dict(rows.all())


def _move(told: Told, now: datetime) -> dict[str, Any]:
    status = WORDS[told.status]
    return {
        "its_sid": told.sid, "to_status": status.value, "to_rank": RANKS[status], "code": told.error_code,
        "delivered": now if status in (S.delivered, S.read) else None, "seen": now if status is S.read else None,
    }


def contact_of(tx: Connection, sid: str) -> int | None:
    """Whose message this is, by the carrier's name of it."""
    return tx.execute(select(_outbound.c.contact_id).where(_outbound.c.sid == sid)).scalar_one_or_none()


def take(tx: Connection, sender: str, rate: float, now: datetime, wanted: int) -> int:
    """Take up to `wanted` tokens from a sender's bucket, which fills at `rate` a second up to one second's worth. 0 while
    the sender is paused. The row is locked, so that all processes together keep to the rate."""
    insert_ignore(tx, _bucket, [{"sender": sender, "tokens": max(1.0, rate), "at": now}])
    row = tx.execute(select(_bucket).where(_bucket.c.sender == sender).with_for_update()).one()
    if row.paused_at is not None:
        return 0
    filled = min(max(1.0, rate), row.tokens + rate * max(0.0, (now - row.at).total_seconds()))
    taken = min(wanted, int(filled))
    tx.execute(
        update(_bucket)
        .where(_bucket.c.sender == sender)
        .values(tokens=filled - taken, at=max(now, row.at))
    )
    return taken


def give_back(tx: Connection, sender: str, tokens: int) -> None:
    """Return tokens that were not used."""
    if tokens > 0:
        tx.execute(update(_bucket).where(_bucket.c.sender == sender).values(tokens=_bucket.c.tokens + tokens))


def pause_sender(tx: Connection, sender: str, code: int | None, now: datetime) -> bool:
    """Stop a sender until a person has mended the installation. True if it was not paused before."""
    insert_ignore(tx, _bucket, [{"sender": sender, "tokens": 0.0, "at": now}])
    result = tx.execute(
        update(_bucket)
        .where(_bucket.c.sender == sender, _bucket.c.paused_at.is_(None))
        .values(paused_at=now, pause_code=code)
    )
    return result.rowcount == 1


def is_stopped(tx: Connection) -> bool:
    """Whether somebody has stopped the whole service: the kill switch."""
    return tx.execute(select(_setting.c.value).where(_setting.c.name == "stopped")).scalar_one_or_none() == "1"


def enqueue(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Put messages into the outbox, in this order."""
    if rows:
        tx.execute(insert(_outbound), list(rows))


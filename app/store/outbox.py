"""The outbox: queued messages, claimed by send workers with a lease, and their results. For each contact only the first due
message may be claimed: replies before nudges, each in their own order; and none while another is being sent or in doubt.
Tomorrow's nudge never blocks today's reply. Later statuses of the carrier are in `callbacks`. All functions take a transaction and commit nothing.
See docs/adr/0003."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)

from app.clock import FARTHEST_AHEAD
from app.flows.tryouts import code_of
from app.store import sealing
from app.store.dialect import literal
from app.store.our_numbers import OwnNumbers
from app.store.records import NewMessage
from app.store.sealing import OUTBOUND_BODY, OUTBOUND_VARIABLES
from app.store.spending import EVERY
from app.store.tables import (
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    INBOUND,
    OUTBOUND,
    RANKS,
    MessageStatus,
)

S = MessageStatus
_UNSENT = (S.queued, S.sending, S.unknown)
"""Statuses of messages that the carrier may not have."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that only this send worker may hand to the carrier, until `lease_until`. For an unknown message that is the moment
    since which nobody hands it over. `body` is None if it, or the template's values, cannot be opened; `variables` are JSON, None if
    there are none."""

    id: int
    uid: str
    contact_id: int | None
    reply_to_id: int | None
    session_id: int | None
    step: str | None
    kind: str
    channel: str
    body: str | None
    options: str
    plain: bool | None
    template: str | None
    variables: str | None
    media: str | None
    priority: int
    attempts: int
    created_at: datetime
    expires_at: datetime | None
    lease_until: datetime | None
    origin_id: int | None = None  # of a resend: the first message
    resend: int = 0
    error_code: int | None = None  # the carrier's code of its last failure
    error_cause: str | None = None  # what that code means


_MOMENT = OUTBOUND.c.sent_at.type
"""The type to give to parameters inside SQL functions: without one, a moment would be written in the driver's own form."""

_FIELDS = [OUTBOUND.c[name] for name in Claimed.__dataclass_fields__]
_other = OUTBOUND.alias("other")


def place(table: FromClause) -> ColumnElement[int]:
    """A message's place among its officer's of the same priority: a resend keeps the place of the first one."""
    return func.coalesce(table.c.origin_id, table.c.id)


def _in_its_way(resting: Collection[str]) -> ColumnElement[bool]:
    """Whether another message comes before one. Nobody waits for those on the `resting` channels."""
    return exists().where(
        _other.c.contact_id == OUTBOUND.c.contact_id,
        _other.c.id != OUTBOUND.c.id,
        or_(
            _other.c.status.in_((literal(S.sending), literal(S.unknown))),
            and_(
                _other.c.status == literal(S.queued),
                *[_other.c.channel != channel for channel in resting],
                or_(
                    _other.c.priority < OUTBOUND.c.priority,
                    and_(_other.c.priority == OUTBOUND.c.priority, place(_other) < place(OUTBOUND)),
                ),
                # A message that waits for its next try keeps its place, and so does one due at once by a clock that was set back
                # since; one planned for later has none.
                or_(
                    _other.c.due_at <= bindparam("at"),
                    _other.c.attempts > 0,
                    _other.c.due_at <= _other.c.created_at,
                ),
            ),
        ),
    )


class Queue(NamedTuple):
    """Messages that are claimed together, in the order of an index: of one channel and priority, and of one programme, or (None)
    of all `but` some."""

    channel: str
    priority: int
    programme: str | None = None
    but: tuple[str, ...] = ()


REPLIES = (Queue("whatsapp", 0), Queue("sms", 0))
QUEUES = (*REPLIES, Queue("whatsapp", 1), Queue("sms", 1))
"""In the order in which they are served: replies before nudges."""


def _whose(queue: Queue) -> list[ColumnElement[bool]]:
    """The conditions by which a queue's programmes select messages: those to their officers, and to strangers who wrote to their
    number. None if all programmes share their numbers."""
    if queue.programme is None and not queue.but:
        return []
    programmes = (queue.programme,) if queue.programme is not None else queue.but
    wanted = [
        code for one in programmes for code in dict.fromkeys((one, code_of(one)))
    ]  # a tryout has its programme's number
    officers = CONTACT_WITH_COHORT
    theirs = or_(
        exists(
            select(CONTACT.c.id)
            .select_from(officers)
            .where(CONTACT.c.id == OUTBOUND.c.contact_id, COHORT.c.programme.in_(wanted))
        ),
        exists().where(
            OUTBOUND.c.contact_id.is_(None), INBOUND.c.id == OUTBOUND.c.reply_to_id, INBOUND.c.programme.in_(wanted)
        ),
    )
    return [theirs if queue.programme is not None else ~theirs]


@lru_cache(maxsize=512)
def _claiming(queue: Queue, resting: tuple[str, ...]) -> Executable:
    claimable = (
        select(OUTBOUND.c.id)
        .where(
            OUTBOUND.c.status == literal(S.queued),
            OUTBOUND.c.channel == bindparam("on_channel"),
            OUTBOUND.c.priority == bindparam("of_priority"),
            OUTBOUND.c.due_at <= bindparam("at"),
            or_(OUTBOUND.c.contact_id.is_(None), ~_in_its_way(resting)),
            *_whose(queue),
        )
        .order_by(OUTBOUND.c.due_at, OUTBOUND.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("claimable")  # computed once; a plain subquery PostgreSQL may run again for each row, past the limit
    )
    return (
        update(OUTBOUND)
        .where(OUTBOUND.c.id.in_(select(claimable.c.id)))
        .values(
            status=S.sending,
            rank=RANKS[S.sending],
            attempts=OUTBOUND.c.attempts + 1,
            lease_until=bindparam("until"),
            lease_owner=bindparam("holder"),
            sender=bindparam("by"),
        )
        .returning(*_FIELDS)
    )


@lru_cache(maxsize=8)
def _due(queues: tuple[Queue, ...]) -> Executable:
    return select(
        *[
            exists().where(
                OUTBOUND.c.status == literal(S.queued),
                OUTBOUND.c.channel == queue.channel,
                OUTBOUND.c.priority == queue.priority,
                OUTBOUND.c.due_at <= bindparam("at"),
                *_whose(queue),
            )
            for queue in queues
        ]
    )


def queues(own: OwnNumbers, held: Collection[str] = ()) -> tuple[Queue, ...]:
    """All queues, in the order in which they are served: one for each programme with a number of its own, and one for the
    others. Without the nudges of the programmes that are `held`; `EVERY` holds all."""
    found = []
    for channel, priority, _, _ in QUEUES:
        if priority > 0 and EVERY in held:
            continue
        alone = sorted(own.get(channel, ()))
        waiting = held if priority > 0 else ()
        found += [Queue(channel, priority, programme) for programme in alone if programme not in waiting]
        found.append(Queue(channel, priority, None, tuple(sorted({*alone, *waiting}))))
    return tuple(found)


def due(tx: Connection, now: datetime, among: tuple[Queue, ...] = QUEUES) -> list[Queue]:
    """The queues in which something is due. Cheap, so that an idle sender writes nothing."""
    return [queue for queue, is_due in zip(among, tx.execute(_due(among), {"at": now}).one(), strict=True) if is_due]


def claim(
    tx: Connection,
    now: datetime,
    owner: str,
    queue: Queue,
    limit: int,
    lease: timedelta,
    sender: str | None = None,
    resting: Collection[str] = (),
) -> list[Claimed]:
    """Claim up to `limit` due messages of a queue for one of our numbers, in the order in which they are to be sent. Nobody waits
    for a message on the channels in `resting`, whose number sends nothing now."""
    if limit < 1:
        return []
    rows = tx.execute(
        _claiming(queue, tuple(sorted(resting))),
        {
            "at": now,
            "on_channel": queue.channel,
            "of_priority": queue.priority,
            "most": limit,
            "until": now + lease,
            "holder": owner,
            "by": sender,
        },
    )
    return sorted([_claimed(tx, row) for row in rows.all()], key=lambda message: message.id)


def _claimed(tx: Connection, row: Any) -> Claimed:  # noqa: ANN401 - a row of _FIELDS
    found = row._asdict()
    body = sealing.readable(tx, OUTBOUND_BODY, row.uid, row.body)
    variables = sealing.readable(tx, OUTBOUND_VARIABLES, row.uid, row.variables)
    return Claimed(**(found | {"body": None if variables is None else body, "variables": variables or None}))


_ACCEPTED = (
    update(OUTBOUND)
    .where(OUTBOUND.c.id == bindparam("its_id"))
    .values(
        sid=bindparam("its_sid"),
        segments=func.coalesce(bindparam("parts"), OUTBOUND.c.segments),
        lease_until=None,
        lease_owner=None,
        sent_at=func.coalesce(OUTBOUND.c.sent_at, bindparam("at", type_=_MOMENT)),
        status=case((OUTBOUND.c.rank < RANKS[S.accepted], S.accepted.value), else_=OUTBOUND.c.status),
        rank=case((OUTBOUND.c.rank < RANKS[S.accepted], RANKS[S.accepted]), else_=OUTBOUND.c.rank),
    )
)


def accepted(tx: Connection, messages: Sequence[tuple[int, str, int | None]], now: datetime) -> None:
    """Record acceptance by the carrier: (id, SID, segments). A callback may already have reported more. Works in the order of SIDs,
    as in `callbacks`."""
    if messages:
        rows = [
            {"its_id": key, "its_sid": sid, "parts": segments, "at": now}
            for key, sid, segments in sorted(messages, key=lambda message: message[1])
        ]
        tx.execute(_ACCEPTED, rows)


def retry(
    tx: Connection,
    message: int,
    due_at: datetime,
    code: int | None,
    error_class: str,
    cause: str | None = None,
) -> None:
    """Queue a message that was certainly not sent again, in its old place among its contact's."""
    _back(tx, message, due_at=due_at, error_code=code, error_class=error_class, error_cause=cause)


def release(tx: Connection, message: int, due_at: datetime) -> None:
    """Put back a message that was claimed but not tried; this does not count as an attempt."""
    _back(tx, message, due_at=due_at, attempts=OUTBOUND.c.attempts - 1)


def wait(tx: Connection, message: int, due_at: datetime) -> None:
    """Postpone a message as if it had never been claimed, so that it blocks no other until then."""
    _back(tx, message, due_at=due_at, attempts=0)


def redirect(tx: Connection, message: int, channel: str, now: datetime) -> None:
    """Queue a message that was certainly not sent for another channel."""
    _back(tx, message, channel=channel, due_at=now)


def drop_buttons(tx: Connection, message: Claimed, now: datetime) -> None:
    """Queue a message that was certainly not sent without buttons: its options lose their keys."""
    options = [
        {name: value for name, value in option.items() if name != "key"} for option in json.loads(message.options)
    ]
    _back(tx, message.id, options=json.dumps(options, ensure_ascii=False), due_at=now)


def requeue(tx: Connection, message: Claimed, due_at: datetime) -> bool:
    """Queue an unknown message that the carrier certainly does not have. False if it is no longer unknown, or has been handed over
    since."""
    result = tx.execute(
        update(OUTBOUND)
        .where(
            OUTBOUND.c.id == message.id,
            OUTBOUND.c.status == S.unknown,
            OUTBOUND.c.sid.is_(None),
            OUTBOUND.c.attempts == message.attempts,
        )
        .values(status=S.queued, rank=RANKS[S.queued], due_at=due_at, lease_until=None, lease_owner=None)
    )
    return result.rowcount == 1


def held(tx: Connection, owner: str, messages: Collection[int]) -> set[int]:
    """Which of these messages a send worker still holds: not those whose lease has expired."""
    if not messages:
        return set()
    found = select(OUTBOUND.c.id).where(
        OUTBOUND.c.id.in_(list(messages)), OUTBOUND.c.status == S.sending, OUTBOUND.c.lease_owner == owner
    )
    return set(tx.execute(found).scalars().all())


def linked(tx: Connection, sids: Collection[str]) -> set[str]:
    """Which of these SIDs are of messages of ours."""
    return set(tx.execute(select(OUTBOUND.c.sid).where(OUTBOUND.c.sid.in_(list(sids)))).scalars())


def _back(tx: Connection, message: int, **values: object) -> None:
    tx.execute(
        update(OUTBOUND)
        .where(OUTBOUND.c.id == message, OUTBOUND.c.status.in_((S.sending, S.unknown)), OUTBOUND.c.sid.is_(None))
        .values(status=S.queued, rank=RANKS[S.queued], lease_until=None, lease_owner=None, **values)
    )


def finish(
    tx: Connection,
    message: int,
    status: MessageStatus,
    code: int | None = None,
    error_class: str | None = None,
    cause: str | None = None,
) -> None:
    """End a message that will not be sent: failed, cancelled or expired. No-op if the carrier has since accepted it."""
    tx.execute(
        update(OUTBOUND)
        .where(OUTBOUND.c.id == message, OUTBOUND.c.status.in_(_UNSENT), OUTBOUND.c.sid.is_(None))
        .values(
            status=status,
            rank=RANKS[status],
            error_code=code,
            error_class=error_class,
            error_cause=cause,
            lease_until=None,
            lease_owner=None,
        )
    )


def ambiguous(tx: Connection, message: int, reason: str, now: datetime) -> None:
    """Mark a message that may have been sent as unknown: it is resent only if the carrier is searched and does not have it."""
    tx.execute(
        update(OUTBOUND)
        .where(OUTBOUND.c.id == message, OUTBOUND.c.status == S.sending)
        .values(status=S.unknown, rank=RANKS[S.unknown], error_class=reason, lease_until=now, lease_owner=None)
    )


def overdue(tx: Connection, now: datetime, posting: Collection[int] = ()) -> int:
    """Mark messages whose lease has expired as unknown: their worker died, and they may have been sent. Not those that this
    process is `posting`, whose lease may have expired because the clock was set forward. Returns how many."""
    result = tx.execute(
        update(OUTBOUND)
        .where(
            OUTBOUND.c.status == literal(S.sending), OUTBOUND.c.lease_until <= now, OUTBOUND.c.id.not_in(list(posting))
        )
        .values(status=S.unknown, error_class="lease_ran_out", lease_owner=None)
    )
    return result.rowcount


def correct_moments(tx: Connection, now: datetime, lease: timedelta, longest_retry: timedelta) -> None:
    """Correct the moments that lie farther ahead than they can, because the clock was set back: leases begin again, doubts and
    retries are due, and messages queued by the other clock are queued now, with the delay that they had."""
    ahead = now + 2 * lease  # as far as the clocks of two processes may differ
    in_doubt, sending = OUTBOUND.c.status == literal(S.unknown), OUTBOUND.c.status == literal(S.sending)
    tx.execute(update(OUTBOUND).where(sending, OUTBOUND.c.lease_until > ahead).values(lease_until=now + lease))
    tx.execute(update(OUTBOUND).where(in_doubt, OUTBOUND.c.lease_until > ahead).values(lease_until=now))
    queued = OUTBOUND.c.status == literal(S.queued)
    too_late = OUTBOUND.c.attempts > 0, OUTBOUND.c.due_at > now + longest_retry + FARTHEST_AHEAD
    tx.execute(update(OUTBOUND).where(queued, *too_late).values(due_at=now))
    found = select(OUTBOUND.c.id, OUTBOUND.c.due_at, OUTBOUND.c.created_at).where(queued, OUTBOUND.c.created_at > ahead)
    if rows := tx.execute(found.order_by(OUTBOUND.c.id)).all():
        moved = [
            {"its_id": row.id, "to": now + max(row.due_at - row.created_at, timedelta()), "at": now} for row in rows
        ]
        tx.execute(_MOVED, moved)


_MOVED = (
    update(OUTBOUND)
    .where(OUTBOUND.c.id == bindparam("its_id"), OUTBOUND.c.status == S.queued)
    .values(due_at=bindparam("to"), created_at=bindparam("at"))
)


def decide_again(tx: Connection, now: datetime) -> None:
    """Make all waiting messages due, so that each is decided on by the clock as it is now. Resends keep their delay."""
    tx.execute(
        update(OUTBOUND)
        .where(OUTBOUND.c.status == literal(S.queued), OUTBOUND.c.due_at > now, OUTBOUND.c.resend == 0)
        .values(due_at=now)
    )


def is_in_doubt(tx: Connection, message: Claimed) -> bool:
    """Whether a message is still unknown since the same try. Locks the row, so that this holds until the transaction ends."""
    found = select(OUTBOUND.c.id).where(
        OUTBOUND.c.id == message.id,
        OUTBOUND.c.status == S.unknown,
        OUTBOUND.c.sid.is_(None),
        OUTBOUND.c.attempts == message.attempts,
    )
    return tx.execute(found.with_for_update()).first() is not None


def unknown(tx: Connection, limit: int) -> list[Claimed]:
    """The unknown messages, oldest first: each may or may not have been sent."""
    found = select(*_FIELDS).where(OUTBOUND.c.status == S.unknown).order_by(OUTBOUND.c.id).limit(limit)
    return [_claimed(tx, row) for row in tx.execute(found)]


def queued(tx: Connection) -> list[Claimed]:
    """The messages that wait, oldest first."""
    found = select(*_FIELDS).where(OUTBOUND.c.status == literal(S.queued)).order_by(OUTBOUND.c.id)
    return [_claimed(tx, row) for row in tx.execute(found)]


def oldest_in_flight(tx: Connection) -> datetime | None:
    """When the oldest message was queued that the carrier may have without our knowing; None if there is none."""
    found: datetime | None = tx.execute(select(func.min(OUTBOUND.c.created_at)).where(_IN_FLIGHT)).scalar_one()
    return found


def queue_in_flight(tx: Connection, now: datetime) -> None:
    """Queue all messages that a worker held, or whose fate is unknown: for a replay, which knows every message that the carrier has, and
    while no worker runs."""
    tx.execute(
        update(OUTBOUND)
        .where(_IN_FLIGHT)
        .values(status=S.queued, rank=RANKS[S.queued], due_at=now, lease_until=None, lease_owner=None)
    )


_IN_FLIGHT = and_(OUTBOUND.c.status.in_((S.sending, S.unknown)), OUTBOUND.c.sid.is_(None))


def ids(tx: Connection, uids: Collection[str]) -> dict[str, int]:
    """The ids of messages by uid."""
    return dict(tx.execute(select(OUTBOUND.c.uid, OUTBOUND.c.id).where(OUTBOUND.c.uid.in_(list(uids)))).all())


def claimed(message: NewMessage) -> Claimed:
    """A new message as the send worker will see it."""
    return Claimed(
        id=0,
        uid=message.uid,
        contact_id=message.contact_id,
        reply_to_id=None,
        session_id=None,
        step=None,
        kind=message.kind,
        channel=message.channel,
        body=message.body,
        options=message.options,
        plain=message.plain,
        template=message.template,
        variables=message.variables,
        media=None,
        priority=message.priority,
        attempts=0,
        created_at=message.created_at,
        expires_at=None,
        lease_until=None,
    )

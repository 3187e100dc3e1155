"""Files that came with messages: the queue of files to fetch, and the result for each. All functions take a transaction and
commit nothing."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from app.store import sealing
from app.store.dialect import literal
from app.store.sealing import INBOUND_MEDIA
from app.store.tables import CASE_MESSAGE, INBOUND, MEDIA, MediaStatus


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that only this process may fetch for a while. `url` is None if its address cannot be opened; `attempts` includes the one
    about to be made."""

    id: int
    url: str | None
    content_type: str
    attempts: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file that came with a message of a case. `message` is the number of the message in the case; `sealed` is None if it could not
    be had, or is still waited for."""

    id: int
    message: int
    position: int
    content_type: str
    status: str
    sealed: bytes | None


def of_case(tx: Connection, case: int) -> list[CaseFile]:
    """The files of a case's messages, in their order."""
    messages = select(CASE_MESSAGE.c.inbound_id).where(
        CASE_MESSAGE.c.case_id == case, CASE_MESSAGE.c.inbound_id.is_not(None)
    )
    numbers = {key: number for number, key in enumerate(sorted(tx.execute(messages).scalars()), 1)}
    columns = (MEDIA.c.id, MEDIA.c.inbound_id, MEDIA.c.position, MEDIA.c.content_type, MEDIA.c.status, MEDIA.c.sealed)
    rows = tx.execute(
        select(*columns).where(MEDIA.c.inbound_id.in_(list(numbers))).order_by(MEDIA.c.inbound_id, MEDIA.c.position)
    )
    return [CaseFile(key, numbers[inbound], *rest) for key, inbound, *rest in rows]


def sealed_for(file: int) -> str:
    """The context in which a file's bytes are sealed."""
    return f"media:{file}"


def claim(tx: Connection, now: datetime, until: datetime, limit: int, longest: timedelta) -> list[PendingFile]:
    """Claim due files. No other process gets them before `until`; then they are due again, unless they have been settled. No file
    waits for more than `longest`: it is due if it seems to, because the clock was set back."""
    waiting = MEDIA.c.status == literal(MediaStatus.waiting)
    due = (
        select(MEDIA.c.id)
        .where(waiting, or_(MEDIA.c.due_at <= now, MEDIA.c.due_at > now + longest))
        .order_by(MEDIA.c.due_at, MEDIA.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.execute(due).scalars())
    if not ids:
        return []
    tx.execute(update(MEDIA).where(MEDIA.c.id.in_(ids)).values(due_at=until, attempts=MEDIA.c.attempts + 1))
    columns = (
        MEDIA.c.id,
        MEDIA.c.position,
        MEDIA.c.content_type,
        MEDIA.c.attempts,
        INBOUND.c.sid,
        INBOUND.c.media,
    )
    joined = MEDIA.join(INBOUND, INBOUND.c.id == MEDIA.c.inbound_id)
    rows = tx.execute(select(*columns).select_from(joined).where(MEDIA.c.id.in_(ids)).order_by(MEDIA.c.id)).all()
    return [
        PendingFile(key, _url(tx, sid, media, position), content_type, attempts)
        for key, position, content_type, attempts, sid, media in rows
    ]


def _url(tx: Connection, sid: str, media: bytes | None, position: int) -> str | None:
    found = sealing.readable(tx, INBOUND_MEDIA, sid, media)
    try:
        return str(json.loads(found or "[]")[position - 1][0])
    except (ValueError, LookupError, TypeError):
        return None


def try_again(tx: Connection, now: datetime) -> None:
    """Make all waiting files due."""
    waiting = MEDIA.c.status == literal(MediaStatus.waiting)
    tx.execute(update(MEDIA).where(waiting, MEDIA.c.due_at > now).values(due_at=now))


def postpone(tx: Connection, file: int, due_at: datetime) -> None:
    """Try again later."""
    tx.execute(update(MEDIA).where(MEDIA.c.id == file, MEDIA.c.status == MediaStatus.waiting).values(due_at=due_at))


def store(tx: Connection, file: int, content_type: str, size: int, sealed: bytes, now: datetime) -> None:
    """Store a fetched file, sealed."""
    _settle(tx, file, status=MediaStatus.stored, content_type=content_type, size=size, sealed=sealed, stored_at=now)


def give_up(tx: Connection, file: int, status: MediaStatus, reason: str) -> None:
    """Mark a file that cannot be fetched: `lost` or `refused`."""
    _settle(tx, file, status=status, reason=reason)


def _settle(tx: Connection, file: int, **values: object) -> None:
    tx.execute(update(MEDIA).where(MEDIA.c.id == file, MEDIA.c.status == MediaStatus.waiting).values(**values))

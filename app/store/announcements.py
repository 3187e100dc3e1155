"""One-off messages to many officers, and the fate of each. All functions take a transaction and commit nothing."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from app.store import sealing
from app.store.bulk import insert_rows
from app.store.damaged_rows import sound_part
from app.store.records import NewMessage
from app.store.sealing import ANNOUNCED
from app.store.tables import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_OFFICER,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    OUTBOUND,
    RANKS,
    MessageStatus,
)

LISTED = 100
"""The latest announcements that are listed."""


class AnnouncementStatus(StrEnum):
    """The status of an announcement. `waiting`: for a second person's yes; `laid_out`: each officer has a message or a reason."""

    waiting = "waiting"
    scheduled = "scheduled"
    laid_out = "laid_out"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class Audience:
    """The officers of an announcement: those of a programme, of one cohort of it, and with this value of an attribute."""

    programme: str
    cohort: str | None = None
    field: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement. `officers`: the number who would get it, when it was written, or when it began to wait again; `after` is the last contact
    that has been looked at."""

    id: int
    audience: Audience
    text: str
    variables: tuple[str, ...]
    template: str | None
    status: AnnouncementStatus
    officers: int
    after: int
    due_at: datetime
    created_at: datetime
    created_by: str
    approved_at: datetime | None
    approved_by: str | None
    ended_at: datetime | None
    cancelled_by: str | None


def add(
    tx: Connection,
    audience: Audience,
    text: str,
    template: str | None,
    variables: Sequence[str],
    **values: object,
) -> int:
    """Store an announcement; `values` are its other columns. Returns its id."""
    row = {
        "programme": audience.programme,
        "cohort": audience.cohort,
        "field": audience.field,
        "value": audience.value,
        "template": template,
        "sealed": b"",
        "after": 0,
        **values,
    }
    key = int(tx.execute(insert(ANNOUNCEMENT).returning(ANNOUNCEMENT.c.id), row).scalar_one())
    sealed = sealing.seal(
        tx, ANNOUNCED, key, json.dumps({"text": text, "variables": list(variables)}, ensure_ascii=False)
    )
    change(tx, key, sealed=sealed)
    return key


def change(tx: Connection, announcement: int, **values: object) -> None:
    """Set columns of an announcement."""
    tx.execute(update(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == announcement).values(**values))


def find(tx: Connection, announcement: int, *, lock: bool = False) -> Announcement | None:
    """An announcement by id."""
    wanted = select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.id == announcement)
    row = tx.execute(wanted.with_for_update() if lock else wanted).first()
    return None if row is None else _read(tx, row)


def latest(tx: Connection, programmes: Collection[str]) -> list[Announcement]:
    """The latest announcements of these programmes, the last one first."""
    wanted = select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.programme.in_(sorted(programmes)))
    return [_read(tx, row) for row in tx.execute(wanted.order_by(ANNOUNCEMENT.c.id.desc()).limit(LISTED))]


def due(tx: Connection, now: datetime) -> Announcement | None:
    """The first announcement whose officers are to be looked at. Locks it; one that another process holds is left to it."""
    wanted = select(ANNOUNCEMENT).where(
        ANNOUNCEMENT.c.status == AnnouncementStatus.scheduled, ANNOUNCEMENT.c.due_at <= now
    )
    row = tx.execute(wanted.order_by(ANNOUNCEMENT.c.id).limit(1).with_for_update(skip_locked=True)).first()
    return None if row is None else _read(tx, row)


def _read(tx: Connection, row: Any) -> Announcement:  # noqa: ANN401 - a row
    said = json.loads(sealing.readable(tx, ANNOUNCED, row.id, row.sealed) or "{}")
    return Announcement(
        row.id,
        Audience(row.programme, row.cohort, row.field, row.value),
        said.get("text", sealing.UNREADABLE),
        tuple(said.get("variables", ())),
        row.template,
        AnnouncementStatus(row.status),
        row.officers,
        row.after,
        row.due_at,
        row.created_at,
        row.created_by,
        row.approved_at,
        row.approved_by,
        row.ended_at,
        row.cancelled_by,
    )


# -- officers ---------------------------------------------------------------------------------------------------------


def members(tx: Connection, audience: Audience, after: int, most: int) -> tuple[list[int], int | None]:
    """The next officers of an audience, in the order of their ids, and the last id that was looked at; None at the end."""
    wanted = (
        select(CONTACT.c.id, CONTACT.c.attributes)
        .select_from(CONTACT_WITH_COHORT)
        .where(COHORT.c.programme == audience.programme, CONTACT.c.erased_at.is_(None), CONTACT.c.id > after)
        .order_by(CONTACT.c.id)
        .limit(most)
    )
    if audience.cohort is not None:
        wanted = wanted.where(COHORT.c.code == audience.cohort)
    rows = tx.execute(wanted).all()
    found = [
        row.id
        for row in rows
        if audience.field is None or str(sound_part("attributes", row.attributes).get(audience.field)) == audience.value
    ]
    return found, rows[-1].id if len(rows) == most else None


def place(tx: Connection, announcement: int, reasons: Iterable[tuple[int | None, str]]) -> None:
    """Note why officers get no message, as (contact, reason). Those who were looked at before are skipped."""
    _add(tx, announcement, reasons)


def queue(tx: Connection, announcement: int, messages: Sequence[NewMessage], valid: timedelta) -> None:
    """Queue messages, one an officer, each until `valid` after it is due. Officers who were looked at before are skipped: the unique
    key lets nobody have two."""
    new = _add(tx, announcement, ((one.contact_id, None) for one in messages))
    rows = [_row(one, valid) for one in messages if one.contact_id in new]
    if queued := insert_rows(tx, OUTBOUND, rows, returning=("id", "contact_id")):
        tx.execute(_QUEUED, [{"one": announcement, "contact": contact, "message": key} for key, contact in queued])


_QUEUED = (
    update(ANNOUNCEMENT_OFFICER)
    .where(
        ANNOUNCEMENT_OFFICER.c.announcement_id == bindparam("one"),
        ANNOUNCEMENT_OFFICER.c.contact_id == bindparam("contact"),
    )
    .values(outbound_id=bindparam("message"))
)


def _add(tx: Connection, announcement: int, reasons: Iterable[tuple[int | None, str | None]]) -> set[int]:
    """Add officers. Returns the contacts who are new."""
    rows = [
        {"announcement_id": announcement, "contact_id": contact, "outbound_id": None, "reason": reason}
        for contact, reason in reasons
    ]
    found = insert_rows(tx, ANNOUNCEMENT_OFFICER, rows, returning=("contact_id",), ignore=True)
    return {contact for (contact,) in found}


def _row(message: NewMessage, valid: timedelta) -> dict[str, object]:
    row = {**message._asdict(), "expires_at": message.due_at + valid}
    del row["inbound_sid"]  # no column, and nobody's message caused this one
    return row


def counts(tx: Connection, announcement: int) -> tuple[dict[str, int], dict[str, int]]:
    """How many messages have each status, and how many officers have no message for each reason. Its messages were written one after the other:
    without their first and last one, PostgreSQL goes through all messages that there are."""
    own, message = ANNOUNCEMENT_OFFICER.c.announcement_id == announcement, ANNOUNCEMENT_OFFICER.c.outbound_id
    first, last = tx.execute(select(func.min(message), func.max(message)).where(own)).one()
    joined = ANNOUNCEMENT_OFFICER.join(OUTBOUND, OUTBOUND.c.id == message)
    sent = select(OUTBOUND.c.status, func.count()).select_from(joined).where(own, OUTBOUND.c.id.between(first, last))
    unsent = select(ANNOUNCEMENT_OFFICER.c.reason, func.count()).where(own, ANNOUNCEMENT_OFFICER.c.reason.is_not(None))
    return (
        dict(tx.execute(sent.group_by(OUTBOUND.c.status)).all()),
        dict(tx.execute(unsent.group_by(ANNOUNCEMENT_OFFICER.c.reason)).all()),
    )


def cancel_unsent(tx: Connection, announcement: int) -> int:
    """Cancel the messages that have not gone out. Returns how many."""
    mine = select(ANNOUNCEMENT_OFFICER.c.outbound_id).where(ANNOUNCEMENT_OFFICER.c.announcement_id == announcement)
    queued = update(OUTBOUND).where(OUTBOUND.c.id.in_(mine), OUTBOUND.c.status == MessageStatus.queued)
    return int(tx.execute(queued.values(status=MessageStatus.cancelled, rank=RANKS[MessageStatus.cancelled])).rowcount)

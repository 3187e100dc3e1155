"""The audit log: who did what. Append-only. Entries hold ids and counts, never message text, names or numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from app.store.tables import AUDIT_ENTRY

CLAIM = "claims to be "
"""How the actor of a command begins: the command line cannot know who types."""


def record(
    tx: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Append an entry: `actor` did `action` to `subject`."""
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    tx.execute(insert(AUDIT_ENTRY), {"at": at, "actor": actor, "action": action, "subject": subject, "detail": text})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry. `detail` is JSON."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def entries(
    tx: Connection,
    *,
    by: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Entry]:
    """The latest entries, in their order. `by` is a person's name, also within "claims to be NAME" and "NAME, token 7"."""
    row = AUDIT_ENTRY.c
    found = select(row.id, row.at, row.actor, row.action, row.subject, row.detail)
    if by is not None:
        named = row.actor.startswith(f"{by}, token ", autoescape=True)
        found = found.where(or_(row.actor.in_((by, CLAIM + by)), named))
    for column, wanted in ((row.action, action), (row.subject, subject)):
        if wanted is not None:
            found = found.where(column == wanted)
    if before is not None:
        found = found.where(row.id < before)
    return [Entry(*one) for one in reversed(tx.execute(found.order_by(row.id.desc()).limit(limit)).all())]


def latest(tx: Connection, action: str, subject: str) -> dict[str, Any]:
    """The detail of the latest entry of this action on this subject; empty if there is none."""
    found = (
        select(AUDIT_ENTRY.c.detail)
        .where(AUDIT_ENTRY.c.subject == subject, AUDIT_ENTRY.c.action == action)
        .order_by(AUDIT_ENTRY.c.id.desc())
    )
    text = tx.execute(found.limit(1)).scalar_one_or_none()
    return json.loads(text) if text else {}

"""The audit log: who did what. Append-only. Entries hold ids and counts, never message text, names or numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.store.tables import AUDIT_ENTRY


def record(
    tx: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Append an entry: `actor` did `action` to `subject`."""
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    tx.execute(insert(AUDIT_ENTRY), {"at": at, "actor": actor, "action": action, "subject": subject, "detail": text})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry about a known subject."""

    at: datetime
    actor: str
    action: str
    detail: dict[str, Any]


def about(tx: Connection, subject: str) -> list[Entry]:
    """The entries about a subject, oldest first."""
    columns = (AUDIT_ENTRY.c.at, AUDIT_ENTRY.c.actor, AUDIT_ENTRY.c.action, AUDIT_ENTRY.c.detail)
    rows = tx.execute(select(*columns).where(AUDIT_ENTRY.c.subject == subject).order_by(AUDIT_ENTRY.c.id))
    return [Entry(at, actor, action, json.loads(detail)) for at, actor, action, detail in rows]


def latest(tx: Connection, action: str, subject: str, actor: str | None = None) -> dict[str, Any]:
    """The detail of the latest entry of this action on this subject, by anybody or by one actor; empty if there is none."""
    found = (
        select(AUDIT_ENTRY.c.detail)
        .where(
            AUDIT_ENTRY.c.subject == subject,
            AUDIT_ENTRY.c.action == action,
            *([] if actor is None else [AUDIT_ENTRY.c.actor == actor]),
        )
        .order_by(AUDIT_ENTRY.c.id.desc())
    )
    text = tx.execute(found.limit(1)).scalar_one_or_none()
    return json.loads(text) if text else {}

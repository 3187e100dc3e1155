"""The log of who did what. Entries are only added. Never message content, names or numbers: ids and counts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.store.tables import AuditEntry

_entry = AuditEntry.__table__  # type: ignore[attr-defined]


def record(
    tx: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add an entry: `actor` did `action` to `subject`."""
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    tx.execute(insert(_entry), {"at": at, "actor": actor, "action": action, "subject": subject, "detail": text})


def latest(tx: Connection, action: str, subject: str) -> dict[str, Any]:
    """The detail of the latest entry of this action on this subject, empty if there is none."""
    found = (
        select(_entry.c.detail)
        .where(_entry.c.subject == subject, _entry.c.action == action)
        .order_by(_entry.c.id.desc())
    )
    text = tx.execute(found.limit(1)).scalar_one_or_none()
    return json.loads(text) if text else {}

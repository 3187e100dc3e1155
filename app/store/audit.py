"""The audit log: who did what. Append-only. Entries hold ids and counts, never message text, names or numbers."""

import json
from collections.abc import Mapping
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


def latest(tx: Connection, action: str, subject: str) -> dict[str, Any]:
    """The detail of the latest entry of this action on this subject; empty if there is none."""
    found = (
        select(AUDIT_ENTRY.c.detail)
        .where(AUDIT_ENTRY.c.subject == subject, AUDIT_ENTRY.c.action == action)
        .order_by(AUDIT_ENTRY.c.id.desc())
    )
    text = tx.execute(found.limit(1)).scalar_one_or_none()
    return json.loads(text) if text else {}

"""The audit log: who did what. Append-only. Entries hold ids and counts, never message text, names or numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from app.errors import UsageError
from app.store.tables import ACCOUNT, API_TOKEN, AUDIT_ENTRY
from app.wording import Sentence

_LONGEST_REASON = 200
CLAIM = "claims to be "
"""How the actor of a command begins: the command line cannot know who types."""


def record(
    tx: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Append an entry: `actor` did `action` to `subject`."""
    text = json.dumps(detail or {}, ensure_ascii=False, sort_keys=True)
    tx.execute(insert(AUDIT_ENTRY), {"at": at, "actor": actor, "action": action, "subject": subject, "detail": text})


def reason(text: str) -> str:
    """The reason of a look-up of an identity, for its entry. Raises UsageError without one."""
    if not (given := " ".join(text.split())) or len(given) > _LONGEST_REASON:
        raise UsageError(
            Sentence(
                "looking up a person needs a reason of at most {most} characters, which the audit log keeps",
                most=_LONGEST_REASON,
            ),
            "no_reason",
        )
    return given


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


_ROW = AUDIT_ENTRY.c
_ENTRIES = select(_ROW.id, _ROW.at, _ROW.actor, _ROW.action, _ROW.subject, _ROW.detail)


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
    found = _ENTRIES
    for column, wanted in ((_ROW.action, action), (_ROW.subject, subject)):
        if wanted is not None:
            found = found.where(column == wanted)
    if before is not None:
        found = found.where(_ROW.id < before)
    latest_first = found.order_by(_ROW.id.desc()).limit(limit)
    if by is None:
        return _read(tx, latest_first)[::-1]
    each = [one for actor in _actors(tx, by) for one in _read(tx, latest_first.where(_ROW.actor == actor))]
    return sorted(each, key=lambda one: one.id)[-limit:]


def _actors(tx: Connection, name: str) -> list[str]:
    """The actors that a person's entries have: the entries of each are found through the index, the latest first."""
    own = select(API_TOKEN.c.id).join_from(API_TOKEN, ACCOUNT).where(ACCOUNT.c.name == name)
    return [name, CLAIM + name, *(f"{name}, token {token}" for token in tx.execute(own).scalars())]


def about(tx: Connection, subject: str) -> list[Entry]:
    """The entries about a subject, oldest first."""
    return _read(tx, _ENTRIES.where(_ROW.subject == subject).order_by(_ROW.id))


def _read(tx: Connection, found: Select[Any]) -> list[Entry]:
    return [
        Entry(id_, at, actor, action, subject, json.loads(detail))
        for id_, at, actor, action, subject, detail in tx.execute(found)
    ]


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

"""The hash chain of the audit log. A job gives each entry a link, whose digest covers the entry and the link before it, so that an
entry that was changed, inserted or removed behind the database's back is found. It is not written with the entry: that would let one
transaction at a time write to the log. Whoever can write to the database can also make a whole new chain, so an anchor, the digest
at a position, is kept elsewhere and compared."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from app.errors import UsageError
from app.store.dialect import lock_chain
from app.store.tables import AUDIT_ENTRY, AUDIT_LINK
from app.wording import Sentence

EVERY = timedelta(seconds=30)
"""How often the job runs: an entry is in the chain within a minute."""

AT_ONCE = 500
"""Entries that one step links."""

_LATE = 10_000
"""How far behind the latest linked entry an id may be and still get its link: transactions do not commit in the order of their
ids. `verify` finds one that is further behind."""

_START = "0" * 64
_PAGE = 2_000
_ANCHOR = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The digest of the chain at a position. As text: `position:digest`."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


def parse_anchor(text: str) -> Anchor:
    """An anchor from its text. Raises UsageError."""
    if (found := _ANCHOR.fullmatch(text.strip())) is None:
        raise UsageError(
            Sentence("{text!r} is not an anchor, such as `trato audit anchor` prints: POSITION:DIGEST", text=text[:80]),
            "bad_anchor",
        )
    return Anchor(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification: how many entries are in the chain, how many wait for their link, and what is wrong."""

    linked: int
    waiting: int
    faults: tuple[str, ...]
    end: Anchor | None


def link(tx: Connection, now: datetime) -> int:
    """Link the entries that have no link yet, in the order of their ids: one step of a job. Returns their number."""
    lock_chain(tx)
    last = tx.execute(_LAST).one_or_none()
    position, digest = (last.position, last.digest) if last is not None else (0, _START)
    newest = tx.execute(select(func.max(AUDIT_LINK.c.entry_id))).scalar_one() or 0
    entries = tx.execute(
        _UNLINKED.where(AUDIT_ENTRY.c.id > newest - _LATE).order_by(AUDIT_ENTRY.c.id).limit(AT_ONCE)
    ).all()
    links = []
    for entry in entries:
        position, digest = position + 1, _digest(digest, entry)
        links.append({"position": position, "entry_id": entry.id, "digest": digest, "at": now})
    if links:
        tx.execute(insert(AUDIT_LINK), links)
    return len(links)


def anchor(tx: Connection) -> Anchor | None:
    """The end of the chain; None if it has no link."""
    last = tx.execute(_LAST).one_or_none()
    return None if last is None else Anchor(last.position, last.digest)


def verify(tx: Connection, anchors: tuple[Anchor, ...] = ()) -> Verified:
    """Compute the whole chain again, and compare it with anchors that were kept elsewhere."""
    faults: list[str] = []
    wanted = {one.position: one for one in anchors}
    position, digest, linked = 0, _START, 0
    for row in _rows(tx):
        position += 1
        linked += 1
        if row.position != position:
            faults.append(
                Sentence("links {first} to {last} of the chain are missing", first=position, last=row.position - 1)
            )
            position, digest = row.position, row.digest  # go on from here
        elif row.id is None:
            faults.append(Sentence("entry {entry}, link {link}, is missing", entry=row.entry_id, link=position))
            digest = row.digest
        elif (computed := _digest(digest, row)) != row.digest:
            faults.append(
                Sentence(
                    "entry {entry}, link {link}, or a link before it was changed", entry=row.entry_id, link=position
                )
            )
            digest = row.digest
        else:
            digest = computed
        if (one := wanted.pop(position, None)) is not None and one.digest != row.digest:
            faults.append(Sentence("the chain at {link} is not that of the anchor", link=position))
    faults += [
        Sentence("the chain has no link at {link}, where the anchor has one", link=one.position)
        for one in wanted.values()
    ]
    waiting, forgotten = _unlinked(tx)
    if forgotten:
        faults.append(Sentence("{number} entries have no link although the chain went on after them", number=forgotten))
    return Verified(linked, waiting, tuple(faults), anchor(tx))


_LAST = select(AUDIT_LINK.c.position, AUDIT_LINK.c.digest).order_by(AUDIT_LINK.c.position.desc()).limit(1)
_ENTRY = (
    AUDIT_ENTRY.c.id,
    AUDIT_ENTRY.c.at,
    AUDIT_ENTRY.c.actor,
    AUDIT_ENTRY.c.action,
    AUDIT_ENTRY.c.subject,
    AUDIT_ENTRY.c.detail,
)
_UNLINKED: Select[Any] = select(*_ENTRY).where(
    ~select(AUDIT_LINK.c.entry_id).where(AUDIT_LINK.c.entry_id == AUDIT_ENTRY.c.id).exists()
)


def _rows(tx: Connection) -> Iterator[Any]:
    """The links in their order with their entries, in pages."""
    both = select(AUDIT_LINK.c.position, AUDIT_LINK.c.digest, AUDIT_LINK.c.entry_id, *_ENTRY).select_from(
        AUDIT_LINK.outerjoin(AUDIT_ENTRY, AUDIT_ENTRY.c.id == AUDIT_LINK.c.entry_id)
    )
    after = 0
    while page := tx.execute(
        both.where(AUDIT_LINK.c.position > after).order_by(AUDIT_LINK.c.position).limit(_PAGE)
    ).all():
        yield from page
        after = page[-1].position


def _unlinked(tx: Connection) -> tuple[int, int]:
    """Entries without a link: those that the job will still find, and those that it will not."""
    newest = tx.execute(select(func.max(AUDIT_LINK.c.entry_id))).scalar_one() or 0
    count = select(func.count()).select_from(_UNLINKED.subquery())
    total = tx.execute(count).scalar_one()
    late = tx.execute(
        select(func.count()).select_from(_UNLINKED.where(AUDIT_ENTRY.c.id <= newest - _LATE).subquery())
    ).scalar_one()
    return total - late, late


def _digest(before: str, entry: Any) -> str:  # noqa: ANN401 - a row of the log
    content = [before, entry.id, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.detail]
    return sha256(json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()

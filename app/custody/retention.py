"""Retention: what a programme keeps for a time only is taken out of its rows when that is over, as its key `retention` says. The rows stay,
with ids, codes and moments. What belongs to an open case stays until it is closed, and what is not yet sent until it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, or_, select, true, update

from app.conversations.library import Library
from app.custody.erasing import blank
from app.store import audit, carrier_deletions
from app.store.sealing import (
    CASE_NOTE,
    FILE,
    INBOUND_BODY,
    INBOUND_FORM,
    INBOUND_MEDIA,
    LETTER,
    OUTBOUND_BODY,
    OUTBOUND_VARIABLES,
    RESPONSE_WORDS,
    REVIEWED_TEXT,
    SealedColumn,
)
from app.store.tables import (
    CARRIER_DELETION,
    CASE,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    DEAD_LETTER,
    INBOUND,
    MEDIA,
    OUTBOUND,
    RESPONSE,
    TEXT_REVIEW,
    MediaStatus,
    MessageStatus,
)

EVERYBODY = "*"
"""In place of a programme's code: for rows that belong to no single programme."""

EVERY = timedelta(hours=1)
BETWEEN = timedelta(days=1)
"""From the begin of one pass through the tables to the next."""

AT_ONCE = 2_000
"""Rows that one step looks at."""

OVER = "retention"
"""The reason of a file whose time is over."""

KINDS: dict[str, tuple[tuple[Table, tuple[SealedColumn, ...], Column[datetime]], ...]] = {
    "forms": ((INBOUND, (INBOUND_FORM,), INBOUND.c.received_at),),
    "files": ((MEDIA, (FILE,), MEDIA.c.stored_at),),
    "messages": (
        (INBOUND, (INBOUND_BODY, INBOUND_MEDIA), INBOUND.c.received_at),
        (OUTBOUND, (OUTBOUND_BODY, OUTBOUND_VARIABLES), OUTBOUND.c.created_at),
    ),
    "words": ((RESPONSE, (RESPONSE_WORDS,), RESPONSE.c.answered_at), (TEXT_REVIEW, (REVIEWED_TEXT,), TEXT_REVIEW.c.at)),
    "notes": ((CASE, (CASE_NOTE,), CASE.c.closed_at),),
    "carrier": ((INBOUND, (), INBOUND.c.received_at), (OUTBOUND, (), OUTBOUND.c.created_at)),
}
"""By the keys of `retention`: the tables, what is taken out, and the moment from which the time counts. Of `carrier` nothing here."""


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of one programme, in one table."""

    programme: str
    kind: str
    keep: timedelta
    table: Table
    columns: tuple[SealedColumn, ...]
    since: Column[datetime]

    def over(self, now: datetime) -> ColumnElement[bool]:
        """The rows whose time is over."""
        return self._whose() & (self.since < now - self.keep) & self._there()

    def _there(self) -> ColumnElement[bool]:
        """Rows that still have it."""
        if self.columns:
            return or_(*(func.length(one.column) > 0 for one in self.columns))
        planned = select(CARRIER_DELETION.c.sid).where(CARRIER_DELETION.c.sid == self.table.c.sid)
        return self.table.c.sid.is_not(None) & ~planned.exists()

    def _whose(self) -> ColumnElement[bool]:
        joined = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme == self.programme)
        own: ColumnElement[bool] = self.table.c.contact_id.in_(joined) if "contact_id" in self.table.c else true()
        if self.table is INBOUND:
            stranger = INBOUND.c.contact_id.is_(None) & (INBOUND.c.programme == self.programme)
            return or_(own, stranger) & ~INBOUND.c.needs_person
        if self.table is MEDIA:
            inbound = select(INBOUND.c.id).where(INBOUND.c.contact_id.in_(joined), ~INBOUND.c.needs_person)
            return MEDIA.c.inbound_id.in_(inbound)
        if self.table is TEXT_REVIEW:
            return TEXT_REVIEW.c.response_id.in_(select(RESPONSE.c.id).where(RESPONSE.c.contact_id.in_(joined)))
        if self.table is DEAD_LETTER:
            return true()
        if self.table is OUTBOUND:
            return own & OUTBOUND.c.status.not_in((MessageStatus.queued, MessageStatus.sending, MessageStatus.unknown))
        return own


def terms(tx: Connection, library: Library) -> list[Term]:
    """The terms of the current versions of all programmes. A dead letter belongs to no single programme: once it has been processed again it
    goes after the longest term that a programme has for forms, if each programme has one."""
    kept = {
        code: library.compiled(tx, version).definition.retention for code, version in sorted(library.current.items())
    }
    found = [
        Term(code, kind, keep, table, columns, since)
        for code, retention in kept.items()
        for kind, keep in retention.terms()
        for table, columns, since in KINDS[kind]
    ]
    forms = [retention.forms for retention in kept.values()]
    longest = [keep for keep in forms if keep is not None]
    if longest and len(longest) == len(forms):
        found.append(Term(EVERYBODY, "forms", max(longest), DEAD_LETTER, (LETTER,), DEAD_LETTER.c.replayed_at))
    return found


def due(tx: Connection, library: Library, now: datetime) -> Iterator[tuple[Term, int]]:
    """What would be taken out now: rows by term."""
    for term in terms(tx, library):
        found = select(func.count()).select_from(term.table).where(term.over(now))
        yield term, int(tx.execute(found).scalar_one())


@dataclass(slots=True)
class RetentionJob:
    """The job: passes through the tables once a day, some rows at a time, in the order of their ids."""

    library: Library
    _begun: datetime | None = None
    _place: int = 0
    _after: int = 0

    def step(self, tx: Connection, now: datetime) -> int:
        """Look at some rows. 0 if the pass is over, or none is due."""
        if not self._place and not self._after:  # between two passes
            if self._begun is not None and self._begun <= now < self._begun + BETWEEN:
                return 0
            self._begun = now
        found = terms(tx, self.library)
        if self._place >= len(found):
            self._place = self._after = 0
            return 0
        last = self._look(tx, found[self._place], now)
        self._place, self._after = (self._place, last) if last is not None else (self._place + 1, 0)
        return 1

    def _look(self, tx: Connection, term: Term, now: datetime) -> int | None:
        """Take what is over out of some rows. The id of the last one; None if there are no more."""
        key: Any = term.table.c.id
        window = select(key).where(key > self._after).order_by(key).limit(AT_ONCE).subquery()
        last = tx.execute(select(func.max(window.c.id))).scalar_one()
        if last is None:
            return None
        mine = (key > self._after) & (key <= last) & term.over(now)
        if term.columns:
            values: dict[str, Any] = {one.column.name: blank(one) for one in term.columns}
            if term.table is MEDIA:
                values |= {"status": MediaStatus.lost, "reason": OVER}
            taken = int(tx.execute(update(term.table).where(mine).values(**values)).rowcount)
        else:
            sids = list(tx.execute(select(term.table.c.sid).where(mine)).scalars())
            carrier_deletions.add(tx, sids, now)
            taken = len(sids)
        if taken:
            detail = {"kind": term.kind, "table": term.table.name, "rows": taken}
            audit.record(tx, now, "clock", "retention", f"programme:{term.programme}", detail)
        return int(last)

"""The last step of a programme: every officer is erased, one transaction each, so that it can be interrupted and continued; numbers are not
suppressed, because the same people may take part in another programme. Coded answers stay. Strangers' messages to the programme's own
numbers lose their words; those to numbers that programmes share, and dead letters, which tell no programme, do once no programme has
officers any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, true, update

from app.clock import Clock
from app.conversations.library import Library
from app.custody.erasing import ERASED, NewId, blank, empty_letters, erase_contact
from app.errors import ConflictError, UsageError
from app.store import audit, carrier_deletions, cases, uploads
from app.store.cases import CaseOutcome
from app.store.database import Database
from app.store.sealing import SEALED
from app.store.tables import (
    ALERT,
    CASE,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    INBOUND,
    MEDIA,
    OUTBOUND,
    MediaStatus,
)
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Anonymised:
    """The effect: officers who were erased, and those who could not be at this moment; strangers' messages and dead letters without words.
    `last`: no programme has officers any more."""

    officers: int
    left: int
    strangers: int
    letters: int
    last: bool


def check(tx: Connection, programme: str) -> int:
    """The number of officers who would be erased. Raises UsageError for a programme without officers, ConflictError if cases of theirs are
    open: somebody waits for an answer."""
    everybody = tx.execute(select(func.count()).select_from(CONTACT_WITH_COHORT).where(COHORT.c.programme == programme))
    if not everybody.scalar_one():
        raise UsageError(Sentence("no officer takes part in a programme {programme!r}", programme=programme))
    waiting = select(func.count()).select_from(CASE.join(CONTACT_WITH_COHORT, CASE.c.contact_id == CONTACT.c.id))
    if count := tx.execute(waiting.where(COHORT.c.programme == programme, CASE.c.closed_at.is_(None))).scalar_one():
        raise ConflictError(
            Sentence("{count} of its cases are open: close them first (`trato cases`); nothing was erased", count=count)
        )
    return len(_remaining(tx, programme))


def anonymise(
    database: Database,
    library: Callable[[Connection], Library],
    programme: str,
    new_id: NewId,
    clock: Clock,
    actor: str,
) -> Anonymised:
    """Make a programme anonymous. Raises as `check`."""
    with database.transaction() as tx:
        check(tx, programme)
        found, flows = _remaining(tx, programme), library(tx)
    done = 0
    for contact in found:
        try:
            with database.transaction() as tx:
                erase_contact(tx, flows, contact, new_id, clock(), suppress=False)
                uploads.discard_all(tx)
        except ConflictError:  # a message is on its way, or another process was faster
            continue
        done += 1
    with database.transaction() as tx:
        left, last = len(_remaining(tx, programme)), not _remaining(tx, None)
        strangers = _strangers(tx, programme, clock(), everybody=last)
        letters = empty_letters(tx, true(), clock()) if last else 0
        result = Anonymised(done, left, strangers, letters, last)
        detail = {"officers": done, "left": left, "strangers": strangers, "letters": letters}
        audit.record(tx, clock(), actor, "anonymise", f"programme:{programme}", detail)
    return result


def _remaining(tx: Connection, programme: str | None) -> list[int]:
    """The officers of a programme, or of all, who are not erased."""
    whose = true() if programme is None else COHORT.c.programme == programme
    found = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(CONTACT.c.erased_at.is_(None), whose)
    return list(tx.execute(found.order_by(CONTACT.c.id)).scalars())


def _strangers(tx: Connection, programme: str, now: datetime, *, everybody: bool) -> int:
    """Take the words out of strangers' messages to the programme's own numbers, or of all, and out of what was written to them."""
    theirs: ColumnElement[bool] = INBOUND.c.contact_id.is_(None) & (INBOUND.c.outcome != ERASED)
    if not everybody:
        theirs &= INBOUND.c.programme == programme
    rows = tx.execute(select(INBOUND.c.id, INBOUND.c.sid, INBOUND.c.lookup).where(theirs)).all()
    messages, lookups = [row.id for row in rows], {row.lookup for row in rows}
    for case in tx.execute(select(CASE.c.id).where(CASE.c.lookup.in_(lookups), CASE.c.closed_at.is_(None))).scalars():
        cases.close(tx, case, CaseOutcome.gone, now)
    subjects = [cases.subject(None, lookup) for lookup in lookups]
    at_end = update(ALERT).where(ALERT.c.subject.in_(subjects))
    tx.execute(at_end.values(closed_at=func.coalesce(ALERT.c.closed_at, now), subject="number:", detail="{}"))
    places = {
        INBOUND: INBOUND.c.id.in_(messages),
        OUTBOUND: OUTBOUND.c.reply_to_id.in_(messages) & OUTBOUND.c.contact_id.is_(None),
        MEDIA: MEDIA.c.inbound_id.in_(messages),
        CASE: CASE.c.lookup.in_(lookups),
    }
    carrier_deletions.add(tx, [row.sid for row in rows], now)
    answered = select(OUTBOUND.c.sid).where(places[OUTBOUND], OUTBOUND.c.sid.is_not(None))
    carrier_deletions.add(tx, list(tx.execute(answered).scalars()), now)
    for one in SEALED:
        if one.table in places:
            tx.execute(update(one.table).where(places[one.table]).values({one.column.name: blank(one)}))
    tx.execute(update(MEDIA).where(places[MEDIA]).values(status=MediaStatus.lost, reason=ERASED))
    tx.execute(update(CASE).where(places[CASE]).values(lookup=None))
    tx.execute(update(INBOUND).where(places[INBOUND]).values(lookup="", outcome=ERASED, needs_person=False))
    return len(rows)

"""Erasure: takes everything that identifies an officer, and every word, out of the database. What stays is counted: message ids and moments,
so that neither the sweep nor a repeated webhook brings a message back; consents without their text; coded answers under a new study
id, unless they are to go too; and a hash of each number, so that nobody is enrolled by it unawares. In one transaction, which holds the
officer's lock: a message that arrives meanwhile is handled before it, or is met as from somebody who was erased."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, update

from app.channels.addresses import canonical
from app.conversations import keywords
from app.conversations.library import Library
from app.conversations.sessions import Turn, write_batch
from app.errors import ConflictError
from app.store import (
    addresses,
    alerts,
    audit,
    carrier_deletions,
    cases,
    contacts,
    enrolment,
    erased_rows,
    suppression,
    uploads,
)
from app.store import sealing as seals
from app.store.cases import OF_SAFETY, CaseOutcome
from app.store.conversations import Changes
from app.store.sealing import LETTER, NUMBER, SEALED
from app.store.tables import (
    ACCOUNT,
    ADDRESS,
    ALERT,
    ANNOUNCEMENT,
    CASE,
    CONSENT,
    CONTACT,
    CORRECTION,
    DEAD_LETTER,
    DEFERRED,
    IDENTITY,
    INBOUND,
    INSTALLATION_SECRET,
    MEDIA,
    MEMORY_CARD,
    OUTBOUND,
    RANKS,
    READING,
    RESPONSE,
    SAMPLED_REPLY,
    SESSION,
    SHIFT_CHANGE,
    TEXT_CODE,
    TEXT_REVIEW,
    UPLOAD,
    UPLOAD_PART,
    ContactStatus,
    MediaStatus,
    MessageStatus,
)
from app.wording import Sentence

Condition = ColumnElement[bool]
NewId = Callable[[], str]
"""Draws a study id."""

NOT_OFFICERS = (ACCOUNT, ANNOUNCEMENT, INSTALLATION_SECRET, UPLOAD, UPLOAD_PART)
"""Tables with something sealed that is no officer's; of uploads nothing is left at all."""

ERASED = "erased"
"""The reason of a file that was erased."""

_DELETED = (IDENTITY, ADDRESS, DEFERRED, SHIFT_CHANGE)
"""Tables of which an officer's rows go. Of the other tables with something sealed the rows stay, without it."""

_ANSWERS = (CORRECTION, READING, SAMPLED_REPLY, TEXT_CODE, TEXT_REVIEW, RESPONSE, MEMORY_CARD)
"""Tables whose rows go too if the answers do, each before those that it refers to."""


@dataclass(slots=True)
class Erasure:
    """The effect, by table: how many rows were deleted, and how many sealed values. `numbers` were suppressed; `letters` are dead letters
    of the officer. `study_id` is the new one."""

    study_id: str
    answers: bool
    rows: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    numbers: int = 0
    letters: int = 0
    at_carrier: int = 0


def erase(
    tx: Connection,
    library: Library,
    study_id: str,
    reason: str,
    new_id: NewId,
    now: datetime,
    actor: str,
    *,
    answers: bool = False,
) -> Erasure:
    """Erase an officer. `answers`: the coded answers too. Raises UsageError for an unknown study id and without a reason, ConflictError if
    the officer was erased before, if a case about their safety is open, or if a message to them is on its way to the carrier at this moment."""
    why = audit.reason(reason)
    contact = addresses.known(tx, study_id)
    done = erase_contact(tx, library, contact, new_id, now, answers=answers)
    uploads.discard_all(tx)
    detail = {"answers": done.answers, "rows": done.rows, "values": done.values, "letters": done.letters, "reason": why}
    audit.record(tx, now, actor, "erase", f"contact:{contact}", detail)
    return done


def erase_contact(
    tx: Connection,
    library: Library,
    contact: int,
    new_id: NewId,
    now: datetime,
    *,
    answers: bool = False,
    suppress: bool = True,
) -> Erasure:
    """The same by contact id, without an entry in the audit log; lists that people have uploaded stay. With `suppress` nobody is enrolled by the officer's numbers unawares."""
    officer = contacts.officers(tx, [contact])[contact]  # locked from here on
    _check(tx, contact)
    numbers = _numbers(tx, contact)
    turn = Turn(tx, library, Changes(), now)
    keywords.opt_out(turn, officer, confirm=False)
    write_batch(tx, library, turn.changes, now)
    done = Erasure(_new_study_id(tx, new_id), answers)
    case = cases.open_of(tx, contact)
    if case is not None:
        cases.close(tx, case, CaseOutcome.gone, now)
    if suppress:
        done.numbers = suppression.add(tx, _unused_by_others(tx, contact, numbers), now)
    done.letters = _letters(tx, numbers, now)
    _blank(tx, contact, done)
    for table in (*_DELETED, *(_ANSWERS if answers else ())):
        done.rows[table.name] = int(tx.execute(delete(table).where(whose(table, contact))).rowcount)
    for subject in (f"contact:{contact}", f"officer:{contact}"):
        alerts.close_all(tx, subject, now)
        tx.execute(update(ALERT).where(ALERT.c.subject == subject).values(detail="{}"))
    _anonymous(tx, contact, done.study_id, now)
    erased_rows.mark(tx, now)
    carrier_deletions.plan(tx, now)
    done.at_carrier = carrier_deletions.waiting(tx)
    return done


def whose(table: Table, contact: int) -> Condition:
    """The rows of a table that are an officer's."""
    if table in (CORRECTION, READING, SAMPLED_REPLY, TEXT_REVIEW, TEXT_CODE):
        of_them = select(RESPONSE.c.id).where(RESPONSE.c.contact_id == contact)
        return table.c.response_id.in_(of_them)
    if table is MEDIA:
        return MEDIA.c.inbound_id.in_(select(INBOUND.c.id).where(INBOUND.c.contact_id == contact))
    return table.c.contact_id == contact


def blank(column: seals.SealedColumn) -> bytes | None:
    """A sealed column without its value."""
    return None if column.column.nullable else b""


def empty_letters(tx: Connection, which: Condition, now: datetime) -> int:
    """Empty these dead letters, which are not processed again. Returns how many were not empty."""
    done = tx.execute(update(DEAD_LETTER).where(which, func.length(DEAD_LETTER.c.sealed) > 0).values(sealed=b""))
    tx.execute(update(DEAD_LETTER).where(which, DEAD_LETTER.c.replayed_at.is_(None)).values(replayed_at=now))
    return int(done.rowcount)


def _check(tx: Connection, contact: int) -> None:
    if tx.execute(select(CONTACT.c.erased_at).where(CONTACT.c.id == contact)).scalar_one() is not None:
        raise ConflictError(Sentence("this officer was erased before"))
    case = cases.open_of(tx, contact)
    if case is not None and tx.execute(select(CASE.c.reason).where(CASE.c.id == case)).scalar_one() in OF_SAFETY:
        raise ConflictError(
            Sentence(
                "case {case} of this officer is about safety and is open: close it first; nothing was erased", case=case
            )
        )
    sending = select(OUTBOUND.c.id).where(OUTBOUND.c.contact_id == contact, OUTBOUND.c.status == MessageStatus.sending)
    if tx.execute(sending.limit(1)).first() is not None:
        raise ConflictError(
            Sentence(
                "a message to this officer is on its way to the carrier: nothing was erased; try again in a minute"
            )
        )


def _numbers(tx: Connection, contact: int) -> list[str]:
    """Every address that an officer has had and that can be opened."""
    found = tx.execute(select(ADDRESS.c.sealed).where(ADDRESS.c.contact_id == contact).order_by(ADDRESS.c.id)).scalars()
    opened = [seals.readable(tx, NUMBER, contact, one) for one in found]
    return list(dict.fromkeys(one for one in opened if one))


def _unused_by_others(tx: Connection, contact: int, numbers: Sequence[str]) -> list[str]:
    """Without those that another officer has now."""
    vault = seals.vault_of(tx)
    owners = contacts.owners(tx, [lookup for one in numbers for lookup in vault.lookups(one)])
    return [one for one in numbers if not any(owners.get(lookup, contact) != contact for lookup in vault.lookups(one))]


def _letters(tx: Connection, numbers: Collection[str], now: datetime) -> int:
    """Empty the dead letters with one of these numbers in them."""
    if not numbers:
        return 0
    wanted, found = set(numbers), []
    for letter, kind, sealed in tx.execute(select(DEAD_LETTER.c.id, DEAD_LETTER.c.kind, DEAD_LETTER.c.sealed)):
        if sealed and (opened := seals.readable(tx, LETTER, kind, sealed)) and wanted & _addresses_in(opened):
            found.append(letter)
    return empty_letters(tx, DEAD_LETTER.c.id.in_(found), now)


def _addresses_in(text: str) -> set[str]:
    """Every text in a raw form, as an address is spelled."""
    try:
        raw: Mapping[str, Any] = orjson.loads(text)
    except ValueError:
        return set()
    return {canonical("whatsapp", str(value)) for value in raw.values()}


def _blank(tx: Connection, contact: int, done: Erasure) -> None:
    """Take what is sealed out of the rows that stay, and the few clear columns that could tell who it was."""
    for one in SEALED:
        if one.table in (*NOT_OFFICERS, *_DELETED, DEAD_LETTER):
            continue
        theirs = update(one.table).where(whose(one.table, contact), one.column.is_not(None))
        done.values[one.name] = int(tx.execute(theirs.values({one.column.name: blank(one)})).rowcount)
    tx.execute(update(INBOUND).where(whose(INBOUND, contact)).values(lookup="", needs_person=False))
    tx.execute(update(CONSENT).where(whose(CONSENT, contact)).values(proof=None))
    tx.execute(update(SESSION).where(whose(SESSION, contact)).values(shift=None))
    tx.execute(update(RESPONSE).where(whose(RESPONSE, contact)).values(judged=None))
    tx.execute(update(CASE).where(whose(CASE, contact)).values(lookup=None))
    tx.execute(update(MEDIA).where(whose(MEDIA, contact)).values(status=MediaStatus.lost, reason=ERASED))
    unsent = (MessageStatus.queued, MessageStatus.unknown)
    theirs = update(OUTBOUND).where(whose(OUTBOUND, contact), OUTBOUND.c.status.in_(unsent))
    tx.execute(theirs.values(status=MessageStatus.cancelled, rank=RANKS[MessageStatus.cancelled]))


def _anonymous(tx: Connection, contact: int, study_id: str, now: datetime) -> None:
    """The officer's row under a new study id, with nothing but its cohort."""
    values: dict[str, object] = {
        "study_id": study_id,
        "status": ContactStatus.opted_out,
        "erased_at": now,
        "attributes": "{}",
        "dates": "{}",
        **dict.fromkeys(("shift", "damage", "held_at", "held_for", "paused_until", "person_wrote_at")),
    }
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**values))


def _new_study_id(tx: Connection, new_id: NewId) -> str:
    while enrolment.taken_study_ids(tx, [drawn := new_id()]):
        pass
    return drawn

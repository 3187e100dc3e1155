"""Cases: what needs a person. The messages of one officer, or of one unknown number, join the case of theirs that is open; the most
urgent reason wins. `needs_person` of a message says whether its case is open, and is written here and with the message only.
All functions take a transaction and commit nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, or_, select, update

from app.store.bulk import insert_rows
from app.store.dialect import locks_rows
from app.store.holds import SUPPORT
from app.store.tables import CASE, CASE_MESSAGE, CONTACT, INBOUND, OUTBOUND


class CaseReason(StrEnum):
    """Why a person is needed. The most urgent first."""

    crisis = "crisis"
    serious = "serious"
    leave = "leave"  # perhaps the officer wants to leave
    consent = "consent"  # whether the officer consents is not clear
    complaint = "complaint"
    audio = "audio"  # a voice note, which a person must listen to
    number = "number"  # the carrier says that the number is another officer's account
    question = "question"
    unclear = "unclear"  # not understood, and asked again already
    late = "late"  # about a question that is over, and not clear
    nothing_open = "nothing_open"
    failed_flow = "failed_flow"  # the flow is at fault: the conversation broke off
    machine = "machine"  # the same words again and again
    unknown_number = "unknown_number"


OF_SAFETY = frozenset({CaseReason.crisis, CaseReason.serious})
"""The reasons that put an officer on hold until the case is closed."""

_URGENCY = {reason: place for place, reason in enumerate(CaseReason)}


class CaseOutcome(StrEnum):
    """The outcome of a case."""

    handled = "handled"
    false_alarm = "false_alarm"
    nothing_to_do = "nothing_to_do"
    identified = "identified"  # the unknown number is an officer's: its messages are now theirs


CHOSEN = (CaseOutcome.handled, CaseOutcome.false_alarm, CaseOutcome.nothing_to_do)
"""The outcomes that a person chooses. A number is identified by giving it to an officer."""


Owner = tuple[int | None, str | None]
"""An officer's contact id, or an unknown number's keyed hash."""


class Need(NamedTuple):
    """A message, or a conversation, that needs a person. `lookup` is an unknown number's keyed hash; an officer has none. `sid` is
    the message's, None if there is none; `said_at` is when it was written, `now` when it was handled."""

    contact_id: int | None
    lookup: str | None
    reason: CaseReason
    sid: str | None
    said_at: datetime
    now: datetime

    @property
    def whose(self) -> Owner:
        """Officer or unknown number."""
        return self.contact_id, self.lookup


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `study_id` is None for an unknown number, whose keyed hash `lookup` is; `messages` counts them; `note` is sealed."""

    id: int
    contact_id: int | None
    study_id: str | None
    lookup: str | None
    reason: CaseReason
    messages: int
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    outcome: str | None
    note: bytes | None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a case, with what became of it when it came."""

    sid: str
    at: datetime
    channel: str
    outcome: str
    body: str
    has_files: bool


class SupportText(NamedTuple):
    """A text of support, and how far it has come."""

    at: datetime
    status: str


def subject(contact: int | None, lookup: str | None = None) -> str:
    """The subject of alerts about an officer, or about an unknown number."""
    return f"contact:{contact}" if contact is not None else f"number:{(lookup or '')[:16]}"


def note_context(case: int) -> str:
    """The context with which the vault seals a case's note."""
    return f"case:{case}"


def join(tx: Connection, needs: Sequence[Need], ids: Mapping[str, int]) -> None:
    """Open cases, or join open ones: a few statements, however many needs there are. `ids` are those of the messages by SID. Hold the
    locks of the officers."""
    if not needs:
        return
    found, theirs = _open(tx, needs), _by_owner(needs)
    while missing := [some[0] for whose, some in theirs.items() if whose not in found]:
        found |= _opened(tx, missing)
    _bring_up_to_date(tx, theirs, found)
    rows = [{"case_id": found[need.whose].id, "inbound_id": ids[need.sid]} for need in needs if need.sid]
    insert_rows(tx, CASE_MESSAGE, rows, ignore=True)


class _Open(NamedTuple):
    id: int
    contact_id: int | None
    lookup: str | None
    reason: str
    last_at: datetime


_OPEN = (
    select(CASE.c.id, CASE.c.contact_id, CASE.c.lookup, CASE.c.reason, CASE.c.last_at)
    .where(
        CASE.c.closed_at.is_(None),
        or_(
            CASE.c.contact_id.in_(bindparam("contacts", expanding=True)),
            CASE.c.lookup.in_(bindparam("lookups", expanding=True)),
        ),
    )
    .order_by(CASE.c.id)
)


def _open(tx: Connection, needs: Iterable[Need]) -> dict[Owner, _Open]:
    """The open cases of these officers and numbers, which stay open until the transaction ends."""
    wanted = {
        "contacts": sorted({need.contact_id for need in needs if need.contact_id is not None}),
        "lookups": sorted({need.lookup for need in needs if need.lookup is not None}),
    }
    rows = tx.execute(_OPEN.with_for_update() if locks_rows(tx) else _OPEN, wanted)
    return {(row.contact_id, row.lookup): _Open(*row) for row in rows}


def _by_owner(needs: Iterable[Need]) -> dict[Owner, list[Need]]:
    found: dict[Owner, list[Need]] = {}
    for need in needs:
        found.setdefault(need.whose, []).append(need)
    return found


def _opened(tx: Connection, needs: Sequence[Need]) -> dict[Owner, _Open]:
    """Open a case for each. Another process may open that of an unknown number at the same time: then it is joined. The rows go in
    one order, so that two processes do not wait for each other."""
    rows = [
        {
            "contact_id": need.contact_id,
            "lookup": need.lookup,
            "reason": need.reason,
            "opened_at": need.now,
            "last_at": need.said_at,
        }
        for need in sorted(needs, key=lambda one: (one.contact_id or 0, one.lookup or ""))
    ]
    insert_rows(tx, CASE, rows, ignore=True)
    return _open(tx, needs)


_UPDATE = (
    update(CASE).where(CASE.c.id == bindparam("its_id")).values(reason=bindparam("why"), last_at=bindparam("latest"))
)


def _bring_up_to_date(tx: Connection, needs: Mapping[Owner, Sequence[Need]], found: Mapping[Owner, _Open]) -> None:
    rows = []
    for whose, case in found.items():
        why = most_urgent([CaseReason(case.reason), *(need.reason for need in needs[whose])])
        latest = max([case.last_at, *(need.said_at for need in needs[whose])])
        if (why, latest) != (case.reason, case.last_at):
            rows.append({"its_id": case.id, "why": why, "latest": latest})
    if rows:
        tx.execute(_UPDATE, rows)


def most_urgent(reasons: Iterable[CaseReason]) -> CaseReason:
    """The most urgent of some reasons."""
    return min(reasons, key=_URGENCY.__getitem__)


# -- looking ----------------------------------------------------------------------------------------------------------


def _cases(*conditions: ColumnElement[bool]) -> Select[Any]:
    messages = (
        select(func.count()).select_from(CASE_MESSAGE).where(CASE_MESSAGE.c.case_id == CASE.c.id).scalar_subquery()
    )
    return (
        select(
            CASE.c.id,
            CASE.c.contact_id,
            CONTACT.c.study_id,
            CASE.c.lookup,
            CASE.c.reason,
            messages,
            CASE.c.opened_at,
            CASE.c.last_at,
            CASE.c.closed_at,
            CASE.c.outcome,
            CASE.c.note,
        )
        .select_from(CASE.outerjoin(CONTACT, CONTACT.c.id == CASE.c.contact_id))
        .where(*conditions)
    )


def listed(tx: Connection, *, closed: bool = False) -> list[Case]:
    """The open cases, the most urgent first and then the one that has waited longest; with `closed`, those that are closed, the
    latest first."""
    which = CASE.c.closed_at.is_not(None) if closed else CASE.c.closed_at.is_(None)
    found = [Case(*row) for row in tx.execute(_cases(which).order_by(CASE.c.id))]
    if closed:
        return sorted(found, key=lambda case: (case.closed_at or case.opened_at, case.id), reverse=True)
    return sorted(found, key=lambda case: (_URGENCY[CaseReason(case.reason)], case.opened_at, case.id))


def one(tx: Connection, case: int) -> Case | None:
    """A case by its id."""
    row = tx.execute(_cases(CASE.c.id == case)).one_or_none()
    return None if row is None else Case(*row)


def open_of(tx: Connection, contact: int) -> int | None:
    """The id of an officer's open case."""
    found = select(CASE.c.id).where(CASE.c.contact_id == contact, CASE.c.closed_at.is_(None))
    return tx.execute(found).scalar_one_or_none()


def messages(tx: Connection, case: int) -> list[Message]:
    """The messages of a case, in the order in which they came."""
    joined = INBOUND.join(CASE_MESSAGE, CASE_MESSAGE.c.inbound_id == INBOUND.c.id)
    columns = (INBOUND.c.sid, INBOUND.c.received_at, INBOUND.c.channel, INBOUND.c.outcome, INBOUND.c.body)
    found = select(*columns, INBOUND.c.media != "[]").select_from(joined).where(CASE_MESSAGE.c.case_id == case)
    return [Message(*row) for row in tx.execute(found.order_by(INBOUND.c.id))]


def support(tx: Connection, case: int) -> list[SupportText]:
    """The texts of support that answered messages of a case, oldest first."""
    joined = OUTBOUND.join(CASE_MESSAGE, CASE_MESSAGE.c.inbound_id == OUTBOUND.c.reply_to_id)
    found = (
        select(OUTBOUND.c.created_at, OUTBOUND.c.status)
        .select_from(joined)
        .where(CASE_MESSAGE.c.case_id == case, OUTBOUND.c.kind == "notice", OUTBOUND.c.step == SUPPORT)
    )
    return [SupportText(*row) for row in tx.execute(found.order_by(OUTBOUND.c.id))]


def counts(tx: Connection) -> dict[str, int]:
    """The number of open cases by reason, the most urgent first."""
    found = select(CASE.c.reason, func.count()).where(CASE.c.closed_at.is_(None)).group_by(CASE.c.reason)
    return dict(
        sorted(((why, int(count)) for why, count in tx.execute(found)), key=lambda one: _URGENCY[CaseReason(one[0])])
    )


# -- closing ----------------------------------------------------------------------------------------------------------


def close(tx: Connection, case: int, outcome: CaseOutcome, now: datetime, note: bytes | None = None) -> bool:
    """Close a case; its messages wait for nobody any more. False if it is closed already."""
    closed = (
        update(CASE)
        .where(CASE.c.id == case, CASE.c.closed_at.is_(None))
        .values(closed_at=now, outcome=outcome, note=note)
    )
    if not tx.execute(closed).rowcount:
        return False
    _mark(tx, case, needs_person=False)
    return True


def close_strangers(tx: Connection, lookup: str, outcome: CaseOutcome, now: datetime) -> None:
    """Close an unknown number's case, if one is open."""
    if (case := _of_stranger(tx, lookup)) is not None:
        close(tx, case.id, outcome, now)


def hand_over(tx: Connection, lookup: str, contact: int, now: datetime) -> CaseReason | None:
    """The fate of an unknown number's case when the number is found to be an officer's. One about safety goes on as the
    officer's, and its reason is returned; any other is closed. Hold the officer's lock."""
    case = _of_stranger(tx, lookup)
    if case is None:
        return None
    if case.reason not in OF_SAFETY:
        close(tx, case.id, CaseOutcome.identified, now)
        return None
    reason, joined = CaseReason(case.reason), open_of(tx, contact)
    if joined is None:
        tx.execute(update(CASE).where(CASE.c.id == case.id).values(contact_id=contact, lookup=None))
        joined = case.id
    else:
        join(tx, [Need(contact, None, reason, None, case.last_at, now)], {})
        tx.execute(update(CASE_MESSAGE).where(CASE_MESSAGE.c.case_id == case.id).values(case_id=joined))
        close(tx, case.id, CaseOutcome.identified, now)
    _mark(tx, joined, needs_person=True)
    return reason


def _of_stranger(tx: Connection, lookup: str) -> _Open | None:
    found = tx.execute(_OPEN, {"contacts": [], "lookups": [lookup]}).one_or_none()
    return None if found is None else _Open(*found)


def _mark(tx: Connection, case: int, *, needs_person: bool) -> None:
    theirs = select(CASE_MESSAGE.c.inbound_id).where(CASE_MESSAGE.c.case_id == case)
    tx.execute(update(INBOUND).where(INBOUND.c.id.in_(theirs)).values(needs_person=needs_person))

"""Cases: what needs a person. The messages of one officer, or of one unknown number, join the case of theirs that is open; the most
urgent reason wins. What could not be processed, of whomever, has one case of its own. `needs_person` of a message says whether its
case is open, and is written here and with the message only. All functions take a transaction and commit nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal, or_, select, update
from sqlalchemy import case as sql_case

from app.store import sealing
from app.store.bulk import insert_rows
from app.store.dialect import locks_rows, one_of
from app.store.holds import PERSON, SUPPORT
from app.store.sealing import INBOUND_BODY, OUTBOUND_BODY
from app.store.tables import CASE, CASE_MESSAGE, COHORT, CONTACT, DEAD_LETTER, INBOUND, OUTBOUND

_BEGUN = literal(datetime(1970, 1, 1, tzinfo=UTC), CASE.c.snoozed_until.type)


class CaseReason(StrEnum):
    """Why a person is needed. The most urgent first."""

    crisis = "crisis"
    serious = "serious"
    leave = "leave"  # perhaps the officer wants to leave
    consent = "consent"  # whether the officer consents is not clear
    complaint = "complaint"
    reply = "reply"  # an answer to what a person wrote
    audio = "audio"  # a voice note, which a person must listen to
    number = "number"  # the carrier says that the number is another officer's account
    question = "question"
    unclear = "unclear"  # not understood, and asked again already
    late = "late"  # about a question that is over, and not clear
    nothing_open = "nothing_open"
    refused = "refused"  # the carrier does not deliver to the officer, or may not
    unknown_fate = "unknown_fate"  # a message of ours may have gone out or not, and was given up
    failed_flow = "failed_flow"  # the flow is at fault: the conversation broke off
    machine = "machine"  # the same words again and again
    unknown_number = "unknown_number"
    dead_letter = "dead_letter"  # what could not be processed


OF_SAFETY = frozenset({CaseReason.crisis, CaseReason.serious})
"""The reasons that put an officer on hold until the case is closed."""

_URGENCY = {reason: place for place, reason in enumerate(CaseReason)}


class CaseOutcome(StrEnum):
    """The outcome of a case."""

    handled = "handled"
    false_alarm = "false_alarm"
    nothing_to_do = "nothing_to_do"
    identified = "identified"  # the unknown number is an officer's: its messages are now theirs
    gone = "gone"  # what could not be processed has been
    answered = "answered"  # the officer has answered the question that was not understood


CHOSEN = (CaseOutcome.handled, CaseOutcome.false_alarm, CaseOutcome.nothing_to_do)
"""The outcomes that a person chooses. A number is identified by giving it to an officer."""


Whose = tuple[int | None, str | None]
"""An officer's contact id, or an unknown number's keyed hash."""


class CaseState(StrEnum):
    """The state of a case."""

    new = "new"  # nobody has it
    assigned = "assigned"
    snoozed = "snoozed"  # it is looked at again at a moment, or with the next message
    closed = "closed"


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
    def whose(self) -> Whose:
        """Officer or unknown number."""
        return self.contact_id, self.lookup


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `study_id` is None for an unknown number, whose keyed hash `lookup` is, and for what could not be processed. `messages`
    counts what it is about, without the answers of persons; `owner` is the person who has it; since `waiting_since` nobody has, or
    has been called; `note` is sealed."""

    id: int
    contact_id: int | None
    study_id: str | None
    lookup: str | None
    reason: CaseReason
    messages: int
    opened_at: datetime
    last_at: datetime
    owner: str | None
    snoozed_until: datetime | None
    waiting_since: datetime
    calls: int
    closed_at: datetime | None
    outcome: str | None
    note: bytes | None
    programme: str | None

    def state(self, now: datetime) -> CaseState:
        """Its state at a moment. A snoozed case is woken by the clock or by the next message, and then has the owner that it had."""
        if self.closed_at is not None:
            return CaseState.closed
        if self.snoozed_until is not None and self.snoozed_until > now:
            return CaseState.snoozed
        return CaseState.new if self.owner is None else CaseState.assigned


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a case, with what became of it when it came. `session_id` and `step` name the question that it belongs to."""

    id: int
    sid: str
    at: datetime
    channel: str
    outcome: str
    body: str
    session_id: int | None
    step: str | None
    has_files: bool


@dataclass(frozen=True, slots=True)
class OurMessage:
    """A message of ours that a case is about, or (of kind `person`) that answers it, and how far the latest attempt has come."""

    id: int
    at: datetime
    kind: str
    channel: str
    status: str
    error_class: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter of a case: where it failed, without its words."""

    id: int
    kind: str
    error: str
    at: datetime
    is_replayed: bool


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
    snoozed_until: datetime | None


_OPEN = (
    select(CASE.c.id, CASE.c.contact_id, CASE.c.lookup, CASE.c.reason, CASE.c.last_at, CASE.c.snoozed_until)
    .where(
        CASE.c.closed_at.is_(None),
        or_(
            one_of(CASE.c.contact_id, "contacts"),
            one_of(CASE.c.lookup, "lookups"),
        ),
    )
    .order_by(CASE.c.id)
)


def _open(tx: Connection, needs: Iterable[Need]) -> dict[Whose, _Open]:
    """The open cases of these officers and numbers, which stay open until the transaction ends."""
    wanted = {
        "contacts": sorted({need.contact_id for need in needs if need.contact_id is not None}),
        "lookups": sorted({need.lookup for need in needs if need.lookup is not None}),
    }
    rows = tx.execute(_OPEN.with_for_update() if locks_rows(tx) else _OPEN, wanted)
    return {(row.contact_id, row.lookup): _Open(*row) for row in rows}


def _by_owner(needs: Iterable[Need]) -> dict[Whose, list[Need]]:
    found: dict[Whose, list[Need]] = {}
    for need in needs:
        found.setdefault(need.whose, []).append(need)
    return found


def _opened(tx: Connection, needs: Sequence[Need]) -> dict[Whose, _Open]:
    """Open a case for each. Another process may open that of an unknown number at the same time: then it is joined. The rows go in
    one order, so that two processes do not wait for each other."""
    rows = [
        {
            "contact_id": need.contact_id,
            "lookup": need.lookup,
            "reason": need.reason,
            "opened_at": need.now,
            "last_at": need.said_at,
            "waiting_since": need.now,
            "calls": 0,
        }
        for need in sorted(needs, key=lambda one: (one.contact_id or 0, one.lookup or ""))
    ]
    insert_rows(tx, CASE, rows, ignore=True)
    return _open(tx, needs)


_UPDATE = (
    update(CASE)
    .where(CASE.c.id == bindparam("its_id"))
    .values(reason=bindparam("why"), last_at=bindparam("latest"), snoozed_until=None)
)
_WAITS_ANEW = (
    update(CASE)
    .where(CASE.c.id == bindparam("its_id"))
    .values(owner=None, waiting_since=bindparam("since", type_=CASE.c.waiting_since.type), calls=0)
)


def _bring_up_to_date(tx: Connection, needs: Mapping[Whose, Sequence[Need]], found: Mapping[Whose, _Open]) -> None:
    """Bring reasons and moments up to date. A case that becomes one of safety is nobody's any more: whoever took the smaller matter
    may not be there for this one."""
    rows, anew = [], []
    for whose, case in found.items():
        why = most_urgent([CaseReason(case.reason), *(need.reason for need in needs[whose])])
        latest = max([case.last_at, *(need.said_at for need in needs[whose])])
        if (why, latest, None) != (case.reason, case.last_at, case.snoozed_until):
            rows.append({"its_id": case.id, "why": why, "latest": latest})
        if why in OF_SAFETY and case.reason not in OF_SAFETY:
            anew.append({"its_id": case.id, "since": max(need.now for need in needs[whose])})
    if rows:
        tx.execute(_UPDATE, rows)
    if anew:
        tx.execute(_WAITS_ANEW, anew)


def join_ours(tx: Connection, sent: Mapping[int, Need]) -> None:
    """Open cases for messages of ours, by id, or join them to open ones. Hold the locks of the officers."""
    join(tx, list(sent.values()), {})
    theirs = _open(tx, sent.values())
    rows = [{"case_id": theirs[need.whose].id, "outbound_id": message} for message, need in sent.items()]
    insert_rows(tx, CASE_MESSAGE, rows, ignore=True)


def join_letters(tx: Connection, letters: Collection[int], now: datetime) -> None:
    """Open the case of what could not be processed, or join it."""
    reason = CaseReason.dead_letter
    row = {"reason": reason, "opened_at": now, "last_at": now, "waiting_since": now, "calls": 0}
    insert_rows(tx, CASE, [row], ignore=True)
    ours = (CASE.c.reason == reason, CASE.c.contact_id.is_(None), CASE.c.lookup.is_(None), CASE.c.closed_at.is_(None))
    found = select(CASE.c.id).where(*ours)
    case = tx.execute(found.with_for_update() if locks_rows(tx) else found).scalar_one()
    tx.execute(update(CASE).where(CASE.c.id == case).values(last_at=now, snoozed_until=None))
    insert_rows(tx, CASE_MESSAGE, [{"case_id": case, "letter_id": letter} for letter in letters], ignore=True)


def attach(tx: Connection, case: int, outbound: int) -> None:
    """Attach a person's answer to its case."""
    insert_rows(tx, CASE_MESSAGE, [{"case_id": case, "outbound_id": outbound}])


def most_urgent(reasons: Iterable[CaseReason]) -> CaseReason:
    """The most urgent of some reasons."""
    return min(reasons, key=_URGENCY.__getitem__)


# -- looking ----------------------------------------------------------------------------------------------------------


_WRITTEN_TO = (
    select(INBOUND.c.programme)
    .where(INBOUND.c.contact_id.is_(None), INBOUND.c.lookup == CASE.c.lookup)
    .order_by(INBOUND.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
PROGRAMME = func.coalesce(COHORT.c.programme, _WRITTEN_TO)
"""The programme of a case: the officer's, or the one to whose number an unknown number wrote last."""

WITH_OFFICER = CASE.outerjoin(CONTACT, CONTACT.c.id == CASE.c.contact_id).outerjoin(
    COHORT, COHORT.c.id == CONTACT.c.cohort_id
)
"""Cases with their officers, as far as they have one."""


def _cases(*conditions: ColumnElement[bool]) -> Select[Any]:
    messages = (
        select(func.count())
        .select_from(CASE_MESSAGE.outerjoin(OUTBOUND, OUTBOUND.c.id == CASE_MESSAGE.c.outbound_id))
        .where(CASE_MESSAGE.c.case_id == CASE.c.id, OUTBOUND.c.kind.is_distinct_from(PERSON))
        .scalar_subquery()
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
            CASE.c.owner,
            CASE.c.snoozed_until,
            CASE.c.waiting_since,
            CASE.c.calls,
            CASE.c.closed_at,
            CASE.c.outcome,
            CASE.c.note,
            PROGRAMME,
        )
        .select_from(WITH_OFFICER)
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


def some(tx: Connection, ids: Collection[int]) -> list[Case]:
    """Cases by their ids."""
    return [Case(*row) for row in tx.execute(_cases(CASE.c.id.in_(list(ids))).order_by(CASE.c.id))]


def open_of(tx: Connection, contact: int) -> int | None:
    """The id of an officer's open case."""
    found = select(CASE.c.id).where(CASE.c.contact_id == contact, CASE.c.closed_at.is_(None))
    return tx.execute(found).scalar_one_or_none()


def messages(tx: Connection, case: int) -> list[Message]:
    """The messages of a case, in the order in which they came."""
    joined = INBOUND.join(CASE_MESSAGE, CASE_MESSAGE.c.inbound_id == INBOUND.c.id)
    names = ("id", "sid", "received_at", "channel", "outcome", "body", "session_id", "step")
    columns: list[ColumnElement[Any]] = [*(INBOUND.c[name] for name in names), INBOUND.c.media.is_not(None)]
    found = select(*columns).select_from(joined).where(CASE_MESSAGE.c.case_id == case)
    return [
        replace(Message(*row), body=sealing.shown(tx, INBOUND_BODY, row.sid, row.body))
        for row in tx.execute(found.order_by(INBOUND.c.id))
    ]


def ours(tx: Connection, case: int) -> list[OurMessage]:
    """The messages of ours that belong to a case, in their order, each as far as its latest resend has come."""
    latest = OUTBOUND.alias("latest")
    newest = (
        select(func.max(latest.c.id))
        .where(or_(latest.c.id == OUTBOUND.c.id, latest.c.origin_id == OUTBOUND.c.id))
        .correlate(OUTBOUND)
        .scalar_subquery()
    )
    joined = OUTBOUND.join(CASE_MESSAGE, CASE_MESSAGE.c.outbound_id == OUTBOUND.c.id).join(
        latest, latest.c.id == newest
    )
    found = (
        select(
            OUTBOUND.c.id,
            OUTBOUND.c.created_at,
            OUTBOUND.c.kind,
            latest.c.channel,
            latest.c.status,
            latest.c.error_class,
            OUTBOUND.c.body,
            OUTBOUND.c.uid,
        )
        .select_from(joined)
        .where(CASE_MESSAGE.c.case_id == case)
    )
    return [
        replace(OurMessage(*row[:-1]), body=sealing.shown(tx, OUTBOUND_BODY, row.uid, row.body))
        for row in tx.execute(found.order_by(OUTBOUND.c.id))
    ]


def letters(tx: Connection, case: int) -> list[Letter]:
    """The dead letters of a case, oldest first."""
    joined = DEAD_LETTER.join(CASE_MESSAGE, CASE_MESSAGE.c.letter_id == DEAD_LETTER.c.id)
    columns = (DEAD_LETTER.c.id, DEAD_LETTER.c.kind, DEAD_LETTER.c.error, DEAD_LETTER.c.at)
    found = select(*columns, DEAD_LETTER.c.replayed_at.is_not(None)).select_from(joined)
    return [Letter(*row) for row in tx.execute(found.where(CASE_MESSAGE.c.case_id == case).order_by(DEAD_LETTER.c.id))]


def support(tx: Connection, case: int) -> list[SupportText]:
    """The texts of support that answered messages of a case, oldest first."""
    joined = OUTBOUND.join(CASE_MESSAGE, CASE_MESSAGE.c.inbound_id == OUTBOUND.c.reply_to_id)
    found = (
        select(OUTBOUND.c.created_at, OUTBOUND.c.status)
        .select_from(joined)
        .where(CASE_MESSAGE.c.case_id == case, OUTBOUND.c.kind == "notice", OUTBOUND.c.step == SUPPORT)
    )
    return [SupportText(*row) for row in tx.execute(found.order_by(OUTBOUND.c.id))]


class CaseCount(NamedTuple):
    """The open cases of one reason: how many, of how many nobody has taken one, and when the oldest was opened."""

    cases: int
    new: int
    oldest: datetime


def counts(tx: Connection, now: datetime) -> dict[str, CaseCount]:
    """The open cases by reason, the most urgent first."""
    unowned = sql_case(((CASE.c.owner.is_(None) & (func.coalesce(CASE.c.snoozed_until, _BEGUN) <= now)), 1))
    found = (
        select(CASE.c.reason, func.count(), func.count(unowned), func.min(CASE.c.opened_at))
        .where(CASE.c.closed_at.is_(None))
        .group_by(CASE.c.reason)
    )
    rows = sorted(tx.execute(found), key=lambda one: _URGENCY[CaseReason(one[0])])
    return {why: CaseCount(int(count), int(new), oldest) for why, count, new, oldest in rows}


# -- having, and waiting ----------------------------------------------------------------------------------------------


def lock(tx: Connection, case: int) -> None:
    """Lock a case until the transaction ends. SQLite has one writer anyway."""
    if locks_rows(tx):
        tx.execute(select(CASE.c.id).where(CASE.c.id == case).with_for_update())


def own(tx: Connection, case: int, owner: str | None, now: datetime) -> None:
    """Give a case to a person, or (None) to nobody: then it waits anew."""
    since = {"waiting_since": now, "calls": 0} if owner is None else {}
    tx.execute(update(CASE).where(CASE.c.id == case).values(owner=owner, snoozed_until=None, **since))


def snooze(tx: Connection, case: int, until: datetime) -> None:
    """Leave a case until a moment. If nobody has it, it waits for somebody from then on."""
    tx.execute(update(CASE).where(CASE.c.id == case).values(snoozed_until=until, waiting_since=until, calls=0))


def call(tx: Connection, case: int, now: datetime) -> None:
    """Count a call to the next person."""
    tx.execute(update(CASE).where(CASE.c.id == case).values(waiting_since=now, calls=CASE.c.calls + 1))


def waiting(tx: Connection, now: datetime) -> list[Case]:
    """The open cases that nobody has, the longest waiting first."""
    unowned = (CASE.c.closed_at.is_(None), CASE.c.owner.is_(None), CASE.c.waiting_since <= now)
    return [Case(*row) for row in tx.execute(_cases(*unowned).order_by(CASE.c.waiting_since, CASE.c.id))]


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


def unclear_of(tx: Connection, contact: int, session: int, step: str) -> int | None:
    """The officer's open case that holds nothing but replies to one question that were not understood; None if there is none, or if a
    person has answered in it."""
    of_it = (INBOUND.c.session_id == session) & (INBOUND.c.step == step) & (INBOUND.c.outcome == "unclear")
    other = (
        select(CASE_MESSAGE.c.case_id)
        .select_from(CASE_MESSAGE.outerjoin(INBOUND, INBOUND.c.id == CASE_MESSAGE.c.inbound_id))
        .where(CASE_MESSAGE.c.case_id == CASE.c.id, or_(INBOUND.c.id.is_(None), ~of_it))
    )
    found = select(CASE.c.id).where(
        CASE.c.contact_id == contact,
        CASE.c.closed_at.is_(None),
        CASE.c.reason.in_((CaseReason.unclear, CaseReason.consent)),
        ~other.exists(),
    )
    return tx.execute(found).scalar_one_or_none()


def close_strangers(tx: Connection, lookup: str, outcome: CaseOutcome, now: datetime) -> None:
    """Close an unknown number's case, if one is open."""
    if (found := _of_stranger(tx, lookup)) is not None:
        close(tx, found.id, outcome, now)


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

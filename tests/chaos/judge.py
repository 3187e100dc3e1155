"""The verdict: the carrier's account of every message beside the database. What the two do not agree on, and every message
that should not have been, is a line; no line, no fault."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import Connection, func, select

from app.flows.replies.message import ActKind
from app.store.cases import CaseReason
from app.store.holds import PERSON, SUPPORT
from app.store.tables import (
    AuditEntry,
    Case,
    CaseMessage,
    Contact,
    DeadLetter,
    InboundMessage,
    Nudge,
    OutboundMessage,
    Response,
    Session,
)
from tests.carrier.book import Message, plain
from tests.chaos.spells import Step
from tests.chaos.world import Person, is_quiet

SENT = frozenset({"accepted", "sent", "delivered", "read"})
OPEN = frozenset({"queued", "sending", "unknown"})
_UNREADABLE = frozenset({"unreadable", "unclear"})
"""The error classes of a message whose address cannot be opened, and that of one which then cannot be looked up either."""

MOST_ASIDE = 0.2
"""The share of answers that may belong to an earlier question: the crowd answers within moments, and what is lost comes late."""

MOST_ASIDE_OF_FEW, FEW = 0.5, 200
"""The same for a short run, in which a busy machine counts for more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The records of both sides. `outbound` are the rows of the outbox, `messages` the carrier's, oldest first; `damaged` are the officers
    who had been damaged, `steps` the steps of our clocks, `dead` the dead letters that there have been, with their officers. `crises`
    are the cases of crises; `without_case` and `without_support` the messages of a crisis that have none; `written` counts how often the
    audit log has each answer of a person."""

    messages: Sequence[Message]
    refused: Sequence[tuple[int, str]]
    people: Mapping[str, Person]
    inbound: Sequence[Any]
    outbound: Sequence[Any]
    left_at: Mapping[int, datetime]
    damaged: Mapping[int, str]
    steps: Sequence[Step]
    dead: Mapping[str, int | None]
    unanswered: int
    undecided: int
    crises: Sequence[Any]
    without_case: Sequence[str]
    without_support: Sequence[str]
    written: Mapping[str, int]


def gather(
    tx: Connection,
    messages: Sequence[Message],
    refused: Sequence[tuple[int, str]],
    people: Mapping[str, Person],
    now: datetime,
    damaged: Mapping[int, str],
    steps: Sequence[Step],
) -> Evidence:
    """Read the database."""
    doubled = (
        select(Response.inbound_id)
        .where(Response.status == "ok", Response.judged.is_(None))  # a person may count one message twice
        .group_by(Response.inbound_id)
        .having(func.count() > 1)
    )
    due = select(func.count()).where(Nudge.status == "planned", Nudge.due_at < now - timedelta(minutes=5))
    return Evidence(
        messages=messages,
        refused=refused,
        people=people,
        inbound=tx.execute(select(InboundMessage.sid, InboundMessage.outcome)).all(),
        outbound=tx.execute(
            select(
                OutboundMessage.id,
                OutboundMessage.uid,
                OutboundMessage.contact_id,
                OutboundMessage.sid,
                OutboundMessage.status,
                OutboundMessage.error_class,
                OutboundMessage.kind,
                OutboundMessage.step,
                OutboundMessage.priority,
                OutboundMessage.session_id,
                OutboundMessage.due_at,
                OutboundMessage.created_at,
            ).order_by(OutboundMessage.id)
        ).all(),
        left_at=dict(
            tx.execute(select(Contact.id, Contact.opted_out_at).where(Contact.opted_out_at.is_not(None))).all()
        ),
        damaged=damaged,
        steps=steps,
        dead=dead_letters(tx),
        unanswered=len(tx.execute(doubled).all()),
        undecided=tx.execute(due).scalar_one(),
        crises=tx.execute(
            select(Case.contact_id, Case.opened_at, Case.closed_at).where(Case.reason == CaseReason.crisis)
        ).all(),
        without_case=_crises_but(
            tx, InboundMessage.id.not_in(select(CaseMessage.inbound_id).where(CaseMessage.inbound_id.is_not(None)))
        ),
        without_support=_crises_but(
            tx,
            InboundMessage.contact_id.not_in(
                select(OutboundMessage.contact_id).where(
                    OutboundMessage.step == SUPPORT, OutboundMessage.contact_id.is_not(None)
                )
            ),
        ),
        written=Counter(
            json.loads(detail)["message"]
            for detail in tx.execute(select(AuditEntry.detail).where(AuditEntry.action == "case answer")).scalars()
        ),
    )


def _crises_but(tx: Connection, unheard: Any) -> list[str]:
    """The messages of a crisis of which this is true. A text of support is not sent twice within some hours."""
    return list(tx.execute(select(InboundMessage.sid).where(InboundMessage.act == ActKind.crisis, unheard)).scalars())


def dead_letters(tx: Connection) -> dict[str, int | None]:
    """The dead letters that there have been: the officer who had written each, None if it was never handled."""
    found = select(DeadLetter.sid, InboundMessage.contact_id).outerjoin(
        InboundMessage, InboundMessage.sid == DeadLetter.sid
    )
    return {sid or "": contact for sid, contact in tx.execute(found)}


def faults(evidence: Evidence, patience: timedelta) -> list[str]:
    """Everything that is wrong. `patience` is how long a message that was claimed before may still go out after BAJA."""
    return [
        *_inbound(evidence),
        *_outbound(evidence),
        *_order(evidence),
        *_after_opt_out(evidence, patience),
        *_at_night(evidence),
        *_rules(evidence),
        *_by_persons(evidence, patience),
    ]


def _inbound(evidence: Evidence) -> Iterator[str]:
    sent = {message.sid for message in evidence.messages if message.direction == "inbound"}
    kept = Counter(row.sid for row in evidence.inbound)
    yield from (f"inbound {sid} was lost" for sid in sorted(sent - kept.keys()))
    yield from (f"inbound {sid} is kept {count} times" for sid, count in kept.items() if count > 1)
    yield from (f"inbound {sid} was never sent" for sid in sorted(kept.keys() - sent))
    for sid, contact in evidence.dead.items():
        if contact not in evidence.damaged:
            yield f"inbound {sid} was a dead letter, and its officer is not damaged"
    outcomes = Counter(row.outcome for row in evidence.inbound)
    aside = outcomes["detail"] + outcomes["late"]
    taken = aside + outcomes["answer"]
    if aside > (MOST_ASIDE if taken >= FEW else MOST_ASIDE_OF_FEW) * taken:
        yield f"{aside} messages were not taken as answers to the open question, and {outcomes['answer']} were"
    if evidence.unanswered:
        yield f"{evidence.unanswered} messages gave more than one answer"


def _outbound(evidence: Evidence) -> Iterator[str]:
    at_carrier: dict[str, list[Message]] = defaultdict(list)
    for message in evidence.messages:
        if message.direction != "inbound":
            at_carrier[_uid(message)].append(message)
    rows = {row.uid: row for row in evidence.outbound}
    for uid, messages in at_carrier.items():
        if len(messages) > 1:
            yield f"outbound {uid} went out {len(messages)} times"
        if uid not in rows:
            yield f"outbound {uid} is in no outbox"
    for uid, row in rows.items():
        unreadable = evidence.damaged.get(row.contact_id) == "address" and row.error_class in _UNREADABLE
        if not (unreadable and row.status == "failed"):  # given up, visibly
            yield from _row(row, at_carrier.get(uid, []))


def _row(row: Any, messages: Sequence[Message]) -> Iterator[str]:
    if row.status in OPEN and not put_off(row):
        yield f"outbound {row.uid} is still {row.status}"
    if row.status in SENT and not messages:
        yield f"outbound {row.uid} is {row.status} and never went out"
    if row.status in SENT and messages and row.sid != messages[0].sid:
        yield f"outbound {row.uid} is linked to another message"
    if row.status not in SENT and messages and messages[0].error_code is None:
        yield f"outbound {row.uid} is {row.status} ({row.error_class}) and went out"
    if row.status in ("failed", "expired"):
        yield f"outbound {row.uid} is {row.status} ({row.error_class})"


def put_off(row: Any) -> bool:
    """Whether a message waits for the morning."""
    return bool(row.status == "queued" and row.due_at > row.created_at + timedelta(minutes=20))


def _order(evidence: Evidence) -> Iterator[str]:
    """Replies among themselves, and nudges among themselves: a reply may overtake a nudge."""
    ids = {
        row.uid: (row.id, row.priority)
        for row in evidence.outbound
        if row.due_at <= row.created_at + timedelta(minutes=20)
    }
    last: dict[tuple[str, int], int] = {}
    for message in evidence.messages:
        if message.direction == "inbound" or (found := ids.get(_uid(message))) is None:
            continue
        place, kind = found[0], (plain(message.receiver), found[1])
        if place < last.get(kind, 0):
            yield f"outbound {_uid(message)} went out after a later one"
        last[kind] = place


def _after_opt_out(evidence: Evidence, patience: timedelta) -> Iterator[str]:
    rows = {row.uid: row for row in evidence.outbound}
    for message in evidence.messages:
        row = rows.get(_uid(message)) if message.direction != "inbound" else None
        left = evidence.left_at.get(row.contact_id) if row is not None and row.contact_id else None
        if (
            row is not None
            and left is not None
            and row.kind != "notice"
            and message.created > left + patience + _wrong_by(evidence, left)
        ):
            yield f"outbound {row.uid} went out {(message.created - left).total_seconds():.0f} s after BAJA"


def _wrong_by(evidence: Evidence, stored: datetime) -> timedelta:
    """How far a stored moment may be before the true one."""
    return max(
        (
            timedelta(seconds=abs(step.seconds))
            for step in evidence.steps
            if step.began <= stored - timedelta(seconds=step.seconds) <= step.ended
        ),
        default=timedelta(),
    )


def _at_night(evidence: Evidence) -> Iterator[str]:
    rows = {row.uid: row for row in evidence.outbound}
    for message in evidence.messages:
        row = rows.get(_uid(message)) if message.direction != "inbound" else None
        person = evidence.people.get(plain(message.receiver))
        if row is not None and person is not None and row.priority > 0 and is_quiet(person.zone, message.created):
            yield f"outbound {row.uid} is a nudge in the quiet hours"


def _rules(evidence: Evidence) -> Iterator[str]:
    for code, text in evidence.refused:
        if code != 21610:  # an officer's STOP reached the carrier first
            yield f"the carrier refused a request: {code} {text}"
    for message in evidence.messages:
        if message.error_code == 63016:
            yield f"outbound {_uid(message)} was free text outside the 24 hours"
    if evidence.undecided:
        yield f"{evidence.undecided} nudges are due and undecided"


def _by_persons(evidence: Evidence, patience: timedelta) -> Iterator[str]:
    """A crisis is heard, and nothing but what a person writes goes out until its case is closed; the answers of persons and the audit log
    agree."""
    yield from (f"inbound {sid} is a crisis, and has no case" for sid in evidence.without_case)
    yield from (
        f"inbound {sid} is a crisis, and its officer got no text of support" for sid in evidence.without_support
    )
    rows = {row.uid: row for row in evidence.outbound}
    theirs = {uid for uid, row in rows.items() if row.kind == PERSON}
    yield from (f"outbound {uid} is in the audit log, and in no outbox" for uid in evidence.written.keys() - theirs)
    yield from (f"outbound {uid} is a person's, and not in the audit log" for uid in theirs - evidence.written.keys())
    yield from (f"outbound {uid} was written {count} times" for uid, count in evidence.written.items() if count > 1)
    for message in evidence.messages:
        row = rows.get(_uid(message)) if message.direction != "inbound" else None
        if row is None or row.kind in ("notice", PERSON):
            continue
        for crisis in evidence.crises:
            late = message.created > crisis.opened_at + patience + _wrong_by(evidence, crisis.opened_at)
            if row.contact_id == crisis.contact_id and late and message.created < (crisis.closed_at or message.created):
                yield f"outbound {row.uid} went out amid a crisis"


def _uid(message: Message) -> str:
    return parse_qs(urlsplit(message.callback or "").query).get("m", [""])[0]


def sessions_completed(tx: Connection) -> int:
    """How many conversations came to their end."""
    found: int = tx.execute(select(func.count()).where(Session.outcome == "completed")).scalar_one()
    return found

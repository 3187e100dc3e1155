"""Conversations as follow-ups need them, with their officers, and the nudges that result. Every statement is for a set of
conversations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from app.flows.happenings import CountedAnswer
from app.flows.nudge_rules import Rule
from app.store.bulk import insert_records
from app.store.nudges import NUDGE_COLUMNS
from app.store.records import NewNudge
from app.store.tables import (
    ASSIGNMENT,
    COHORT,
    CONTACT,
    NUDGE,
    RESPONSE,
    SESSION,
    NudgeStatus,
    with_officer,
)

FOLLOWUP = "followup"
"""The origin of nudges that follow an event in a conversation."""

MOST = "most"
"""The reason of nudges beyond the campaign's limit for a period."""


@dataclass(frozen=True, slots=True)
class FollowedSession:
    """A conversation of an officer who follows a campaign; one for each campaign."""

    session_id: int
    flow: str
    outcome: str | None
    wave: str | None
    contact_id: int
    study_id: str
    status: str
    timezone: str
    shift: str | None
    consented_at: datetime | None
    programme: str
    campaign: str


_JOINED = with_officer(SESSION).join(ASSIGNMENT, ASSIGNMENT.c.contact_id == CONTACT.c.id)
_COLUMNS: tuple[Any, ...] = (
    SESSION.c.id,
    SESSION.c.flow,
    SESSION.c.outcome,
    SESSION.c.wave,
    CONTACT.c.id,
    CONTACT.c.study_id,
    CONTACT.c.status,
    CONTACT.c.timezone,
    CONTACT.c.shift,
    CONTACT.c.consented_at,
    COHORT.c.programme,
    ASSIGNMENT.c.campaign,
)


def followed_sessions(tx: Connection, sessions: Collection[int]) -> list[FollowedSession]:
    """These conversations, once for each campaign that the officer follows."""
    wanted = select(*_COLUMNS).select_from(_JOINED).where(SESSION.c.id.in_(list(sessions)))
    return [FollowedSession(*row) for row in tx.execute(wanted.order_by(SESSION.c.id, ASSIGNMENT.c.id)).all()]


def answers(tx: Connection, sessions: Collection[int]) -> dict[int, list[CountedAnswer]]:
    """The valid answers of these sessions, by session."""
    columns = [RESPONSE.c[name] for name in ("session_id", *CountedAnswer.__slots__)]
    wanted = select(*columns).where(RESPONSE.c.session_id.in_(list(sessions)), RESPONSE.c.status == "ok")
    found: dict[int, list[CountedAnswer]] = {}
    for session, *values in tx.execute(wanted.order_by(RESPONSE.c.id)):
        found.setdefault(session, []).append(CountedAnswer(*values))
    return found


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up that is planned, begun or skipped."""

    slot: str
    rule: Rule | None
    status: str
    reason: str | None
    planned_for: datetime

    @property
    def counts(self) -> bool:
        """Whether it was within the limit when it was planned."""
        return self.reason != MOST


def follow_ups(tx: Connection, contacts: Collection[int]) -> dict[tuple[int, str], list[FollowUp]]:
    """The follow-ups of these officers, by officer and campaign."""
    columns = [NUDGE_COLUMNS[name] for name in ("contact_id", "campaign", *FollowUp.__slots__)]
    wanted = select(*columns).where(NUDGE.c.contact_id.in_(list(contacts)), NUDGE.c.origin == FOLLOWUP)
    found: dict[tuple[int, str], list[FollowUp]] = {}
    for contact, campaign, *values in tx.execute(wanted.order_by(NUDGE.c.id)):
        found.setdefault((contact, campaign), []).append(FollowUp(*values))
    return found


def add(tx: Connection, planned: Sequence[NewNudge]) -> None:
    """Plan nudges. Ignores those that exist already."""
    insert_records(tx, NUDGE, planned, ignore=True)


def withdraw(tx: Connection, slots: Collection[tuple[int, str, str]]) -> None:
    """Delete follow-ups that have not begun, as (contact, campaign, slot), because their event was corrected. Skips those that
    another process is about to begin: it has locked the nudge and waits for the officer, whom we have locked."""
    if not slots:
        return
    these = [
        and_(NUDGE.c.contact_id == contact, NUDGE.c.campaign == campaign, NUDGE.c.slot == slot)
        for contact, campaign, slot in slots
    ]
    open_ = or_(NUDGE.c.status == NudgeStatus.planned, NUDGE.c.reason == MOST)
    free = select(NUDGE.c.id).where(NUDGE.c.origin == FOLLOWUP, open_, or_(*these)).with_for_update(skip_locked=True)
    tx.execute(delete(NUDGE).where(NUDGE.c.id.in_(list(tx.execute(free).scalars()))))

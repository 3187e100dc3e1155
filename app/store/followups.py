"""What follow-ups need to know of conversations and of who had them, and the nudges that come of it. Every statement is for a
set of conversations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from app.flows.happenings import CountedAnswer
from app.store.bulk import insert_rows
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

Values = dict[str, Any]

FOLLOWUP = "followup"
"""The origin of nudges that follow something that happened."""

MOST = "most"
"""The reason of those that were over what the campaign allows in a period."""


@dataclass(frozen=True, slots=True)
class Followed:
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


def followed(tx: Connection, sessions: Collection[int]) -> list[Followed]:
    """These conversations, each once for every campaign that its officer follows."""
    wanted = select(*_COLUMNS).select_from(_JOINED).where(SESSION.c.id.in_(list(sessions)))
    return [Followed(*row) for row in tx.execute(wanted.order_by(SESSION.c.id, ASSIGNMENT.c.id)).all()]


def answers(tx: Connection, sessions: Collection[int]) -> dict[int, list[CountedAnswer]]:
    """The answers of these conversations that count."""
    columns = [RESPONSE.c[name] for name in ("session_id", *CountedAnswer.__slots__)]
    wanted = select(*columns).where(RESPONSE.c.session_id.in_(list(sessions)), RESPONSE.c.status == "ok")
    found: dict[int, list[CountedAnswer]] = {}
    for session, *values in tx.execute(wanted.order_by(RESPONSE.c.id)):
        found.setdefault(session, []).append(CountedAnswer(*values))
    return found


@dataclass(frozen=True, slots=True)
class Noted:
    """A nudge that follows something."""

    slot: str
    rule: str
    status: str
    reason: str | None
    planned_for: datetime

    @property
    def counts(self) -> bool:
        """Whether it was not over the limit from the beginning."""
        return self.reason != MOST


def noted(tx: Connection, contacts: Collection[int]) -> dict[tuple[int, str], list[Noted]]:
    """The follow-ups that these officers have, by officer and campaign."""
    columns = [NUDGE.c[name] for name in ("contact_id", "campaign", *Noted.__slots__)]
    wanted = select(*columns).where(NUDGE.c.contact_id.in_(list(contacts)), NUDGE.c.origin == FOLLOWUP)
    found: dict[tuple[int, str], list[Noted]] = {}
    for contact, campaign, *values in tx.execute(wanted.order_by(NUDGE.c.id)):
        found.setdefault((contact, campaign), []).append(Noted(*values))
    return found


def add(tx: Connection, rows: Sequence[Values]) -> None:
    """Plan nudges, as whole rows. One that is there already changes nothing."""
    insert_rows(tx, NUDGE, rows, ignore=True)


def take_back(tx: Connection, slots: Collection[tuple[int, str, str]]) -> None:
    """Forget follow-ups that have not begun, as (contact, campaign, slot): what they follow has not happened after all. One that
    another process is about to begin is left to it: it holds the nudge and waits for the officer, whom we hold."""
    if not slots:
        return
    these = [
        and_(NUDGE.c.contact_id == contact, NUDGE.c.campaign == campaign, NUDGE.c.slot == slot)
        for contact, campaign, slot in slots
    ]
    open_ = or_(NUDGE.c.status == NudgeStatus.planned, NUDGE.c.reason == MOST)
    free = select(NUDGE.c.id).where(NUDGE.c.origin == FOLLOWUP, open_, or_(*these)).with_for_update(skip_locked=True)
    tx.execute(delete(NUDGE).where(NUDGE.c.id.in_(list(tx.execute(free).scalars()))))

"""What follow-ups need to know of conversations and of who had them, and the nudges that come of it. Every statement is for a
set of conversations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from app.flows.happenings import Answered
from app.store.bulk import insert_rows
from app.store.tables import Assignment, Cohort, Contact, Nudge, NudgeStatus, Response, Session

_assignment = Assignment.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]

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


_JOINED = (
    _session.join(_contact, _contact.c.id == _session.c.contact_id)
    .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
    .join(_assignment, _assignment.c.contact_id == _contact.c.id)
)
_COLUMNS: tuple[Any, ...] = (
    _session.c.id,
    _session.c.flow,
    _session.c.outcome,
    _session.c.wave,
    _contact.c.id,
    _contact.c.study_id,
    _contact.c.status,
    _contact.c.timezone,
    _contact.c.shift,
    _contact.c.consented_at,
    _cohort.c.programme,
    _assignment.c.campaign,
)


def followed(tx: Connection, sessions: Collection[int]) -> list[Followed]:
    """These conversations, each once for every campaign that its officer follows."""
    wanted = select(*_COLUMNS).select_from(_JOINED).where(_session.c.id.in_(list(sessions)))
    return [Followed(*row) for row in tx.execute(wanted.order_by(_session.c.id, _assignment.c.id)).all()]


def answers(tx: Connection, sessions: Collection[int]) -> dict[int, list[Answered]]:
    """The answers of these conversations that count."""
    columns = [_response.c[name] for name in ("session_id", *Answered.__slots__)]
    wanted = select(*columns).where(_response.c.session_id.in_(list(sessions)), _response.c.status == "ok")
    found: dict[int, list[Answered]] = {}
    for session, *values in tx.execute(wanted.order_by(_response.c.id)):
        found.setdefault(session, []).append(Answered(*values))
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
    columns = [_nudge.c[name] for name in ("contact_id", "campaign", *Noted.__slots__)]
    wanted = select(*columns).where(_nudge.c.contact_id.in_(list(contacts)), _nudge.c.origin == FOLLOWUP)
    found: dict[tuple[int, str], list[Noted]] = {}
    for contact, campaign, *values in tx.execute(wanted.order_by(_nudge.c.id)):
        found.setdefault((contact, campaign), []).append(Noted(*values))
    return found


def add(tx: Connection, rows: Sequence[Values]) -> None:
    """Plan nudges, as whole rows. One that is there already changes nothing."""
    insert_rows(tx, _nudge, rows, ignore=True)


def take_back(tx: Connection, slots: Collection[tuple[int, str, str]]) -> None:
    """Forget follow-ups that have not begun, as (contact, campaign, slot): what they follow has not happened after all. One that
    another process is about to begin is left to it: it holds the nudge and waits for the officer, whom we hold."""
    if not slots:
        return
    these = [
        and_(_nudge.c.contact_id == contact, _nudge.c.campaign == campaign, _nudge.c.slot == slot)
        for contact, campaign, slot in slots
    ]
    open_ = or_(_nudge.c.status == NudgeStatus.planned, _nudge.c.reason == MOST)
    free = select(_nudge.c.id).where(_nudge.c.origin == FOLLOWUP, open_, or_(*these)).with_for_update(skip_locked=True)
    tx.execute(delete(_nudge).where(_nudge.c.id.in_(list(tx.execute(free).scalars()))))

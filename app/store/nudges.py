"""Planned flows: laid out for whole cohorts at a time, found when they are due together with all that deciding about them
needs, and their outcome. Every statement is for a set of officers, never for one."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, or_, select, update

from app.store.dialect import insert_ignore
from app.store.tables import (
    Assignment,
    CampaignVersion,
    Cohort,
    Contact,
    Nudge,
    NudgeStatus,
    Response,
    Session,
)

_assignment = Assignment.__table__  # type: ignore[attr-defined]
_campaign = CampaignVersion.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unplanned:
    """An officer whose campaign has not been laid out on its current version."""

    assignment_id: int
    contact_id: int
    study_id: str
    timezone: str
    campaign: str
    dates: dict[str, str]
    consented: bool
    enrolled_at: datetime

    def anchor(self, name: str) -> date | None:
        """The officer's own date of this name, or else the cohort's; None if neither has one."""
        found = self.dates.get(name)
        return None if found is None else date.fromisoformat(found)


_ENROLLED = _assignment.join(_contact, _contact.c.id == _assignment.c.contact_id).join(
    _cohort, _cohort.c.id == _contact.c.cohort_id
)


def unplanned(
    tx: Connection, programme: str, campaigns: dict[str, int], limit: int, *, cohort: str | None = None, all_: bool = False
) -> list[Unplanned]:
    """Officers of a programme whose assignment is not planned on the current version of its campaign, given as ids by
    code. `all_`: those that are planned, too."""
    if not campaigns:
        return []
    stale = [
        and_(
            _assignment.c.campaign == code,
            or_(_assignment.c.planned_version_id.is_(None), _assignment.c.planned_version_id != version),
        )
        for code, version in campaigns.items()
    ]
    found = (
        select(
            _assignment.c.id, _contact.c.id.label("contact_id"), _contact.c.study_id, _contact.c.timezone,
            _assignment.c.campaign, _cohort.c.dates.label("shared"), _contact.c.dates, _contact.c.consented_at,
            _contact.c.created_at,
        )
        .select_from(_ENROLLED)
        .where(_cohort.c.programme == programme, _assignment.c.campaign.in_(list(campaigns)))
        .order_by(_assignment.c.id)
        .limit(limit)
    )
    if not all_:
        found = found.where(or_(*stale))
    if cohort is not None:
        found = found.where(_cohort.c.code == cohort)
    return [
        Unplanned(
            row.id, row.contact_id, row.study_id, row.timezone, row.campaign,
            {**json.loads(row.shared), **json.loads(row.dates)}, row.consented_at is not None, row.created_at,
        )
        for row in tx.execute(found).all()
    ]


def lay_out(tx: Connection, rows: Sequence[Values], assignments: dict[int, int], pairs: Collection[tuple[int, str]]) -> None:
    """Replace what is still planned for these (contact, campaign) by `rows`; what has been decided stays. Marks the
    assignments, by id, as planned on a campaign version."""
    contacts, campaigns = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    tx.execute(
        delete(_nudge).where(
            _nudge.c.contact_id.in_(contacts), _nudge.c.campaign.in_(campaigns), _nudge.c.status == NudgeStatus.planned
        )
    )
    insert_ignore(tx, _nudge, rows)
    tx.execute(
        update(_assignment)
        .where(_assignment.c.id == bindparam("assignment"))
        .values(planned_version_id=bindparam("version")),
        [{"assignment": assignment, "version": version} for assignment, version in assignments.items()],
    )


@dataclass(frozen=True, slots=True)
class Due:
    """A nudge whose moment has come, with how things stand with its officer."""

    id: int
    contact_id: int
    campaign_version_id: int
    slot: str
    flow: str
    wave: str | None
    due_at: datetime
    closes_at: datetime
    status: str
    timezone: str
    consented: bool
    paused_until: datetime | None
    cohort_paused: bool


def due(tx: Connection, now: datetime, limit: int) -> list[Due]:
    """Planned nudges that are due, measurement first, each officer's earliest first."""
    found = (
        select(
            _nudge.c.id, _nudge.c.contact_id, _nudge.c.campaign_version_id, _nudge.c.slot, _nudge.c.flow, _nudge.c.wave,
            _nudge.c.due_at, _nudge.c.closes_at, _contact.c.status, _contact.c.timezone,
            _contact.c.consented_at.is_not(None), _contact.c.paused_until, _cohort.c.paused_at.is_not(None),
        )
        .select_from(
            _nudge.join(_contact, _contact.c.id == _nudge.c.contact_id).join(_cohort, _cohort.c.id == _contact.c.cohort_id)
        )
        .where(_nudge.c.status == NudgeStatus.planned, _nudge.c.due_at <= now)
        .order_by(_nudge.c.wave.is_(None), _nudge.c.due_at, _nudge.c.id)
        .limit(limit)
    )
    return [Due(*row[:10], bool(row[10]), row[11], bool(row[12])) for row in tx.execute(found).all()]


@dataclass(slots=True)
class History:
    """An officer's sessions of late, and whether one is open. Brought up to date while a batch is decided."""

    session_open: bool = False
    begun: tuple[datetime, ...] = ()
    ignored: int = 0


def histories(tx: Connection, contacts: Collection[int], since: datetime) -> dict[int, History]:
    """What these officers' sessions since then say. `ignored` counts back from the latest ended session to the last one
    with any answer; a session that is still open does not count yet."""
    answered = exists().where(_response.c.session_id == _session.c.id)
    rows = tx.execute(
        select(_session.c.contact_id, _session.c.started_at, _session.c.ended_at, _session.c.outcome, answered.label("answered"))
        .where(_session.c.contact_id.in_(list(contacts)), or_(_session.c.started_at >= since, _session.c.ended_at.is_(None)))
        .order_by(_session.c.contact_id, _session.c.started_at.desc())
    ).all()
    found: dict[int, History] = {}
    counting: dict[int, bool] = {}
    for row in rows:
        history = found.setdefault(row.contact_id, History())
        history.begun = (*history.begun, row.started_at)
        if row.ended_at is None:
            history.session_open = True
        elif row.answered or row.outcome == "completed":
            counting[row.contact_id] = False
        elif row.outcome == "expired" and counting.get(row.contact_id, True):
            history.ignored += 1
    return found


def decide(tx: Connection, decisions: Sequence[Values]) -> None:
    """Keep what was decided: rows of `nudge`, `status`, `reason`, `session_id`, `due_at`, `decided_at`."""
    if decisions:
        tx.execute(
            update(_nudge)
            .where(_nudge.c.id == bindparam("nudge"))
            .values({name: bindparam(name) for name in ("status", "reason", "session_id", "due_at", "decided_at")}),
            list(decisions),
        )


def counts(tx: Connection, since: timedelta, now: datetime) -> dict[str, int]:
    """Nudges by status that were planned for the time since then."""
    rows = tx.execute(
        select(_nudge.c.status, func.count())
        .where(_nudge.c.planned_for > now - since, _nudge.c.planned_for <= now)
        .group_by(_nudge.c.status)
    )
    return dict(rows.all())


def of(tx: Connection, contacts: Collection[int]) -> list[Any]:
    """All nudges of these officers: (contact_id, campaign, slot, flow, wave, planned_for, status, reason)."""
    columns = [_nudge.c[name] for name in ("contact_id", "campaign", "slot", "flow", "wave", "planned_for", "status", "reason")]
    return list(
        tx.execute(select(*columns).where(_nudge.c.contact_id.in_(list(contacts))).order_by(_nudge.c.planned_for)).all()
    )

"""From the plan to sessions: lays out the campaigns of officers who are new or whose campaign has changed, and begins what
is due. `planning.py` says when and whether; here that meets the store. Both may run twice, or in two processes, and do
nothing twice."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.flows.book import Book
from app.flows.campaign import Campaign
from app.scheduler import planning
from app.scheduler.planning import Officer, Planned, Quiet, Situation, Skip, Start, Wait
from app.scheduler.ticker import Job
from app.services.library import Library
from app.services.sessions import NUDGE, Turn, begin
from app.store import contacts, conversations, nudges
from app.store.conversations import Changes
from app.store.nudges import Due, History, Unplanned

PLANNED_AT_ONCE = 500
BEGUN_AT_ONCE = 100
REMEMBERED = timedelta(days=60)
"""How far back an officer's sessions say whether the latest were ignored."""


def nudging_jobs(library: Library, quiet: Quiet) -> tuple[Job, ...]:
    """The clock's jobs: lay out plans, begin what is due."""

    def lay_out(tx: Connection, now: datetime) -> int:
        return plan_some(tx, library, quiet, now)

    def start(tx: Connection, now: datetime) -> int:
        return start_due(tx, library, quiet, now)

    return Job("plan", lay_out), Job("nudge", start)


def plan_some(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = PLANNED_AT_ONCE) -> int:
    """Lay out the whole campaign of some officers that are not planned on its current version. Gives how many were."""
    done = 0
    for programme, version in library.current.items():
        book, ids = library.book(tx, version), library.campaigns.get(version, {})
        officers = nudges.unplanned(tx, programme, ids, limit)
        rows = [
            _row(officer, ids[officer.campaign], planned, now)
            for officer in officers
            for planned in laid_out(book, officer, quiet)
        ]
        if officers:
            assignments = {officer.assignment_id: ids[officer.campaign] for officer in officers}
            nudges.lay_out(tx, rows, assignments, {(officer.contact_id, officer.campaign) for officer in officers})
        done += len(officers)
    return done


def laid_out(book: Book, officer: Unplanned, quiet: Quiet) -> list[Planned]:
    """An officer's whole campaign, as `trato plan` shows it and `plan_some` writes it."""
    campaign = book.definition.campaigns[officer.campaign]
    known = Officer(
        officer.study_id, officer.timezone, officer.anchor(campaign.anchor), officer.enrolled_at, officer.consented
    )
    return planning.plan(campaign, known, quiet)


def _row(officer: Unplanned, version: int, planned: Planned, now: datetime) -> dict[str, object]:
    return {
        "contact_id": officer.contact_id, "campaign_version_id": version, "campaign": officer.campaign,
        "slot": planned.slot, "wave": planned.wave, "flow": planned.flow, "planned_for": planned.due_at,
        "due_at": planned.due_at, "closes_at": planned.closes_at, "status": "planned", "created_at": now,
    }


def start_due(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = BEGUN_AT_ONCE) -> int:
    """Begin, put off or skip the nudges that are due. Gives how many were looked at."""
    found = nudges.due(tx, now, limit)
    if not found:
        return 0
    campaigns = _campaigns(library)
    known = contacts.officers(tx, {due.contact_id for due in found})
    histories: defaultdict[int, History] = defaultdict(History)
    histories.update(nudges.histories(tx, known, now - REMEMBERED))
    changes, decisions = Changes(), []
    for due in found:
        history = histories[due.contact_id]
        campaign = campaigns.get(due.campaign_version_id)
        decision: planning.Decision = Skip("campaign_withdrawn")
        if campaign is not None:
            planned = Planned(due.slot, due.flow, due.due_at, due.closes_at, due.wave)
            decision = planning.decide(campaign, planned, _situation(due, history), quiet, now)
        session = None
        if isinstance(decision, Start):
            turn = Turn(tx, library, changes, now, NUDGE)
            session = begin(turn, known[due.contact_id], due.flow, wave=due.wave)
            history.session_open = known[due.contact_id].session is not None
            history.begun = (*history.begun, now)
        decisions.append(_decided(due, decision, session, now))
    conversations.write(tx, changes)
    nudges.decide(tx, decisions)
    return len(found)


def _campaigns(library: Library) -> dict[int, Campaign]:
    """The campaigns of the current versions, by the ids of their own versions. A nudge of an older one is withdrawn: the
    next plan, which is laid out first, has replaced it."""
    return {
        campaign: library.books[version].definition.campaigns[code]
        for version in library.current.values()
        for code, campaign in library.campaigns.get(version, {}).items()
    }


def _situation(due: Due, history: History) -> Situation:
    return Situation(
        due.status, due.timezone, due.consented, due.paused_until, due.cohort_paused, history.session_open,
        history.begun, history.ignored,
    )


def _decided(due: Due, decision: planning.Decision, session: int | None, now: datetime) -> dict[str, object]:
    status, reason, due_at, decided_at = "planned", None, due.due_at, None
    match decision:
        case Start():
            status, decided_at = "started", now
        case Wait(until, why):
            reason, due_at = why, until
        case Skip(why):
            status, reason, decided_at = "skipped", why, now
    return {
        "nudge": due.id, "status": status, "reason": reason, "session_id": session, "due_at": due_at,
        "decided_at": decided_at,
    }


"""From the plan to sessions: lays out the campaigns of officers who are new or whose campaign has changed, and begins what
is due. `planning.py` says when and `deciding.py` whether; here that meets the store. Both may run twice, or in two
processes, and do nothing twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from app.conversations.keeping import keep
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, begin, stop
from app.flows.language.campaign import Campaign
from app.flows.quiet_hours import Quiet
from app.scheduler.choosing import choose
from app.scheduler.nudge_policy import LOOK_AGAIN, Decision, Situation, Skip, Start, Wait, decide
from app.scheduler.occasions import ANY_DAY, occasions
from app.scheduler.planning import Officer as Known
from app.scheduler.planning import Planned, Same, bucket_of, plan
from app.scheduler.recurring import ALMANAC
from app.scheduler.ticker import Job
from app.store import contacts, conversations, nudges, our_numbers, pauses
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.nudges import PLAN, Due, Enrolled
from app.store.officer_status import OfficerStatus, statuses

LAID_OUT_AT_ONCE = 30_000
"""Nudges in one piece: measured, it holds the ledger for 0.2 s on SQLite; on PostgreSQL 0.4 s, where others write beside it."""
BEGUN_AT_ONCE = 100
REMEMBERED = timedelta(days=60)
"""How far back an officer's sessions say whether the latest were ignored; a campaign's cap and gap may look farther."""

Row = dict[str, object]


def nudging_jobs(library: Library, quiet: Quiet) -> tuple[Job, ...]:
    """The clock's jobs: lay out plans, begin what is due."""

    def lay_out(tx: Connection, now: datetime) -> int:
        return plan_some(tx, library, quiet, now)

    def start(tx: Connection, now: datetime) -> int:
        return start_due(tx, library, quiet, now)

    return Job("plan", lay_out), Job("nudge", start)


# -- laying out -------------------------------------------------------------------------------------------------------


def plan_some(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = LAID_OUT_AT_ONCE) -> int:
    """Lay out the whole campaign of some officers that are not planned on its current version, as many as have about so many
    nudges. Gives how many officers."""
    done = 0
    for programme, version in library.current.items():
        campaigns = library.compiled(tx, version).definition.campaigns
        ids = library.campaigns.get(version, {})
        most = max((_size(Same(campaign)) for campaign in campaigns.values()), default=1)
        officers = nudges.unplanned(tx, programme, ids, max(1, limit // most))
        for code in sorted({officer.campaign for officer in officers}):
            some = [officer for officer in officers if officer.campaign == code]
            _lay_out(tx, ids[code], campaigns[code], some, quiet, now)
        done += len(officers)
    return done


def _lay_out(
    tx: Connection, version: int, campaign: Campaign, officers: Sequence[Enrolled], quiet: Quiet, now: datetime
) -> None:
    """Officers who are alike have one plan, which is made and handed to the database once."""
    numbers: dict[Known, int] = {}
    numbered = [(one, numbers.setdefault(_known(campaign, one), len(numbers))) for one in officers]
    items = [
        _item(number, planned, now)
        for known, number in numbers.items()
        for planned in _plan(Same(campaign), known, quiet)
    ]
    nudges.lay_out(tx, officers[0].campaign, version, numbered, items, now)


def laid_out(campaign: Campaign, officer: Enrolled, quiet: Quiet) -> Sequence[Planned]:
    """An officer's whole campaign, as `trato plan` shows it and `plan_some` writes it."""
    return _plan(Same(campaign), _known(campaign, officer), quiet)


def _known(campaign: Campaign, officer: Enrolled) -> Known:
    return Known(
        bucket_of(officer.study_id),
        officer.timezone,
        officer.anchor(campaign.anchor),
        officer.enrolled_at,
        officer.consented,
        officer.duty,
    )


@lru_cache(maxsize=4096)
def _plan(same: Same, officer: Known, quiet: Quiet) -> tuple[Planned, ...]:
    return tuple(plan(same.campaign, officer, quiet, ALMANAC))


@lru_cache(maxsize=256)
def _size(same: Same) -> int:
    """How many occasions a campaign has, about."""
    campaign = same.campaign
    slots = sum(1 for _ in occasions(campaign.slots, ANY_DAY, ALMANAC.days))
    return 1 + slots + sum(len(wave.flows) for wave in campaign.waves.values())


def _item(number: int, planned: Planned, now: datetime) -> tuple[object, ...]:
    """The columns that `nudges.lay_out` wants."""
    reason = planned.skip or ("too_late" if planned.closes_at <= now else None)
    return number, planned.slot, planned.rule, planned.wave, planned.flow, planned.due_at, planned.closes_at, reason


# -- beginning --------------------------------------------------------------------------------------------------------


def start_due(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = BEGUN_AT_ONCE) -> int:
    """Begin, put off or skip the nudges that are due. Gives how many were looked at."""
    found = nudges.due(tx, now, limit)
    if not found:
        return 0
    officers = contacts.officers(tx, {due.contact_id for due in found})  # locked from here on
    known = statuses(tx, officers, now, now - _remembered(library))
    stopped = _Stopped(pauses.is_stopped(tx), our_numbers.paused_channels(tx, library.current, library.own))
    changes, decisions = Changes(), []
    for due in sorted(found, key=lambda due: (due.planned_for, due.id)):
        officer, standing = officers[due.contact_id], known[due.contact_id]
        situation = situation_of(standing, stopped.why(officer, standing), bucket_of(officer.study_id))
        decision = _decide(due, _campaigns(library, officer.programme), situation, quiet, now)
        decision, flow = choose(tx, library, officer, due, decision, now)
        session = None
        if isinstance(decision, Start):
            _end_open(tx, library, officer, now)
            turn, until = Turn(tx, library, changes, now, NUDGE), due.closes_at if due.wave else None
            session = begin(turn, officer, flow, wave=due.wave, until=until, occasion=f"{due.campaign}/{due.slot}")
            standing.session_open, standing.session_measures = officer.session is not None, due.wave is not None
            standing.begun = (*standing.begun, now)
        decisions.append(_decided(due, flow, decision, session, now))
    keep(tx, library, changes, now)
    nudges.decide(tx, decisions)
    return len(found)


def _remembered(library: Library) -> timedelta:
    """How far back sessions matter to any campaign that is published."""
    campaigns = (
        campaign
        for version in library.current.values()
        for campaign in library.programmes[version].definition.campaigns.values()
    )
    return max([REMEMBERED, *(span for campaign in campaigns for span in (campaign.cap.per, campaign.gap))])


def _end_open(tx: Connection, library: Library, officer: Officer, now: datetime) -> None:
    """End the conversation that another replaces, without a word, and at once: an officer has one open at most."""
    if officer.session is not None:
        changes = Changes()
        stop(Turn(tx, library, changes, now, NUDGE), officer)
        conversations.write(tx, changes)


@dataclass(frozen=True, slots=True)
class _Stopped:
    """What is stopped at this moment, apart from cohorts: what would be begun now could not go out, and would expire unseen."""

    service: bool
    numbers: set[tuple[str, str]]

    def why(self, officer: Officer, standing: OfficerStatus) -> str | None:
        if self.service:
            return "service_paused"
        if standing.held:
            return "held"
        return "sender_paused" if (officer.programme, officer.channel) in self.numbers else None


def _campaigns(library: Library, programme: str) -> Mapping[str, tuple[int, Campaign]]:
    """The campaigns of a programme's current version, each with the id of its own version."""
    version = library.current.get(programme)
    if version is None:
        return {}
    definitions = library.programmes[version].definition.campaigns
    return {code: (campaign, definitions[code]) for code, campaign in library.campaigns[version].items()}


def _decide(
    due: Due, campaigns: Mapping[str, tuple[int, Campaign]], situation: Situation, quiet: Quiet, now: datetime
) -> Decision:
    if due.campaign not in campaigns:
        return Skip("campaign_withdrawn")
    version, campaign = campaigns[due.campaign]
    if version != due.campaign_version_id and due.origin == PLAN:  # about to be laid out anew
        return Wait(now + LOOK_AGAIN, "campaign_changed") if now < due.closes_at else Skip("too_late")
    planned = Planned(due.slot, due.flow, due.due_at, due.closes_at, due.wave, rule=due.rule)
    return decide(campaign, planned, situation, quiet, ALMANAC, now)


def situation_of(standing: OfficerStatus, stopped: str | None, bucket: int) -> Situation:
    """How things stand with an officer, for deciding."""
    return Situation(
        standing.status,
        standing.timezone,
        standing.consented,
        standing.paused_until,
        standing.cohort_paused,
        standing.session_open,
        standing.measuring,
        standing.begun,
        standing.ignored,
        stopped,
        standing.session_measures,
        standing.duty,
        bucket,
    )


def _decided(due: Due, flow: str, decision: Decision, session: int | None, now: datetime) -> Row:
    status, reason, due_at, decided_at = "planned", None, due.due_at, None
    match decision:
        case Start():
            status, decided_at = "started", now
        case Wait(until, why):
            reason, due_at = why, until
        case Skip(why):
            status, reason, decided_at = "skipped", why, now
    return {
        "nudge": due.id,
        "flow": flow,
        "status": status,
        "reason": reason,
        "session_id": session,
        "due_at": due_at,
        "decided_at": decided_at,
    }

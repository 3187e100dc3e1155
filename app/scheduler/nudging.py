"""From plans to sessions: lays out the campaigns of officers who are new or whose campaign has changed, and begins due nudges.
Applies `planning.py` (when) and `nudge_policy.py` (whether) to the store. Safe to run twice, or in two processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, begin, put_on_hold, stop, write_batch
from app.flows.language.campaign import Campaign
from app.flows.privacy import is_outdated, version_asked, versions_asked
from app.flows.quiet_hours import Quiet
from app.scheduler.choosing import choose
from app.scheduler.nudge_policy import LOOK_AGAIN, Begin, NudgeDecision, Postpone, Situation, Skip, decide_nudge
from app.scheduler.occasions import ANY_DAY, occasions
from app.scheduler.planning import CampaignKey, Planned, Profile, Renewal, bucket_of, plan
from app.scheduler.recurring import ALMANAC
from app.scheduler.ticker import Job
from app.store import contacts, conversations, doubts, isolation, nudges, our_numbers, pauses, spending
from app.store.alerts import NOT_READY
from app.store.contacts import Officer
from app.store.conversations import Changes
from app.store.doubts import DOUBTED
from app.store.holds import Hold
from app.store.nudges import PLAN, DueNudge, Follower, Unplanned
from app.store.officer_status import OfficerStatus, statuses
from app.store.records import NudgeUpdate, PlanItem
from app.store.tables import NudgeStatus

LAID_OUT_AT_ONCE = 30_000
"""Nudges in one step. Measured, a step holds the ledger for 0.2 s on SQLite, and takes 0.4 s on PostgreSQL, which holds nobody
up."""
BEGUN_AT_ONCE = 100
REMEMBERED = timedelta(days=60)
"""How far back sessions count when looking for ignored ones; a campaign's cap and gap may look farther."""


def nudging_jobs(library: Library, quiet: Quiet) -> tuple[Job, ...]:
    """The jobs that lay out plans and begin due nudges."""

    def lay_out(tx: Connection, now: datetime) -> int:
        return plan_some(tx, library, quiet, now)

    def start(tx: Connection, now: datetime) -> int:
        return start_due(tx, library, quiet, now)

    return Job("plan", lay_out), Job("nudge", start)


# -- laying out -------------------------------------------------------------------------------------------------------


def plan_some(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = LAID_OUT_AT_ONCE) -> int:
    """Lay out the whole campaign of officers who are not planned on its current version, up to about `limit` nudges. Returns
    the number of officers."""
    done = 0
    for programme, version in library.current.items():
        definition = library.compiled(tx, version).definition
        campaigns, asked = definition.campaigns, versions_asked(definition)
        ids = library.campaigns.get(version, {})
        most = max((_size(CampaignKey(campaign)) for campaign in campaigns.values()), default=1)
        found = nudges.unplanned(tx, programme, ids, max(1, limit // most))

        def lay_out(
            some: Sequence[Unplanned],
            ids: Mapping[str, int] = ids,
            campaigns: Mapping[str, Campaign] = campaigns,
            asked: Mapping[str, str | None] = asked,
        ) -> None:
            _lay_out_all(
                tx, ids, campaigns, asked, nudges.followers_of(tx, [one.assignment_id for one in some]), quiet, now
            )

        isolation.run(tx, "plan", found, _contact, lay_out, now)
        done += len(found)
    return done


def _contact(one: Unplanned | DueNudge) -> int:
    return one.contact_id


def _lay_out_all(
    tx: Connection,
    versions: Mapping[str, int],
    campaigns: Mapping[str, Campaign],
    asked: Mapping[str, str | None],
    officers: Sequence[Follower],
    quiet: Quiet,
    now: datetime,
) -> None:
    """Lay out each officer's campaign; `versions`, `campaigns` and the notices `asked` are a programme's, by the campaign's code."""
    for code in sorted({officer.campaign for officer in officers}):
        some = [officer for officer in officers if officer.campaign == code]
        _lay_out(tx, versions[code], campaigns[code], asked[code], some, quiet, now)


def _lay_out(
    tx: Connection,
    version: int,
    campaign: Campaign,
    asked: str | None,
    officers: Sequence[Follower],
    quiet: Quiet,
    now: datetime,
) -> None:
    """Officers with equal profiles share one plan, which is computed and sent to the database once."""
    numbers: dict[Profile, int] = {}
    numbered = [(one, numbers.setdefault(_profile(campaign, one, asked), len(numbers))) for one in officers]
    items = [
        _item(number, planned, now)
        for known, number in numbers.items()
        for planned in _plan(CampaignKey(campaign), known, quiet)
    ]
    nudges.lay_out(tx, officers[0].campaign, version, numbered, items, now)


def laid_out(campaign: Campaign, officer: Follower, asked: str | None, quiet: Quiet) -> Sequence[Planned]:
    """An officer's whole campaign, as shown by `trato plan` and written by `plan_some`. `asked` is the version of its notice."""
    return _plan(CampaignKey(campaign), _profile(campaign, officer, asked), quiet)


def _profile(campaign: Campaign, officer: Follower, asked: str | None) -> Profile:
    outdated = officer.consented and is_outdated(officer.consented_to, asked)
    return Profile(
        bucket_of(officer.study_id),
        officer.timezone,
        officer.anchor(campaign.anchor),
        officer.enrolled_at,
        officer.consented and not outdated,
        officer.duty,
        Renewal(asked, officer.published_at or officer.enrolled_at) if outdated and asked else None,
        officer.declined,
    )


@lru_cache(maxsize=4096)
def _plan(key: CampaignKey, officer: Profile, quiet: Quiet) -> tuple[Planned, ...]:
    return tuple(plan(key.campaign, officer, quiet, ALMANAC))


@lru_cache(maxsize=256)
def _size(key: CampaignKey) -> int:
    """How many occasions a campaign has, about."""
    campaign = key.campaign
    slots = sum(1 for _ in occasions(campaign.slots, ANY_DAY, ALMANAC.days))
    return 1 + slots + sum(len(wave.flows) for wave in campaign.waves.values())


def _item(number: int, planned: Planned, now: datetime) -> PlanItem:
    reason = planned.skip or ("too_late" if planned.closes_at <= now else None)
    return PlanItem(
        number,
        planned.slot,
        None if planned.rule is None else str(planned.rule),
        planned.wave,
        planned.flow,
        planned.due_at,
        planned.closes_at,
        reason,
    )


# -- beginning --------------------------------------------------------------------------------------------------------


def start_due(tx: Connection, library: Library, quiet: Quiet, now: datetime, limit: int = BEGUN_AT_ONCE) -> int:
    """Begin, postpone or skip due nudges. Returns their number."""
    found = nudges.due(tx, now, limit)
    if found:
        isolation.run(tx, "nudge", found, _contact, lambda some: _start(tx, library, quiet, some, now), now)
    return len(found)


def _start(tx: Connection, library: Library, quiet: Quiet, found: Sequence[DueNudge], now: datetime) -> None:
    officers = contacts.officers(tx, {due.contact_id for due in found})  # locked from here on
    known = statuses(tx, officers, now, now - _remembered(library))
    service, over = pauses.stopped_or_over(tx)
    stopped = _Stopped(
        service,
        our_numbers.paused_channels(tx, library.current, library.own),
        over,
        frozenset(library.not_ready()),
        library.silence,
        now,
    )
    changes, decisions = Changes(), []
    for due in sorted(found, key=lambda due: (due.planned_for, due.id)):
        officer, standing = officers[due.contact_id], known[due.contact_id]
        asked = _asked(library, officer.programme, due.campaign)
        situation = situation_of(
            standing,
            stopped.why(officer, standing),
            bucket_of(officer.study_id),
            asked,
            _ends_at(library, officer.programme),
        )
        decision = _decide(due, _campaigns(library, officer.programme), situation, quiet, now)
        decision, flow = choose(tx, library, officer, due, decision, now)
        if not isinstance(decision, Begin) and decision.reason == DOUBTED and Hold.number not in officer.holds:
            put_on_hold(Turn(tx, library, changes, now, NUDGE), officer, Hold.number)
        session = None
        if isinstance(decision, Begin):
            _end_open(tx, library, officer, now)
            turn, until = Turn(tx, library, changes, now, NUDGE), due.closes_at if due.wave else None
            session = begin(turn, officer, flow, wave=due.wave, until=until, occasion=f"{due.campaign}/{due.slot}")
            standing.session_open, standing.session_measures = officer.session is not None, due.wave is not None
            standing.begun = (*standing.begun, now)
        decisions.append(_update(due, flow, decision, session, now))
    write_batch(tx, library, changes, now)
    nudges.store_decisions(tx, decisions)


def _remembered(library: Library) -> timedelta:
    """How far back sessions matter to any published campaign."""
    campaigns = (
        campaign
        for version in library.current.values()
        for campaign in library.programmes[version].definition.campaigns.values()
    )
    return max(
        [REMEMBERED, *(span for campaign in campaigns for span in (campaign.gap, *(cap.per for cap in campaign.caps)))]
    )


def _end_open(tx: Connection, library: Library, officer: Officer, now: datetime) -> None:
    """End the conversation that the next one replaces, at once and without a message: an officer has at most one open."""
    if officer.session is not None:
        changes = Changes()
        stop(Turn(tx, library, changes, now, NUDGE), officer)
        conversations.write(tx, changes)


@dataclass(frozen=True, slots=True)
class _Stopped:
    """Pauses of the service and of numbers, and budgets that are spent: a flow that began now could not be sent, and would expire
    unseen. `not_ready` are the programmes that may not begin. After a `silence` a number may be somebody else's."""

    service: bool
    numbers: set[tuple[str, str]]
    over_budget: frozenset[str]
    not_ready: frozenset[str]
    silence: timedelta | None
    now: datetime

    def why(self, officer: Officer, standing: OfficerStatus) -> str | None:
        if self.service:
            return "service_paused"
        if officer.programme in self.not_ready:
            return NOT_READY
        if (held := held_for(standing, self.silence, self.now)) is not None:
            return held
        if (officer.programme, officer.channel) in self.numbers:
            return "sender_paused"
        return "budget" if self.over_budget & {officer.programme, spending.EVERY} else None


def held_for(standing: OfficerStatus, silence: timedelta | None, now: datetime) -> str | None:
    """Why messages to an officer wait: the number may be somebody else's, or the officer is on hold. Not for what: a nudge's reason is
    exported, and a crisis is not."""
    if standing.holds - {Hold.number}:
        return "held"
    return DOUBTED if standing.holds or doubts.is_silent(standing.sign_at, silence, now) else None


def _campaigns(library: Library, programme: str) -> Mapping[str, tuple[int, Campaign]]:
    """The campaigns of a programme's current version, each with the id of its own version."""
    version = library.current.get(programme)
    if version is None:
        return {}
    definitions = library.programmes[version].definition.campaigns
    return {code: (campaign, definitions[code]) for code, campaign in library.campaigns[version].items()}


def _asked(library: Library, programme: str, campaign: str) -> str | None:
    """The version of the notice that a campaign asks agreement to."""
    version = library.current.get(programme)
    definition = None if version is None else library.programmes[version].definition
    found = None if definition is None else definition.campaigns.get(campaign)
    return None if definition is None or found is None else version_asked(definition, found)


def _decide(
    due: DueNudge, campaigns: Mapping[str, tuple[int, Campaign]], situation: Situation, quiet: Quiet, now: datetime
) -> NudgeDecision:
    if due.campaign not in campaigns:
        return Skip("campaign_withdrawn")
    version, campaign = campaigns[due.campaign]
    if version != due.campaign_version_id and due.origin == PLAN:  # about to be laid out anew
        return Postpone(now + LOOK_AGAIN, "campaign_changed") if now < due.closes_at else Skip("too_late")
    planned = Planned(due.slot, due.flow, due.due_at, due.closes_at, due.wave, rule=due.rule)
    return decide_nudge(campaign, planned, situation, quiet, ALMANAC, now)


def _ends_at(library: Library, programme: str) -> datetime | None:
    version = library.current.get(programme)
    return None if version is None else library.programmes[version].definition.begins_nothing_from


def situation_of(
    standing: OfficerStatus, stopped: str | None, bucket: int, asked: str | None, ends: datetime | None
) -> Situation:
    """An officer's situation, for the policy. `asked` is the version of the notice that the campaign asks agreement to, `ends` the
    programme's end."""
    outdated = standing.consented and is_outdated(standing.consented_to, asked)
    return Situation(
        standing.status,
        standing.timezone,
        standing.consented and not outdated,
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
        outdated,
        standing.declined,
        ends,
    )


def _update(due: DueNudge, flow: str, decision: NudgeDecision, session: int | None, now: datetime) -> NudgeUpdate:
    match decision:
        case Begin():
            return NudgeUpdate(due.id, flow, NudgeStatus.started, None, session, due.due_at, now)
        case Postpone(until, reason):
            return NudgeUpdate(due.id, flow, NudgeStatus.planned, reason, session, until, None)
        case Skip(reason):
            return NudgeUpdate(due.id, flow, NudgeStatus.skipped, reason, session, due.due_at, now)

"""The outlook of an officer's campaign: the plan as it would be laid out now, the outcomes so far, follow-ups, and the obstacles to
future nudges if nothing changes. Writes nothing."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.flows.language.campaign import Campaign, Slot
from app.flows.language.definition import Programme
from app.flows.nudge_rules import FollowupRule
from app.flows.privacy import versions_asked
from app.flows.quiet_hours import Quiet
from app.scheduler.choosing import MEASURED
from app.scheduler.nudge_policy import Situation, Skip, foreseen
from app.scheduler.nudging import REMEMBERED, held_for, laid_out, situation_of
from app.scheduler.occasions import asks_consent, consent_slot, rule_of
from app.scheduler.planning import Planned, bucket_of
from app.store import nudges, pauses
from app.store.alerts import NOT_READY
from app.store.followups import FOLLOWUP
from app.store.nudges import ENROLLED_LATE, Follower, NudgeOutcome
from app.store.officer_status import statuses

Span = tuple[datetime, datetime]

PLANNED, STARTED, SKIPPED = "planned", "started", "skipped"
NOTHING = "(nothing)"
"""The result of a draw that sends no flow."""


@dataclass(frozen=True, slots=True)
class OutlookItem:
    """One occasion. `flow` names all possible flows if the choice is still open: `caso | (nothing)`. `status` is planned, skipped
    or the outcome so far, with the reason if there is one."""

    slot: str
    flow: str
    wave: str | None
    due_at: datetime
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Computes the outlook of officers, page by page. `asked` is the version of the notice that each campaign asks agreement to;
    `stopped`: why nothing begins for anybody; None if nothing is in the way; `ends` is the programme's end."""

    campaigns: Mapping[str, Campaign]
    asked: Mapping[str, str | None]
    quiet: Quiet
    now: datetime
    stopped: str | None
    silence: timedelta | None = None
    ends: datetime | None = None

    @classmethod
    def of(
        cls,
        tx: Connection,
        programme: Programme,
        quiet: Quiet,
        now: datetime,
        *,
        ready: bool = True,
        silence: timedelta | None = None,
    ) -> "Outlook":
        """One for a programme as its file has it. `ready`: its campaigns may begin with this carrier. After a `silence` a number may be
        somebody else's."""
        stopped = "service_paused" if pauses.is_stopped(tx) else None if ready else NOT_READY
        return cls(
            programme.campaigns, versions_asked(programme), quiet, now, stopped, silence, programme.begins_nothing_from
        )

    def look(
        self, tx: Connection, page: Collection[Follower], span: Span | None = None
    ) -> Iterator[tuple[Follower, Iterator[OutlookItem]]]:
        """Each officer of a page with the items of the campaign. Of those that are still to come, only the ones due in the `span`, if it is
        given, from its begin on and before its end: most of the time goes into what may be in their way."""
        contacts = {officer.contact_id for officer in page}
        become, known = nudges.outcomes(tx, contacts), statuses(tx, contacts, self.now, self.now - REMEMBERED)
        for officer in page:
            standing = known[officer.contact_id]
            stopped = self.stopped or held_for(standing, self.silence, self.now)
            theirs = become.get((officer.contact_id, officer.campaign), {})
            asked = self.asked[officer.campaign]
            situation = situation_of(standing, stopped, bucket_of(officer.study_id), asked, self.ends)
            yield officer, self._of_one(officer, theirs, situation, standing.open_flow, span)

    def _of_one(
        self,
        officer: Follower,
        become: Mapping[str, NudgeOutcome],
        situation: Situation,
        open_flow: str | None,
        span: Span | None,
    ) -> Iterator[OutlookItem]:
        campaign, version = self.campaigns[officer.campaign], self.asked[officer.campaign]
        asked = become.get(consent_slot(version if situation.outdated else None))
        if situation.outdated and asked is None:  # not laid out yet, or a draft
            officer = replace(officer, published_at=self.now)
        is_open = open_flow is not None and open_flow == campaign.consent
        awaits = not situation.declined and (asked is None or not asked.is_settled)
        awaited = situation.consented or is_open or awaits
        hopeful = replace(situation, consented=awaited)
        laid = laid_out(campaign, officer, version, self.quiet)
        measured = {(one.wave, one.flow) for one in become.values() if one.wave is not None and one.status == STARTED}
        for item in laid:
            outcome = become.get(item.slot)
            if outcome is not None and self._stays(outcome, item):
                yield _as_it_is(outcome)
            elif (item.wave, item.flow) in measured:
                yield OutlookItem(item.slot, item.flow, item.wave, item.due_at, SKIPPED, MEASURED)
            else:
                waits = outcome is not None and not outcome.is_settled and outcome.planned_for == item.due_at
                held = outcome if waits else None
                if span is not None and not span[0] <= (held or item).due_at < span[1]:
                    continue
                yield self._coming(campaign, item, held, situation if asks_consent(item.slot) else hopeful)
        slots = {item.slot for item in laid}
        for outcome in [one for one in become.values() if one.slot not in slots]:
            if outcome.is_settled:
                yield _as_it_is(outcome)
            elif outcome.origin == FOLLOWUP:
                yield self._coming(campaign, _planned(campaign, outcome), outcome, hopeful)

    def _stays(self, outcome: NudgeOutcome, item: Planned) -> bool:
        """Whether a new layout would keep it, by the rules of `nudges.lay_out`."""
        if not outcome.is_settled or outcome.drawn or outcome.status != SKIPPED:
            return outcome.is_settled or outcome.drawn
        return outcome.reason != ENROLLED_LATE and max(outcome.planned_for, item.due_at) <= self.now

    def _coming(
        self, campaign: Campaign, item: Planned, held: NudgeOutcome | None, situation: Situation
    ) -> OutlookItem:
        """A future item. `held`: its nudge is planned already."""
        due = item.due_at if held is None else held.due_at
        at = item if due == item.due_at else replace(item, due_at=due)
        status, reason = (SKIPPED, item.skip) if item.skip else (PLANNED, None if held is None else held.reason)
        if item.skip is None and item.closes_at <= self.now:
            status, reason = SKIPPED, "too_late"
        elif item.skip is None and (way := foreseen(campaign, at, situation)) is not None:
            status, reason = (SKIPPED if isinstance(way, Skip) else PLANNED), way.reason
        if reason in ("no_consent", "notice_changed"):
            status = SKIPPED
        return OutlookItem(item.slot, _may_be(campaign, item), item.wave, due, status, reason)


def _as_it_is(outcome: NudgeOutcome) -> OutlookItem:
    return OutlookItem(outcome.slot, outcome.flow, outcome.wave, outcome.due_at, outcome.status, outcome.reason)


def _planned(campaign: Campaign, outcome: NudgeOutcome) -> Planned:
    """A planned follow-up, withdrawn if the campaign has it no longer, as in `choosing.py`."""
    known = isinstance(outcome.rule, FollowupRule) and outcome.rule.code in campaign.followups
    gone = None if known else "followup_withdrawn"
    return Planned(outcome.slot, outcome.flow, outcome.due_at, outcome.closes_at, outcome.wave, gone, outcome.rule)


def _may_be(campaign: Campaign, item: Planned) -> str:
    """The flow of an occasion, or all possible ones: draws and reviews are decided when they are due."""
    slot = rule_of(campaign, item.rule)
    if isinstance(slot, Slot) and slot.draw:
        choices = [flow for choice in slot.draw.values() for flow in choice.flows or (NOTHING,)]
        return " | ".join(dict.fromkeys(choices))
    if isinstance(slot, Slot) and slot.pick == "due":
        return " | ".join(dict.fromkeys(slot.flows))
    return item.flow

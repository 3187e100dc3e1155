"""Follow-ups: nudges caused by events in a conversation. After each batch, reads the conversations that it touched again, whole,
and plans a nudge for each event that has none; the slot names the follow-up and the conversation, so that one event gives one
nudge. Deletes nudges whose event was corrected, unless they have begun. Uses the published version of the programme."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.engine.events import SessionOutcome
from app.flows.happenings import ConversationFacts, due_at, triggered
from app.flows.language.campaign import Campaign
from app.flows.nudge_rules import FollowupRule
from app.flows.shifts import ShiftException
from app.store import followups, shift_changes
from app.store.conversations import Changes
from app.store.followups import FOLLOWUP, MOST, FollowedSession, FollowUp
from app.store.records import NewNudge
from app.store.tables import ContactStatus, NudgeStatus


def follow(tx: Connection, library: Library, changes: Changes, now: datetime) -> None:
    """Plan the follow-ups of a batch that has been written, whose officers are locked. Reads nothing from the store unless a
    follow-up of a published programme depends on one of the batch's flows."""
    if not (touched := library.followed and _touched(library, changes)):
        return
    conversations = followups.followed_sessions(tx, touched)
    answers = followups.answers(tx, touched)
    officers = {one.contact_id for one in conversations}
    noted, changes_of = followups.follow_ups(tx, officers), shift_changes.changes(tx, officers)
    planned: list[NewNudge] = []
    gone: list[tuple[int, str, str]] = []
    for one in conversations:
        version, campaign = _campaign(tx, library, one)
        if campaign is None or not campaign.followups:
            continue
        story = ConversationFacts(
            one.flow, one.outcome == SessionOutcome.completed, one.wave is not None, answers.get(one.session_id, ())
        )
        due = triggered(campaign.followups, story)
        known = noted.setdefault((one.contact_id, one.campaign), [])
        gone += [(one.contact_id, one.campaign, slot) for slot in _unfounded(campaign, one, due, known)]
        if one.status == ContactStatus.active and (one.consented_at is not None or campaign.consent is None):
            planned += _new(library, campaign, version, one, due, known, changes_of.get(one.contact_id, ()), now)
    followups.withdraw(tx, gone)
    followups.add(tx, planned)


def _touched(library: Library, changes: Changes) -> set[int]:
    """The conversations of a batch that may have follow-ups."""
    flows = library.followed
    return {
        *[answer.session_id for answer in changes.responses if answer.flow in flows],
        *[session for session, flow in changes.completed.items() if flow in flows],
        *[session for session, _, _ in changes.superseded],
    }


def _campaign(tx: Connection, library: Library, one: FollowedSession) -> tuple[int, Campaign | None]:
    latest = library.latest(tx, one.programme)
    if latest is None or one.campaign not in library.campaigns[latest[0]]:
        return 0, None
    return library.campaigns[latest[0]][one.campaign], latest[1].definition.campaigns[one.campaign]


def _slot(code: str, one: FollowedSession) -> str:
    return f"{code}.{one.session_id}"


def _unfounded(campaign: Campaign, one: FollowedSession, due: Sequence[str], known: list[FollowUp]) -> Iterator[str]:
    """The slots of this conversation's nudges that have lost their reason. Removes them from `known`."""
    unfounded = {_slot(code, one) for code in campaign.followups if code not in due}
    for nudge in [nudge for nudge in known if nudge.slot in unfounded]:
        if nudge.status == NudgeStatus.planned or nudge.reason == MOST:
            known.remove(nudge)
            yield nudge.slot


def _new(
    library: Library,
    campaign: Campaign,
    version: int,
    one: FollowedSession,
    due: Sequence[str],
    known: list[FollowUp],
    changes: Sequence[ShiftException],
    now: datetime,
) -> Iterator[NewNudge]:
    """The missing nudges. Those beyond the campaign's limit for a period are skipped at once."""
    duty = shift_changes.duty(one.shift, one.timezone, changes)
    for code in due:
        followup, rule, slot = campaign.followups[code], FollowupRule(code), _slot(code, one)
        at = due_at(campaign, followup, one.timezone, duty, library.quiet, now, one.study_id, one.campaign, slot)
        if at is None or any(nudge.slot == slot for nudge in known):
            continue
        others = [nudge for nudge in known if nudge.rule == rule and nudge.counts]
        near = [
            nudge for nudge in others if _is_or_was_meant(nudge) and abs(nudge.planned_for - at) < followup.most.per
        ]
        reason = MOST if len(near) >= followup.most.flows else None
        status = NudgeStatus.skipped if reason else NudgeStatus.planned
        known.append(FollowUp(slot, rule, status, reason, at))
        yield NewNudge(
            contact_id=one.contact_id,
            campaign_version_id=version,
            campaign=one.campaign,
            origin=FOLLOWUP,
            slot=slot,
            rule=str(rule),
            wave=None,
            flow=followup.flows[len(others) % len(followup.flows)],
            planned_for=at,
            due_at=at,
            closes_at=at + campaign.late,
            status=status,
            reason=reason,
            decided_at=now if reason else None,
            created_at=now,
        )


def _is_or_was_meant(nudge: FollowUp) -> bool:
    return nudge.status in (NudgeStatus.planned, NudgeStatus.started)

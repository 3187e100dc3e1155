"""Conversations whose time has come: a reminder, the way of a question that nobody answers, the end. What is said of itself keeps
the hours of the campaign that began the conversation: its window, turns and sleep, leave, the quiet hours; as what begins one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.conversations.keeping import keep
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, apply, following, stop
from app.flows.engine import engine
from app.flows.engine.events import MessageCreated, Sprint
from app.flows.language.campaign import Campaign
from app.flows.shifts import Change
from app.scheduler.occasions import window_of
from app.scheduler.reach import Reach, reach_of, whole_days
from app.scheduler.recurring import ALMANAC
from app.store import contacts, nudges, our_numbers, pauses, shift_changes
from app.store.contacts import Officer, OpenSession
from app.store.conversations import Changes

LOOK_AGAIN = timedelta(hours=1)
"""When to look again, at the latest, at a session that has something to say to an officer who cannot be reached. Not at the very
moment when the officer can be: those of a whole cohort would have been waiting for that."""


def wake_due(tx: Connection, library: Library, now: datetime, limit: int = 500) -> int:
    """Look at the sessions whose time has come: remind, take a timeout's way, expire. Gives how many were due. While nothing
    can go out to an officer, time stands still for the conversation."""
    if pauses.is_stopped(tx):
        return 0
    found = contacts.waking(tx, now, limit, our_numbers.paused_channels(tx, library.current, library.own))
    if not found:
        return 0
    due = contacts.officers(tx, found)
    known, changes = _Known.of(tx, library, due), Changes()
    for officer in due.values():
        session = officer.session
        if session is None or session.wake_at is None or session.wake_at > now:
            continue
        turn = Turn(tx, library, changes, now, NUDGE)
        if officer.may_be_written_to:
            _wake(turn, officer, session, known.reach(officer, session))
        else:
            stop(turn, officer)
    keep(tx, library, changes, now)
    return len(due)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the hours of these conversations rest on: what began them, and when the officers do not work as usual."""

    library: Library
    began: Mapping[int, tuple[str, str | None]]
    changes: Mapping[int, list[Change]]

    @classmethod
    def of(cls, tx: Connection, library: Library, officers: Mapping[int, Officer]) -> "_Known":
        sessions = {officer.session.id: contact for contact, officer in officers.items() if officer.session is not None}
        return cls(library, nudges.began(tx, sessions), shift_changes.changes(tx, officers))

    def reach(self, officer: Officer, session: OpenSession) -> Reach:
        """When something may be said in a conversation. One that no campaign of today began heeds the quiet hours and leave."""
        duty = shift_changes.duty(officer.shift, officer.timezone, self.changes.get(officer.id, ()))
        code, rule = self.began.get(session.id, ("", None))
        campaign = self._campaigns(officer.programme).get(code)
        kept = (
            None
            if campaign is None
            else reach_of(campaign, window_of(campaign, rule), self.library.quiet, officer.timezone, duty, ALMANAC)
        )
        return kept or whole_days(self.library.quiet, officer.timezone, duty)

    def _campaigns(self, programme: str) -> Mapping[str, Campaign]:
        version = self.library.current.get(programme)
        return {} if version is None else self.library.programmes[version].definition.campaigns


def _wake(turn: Turn, officer: Officer, session: OpenSession, reach: Reach) -> None:
    """Let happen what is due. What would be said to an officer who is left alone, or cannot be reached, is not said later either,
    when it makes no sense any more: it is looked at again, until it may be said or the session has expired."""
    sprint = following(turn, officer, engine.Wake())
    spoken = any(isinstance(event, MessageCreated) for event in sprint.events)
    if spoken and (officer.is_left_alone(turn.now) or not reach.holds(turn.now)):
        turn.changes.sessions[session.id] = {
            "state": session.state,
            "step": session.step,
            "wake_at": _again(sprint, reach, turn.now),
            "ended_at": None,
            "outcome": None,
        }
    else:
        apply(turn, officer, sprint)


def _again(sprint: Sprint, reach: Reach, now: datetime) -> datetime:
    """When to look again: not after the conversation would have ended if that had been said now, nor only when the officer could
    be reached meanwhile and no longer can."""
    latest = now + LOOK_AGAIN
    if sprint.state is not None:
        latest = min(latest, sprint.state.wake_at)
    span = reach.after(now, latest)
    return span[0] if span is not None and now < span[0] and span[1] <= latest else latest

"""Due sessions: reminders, timeouts of questions, expiry. Messages without a reply before them keep the hours of the campaign that
began the conversation (window, shifts and sleep, leave, quiet hours), as nudges do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.conversations.library import Library
from app.conversations.sessions import NUDGE, Turn, apply, following, stop, write_batch
from app.flows.engine import engine
from app.flows.engine.events import MessageCreated, Sprint
from app.flows.language.campaign import Campaign
from app.flows.nudge_rules import Rule
from app.flows.shifts import ShiftException
from app.scheduler.occasions import window_of
from app.scheduler.reach import Reach, reach_of, whole_days
from app.scheduler.recurring import ALMANAC
from app.store import contacts, isolation, nudges, our_numbers, pauses, shift_changes, spending
from app.store.contacts import Officer, OpenSession
from app.store.conversations import Changes
from app.store.records import SessionState

LOOK_AGAIN = timedelta(hours=1)
"""When to try again, at the latest, to send to an officer who cannot be reached. Not at the start of the open hours: a whole cohort
would be due at that moment."""


def wake_due(tx: Connection, library: Library, now: datetime, limit: int = 500) -> int:
    """Remind, time out or expire due sessions. Returns their number. A conversation's time stops while nothing can be sent to the
    officer."""
    stopped, over = pauses.stopped_or_over(tx)
    if stopped:
        return 0
    still = our_numbers.paused_channels(tx, library.current, library.own) | _over_budget(library, over)
    found = contacts.waking(tx, now, limit, still)
    if found:
        isolation.run(tx, "wake", found, int, lambda some: _wake_all(tx, library, some, now), now)
    return len(found)


def _wake_all(tx: Connection, library: Library, found: Sequence[int], now: datetime) -> None:
    due = contacts.officers(tx, found)
    known, changes = _ReachLookup.of(tx, library, due), Changes()
    for officer in due.values():
        session = officer.session
        if session is None or session.wake_at is None or session.wake_at > now:
            continue
        turn = Turn(tx, library, changes, now, NUDGE)
        if officer.may_be_written_to:
            _wake(turn, officer, session, known.reach(officer, session))
        else:
            stop(turn, officer)
    write_batch(tx, library, changes, now)


def _over_budget(library: Library, over: frozenset[str]) -> set[tuple[str, str]]:
    """The programmes whose nudges wait because their budget is spent (`over`), on each channel."""
    programmes = library.current if spending.EVERY in over else over
    return {(programme, channel) for programme in programmes for channel in CHANNELS}


@dataclass(frozen=True, slots=True)
class _ReachLookup:
    """Finds the reach of conversations, from the nudges that began them and the officers' changes of shifts."""

    library: Library
    began: Mapping[int, tuple[str, Rule | None]]
    changes: Mapping[int, list[ShiftException]]

    @classmethod
    def of(cls, tx: Connection, library: Library, officers: Mapping[int, Officer]) -> "_ReachLookup":
        sessions = {officer.session.id: contact for contact, officer in officers.items() if officer.session is not None}
        return cls(library, nudges.began(tx, sessions), shift_changes.changes(tx, officers))

    def reach(self, officer: Officer, session: OpenSession) -> Reach:
        """The reach of a conversation. Without a current campaign, only quiet hours and leave restrict it."""
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
    """Apply the due sprint. If it has messages and the officer is paused or cannot be reached, nothing is applied: the session is
    woken again later, until its messages may be sent or it has expired."""
    sprint = following(turn, officer, engine.Wake())
    spoken = any(isinstance(event, MessageCreated) for event in sprint.events)
    if spoken and (officer.is_left_alone(turn.now) or not reach.holds(turn.now)):
        again = _again(sprint, reach, turn.now)
        turn.changes.sessions[session.id] = SessionState(officer.id, session.state, session.step, again)
    else:
        apply(turn, officer, sprint)


def _again(sprint: Sprint, reach: Reach, now: datetime) -> datetime:
    """When to wake again: not after the session would have ended if the sprint had been applied now, and not after a whole open
    span has passed."""
    latest = now + LOOK_AGAIN
    if sprint.state is not None:
        latest = min(latest, sprint.state.wake_at)
    span = reach.after(now, latest)
    return span[0] if span is not None and now < span[0] and span[1] <= latest else latest

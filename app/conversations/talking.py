"""A talk between an officer and a person of the team. After a person has answered, what the officer writes is for that person and
answers no question of a flow, until the case is closed, a question goes out, or a day has passed. A question that is quoted, or whose
button is pressed, is answered all the same."""

from datetime import datetime, timedelta

from app.conversations.sessions import Turn
from app.flows.engine.state import State
from app.store.cases import CaseReason
from app.store.contacts import Officer
from app.store.holds import PERSON
from app.store.questions import AskedQuestion, SentMessage

TO_PERSON = "to_person"
"""The outcome of such a message."""

TALK = timedelta(hours=24)
"""How long after a person's message the talk goes on."""


def is_for_person(officer: Officer, quoted: AskedQuestion | SentMessage | None, said_at: datetime) -> bool:
    """Whether a message that names no question is for a person."""
    if isinstance(quoted, SentMessage) and quoted.kind == PERSON:
        return True
    wrote_at = officer.person_wrote_at
    if wrote_at is None or not wrote_at <= said_at < wrote_at + TALK:
        return False
    return officer.session is None or State.from_json(officer.session.state).asked_at <= wrote_at


def hand_on(turn: Turn) -> None:
    """Leave the message to the person: no notice answers it."""
    turn.outcome, turn.needs_person, turn.reason = TO_PERSON, True, turn.reason or CaseReason.reply

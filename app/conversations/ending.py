"""The end of a programme, for an officer who writes: after the last day no conversation begins, and after the last day for answers nothing is
taken for one. Danger and the wish to leave are heard as ever, and a talk with a person goes on."""

from datetime import datetime

from app.conversations.late import tell
from app.conversations.sessions import Turn, stop
from app.store.contacts import Officer

ENDED = "ended"
"""The outcome of a message that came too late for the programme, and the name of the notice that says so."""


def ended_at(turn: Turn, officer: Officer) -> datetime | None:
    """The moment at which the last day of the officer's programme was over; None if it is not."""
    latest = turn.library.latest(turn.tx, officer.programme)
    found = None if latest is None else latest[1].definition.begins_nothing_from
    return found if found is not None and found <= turn.now else None


def is_over(turn: Turn, officer: Officer) -> bool:
    """Whether the officer's programme takes no answers any more."""
    latest = turn.library.latest(turn.tx, officer.programme)
    found = None if latest is None else latest[1].definition.takes_no_answer_from
    return found is not None and found <= turn.said_at


def too_late(turn: Turn, officer: Officer) -> None:
    """Say now and then that the programme is over, but not to somebody who has left. A conversation that was open ends."""
    turn.outcome = ENDED
    stop(turn, officer)
    if officer.may_be_written_to:
        tell(turn, officer, ENDED)

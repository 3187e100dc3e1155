"""The end of a programme, for an officer who writes: from the last day for answers on nothing is taken for one. Danger and the wish
to leave are heard as ever, and a talk with a person goes on."""

from app.conversations.late import tell
from app.conversations.sessions import Turn, stop
from app.flows.replies.keywords import Keyword, Name
from app.store.contacts import Officer

ENDED = "ended"
"""The outcome of a message that came too late for the programme, and the name of the notice that says so."""

_OBEYED = (Name.BAJA, Name.AYUDA)


def is_over(turn: Turn, officer: Officer) -> bool:
    """Whether the officer's programme takes no answers any more."""
    latest = turn.library.latest(turn.tx, officer.programme)
    definition = None if latest is None else latest[1].definition
    if definition is None or definition.ends is None:
        return False
    return turn.said_at >= definition.ends.takes_no_answer_from(definition.timezone)


def is_obeyed(word: Keyword) -> bool:
    """Whether a keyword means something after the end."""
    return word.name in _OBEYED


def too_late(turn: Turn, officer: Officer) -> None:
    """Say now and then that the programme is over. A conversation that was open ends."""
    turn.outcome = ENDED
    stop(turn, officer)
    tell(turn, officer, ENDED)

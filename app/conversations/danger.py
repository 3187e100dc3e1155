"""A crisis and a serious incident: what happens at once, and what waits for a person. A list of words finds them, and misses some."""

from app.conversations.sessions import Turn, notice, put_on_hold, say, stop
from app.flows.engine.asides import DANGER_TOLD_AGAIN
from app.store import alerts, cases, conversations
from app.store.contacts import Officer
from app.store.holds import Hold


def crisis(turn: Turn, officer: Officer) -> None:
    """The text of support at once, also to an officer who has left; then the conversation stands still, and nothing goes out until a
    person closes the case."""
    _found(turn, officer, Hold.crisis)
    _say_once(turn, officer, "support")
    put_on_hold(turn, officer, Hold.crisis)


def serious(turn: Turn, officer: Officer) -> None:
    """An acknowledgement that promises nothing; the conversation ends, and no nudge goes out until a person closes the case or the
    officer writes ALTA."""
    _found(turn, officer, Hold.serious)
    if Hold.crisis not in officer.holds:
        stop(turn, officer)
    if officer.may_be_written_to:
        _say_once(turn, officer, "serious")
    put_on_hold(turn, officer, Hold.serious)


def _found(turn: Turn, officer: Officer, danger: Hold) -> None:
    turn.outcome, turn.needs_person = danger, True
    alerts.ring(turn.tx, danger, cases.subject(officer.id), turn.now, {"officer": officer.study_id})


def _say_once(turn: Turn, officer: Officer, name: str) -> None:
    said = conversations.said_lately(turn.tx, officer.id, "notice", name, turn.now, DANGER_TOLD_AGAIN) or any(
        one.contact_id == officer.id and one.step == name for one in turn.changes.outbound
    )
    if not said and (text := notice(turn, officer, name)):
        say(turn, officer, name, text)

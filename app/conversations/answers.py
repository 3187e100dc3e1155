"""The answers of a conversation, as the store and the batch at hand leave them."""

from datetime import datetime

from app.conversations.sessions import Turn
from app.store import answer_words, questions
from app.store.questions import AskedQuestion, GivenAnswer
from app.store.records import NewResponse


def answers_in(turn: Turn, session: int) -> list[GivenAnswer]:
    """The last answer to each question of a session, as the batch at hand leaves them, in the order of the questions."""
    taken_back = {(flow, step) for number, flow, step in turn.changes.superseded if number == session}
    stored = [
        one for one in questions.answers_in(turn.tx, session) if (one.asked.flow, one.asked.step) not in taken_back
    ]
    state = turn.changes.sessions.get(session)
    ended_at = None if state is None else state.ended_at
    new = [
        as_given(one, ended_at)
        for one in turn.changes.responses
        if one.session_id == session and one.status in ("ok", "unclear")
    ]
    found: dict[tuple[str, str], GivenAnswer] = {}
    for one in (*stored, *new):
        found[one.asked.flow, one.asked.step] = one
    return sorted(found.values(), key=lambda one: one.asked.asked_at)


def as_given(one: NewResponse, ended_at: datetime | None) -> GivenAnswer:
    """A response of this batch, as a stored one would be read."""
    asked = AskedQuestion(
        one.contact_id, one.session_id, one.flow_version_id, one.flow, one.step, one.wave, one.asked_at
    )
    words = answer_words.read(one.raw, one.words, one.value, one.label)
    return GivenAnswer(
        asked, words.raw, words.value, one.key, words.label, one.missing, one.answered_at, ended_at, one.status
    )

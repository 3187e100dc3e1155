"""Messages that belong to the answer before the open question: written before that question could be seen, or in correction of it,
while the conversation lasts or just after its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.channels.base import Inbound, MessageKind
from app.clock import FARTHEST_AHEAD
from app.conversations import late
from app.conversations.answers import answers_in, as_given
from app.conversations.seeing import Sight, is_after, sight
from app.conversations.sessions import Turn, apply, contact_of, decide, following, notice, response, say
from app.flows.engine import engine
from app.flows.engine.before import (
    AFTER_THE_END,
    ATTEMPTS,
    QUICK,
    Answered,
    anew,
    corrected,
    counts,
    fitting,
    follow,
    is_talk,
    is_what_counts,
    named,
    put_right,
    slip,
    would_consent,
)
from app.flows.engine.compiled import YES, Ask
from app.flows.engine.engine import Reply
from app.flows.engine.events import MessageCreated, ResponseRecorded
from app.flows.engine.state import State, has_strayed
from app.flows.replies import bubbles
from app.flows.replies.bubbles import Bubble, BubbleKind
from app.flows.replies.forms import Parsed, is_open
from app.flows.replies.message import ActKind
from app.flows.replies.open import is_sound, voice_note
from app.flows.replies.understanding import understand
from app.store import conversations, questions
from app.store.cases import CaseReason
from app.store.contacts import Officer, OpenSession
from app.store.questions import QUESTIONS, GivenAnswer, Said


@dataclass(frozen=True, slots=True)
class _Before:
    """The question before and its last answer, as stored and as the engine sees them."""

    last: GivenAnswer
    answered: Answered

    @property
    def ask(self) -> Ask:
        return self.answered.ask


def take(turn: Turn, officer: Officer, message: Inbound) -> bool:
    """Act on a message that names no question, if it belongs to the answer before. False if it does not: then it is read as any
    other."""
    is_note = not message.body.strip() and is_sound(late.given(message).media)
    if message.button or (not is_note and (message.media or message.kind is not MessageKind.text)):
        return False
    moment = late.seen(officer, message) or turn.now
    session = officer.session
    if not is_note and _names_question(turn, officer, message, moment):
        return True
    if session is None:
        return not is_note and _after_the_end(turn, officer, message, moment)
    state, said = State.from_json(session.state), _said(turn, session.id)
    put = _put(turn, session.id, said, state)
    found = sight(put, said, moment, turn.seen_after, turn.now)
    if is_note:
        return found is not Sight.yes and _more_sound(turn, officer, message, moment)
    match found:
        case Sight.yes:
            is_reported = any(one.delivered_at is not None for one in put)
            if is_reported and state.asked_at < moment <= state.asked_at + _read_and_typed(turn, message.body):
                return _perhaps_unseen(turn, officer, message, state, moment, is_hasty=True)
            return _completes(turn, officer, message, state, moment) or _corrects(turn, officer, message, moment)
        case Sight.perhaps:
            return _perhaps_unseen(turn, officer, message, state, moment)
        case Sight.no:
            return _unseen(turn, officer, message, state, put, moment)


_INSTANT = timedelta(microseconds=1)
_FASTEST = 20
"""Characters a second that nobody types on a phone, nor dictates: quick speech has some 17."""


def _read_and_typed(turn: Turn, text: str) -> timedelta:
    """The least time that it takes to read a question and to type or dictate this answer; none where a question is seen at once."""
    return turn.seen_after + timedelta(seconds=len(text) / _FASTEST) if turn.seen_after else timedelta()


def _put(turn: Turn, session: int, said: Sequence[Said], state: State) -> list[Said]:
    """The messages before this batch that put the open question. If all seem older than the question, the clock has been set back
    since it was asked, and it is the last one; unless it is asked in this batch."""
    asked = [one for one in said if one.kind in QUESTIONS and (one.flow, one.step) == (state.flow, state.step)]
    if put := [one for one in asked if not is_after(state.asked_at, one.created_at)]:
        return put
    is_new = any((one.session_id, one.step) == (session, state.step) for one in turn.changes.outbound)
    return [] if is_new else asked[-1:]


def _said(turn: Turn, session: int) -> list[Said]:
    """The messages of a session before this batch."""
    found = turn.said.get(session)
    return list(found) if found is not None else questions.said_in(turn.tx, [session], turn.now)[session]


# -- before the open question was seen ----------------------------------------------------------------------------------


def _unseen(turn: Turn, officer: Officer, message: Inbound, state: State, put: list[Said], moment: datetime) -> bool:
    before = _before(turn, officer, moment, officer.session)
    if before is not None:
        return _goes_on(turn, officer, message, before)
    if any(one.sent_at is not None and not is_after(one.sent_at, moment) for one in put):
        return False  # nothing was asked before: what else can be meant?
    asked = questions.open_at(turn.tx, officer.id, min(moment, state.asked_at - timedelta(microseconds=1)))
    late.before(turn, officer, message, asked)
    return True


def _goes_on(turn: Turn, officer: Officer, message: Inbound, before: _Before) -> bool:
    """A message that goes on about the answer before. False if it is talk, whatever was asked: then it gets its reply."""
    ask = None if officer.session is None else _open(turn, officer.session)
    if is_talk(before.answered, ask, message.body):
        return False
    bubble = follow(before.answered, _in_words(turn, officer, message, before))
    if officer.session is None and would_consent(before.answered, bubble):
        return False  # consent is given to its question alone, which may be put again
    turn.question, turn.outcome = (before.last.asked.session_id, before.last.asked.step), "detail"
    match bubble.kind:
        case BubbleKind.nothing:
            pass
        case BubbleKind.same | BubbleKind.detail:
            turn.name(ActKind.answer, bubble.kind)
            turn.needs_person |= bubble.kind is BubbleKind.detail and before.ask.consent is not None
            _keep(turn, officer, message, before, before.answered.answer if bubble.kind is BubbleKind.same else _DETAIL)
        case BubbleKind.correction:
            _replace(turn, officer, message, before, bubble)
        case BubbleKind.taken_back:
            turn.needs_person |= before.ask.consent is not None or officer.session is None
            _supersede(turn, officer, before, None)
    return True


def _in_words(turn: Turn, officer: Officer, message: Inbound, before: _Before) -> str:
    """The text of a message, as the correction that it is if the message before it announced one."""
    return put_right(message.body) if _is_announced(turn, officer, message, before.last) else message.body


def _is_announced(turn: Turn, officer: Officer, message: Inbound, last: GivenAnswer | None = None) -> bool:
    """Whether the message before this one only said that the last answer was wrong."""
    since = turn.said_at - QUICK if last is None else max(last.answered_at - _INSTANT, turn.said_at - QUICK)
    of_batch = [one.body for one in turn.changes.inbound if one.contact_id == officer.id]
    stored = [] if of_batch else conversations.heard_since(turn.tx, officer.id, since, 1, turn.now + FARTHEST_AHEAD)
    said = of_batch[-1] if of_batch else stored[0].body if stored else None
    return is_what_counts(said, message.body, "" if last is None else last.raw)


def _more_sound(turn: Turn, officer: Officer, message: Inbound, moment: datetime) -> bool:
    """A voice note beside the words, or the voice note, that answered the question before. False if that asked for neither."""
    before = _before(turn, officer, moment, officer.session)
    if before is None or not is_open(before.ask.form.kind):
        return False
    turn.question, turn.outcome = (before.last.asked.session_id, before.last.asked.step), "detail"
    turn.needs_person, turn.reason = True, CaseReason.audio
    _keep(turn, officer, message, before, voice_note())
    return True


def _perhaps_unseen(
    turn: Turn, officer: Officer, message: Inbound, state: State, moment: datetime, *, is_hasty: bool = False
) -> bool:
    """A message after an open question of which no delivery is reported though it should be, or a hasty one, so soon after the question
    was put that nobody can have read and answered it: what can only belong to one of the two questions is taken so, and of what fits both
    we ask. What a hasty one answers may be chance."""
    session = officer.session
    before = None if session is None else _before(turn, officer, moment, session)
    if session is None or before is None:
        return _completes(turn, officer, message, state, moment)
    ask, bubble = _open(turn, session), follow(before.answered, _in_words(turn, officer, message, before))
    answers = bubbles.is_given(ask.reader, message.body, _local(officer, moment), ask.purpose)
    answers = answers and not bubbles.is_about_the_rest(before.ask.reader, message.body)
    if not answers or bubble.kind in (BubbleKind.nothing, BubbleKind.same) or bubble.is_said:
        return _goes_on(turn, officer, message, before)
    return (is_hasty or bubble.kind is BubbleKind.correction) and _ask_which(turn, officer)


def _ask_which(turn: Turn, officer: Officer) -> bool:
    """Ask which question a message answers: to guess would invent an answer."""
    turn.outcome = "correction"
    turn.name(ActKind.correction, "correction: of which")
    if text := notice(turn, officer, "which_answer"):
        say(turn, officer, "which_answer", text)
    return True


def _keep(turn: Turn, officer: Officer, message: Inbound, before: _Before, parsed: Parsed) -> None:
    """Keep what does not change the answer beside it: the same again, or a detail, which has no value of its own."""
    found = _response(turn, before, message.body, parsed)
    turn.changes.responses.append(response(turn, officer, before.last.asked, found, late=True)._replace(status="extra"))


_DETAIL = Parsed(None, None, "", "detail", 0.0)


def _replace(turn: Turn, officer: Officer, message: Inbound, before: _Before, bubble: Bubble) -> None:
    """Let a correction count, unless it is another answer that comes too late to be a slip. One that would give consent takes the no
    back: its question is put again."""
    turn.name(ActKind.correction, "correction: said" if bubble.is_said else "correction: quick")
    if bubble.parsed is not None and counts(before.answered, bubble, turn.said_at - before.last.answered_at):
        _supersede(turn, officer, before, (bubble.text, bubble.parsed), echo=bubble.is_said)
        return
    turn.needs_person = True
    if would_consent(before.answered, bubble) and bubble.is_said:
        _supersede(turn, officer, before, None)
    elif bubble.parsed is not None and not would_consent(before.answered, bubble):
        _keep(turn, officer, message, before, bubble.parsed)


# -- the first words of a sentence --------------------------------------------------------------------------------------


_CLARIFIES = ("clarification", "offer", "aside")
"""The kinds of messages after which the officer knows what was not understood."""


def _completes(turn: Turn, officer: Officer, message: Inbound, state: State, moment: datetime) -> bool:
    """Take a message together with those before that were not understood, as long as our clarification cannot have been seen."""
    session = officer.session
    if session is None or (state.attempts == 0 and not has_strayed(state.told, state.asked_at)):
        return False
    said = _said(turn, session.id)
    clarified = [one for one in said if one.kind in _CLARIFIES and one.created_at >= state.since]
    if sight(clarified, said, moment, turn.seen_after, turn.now) is Sight.yes:
        return False
    ask, at = _open(turn, session), _local(officer, moment)
    texts = [*_unclear_so_far(turn, session.id, state), message.body]
    found = bubbles.sentence(ask.reader, texts, at, ask.purpose)
    if found is not None:
        turn.name(ActKind.answer, found[1].rule)
        apply(turn, officer, following(turn, officer, Reply(found[0], at=message.sent_at)))
        return True
    if _answers_anew(turn, officer, message, moment, session):
        return True
    if understand(ask.reader, " ".join(texts), at, purpose=ask.purpose).act.kind not in ATTEMPTS:
        return False
    turn.outcome = "unclear"
    return True


def _unclear_so_far(turn: Turn, session: int, state: State) -> list[str]:
    stored = conversations.unclear_texts(turn.tx, session, state.step, state.asked_at)
    return stored + [
        one.body
        for one in turn.changes.inbound
        if (one.session_id, one.step, one.outcome) == (session, state.step, "unclear")
    ]


# -- corrections --------------------------------------------------------------------------------------------------------


def _corrects(turn: Turn, officer: Officer, message: Inbound, moment: datetime) -> bool:
    """A correction of the last answer, after the next question was seen. If it fits the open question too, ask which is meant."""
    session = officer.session
    if session is not None and bubbles.adds(message.body):
        return _adds(turn, officer, message, moment, session)
    if session is None:
        return False
    is_quick = moment - State.from_json(session.state).asked_at <= QUICK
    if not bubbles.corrects(message.body) and not (is_quick and _is_announced(turn, officer, message)):
        return False
    before = _before(turn, officer, moment, session)
    if before is None:
        return _answers_anew(turn, officer, message, moment, session)
    text = _in_words(turn, officer, message, before)
    found = corrected(before.answered, text)
    if found is None or (bubbles.changes(text) and _answers_open(turn, officer, session, message, moment)):
        return False
    if fitting(_open(turn, session), text, _local(officer, moment)) is not None:
        return _ask_which(turn, officer)
    turn.question = before.last.asked.session_id, before.last.asked.step
    _replace(turn, officer, message, before, found)
    return True


def _adds(turn: Turn, officer: Officer, message: Inbound, moment: datetime, session: OpenSession) -> bool:
    """More for the list of the answer before («y también la 4»), where the open question takes any words, or these do not answer it."""
    before = _before(turn, officer, moment, session)
    found = None if before is None else follow(before.answered, message.body)
    if before is None or found is None or found.kind is not BubbleKind.correction or not found.is_said:
        return False
    if not is_open(_open(turn, session).form.kind) and _answers_open(turn, officer, session, message, moment):
        return False
    turn.question = before.last.asked.session_id, before.last.asked.step
    _replace(turn, officer, message, before, found)
    return True


def _answers_open(turn: Turn, officer: Officer, session: OpenSession, message: Inbound, moment: datetime) -> bool:
    ask = _open(turn, session)
    return understand(ask.reader, message.body, _local(officer, moment), purpose=ask.purpose).is_answer


def _answers_anew(turn: Turn, officer: Officer, message: Inbound, moment: datetime, session: OpenSession) -> bool:
    """An answer to the first question, in the words of a correction."""
    understood = anew(_open(turn, session), message.body, _local(officer, moment))
    if understood is None:
        return False
    turn.name(ActKind.answer, understood.act.rule)
    apply(turn, officer, following(turn, officer, Reply(message.body, at=message.sent_at, understood=understood)))
    return True


def _names_question(turn: Turn, officer: Officer, message: Inbound, moment: datetime) -> bool:
    """A correction that names the question it is about, while the conversation lasts or just after its end."""
    if bubbles.refers(message.body) is None:
        return False
    session, ask = officer.session, None
    if session is None:
        last = _before(turn, officer, moment, None)
        if last is None or last.last.ended_at is None or moment - last.last.ended_at > AFTER_THE_END:
            return False
        given = answers_in(turn, last.last.asked.session_id)
    else:
        ask, given = _open(turn, session), answers_in(turn, session.id)
    answers = [_known(turn, officer, one, moment) for one in given]
    found = named([one.answered for one in answers], ask, message.body)
    if found is None:
        return False
    place, bubble = found
    before = answers[place]
    turn.question, turn.outcome = (before.last.asked.session_id, before.last.asked.step), "detail"
    if bubble.kind is BubbleKind.same:
        turn.name(ActKind.answer, BubbleKind.same)
        _keep(turn, officer, message, before, before.answered.answer)
    else:
        _replace(turn, officer, message, before, bubble)
    return True


def _after_the_end(turn: Turn, officer: Officer, message: Inbound, moment: datetime) -> bool:
    before = _before(turn, officer, moment, None)
    ended_at = None if before is None else before.last.ended_at
    if before is None or ended_at is None or moment - ended_at > AFTER_THE_END or ended_at > turn.now + FARTHEST_AHEAD:
        return False
    session = before.last.asked.session_id
    said = _said(turn, session)
    farewell = [one for one in said if one.created_at >= before.last.answered_at and one.kind not in QUESTIONS]
    in_batch = any(one.session_id == session for one in turn.changes.outbound)
    if farewell or in_batch:
        is_unseen = in_batch or sight(farewell[-1:], said, moment, turn.seen_after, turn.now) is Sight.no
    else:
        is_unseen = moment < before.last.answered_at + turn.seen_after
    if is_unseen:
        return _goes_on(turn, officer, message, before)
    found = corrected(before.answered, message.body) or slip(before.answered, message.body, moment - ended_at)
    if found is None or would_consent(before.answered, found):
        return False
    if late.is_answer_afterwards(
        turn, officer, message
    ):  # it may correct this answer, or say clearly what was not understood
        late.nothing_open(turn, officer)
        return True
    turn.question = session, before.last.asked.step
    _replace(turn, officer, message, before, found)
    return True


def _supersede(
    turn: Turn, officer: Officer, before: _Before, given: tuple[str, Parsed] | None, *, echo: bool = False
) -> None:
    """Put another answer in the place of the last one, or take it back, and go on from there if the conversation is open."""
    asked, session = before.last.asked, officer.session
    answer = None if given is None else (_response(turn, before, *given), given[1])
    sprint = None
    if session is not None and session.id == asked.session_id:
        state, question = State.from_json(session.state), (asked.flow, asked.step)
        compiled = turn.library.compiled(turn.tx, session.flow_version_id)
        sprint = engine.corrected(compiled, state, contact_of(officer), question, answer, turn.now)
    if sprint is not None and any(isinstance(event, MessageCreated) for event in sprint.events):
        turn.changes.abandon(asked.session_id)  # questions of the other way that have not gone out
    if echo and given is not None and (text := notice(turn, officer, "corrected", respuesta=given[1].label)):
        say(turn, officer, "corrected", text)
    if before.ask.consent is not None and given is None and before.answered.answer.key == YES:
        _revoke(turn, officer, before)
    if sprint is not None:
        apply(turn, officer, sprint)
    else:
        turn.changes.supersede(asked.session_id, asked.flow, asked.step)
        if answer is not None:
            turn.changes.responses.append(response(turn, officer, asked, answer[0]))
            if before.ask.consent is not None:
                _revoke(turn, officer, before)
    turn.outcome = "corrected"


def _revoke(turn: Turn, officer: Officer, before: _Before) -> None:
    """Record that a consent just given is taken back."""
    version, channel = before.ask.consent or "", turn.channel or officer.channel
    text = before.ask.text.of(officer.language).render(contact_of(officer).fields)
    decide(turn, officer, before.last.asked.session_id, version, text, channel, granted=False)


# -- the answer before --------------------------------------------------------------------------------------------------


def _before(turn: Turn, officer: Officer, moment: datetime, session: OpenSession | None) -> _Before | None:
    """The last answer that counts, of this session or of the last one; of this batch, or stored."""
    last = _of_this_batch(turn, officer, session) or questions.last_answer(
        turn.tx, officer.id, None if session is None else session.id
    )
    if last is None:
        return None
    return _known(turn, officer, last, moment)


def _known(turn: Turn, officer: Officer, last: GivenAnswer, moment: datetime) -> _Before:
    ask = turn.library.compiled(turn.tx, last.asked.flow_version_id).ask(last.asked.flow, last.asked.step)
    answer = Parsed(last.value, last.key, last.label, "same", 1.0, last.missing)
    return _Before(last, Answered(ask, last.raw, answer, _local(officer, moment), last.status == "ok"))


def _of_this_batch(turn: Turn, officer: Officer, session: OpenSession | None) -> GivenAnswer | None:
    for one in reversed(turn.changes.responses):
        of_it = session is None or one.session_id == session.id
        if one.contact_id == officer.id and one.status == "ok" and of_it:
            return as_given(one, turn.now if session is None else None)
    return None


def _response(turn: Turn, before: _Before, text: str, parsed: Parsed) -> ResponseRecorded:
    asked = before.last.asked
    compiled = turn.library.compiled(turn.tx, asked.flow_version_id)
    return engine.response_to(compiled, asked.flow, asked.step, text, parsed, asked.asked_at)


def _open(turn: Turn, session: OpenSession) -> Ask:
    """The open question."""
    state = State.from_json(session.state)
    return turn.library.compiled(turn.tx, session.flow_version_id).ask(state.flow, state.step)


def _local(officer: Officer, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(officer.timezone))

"""A message after the end of a conversation, as an answer to the question that was asked last and never answered. Pure; used by the
service and by rehearsals. Consent is given so only outright, and in time; else its question is put again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.flows.engine import engine
from app.flows.engine.asides import NOTED
from app.flows.engine.compiled import YES, Ask, CompiledProgramme
from app.flows.engine.engine import Contact, Reply
from app.flows.engine.events import MessageCreated, Sprint
from app.flows.engine.state import State
from app.flows.replies.acts import only_agrees
from app.flows.replies.bubbles import correction
from app.flows.replies.consent import is_outright
from app.flows.replies.forms import AnswerKind, Parsed, Unparsed, is_open
from app.flows.replies.message import Act, ActKind, Purpose
from app.flows.replies.understanding import Understood, understand

LATE_ANSWER = "late_answer"
"""The notice that thanks for an answer without telling it back."""


class Standing(StrEnum):
    """How an answer counts: as one given while its question was open, or as a late one."""

    in_time = "in_time"
    late = "late"


def standing(
    compiled: CompiledProgramme,
    flow: str,
    ask: Ask,
    given: Reply,
    at: datetime,
    since_end: timedelta,
    *,
    is_unclear: bool,
) -> tuple[Standing, Parsed] | None:
    """The answer of a message that comes so long after the end of a conversation, which ended on replies that were not understood
    (`is_unclear`) or expired; None if it is none. As long as the question could have been open, an answer after an unclear end is in
    time, also one that says that it corrects («perdón, comercio»); after that it is late, up to the programme's limit. `at` is local.
    «ok» answers nothing: the last word was ours."""
    is_in_time = is_unclear and since_end <= compiled.flows[flow].expires
    if not is_in_time and (ask.consent is not None or since_end > compiled.definition.late_answers):
        return None
    if ask.purpose is Purpose.invitation and only_agrees(given.text):
        return None
    found = understand(ask.reader, given.text, at, given.media, ask.purpose, compiled.extra)
    if found.is_answer and isinstance(found.outcome, Parsed):
        if ask.consent is not None and found.outcome.key == YES and not is_outright(given.text):
            return None
        return (Standing.in_time if is_in_time else Standing.late), found.outcome
    said = correction(ask.reader, given.text, at, ask.purpose) if is_in_time and ask.consent is None else None
    return None if said is None else (Standing.in_time, said)


def thanks(ask: Ask, how: Standing) -> str:
    """The notice for such an answer: in time, it repeats the answer, but for an officer's own words."""
    return NOTED if how is Standing.in_time and not is_open(ask.form.kind) else LATE_ANSWER


# -- going on -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """How a conversation began, and when its wave closes, if it is of one."""

    flow: str
    variant: str | None
    opening: int | None
    until: datetime | None = None


Answers = Mapping[tuple[str, str], Parsed | None]
"""The answers of a conversation by flow and step; None for one that was not understood."""

_NOT_UNDERSTOOD = Understood(Act(ActKind.other, "again"), Unparsed("again"))


def reopened(
    compiled: CompiledProgramme,
    begun: Begun,
    contact: Contact,
    answers: Answers,
    question: tuple[str, str],
    given: tuple[Reply, Parsed],
    asked_at: datetime,
    tries: int,
    at: datetime,
) -> Sprint | None:
    """Answer `question`, its flow and step, on which a conversation ended after so many `tries`, and go on as if it had been open. What
    was said at that end is not said again. None if the walk through the answers does not come there: a field of the officer has
    changed, or a question before it went unanswered."""
    sprint = engine.start(compiled, begun.flow, contact, at, begun.variant, begun.until, begun.opening)
    for _ in range(engine.MOST_STEPS):
        state = sprint.state
        if state is None:
            return None
        here = state.flow, state.step
        if here == question:
            reply, parsed = given
            state = replace(state, asked_at=asked_at, attempts=tries)
            end = _go_on(compiled, state, contact, Reply(reply.text), None, at)
            sprint = _go_on(compiled, state, contact, reply, parsed, at)
            said = {event for event in end.events if isinstance(event, MessageCreated) and event.kind == "say"}
            return replace(sprint, events=tuple([event for event in sprint.events if event not in said]))
        if here not in answers:
            return None
        sprint = _go_on(compiled, state, contact, Reply(""), answers[here], at)
    return None


def _go_on(
    compiled: CompiledProgramme, state: State, contact: Contact, reply: Reply, parsed: Parsed | None, at: datetime
) -> Sprint:
    """Answer the open question by a reading, or (None) leave it unclear."""
    if parsed is None:
        state = replace(state, attempts=compiled.ask(state.flow, state.step).tries, offered=True)
    understood = _NOT_UNDERSTOOD if parsed is None else Understood(Act(ActKind.answer, parsed.rule), parsed)
    return engine.resume(compiled, state, contact, replace(reply, button=None, understood=understood), at)


def is_acknowledged(sprint: Sprint) -> bool:
    """Whether the flow itself replies to the answer."""
    return any(isinstance(event, MessageCreated) and event.kind == "feedback" for event in sprint.events)


def as_read(ask: Ask, value: str | None, key: str | None, label: str, missing: str | None) -> Parsed:
    """A stored answer as it was read: a number is stored as text."""
    option = next((one for one in ask.form.options if one.key == key), None) if key is not None else None
    number = float(value) if value is not None and ask.form.kind in (AnswerKind.number, AnswerKind.scale) else None
    if number is not None:
        return Parsed(int(number) if number.is_integer() else number, key, label, "stored", 1.0, missing)
    return Parsed(value if option is None else option.value, key, label, "stored", 1.0, missing)

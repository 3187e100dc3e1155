"""Walks a flow. `start` and `resume` are pure: the same compiled programme, state, contact, input and moment always
give the same `Sprint`. They send and store nothing, read no clock and use no randomness: they return events, in
order, and the new state. A faulty flow (a loop without a question, a missing value) gives a `Failure` event and
ends the session; nothing that an officer types can raise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app.flows.engine.asides import (
    GO_BACK,
    HOW_TO_LEAVE,
    LEAVE_MAYBE,
    NOT_FREE,
    NOTED,
    OFFER_NUMBER,
    OFFER_OPTION,
    OFFER_TIME,
    STILL_OPEN,
    TOLD_AGAIN,
    UNCLEAR_END,
    YES_TO_LEAVING,
    is_reminded,
    needs_person,
    notice_of,
)
from app.flows.engine.compiled import (
    OPENING,
    VARIANT,
    YES,
    Ask,
    Branch,
    Call,
    CompiledProgramme,
    End,
    Flow,
    Say,
    Scalar,
    Set,
    Step,
    Wording,
)
from app.flows.engine.events import (
    ConsentRecorded,
    Event,
    Failure,
    MessageCreated,
    OfferedOption,
    PersonNeeded,
    ReplySetAside,
    ReplyUnclear,
    ResponseRecorded,
    ResponseSuperseded,
    SessionEnded,
    SessionOutcome,
    Sprint,
)
from app.flows.engine.reminding import with_question
from app.flows.engine.render import OFFER, CompiledText, MissingValue
from app.flows.engine.state import STRAY, Frame, Returned, SessionAnswer, State, has_strayed
from app.flows.replies.acts import ONLY_AGREES, only_agrees
from app.flows.replies.consent import is_bare_yes
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Parsed, Unparsed, is_open
from app.flows.replies.message import Act, ActKind, Extra
from app.flows.replies.offers import DECLINED, about_offer
from app.flows.replies.open import AUDIO
from app.flows.replies.probable import RULE, SCORE
from app.flows.replies.understanding import Understood, understand

MOST_STEPS = 100
"""Steps walked in one sprint before the flow is taken to loop without a wait."""

MOST_CALLS = 8
"""Flows that may be open within one another."""

ECHOED = 6
"""An answer of so many words, which are not the option's own, is repeated as it was understood."""


@dataclass(frozen=True, slots=True)
class Contact:
    """The officer as the engine sees them: language, IANA time zone, and the programme's fields. No identity:
    `nombre` is a placeholder that is filled in when the message is sent."""

    language: str
    timezone: str
    fields: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply from an officer. `button` is the key of the option whose button was pressed, `media` the content types.
    `at` is when it was written, if it arrived later: «ayer» is the day before `at`. `understood` is what `hear` made of it for
    the open question, if the caller has asked already."""

    text: str
    button: str | None = None
    media: tuple[str, ...] = ()
    at: datetime | None = None
    understood: Understood | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """The moment in `state.wake_at` has come: a reminder, a timeout or the expiry is due."""


@dataclass(frozen=True, slots=True)
class Back:
    """The officer asks for the previous question again."""


Input = Reply | Wake | Back


def start(
    compiled: CompiledProgramme,
    flow: str,
    contact: Contact,
    at: datetime,
    variant: str | None = None,
    until: datetime | None = None,
    opening: int | None = None,
) -> Sprint:
    """Begin a flow in one of its variants and with one of its openings, from 1, which the caller has drawn; the first if none is
    given. The session ends by `until` at the latest. KeyError if there is no such flow, ValueError if the flow has no such
    variant or opening."""
    definition = compiled.flows[flow]
    if variant is not None and variant not in definition.variants:
        raise ValueError(f"{flow} has no variant {variant}")
    if opening is not None and not 1 <= opening <= definition.openings:
        raise ValueError(f"{flow} has no opening {opening}")
    run = _Run(compiled, contact, at, [_Walk(definition)])
    run.until = until
    if definition.variants:
        run.variables[VARIANT] = variant or definition.variants[0]
    if definition.openings:
        run.variables[OPENING] = opening or 1
    return run.walk(0)


def resume(compiled: CompiledProgramme, state: State, contact: Contact, given: Input, at: datetime) -> Sprint:
    """Continue from `state` with an input. The state itself is not changed."""
    run = _Run.of(compiled, state, contact, at)
    ask = run.waiting()
    if ask is None:
        return run.fail("step-gone", "the question waited for is not in this version of the flow")
    match given:
        case Reply():
            return run.reply(ask, given)
        case Wake():
            return run.wake(ask)
        case Back():
            return run.back(ask)


def hear(compiled: CompiledProgramme, state: State, contact: Contact, given: Reply, at: datetime) -> Understood | None:
    """Read a reply as an answer to the open question. None if this version has no such question."""
    run = _Run.of(compiled, state, contact, at)
    ask = run.waiting()
    return None if ask is None else run.heard(ask, given)


def late_response(
    compiled: CompiledProgramme, flow: str, step: str, contact: Contact, given: Reply, asked_at: datetime, at: datetime
) -> ResponseRecorded | None:
    """The response to a question that its session no longer waits for: the officer quoted it, or pressed its button.

    A reply that cannot be understood gives a response of status `unclear`. None if there is no such question, or if the reply is
    no attempt to answer it.
    """
    found = compiled.flows.get(flow)
    position = found.index.get(step) if found else None
    ask = found.steps[position] if found and position is not None else None
    if not isinstance(ask, Ask):
        return None
    understood = _understood(ask, given, contact, at, compiled.extra)
    return _response(flow, ask, given, understood.answer, asked_at, 1) if understood.is_attempt else None


def corrected(
    compiled: CompiledProgramme,
    state: State,
    contact: Contact,
    question: tuple[str, str],
    answer: tuple[ResponseRecorded, Parsed] | None,
    at: datetime,
) -> Sprint | None:
    """Take the last answer of the open flow back, which was to `question`, its flow and step. `answer` stands in its place; without
    one the question is asked again. If the walk from there comes to the question that is open, as it stands, that one stays open and
    nothing is said again. An earlier answer is replaced where it stands: what was asked since was asked. None if the open flow has no
    such answer: then only the record can be corrected."""
    return _Run.of(compiled, state, contact, at).correct(question, answer)


def response_to(
    compiled: CompiledProgramme, flow: str, step: str, text: str, parsed: Parsed, asked_at: datetime
) -> ResponseRecorded:
    """The response that an understood text gives to a question. KeyError or TypeError if there is no such question."""
    return _response(flow, compiled.ask(flow, step), Reply(text), parsed, asked_at, 1)


@dataclass(slots=True)
class _Walk:
    """A frame while it is being walked."""

    flow: Flow
    at: int = 0
    arguments: dict[str, Scalar] = field(default_factory=dict)
    answers: dict[str, SessionAnswer] = field(default_factory=dict)
    trail: list[str | Returned] = field(default_factory=list)

    @classmethod
    def of(cls, compiled: CompiledProgramme, frame: Frame) -> "_Walk | None":
        """A stored frame; None if this version of the programme has no such flow or step."""
        flow = compiled.flows.get(frame.flow)
        position = flow.index.get(frame.step) if flow else None
        if flow is None or position is None:
            return None
        return cls(flow, position, frame.arguments, dict(frame.answers), list(frame.trail))

    def frame(self, step: str) -> Frame:
        """The frame as it is stored, standing at a step."""
        return Frame(self.flow.code, step, self.arguments, self.answers, tuple(self.trail))


class _Run:
    """One sprint: the frames being walked and the events so far. Also the scope of conditions."""

    __slots__ = (
        "asked_at",
        "at",
        "attempts",
        "compiled",
        "contact",
        "events",
        "frames",
        "offer",
        "offered",
        "path",
        "reminded",
        "since",
        "told",
        "until",
        "variables",
    )

    def __init__(self, compiled: CompiledProgramme, contact: Contact, at: datetime, frames: list[_Walk]) -> None:
        self.compiled = compiled
        self.contact = contact
        self.at = at
        self.frames = frames
        self.variables: dict[str, Scalar] = {}
        self.events: list[Event] = []
        self.path: list[str] = []
        self.asked_at = self.since = at
        self.attempts = 0
        self.reminded = False
        self.until: datetime | None = None
        self.told: dict[str, datetime] = {}
        self.offer: SessionAnswer | None = None
        self.offered = False

    @classmethod
    def of(cls, compiled: CompiledProgramme, state: State, contact: Contact, at: datetime) -> "_Run":
        run = cls(compiled, contact, at, [])
        for frame in state.frames:
            walk = _Walk.of(compiled, frame)
            if walk is None:
                run.frames = []
                return run
            run.frames.append(walk)
        run.variables = dict(state.variables)
        run.asked_at, run.since = state.asked_at, state.since
        run.attempts, run.reminded, run.until = state.attempts, state.reminded, state.until
        run.told = dict(state.told)
        run.offer, run.offered = state.offer, state.offered
        return run

    # -- what conditions and texts see ------------------------------------------------------------------------------

    def answer(self, step: str) -> SessionAnswer | None:
        return self.frames[-1].answers.get(step)

    def variable(self, name: str) -> Scalar | None:
        found = self.frames[-1].arguments.get(name)
        return self.variables.get(name) if found is None else found

    def field(self, name: str) -> Scalar | None:
        return self.contact.fields.get(name)

    def text(self, wording: Wording, **extra: str) -> str:
        template = wording.of(self.contact.language)
        if template.constant is not None:
            return template.constant
        return template.render({**self.contact.fields, **self.variables, **self.frames[-1].arguments, **extra})

    def texts(self, wordings: tuple[Wording, ...]) -> tuple[str, ...]:
        return tuple([self.text(wording) for wording in wordings])

    # -- what came in -----------------------------------------------------------------------------------------------

    def waiting(self) -> Ask | None:
        if not self.frames:
            return None
        frame = self.frames[-1]
        step = frame.flow.steps[frame.at]
        return step if isinstance(step, Ask) else None

    def reply(self, ask: Ask, given: Reply) -> Sprint:
        understood = given.understood or self.heard(ask, given)
        if understood.act == DECLINED:
            self.events.append(ReplyUnclear(self.frames[-1].flow.code, ask.name, given.text, "declined", self.attempts))
            return self.guarded(ask, lambda: self.ask_again(ask, self.attempts))
        if not understood.is_attempt:
            return self.guarded(ask, lambda: self.set_aside(ask, given, understood.act))
        parsed, attempt = understood.answer, self.attempts + 1
        frame = self.frames[-1]
        if isinstance(parsed, Unparsed):
            probable = None if self.offered else ask.reader.probable(given.text)
            if probable is None and self.is_first_stray(ask, given):
                self.told[STRAY] = self.at
                attempt = self.attempts
            if probable is not None or attempt < ask.tries:
                self.events.append(ReplyUnclear(frame.flow.code, ask.name, given.text, parsed.reason, attempt))
                return self.guarded(
                    ask, lambda: self.propose(ask, probable, attempt) if probable else self.ask_again(ask, attempt)
                )
        response = _response(frame.flow.code, ask, given, parsed, self.asked_at, attempt)
        self.events.append(response)
        if isinstance(parsed, Unparsed):
            self.events.append(PersonNeeded(frame.flow.code, ask.name, parsed.reason))
            return self.guarded(ask, lambda: self.leave_unclear(ask))
        if parsed.rule == AUDIO:
            self.events.append(PersonNeeded(frame.flow.code, ask.name, AUDIO))
        return self.guarded(ask, lambda: self.accept(ask, parsed, long=_is_long(ask, given, parsed)))

    def is_first_stray(self, ask: Ask, given: Reply) -> bool:
        """Whether a reply shares nothing with the question, as the first one of its kind to it: it uses no try."""
        if ask.consent is not None or given.media or has_strayed(self.told, self.asked_at):
            return False
        return ask.reader.is_stray(given.text)

    def leave_unclear(self, ask: Ask) -> Sprint:
        """Walk on from what was not understood in the end. No conversation ends so without a word."""
        code, text, place = self.frames[-1].flow.code, self.notice(UNCLEAR_END), len(self.events)
        sprint = self.walk(_target(ask, "unclear"))
        if sprint.state is not None or any(
            isinstance(event, MessageCreated | Failure) for event in sprint.events[place:]
        ):
            return sprint
        return _with_message(sprint, MessageCreated(code, ask.name, text), place)

    def heard(self, ask: Ask, given: Reply) -> Understood:
        """Read a reply as an answer to the question, or to the open offer."""
        read = partial(_understood, ask, contact=self.contact, at=self.at, extra=self.compiled.extra)
        understood = read(given)
        if ask.consent is not None and NOT_FREE in self.told and understood.is_answer and only_agrees(given.text):
            return replace(understood, act=ONLY_AGREES)  # an «ok» to what was said about freedom is no consent
        unseen = given.at is not None and given.at < self.since.replace(microsecond=0)
        if not unseen and given.button is None and self.asks_to_leave() and is_bare_yes(given.text):
            return replace(understood, act=YES_TO_LEAVING)
        if self.offer is None or given.button is not None or unseen:
            return understood
        offer = Parsed(self.offer.value, self.offer.key, self.offer.label, RULE, SCORE)
        return about_offer(offer, given.text, understood, ask.reader, lambda text: read(replace(given, text=text)))

    def propose(self, ask: Ask, probable: Parsed, attempt: int) -> Sprint:
        """Ask whether the probable reading was meant, once a question. It uses one try, as a clarification does."""
        text, option = self.offering(ask, probable)
        self.events.append(
            MessageCreated(self.frames[-1].flow.code, ask.name, text, (option,), kind=OFFER, pressable=True)
        )
        self.offer = SessionAnswer(probable.key, probable.value, probable.label)
        self.offered, self.attempts, self.since = True, attempt, self.at
        return self.wait()

    def offering(self, ask: Ask, probable: Parsed) -> tuple[str, OfferedOption]:
        """The text of an offer, and what is pressed to take it."""
        if ask.form.kind is AnswerKind.choice:
            number = next(place for place, one in enumerate(ask.form.options, 1) if one.key == probable.key)
            shown = next((one for one in self.question(ask)[1] if one.key == probable.key), None)
            option = shown or OfferedOption(number, str(probable.key), probable.label)
            return self.notice(OFFER_OPTION, numero=str(option.number), respuesta=option.label), option
        name = OFFER_TIME if ask.form.kind is AnswerKind.time else OFFER_NUMBER
        return self.notice(name, respuesta=probable.label), OfferedOption(1, probable.label, probable.label)

    def set_aside(self, ask: Ask, given: Reply, act: Act) -> Sprint:
        """Answer what was no attempt to answer, each kind once in a while, and leave the question open."""
        code = self.frames[-1].flow.code
        self.events.append(ReplySetAside(code, ask.name, given.text, act))
        if needs_person(act):
            self.events.append(PersonNeeded(code, ask.name, act.kind))
        name = notice_of(act, given.text)
        if name is not None and (self.may_tell(name) or act == YES_TO_LEAVING):
            repeated = is_reminded(name, act)
            text = f"{self.notice(name)} {self.notice(STILL_OPEN)}" if repeated else self.notice(name)
            choices = self.question(ask)[1] if repeated else ()
            self.events.append(MessageCreated(code, ask.name, text, choices, kind="aside"))
            self.since, self.offer = self.at, None
            self.told[name] = self.at
        return self.wait()

    def asks_to_leave(self) -> bool:
        """Whether the last thing said was the question whether the officer wants to leave."""
        return self.told.get(LEAVE_MAYBE) == self.since != self.told.get(HOW_TO_LEAVE)

    def may_tell(self, name: str) -> bool:
        """Whether a notice has not been given lately. It counts as given from now on."""
        last = self.told.get(name)
        if last is not None and last <= self.at < last + TOLD_AGAIN:
            return False
        self.told[name] = self.at
        return True

    def notice(self, name: str, **values: str) -> str:
        return self.text(self.compiled.notices[name], **values)

    def accept(self, ask: Ask, parsed: Parsed, *, long: bool) -> Sprint:
        """Record an understood answer and move to its target. One that came with many words is repeated."""
        frame = self.frames[-1]
        frame.answers[ask.name] = SessionAnswer(parsed.key, parsed.value, parsed.label, parsed.missing)
        frame.trail.append(ask.name)
        self.variables[ask.variable] = parsed.label
        if ask.consent is not None and parsed.missing is None:
            self.events.append(ConsentRecorded(ask.consent, parsed.key == YES, self.question(ask)[0]))
        key = "missing" if parsed.missing else parsed.key or "else"
        if feedback := ask.feedback.get(key) or ask.feedback.get("else"):
            self.events.append(MessageCreated(frame.flow.code, ask.name, self.text(feedback), kind="feedback"))
        place, code = len(self.events), frame.flow.code
        sprint = self.walk(_target(ask, key))
        if not long or any(isinstance(event, Failure) for event in sprint.events):
            return sprint
        return self.echoed(sprint, code, ask, parsed.label, place)

    def echoed(self, sprint: Sprint, flow: str, ask: Ask, label: str, place: int) -> Sprint:
        """The sprint with the answer told back before what follows. There is no way back from the end."""
        text = self.notice(NOTED, respuesta=label)
        if sprint.state is not None:
            text = f"{text} {self.notice(GO_BACK)}"
        return _with_message(sprint, MessageCreated(flow, ask.name, text, kind="feedback"), place)

    def wake(self, ask: Ask) -> Sprint:
        """Remind, take the timeout, or expire, whichever is due. No events if none is."""
        flow = self.frames[-1].flow
        if self.at >= self.since + flow.expires or (self.until is not None and self.at >= self.until):
            return self.end(SessionOutcome.expired)
        if ask.timeout is not None and self.at >= self.since + ask.timeout:
            return self.walk(ask.go["timeout"]) if "timeout" in ask.go else self.end(SessionOutcome.expired)
        if flow.reminder is not None and not self.reminded and self.at >= self.since + flow.reminder.after:
            return self.guarded(ask, lambda: self.remind(ask))
        return self.wait()

    def remind(self, ask: Ask) -> Sprint:
        """Repeat the question, short; consent is asked for by the whole notice or not at all. A template stands alone."""
        flow = self.frames[-1].flow
        if (reminder := flow.reminder) is not None:
            question, choices = self.question(ask)
            text = self.text(reminder.text)
            self.events.append(
                MessageCreated(
                    flow.code,
                    ask.name,
                    text if ask.consent is not None else with_question(text, question),
                    choices,
                    reminder.template,
                    self.texts(reminder.variables),
                    kind="reminder",
                    pressable=ask.pressable,
                )
            )
        self.reminded, self.offer = True, None
        return self.wait()

    def back(self, ask: Ask) -> Sprint:
        """Ask the last answered question again, in whichever flow of the session it was; if there is none, repeat this question."""
        if any(frame.trail for frame in self.frames):
            earlier = self.retreat()
            if earlier is None:
                return self.fail("step-gone", "the question to go back to is not in this version of the flow", ask.name)
            frame = self.frames[-1]
            frame.answers.pop(earlier, None)
            frame.at = frame.flow.index[earlier]
            step = frame.flow.steps[frame.at]
            if isinstance(step, Ask):
                self.variables.pop(step.variable, None)
                self.events.append(ResponseSuperseded(frame.flow.code, earlier))
                ask = step
        return self.guarded(ask, lambda: self.put(ask))

    def retreat(self) -> str | None:
        """Leave called flows in which nothing was answered, and enter those again that have returned since the last answer. The
        question of that answer, which is taken off the trail; None if this version of the programme has no such flow."""
        while not self.frames[-1].trail:
            self.frames.pop()
        while not isinstance(last := self.frames[-1].trail.pop(), str):
            frame, called = self.frames[-1], _Walk.of(self.compiled, last.frame)
            if called is None:
                return None
            frame.at = frame.flow.index[last.step]
            self.frames.append(called)
        return last

    def correct(self, question: tuple[str, str], answer: tuple[ResponseRecorded, Parsed] | None) -> Sprint | None:
        open_ask, (flow, step) = self.waiting(), question
        if open_ask is None or self.frames[-1].flow.code != flow:
            return None
        if self.frames[-1].trail[-1:] != [step]:
            return None if answer is None else self.correct_earlier(question, *answer)
        held, text = self.wait().state, self.question(open_ask)
        sprint = self.back(open_ask)
        ask = self.waiting()
        if answer is None or ask is None:
            return sprint
        response, parsed = answer
        self.events = [ResponseSuperseded(flow, step), response]
        sprint = self.guarded(ask, lambda: self.accept(ask, parsed, long=False))
        if (
            held is None
            or sprint.state is None
            or not _waits_alike(sprint.state, held)
            or self.question(open_ask) != text
        ):
            return sprint
        # The same question is open as before: it has been put already.
        state = replace(held, frames=sprint.state.frames, variables=sprint.state.variables)
        return Sprint(state, tuple([one for one in sprint.events if not isinstance(one, MessageCreated)]), sprint.path)

    def correct_earlier(self, question: tuple[str, str], response: ResponseRecorded, parsed: Parsed) -> Sprint | None:
        frame, (flow, step) = self.frames[-1], question
        ask = frame.flow.steps[frame.flow.index[step]]
        if step not in frame.answers or not isinstance(ask, Ask) or ask.consent is not None:
            return None
        frame.answers[step] = SessionAnswer(parsed.key, parsed.value, parsed.label, parsed.missing)
        self.variables[ask.variable] = parsed.label
        return Sprint(self.wait().state, (ResponseSuperseded(flow, step), response), tuple(self.path))

    # -- walking ----------------------------------------------------------------------------------------------------

    def guarded(self, step: Step, action: Callable[[], Sprint]) -> Sprint:
        """Fail the session if a text cannot be rendered, rather than send it broken."""
        try:
            return action()
        except MissingValue as error:
            return self.fail("missing-value", str(error), step.name)

    def walk(self, position: int) -> Sprint:
        """Walk from a step of the current frame until something waits or the session ends."""
        self.frames[-1].at = position
        while True:
            frame = self.frames[-1]
            if frame.at >= len(frame.flow.steps):
                if len(self.frames) == 1:
                    return self.end(SessionOutcome.completed)
                self.leave(self.frames.pop())
                continue
            step = frame.flow.steps[frame.at]
            if len(self.path) >= MOST_STEPS:
                return self.fail("too-many-steps", f"{MOST_STEPS} steps without a question: the flow loops", step.name)
            self.path.append(f"{frame.flow.code}.{step.name}")
            try:
                if (sprint := self.do(step)) is not None:
                    return sprint
            except MissingValue as error:
                return self.fail("missing-value", str(error), step.name)

    def leave(self, called: _Walk) -> None:
        """Return from a called flow to the step after the call. Its answers are kept, to go back by."""
        frame = self.frames[-1]
        step = frame.flow.steps[frame.at]
        if called.trail:
            last = called.trail[-1]
            frame.trail.append(Returned(step.name, called.frame(last if isinstance(last, str) else last.step)))
        frame.at = step.go if isinstance(step, Call) else frame.at + 1

    def do(self, step: Step) -> Sprint | None:
        """Run one step. Returns a sprint if the walk stops here, else None with the frame moved on."""
        frame = self.frames[-1]
        if not isinstance(step, Branch) and step.when is not None and not step.when(self):
            frame.at += 1
            return None
        match step:
            case Ask():
                return self.put(step)
            case Say():
                self.events.append(
                    MessageCreated(
                        frame.flow.code,
                        step.name,
                        self.text(step.text),
                        (),
                        step.template,
                        self.texts(step.variables),
                        step.media,
                    )
                )
                frame.at = step.go
            case Branch():
                frame.at = next((target for test, target in step.cases if test(self)), step.otherwise)
            case Set():
                self.variables.update(self.evaluated(step.values))
                frame.at = step.go
            case Call():
                return self.call(step)
            case End():
                if step.text is not None:
                    self.events.append(MessageCreated(frame.flow.code, step.name, self.text(step.text)))
                return self.end(SessionOutcome.completed)
        return None

    def call(self, step: Call) -> Sprint | None:
        if len(self.frames) >= MOST_CALLS:
            return self.fail("too-many-calls", f"more than {MOST_CALLS} flows within one another", step.name)
        self.frames.append(_Walk(self.compiled.flows[step.flow], 0, self.evaluated(step.arguments)))
        return None

    def evaluated(self, pairs: tuple[tuple[str, Scalar | CompiledText], ...]) -> dict[str, Scalar]:
        return {name: self.text(Wording(value)) if isinstance(value, CompiledText) else value for name, value in pairs}

    # -- asking and ending ------------------------------------------------------------------------------------------

    def question(self, ask: Ask) -> tuple[str, tuple[OfferedOption, ...]]:
        extra = {} if ask.item is None else {"item": self.text(ask.item)}
        choices = ask.choices.get(self.contact.language) or ask.choices[""]
        return self.text(ask.text, **extra), choices

    def put(self, ask: Ask) -> Sprint:
        """Ask a question, for the first time or after going back, and wait."""
        text, choices = self.question(ask)
        template, variables = ask.template, ask.variables
        if ask.openings:
            opening = ask.openings[(int(self.variables.get(OPENING, 1)) - 1) % len(ask.openings)]
            text, template, variables = f"{self.text(opening.text)}\n{text}", opening.template, opening.variables
        code = self.frames[-1].flow.code
        self.events.append(
            MessageCreated(
                code, ask.name, text, choices, template, self.texts(variables), kind="ask", pressable=ask.pressable
            )
        )
        self.asked_at = self.since = self.at
        self.attempts, self.offer, self.offered = 0, None, False
        return self.wait()

    def ask_again(self, ask: Ask, attempt: int) -> Sprint:
        """The text for an unclear reply, with the options again; the first of a session says how to leave, too."""
        _, choices = self.question(ask)
        code = self.frames[-1].flow.code
        text = self.text(ask.unclear)
        if HOW_TO_LEAVE not in self.told and "BAJA" not in text:
            self.told[HOW_TO_LEAVE] = self.at
            text = f"{text} {self.notice(HOW_TO_LEAVE)}"
        self.events.append(MessageCreated(code, ask.name, text, choices, kind="clarification"))
        self.attempts, self.since, self.offer = attempt, self.at, None
        return self.wait()

    def wait(self) -> Sprint:
        frames = tuple([walk.frame(walk.flow.steps[walk.at].name) for walk in self.frames])
        state = State(
            frames,
            self.asked_at,
            self.since,
            self.wakes(),
            self.attempts,
            self.reminded,
            self.variables,
            self.until,
            self.told,
            self.offer,
            self.offered,
        )
        return Sprint(state, tuple(self.events), tuple(self.path))

    def wakes(self) -> datetime:
        """The earliest of reminder, timeout, expiry and the end of the session."""
        frame = self.frames[-1]
        step, flow = frame.flow.steps[frame.at], frame.flow
        waits: list[timedelta] = [flow.expires]
        if isinstance(step, Ask) and step.timeout is not None:
            waits.append(step.timeout)
        if flow.reminder is not None and not self.reminded:
            waits.append(flow.reminder.after)
        soonest = self.since + min(waits)
        return soonest if self.until is None else min(soonest, self.until)

    def end(self, outcome: SessionOutcome) -> Sprint:
        self.events.append(SessionEnded(outcome))
        return Sprint(None, tuple(self.events), tuple(self.path))

    def fail(self, code: str, text: str, step: str = "") -> Sprint:
        """End the session with the flow's fault. Messages of this sprint are dropped."""
        kept = [event for event in self.events if not isinstance(event, MessageCreated)]
        flow = self.frames[-1].flow.code if self.frames else ""
        self.events = [*kept, Failure(code, flow, step, text)]
        return self.end(SessionOutcome.failed)


def _with_message(sprint: Sprint, message: MessageCreated, place: int) -> Sprint:
    """The sprint with a message put in before the event at `place`."""
    return replace(sprint, events=(*sprint.events[:place], message, *sprint.events[place:]))


def _waits_alike(one: State, other: State) -> bool:
    """Whether both wait for the same question, after the same questions."""
    last, its = one.frames[-1], other.frames[-1]
    return len(one.frames) == len(other.frames) and last == replace(its, answers=last.answers)


def _target(ask: Ask, key: str) -> int:
    """The index of the step after an answer: the answer's own target, else `else`, else the next step."""
    found = ask.go.get(key)
    return ask.go.get("else", ask.next) if found is None else found


def _understood(ask: Ask, given: Reply, contact: Contact, at: datetime, extra: Extra) -> Understood:
    """A button is its option, whatever its title says; everything else is read."""
    if given.button is not None:
        for option in ask.form.options:
            if option.key == given.button:
                pressed = Parsed(option.value, option.key, option.label, "button", 1.0)
                return Understood(Act(ActKind.answer, "button"), pressed)
    moment = (given.at or at).astimezone(ZoneInfo(contact.timezone))
    return understand(ask.reader, given.text, moment, given.media, ask.purpose, extra)


def _is_long(ask: Ask, given: Reply, parsed: Parsed) -> bool:
    """Whether an answer to a closed question came with so many words that it may have been misunderstood."""
    words = phrase(given.text)
    return (
        not is_open(ask.form.kind)
        and parsed.rule != "button"
        and len(words) >= ECHOED
        and words != phrase(parsed.label)
    )


def _response(
    flow: str, ask: Ask, given: Reply, parsed: Parsed | Unparsed, asked_at: datetime, attempt: int
) -> ResponseRecorded:
    unclear = isinstance(parsed, Unparsed)
    found = Parsed(None, None, "", parsed.reason, 0.0) if isinstance(parsed, Unparsed) else parsed
    correct = None if ask.correct is None or unclear else found.key == ask.correct
    misconception = None if unclear else ask.misconceptions.get(found.key or "")
    return ResponseRecorded(
        flow=flow,
        step=ask.name,
        variable=ask.variable,
        kind=ask.form.kind,
        raw=given.text,
        value=found.value,
        key=found.key,
        label=found.label,
        missing=found.missing,
        rule=found.rule,
        score=found.score,
        asked_at=asked_at,
        level=ask.level,
        principle=ask.principle,
        correct=correct,
        misconception=misconception,
        attempt=attempt,
        status="unclear" if unclear else "ok",
    )

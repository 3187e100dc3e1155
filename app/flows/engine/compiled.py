"""A compiled programme: names resolved, texts and replies ready to use, jump tables built. Compiled once for each
published version, so that a turn of the engine only looks things up. Expects a programme that passed the checks: a
name that cannot be resolved raises `Unresolved`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from app.flows.engine.events import OfferedOption
from app.flows.engine.render import CompiledText, compile_text, variables_in
from app.flows.engine.state import SessionAnswer
from app.flows.language import definition as d
from app.flows.language.notices import Notices
from app.flows.language.vocabulary import Text
from app.flows.replies import Reader, reader
from app.flows.replies.fold import phrase
from app.flows.replies.forms import AnswerKind, Form, Option
from app.flows.replies.message import NO_EXTRA, Extra, Purpose
from app.flows.replies.own_patterns import normal
from app.flows.replies.quantity import measures_in

END = "end"
"""The reserved name of the end of a flow, as a target of `go`."""

VARIANT = "variant"
"""The variable that holds the variant of a session."""

OPENING = "opening"
"""The variable that holds the number, from 1, of the opening that a session begins with."""

YES, NO = "si", "no"
_YES_NO_LABELS = {"es": ("Sí", "No"), "en": ("Yes", "No")}

Scalar = str | int | float | bool


class Unresolved(ValueError):
    """A name refers to nothing. The checks report it with its place before anything is compiled."""


class Scope(Protocol):
    """The values of a conversation that conditions and texts can use."""

    def answer(self, step: str) -> SessionAnswer | None:
        """The answer to a step of the current flow."""
        ...

    def variable(self, name: str) -> Scalar | None:
        """A variable: the flow's arguments first, then the session's."""
        ...

    def field(self, name: str) -> Scalar | None:
        """A field of the officer."""
        ...


Test = Callable[[Scope], bool]


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in each of its languages."""

    default: CompiledText
    others: Mapping[str, CompiledText] = field(default_factory=dict)

    def of(self, language: str) -> CompiledText:
        """The text in this language, else in its family (`es` for `es-GT`), else in the programme's own."""
        if not self.others:
            return self.default
        return self.others.get(language) or self.others.get(language.partition("-")[0]) or self.default


@dataclass(frozen=True, slots=True)
class Say:
    """Send a message and continue."""

    name: str
    text: Wording
    template: str | None
    variables: tuple[Wording, ...]
    media: str | None
    when: Test | None
    go: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A text in front of a question, in place of its template."""

    text: Wording
    template: str | None
    variables: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Send a question and wait. `go` maps an option's key, and `unclear`, `timeout`, `missing`, `else`, to a step's
    index. The choices may be buttons if the question is `pressable`."""

    name: str
    text: Wording
    form: Form
    reader: Reader
    purpose: Purpose
    choices: Mapping[str, tuple[OfferedOption, ...]]
    pressable: bool
    variable: str
    level: str | None
    principle: str | None
    correct: str | None
    misconceptions: Mapping[str, str]
    unclear: Wording
    tries: int
    feedback: Mapping[str, Wording]
    consent: str | None
    template: str | None
    variables: tuple[Wording, ...]
    openings: tuple[Opening, ...]
    timeout: timedelta | None
    item: Wording | None
    when: Test | None
    go: Mapping[str, int]
    next: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Jump to the first case that holds."""

    name: str
    cases: tuple[tuple[Test, int], ...]
    otherwise: int


@dataclass(frozen=True, slots=True)
class Set:
    """Store values."""

    name: str
    values: tuple[tuple[str, Scalar | CompiledText], ...]
    when: Test | None
    go: int


@dataclass(frozen=True, slots=True)
class Call:
    """Walk another flow, then continue."""

    name: str
    flow: str
    arguments: tuple[tuple[str, Scalar | CompiledText], ...]
    when: Test | None
    go: int


@dataclass(frozen=True, slots=True)
class End:
    """End the session, at any depth of the stack."""

    name: str
    text: Wording | None
    when: Test | None


Step = Say | Ask | Branch | Set | Call | End


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message to an officer who leaves a question of the flow open for the time in `after`."""

    after: timedelta
    text: Wording
    template: str | None
    variables: tuple[Wording, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow, compiled. `index` finds a step by its name. `opening` is the list of openings that it uses, `openings` their number."""

    code: str
    kind: str
    principle: str | None
    expires: timedelta
    reminder: Reminder | None
    steps: tuple[Step, ...]
    index: Mapping[str, int]
    variants: tuple[str, ...] = ()
    opening: str | None = None
    openings: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether it has nothing to say: it asks nothing, and all its messages use facts that are empty."""
        return not any(
            isinstance(step, Ask | Call)
            or (isinstance(step, Say) and step.when is not _never)
            or (isinstance(step, End) and step.text is not None)
            for step in self.steps
        )


@dataclass(frozen=True, slots=True)
class CompiledProgramme:
    """A published version of a programme. `version` is the hash of its content."""

    programme: str
    version: str
    definition: d.Programme
    flows: Mapping[str, Flow]
    notices: Mapping[str, Wording]
    extra: Extra = NO_EXTRA

    def step(self, flow: str, name: str) -> Step:
        """A step by its flow and name. KeyError if there is none."""
        found = self.flows[flow]
        return found.steps[found.index[name]]

    def ask(self, flow: str, name: str) -> Ask:
        """A question by its flow and name. KeyError or TypeError if there is none."""
        step = self.step(flow, name)
        if not isinstance(step, Ask):
            raise TypeError(f"{flow}.{name} asks nothing")
        return step


def bind(programme: d.Programme, version: str) -> CompiledProgramme:
    """Compile a checked programme. Raises Unresolved."""
    compiler = _Compiler(programme)
    flows = {code: compiler.flow(code, flow) for code, flow in programme.flows.items()}
    notices = {
        name: compiler.wording(text)
        for name in Notices.model_fields
        if (text := getattr(programme.notices, name)) is not None
    }
    return CompiledProgramme(programme.programme, version, programme, flows, notices, extra_of(programme))


def extra_of(programme: d.Programme) -> Extra:
    """The programme's own wordings of crises, incidents and leaving."""
    own = (programme.safety.crisis, programme.safety.serious, programme.leave)
    return Extra(*(tuple(map(normal, patterns)) for patterns in own))


def expand(flow: d.Flow) -> list[d.Step]:
    """The steps, with every `repeat` replaced by its questions."""
    steps: list[d.Step] = []
    for step in flow.steps:
        steps.extend(_written_out(step) if isinstance(step, d.Repeat) else [step])
    return steps


def _written_out(step: d.Repeat) -> list[d.Ask]:
    shared = {
        name: getattr(step, name) for name in ("answer", "options_in_text", "unclear", "tries", "timeout", "when")
    }
    return [
        d.Ask.model_construct(
            ask=f"{step.repeat}_{code}",
            text=step.text or item.text,
            records=item.records or f"{step.repeat}_{code}",
            label=item.label,
            level=item.level or step.level,
            principle=item.principle or step.principle,
            correct=item.correct,
            reverse=item.reverse,
            **shared,
        )
        for code, item in step.items.items()
    ]


def items(flow: d.Flow) -> dict[str, Text]:
    """The text of the item, for each question of a `repeat` that has a text of its own."""
    return {
        f"{step.repeat}_{code}": item.text
        for step in flow.steps
        if isinstance(step, d.Repeat) and step.text is not None
        for code, item in step.items.items()
    }


def plain(text: Text, *languages: str) -> str:
    """A text in the first of these languages that it has, or in a language of the same family (`es` for `es-MX`);
    else in its first."""
    if isinstance(text, str):
        return text
    known = (text.get(language) or text.get(language.partition("-")[0]) for language in languages)
    return next(filter(None, known), "") or next(iter(text.values()))


CONTACT, HELP_LINES, READING_HOURS, REPLY_TIME = "contacto", "lineas_ayuda", "horario_lectura", "plazo"
"""The variables of the programme's contact, help lines, reading hours and reply time: the same for every officer."""


def constants(programme: d.Programme, language: str) -> dict[str, str]:
    """The values of the variables that are the same for every officer, as far as the programme has them."""
    found = {name: plain(text, language) for name, text in programme.facts.items() if text is not None}
    if (contact := programme.contact) is not None:
        found[CONTACT] = ", ".join(filter(None, (contact.person, contact.name, contact.telephone, contact.email)))
    if programme.help_lines:
        found[HELP_LINES] = "; ".join(
            f"{plain(line.name, language)}: {line.telephone} ({plain(line.hours, language)})"
            for line in programme.help_lines
        )
    if programme.reading_hours is not None:
        found[READING_HOURS] = plain(programme.reading_hours, language)
    if programme.reply_time is not None:
        found[REPLY_TIME] = plain(programme.reply_time, language)
    return found


def empty_facts(programme: d.Programme, text: Text) -> list[str]:
    """The facts of a programme that a text uses and that nobody has filled in."""
    empty = {name for name, value in programme.facts.items() if value is None}
    wordings = [text] if isinstance(text, str) else list(text.values())
    return sorted({name for wording in wordings if empty for name in variables_in(wording)} & empty)


def opening_of(programme: d.Programme, code: str, within: tuple[str, ...] = ()) -> str | None:
    """The list of openings that a flow, or a flow that it calls, uses; None if it uses none."""
    for step in programme.flows[code].steps if code in programme.flows and code not in within else ():
        match step:
            case d.Ask(opening=str() as name):
                return name
            case d.Call(flow=called) if (found := opening_of(programme, called, (*within, code))) is not None:
                return found
            case _:
                pass
    return None


def answer_of(programme: d.Programme, reference: str | d.Answer) -> d.Answer:
    """The answer of a question, from an answer written in place, the name of a shared one, or the name of a kind.

    Raises Unresolved.
    """
    if isinstance(reference, d.Answer):
        return reference
    shared = programme.answers.get(reference)
    if isinstance(shared, d.Answer):
        return shared
    if shared is not None:
        return d.Answer(choice=shared)
    if reference in set(AnswerKind) - {AnswerKind.choice, AnswerKind.multi}:
        return d.Answer.model_validate({reference: {}})
    raise Unresolved(f"no shared answer is called {reference}")


def options_of(programme: d.Programme, answer: d.Answer) -> dict[str, d.Option]:
    """The options of a choice, a multi, a yes_no or a labelled scale, by key. Raises Unresolved."""
    listed = answer.choice if answer.choice is not None else answer.multi
    if isinstance(listed, str):
        shared = programme.answers.get(listed)
        listed = shared.choice or shared.multi if isinstance(shared, d.Answer) else shared
        if not isinstance(listed, dict):
            raise Unresolved(f"no shared list of options is called {answer.choice or answer.multi}")
    if isinstance(listed, dict):
        return listed
    if answer.yes_no is not None:
        yes, no = _YES_NO_LABELS.get(programme.language.partition("-")[0], _YES_NO_LABELS["es"])
        return {YES: d.Option(label=yes, value=1), NO: d.Option(label=no, value=0)}
    if answer.scale is not None:
        return {
            str(point): d.Option(label=answer.scale.labels[point], value=point) for point in sorted(answer.scale.labels)
        }
    return {}


def purpose_of(step: d.Ask) -> Purpose:
    """The purpose of a question. «Ok» accepts an invitation or consents; to any other question it is no answer."""
    if step.consent is not None:
        return Purpose.consent
    return Purpose.invitation if step.invitation else Purpose.fact


def one_is_chosen(answer: d.Answer) -> bool:
    """Whether pressing one option is a complete answer. It is not where several may be chosen, nor on a scale of
    which only some points have a label."""
    if answer.scale is not None:
        return len(answer.scale.labels) == answer.scale.max - answer.scale.min + 1
    return answer.choice is not None or answer.yes_no is not None


class _Compiler:
    """Resolves the names of one programme."""

    def __init__(self, programme: d.Programme) -> None:
        self.programme = programme
        self._constants: dict[str, dict[str, str]] = {}

    def text(self, text: str, language: str) -> CompiledText:
        return compile_text(text, self.constants(language) if "{" in text else None)

    def constants(self, language: str) -> dict[str, str]:
        if language not in self._constants:
            self._constants[language] = constants(self.programme, language)
        return self._constants[language]

    def wording(self, text: Text) -> Wording:
        own = self.programme.language
        if isinstance(text, str):
            return Wording(self.text(text, own))
        compiled = {language: self.text(plain, language) for language, plain in text.items()}
        default = compiled.get(own) or compiled.get(own.partition("-")[0]) or next(iter(compiled.values()))
        return Wording(default, compiled)

    def plain(self, text: Text, language: str | None = None) -> str:
        return plain(text, *filter(None, (language, self.programme.language)))

    def scalar(self, value: Scalar) -> Scalar | CompiledText:
        return self.text(value, self.programme.language) if isinstance(value, str) and "{" in value else value

    def form(self, answer: d.Answer) -> Form:
        options = tuple(
            Option(
                key,
                self.plain(option.label),
                option.value if option.value is not None else key,
                (*option.also, *(() if isinstance(option.label, str) else option.label.values())),
            )
            for key, option in options_of(self.programme, answer).items()
        )
        lowest, highest = _bounds(answer)
        return Form(
            kind=answer.kind,
            options=options,
            minimum=lowest,
            maximum=highest,
            whole=answer.number is None or not answer.number.decimals,
            missing=frozenset(str(code) for code in answer.missing),
            past=answer.date is not None and answer.date.past,
            media=tuple(answer.media.types) if answer.media else (),
        )

    def units(self, answer: d.Answer, step: d.Ask) -> tuple[str, ...]:
        """The measures that a question for a number names."""
        return measures_in(self.plain(step.text)) if answer.kind is AnswerKind.number else ()

    def choices(self, answer: d.Answer, *, shown: bool) -> dict[str, tuple[OfferedOption, ...]]:
        """The options as shown, for each language; the programme's own under the empty name."""
        if not shown:
            return {"": ()}
        options = options_of(self.programme, answer)
        numbers = [int(key) for key in options] if answer.scale is not None else range(1, len(options) + 1)
        return {
            language: tuple(
                OfferedOption(number, key, self.plain(option.label, language or None))
                for number, (key, option) in zip(numbers, options.items(), strict=True)
            )
            for language in ("", *self.programme.languages)
        }

    def flow(self, code: str, flow: d.Flow) -> Flow:
        steps = expand(flow)
        index = {step_name(step): position for position, step in enumerate(steps)}
        inner = items(flow)
        compiled = tuple(self.step(code, flow, step, position, index, inner) for position, step in enumerate(steps))
        opening = opening_of(self.programme, code)
        return Flow(
            code,
            flow.kind,
            flow.principle,
            flow.expires,
            self.reminder(flow.reminder),
            compiled,
            index,
            tuple(flow.variants),
            opening,
            len(self.programme.openings.get(opening or "", ())),
        )

    def reminder(self, reminder: d.Reminder | None) -> Reminder | None:
        if reminder is None:
            return None
        return Reminder(
            reminder.after, self.wording(reminder.text), reminder.template, self.wordings(reminder.variables)
        )

    def step(  # noqa: C901 - one case a kind of step
        self, code: str, flow: d.Flow, step: d.Step, position: int, index: Mapping[str, int], inner: dict[str, Text]
    ) -> Step:
        def to(target: str | None) -> int:
            if target is None:
                return position + 1
            if target == END:
                return len(index)
            if target not in index:
                raise Unresolved(f"no step is called {target}")
            return index[target]

        match step:
            case d.Say():
                return Say(
                    step.say,
                    self.wording(step.text),
                    step.template,
                    self.wordings(step.variables),
                    step.media,
                    _never if empty_facts(self.programme, step.text) else self.test(step.when),
                    to(step.go),
                )
            case d.Ask():
                return self.ask(code, flow, step, to, inner.get(step.ask))
            case d.Branch():
                cases = tuple((self.condition(case.when), to(case.go)) for case in step.cases)
                return Branch(step.branch, cases, to(step.else_))
            case d.Set():
                values = tuple((name, self.scalar(value)) for name, value in step.values.items())
                return Set(step.set, values, self.test(step.when), to(step.go))
            case d.Call():
                if step.flow not in self.programme.flows:
                    raise Unresolved(f"no flow is called {step.flow}")
                arguments = tuple((name, self.scalar(value)) for name, value in step.with_.items())
                return Call(step.call, step.flow, arguments, self.test(step.when), to(step.go))
            case d.End():
                said = step.text if step.text is not None and not empty_facts(self.programme, step.text) else None
                return End(step.end, None if said is None else self.wording(said), self.test(step.when))
            case d.Repeat():
                raise Unresolved("a repeat is walked as the questions that it stands for")

    def ask(self, code: str, flow: d.Flow, step: d.Ask, to: Callable[[str | None], int], item: Text | None) -> Ask:
        answer = answer_of(self.programme, step.answer)
        go = {"else": step.go} if isinstance(step.go, str) else step.go or {}
        return Ask(
            name=step.ask,
            text=self.wording(step.text),
            form=(
                form := replace(self.form(answer), units=self.units(answer, step), asked=phrase(self.plain(step.text)))
            ),
            reader=reader(form),
            purpose=purpose_of(step),
            choices=self.choices(answer, shown=not step.options_in_text),
            pressable=one_is_chosen(answer),
            variable=d.variable_name(code, step),
            level=step.level,
            principle=step.principle or flow.principle,
            correct=step.correct,
            misconceptions=self.misconceptions(answer),
            unclear=self.wording(step.unclear if step.unclear is not None else self.programme.notices.unclear),
            tries=step.tries,
            feedback={key: self.wording(text) for key, text in step.feedback.items()},
            consent=step.consent,
            template=step.template,
            variables=self.wordings(step.variables),
            openings=self.openings(step.opening),
            timeout=step.timeout,
            item=None if item is None else self.wording(item),
            when=self.test(step.when),
            go={key: to(target) for key, target in go.items()},
            next=to(None),
        )

    def misconceptions(self, answer: d.Answer) -> dict[str, str]:
        options = options_of(self.programme, answer).items()
        return {key: option.misconception for key, option in options if option.misconception is not None}

    def openings(self, name: str | None) -> tuple[Opening, ...]:
        if name is None:
            return ()
        if name not in self.programme.openings:
            raise Unresolved(f"no list of openings is called {name}")
        return tuple(
            Opening(self.wording(one.text), one.template, self.wordings(one.variables))
            for one in self.programme.openings[name]
        )

    def wordings(self, texts: list[str]) -> tuple[Wording, ...]:
        return tuple(self.wording(text) for text in texts)

    def test(self, condition: d.Condition | None) -> Test | None:
        return None if condition is None else self.condition(condition)

    def condition(self, condition: d.Condition) -> Test:
        if condition.all is not None:
            every = [self.condition(part) for part in condition.all]
            return lambda scope: all(part(scope) for part in every)
        if condition.any is not None:
            some = [self.condition(part) for part in condition.any]
            return lambda scope: any(part(scope) for part in some)
        if condition.not_ is not None:
            part = self.condition(condition.not_)
            return lambda scope: not part(scope)
        if condition.field in self.programme.facts:
            fact = self.programme.facts[condition.field]
            values: list[Scalar] = [] if fact is None else [self.plain(fact)]
            return _comparison(condition, lambda _: values)
        return _comparison(condition, _subject(condition))


def _never(_: Scope) -> bool:
    """The condition of what uses an empty fact."""
    return False


def step_name(step: d.Step) -> str:
    """The name of a step: the value of the key that names its kind."""
    match step:
        case d.Say():
            return step.say
        case d.Ask():
            return step.ask
        case d.Branch():
            return step.branch
        case d.Set():
            return step.set
        case d.Call():
            return step.call
        case d.End():
            return step.end
        case d.Repeat():
            return step.repeat


def _bounds(answer: d.Answer) -> tuple[float | None, float | None]:
    if answer.number is not None:
        return answer.number.min, answer.number.max
    if answer.scale is not None:
        return answer.scale.min, answer.scale.max
    if answer.multi is not None:
        return answer.at_least, answer.at_most
    if answer.text is not None:
        return None, answer.text.max
    return None, None


def _comparison(condition: d.Condition, found: Callable[[Scope], list[Scalar]]) -> Test:
    """One test on what is `found` of its subject. An answer is compared by its option's key or by its value."""
    wanted = condition.in_ if condition.in_ is not None else [condition.is_] if condition.is_ is not None else None
    low, high, answered = condition.at_least, condition.at_most, condition.answered

    def holds(scope: Scope) -> bool:
        seen = found(scope)
        if answered is not None and bool(seen) != answered:
            return False
        if wanted is not None and not any(item in wanted for item in seen):
            return False
        if low is None and high is None:
            return True
        numbers = [item for item in seen if isinstance(item, int | float) and not isinstance(item, bool)]
        return any((low is None or item >= low) and (high is None or item <= high) for item in numbers)

    return holds


def _subject(condition: d.Condition) -> Callable[[Scope], list[Scalar]]:
    """The values that a condition compares: none without an answer; the keys of a multi one by one."""
    if condition.step is not None:
        step = condition.step
        return lambda scope: _comparable(scope.answer(step))
    if condition.var is not None:
        name = condition.var
        return lambda scope: [] if (value := scope.variable(name)) is None else [value]
    field_name = condition.field or ""
    return lambda scope: [] if (value := scope.field(field_name)) is None else [value]


def _comparable(given: SessionAnswer | None) -> list[Scalar]:
    if given is None:
        return []
    if given.missing is not None:
        return [given.missing]
    keys = given.key.split(" ") if given.key else []
    return [*keys, *([] if given.value is None else [given.value])]

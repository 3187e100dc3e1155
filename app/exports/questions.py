"""Every question that was answered or is asked in a current version: its exact wording in that version, its values, and how often each
was given. A question that is in no readable version appears with the data of its answers. Free text is counted, never read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from app.exports.columns import MISSING
from app.exports.definitions import Definitions, question_text
from app.exports.numbering import NUMBER, Number, Numbering, Numbers, as_number, in_data, stored_values
from app.exports.selection import Selection, response_conditions
from app.flows.engine.compiled import answer_of, expand, items, options_of
from app.flows.labels import one_line, question_label
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text
from app.flows.replies.forms import OPEN_KINDS, AnswerKind
from app.flows.skip_logic import asked_if
from app.store.bulk import portions
from app.store.corrections import Replaced
from app.store.tables import ASSIGNMENT, RESPONSE, with_officer
from app.store.versions import Published

Key = tuple[str, str]
"""(flow, step) within a version."""


@dataclass(slots=True)
class Answers:
    """The answers to one question of one version. `values` counts (value, missing code) with status ok,
    `arms` those with a value by the arm of their officers."""

    variable: str
    kind: str
    level: str | None
    principle: str | None
    values: dict[tuple[str | None, str | None], int] = field(default_factory=dict)
    arms: dict[str, int] = field(default_factory=dict)
    waves: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as one version asks it. `label` is its author's own; `values` are the labels of its values, as the store has
    them, `numbers` the numbers of options, `waves` the suffixes of the measurement waves
    that ask it or in which it was answered, `asked_if` the answers on which it depends, in words, `asked_in` only the former, `misconceptions` the code and the meaning of what a value
    shows. What is not known is None."""

    version: int
    hash: str
    programme: str
    title: str
    language: str
    flow: str
    step: str
    variable: str
    kind: AnswerKind
    level: str | None
    principle: str | None
    wording: str | None = None
    short: str | None = None
    label: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    bounds: str = ""
    missing: tuple[str, ...] = ()
    correct: object = None
    reverse: bool | None = None
    misconceptions: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    asked_in: frozenset[str] = frozenset()
    asked_if: str | None = None
    given: Answers | None = None

    @property
    def waves(self) -> frozenset[str]:
        """The suffixes of its measurement waves."""
        return self.asked_in | (self.given.waves if self.given is not None else set())

    @property
    def counts(self) -> dict[str | None, int]:
        """How often each value was given, missing codes left out."""
        given = self.given.values if self.given is not None else {}
        return {value: count for (value, missing), count in given.items() if missing is None}

    @property
    def is_number(self) -> bool:
        """Whether all its values are numbers, but for options whose value is a missing code: `n`, did not apply."""
        known = [value for value in (*self.values, *self.counts) if value is not None]
        match self.kind:
            case AnswerKind.number | AnswerKind.scale:
                return all(NUMBER.fullmatch(value) for value in known if value not in MISSING)
            case AnswerKind.choice | AnswerKind.yes_no:
                numbers = [self.number_of(value) for value in known if value in self.numbers or value not in MISSING]
                return bool(numbers) and None not in numbers
            case AnswerKind.multi | AnswerKind.text | AnswerKind.date | AnswerKind.time | AnswerKind.media:
                return False

    def in_data(self, value: str) -> str:
        """A stored value as the data have it: its number, or the missing code that it means."""
        return in_data(self.numbers, value)

    def number_of(self, value: str) -> Number | None:
        """The number that stands for a stored value in the data; None for what is no number there."""
        return self.numbers.get(value, as_number(value))


def meanings(questions: Iterable[Question]) -> dict[int, str]:
    """The meanings of whole numbers, in the words of the latest version of each question. Where questions or programmes mean different
    things by a number, it has all of their words: none may pass for the other."""
    found: dict[int, dict[tuple[str, str, str], str]] = {}
    for question in questions:
        for value, text in question.values.items():
            if text and isinstance(number := question.number_of(value), int):
                found.setdefault(number, {})[question.programme, question.variable, value] = text
    return {value: " / ".join(dict.fromkeys(texts.values())) for value, texts in found.items()}


def misconceptions(questions: Iterable[Question]) -> dict[str, str]:
    """The meanings of the codes of misconceptions, in the words of the latest version of each programme; with all of their words
    where programmes mean different things by a code."""
    found: dict[str, dict[str, str]] = {}
    for question in questions:
        for code, meaning in question.misconceptions.values():
            found.setdefault(code, {})[question.programme] = meaning
    return {code: " / ".join(dict.fromkeys(texts.values())) for code, texts in sorted(found.items())}


def known(
    tx: Connection,
    selection: Selection,
    definitions: Definitions,
    numbering: Numbering,
    corrections: Mapping[int, Replaced],
) -> Iterator[Question]:
    """The questions by version, flow and place in the flow."""
    found = _answered(tx, selection)
    _correct(tx, selection, found, corrections)
    for version in sorted(found.keys() | set(definitions.pointers.values())):
        stored = definitions.published(version)
        if selection.programme is None or stored.programme == selection.programme:
            programme, answered = definitions.version(version), found.get(version, {})
            for question in _of_version(stored, programme, answered, selection.level):
                yield replace(question, numbers=numbering.of(question.programme, question.variable))


def _of_version(
    stored: Published, programme: d.Programme | None, answered: dict[Key, Answers], level: str | None
) -> Iterator[Question]:
    remaining = dict(answered)
    for asked in () if programme is None else _asked(programme, stored):
        if level is None or asked.step.level == level:
            yield asked.question(remaining.pop((asked.flow_code, asked.step.ask), None))
    for (code, name), given in sorted(remaining.items()):
        yield Question(
            stored.id,
            stored.hash[:12],
            stored.programme,
            stored.programme if programme is None else programme.title,
            "es" if programme is None else programme.language,
            code,
            name,
            given.variable,
            AnswerKind(given.kind),
            given.level,
            given.principle,
            given=given,
        )


def _asked(programme: d.Programme, stored: Published) -> "Iterator[_Asked]":
    for code, flow in programme.flows.items():
        inner, logic = items(flow), asked_if(programme, code)
        for step in expand(flow):
            if isinstance(step, d.Ask):
                yield _Asked(programme, stored, code, flow, step, inner.get(step.ask), logic.get(step.ask))


def _answered(tx: Connection, selection: Selection) -> dict[int, dict[Key, Answers]]:
    """Answers by version and question. What is unclear or superseded makes a question known, and is not counted."""
    names = ("flow_version_id", "flow", "step", "variable", "kind", "level", "principle", "wave", "status", "missing")
    value = case((RESPONSE.c.kind.not_in(OPEN_KINDS), RESPONSE.c.value)).label("value")
    each = (
        select(*(RESPONSE.c[name] for name in names), value)
        .select_from(with_officer(RESPONSE))
        .where(*response_conditions(selection))
        .subquery()
    )
    found: dict[int, dict[Key, Answers]] = {}
    for row in tx.execute(select(*each.c, func.count().label("count_")).group_by(*each.c)):
        questions = found.setdefault(row.flow_version_id, {})
        answers = questions.setdefault((row.flow, row.step), Answers(row.variable, row.kind, row.level, row.principle))
        if row.wave is not None:
            answers.waves.add(row.wave)
        if row.status == "ok":
            answers.values[row.value, row.missing] = answers.values.get((row.value, row.missing), 0) + row.count_
    for version, flow, step, arm, number in tx.execute(_by_arm(selection)):
        found[version][flow, step].arms[arm] = number
    return found


def _correct(
    tx: Connection,
    selection: Selection,
    found: Mapping[int, Mapping[Key, Answers]],
    corrections: Mapping[int, Replaced],
) -> None:
    """Count corrected answers by their new values."""
    response = RESPONSE.c
    names = (response.id, response.flow_version_id, response.flow, response.step, response.value, response.missing)
    drawn = and_(ASSIGNMENT.c.contact_id == response.contact_id, ASSIGNMENT.c.arm.is_not(None))
    query = (
        select(*names, ASSIGNMENT.c.arm)
        .select_from(with_officer(RESPONSE).outerjoin(ASSIGNMENT, drawn))
        .where(response.status == "ok", *response_conditions(selection))
    )
    for part in portions(sorted(corrections)):
        for number, version, flow, step, value, missing, arm in tx.execute(query.where(response.id.in_(part))):
            answers, new = found[version][flow, step], corrections[number]
            for key, change in (((value, missing), -1), ((new.value, new.missing), 1)):
                answers.values[key] = answers.values.get(key, 0) + change
                if not answers.values[key]:
                    del answers.values[key]
            if arm is not None:
                answers.arms[arm] = answers.arms.get(arm, 0) + (missing is not None) - (new.missing is not None)


def _by_arm(selection: Selection) -> Select[Any]:
    names = (RESPONSE.c.flow_version_id, RESPONSE.c.flow, RESPONSE.c.step, ASSIGNMENT.c.arm)
    return (
        select(*names, func.count())
        .select_from(with_officer(RESPONSE).join(ASSIGNMENT, ASSIGNMENT.c.contact_id == RESPONSE.c.contact_id))
        .where(
            ASSIGNMENT.c.arm.is_not(None),
            RESPONSE.c.status == "ok",
            RESPONSE.c.missing.is_(None),
            *response_conditions(selection),
        )
        .group_by(*names)
        .order_by(ASSIGNMENT.c.arm)
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question where a version asks it."""

    programme: d.Programme
    stored: Published
    flow_code: str
    flow: d.Flow
    step: d.Ask
    item: Text | None
    asked_if: str | None

    def question(self, given: Answers | None) -> Question:
        step, answer = self.step, answer_of(self.programme, self.step.answer)
        options = options_of(self.programme, answer)
        wording = question_text(step, self.item, self.programme.language)
        return Question(
            self.stored.id,
            self.stored.hash[:12],
            self.programme.programme,
            self.programme.title,
            self.programme.language,
            self.flow_code,
            step.ask,
            d.variable_name(self.flow_code, step),
            answer.kind,
            None if step.level is None else step.level.value,
            step.principle or self.flow.principle,
            wording=wording,
            short=question_label(self.programme, self.flow, step),
            label=step.label,
            values=self.values(answer, options),
            bounds=_bounds(answer),
            missing=tuple(answer.missing),
            correct=_value(step.correct, options[step.correct]) if step.correct in options else step.correct,
            reverse=step.reverse if answer.kind is AnswerKind.scale else None,
            misconceptions={
                str(_value(key, option)): (option.misconception, self.programme.misconceptions[option.misconception])
                for key, option in options.items()
                if option.misconception is not None
            },
            asked_in=_waves(self.programme, self.flow_code),
            asked_if=self.asked_if,
            given=given,
        )

    def values(self, answer: d.Answer, options: Mapping[str, d.Option]) -> dict[str, str]:
        """Values and labels; of a scale every point, with an empty label where it has none."""
        labels = {
            value: one_line(option.label, self.programme.language)
            for value, option in stored_values(answer.kind, options).items()
        }
        if answer.scale is None:
            return labels
        return {str(point): labels.get(str(point), "") for point in range(answer.scale.min, answer.scale.max + 1)}


def _bounds(answer: d.Answer) -> str:
    """The least and the most that a number may be, `0..5`."""
    number = answer.number
    if number is None or (number.min is None and number.max is None):
        return ""
    return "..".join("" if bound is None else f"{bound:.15g}" for bound in (number.min, number.max))


def _waves(programme: d.Programme, flow: str) -> frozenset[str]:
    """The suffixes of the waves in which a campaign uses a flow."""
    return frozenset(
        wave.suffix
        for campaign in programme.campaigns.values()
        for wave in campaign.waves.values()
        if flow in wave.flows
    )


def _value(key: str | None, option: d.Option) -> Any:  # noqa: ANN401 - whatever the author gave the option
    return option.value if option.value is not None else key

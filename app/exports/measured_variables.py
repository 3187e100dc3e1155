"""The columns of a measured variable, and its cells. A choice is a number with labels; several choices are their numbers and, for each
option, a column of 0 and 1; a date is a day, a time of day its minutes after midnight; anything else is a text. An answer that is missing
has its code in the cell of a number or a day. A text has it in a column of its own: in a text it could be somebody's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from app.exports.codebook import label
from app.exports.columns import MISSING, NO_YES, Column, Kind
from app.exports.formats import missing_column
from app.exports.numbering import Number
from app.exports.questions import Question, meanings
from app.flows.labels import LONGEST_LABEL, cut
from app.flows.replies.forms import AnswerKind

_OPTION = 40
"""The most characters of an option in the label of its column."""


class Form(StrEnum):
    """The form of a variable's cells."""

    number = "number"
    several = "several"
    day = "day"
    minutes = "minutes"
    text = "text"


class Answered(NamedTuple):
    """An answer: its value as the store has it, or the code why there is none, as `.d`."""

    value: Any
    code: str | None


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that was measured. `options` are the labels of its numbers, of several choices those of its columns."""

    name: str
    label: str
    form: Form
    options: Mapping[Number, str]
    numbers: Mapping[tuple[str, str], Number]
    waves: frozenset[str]

    def columns(self, wave: str | None = None) -> tuple[Column, ...]:
        """The columns, with the suffix of a wave or without."""
        whole = self._column("", "", wave)
        match self.form:
            case Form.number:
                return (replace(whole, kind=Kind.number, values=self._whole_options(), extended=True),)
            case Form.day:
                return (replace(whole, kind=Kind.date, extended=True),)
            case Form.minutes:
                minutes = self._column("", ", minutes after midnight", wave)
                return (replace(minutes, kind=Kind.number, extended=True),)
            case Form.several:
                each = (self._option(number, text, wave) for number, text in self.options.items())
                return (whole, _told_missing(whole), *each)
            case Form.text:
                return (whole, _told_missing(whole))

    def _column(self, ending: str, about: str, wave: str | None) -> Column:
        """A column; where its label is too long, the variable's own is cut, and not what makes it another column."""
        if wave is not None:
            ending, about = f"{ending}_{wave}", f"{about} ({wave})"
        label_ = f"{cut(self.label, LONGEST_LABEL - len(about))}{about}"
        return Column(f"{self.name}{ending}", label_, Kind.text, variable=self.name)

    def _whole_options(self) -> dict[int, str]:
        return {number: text for number, text in self.options.items() if isinstance(number, int)}

    def _option(self, number: Number, text: str, wave: str | None) -> Column:
        ending = f"_{number}".replace("-", "m").replace(".", "_")
        column = self._column(ending, f": {cut(text, _OPTION)}", wave)
        return replace(column, kind=Kind.number, values=NO_YES, extended=True)

    def cells(self, programme: str, answered: Answered | None) -> Sequence[Any]:
        """The cells of its columns; empty ones without an answer that is known."""
        value, code = answered or Answered(None, None)
        match self.form:
            case Form.number:
                return (code or self._number(programme, value),)
            case Form.day:
                return (code or value,)
            case Form.minutes:
                return (code or (None if value is None else int(value[:2]) * 60 + int(value[3:5])),)
            case Form.several:
                return self._several(programme, value, code)
            case Form.text:
                return (None if code else value if value is None else str(value), code)

    def _number(self, programme: str, value: Any) -> Any:  # noqa: ANN401 - a number, or what the programme has for one
        found = self.numbers.get((programme, value), value)
        return f".{found}" if found in MISSING else found  # an option that means: not applicable

    def _several(self, programme: str, value: str | None, code: str | None) -> Sequence[Any]:
        if code is not None or value is None:
            return (None, code, *(code for _ in self.options))
        chosen = {self.numbers[programme, key] for key in value.split()}
        return (" ".join(map(str, sorted(chosen))), None, *(int(number in chosen) for number in self.options))


def _told_missing(column: Column) -> Column:
    return missing_column(replace(column, extended=True))


def variable(questions: Sequence[Question], waves: frozenset[str]) -> Variable:
    """The variable that these questions record, from the oldest to the latest."""
    latest, form = questions[-1], _form(questions)
    told = meanings(questions) if form in {Form.number, Form.several} else {}
    options: dict[Number, str] = dict(told.items())
    numbers = {(one.programme, value): number for one in questions for value, number in one.numbers.items()}
    if form is Form.several:
        options = {number: text for number, text in sorted(options.items()) if number in numbers.values()}
    return Variable(latest.variable, label(latest) or latest.variable, form, options, numbers, waves)


def _form(questions: Sequence[Question]) -> Form:
    """A text where versions asked for answers of different kinds, or no readable version has an option that was chosen."""
    if all(question.is_number for question in questions):
        return Form.number
    match {question.kind for question in questions}.pop() if len({one.kind for one in questions}) == 1 else None:
        case AnswerKind.multi if all(_are_numbered(question) for question in questions):
            return Form.several
        case AnswerKind.date:
            return Form.day
        case AnswerKind.time:
            return Form.minutes
        case _:
            return Form.text


def _are_numbered(question: Question) -> bool:
    return all(key in question.numbers for value in question.counts if value for key in value.split())

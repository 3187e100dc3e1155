"""A value of a closed question as a person writes it, read as the store has it: a number, an option's key or label, a missing code, a
day, a time. Refuses what the question does not take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.exports.columns import MISSING
from app.exports.definitions import Definitions
from app.exports.numbering import Number, Numbering, as_number, in_data, stored_values
from app.flows.engine.compiled import answer_of, expand, options_of, plain
from app.flows.language import definition as d
from app.flows.replies.forms import AnswerKind
from app.store.corrections import Answer, Replaced
from app.wording import Sentence

_BETWEEN = re.compile(r"[\s,;]+")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class ClosedQuestion:
    """A closed question as its version asks it."""

    ask: d.Ask
    answer: d.Answer
    options: Mapping[str, tuple[str, d.Option]]
    numbers: Mapping[str, Number]
    language: str

    @classmethod
    def of(cls, definitions: Definitions, numbering: Numbering, given: Answer) -> "ClosedQuestion":
        """The question of an answer. Raises ValueError if this release cannot read its version."""
        programme = definitions.version(given.version)
        flow = None if programme is None else programme.flows.get(given.flow)
        asks = () if flow is None else (step for step in expand(flow) if isinstance(step, d.Ask))
        ask = next((step for step in asks if step.ask == given.step), None)
        if programme is None or ask is None:
            raise ValueError(Sentence("is of a question that this release cannot read any more"))
        answer = answer_of(programme, ask.answer)
        listed = options_of(programme, answer)
        stored = stored_values(answer.kind, listed)
        keys = {id(option): key for key, option in listed.items()}
        options = {value: (keys[id(option)], option) for value, option in stored.items()}
        return cls(ask, answer, options, numbering.of(given.programme, given.variable), programme.language)

    @property
    def codes(self) -> tuple[str, ...]:
        """The missing codes that it takes."""
        return tuple(dict.fromkeys((*self.answer.missing, "o")))

    def choices(self) -> list[tuple[str, str]]:
        """The values of which an answer is one, as the data have them, each with its label; none where they are not listed."""
        labels = {value: plain(option.label, self.language) for value, (_, option) in self.options.items()}
        if self.answer.kind in {AnswerKind.yes_no, AnswerKind.choice, AnswerKind.multi}:
            return [(self._one(value), label) for value, label in labels.items()]
        scale = self.answer.scale
        return [] if scale is None else [(str(n), labels.get(str(n), "")) for n in range(scale.min, scale.max + 1)]

    def as_seen(self) -> str:
        """The options as the officer saw them, and the missing codes: `1 Sí; 2 No; .r`."""
        labels = [plain(option.label, self.language) for _, option in self.options.values()]
        if self.answer.scale is not None:
            listed = [
                f"{self.answer.scale.min}..{self.answer.scale.max}",
                *(f"{key} {one}" for key, one in zip(self.options, labels, strict=True)),
            ]
        else:
            listed = [f"{place} {label}" for place, label in enumerate(labels, 1)]
        return "; ".join([*listed, *(f".{code}" for code in self.answer.missing)])

    def read_as_seen(self, text: str) -> Replaced:
        """The same as `read`, but a number is that of an option in the list that the officer saw. Raises ValueError."""
        if self.answer.kind not in {AnswerKind.yes_no, AnswerKind.choice, AnswerKind.multi}:
            return self.read(text)
        keys = [key for key, _ in self.options.values()]
        parts = _BETWEEN.split(text.strip()) if self.answer.kind is AnswerKind.multi else [text.strip()]
        if any(part.isdecimal() and not 1 <= int(part) <= len(keys) for part in parts):
            raise ValueError(Sentence("must be one of {names}", names=self.as_seen()))
        return self.read(" ".join(keys[int(part) - 1] if part.isdecimal() else part for part in parts))

    def in_data(self, value: str | None, missing: str | None) -> str:
        """An answer as the wide tables have it; a date and a time as the store does."""
        if missing is not None:
            return f".{missing}"
        parts = (value or "").split() if self.answer.kind is AnswerKind.multi else [value or ""]
        return " ".join(map(self._one, parts))

    def _one(self, value: str) -> str:
        return in_data(self.numbers, value)

    def same(self, text: str) -> str:
        """A value that somebody has written as the data have it, if it is one; else as it was written."""
        try:
            read = self.read(text)
        except ValueError:
            return text
        return self.in_data(read.value, read.missing)

    def read(self, text: str) -> Replaced:
        """A value as somebody writes it: a number, an option's key, a missing code such as `.d`. Raises ValueError."""
        plain_text = text.strip()
        code = plain_text[1:] if plain_text.startswith(".") else ""
        is_option = code in self.options and self.options[code][1].value == code
        if code in MISSING and not is_option:
            if code not in self.codes:
                allowed = " ".join(f".{one}" for one in self.codes)
                raise ValueError(Sentence("must be a value, or one of {names}", names=allowed))
            return Replaced(None, None, "", code, None, None)
        match self.answer.kind:
            case AnswerKind.yes_no | AnswerKind.choice:
                return self._choice(code if is_option else plain_text)
            case AnswerKind.multi:
                return self._several(plain_text)
            case AnswerKind.number | AnswerKind.scale:
                return self._number(plain_text)
            case AnswerKind.date:
                return Replaced(_day(plain_text), None, "", None, None, None)
            case AnswerKind.time:
                return Replaced(_clock(plain_text), None, "", None, None, None)
            case AnswerKind.text | AnswerKind.media:
                raise ValueError(Sentence("is a text: `trato text` reviews and redacts it"))

    def _choice(self, text: str) -> Replaced:
        value = self._stored(text)
        key, option = self.options[value]
        correct = None if self.ask.correct is None else key == self.ask.correct
        number = as_number(option.value)
        return Replaced(value, number, plain(option.label, self.language), None, correct, option.misconception)

    def _several(self, text: str) -> Replaced:
        wanted = {self._stored(part) for part in _BETWEEN.split(text) if part}
        if not wanted:
            raise ValueError(Sentence("is empty"))
        chosen = [key for key in self.options if key in wanted]
        labels = "; ".join(plain(self.options[key][1].label, self.language) for key in chosen)
        return Replaced(" ".join(chosen), None, labels, None, None, None)

    def _stored(self, text: str) -> str:
        """The stored value of an option, by its number, its value or its key."""
        for value, (key, option) in self.options.items():
            number = self.numbers.get(value, as_number(value))
            label = plain(option.label, self.language)
            if (
                text in {value, key}
                or text.casefold() == label.casefold()
                or (number is not None and as_number(text) == number)
            ):
                return value
        raise ValueError(Sentence("must be one of {names}", names=", ".join(map(self._one, self.options))))

    def _number(self, text: str) -> Replaced:
        number = as_number(text)
        if number is None:
            raise ValueError(Sentence("is not a number"))
        scale, bounds = self.answer.scale, self.answer.number or d.Number()
        low, high = (scale.min, scale.max) if scale is not None else (bounds.min, bounds.max)
        if (low is not None and number < low) or (high is not None and number > high):
            raise ValueError(Sentence("is out of the range of the question"))
        if isinstance(number, float) and not bounds.decimals:
            raise ValueError(Sentence("is not a whole number"))
        label = plain(self.options[text][1].label, self.language) if text in self.options else str(number)
        return Replaced(str(number), float(number), label, None, None, None)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(Sentence("is not a day such as 2026-03-02")) from None


def _clock(text: str) -> str:
    """A time of day, also as the minutes after midnight that the wide tables have."""
    if (found := _CLOCK.fullmatch(text)) is not None:
        return f"{int(found[1]):02}:{found[2]}"
    if text.isdecimal() and len(text) < 5 and int(text) < 24 * 60:
        return f"{int(text) // 60:02}:{int(text) % 60:02}"
    raise ValueError(Sentence("is not a time of day such as 19:30"))

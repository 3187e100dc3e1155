"""The answers that a question accepts (a `Form`), and the reading of a reply (`Parsed` or `Unparsed`)."""

from dataclasses import dataclass
from enum import StrEnum

Value = str | int | float | None
"""The stored value of an answer: a number, an ISO date or time, text, an option's value; for `multi` the chosen
options' keys in the order of the question, joined by spaces."""


class AnswerKind(StrEnum):
    """The kinds of answer a question may ask for."""

    yes_no = "yes_no"
    choice = "choice"
    multi = "multi"
    number = "number"
    scale = "scale"
    text = "text"
    date = "date"
    time = "time"
    media = "media"


def is_open(kind: AnswerKind) -> bool:
    """Whether an answer of this kind is in the officer's own words: personal data until it has been reviewed."""
    match kind:
        case AnswerKind.text | AnswerKind.media:
            return True
        case (
            AnswerKind.yes_no
            | AnswerKind.choice
            | AnswerKind.multi
            | AnswerKind.number
            | AnswerKind.scale
            | AnswerKind.date
            | AnswerKind.time
        ):
            return False


OPEN_KINDS = tuple([kind.value for kind in AnswerKind if is_open(kind)])
"""The kinds of answers that are in an officer's own words."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be chosen. `value` is what analysts get; `also` are other wordings that mean it."""

    key: str
    label: str
    value: str | int | float
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The answers that a question accepts, resolved and ready to compile.

    `options` for yes_no (always keys `si` and `no`, in this order), choice, multi, and for the labelled points of a
    scale; `minimum`/`maximum` bound numbers and scales (inclusive), the count of chosen options for `multi`,
    and the length in characters for `text`; `whole` asks for whole numbers. `missing` are the missing codes that
    this question allows, of `d` (don't know), `n` (not applicable), `r` (prefer not to say).
    `units` are the measures that a question for a number names («minutos»): a number of another measure is none of its answers.
    `asked` are the words of the question, folded: beside an answer they mean nothing, and a fact may answer by them.
    `past` refuses dates in the future. `media` are the accepted media families (image, audio, video, document).
    """

    kind: AnswerKind
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = True
    missing: frozenset[str] = frozenset()
    past: bool = False
    media: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A reply that was understood. `rule` names what matched, `score` how surely (1.0 is literal).

    `key` is the option's key (for multi, keys joined by spaces), None for open kinds. If `missing` is set, `value`
    is None and `label` is the wording of the missing code.
    """

    value: Value
    key: str | None
    label: str
    rule: str
    score: float
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A reply that could not be understood. A normal value, not an error.

    `reason`: `empty`, `no_match`, `ambiguous`, `out_of_range`, `too_many`, `too_few`, `too_long`, `not_media`,
    `future`.
    """

    reason: str


Reading = Parsed | Unparsed
NO_MATCH, AMBIGUOUS, OUT_OF_RANGE = Unparsed("no_match"), Unparsed("ambiguous"), Unparsed("out_of_range")

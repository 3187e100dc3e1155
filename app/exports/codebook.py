"""The table `codebook`: one row for each question of each version, as `questions` finds them."""

from collections import Counter
from collections.abc import Iterator, Mapping

from app.exports.numbering import NUMBER
from app.exports.questions import Question
from app.exports.reading_errors import ReadingError, reading_errors
from app.exports.source import Batch, Row, Source
from app.flows.labels import LONGEST_LABEL, cut
from app.flows.replies.forms import AnswerKind, is_open


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table. Columns are `columns.CODEBOOK`."""
    errors = reading_errors(source)
    yield [_row(question, errors.get((question.programme, question.variable))) for question in source.questions]


def label(question: Question) -> str | None:
    """The one line that stands for a question."""
    text = question.label or question.short
    return None if text is None else cut(text, LONGEST_LABEL)


def _row(question: Question, error: ReadingError | None) -> Row:
    found = question.wording is not None
    return (
        question.variable,
        label(question),
        question.wording,
        question.kind,
        _choices(question) if found else None,
        " ".join(f".{code}" for code in question.missing) if found else None,
        None if question.correct is None else question.in_data(str(question.correct)),
        None if question.reverse is None else int(question.reverse),
        question.flow,
        question.step,
        question.hash,
        question.programme,
        question.level,
        question.principle,
        *_counts(question),
        " ".join(sorted(question.waves)),
        "; ".join(
            f"{question.in_data(value)}={code}: {meaning}" for value, (code, meaning) in question.misconceptions.items()
        )
        or None,
        "; ".join(
            f"{number}={value}"
            for value, number in question.numbers.items()
            if value in question.values and str(number) != value
        )
        or None,
        question.asked_if,
        None if question.given is None else _by_arm(question.given.arms),
        None,
        None,
        *_error(error),
    )


def _error(error: ReadingError | None) -> Row:
    if error is None or error.rate is None or error.interval is None:
        return None if error is None else error.agreed, None, None, None
    return error.agreed, *(round(share, 4) for share in (error.rate, error.interval.low, error.interval.high))


def _by_arm(arms: Mapping[str, int]) -> str | None:
    return "; ".join(f"{arm}={number}" for arm, number in sorted(arms.items())) or None


def _choices(question: Question) -> str:
    known = ((question.in_data(value), text) for value, text in question.values.items())
    return question.bounds or "; ".join(f"{value}={text}" if text else value for value, text in known)


def _counts(question: Question) -> tuple[int, int, str | None]:
    """Responses with a value, with a missing code, and how often each value was given, each of several options by itself; that not for
    free text."""
    given = question.given
    if given is None:
        return 0, 0, ""
    valid = question.counts
    n_missing = sum(count for (_, missing), count in given.values.items() if missing is not None)
    if is_open(AnswerKind(given.kind)):
        return sum(valid.values()), n_missing, None
    each: Counter[str] = Counter()
    for value, count in valid.items():
        parts = (value or "").split() if question.kind is AnswerKind.multi else [value or ""]
        each.update(dict.fromkeys(map(question.in_data, parts), count))
    told = "; ".join(f"{value}={count}" for value, count in sorted(each.items(), key=_order))
    return sum(valid.values()), n_missing, told


def _order(pair: tuple[str, int]) -> tuple[float, str]:
    text = pair[0]
    return (float(text) if NUMBER.fullmatch(text) else float("inf")), text

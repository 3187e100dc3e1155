"""The table `codebook`: one row for each question of each version, as `questions` finds them."""

from collections.abc import Iterator

from app.exports.questions import NUMBER, Question
from app.exports.source import Batch, Row, Source
from app.flows.replies.forms import AnswerKind, is_open

LONGEST_LABEL = 80
"""Characters of a variable label in Stata."""


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table. Columns are `columns.CODEBOOK`."""
    yield [_row(question) for question in source.questions]


def label(question: Question) -> str | None:
    """The one line that stands for a question."""
    text = question.short
    return text if text is None or len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1].rstrip() + "…"


def _row(question: Question) -> Row:
    found = question.wording is not None
    return (
        question.variable,
        label(question),
        question.wording,
        question.kind,
        _choices(question) if found else None,
        " ".join(f".{code}" for code in question.missing) if found else None,
        None if question.correct is None else str(question.correct),
        None if question.reverse is None else int(question.reverse),
        question.flow,
        question.step,
        question.hash,
        question.programme,
        question.level,
        question.principle,
        *_counts(question),
        " ".join(sorted(question.waves)),
        "; ".join(f"{value}={code}: {meaning}" for value, (code, meaning) in question.misconceptions.items()) or None,
    )


def _choices(question: Question) -> str:
    return question.bounds or "; ".join(f"{value}={text}" if text else value for value, text in question.values.items())


def _counts(question: Question) -> tuple[int, int, str | None]:
    """Responses with a value, with a missing code, and how often each value was given; that not for free text."""
    given = question.given
    if given is None:
        return 0, 0, ""
    valid = question.counts
    n_missing = sum(count for (_, missing), count in given.values.items() if missing is not None)
    if is_open(AnswerKind(given.kind)):
        return sum(valid.values()), n_missing, None
    return (
        sum(valid.values()),
        n_missing,
        "; ".join(f"{value}={count}" for value, count in sorted(valid.items(), key=_order)),
    )


def _order(pair: tuple[str | None, int]) -> tuple[float, str]:
    text = pair[0] or ""
    return (float(text) if NUMBER.fullmatch(text) else float("inf")), text

"""Free text for analysts. Whatever is more than the option that was understood is somebody's own words, and personal data until reviewed;
a reviewer releases them as they are, redacts them, or withholds them. The table `text_review` is to be joined, outer, by
`response_id`. Only words that may be read leave the database, sealed, and are opened here."""

from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Connection, and_, case, func, or_

from app.exports.selection import Selection
from app.flows.replies.forms import OPEN_KINDS
from app.flows.replies.open import AUDIO
from app.store import answer_words, sealing
from app.store.answer_words import AnswerWords
from app.store.sealing import REVIEWED_TEXT
from app.store.tables import RESPONSE, TEXT_REVIEW

log = structlog.get_logger(__name__)

_IS_OPEN = or_(RESPONSE.c.kind.in_(OPEN_KINDS), RESPONSE.c.status == "unclear")
_IS_NOTE = and_(RESPONSE.c.rule == AUDIO, RESPONSE.c.words.is_(None))
"""A voice note has no words but those that a person has typed."""

_undecided = func.coalesce(TEXT_REVIEW.c.decision, "withhold") == "withhold"

withheld = and_(or_(_IS_OPEN, RESPONSE.c.words.is_not(None)), _undecided)
"""Whether the words of an answer are not to be read."""

is_text = and_(
    RESPONSE.c.missing.is_(None),
    or_(and_(RESPONSE.c.kind == "text", RESPONSE.c.status != "unclear", RESPONSE.c.words.is_not(None)), _IS_NOTE),
)
"""Whether the value of an answer is a text."""


def code(column: ColumnElement[Any], instead: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of an answer that has no words; `instead` while the answer to an open question waits for review."""
    return case((and_(_IS_OPEN, _undecided), instead), else_=column)


class SealedWords(NamedTuple):
    """The sealed words of an answer that may be read, as columns or as their values: what was typed, what a person put in its place, and
    the message that they came with."""

    words: Any
    reviewed: Any
    inbound_id: Any


def sealed(selection: Selection) -> SealedWords:
    """The columns of the words that a selection may read."""
    decision = TEXT_REVIEW.c.decision
    if selection.with_text:
        words: ColumnElement[Any] = RESPONSE.c.words
        reviewed = case((_IS_NOTE, TEXT_REVIEW.c.text))
    else:
        words = case((decision == "ok", RESPONSE.c.words))
        reviewed = case((decision == "redact", TEXT_REVIEW.c.text))
    return SealedWords(words.label("words"), reviewed.label("reviewed"), RESPONSE.c.inbound_id)


def opened(
    tx: Connection, found: SealedWords, response: int, value: str | None, label: str | None, *, is_text: bool
) -> AnswerWords:
    """The words of an answer, of whose columns value and label are known; `is_text`: those are words too. What cannot be opened is left
    out, and logged."""
    if found.reviewed is not None:
        text = sealing.readable(tx, REVIEWED_TEXT, response, found.reviewed)
        if text is not None:
            return AnswerWords(text, text, text) if is_text else AnswerWords(text, value, label or "")
    elif found.words is not None:
        words = answer_words.opened(tx, found.inbound_id, None, found.words, value, label or "")
        if words is not None:
            return words
    log.error("the words of an answer cannot be opened, and are left out", response=response)
    return AnswerWords("", value, label or "")

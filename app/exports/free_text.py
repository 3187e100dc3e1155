"""Free text for analysts. Answers to open questions, replies that were not understood, and words that a person has read for the officer
are personal data until reviewed; a reviewer releases them as they are, redacts them, or withholds them. The table `text_review` is to be joined, outer, by `response_id`."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, null, or_

from app.flows.replies.forms import OPEN_KINDS
from app.flows.replies.open import AUDIO
from app.store.judged import BY_PERSON
from app.store.tables import RESPONSE, TEXT_REVIEW

_IS_OPEN = or_(RESPONSE.c.kind.in_(OPEN_KINDS), RESPONSE.c.status == "unclear")
_IN_OWN_WORDS = or_(_IS_OPEN, RESPONSE.c.rule == BY_PERSON)
"""A closed answer that a person has read has its value, and words that were no option."""

withheld = and_(_IN_OWN_WORDS, func.coalesce(TEXT_REVIEW.c.decision, "withhold") == "withhold")
"""Whether the words of an answer are not to be read."""


def without(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column with what a reviewer has put in the place of a text. What is understood of a file is no text."""
    return case((RESPONSE.c.kind == "text", TEXT_REVIEW.c.text), else_=column)


def typed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column with the words that a person has typed of a voice note, which has none of its own."""
    return case((and_(RESPONSE.c.rule == AUDIO, RESPONSE.c.raw == ""), TEXT_REVIEW.c.text), else_=column)


def read(
    column: ColumnElement[Any],
    instead: ColumnElement[Any],
    hidden: ColumnElement[Any] | None = None,
    *,
    words: bool = False,
) -> ColumnElement[Any]:
    """A column of an answer as it may be read: `instead` where something was taken out, `hidden`, by default nothing, where it is
    not to be read. `words`: the column has the officer's own."""
    decision = TEXT_REVIEW.c.decision
    own = case((decision == "ok", column), (decision == "redact", instead), else_=null() if hidden is None else hidden)
    return case((_IN_OWN_WORDS if words else _IS_OPEN, own), else_=column)

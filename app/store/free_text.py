"""Free text: officers' answers in their own words, the decisions of reviewers, and the codes that coders assigned. All functions
take a transaction and commit nothing."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, or_, select

from app.flows.replies.forms import OPEN_KINDS
from app.flows.replies.open import AUDIO
from app.store import answer_words, sealing
from app.store.bulk import portions
from app.store.dialect import literal, upsert
from app.store.judged import BY_PERSON
from app.store.sealing import REVIEWED_TEXT
from app.store.tables import (
    COHORT,
    CONTACT,
    RESPONSE,
    TEXT_CODE,
    TEXT_REVIEW,
    with_officer,
)
from app.store.tryouts import of_real

VOICE_NOTE = "(audio)"
"""The text of a voice note until a person has typed its words."""

_MOST_AT_ONCE = 10_000

_HAS_WORDS: ColumnElement[bool] = or_(RESPONSE.c.words.is_not(None), RESPONSE.c.rule == literal(AUDIO))
"""As the index of these answers has it."""
_IS_NOTE = and_(RESPONSE.c.rule == AUDIO, RESPONSE.c.words.is_(None))
_REVIEW = TEXT_REVIEW.alias("reviewed")
_REVIEWED = select(_REVIEW.c.id).where(_REVIEW.c.response_id == RESPONSE.c.id).exists()


@dataclass(frozen=True, slots=True)
class FreeText:
    """An answer in an officer's own words, or one that was not understood. `decision` is None until it has been reviewed; `redacted`
    is the text to read instead. `raw` of a voice note is `VOICE_NOTE`: a person listens, and what it says is the redacted text."""

    id: int
    study_id: str
    programme: str
    version: int
    flow: str
    step: str
    variable: str
    status: str
    raw: str
    is_voice_note: bool
    decision: str | None
    redacted: str | None
    by: str | None

    @property
    def readable(self) -> str | None:
        """The text that non-reviewers may read; None if they may not."""
        return {"ok": self.raw, "redact": self.redacted}.get(self.decision or "")


def is_open() -> ColumnElement[bool]:
    """Whether the text counts as personal data until it has been reviewed. In this form PostgreSQL, which takes words for rarer than they are,
    goes through the index of words in its order, and neither looks up each of the three by itself nor the review of each text."""
    found = or_(RESPONSE.c.kind.in_(OPEN_KINDS), RESPONSE.c.status == "unclear", RESPONSE.c.rule == BY_PERSON)
    return case((found, 1), else_=0) != 0


def texts(
    tx: Connection,
    *,
    programme: str | None = None,
    cohort: str | None = None,
    reviewed: bool | None = None,
    closed: bool = False,
    ids: Collection[int] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[FreeText]:
    """Texts in the order of their answers, but for those of tryouts. `ids` selects some; `reviewed` selects the reviewed or the unreviewed ones; `closed` has also
    the words beside the option of a closed question, which are many and mostly say nothing else."""
    of_text, of_officer = [_HAS_WORDS], [of_real()]
    if ids is None and not closed:
        of_text.append(is_open())
    if reviewed is not None:
        of_text.append(_REVIEWED if reviewed else ~_REVIEWED)
    if programme is not None or cohort is not None:
        of_officer.append(_of_cohorts(programme, cohort))
    if ids is None:
        ids = _ids(tx, of_text, of_officer, after, limit)
    return [found for part in portions(sorted(ids)) for found in _read(tx, [*of_text, *of_officer], part)]


def _of_cohorts(programme: str | None, cohort: str | None) -> ColumnElement[bool]:
    """Whether the officer is of a programme or a cohort: asked of one answer after the other, and not of one officer after the other."""
    theirs = select(COHORT.c.id)
    if programme is not None:
        theirs = theirs.where(COHORT.c.programme == programme)
    if cohort is not None:
        theirs = theirs.where(COHORT.c.code == cohort)
    return (CONTACT.c.cohort_id + 0).in_(theirs)


def _ids(
    tx: Connection,
    of_text: Sequence[ColumnElement[bool]],
    of_officer: Sequence[ColumnElement[bool]],
    after: int,
    limit: int | None,
) -> list[int]:
    """The first of these texts, through their index, before anything of them is read; of whom they are is asked of as many as are wanted, and not
    of all that were reviewed before them."""
    key, rows = RESPONSE.c.id, RESPONSE.join(CONTACT, CONTACT.c.id == RESPONSE.c.contact_id)
    theirs = select(key).select_from(rows).where(*of_officer).order_by(key)
    if limit is None:
        return list(tx.execute(theirs.where(*of_text, key > after)).scalars())
    found: list[int] = []
    size = limit
    while True:
        next_texts = select(key).where(*of_text, key > after).order_by(key).limit(size)
        if some := list(tx.execute(next_texts).scalars()):
            found += tx.execute(theirs.where(key.in_(some))).scalars()
        if len(found) >= limit or len(some) < size:
            return found[:limit]
        after, size = some[-1], min(4 * size, _MOST_AT_ONCE)


def _read(tx: Connection, wanted: list[Any], ids: Sequence[int]) -> Iterator[FreeText]:
    query: Select[Any] = (
        select(
            RESPONSE.c.id,
            CONTACT.c.study_id,
            COHORT.c.programme,
            RESPONSE.c.flow_version_id,
            RESPONSE.c.flow,
            RESPONSE.c.step,
            RESPONSE.c.variable,
            RESPONSE.c.status,
            RESPONSE.c.inbound_id,
            RESPONSE.c.words,
            _IS_NOTE.label("is_note"),
            TEXT_REVIEW.c.decision,
            TEXT_REVIEW.c.text,
            TEXT_REVIEW.c.by,
        )
        .select_from(with_officer(RESPONSE).outerjoin(TEXT_REVIEW, TEXT_REVIEW.c.response_id == RESPONSE.c.id))
        .where(*wanted, RESPONSE.c.id.in_(ids))
        .order_by(RESPONSE.c.id)
    )
    return (_text(tx, row) for row in tx.execute(query).all())


def _text(tx: Connection, row: Any) -> FreeText:  # noqa: ANN401 - a row of `_read`
    raw = VOICE_NOTE if row.is_note else answer_words.shown(tx, row.inbound_id, row.words)
    redacted = None if row.text is None else sealing.shown(tx, REVIEWED_TEXT, row.id, row.text)
    known = (row.id, row.study_id, row.programme, row.flow_version_id, row.flow, row.step, row.variable, row.status)
    return FreeText(*known, raw, bool(row.is_note), row.decision, redacted, row.by)


def save_reviews(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Save decisions, replacing earlier ones: rows of `response_id`, `decision`, `text`, `by`, `at`."""
    sealed = [row | {"text": sealing.seal(tx, REVIEWED_TEXT, row["response_id"], row["text"])} for row in rows]
    upsert(tx, TEXT_REVIEW, sealed, key=["response_id"])


class ReadableText(NamedTuple):
    """A reviewed text that may be read, without its words."""

    id: int
    variable: str
    step: str


def readable(
    tx: Connection, programme: str, names: Collection[str], ids: Collection[int] | None = None
) -> list[ReadableText]:
    """The reviewed texts of a programme that may be read, answers to the questions or variables of these names, in their order: all, or some of
    these. A corrected answer is none of them."""
    cohorts = list(tx.execute(select(COHORT.c.id).where(COHORT.c.programme == programme)).scalars())
    columns = (RESPONSE.c.id, RESPONSE.c.variable, RESPONSE.c.step, RESPONSE.c.contact_id)
    rows = TEXT_REVIEW.join(RESPONSE, RESPONSE.c.id == TEXT_REVIEW.c.response_id)
    named = or_(RESPONSE.c.variable.in_(sorted(names)), RESPONSE.c.step.in_(sorted(names)))
    wanted = [TEXT_REVIEW.c.decision.in_(("ok", "redact")), named, _HAS_WORDS, is_open()]
    found = select(*columns).select_from(rows).where(*wanted, RESPONSE.c.status != "superseded")
    some = (
        [found] if ids is None else (found.where(TEXT_REVIEW.c.response_id.in_(part)) for part in portions(sorted(ids)))
    )
    return sorted(ReadableText._make(row) for one in some for row in tx.execute(_whose(one, cohorts)).all())


def _whose(texts: Select[Any], cohorts: Collection[int]) -> Select[Any]:
    """Those of these texts whose officer is of some cohorts: asked once they have been found, in a subquery that no database takes apart."""
    found = texts.offset(0).subquery()
    officers = found.join(CONTACT, CONTACT.c.id == found.c.contact_id)
    wanted = (CONTACT.c.cohort_id + 0).in_(cohorts)
    return select(found.c.id, found.c.variable, found.c.step).select_from(officers).where(wanted)


class AssignedCodes(NamedTuple):
    """The codes that one coder assigned to one answer, for one variable of the coding scheme. Codes are separated by spaces."""

    response: int
    variable: str
    coder: str
    codes: str


def assigned_codes(
    tx: Connection, variables: Collection[str], response: int | None = None, coders: Collection[str] | None = None
) -> list[AssignedCodes]:
    """The codes assigned for these variables, to all texts or one, by all coders or some, ordered by response and coder."""
    query = (
        select(TEXT_CODE.c.response_id, TEXT_CODE.c.variable, TEXT_CODE.c.coder, TEXT_CODE.c.codes)
        .where(
            TEXT_CODE.c.variable.in_(sorted(variables)),
            *([] if response is None else [TEXT_CODE.c.response_id == response]),
            *([] if coders is None else [TEXT_CODE.c.coder.in_(sorted(coders))]),
        )
        .order_by(TEXT_CODE.c.response_id, TEXT_CODE.c.variable, TEXT_CODE.c.coder)
    )
    return [AssignedCodes._make(row) for row in tx.execute(query).all()]  # row by row it takes three times as long


def save_codes(tx: Connection, coded: Sequence[AssignedCodes], now: datetime) -> None:
    """Save assigned codes, replacing the coder's earlier ones."""
    rows = [
        {"response_id": one.response, "variable": one.variable, "coder": one.coder, "codes": one.codes, "at": now}
        for one in coded
    ]
    upsert(tx, TEXT_CODE, rows, key=["response_id", "variable", "coder"])

"""The table `responses`: one row for each answer to each question, also to questions that are in no flow any more. Whatever was typed
that is more than an option is personal data until somebody has reviewed it, and is withheld; what was understood is not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, literal, null, select

from app.exports import free_text, media
from app.exports.columns import RESPONSES, Column
from app.exports.free_text import SealedWords, code, opened, sealed
from app.exports.numbering import Numbering
from app.exports.questions import misconceptions
from app.exports.recall import of_late_answers
from app.exports.selection import Selection, officer_conditions, response_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.store.corrections import Replaced
from app.store.dialect import seconds_between
from app.store.tables import (
    FLOW_VERSION,
    NUDGE,
    RESPONSE,
    SESSION,
    TEXT_REVIEW,
    with_officer,
)

_attached = media.counted()

NAMES = [column.name for column in RESPONSES]
_STUDY_ID, _RESPONSE_ID, _MISSING = NAMES.index("study_id"), NAMES.index("response_id"), NAMES.index("missing")
_CORRECT, _MISCONCEPTION, _CORRECTED = NAMES.index("correct"), NAMES.index("misconception"), NAMES.index("corrected")
_PROGRAMME, _VARIABLE = NAMES.index("programme"), NAMES.index("variable")
_LATE, _RECALL = NAMES.index("late"), NAMES.index("recall_lag")
_RAW, _LABEL, _KIND = NAMES.index("raw"), NAMES.index("label"), NAMES.index("kind")
_VALUE, _MEDIA, _NUMBER = NAMES.index("value"), NAMES.index("media"), NAMES.index("number")


def columns(source: Source) -> tuple[Column, ...]:
    """The columns of the table, with the meanings of the programmes' misconceptions."""
    codes = misconceptions(source.questions)
    return tuple(
        replace(column, codes=codes) if column.name == "misconception" else column
        for column in source.waves.labelled(RESPONSES)
    )


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. Columns are `columns.RESPONSES`."""
    found, lags = cells(source), of_late_answers(source)
    query = chosen(
        source.selection, *(found[name] for name in NAMES), *sealed(source.selection), ZONE, with_officers=True
    )
    for batch in source.table(query, RESPONSES):
        for row in batch:
            *_, words, reviewed, inbound = row
            del row[len(NAMES) :]
            if words is not None or reviewed is not None:
                of = SealedWords(words, reviewed, inbound)
                is_text = row[_KIND] == "text" and row[_MISSING] is None
                row[_RAW], row[_VALUE], row[_LABEL] = opened(
                    source.tx, of, row[_RESPONSE_ID], row[_VALUE], row[_LABEL], is_text=is_text
                )
            if (replaced := source.corrections.get(row[_RESPONSE_ID])) is not None:
                _correct(row, replaced)
            _finish(row, source.numbering)
            row[_RECALL] = lags.get(row[_RESPONSE_ID]) if row[_LATE] else None
        yield batch


def cells(source: Source) -> dict[str, ColumnElement[Any]]:
    """The columns as the database gives them: what only Python can do is done in `rows`. A local time is given in UTC."""
    response, selection = RESPONSE.c, source.selection
    value: ColumnElement[Any] = response.value
    label: ColumnElement[Any] = response.label
    number: ColumnElement[Any] = response.number
    withheld: ColumnElement[int] = literal(0)
    if not selection.with_text:
        value, label, number = (code(column, null()) for column in (value, label, number))
        withheld = case((free_text.withheld, 1), else_=0)
    is_missing = response.missing.is_not(None)  # a missing code says nothing but itself
    same = (
        "session_id",
        "flow",
        "step",
        "variable",
        "wave",
        "level",
        "principle",
        "kind",
        "missing",
        "rule",
        "score",
        "attempt",
        "status",
        "misconception",
    )
    return {
        **dict(zip(("study_id", "cohort", "programme"), WHO, strict=True)),
        **{name: response[name] for name in same},
        "response_id": response.id,
        "flow_version": func.substr(FLOW_VERSION.c.hash, 1, 12),
        "raw": response.raw,
        "value": case((is_missing, literal(".") + response.missing), else_=value),
        "label": case((is_missing, response.label), else_=label),
        "number": number,
        "withheld": withheld,
        "correct": cast(response.correct, Integer),
        "late": cast(response.late, Integer),
        "channel": SESSION.c.channel,
        "variant": SESSION.c.variant,
        "scheduled_at": utc(NUDGE.c.planned_for),
        "asked_at": utc(response.asked_at),
        "answered_at": utc(response.answered_at),
        "asked_local": utc(response.asked_at),
        "answered_local": utc(response.answered_at),
        "files": _attached.c.files,
        "media": _attached.c.stored,
        "recall_lag": null(),
        "answer_seconds": seconds_between(response.asked_at, response.answered_at),
        "wave_number": source.waves.in_sql(FLOW_VERSION.c.programme, response.wave),
        "corrected": literal(0),
    }


def chosen(selection: Selection, *columns: ColumnElement[Any], with_officers: bool) -> Select[Any]:
    """These columns of the wanted responses, in the order of their key. Without officers, if all are wanted: joining takes time."""
    tables = RESPONSE.join(SESSION, SESSION.c.id == RESPONSE.c.session_id).join(
        FLOW_VERSION, FLOW_VERSION.c.id == RESPONSE.c.flow_version_id
    )
    if with_officers or officer_conditions(selection) or selection.since or selection.until:
        tables = with_officer(tables, RESPONSE)
    tables = tables.outerjoin(TEXT_REVIEW, TEXT_REVIEW.c.response_id == RESPONSE.c.id)
    tables = tables.outerjoin(NUDGE, NUDGE.c.session_id == SESSION.c.id).outerjoin(
        _attached, _attached.c.inbound_id == RESPONSE.c.inbound_id
    )
    return select(*columns).select_from(tables).where(*response_conditions(selection)).order_by(RESPONSE.c.id)


def _correct(row: Any, replaced: Replaced) -> None:  # noqa: ANN401 - a list of cells
    """Put a correction in the place of an answer's own value; what was typed stays."""
    row[_VALUE] = replaced.value if replaced.missing is None else f".{replaced.missing}"
    row[_NUMBER], row[_LABEL], row[_MISSING] = replaced.number, replaced.label or None, replaced.missing
    row[_CORRECT] = None if replaced.correct is None else int(replaced.correct)
    row[_MISCONCEPTION], row[_CORRECTED] = replaced.misconception, 1


def _finish(row: Any, numbering: Numbering) -> None:  # noqa: ANN401 - a list of cells
    number = row[_NUMBER]
    if row[_MISSING] is not None:
        row[_NUMBER] = row[_VALUE]
    elif number is not None and number.is_integer():
        row[_NUMBER] = whole = int(number)
        row[_VALUE] = str(whole)
    elif number is None and row[_KIND] == "choice":
        row[_NUMBER] = numbering.of(row[_PROGRAMME], row[_VARIABLE]).get(row[_VALUE])
    if row[_MEDIA] is not None:
        row[_MEDIA] = media.names(row[_STUDY_ID], row[_RESPONSE_ID], row[_MEDIA])

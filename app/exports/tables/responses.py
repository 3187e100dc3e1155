"""The table `responses`: one row for each answer to each question, also to questions that are in no flow any more. Free
text, and replies that were not understood, are personal data until somebody has reviewed them, and are withheld; what was
typed in answer to a closed question that was understood is not."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, false, func, literal, null, or_, select

from app.exports import media
from app.exports.columns import RESPONSES
from app.exports.questions import OPEN_KINDS
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.exports.wanted import Wanted, of_response
from app.store.tables import Cohort, Contact, FlowVersion, Nudge, Response, Session

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
NUDGE = Nudge.__table__  # type: ignore[attr-defined]
RESPONSE = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]
_version = FlowVersion.__table__  # type: ignore[attr-defined]

NAMES = [column.name for column in RESPONSES]
_STUDY_ID, _RESPONSE_ID, _MISSING = NAMES.index("study_id"), NAMES.index("response_id"), NAMES.index("missing")
_VALUE, _MEDIA, _NUMBER = NAMES.index("value"), NAMES.index("media"), NAMES.index("number")


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. Columns are `columns.RESPONSES`."""
    for batch in source.table(query(source.wanted), RESPONSES):
        for row in batch:
            _finish(row)
        yield batch


def query(wanted: Wanted) -> Select[Any]:
    """The table as the database gives it: what only Python can do is done in `_finish`."""
    attached = media.counted()
    response = RESPONSE.c
    withheld = false() if wanted.with_text else or_(response.kind.in_(OPEN_KINDS), response.status == "unclear")
    hidden = and_(withheld, response.missing.is_(None))  # a missing code says nothing but itself
    value = case((response.missing.is_not(None), literal(".") + response.missing), else_=response.value)
    return (
        select(
            *WHO, response.id, response.session_id, response.flow, func.substr(_version.c.hash, 1, 12), response.step,
            response.variable, response.wave, response.level, response.principle, response.kind,
            _unless(withheld, response.raw), _unless(hidden, value), _unless(hidden, response.label),
            response.missing, cast(response.correct, Integer), response.rule, response.score, response.attempt,
            response.status, cast(response.late, Integer), case((withheld, 1), else_=0), _session.c.channel,
            utc(NUDGE.c.planned_for), utc(response.asked_at), utc(response.answered_at),
            utc(response.asked_at), utc(response.answered_at),
            _session.c.variant, attached.c.files, attached.c.stored, _unless(hidden, response.number), ZONE,
        )
        .select_from(
            RESPONSE.join(_contact, _contact.c.id == response.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            .join(_session, _session.c.id == response.session_id)
            .join(_version, _version.c.id == response.flow_version_id)
            .outerjoin(NUDGE, NUDGE.c.session_id == _session.c.id)
            .outerjoin(attached, attached.c.inbound_id == response.inbound_id)
        )
        .where(*of_response(wanted))
        .order_by(response.id)
    )


def _unless(condition: ColumnElement[bool], column: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((condition, null()), else_=column)


def _finish(row: Any) -> None:  # noqa: ANN401 - a list of cells
    number = row[_NUMBER]
    if row[_MISSING] is not None:
        row[_NUMBER] = row[_VALUE]
    elif number is not None and number.is_integer():
        row[_NUMBER] = whole = int(number)
        row[_VALUE] = str(whole)
    if row[_MEDIA] is not None:
        row[_MEDIA] = media.names(row[_STUDY_ID], row[_RESPONSE_ID], row[_MEDIA])

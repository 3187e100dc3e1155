"""The table `responses`: one row for each answer to each question, also to questions that are in no flow any more. Free
text, and replies that were not understood, are personal data until somebody has reviewed them, and are withheld; what was
typed in answer to a closed question that was understood is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, select

from app.exports import media
from app.store.tables import Cohort, Contact, FlowVersion, Nudge, Response, Session

_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_nudge = Nudge.__table__  # type: ignore[attr-defined]
_response = Response.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]
_version = FlowVersion.__table__  # type: ignore[attr-defined]

BATCH = 5_000
OPEN_KINDS = frozenset({"text", "media"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which responses to export; None: all. `since` and `until` are of the answer. `with_text`: free text too."""

    programme: str | None = None
    cohort: str | None = None
    level: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_text: bool = False


def rows(tx: Connection, wanted: Wanted) -> Iterator[tuple[object, ...]]:
    """The rows of the table in the order of its key, streamed. Columns are those of `columns.RESPONSES`."""
    for row in tx.execute(_query(wanted), execution_options={"yield_per": BATCH}):
        yield _row(row, wanted.with_text)


def _query(wanted: Wanted) -> Select[Any]:
    attached = media.counted()
    query = (
        select(
            _contact.c.study_id, _cohort.c.code.label("cohort"), _cohort.c.programme, _response, _version.c.hash,
            _session.c.channel, _session.c.variant, _nudge.c.planned_for, _contact.c.timezone, attached.c.files,
            attached.c.stored,
        )
        .select_from(
            _response.join(_contact, _contact.c.id == _response.c.contact_id)
            .join(_cohort, _cohort.c.id == _contact.c.cohort_id)
            .join(_session, _session.c.id == _response.c.session_id)
            .join(_version, _version.c.id == _response.c.flow_version_id)
            .outerjoin(_nudge, _nudge.c.session_id == _session.c.id)
            .outerjoin(attached, attached.c.inbound_id == _response.c.inbound_id)
        )
        .order_by(_response.c.id)
    )
    return query.where(*conditions(wanted))


def conditions(wanted: Wanted) -> list[Any]:
    """What a response must be to be wanted, over the tables response, contact and cohort."""
    found = []
    if wanted.programme is not None:
        found.append(_cohort.c.programme == wanted.programme)
    if wanted.cohort is not None:
        found.append(_cohort.c.code == wanted.cohort)
    if wanted.level is not None:
        found.append(_response.c.level == wanted.level)
    if wanted.since is not None:
        found.append(_response.c.answered_at >= wanted.since)
    if wanted.until is not None:
        found.append(_response.c.answered_at < wanted.until)
    return found


def _row(row: Row[Any], with_text: bool) -> tuple[object, ...]:
    withheld = not with_text and (row.kind in OPEN_KINDS or row.status == "unclear")
    hidden = withheld and not row.missing  # a missing code says nothing but itself
    zone = ZoneInfo(row.timezone)
    return (
        row.study_id, row.cohort, row.programme, row.id, row.session_id, row.flow, row.hash[:12], row.step, row.variable,
        row.wave, row.level, row.principle, row.kind,
        None if withheld else row.raw,
        None if hidden else _value(row),
        None if hidden else row.label,
        row.missing, flag(row.correct), row.rule, row.score, row.attempt, row.status, flag(row.late), flag(withheld),
        row.channel, utc(row.planned_for), utc(row.asked_at), utc(row.answered_at),
        local(row.asked_at, zone), local(row.answered_at, zone),
        row.variant, row.files, media.names(row.study_id, row.id, row.stored),
    )


def _value(row: Row[Any]) -> object:
    if row.missing:
        return f".{row.missing}"
    if row.number is not None:
        return int(row.number) if row.number.is_integer() else row.number
    return row.value


def flag(value: bool | None) -> int | None:
    """Yes or no as 1 or 0."""
    return None if value is None else int(value)


def utc(moment: datetime | None) -> str | None:
    """A moment as exports write it."""
    return None if moment is None else f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A moment by the clock on the officer's wall."""
    return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ", "seconds")

"""The table `assignments`: one row for each assignment and how likely it was: of an officer to an arm of a study, with stratum and
cluster, and of a single occasion to what was drawn for it. An officer who follows a campaign without chance has a row too."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, literal, null, select

from app.exports.columns import ASSIGNMENTS
from app.exports.selection import Selection, officer_conditions, time_conditions
from app.exports.source import WHO, ZONE, Batch, Source, utc
from app.store.tables import (
    ASSIGNMENT,
    DRAW,
    NUDGE,
    RANDOMISATION,
    with_officer,
)

_OF_ARM, _OF_CAMPAIGN = ASSIGNMENT.c.arm.is_not(None), ASSIGNMENT.c.arm.is_(None)

Cells = dict[str, ColumnElement[Any]]


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key: arms, campaigns, draws. `since` and `until` are of the assignment."""
    selection = source.selection
    queries = (_arms(selection, "arm", _OF_ARM), _arms(selection, "campaign", _OF_CAMPAIGN), _draws(selection))
    return chain.from_iterable(source.table(query, ASSIGNMENTS) for query in queries)


def _arms(selection: Selection, kind: str, condition: ColumnElement[bool]) -> Select[Any]:
    given, draw = ASSIGNMENT.c, RANDOMISATION.c
    cells: Cells = {
        "kind": literal(kind),
        "number": given.id,
        "campaign": given.campaign,
        "choice": given.arm,
        "probability": given.probability,
        "stratum": given.stratum,
        "cluster": given.cluster,
        "scope": draw.scope,
        "seed": cast(draw.seed, String),
        "input_hash": draw.input_hash,
        "release": draw.release,
        "assigned_at": utc(given.at),
        "assigned_local": utc(given.at),
    }
    tables = with_officer(ASSIGNMENT).outerjoin(RANDOMISATION, draw.id == given.randomisation_id)
    return _query(cells, tables, given, selection).where(condition)


def _draws(selection: Selection) -> Select[Any]:
    draw, nudge = DRAW.c, NUDGE.c
    cells: Cells = {
        "kind": literal("draw"),
        "number": draw.id,
        "campaign": nudge.campaign,
        "slot": nudge.slot,
        "nudge_id": nudge.id,
        "session_id": nudge.session_id,
        "choice": draw.choice,
        "probability": draw.probability,
        "eligible": draw.eligible,
        "seed": cast(draw.seed, String),
        "assigned_at": utc(draw.at),
        "assigned_local": utc(draw.at),
    }
    tables = with_officer(DRAW.join(NUDGE, nudge.id == draw.nudge_id), NUDGE)
    return _query(cells, tables, draw, selection)


def _query(cells: Cells, tables: Any, own: Any, selection: Selection) -> Select[Any]:  # noqa: ANN401 - a join, and columns
    who = dict(zip(("study_id", "cohort", "programme"), WHO, strict=True))
    found = [{**who, **cells}.get(column.name, null()) for column in ASSIGNMENTS]
    return (
        select(*(cell.label(f"c{place}") for place, cell in enumerate(found)), ZONE)
        .select_from(tables)
        .where(*officer_conditions(selection), *time_conditions(selection, own.at))
        .order_by(own.id)
    )

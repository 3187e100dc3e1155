"""The tables of an export: one module each, and one entry in the list here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.errors import UsageError
from app.exports import columns as c
from app.exports.columns import Column
from app.exports.source import Batch, Source
from app.exports.tables import (
    assignments,
    codes,
    consort,
    corrections,
    dispositions,
    messages,
    mrt,
    nudges,
    officers,
    quality,
    responses,
    responses_csv,
    scores,
    self_reports,
    sessions,
    wide,
)
from app.flows.language.nearby import unknown
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what one row is, the columns that are unique together and in whose order the rows come, its columns, its rows.
    One that may be very long may also give its lines of CSV, made more quickly than from its rows."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: Callable[[Source], tuple[Column, ...]]
    rows: Callable[[Source], Iterator[Batch]]
    lines: Callable[[Source], Iterator[list[str]]] | None = None


def _always(columns: tuple[Column, ...]) -> Callable[[Source], tuple[Column, ...]]:
    return lambda _: columns


def _with_waves(columns: tuple[Column, ...]) -> Callable[[Source], tuple[Column, ...]]:
    return lambda source: source.waves.labelled(columns)


TABLES = (
    Table("officers", "one officer", ("study_id",), officers.columns, officers.rows),
    Table(
        "messages",
        "one message, in or out, without its text",
        ("direction", "number"),
        _always(c.MESSAGES),
        messages.rows,
    ),
    Table("nudges", "one flow that was planned for one officer", ("nudge_id",), _with_waves(c.NUDGES), nudges.rows),
    Table("sessions", "one run of a flow with one officer", ("session_id",), _with_waves(c.SESSIONS), sessions.rows),
    Table(
        "responses",
        "one answer to one question",
        ("response_id",),
        responses.columns,
        responses.rows,
        responses_csv.lines,
    ),
    Table(
        "responses_wave",
        "one officer in one measurement wave, a column for each variable",
        ("study_id", "wave"),
        wide.columns_by_wave,
        wide.rows_by_wave,
    ),
    Table(
        "responses_wide",
        "one officer, a column for each variable and measurement wave",
        ("study_id",),
        wide.columns_wide,
        wide.rows_wide,
    ),
    Table(
        "dispositions",
        "one officer in one measurement wave: what came of it",
        ("study_id", "campaign", "wave"),
        _with_waves(c.DISPOSITIONS),
        dispositions.rows,
    ),
    Table(
        "assignments",
        "one assignment: of an officer to an arm, or of an occasion to a choice",
        ("kind", "number"),
        _always(c.ASSIGNMENTS),
        assignments.rows,
    ),
    Table(
        "consort",
        "one stage of the flow of participants, of an arm and for a reason",
        ("programme", "place"),
        _always(c.CONSORT),
        consort.rows,
    ),
    Table(
        "mrt",
        "one decision point of a micro-randomised campaign for one officer",
        ("study_id", "decision"),
        mrt.columns,
        mrt.rows,
    ),
    Table(
        "self_reports",
        "one application in the field as an officer reported it, or no contact",
        ("session_id", "record"),
        self_reports.columns,
        self_reports.rows,
    ),
    Table(
        "scores",
        "one score of one officer in one measurement wave",
        ("study_id", "wave", "score"),
        _with_waves(c.SCORES),
        scores.rows,
    ),
    Table(
        "scores_wide",
        "one officer, a column for each score and measurement wave",
        ("study_id",),
        scores.columns_wide,
        scores.rows_wide,
    ),
    Table(
        "codes",
        "one response coded by one variable of the coding scheme",
        ("response_id", "variable"),
        _with_waves(c.CODES),
        codes.rows,
    ),
    Table(
        "corrections",
        "one correction of one answer, with both values",
        ("correction_id",),
        _with_waves(c.CORRECTIONS),
        corrections.rows,
    ),
    Table(
        "quality",
        "one count of one check of the data",
        ("number",),
        _with_waves(c.QUALITY),
        quality.rows,
    ),
)


def choose(names: Sequence[str] | None) -> tuple[Table, ...]:
    """Tables by their names, all of them for None, in the order of this list. Raises UsageError for a name that none has."""
    known = [table.name for table in TABLES]
    for name in names or ():
        if name not in known:
            raise UsageError(
                unknown(Sentence("there is no table {name!r}", name=name), name, known, else_list=len(known), stop=True)
            )
    return tuple(table for table in TABLES if names is None or table.name in names)

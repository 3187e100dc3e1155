"""All data of a report, read in one consistent state."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.exports.reading_errors import ReadingError, reading_errors
from app.exports.report import consort
from app.exports.report.acts import ActCounts, act_counts
from app.exports.report.consort import Line
from app.exports.report.conversations import conversations
from app.exports.report.field_reports import FieldReports, field_reports
from app.exports.report.officers import Covariate, Drawn, covariates, drawn_by_study_id, places, status_counts
from app.exports.report.planned_flows import FlowCounts, flow_counts, used_versions
from app.exports.report.programme import ProgrammeSummary, summary
from app.exports.report.reach import reached
from app.exports.report.sample import Sample
from app.exports.report.score_totals import Total, totals
from app.exports.report.steps import Step, steps
from app.exports.report.wave_answers import wave_answers
from app.exports.report.wave_codes import wave_codes
from app.exports.report.waves import Wave, waves
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.statistics.suppression import Part
from app.exports.tables.quality_checks import Finding, answers, missing, straight_lines, values
from app.store import versions


@dataclass(frozen=True, slots=True)
class ReportData:
    """Counts and statistics; nobody's row."""

    programme: ProgrammeSummary
    flow_counts: FlowCounts
    steps: list[Step]
    acts: ActCounts
    waves: list[Wave]
    status_counts: dict[str | None, dict[str, Part]]
    covariates: list[Covariate]
    scores: list[Total]
    field_reports: FieldReports
    quality: list[Finding]
    reading_errors: list[ReadingError]
    drawn: dict[str, Drawn]
    consort: list[Line]
    places: dict[tuple[str, str], Counter[str]]

    @classmethod
    def read(cls, tx: Connection, sample: Sample, now: datetime) -> "ReportData":
        """Everything of a sample at the last moment of its data. The levels are read as an export of the sample has them."""
        source = Source(
            tx,
            Selection(
                sample.programme,
                sample.cohort,
                since=sample.since,
                until=sample.until,
                with_late=sample.with_late,
                zones=sample.zones,
                without=sample.without,
            ),
        )
        numbers = sorted({*used_versions(tx, sample), versions.current(tx)[sample.programme]})
        programmes = {number: one for number in numbers if (one := source.definitions.version(number)) is not None}
        programme = summary(sample.programme, programmes)
        reach = reached(tx, sample)
        talks, found = conversations(tx, sample, reach), waves(tx, sample, reach, now)
        drawn, measured = drawn_by_study_id(tx, sample), wave_answers(source)
        return cls(
            programme,
            flow_counts(tx, sample, programme, talks, now),
            steps(talks),
            act_counts(tx, sample),
            found,
            status_counts(tx, sample),
            covariates(tx, sample),
            totals(source, measured, programmes.values(), drawn),
            field_reports(source),
            [
                *answers(source, by_day=False),
                *straight_lines(source),
                *missing(wave_codes(source, measured)),
                *values(source),
            ],
            list(reading_errors(source).values()),
            drawn,
            consort.lines(tx, sample, found),
            places(tx, sample),
        )

"""All that a report is made of, read in one consistent state."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.exports.report.catalogue import Catalogue, catalogue
from app.exports.report.people import Covariate, covariates, drawn, standings
from app.exports.report.sample import Sample
from app.exports.report.scored import Total, totals
from app.exports.report.steps import Step, steps
from app.exports.report.talks import Talks, talks, used_versions
from app.exports.report.told import Told, told
from app.exports.report.waves import Wave, waves
from app.exports.source import Source
from app.exports.statistics.suppression import Part
from app.exports.wanted import Wanted
from app.store import versions


@dataclass(frozen=True, slots=True)
class Found:
    """Counts and statistics; nobody's row."""

    known: Catalogue
    talks: Talks
    steps: list[Step]
    waves: list[Wave]
    standings: dict[str | None, dict[str, Part]]
    covariates: list[Covariate]
    scores: list[Total]
    told: Told

    @classmethod
    def read(cls, tx: Connection, sample: Sample, now: datetime) -> "Found":
        """Everything of a sample at the last moment of its data. The levels are read as an export of the sample has them."""
        source = Source(
            tx, Wanted(sample.programme, sample.cohort, since=sample.since, until=sample.until, zones=sample.zones)
        )
        numbers = sorted({*used_versions(tx, sample), versions.current(tx)[sample.programme]})
        programmes = {number: one for number in numbers if (one := source.definitions.version(number)) is not None}
        known = catalogue(sample.programme, programmes)
        return cls(
            known,
            talks(tx, sample, known, now),
            steps(tx, sample),
            waves(tx, sample, now),
            standings(tx, sample),
            covariates(tx, sample),
            totals(source, programmes.values(), drawn(tx, sample)),
            told(source),
        )

"""All that a report is made of, read in one consistent state."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.exports.report.answers import Answers, answers
from app.exports.report.catalogue import Catalogue
from app.exports.report.people import Covariate, covariates, standings
from app.exports.report.sample import Sample
from app.exports.report.steps import Step, steps
from app.exports.report.talks import Talks, talks
from app.exports.report.waves import Wave, waves
from app.exports.statistics.suppression import Part


@dataclass(frozen=True, slots=True)
class Found:
    """Counts and statistics; nobody's row."""

    known: Catalogue
    talks: Talks
    steps: list[Step]
    waves: list[Wave]
    standings: dict[str, dict[str, Part]]
    covariates: list[Covariate]
    answers: Answers

    @classmethod
    def read(cls, tx: Connection, sample: Sample, known: Catalogue, now: datetime) -> "Found":
        """Everything of a sample at the last moment of its data."""
        return cls(
            known, talks(tx, sample, known, now), steps(tx, sample), waves(tx, sample, now), standings(tx, sample),
            covariates(tx, sample), answers(tx, sample, known),
        )

"""The report as one static page: no script, no network, one style sheet that a strict policy names by its hash. The same data gives
the same bytes."""

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection

from app import __version__
from app.exports.report.content import sections
from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, Section
from app.exports.report.sample import Sample, last_moment
from app.exports.report.words import Language, Words
from app.exports.statistics import libraries
from app.exports.statistics.suppression import K

TEMPLATES = Path(__file__).parent / "templates"
NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)


def report(tx: Connection, sample: Sample, *, language: Language = "es", k: int = K) -> bytes:
    """The page of a sample, as UTF-8. Raises ConfigurationError if NumPy or SciPy is not installed."""
    libraries.require()
    now = last_moment(tx, sample)
    data = ReportData.read(tx, sample, now or NOTHING_YET)
    return rendered(data, shown(data, Words(language), k), sample, now, Words(language), k)


def shown(data: ReportData, words: Words, k: int) -> list[Section] | None:
    """The sections of a page; None of fewer than k officers: of so few, even which rows a table has would tell what somebody did."""
    few = 0 < sum(part.count for part in data.status_counts.get("", {}).values()) < k
    return None if few else sections(data, words, k)


def rendered(
    data: ReportData, found: list[Section] | None, sample: Sample, now: datetime | None, words: Words, k: int
) -> bytes:
    """The page with these sections, as UTF-8. `now` is the last moment of the data."""
    page = (
        _environment()
        .get_template("report.html")
        .render(
            words=words,
            sections=found or [],
            few=found is None,
            title=data.programme.title,
            sample=sample,
            k=k,
            version=__version__,
            style=_style(),
            policy=policy(),
            until=_moment(now),
            time=_time(sample, words),
        )
    )
    return page.encode()


def picture(figure: Figure) -> bytes:
    """The chart of a figure as an SVG file of its own."""
    macros = _environment().get_template("pictures.html").module
    svg = str(getattr(macros, "chart")(figure))  # noqa: B009 - a macro, of which mypy knows nothing
    return svg.strip().replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1).encode() + b"\n"


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.exports.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy() -> str:
    """The Content-Security-Policy of the page: its style sheet and nothing else."""
    return f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()}'"


@cache
def _style() -> str:
    return (TEMPLATES / "report.css").read_text(encoding="utf-8")


def _moment(moment: datetime | None) -> str:
    """Its day: the minute would be somebody's."""
    return "" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d}"


def _time(sample: Sample, words: Words) -> str:
    since = words("from_start") if sample.since is None else words("from", day=f"{sample.since:%Y-%m-%d}")
    until = words("to_end") if sample.until is None else words("to", day=f"{sample.until:%Y-%m-%d}")
    return f"{since} {until}"

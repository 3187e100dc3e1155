"""The report in the archive: the page in both languages, its tables cell by cell, and the words of its labels, so that a script can
recompute what is printed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.exports.archive import checklists
from app.exports.archive.programme import labels
from app.exports.archive.tables import code, text, write_table
from app.exports.definitions import Definitions
from app.exports.report.consort_figures import flow, mixed
from app.exports.report.data import ReportData
from app.exports.report.figures import Section
from app.exports.report.page import NOTHING_YET, picture, rendered, shown
from app.exports.report.sample import Sample, last_moment
from app.exports.report.words import WORDS, Words
from app.exports.source import Row
from app.exports.statistics import libraries
from app.exports.writers import WrittenFile, write_bytes
from app.store.versions import Version

FOLDER = "report"
FIGURES = (code("figure"), text("title"), code("row"), text("name"), text("column"), text("cell"))
_ENGLISH, _SPANISH = Words("en"), Words("es")
SPILLOVER = (text("attribute"), text("value"), text("arm"), code("officers"))
LABELS = (code("what"), code("code"), text("en"), text("es"))


def write(
    tx: Connection, folder: Path, sample: Sample, definitions: Definitions, history: list[Version], k: int
) -> list[WrittenFile]:
    """Write the report as of the end of the hour of the last record: exported moments are cut to the hour, and a script must find the same
    flows planned. Raises ConfigurationError if NumPy or SciPy is not installed."""
    libraries.require()
    now = _end_of_hour(last_moment(tx, sample))
    data = ReportData.read(tx, sample, now or NOTHING_YET)
    current = definitions.current(sample.programme)
    english, spanish = (shown(data, words, k) for words in (_ENGLISH, _SPANISH))
    return [
        write_bytes(folder, f"{FOLDER}/report.html", rendered(data, english, sample, now, _ENGLISH, k)),
        write_bytes(folder, f"{FOLDER}/reporte.html", rendered(data, spanish, sample, now, _SPANISH, k)),
        write_bytes(folder, f"{FOLDER}/consort.svg", picture(flow(data.consort, _ENGLISH))),
        write_table(folder, f"{FOLDER}/spillover.csv", SPILLOVER, _spillover(data)),
        write_table(folder, f"{FOLDER}/figures.csv", FIGURES, _cells(english or [])),
        *([] if current is None else [checklists.write(tx, folder, sample, data, current, history)]),
        write_table(folder, f"{FOLDER}/labels.csv", LABELS, _labels(data, definitions, sample.programme)),
    ]


def _end_of_hour(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(minute=59, second=59, microsecond=999_999)


def _spillover(data: ReportData) -> Iterator[Row]:
    """The places where officers of several arms work, a row for each arm."""
    for (name, value), arms in mixed(data.places):
        yield from ((name, value, arm, count) for arm, count in sorted(arms.items()))


def _cells(sections: list[Section]) -> Iterator[Row]:
    for figure in (one for section in sections for one in section.figures):
        for place, row in enumerate(figure.rows, 1):
            name = " | ".join(row[: figure.words])
            for column, cell in zip(figure.columns[figure.words :], row[figure.words :], strict=True):
                yield figure.id, figure.title, place, name, column, cell


def _labels(data: ReportData, definitions: Definitions, programme: str) -> Iterator[Row]:
    yield from (("word", key, words["en"], words["es"]) for key, words in WORDS.items())
    yield from (("wave", suffix, name, name) for suffix, name in data.programme.waves.items())
    current = definitions.current(programme)
    if current is not None:
        yield from ((what, name, label, label) for what, name, label in labels(current))

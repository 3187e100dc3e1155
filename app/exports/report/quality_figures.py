"""The figures on the quality of the data: by question the answers that came too fast and those who do not know, by wave the same answer to
all items and what was never answered. What few officers did, or all but few, is hidden."""

from collections.abc import Iterable, Iterator

from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, number, percent
from app.exports.report.names import flow_name, wave_name
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.words import Words
from app.exports.tables.quality_checks import FAST_SECONDS, FEWEST_ITEMS, Check, Finding

_SHOWN = frozenset({"", "d", "m"})
"""The findings that have a figure: of missing codes those who do not know, and what was never answered."""


def quality(data: ReportData, words: Words, k: int) -> Iterator[Figure]:
    """The figures that have anything to show."""
    titles = (
        (Check.fast, words("fast"), words("fast_note", seconds=FAST_SECONDS), "flow", "question"),
        (Check.dont_know, words("dont_know"), words("dont_know_note"), "flow", "question"),
        (
            Check.straight_line,
            words("straight_lines"),
            words("straight_lines_note", items=FEWEST_ITEMS),
            "flow",
            "wave",
        ),
        (Check.missing, words("never_answered"), words("never_answered_note"), "question", "wave"),
    )
    for check, title, note, *named in titles:
        found = [one for one in data.quality if one.check is check and one.count and one.what in _SHOWN]
        if rows := tuple(_rows(found, data.programme, words, k)):
            columns = (*map(words, named), words("count"), words("of"), words("share"))
            yield Figure(f"quality-{check.value.replace('_', '-')}", title, note, columns, rows, words=2)


def _rows(found: Iterable[Finding], programme: ProgrammeSummary, words: Words, k: int) -> Iterator[tuple[str, ...]]:
    """The rows, the largest shares first."""
    for one in sorted(found, key=lambda one: (-one.count / one.n, one.flow, one.variable, one.wave)):
        few = one.count_officers < k or one.officers < k or 0 < one.n - one.count < k
        cells = (words("hidden"), "", "") if few else (number(one.count), number(one.n), percent(one.count / one.n))
        yield (*_place(one, programme), *cells)


def _place(one: Finding, programme: ProgrammeSummary) -> tuple[str, str]:
    match one.check:
        case Check.fast | Check.dont_know:
            return flow_name(one.flow, programme), one.variable
        case Check.straight_line:
            return flow_name(one.flow, programme), wave_name(one.wave, programme)
        case Check.missing | Check.act:
            return one.variable, wave_name(one.wave, programme)

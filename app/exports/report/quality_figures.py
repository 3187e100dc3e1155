"""The figures on the quality of the data: by question the answers that came too fast, those who do not know, numbers far from the others,
options for anything else, and questions that all answer alike; by wave the same answer to all items, what was never answered, and
questions without any value. What few officers did, or all but few, is hidden."""

from collections.abc import Iterable, Iterator

from app.exports.report.data import ReportData
from app.exports.report.figures import Figure, number, percent
from app.exports.report.names import flow_name, wave_name
from app.exports.report.programme import ProgrammeSummary
from app.exports.report.words import Words
from app.exports.tables.quality_checks import (
    FAST_SECONDS,
    FENCES,
    FEWEST_ITEMS,
    FEWEST_NUMBERS,
    Check,
    Finding,
)

_SHOWN = frozenset({"", "d", "m"})
"""The findings that have a figure: of missing codes those who do not know, and what was never answered."""
_OF_ALL = frozenset({Check.no_value, Check.same_value})
"""The checks that point at a question only if all are found."""


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
        (
            Check.outlier,
            words("outliers"),
            words("outliers_note", times=FENCES, least=FEWEST_NUMBERS),
            "flow",
            "question",
        ),
        (Check.other, words("others"), words("others_note"), "flow", "question"),
        (Check.same_value, words("same_value"), words("same_value_note"), "flow", "question"),
        (Check.missing, words("never_answered"), words("never_answered_note"), "question", "wave"),
        (Check.no_value, words("no_value"), words("no_value_note"), "question", "wave"),
    )
    for check, title, note, *named in titles:
        found = [one for one in data.quality if one.check is check and _is_shown(one)]
        if rows := tuple(_rows(found, data.programme, words, k)):
            columns = (*map(words, named), words("count"), words("of"), words("share"))
            yield Figure(f"quality-{check.value.replace('_', '-')}", title, note, columns, rows, words=2)


def _is_shown(one: Finding) -> bool:
    return one.count > 0 and one.what in _SHOWN and (one.check not in _OF_ALL or one.count == one.n)


def _rows(found: Iterable[Finding], programme: ProgrammeSummary, words: Words, k: int) -> Iterator[tuple[str, ...]]:
    """The rows, the largest shares first."""
    for one in sorted(found, key=lambda one: (-one.count / one.n, one.flow, one.variable, one.wave)):
        few = one.count_officers < k or one.officers < k or 0 < one.n - one.count < k
        cells = (words("hidden"), "", "") if few else (number(one.count), number(one.n), percent(one.count / one.n))
        yield (*_place(one, programme), *cells)


def _place(one: Finding, programme: ProgrammeSummary) -> tuple[str, str]:
    match one.check:
        case Check.fast | Check.dont_know | Check.outlier | Check.other | Check.same_value:
            return flow_name(one.flow, programme), one.variable
        case Check.straight_line:
            return flow_name(one.flow, programme), wave_name(one.wave, programme)
        case Check.missing | Check.no_value | Check.act:
            return one.variable, wave_name(one.wave, programme)

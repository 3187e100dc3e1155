"""What officers have for each variable of a wave: a value, or a code why there is none. Only counts leave this module."""

from collections import Counter, defaultdict

from app.exports.report.wave_answers import WaveAnswers
from app.exports.source import Source
from app.exports.statistics.libraries import numpy
from app.exports.tables import wide
from app.exports.tables.quality_checks import Codes


def wave_codes(source: Source, measured: WaveAnswers) -> Codes:
    """The same as the tables' own, of one programme."""
    np, programme = numpy(), source.selection.programme or ""
    names = [one.name for one in wide.variables(source)]
    found: defaultdict[tuple[str, str], defaultdict[str, Counter[str | None]]]
    found = defaultdict(lambda: defaultdict(Counter))
    for group in measured.groups(with_late=True):
        for name in names:
            places, counts = np.unique(group.cells[:, measured.variables.get(name, 0)], return_counts=True)
            for place, count in zip(places.tolist(), counts.tolist(), strict=True):
                told = wide.WaveAnswers()
                for row in [*group.talks, *([measured.answers[place]] if place else [])]:
                    told.add(row, source)
                if (answered := told.answered(name)) is not None:
                    found[programme, group.wave][name][answered.code] += count
    return found

"""The table `consort`: the flow of participants of each programme, stage by stage, as CONSORT 2025 has it."""

from collections.abc import Iterator

from app.exports.report import consort
from app.exports.report.reach import reached
from app.exports.report.sample import Sample, last_moment
from app.exports.report.waves import waves
from app.exports.source import Batch, Source, batched


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the planned moment of waves."""
    selection = source.selection
    for programme in sorted(source.definitions.pointers):
        if selection.programme not in {None, programme}:
            continue
        sample = Sample(
            programme, selection.cohort, selection.since, selection.until, selection.zones, selection.without
        )
        now = last_moment(source.tx, sample)
        measured = [] if now is None else waves(source.tx, sample, reached(source.tx, sample), now)
        lines = consort.lines(source.tx, sample, measured)
        yield from batched(
            (programme, place, line.stage, line.reason or None, line.arm or None, line.officers)
            for place, line in enumerate(lines, 1)
        )

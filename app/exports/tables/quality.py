"""The table `quality`: the counts of each check of the data, for high-frequency checks while they come in."""

from collections.abc import Iterator

from app.exports.source import Batch, Row, Source, batched
from app.exports.tables.quality_checks import Finding, findings


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the answer or the message; of `missing` and `no_value`, as in
    the wide tables."""
    return batched(_row(source, number, one) for number, one in enumerate(findings(source), 1))


def _row(source: Source, number: int, one: Finding) -> Row:
    return (
        number,
        one.check.value,
        one.programme,
        one.flow or None,
        one.variable or None,
        one.wave or None,
        one.day or None,
        one.what or None,
        one.n,
        one.count,
        round(one.count / one.n, 4),
        source.waves.number(one.programme, one.wave or None),
        *one.limits,
    )

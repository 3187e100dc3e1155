"""The table `quality`: the counts of each check of the data, for high-frequency checks while they come in."""

from collections.abc import Iterator

from app.exports.data_quality import Finding, findings
from app.exports.source import Batch, Row, Source, batched


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the answer or the message; of `missing`, as in the wide
    tables."""
    return batched(_row(source, one) for one in findings(source))


def _row(source: Source, one: Finding) -> Row:
    return (
        one.check.value,
        one.programme,
        one.flow,
        one.variable,
        one.wave,
        one.day,
        one.what,
        one.n,
        one.count,
        round(one.count / one.n, 4),
        source.waves.number(one.programme, one.wave or None),
    )

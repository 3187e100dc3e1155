"""Moments as they leave the installation: the hour, unless exact ones are asked for. Of a hundred officers almost everybody has an answer
alone in its minute, so whoever has seen a telephone would find its row. Durations stay exact."""

from collections.abc import Iterator, Sequence
from typing import Any

from app.exports.columns import Column, Kind
from app.exports.selection import Selection

HOUR = ":00:00"
"""The minutes and seconds of a moment whose hour is told."""

_ENDS = {Kind.utc: f"{HOUR}Z", Kind.local: HOUR}
_TO_THE_HOUR = 13


def disclosed(
    selection: Selection, columns: Sequence[Column], batches: Iterator[Sequence[Sequence[Any]]]
) -> Iterator[Sequence[Sequence[Any]]]:
    """Rows of a table as they leave the installation."""
    ends = [(place, _ENDS[column.kind]) for place, column in enumerate(columns) if column.is_moment]
    if selection.exact_times or not ends:
        return batches
    return ([_to_the_hour(row, ends) for row in batch] for batch in batches)


def _to_the_hour(row: Sequence[Any], ends: Sequence[tuple[int, str]]) -> list[Any]:
    cells = list(row)
    for place, end in ends:
        if cells[place] is not None:
            cells[place] = cells[place][:_TO_THE_HOUR] + end
    return cells

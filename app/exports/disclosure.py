"""Moments and officers as they leave the installation. Moments are told to the hour, unless exact ones are asked for: of a hundred officers
almost everybody has an answer alone in its minute, so whoever has seen a telephone would find its row. Durations stay exact. A
recipient who is named gets pseudonyms of its own instead of study ids."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from app.exports.columns import Column, Kind
from app.exports.source import Batch, Row, Source, batched

HOUR = ":00:00"
"""The minutes and seconds of a moment whose hour is told."""

_ENDS = {Kind.utc: f"{HOUR}Z", Kind.local: HOUR}
_TO_THE_HOUR = 13

_Change = tuple[int, Callable[[str], str]]


def disclosed(source: Source, columns: Sequence[Column], batches: Iterator[Batch]) -> Iterator[Batch]:
    """The rows of a table as they leave the installation, in the order of its key."""
    changes = [*_officers(source, columns), *_moments(source, columns)]
    if not changes:
        return batches
    found = ([_changed(row, changes) for row in batch] for batch in batches)
    if source.pseudonyms is None or columns[0].name != "study_id":
        return found
    # In the order of the study ids two recipients would find each other's officers.
    return batched(sorted(chain.from_iterable(found), key=lambda row: row[0]))


def _changed(row: Row, changes: Sequence[_Change]) -> list[Any]:
    cells = list(row)
    for place, change in changes:
        if cells[place] is not None:
            cells[place] = change(cells[place])
    return cells


def _moments(source: Source, columns: Sequence[Column]) -> Iterator[_Change]:
    for place, column in enumerate(columns):
        if column.is_moment and not source.selection.exact_times:
            yield place, _hour(_ENDS[column.kind])


def _hour(end: str) -> Callable[[str], str]:
    return lambda moment: moment[:_TO_THE_HOUR] + end


def _officers(source: Source, columns: Sequence[Column]) -> Iterator[_Change]:
    if source.pseudonyms is None:
        return
    for place, column in enumerate(columns):
        if column.name == "study_id":
            yield place, source.name_of
        elif column.name == "media":  # the names of files begin with the officer's
            yield place, lambda names: " ".join(_renamed(source, name) for name in names.split())


def _renamed(source: Source, name: str) -> str:
    study_id, _, rest = name.partition("_")
    return f"{source.name_of(study_id)}_{rest}"

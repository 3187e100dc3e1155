"""Rows as they leave the installation. Moments are given to the hour, unless exact ones are asked for: of a hundred officers almost everybody
has an answer alone in its minute, so a glance at a telephone would be enough to find its row. Durations stay exact. Rare combinations of
attributes are suppressed where that is asked for. A named recipient gets its own pseudonyms in place of study ids and of the numbers of
rows, and the rows in the order of the pseudonyms: in the order of our numbers two recipients could match their rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from operator import itemgetter
from typing import Any

from app.exports.columns import RESPONSE_ROW, SUPPRESSED, SUPPRESSION, Column, Kind
from app.exports.source import Batch, Source, batched
from app.exports.spooling import in_order

HOUR = ":00:00"
"""The minutes and seconds of a moment that is given to the hour."""

_ENDS = {Kind.utc: f"{HOUR}Z", Kind.local: HOUR}
_TO_THE_HOUR = 13

Rows = list[list[Any]]
_Step = Callable[[Rows], None]
"""Changes the cells of rows."""


def described(source: Source, columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns of a table, those with suppressed cells as such."""
    suppressed = frozenset(chain.from_iterable(source.suppressed.values()))
    return tuple(_described(column) if column.attribute in suppressed else column for column in columns)


def _described(column: Column) -> Column:
    if not _takes_the_code(column):
        return column
    if column.kind in {Kind.code, Kind.text}:
        return replace(column, codes={**column.codes, SUPPRESSED: SUPPRESSION})
    return replace(column, extended=True)


def _takes_the_code(column: Column) -> bool:
    """Whether a suppressed cell has the code: what the roster says of an officer, and other texts. Else it is empty."""
    return column.kind in {Kind.code, Kind.text, Kind.date} or (column.kind is Kind.number and bool(column.values))


def disclosed(
    source: Source, columns: Sequence[Column], key: Sequence[str], batches: Iterator[Batch]
) -> Iterator[Batch]:
    """The rows of a table as they leave the installation, in the order of its key."""
    steps = [*_suppression(source, columns), *_moments(source, columns), *_pseudonyms(source, columns)]
    if not steps:
        return batches
    found = (_changed(batch, steps) for batch in batches)
    if source.pseudonyms is None:
        return found
    names = [column.name for column in columns]
    return batched(in_order(chain.from_iterable(found), itemgetter(*map(names.index, key))))


def _changed(batch: Batch, steps: Sequence[_Step]) -> Rows:
    rows = [list(row) for row in batch]
    for step in steps:
        step(rows)
    return rows


def _each(place: int, change: Callable[[Any], Any]) -> _Step:
    def step(rows: Rows) -> None:
        for row in rows:
            if row[place] is not None:
                row[place] = change(row[place])

    return step


def _moments(source: Source, columns: Sequence[Column]) -> Iterator[_Step]:
    for place, column in enumerate(columns):
        if column.is_moment and not source.selection.exact_times:
            yield _each(place, _hour(_ENDS[column.kind]))


def _hour(end: str) -> Callable[[str], str]:
    return lambda moment: moment[:_TO_THE_HOUR] + end


def _suppression(source: Source, columns: Sequence[Column]) -> Iterator[_Step]:
    """A cell that cannot hold the code, of a number or a moment, is left empty."""
    cells = {
        study_id: [
            (place, SUPPRESSED if _takes_the_code(column) else None)
            for place, column in enumerate(columns)
            if column.attribute in attributes
        ]
        for study_id, attributes in source.suppressed.items()
    }
    if not any(cells.values()):
        return
    who = [column.name for column in columns].index("study_id")

    def step(rows: Rows) -> None:
        for row in rows:
            for place, cell in cells.get(row[who], ()):
                row[place] = cell

    yield step


def _pseudonyms(source: Source, columns: Sequence[Column]) -> Iterator[_Step]:
    if source.pseudonyms is None:
        return
    for place, column in enumerate(columns):
        if column.name == "study_id":
            yield _each(place, source.name_of)
        elif column.row_of:
            yield _numbers(source, place, column.row_of)
        elif column.name == "media":
            yield _each(place, lambda names: " ".join(_renamed(source, name) for name in names.split()))


def _numbers(source: Source, place: int, row_of: str) -> _Step:
    def step(rows: Rows) -> None:
        numbered = [row for row in rows if row[place] is not None]
        numbers = source.numbers_of(row_of, [row[place] for row in numbered])
        for row, number in zip(numbered, numbers, strict=True):
            row[place] = number

    return step


def _renamed(source: Source, name: str) -> str:
    study_id, response, rest = name.split("_")
    return f"{source.name_of(study_id)}_{source.numbers_of(RESPONSE_ROW, [int(response)])[0]}_{rest}"

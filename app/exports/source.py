"""The source of an export: a transaction with one consistent state, and a selection. Tables are read in batches, with local times
filled in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select

from app.exports import questions
from app.exports.columns import Column, Kind
from app.exports.definitions import Definitions
from app.exports.local_times import LocalTimes
from app.exports.numbering import Numbering
from app.exports.selection import Selection
from app.exports.wave_order import WaveOrder
from app.store import corrections
from app.store.corrections import Replaced
from app.store.dialect import batches, utc_text
from app.store.recipients import Pseudonyms
from app.store.tables import COHORT, CONTACT

BATCH = 5_000
"""Rows that are in memory at a time."""
SMALL_BATCH = 500
"""The same where rows are only counted. Of more than 700 Python's collector of garbage looks through all, again and again."""

Row = Sequence[Any]
Batch = Sequence[Row]

WHO = (CONTACT.c.study_id, COHORT.c.code, COHORT.c.programme)
"""The first columns of most tables."""

ZONE = CONTACT.c.timezone


@dataclass(frozen=True)
class Source:
    """The data behind the tables."""

    tx: Connection
    selection: Selection
    pseudonyms: Pseudonyms | None = None
    """The pseudonyms in place of study ids and of the numbers of rows; None: these leave as they are."""
    suppressed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By study id the attributes that do not leave."""

    @property
    def is_told_as_stored(self) -> bool:
        """Whether rows leave as they are, but for moments."""
        return self.pseudonyms is None and not self.suppressed and not self.corrections

    def name_of(self, study_id: str) -> str:
        """The name of an officer outside: the study id, or the pseudonym."""
        return study_id if self.pseudonyms is None else self.pseudonyms.of(study_id)

    def numbers_of(self, row_of: str, numbers: Sequence[int]) -> Sequence[int]:
        """The numbers of rows of a kind as they leave."""
        return numbers if self.pseudonyms is None else self.pseudonyms.numbers(row_of, numbers)

    @cached_property
    def questions(self) -> list[questions.Question]:
        """Every question that was answered or is asked, in the codebook's order."""
        return list(questions.known(self.tx, self.selection, self.definitions, self.numbering, self.corrections))

    @cached_property
    def numbering(self) -> Numbering:
        """The numbers of the options of choices."""
        return Numbering(self.tx, self.definitions)

    @cached_property
    def corrections(self) -> Mapping[int, Replaced]:
        """The columns that corrections replace, by response."""
        return corrections.counting(self.tx)

    @cached_property
    def waves(self) -> WaveOrder:
        """The measurement waves in the order of their days."""
        return WaveOrder(self.tx, self.definitions, self.selection.programme)

    @cached_property
    def definitions(self) -> Definitions:
        """The programmes behind what was answered."""
        return Definitions(self.tx)

    def read(self, query: Select[Any]) -> Iterator[Batch]:
        """The rows of a query, in batches, never all at once."""
        result = self.tx.execute(query, execution_options={"yield_per": BATCH})
        yield from result.partitions()

    def table(self, query: Select[Any], columns: Sequence[Column]) -> Iterator[list[list[Any]]]:
        """The same for a query that gives the columns of a table and, last, the officer's zone: where the table has a local
        time the query gives the moment in UTC."""
        places = [place for place, column in enumerate(columns) if column.kind is Kind.local]
        clock = LocalTimes()
        for batch in batches(self.tx, query, BATCH):
            yield [_localised(row, places, clock) for row in batch]


def _localised(row: Row, places: Sequence[int], clock: LocalTimes) -> list[Any]:
    *cells, zone = row
    for place in places:
        moment = cells[place]
        if moment is not None:
            cells[place] = clock.local(moment, zone)
    return cells


def batched(rows: Iterable[Row]) -> Iterator[Batch]:
    """Rows that are made one by one, in batches."""
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def utc(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A moment as exports write it."""
    return utc_text(column)

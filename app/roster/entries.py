"""The officers of a roster, checked row by row, and the mistakes that only the whole roster shows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from app.flows.shifts import Shift
from app.roster import cells
from app.sheets.columns import Columns
from app.sheets.faults import Fault
from app.sheets.spellings import alike
from app.wording import Sentence, listed

STATED = frozenset({"channel", "timezone", "language"})
"""Columns with a default. An import changes these of an officer only if the roster has them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One officer as the roster has it, checked. `consent_version` and `consent_proof` are "" if unknown. `stated`: which of channel, timezone and language the roster has. `identity` is sealed with the name."""

    row: int
    name: str
    number: str
    channel: str
    cohort: str
    timezone: str
    language: str
    dates: Mapping[str, str]
    attributes: Mapping[str, str | int]
    consented_at: datetime | None
    shift: Shift | None = None
    stated: frozenset[str] = STATED
    consent_version: str = ""
    consent_proof: str = ""
    identity: Mapping[str, str] = field(default_factory=dict)


def faults(entries: Sequence[Entry], columns: Mapping[str, str]) -> list[Fault]:
    """The mistakes that rows make together. `columns` are headers by their meaning."""
    return [*_duplicates(entries, columns["phone"]), *_cohort_spellings(entries, columns.get("cohort", ""))]


def warnings(entries: Sequence[Entry], columns: Mapping[str, str]) -> list[Fault]:
    """A probable mistake, which may be none."""
    return [*_rounded(entries, columns["phone"]), *_spellings(entries, columns)]


def _duplicates(entries: Sequence[Entry], column: str) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for entry in entries:
        if first.setdefault(entry.number, entry.row) != entry.row:
            yield Fault(entry.row, column, Sentence("the same number as in row {row}", row=first[entry.number]))


def sample(entries: Sequence[Entry], table: Sequence[Sequence[str]], columns: Columns) -> str | None:
    """The first name with a letter that encodings differ in; if all of those have mistakes, as it stands."""
    place = columns.positions["name"]
    raw = (line[place].strip() for line in islice(table, columns.row, None) if place < len(line))
    names = chain((entry.name for entry in entries), raw)
    return next((name for name in names if not name.isascii()), None)


def _cohort_spellings(entries: Sequence[Entry], column: str) -> Iterator[Fault]:
    """Cohorts that are spelled in several ways."""
    counts = Counter(entry.cohort for entry in entries)
    first = {entry.cohort: entry.row for entry in reversed(entries)} if len(counts) > 1 else {}
    for found in alike(counts):
        where = listed(Sentence("{value!r} (row {row})", value=value, row=first[value]) for value in found.values)
        yield Fault(
            min(first[value] for value in found.values if value != found.proposal),
            column,
            Sentence(
                "one cohort in several spellings: {where}; write {proposal!r} in all rows",
                where=where,
                proposal=found.proposal,
            ),
        )


def _rounded(entries: Sequence[Entry], column: str) -> Iterator[Fault]:
    """Warnings of numbers that a spreadsheet may have rounded."""
    for entry in entries:
        if cells.is_rounded(entry.number):
            yield Fault(
                entry.row, column, Sentence("the number ends in six zeros or more: did a spreadsheet round it?")
            )


def _spellings(entries: Sequence[Entry], columns: Mapping[str, str]) -> Iterator[Fault]:
    """Warnings of attributes with several spellings of one value."""
    for name in sorted({name for entry in entries for name in entry.attributes}):
        counts = Counter(value for entry in entries if isinstance(value := entry.attributes.get(name), str))
        for found in alike(counts):
            yield Fault(
                0,
                "",
                Sentence(
                    "column {column}: {values} may be one value: write {proposal!r}",
                    column=columns[name],
                    values=str(found),
                    proposal=found.proposal,
                ),
            )

"""Finds the table in a file that a person sends: the sheet that has it, the row of its headers below titles and notes, and rows
that a person does not see or has struck out. Nothing of this is decided in silence: it is said, or asked."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.errors import UsageError
from app.sheets import table_files
from app.sheets.cell_mistakes import as_typed
from app.sheets.columns import ColumnNames, folded
from app.sheets.encodings import UTF_8
from app.sheets.faults import Fault
from app.sheets.reader import is_blank
from app.sheets.remedies import OPTIONS, Remedies
from app.sheets.table_files import RawTable, Table
from app.wording import Sentence, all_of


class Hidden(StrEnum):
    """The choice for rows that are hidden, filtered out or struck out."""

    include = "include"
    skip = "skip"


_TITLES = 50
"""Rows in which the headers are looked for."""

_FEW = 2
"""Columns with a known meaning that make a row of headers of it, if no row has all that are needed."""

_LISTED = 20
_FORCED = ("=", "'")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The table that is looked for: `needed` are groups of meanings, of each of which a row of headers has one."""

    names: ColumnNames
    needed: Sequence[Collection[str]]
    mapped: Mapping[str, str]

    def meanings(self, cells: Sequence[str]) -> set[str]:
        """The meanings of a row's cells, as if they were headers."""
        found = {self.mapped.get(folded(cell)) or self.names.meaning(cell) for cell in cells if not is_blank(cell)}
        return {meaning for meaning in found if meaning}

    def is_header(self, cells: Sequence[str]) -> bool:
        """Whether a row has all headers that are needed."""
        found = self.meanings(cells)
        return all(found & set(group) for group in self.needed)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table in a file. `rows` are all of the file's, a row to leave out is empty; `header`, from 1, is the row of the headers.
    `notes` say what was found where, `warnings` what needs a look, `faults` what has to be decided first."""

    rows: Table
    header: int = 1
    notes: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()


def find(
    name: str,
    content: bytes,
    wanted: Wanted,
    *,
    sheet: str | None = None,
    hidden: Hidden | None = None,
    remedies: Remedies = OPTIONS,
) -> FoundTable:
    """The table of a file. `sheet` is the only one to look at; by default the first that is not hidden and has the headers.
    `remedies` are what the person has to decide with. Raises UsageError."""
    raw, others = _sheet(name, content, wanted, sheet)
    header = _header(raw.rows, wanted)
    notes, warnings = list(_notes(raw, header, content, name)), []
    if others:
        listed = ", ".join(map(repr, others))
        warnings.append(
            Fault(
                0,
                "",
                Sentence(
                    "there is such a table in {listed} too, which is not read: {remedy}",
                    listed=listed,
                    remedy=remedies.sheet,
                ),
            )
        )
    faults: list[Fault] = []
    if raw.scan is not None:
        unseen = {row + 1 for row in raw.scan.hidden if row >= header}
        struck = {row + 1 for row in raw.scan.struck if row >= header} - unseen
        if unseen or struck:
            said = _out_of_sight(sorted(unseen), sorted(struck))
            if hidden is None:
                faults.append(Fault(0, "", Sentence("{said}: {remedy}", said=said, remedy=remedies.hidden)))
            else:
                notes.append(
                    Sentence("{rows}: included", rows=said)
                    if hidden is Hidden.include
                    else Sentence("{rows}: left out", rows=said)
                )
            for row in (unseen | struck) if hidden is Hidden.skip else ():
                raw.rows[row - 1] = []
    _untangle(raw.rows)
    return FoundTable(raw.rows, header, tuple(notes), tuple(warnings), tuple(faults))


def _sheet(name: str, content: bytes, wanted: Wanted, sheet: str | None) -> tuple[RawTable, list[str]]:
    """The sheet with the table, and the other sheets that have one too."""
    first = table_files.read(name, content, sheet)
    if sheet is not None or first.scan is None:
        return first, []
    chosen: RawTable | None = first if _complete(first.rows, wanted) else None
    others = []
    for other in table_files.visible_sheets(name, content)[1:]:
        try:
            read = table_files.read(name, content, other)
        except UsageError:
            continue  # a sheet of another kind, such as one with a cell far away
        if not _complete(read.rows, wanted):
            continue
        if chosen is None:
            chosen = read
        else:
            others.append(other)
    return chosen or first, others


def _complete(rows: Table, wanted: Wanted) -> int | None:
    """The row of headers with all that is needed, from 1."""
    return next((place for place, row in enumerate(rows[:_TITLES], 1) if wanted.is_header(row)), None)


def _header(rows: Table, wanted: Wanted) -> int:
    if (found := _complete(rows, wanted)) is not None:
        return found
    likely = [(len(wanted.meanings(row)), -place) for place, row in enumerate(rows[:_TITLES], 1)]
    known, place = max(likely, default=(0, -1))
    return -place if known >= _FEW else 1


def _notes(raw: RawTable, header: int, content: bytes, name: str) -> Iterator[str]:
    """The places and the encoding, as far as they are not the usual ones."""
    is_first = raw.sheet is None or raw.sheet == table_files.visible_sheets(name, content)[0]
    if header != 1 or not is_first:
        text = Sentence("the headers are in row {row}", row=header)
        if not is_first:
            text = Sentence("the headers are in row {row} of the sheet {sheet!r}", row=header, sheet=raw.sheet)
        yield text
    if raw.encoding not in {None, UTF_8}:
        yield Sentence("the file is read as {encoding}", encoding=raw.encoding)
    if raw.is_repaired:
        yield Sentence("letters of the file had been encoded twice and are repaired")


def _out_of_sight(unseen: Sequence[int], struck: Sequence[int]) -> str:
    found = ((unseen, Sentence("hidden or filtered out")), (struck, Sentence("struck out")))
    return all_of(_how_many(rows, how) for rows, how in found if rows)


def _how_many(rows: Sequence[int], how: str) -> str:
    if len(rows) == 1:
        return Sentence("1 row is {how} ({rows})", how=how, rows=_listed(rows))
    return Sentence("{number} rows are {how} ({rows})", number=len(rows), how=how, rows=_listed(rows))


def _listed(rows: Sequence[int]) -> str:
    listed = ", ".join(map(str, rows[:_LISTED]))
    if len(rows) > _LISTED:
        return Sentence("rows {rows} and {more} more", rows=listed, more=len(rows) - _LISTED)
    return Sentence("row {rows}", rows=listed) if len(rows) == 1 else Sentence("rows {rows}", rows=listed)


def _untangle(rows: Table) -> None:
    """Take cells that were made text by force as they were typed."""
    for row in rows:
        for place, cell in enumerate(row):
            if cell.startswith(_FORCED):
                row[place] = as_typed(cell)

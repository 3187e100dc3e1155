"""The one reader of tables that people fill in: it walks the rows below the header, converts cells and collects every mistake
with its row and column. Callers give the columns and a converter for each cell; they alone know the meaning of a row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from app.sheets.cell_mistakes import mistake
from app.sheets.columns import Columns
from app.sheets.faults import Fault
from app.wording import Sentence

C = TypeVar("C")
T = TypeVar("T")

EMPTY = Sentence("is empty")
MORE_CELLS = Sentence("has more cells than there are columns: is a comma within a cell unquoted?")

_UNSEEN = " \t\r\n\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def is_blank(cell: object) -> bool:
    """Whether a cell has nothing that anybody sees."""
    return not (text := str(cell).strip()) or not text.strip(_UNSEEN)


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty. `number` counts as a spreadsheet does."""

    number: int
    cells: Sequence[object]
    reader: "Reader"

    def cell(self, name: str) -> object:
        """The cell of a column as it was read; "" if there is no such column, or none in this row."""
        position = self.reader.columns.positions.get(name)
        return self.cells[position] if position is not None and position < len(self.cells) else ""

    def text(self, name: str) -> str:
        """The cell of a column as text, without spaces around it."""
        return str(self.cell(name)).strip()

    def value(self, name: str, convert: Callable[[str], T], default: T, *, required: bool = False) -> T:
        """The text of a cell, converted. The default if it is empty, which is a fault where it is `required`, or if a spreadsheet
        could not work it out, which always is one."""
        text = self.text(name)
        if text and (wrong := mistake(text)):
            self.fault(name, wrong)
            return default
        if text:
            return self.converted(name, text, convert, default)
        if required:
            self.fault(name, EMPTY)
        return default

    def converted(self, name: str, cell: C, convert: Callable[[C], T], default: T) -> T:
        """A cell, converted; the default if `convert` raises ValueError, whose text is the fault."""
        try:
            return convert(cell)
        except ValueError as error:
            self.fault(name, error.args[0])
            return default

    def fault(self, name: str, text: str) -> None:
        """Report a mistake in the column of a meaning; in the whole row if there is no such column."""
        self.reader.faults.append(Fault(self.number, self.reader.columns.titles.get(name, ""), text))

    @property
    def is_faulty(self) -> bool:
        """Whether the last mistake of the table is in this row: to be asked before the next row is read."""
        return bool(self.reader.faults) and self.reader.faults[-1].row == self.number


@dataclass(frozen=True, slots=True)
class Reader:
    """A table with its columns, and the mistakes found in it so far."""

    columns: Columns
    faults: list[Fault] = field(default_factory=list)

    def rows(self, table: Sequence[Sequence[object]]) -> Iterator[Row]:
        """The rows below the header that have anything in them. One with more cells than columns is a fault instead."""
        for number, cells in enumerate(islice(table, self.columns.row, None), self.columns.row + 1):
            if all(is_blank(cell) for cell in cells):
                continue
            row = Row(number, cells, self)
            if self.columns.has_more(cells):
                row.fault("", MORE_CELLS)
            else:
                yield row

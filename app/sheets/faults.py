"""A mistake in a table, with its place, as every import of a table reports it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake. `row` counts as a spreadsheet does, the header being row 1, and 0 is the file itself; `column` is its header
    as written. `text` never repeats a name, a number or a message."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return self.located("row", "column")

    def in_spanish(self) -> str:
        """The mistake as coordinators and translators read it."""
        return self.located("fila", "columna")

    def located(self, row: str, column: str) -> str:
        """The mistake behind its place, by these words for a row and a column."""
        place = f"{row} {self.row}" + (f", {column} {self.column}" if self.column else "")
        return f"{place}: {self.text}" if self.row else self.text

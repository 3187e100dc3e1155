"""A mistake in a table, with its place, as every import of a table reports it."""

from dataclasses import dataclass

from app.wording import Sentence


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake. `row` counts as a spreadsheet does, the header being row 1, and 0 is the file itself; `column` is its header
    as written. `text` never repeats a name, a number or a message."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return self.located

    @property
    def located(self) -> str:
        """The mistake behind its place, as a sentence."""
        if not self.row:
            return self.text
        if not self.column:
            return Sentence("row {row}: {fault}", row=self.row, fault=self.text)
        return Sentence("row {row}, column {column}: {fault}", row=self.row, column=self.column, fault=self.text)

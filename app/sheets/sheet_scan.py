"""One sheet of an XLSX file as its XML has it, in one pass and little memory, before anybody makes a table of it: formulas, errors,
rows that are hidden or struck out, and the distance of cells from the first."""

import re
from dataclasses import dataclass, field
from xml.parsers.expat import XMLParserType

from app.sheets.xlsx_xml import is_on, local, parser

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TEXT = "str"
"""The type of a cell whose formula gives a text."""


class TooFar(ValueError):
    """A cell with a value outside of the bounds, at this row and column, counted from 0."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__(row, column)
        self.row, self.column = row, column

    @property
    def reference(self) -> str:
        """The cell as spreadsheets call it, such as XFD1048576."""
        letters, left = "", self.column + 1
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.row + 1}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a table may be."""

    rows: int
    columns: int
    cells: int


@dataclass(slots=True)
class Scan:
    """One sheet, rows and columns counted from 0: the formulas and the errors with their texts, the formulas without a result, the
    rows with a value that are hidden (by hand or by a filter) or have something struck out, the lowest row and rightmost column
    with a value."""

    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    struck: set[int] = field(default_factory=set)
    last_row: int = 0
    last_column: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """Parts of the workbook that a sheet's cells refer to: formats and shared texts that are struck out, and whether its results
    still have to be calculated, because a program wrote it that cannot."""

    struck_formats: frozenset[str] = frozenset()
    struck_texts: frozenset[str] = frozenset()
    to_calculate: bool = False


@dataclass(slots=True)
class CellParser:
    """Scans a sheet's cells as the XML parser meets them."""

    book: Book = Book()
    within: Bounds | None = None
    found: Scan = field(default_factory=Scan)
    expat: XMLParserType = field(default_factory=parser)
    row: int = -1
    column: int = -1
    kind: str = ""
    is_hidden: bool = False
    is_struck: bool = False
    has_value: bool = False
    formula: str | None = None
    value: str | None = None
    text: list[str] = field(default_factory=list)

    def parser(self) -> XMLParserType:
        """The parser to give the sheet's XML to."""
        self.expat.StartElementHandler, self.expat.EndElementHandler = self.start, self.end
        return self.expat

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        match local(tag):
            case "row":
                self.row, self.column = int(attributes.get("r", self.row + 2)) - 1, -1
                self.is_hidden = is_on(attributes, "hidden", "0") or float(attributes.get("ht", "1")) == 0
            case "c":
                self.kind, self.formula, self.value, self.has_value = attributes.get("t", ""), None, None, False
                self.is_struck = attributes.get("s", "0") in self.book.struck_formats
                self.move(attributes.get("r"))
            case "v":
                self.note_value()
                if self.kind == "e" or self.formula is not None or (self.kind == "s" and self.book.struck_texts):
                    self.collect()
            case "is":
                self.note_value()
            case "strike" if is_on(attributes):
                self.is_struck = True
            case "f":
                self.formula = ""
                self.collect()
            case _:
                pass

    def collect(self) -> None:
        """Keep the characters that follow."""
        self.text = []
        self.expat.CharacterDataHandler = self.text.append

    def note_value(self) -> None:
        """A cell has a value."""
        self.has_value = True
        self.found.last_row = max(self.found.last_row, self.row)
        self.found.last_column = max(self.found.last_column, self.column)
        most = self.within
        if most is not None:
            rows, columns = self.found.last_row + 1, self.found.last_column + 1
            if rows > most.rows or columns > most.columns or rows * columns > most.cells:
                raise TooFar(self.row, self.column)

    def move(self, reference: str | None) -> None:
        """Go to the cell of a reference; without one, to the next."""
        found = _REFERENCE.fullmatch(reference or "")
        if found is None:
            self.column += 1
            return
        self.column = -1
        for letter in found[1]:
            self.column = (self.column + 1) * 26 + ord(letter) - ord("A")
        self.row = int(found[2]) - 1

    def end(self, tag: str) -> None:
        """An element ends."""
        match local(tag):
            case "f" if self.formula is not None:
                self.formula = "=" + self.collected()
                self.found.formulas[self.row, self.column] = self.formula
            case "v" if self.expat.CharacterDataHandler is not None:
                self.value = self.collected()
            case "c":
                self.close()
            case _:
                pass

    def collected(self) -> str:
        """The characters since the last element began."""
        self.expat.CharacterDataHandler = None
        return "".join(self.text)

    def close(self) -> None:
        """A cell ends, and all is known of it."""
        place = self.row, self.column
        if self.kind == "e" and self.has_value:
            self.found.errors[place] = self.value or "#"
        elif self.formula is not None and self.is_uncalculated:
            self.found.uncalculated.add(place)
        if self.has_value or self.formula is not None:
            if self.is_hidden:
                self.found.hidden.add(self.row)
            if self.is_struck or (self.kind == "s" and self.value in self.book.struck_texts):
                self.found.struck.add(self.row)

    @property
    def is_uncalculated(self) -> bool:
        """Whether a formula has no result. Programs that cannot calculate write none, or 0."""
        if self.kind == _TEXT:
            return not self.has_value
        return not self.value or (self.value == "0" and self.book.to_calculate)

"""What the columns of a table mean, whatever they are called: by names that are known, or as whoever imports it says, in an
option (`Teléfono celular=phone`) or in a file with one such line a column. Mistakes are faults with their row and column;
never with what stands in a cell."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process

from app.errors import UsageError
from app.flows.language.nearby import did_you_mean
from app.flows.replies.fold import phrase


def folded(text: str) -> str:
    """A text as words, without accents, case or signs."""
    return " ".join(phrase(text.replace("_", " ")))


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake. `row` counts as a spreadsheet does, the header being row 1; `column` is its header as written."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.text}" if self.column else f"row {self.row}: {self.text}"


@dataclass(frozen=True, slots=True)
class Known:
    """What a column may mean. `names`: what it may be called, folded, by its meaning; `more` are meanings that are called as
    they are."""

    names: Mapping[str, Sequence[str]]
    more: Sequence[str] = ()

    def meaning(self, header: str) -> str | None:
        """What a header means by itself; None if nothing."""
        plain = folded(header)
        code = plain.replace(" ", "_")
        called = next((name for name, names in self.names.items() if plain in names), None)
        return called or (code if code in self.names or code in self.more else None)

    @property
    def meanings(self) -> list[str]:
        """All of them, as a mapping may name them."""
        return [*self.names, *(name for name in self.more if name not in self.names)]


def mapping(pairs: Iterable[tuple[str, str]], known: Known) -> dict[str, str]:
    """Columns that are given a meaning, by their folded header; "" for one that is to be left out. `pairs` are places, such as
    `--map`, and what is written there. Raises UsageError."""
    found: dict[str, str] = {}
    for place, text in pairs:
        header, sign, wanted = text.rpartition("=")
        if not sign or not header.strip():
            raise UsageError(f"{place}: write it as COLUMN=MEANING, such as 'Teléfono celular=phone'")
        meaning = known.meaning(wanted) if wanted.strip() else ""
        if meaning is None:
            near = did_you_mean(wanted.strip(), known.meanings)
            raise UsageError(
                f"{place}: a column cannot mean {wanted.strip()!r}. {near} It can be: {', '.join(known.meanings)}"
            )
        if found.setdefault(folded(header), meaning) != meaning:
            raise UsageError(f"{place}: the column {header.strip()!r} is given two meanings")
    return found


def lines(name: str, content: bytes) -> list[tuple[str, str]]:
    """The pairs of a mapping file, each with its place: one a line, as the option has it; a line that begins with # is a
    comment. Raises UsageError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name}: save it as text in UTF-8") from None
    return [
        (f"{name}:{number}", line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


@dataclass(slots=True)
class Layout:
    """Where what stands: the place of each column by its meaning."""

    headers: list[str]
    places: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, headers: Sequence[str], known: Known, mapped: Mapping[str, str] | None = None) -> "Layout":
        """The layout of a table with these headers. `mapped` as `mapping` gives it goes before what a header means by itself."""
        layout, mapped = cls([header.strip() for header in headers]), mapped or {}
        plain = [folded(header) for header in layout.headers]
        for place, header in enumerate(layout.headers):
            layout._place(place, header, mapped.get(plain[place], known.meaning(header)))
        for header in mapped.keys() - set(plain):
            near = did_you_mean(header, plain)
            layout.faults.append(Fault(1, "", f"there is no column {header!r}, which a mapping names. {near}".strip()))
        return layout

    def _place(self, place: int, header: str, meaning: str | None) -> None:
        if not meaning:
            self.ignored += (header,) if header and meaning is None else ()
        elif meaning in self.places:
            twin = self.headers[self.places[meaning]]
            self.faults.append(
                Fault(
                    1,
                    header,
                    f"means the same as column {twin}: keep one of them, or leave one out by a mapping ('{header}=')",
                )
            )
        else:
            self.places[meaning] = place

    @property
    def named(self) -> dict[str, str]:
        """The headers by their meaning."""
        return {meaning: self.headers[place] for meaning, place in self.places.items()}

    def missing(self, name: str, known: Known, *, option: str = "") -> list[Fault]:
        """The fault that there is no column of a meaning, if there is none."""
        if name in self.places:
            return []
        called = known.names[name][0]
        near = process.extractOne(called, {header: folded(header) for header in self.ignored}, score_cutoff=70)
        hint = f"; did you mean it by {near[2]!r}?" if near else ""
        return [Fault(1, "", f"there is no column {called!r}{option}{hint}")]

    def has_more(self, row: Sequence[str]) -> bool:
        """Whether a row has something beyond the last header."""
        return any(cell.strip() for cell in row[len(self.headers) :])

    def text(self, row: Sequence[str], name: str) -> str:
        """The cell of a column, "" if there is no such column or nothing in it."""
        place = self.places.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""


MORE_CELLS = "has more cells than there are columns: is a comma within a cell unquoted?"

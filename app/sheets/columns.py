"""The columns of a table by their meaning, whatever their headers are: known names, or a mapping of the person who imports it,
in an option (`Teléfono celular=phone`) or in a file with one such line a column. Headers are compared folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process

from app.errors import UsageError
from app.flows.language.nearby import did_you_mean
from app.flows.replies.fold import phrase
from app.sheets.faults import Fault
from app.wording import Sentence


def folded(text: str) -> str:
    """A text as words, without accents, case or signs."""
    return " ".join(phrase(text.replace("_", " ")))


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """The meanings that a column may have. `names`: the headers of each, folded; `more`: meanings whose header is their own
    name."""

    names: Mapping[str, Sequence[str]]
    more: Sequence[str] = ()

    def meaning(self, header: str) -> str | None:
        """The meaning of a header; None if it has none."""
        plain = folded(header)
        code = plain.replace(" ", "_")
        named = next((name for name, names in self.names.items() if plain in names), None)
        return named or (code if code in self.names or code in self.more else None)

    @property
    def meanings(self) -> list[str]:
        """All of them, as a mapping may name them."""
        return [*self.names, *(name for name in self.more if name not in self.names)]


def mapping(pairs: Iterable[tuple[str, str]], names: ColumnNames) -> dict[str, str]:
    """The meanings given to columns, by folded header; "" for a column to leave out. `pairs` are places, such as `--map`, and
    the text written there. Raises UsageError."""
    mapped: dict[str, str] = {}
    for place, text in pairs:
        header, sign, wanted = text.rpartition("=")
        if not sign or not header.strip():
            raise UsageError(
                Sentence("{place}: write it as COLUMN=MEANING, such as 'Teléfono celular=phone'", place=place)
            )
        meaning = names.meaning(wanted) if wanted.strip() else ""
        if meaning is None:
            near = did_you_mean(wanted.strip(), names.meanings)
            raise UsageError(
                Sentence(
                    "{place}: a column cannot mean {meaning!r}. {near} It can be: {names}",
                    place=place,
                    meaning=wanted.strip(),
                    near=near,
                    names=", ".join(names.meanings),
                )
            )
        if mapped.setdefault(folded(header), meaning) != meaning:
            raise UsageError(
                Sentence("{place}: the column {column!r} is given two meanings", place=place, column=header.strip())
            )
    return mapped


def mapping_lines(name: str, content: bytes) -> list[tuple[str, str]]:
    """The pairs of a mapping file, each with its place: one a line, written as in the option; a line that begins with # is a
    comment. Raises UsageError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(Sentence("{name}: save it as text in UTF-8", name=name)) from None
    return [
        (f"{name}:{number}", line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]


@dataclass(slots=True)
class Columns:
    """The columns of one table. `positions` by meaning, from 0; `ignored` are headers without a meaning; `row`, from 1, has the
    headers."""

    headers: list[str]
    positions: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    row: int = 1

    @classmethod
    def of(
        cls, headers: Sequence[str], names: ColumnNames, mapped: Mapping[str, str] | None = None, row: int = 1
    ) -> "Columns":
        """The columns of a table with these headers. `mapped`, as `mapping` gives it, goes before a header's own meaning."""
        columns, mapped = cls([header.strip() for header in headers], row=row), mapped or {}
        plain = [folded(header) for header in columns.headers]
        for position, header in enumerate(columns.headers):
            columns._add(position, header, mapped.get(plain[position], names.meaning(header)))
        for header in mapped.keys() - set(plain):
            near = did_you_mean(header, plain)
            columns.faults.append(
                Fault(
                    row,
                    "",
                    Sentence("there is no column {column!r}, which a mapping names. {near}", column=header, near=near)
                    if near
                    else Sentence("there is no column {column!r}, which a mapping names", column=header),
                )
            )
        return columns

    def _add(self, position: int, header: str, meaning: str | None) -> None:
        if not meaning:
            self.ignored += (header,) if header and meaning is None else ()
        elif meaning in self.positions:
            twin = self.headers[self.positions[meaning]]
            self.faults.append(
                Fault(
                    self.row,
                    header,
                    Sentence(
                        "means the same as column {twin}: keep one of them, or leave one out by a mapping ('{header}=')",
                        twin=twin,
                        header=header,
                    ),
                )
            )
        else:
            self.positions[meaning] = position

    @property
    def titles(self) -> dict[str, str]:
        """The headers as written, by meaning."""
        return {meaning: self.headers[position] for meaning, position in self.positions.items()}

    def missing(self, name: str, names: ColumnNames, *, option: str = "") -> list[Fault]:
        """A fault if no column has this meaning; `option` is another way to give it."""
        if name in self.positions:
            return []
        title = names.names[name][0]
        near = process.extractOne(title, {header: folded(header) for header in self.ignored}, score_cutoff=70)
        hint = Sentence("; is it {column!r}?", column=near[2]) if near else ""
        return [
            Fault(
                self.row,
                "",
                Sentence("there is no column {title!r}{option}{hint}", title=title, option=option, hint=hint),
            )
        ]

    def has_more(self, cells: Sequence[object]) -> bool:
        """Whether a row has something beyond the last header."""
        return any(str(cell).strip() for cell in cells[len(self.headers) :])

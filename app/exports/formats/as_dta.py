"""Stata's file format 118 (Stata 14 and later), streamed, in three looks at the rows: they are kept in a file of their own first, for
a text's width must be known before the first row is written. Numbers and days have extended missing values,
numbers value labels; moments are `%tc`, days `%td`, long texts are strL. Everything that Stata would refuse or cut is refused before anything is written.

The format: https://www.stata.com/help.cgi?dta"""

import marshal
import re
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from app.errors import UsageError
from app.exports.columns import MISSING_CODES, Column, Kind
from app.exports.formats import Sheet
from app.wording import Sentence

LONGEST_NAME = 32
LONGEST_LABEL = 80
LONGEST_STR = 2_045
MOST_COLUMNS = 32_767
_COMFORTABLE_STR = 244
"""Bytes up to which a text is kept in the row itself, as wide in every row as the longest; beyond, it is a strL."""

_RESERVED = frozenset(
    {
        "_all",
        "_b",
        "byte",
        "_coef",
        "_cons",
        "double",
        "float",
        "if",
        "in",
        "int",
        "long",
        "_n",
        "_N",
        "_pi",
        "_pred",
        "_rc",
        "_skip",
        "str",
        "strL",
        "using",
        "with",
    }
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LEAST_LABELLED, MOST_LABELLED = -2_147_483_647, 2_147_483_620
_STR = re.compile(r"str\d+")
_STRL, _DOUBLE, _LONG, _INT, _BYTE = 32_768, 65_526, 65_528, 65_529, 65_530
_REMEMBERED = 20_000
_PLAIN = 2
"""The version of marshal that does not look for objects it has written before: twice as quick."""
_EPOCH = date(1960, 1, 1)
_DAY_MS = 86_400_000

Columns = Sequence[Sequence[Any]]
"""A batch of rows, column by column."""


@dataclass(frozen=True, slots=True)
class Type:
    """How a column's cells are stored: a struct's letters, the code of the type, the format by which Stata shows them."""

    code: int
    letters: str
    shown: str
    missing: float = 0
    """The system missing value; those after it are .a to .z, one step apart."""


_BYTES = Type(_BYTE, "b", "%8.0g", 101)
_INTS = Type(_INT, "h", "%8.0g", 32_741)
_LONGS = Type(_LONG, "l", "%12.0g", 2_147_483_621)
_DOUBLES = Type(_DOUBLE, "d", "%10.0g")
_MOMENTS = Type(_DOUBLE, "d", "%tc")
_DATES = Type(_DOUBLE, "d", "%td")
_STRLS = Type(_STRL, "Q", "%9s")
_WHOLE = ((_BYTES, -127, 100), (_INTS, -32_767, 32_740), (_LONGS, -2_147_483_647, 2_147_483_620))


@dataclass(slots=True)
class Seen:
    """A column as the first look found it: the widest text in bytes, the range of whole numbers, any other."""

    width: int = 0
    least: int = 0
    most: int = 0
    whole: bool = True


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as a .dta. UsageError if Stata could not hold it."""
    check(sheet)
    with tempfile.TemporaryFile(dir=path.parent) as spool:
        seen, count = _spool(sheet, spool)
        types = [_type(column, known) for column, known in zip(sheet.columns, seen, strict=True)]
        with path.open("wb") as file:
            _File(file, sheet, types, count).write(lambda: _spooled(spool))


def check(sheet: Sheet) -> None:
    """Refuse what Stata would rename, cut or not take."""
    if len(sheet.columns) > MOST_COLUMNS:
        raise UsageError(
            Sentence(
                "{table} has {number:,} columns; a .dta holds {most:,}: use csv or parquet",
                table=sheet.name,
                number=len(sheet.columns),
                most=MOST_COLUMNS,
            )
        )
    for column in sheet.columns:
        name = column.name
        if len(name) > LONGEST_NAME:
            raise UsageError(
                Sentence(
                    "{table}: {name} has {number} characters, and Stata's names have {most} at most: "
                    "give the variable or score a shorter name in the programme file, or use csv",
                    table=sheet.name,
                    name=name,
                    number=len(name),
                    most=LONGEST_NAME,
                )
            )
        if not _NAME.fullmatch(name) or name in _RESERVED or _STR.fullmatch(name):
            raise UsageError(
                Sentence(
                    "{table}: {name!r} cannot be the name of a variable in Stata: rename it in the "
                    "programme file, or use csv",
                    table=sheet.name,
                    name=name,
                )
            )
        if len(column.label) > LONGEST_LABEL:
            raise UsageError(
                Sentence(
                    "{table}: the label of {name} has {number} characters; Stata takes {most}",
                    table=sheet.name,
                    name=name,
                    number=len(column.label),
                    most=LONGEST_LABEL,
                )
            )
        if beyond := [value for value in column.values if not LEAST_LABELLED <= value <= MOST_LABELLED]:
            raise UsageError(
                Sentence(
                    "{table}: {name} has the value {value}, too large for a value label in Stata: give "
                    "the option another, or use csv",
                    table=sheet.name,
                    name=name,
                    value=beyond[0],
                )
            )


# -- the first look -------------------------------------------------------------------------------------------------


def _spool(sheet: Sheet, spool: IO[bytes]) -> tuple[list[Seen], int]:
    """Keep the rows in a file, and what is to be known of each column."""
    seen, count = [Seen() for _ in sheet.columns], 0
    texts = [place for place, column in enumerate(sheet.columns) if column.kind in {Kind.code, Kind.text}]
    numbers = [place for place, column in enumerate(sheet.columns) if column.is_number]
    for batch in filter(None, sheet.batches):
        columns = list(zip(*batch, strict=True))
        for place in texts:
            seen[place].width = max(seen[place].width, *map(_width, set(columns[place])), 0)
        for place in numbers:
            _look(seen[place], {cell for cell in set(columns[place]) if cell is not None and not isinstance(cell, str)})
        marshal.dump(columns, spool, _PLAIN)
        count += len(batch)
    return seen, count


def _width(cell: Any) -> int:  # noqa: ANN401 - any text or number
    return 0 if cell is None else len(_plain(cell).encode())


def _plain(cell: object) -> str:
    return str(cell).replace("\0", "␀")  # a NUL would end the text there


def _look(seen: Seen, numbers: Iterable[float]) -> None:
    for number in numbers:
        if number != int(number):
            seen.whole = False
        seen.least, seen.most = min(seen.least, int(number)), max(seen.most, int(number))


def _spooled(spool: IO[bytes]) -> Iterator[Columns]:
    """The batches again, each as its columns."""
    spool.seek(0)
    while True:
        try:
            yield marshal.load(spool)  # noqa: S302 - our own file of a moment ago
        except EOFError:
            return


def _type(column: Column, seen: Seen) -> Type:
    if column.is_moment:
        return _MOMENTS
    if column.kind is Kind.date:
        return _DATES
    if column.kind is Kind.number or column.extended:
        return _DOUBLES  # readers of R and Python tell missing codes apart in doubles only
    if column.is_number:
        fitting = (kind for kind, least, most in _WHOLE if seen.whole and least <= seen.least and seen.most <= most)
        return next(fitting, _DOUBLES)
    longest = _COMFORTABLE_STR if column.kind is Kind.text else LONGEST_STR
    if seen.width > longest:
        return _STRLS
    width = max(seen.width, 1)
    return Type(width, f"{width}s", f"%{min(width, 80)}s")


# -- the file -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _File:
    """A .dta on its way to the disk."""

    file: IO[bytes]
    sheet: Sheet
    types: list[Type]
    count: int
    places: list[int] = field(default_factory=list)

    def write(self, rows: Callable[[], Iterator[Columns]]) -> None:
        """Write all of it; `rows` gives the batches, as often as it is asked."""
        self._put(b"<stata_dta>")
        self._header()
        map_at = self._mark()
        self._section("map", bytes(14 * 8))
        self._descriptions()
        self._section_of("data", self._data(rows()))
        self._section_of("strls", self._long_texts(rows()))
        self._section_of("value_labels", self._value_labels())
        self._mark()
        self._put(b"</stata_dta>")
        self.places.append(self.file.tell())
        self.file.seek(map_at + len("<map>"))
        self.file.write(struct.pack("<14Q", 0, *self.places))

    def _put(self, content: bytes) -> None:
        self.file.write(content)

    def _mark(self) -> int:
        """Note where the next section begins, for the map."""
        at = self.file.tell()
        self.places.append(at)
        return at

    def _section(self, name: str, content: bytes) -> None:
        self._put(b"<%b>%b</%b>" % (name.encode(), content, name.encode()))

    def _section_of(self, name: str, parts: Iterable[bytes]) -> None:
        self._mark()
        self._put(f"<{name}>".encode())
        for part in parts:
            self._put(part)
        self._put(f"</{name}>".encode())

    def _header(self) -> None:
        label = f"Trato: {self.sheet.name}, {self.sheet.about}"[:LONGEST_LABEL].encode()
        self._section(
            "header",
            b"<release>118</release><byteorder>LSF</byteorder>"
            + b"<K>%b</K><N>%b</N>" % (struct.pack("<H", len(self.types)), struct.pack("<Q", self.count))
            + b"<label>%b%b</label><timestamp>\0</timestamp>" % (struct.pack("<H", len(label)), label),
        )

    def _descriptions(self) -> None:
        columns = self.sheet.columns
        sections = {
            "variable_types": b"".join(struct.pack("<H", kind.code) for kind in self.types),
            "varnames": b"".join(_fixed(column.name, 129) for column in columns),
            "sortlist": b"".join(struct.pack("<H", place) for place in (*self._sorted_by(), 0)).ljust(
                2 * len(columns) + 2, b"\0"
            ),
            "formats": b"".join(_fixed(kind.shown, 57) for kind in self.types),
            "value_label_names": b"".join(_fixed(_label_name(column), 129) for column in columns),
            "variable_labels": b"".join(_fixed(column.label, 321) for column in columns),
            "characteristics": b"",
        }
        for name, content in sections.items():
            self._mark()
            self._section(name, content)

    def _sorted_by(self) -> list[int]:
        names = [column.name for column in self.sheet.columns]
        return [names.index(name) + 1 for name in self.sheet.key]

    def _data(self, batches: Iterable[Columns]) -> Iterator[bytes]:
        pack = struct.Struct("<" + "".join(kind.letters for kind in self.types)).pack
        cells = [
            _cells(column, kind, place + 1)
            for place, (column, kind) in enumerate(zip(self.sheet.columns, self.types, strict=True))
        ]
        first = 1
        for batch in batches:
            yield b"".join(map(pack, *[make(column, first) for make, column in zip(cells, batch, strict=True)]))
            first += len(batch[0])

    def _long_texts(self, batches: Iterable[Columns]) -> Iterator[bytes]:
        long = [place for place, kind in enumerate(self.types) if kind.code == _STRL]
        first = 1
        for batch in batches if long else ():
            for number, cells in enumerate(zip(*(batch[place] for place in long), strict=True), first):
                for place, cell in zip(long, cells, strict=True):
                    if cell:
                        text = _plain(cell).encode() + b"\0"
                        yield b"GSO" + struct.pack("<IQBI", place + 1, number, 130, len(text)) + text
            first += len(batch[0])

    def _value_labels(self) -> Iterator[bytes]:
        for column in self.sheet.columns:
            if _label_name(column):
                yield b"<lbl>%b</lbl>" % _labels(column)


def _fixed(text: str, width: int) -> bytes:
    return text.encode().ljust(width, b"\0")


def _label_name(column: Column) -> str:
    return column.name if column.values or column.missing else ""


def _labels(column: Column) -> bytes:
    labels = dict(column.values)
    labels.update({_LONGS_MISSING[code]: meaning for code, meaning in column.missing.items()})
    ordered = sorted(labels.items())
    texts = [text.encode() + b"\0" for _, text in ordered]
    offsets, at = [], 0
    for text in texts:
        offsets.append(at)
        at += len(text)
    table = struct.pack("<2i", len(ordered), at) + struct.pack(f"<{len(ordered)}i", *offsets)
    table += struct.pack(f"<{len(ordered)}i", *(value for value, _ in ordered)) + b"".join(texts)
    return struct.pack("<i", len(table)) + _fixed(column.name, 129) + b"\0\0\0" + table


_STEPS = {code: ord(code[1]) - ord("a") + 1 for code in MISSING_CODES}
"""The steps of each missing code from the system missing value."""

_LONGS_MISSING = {code: int(_LONGS.missing) + step for code, step in _STEPS.items()}

# -- cells ----------------------------------------------------------------------------------------------------------

Cells = Callable[[Sequence[Any], int], Iterable[Any]]
"""Makes a batch's cells of one column ready to be packed; also told the number of the batch's first row."""


def _cells(column: Column, kind: Type, place: int) -> Cells:
    if kind.code == _STRL:
        return lambda cells, first: [place | (first + row) << 16 if cell else 0 for row, cell in enumerate(cells)]
    if column.is_moment:
        days = _Days()
        return lambda cells, _: [_moment(cell, days) for cell in cells]
    if column.kind is Kind.date:
        numbers = _DayNumbers(_missing(kind))
        return lambda cells, _: [numbers[cell] for cell in cells]
    if column.is_number:
        missing = _missing(kind)
        return lambda cells, _: [missing[cell] if cell is None or isinstance(cell, str) else cell for cell in cells]
    texts = _Texts()
    return lambda cells, _: [texts[cell] for cell in cells]


def _missing(kind: Type) -> dict[str | None, float]:
    """The value of an empty cell, and of each extended missing code, in a type."""
    steps: dict[str | None, int] = {None: 0}
    steps.update(_STEPS)
    if kind.code == _DOUBLE:
        return {code: _double_missing(step) for code, step in steps.items()}
    return {code: int(kind.missing) + step for code, step in steps.items()}


def _double_missing(step: int) -> float:
    bits = 0x7FE0_0000_0000_0000 + (step << 40)
    found: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return found


class _Texts(dict[Any, bytes]):
    """The bytes of texts; those of the first many are remembered, for most words come again and again."""

    def __missing__(self, cell: Any) -> bytes:  # noqa: ANN401 - any text or number
        text = b"" if cell is None else _plain(cell).encode()
        if len(self) < _REMEMBERED:
            self[cell] = text
        return text


class _Days(dict[str, int]):
    """Milliseconds from 1960 to the beginning of a day."""

    def __missing__(self, day: str) -> int:
        self[day] = found = (date.fromisoformat(day) - _EPOCH).days * _DAY_MS
        return found


class _DayNumbers(dict[str | None, float]):
    """Days from 1960 to a day, and the missing codes."""

    def __missing__(self, day: str) -> int:
        self[day] = found = (date.fromisoformat(day) - _EPOCH).days
        return found


_NO_MOMENT = _double_missing(0)


def _moment(moment: str | None, days: _Days) -> float:
    if moment is None:
        return _NO_MOMENT
    return days[moment[:10]] + (int(moment[11:13]) * 3600 + int(moment[14:16]) * 60 + int(moment[17:19])) * 1000

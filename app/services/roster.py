"""Rosters: who takes part. A table of rows is read whole, and every mistake in it is listed with its row and column, without
a name or a number. Nothing is stored here: `enrolment.py` takes over a roster that has no mistake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz import process

from app.flows.definition import Programme
from app.services import roster_cells as cells
from app.services.roster_cells import folded

HEADERS = {
    "name": ("nombre", "name", "nombre completo", "nombre y apellidos"),
    "phone": ("telefono", "celular", "phone", "numero", "movil", "tel", "whatsapp", "numero de telefono", "numero de celular"),
    "channel": ("canal", "channel"),
    "cohort": ("cohorte", "cohort", "grupo", "generacion"),
    "timezone": ("zona", "zona horaria", "timezone", "time zone"),
    "language": ("idioma", "language"),
    "consent": ("consentimiento", "consent", "fecha consentimiento", "fecha de consentimiento", "consent date"),
    "workshop_date": ("fecha taller", "workshop date", "fecha de taller", "fecha del taller", "taller"),
}
"""What a column may be called, folded: no accents, case or underscores. Any other column is a date or an attribute, if the
campaign or the programme names it."""

STATED = frozenset({"channel", "timezone", "language"})
"""What has a default where the roster does not say it. An import changes these only if it says them."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake. `row` counts as a spreadsheet does, the header being row 1; `column` is its header as written."""

    row: int
    column: str
    text: str

    def __str__(self) -> str:
        return f"row {self.row}, column {self.column}: {self.text}" if self.column else f"row {self.row}: {self.text}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One officer as the roster has it, checked. `stated` says which of channel, timezone and language the roster says."""

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
    stated: frozenset[str] = STATED


@dataclass(frozen=True, slots=True)
class Read:
    """A roster read: the officers, or the faults. `columns` are headers by their meaning, `ignored` those without one."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def without(self, anchor: str) -> int:
        """How many officers have no date of this name: nothing but consent can be planned for them."""
        return sum(anchor not in entry.dates for entry in self.entries)


def read(rows: Sequence[Sequence[str]], programme: Programme, *, cohort: str | None = None) -> Read:
    """Read a table whose first row has the headers. `cohort` is for rows without one of their own."""
    if not rows or not any(cell.strip() for cell in rows[0]):
        return Read((), (Fault(1, "", "the first row must have the names of the columns"),))
    headers = [cell.strip() for cell in rows[0]]
    dates = {campaign.anchor for campaign in programme.campaigns.values()} | {"workshop_date"}
    layout = _Layout.of(headers, dates, programme)
    faults = [*layout.faults, *_missing_columns(layout, cohort)]
    if faults:
        return Read((), tuple(sorted(faults)), layout.named, layout.ignored)
    reader = _Reader(programme, layout, cohort)
    entries = [
        entry
        for place, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row) and (entry := reader.row(place, row)) is not None
    ]
    faults = [*reader.faults, *_duplicates(entries, layout.named["phone"])]
    if not entries and not faults:
        faults = [Fault(2, "", "there are no officers below the headers")]
    return Read(() if faults else tuple(entries), tuple(sorted(faults)), layout.named, layout.ignored)


@dataclass(slots=True)
class _Layout:
    """Where what stands: the place of each column by its meaning."""

    headers: list[str]
    dates: tuple[str, ...]
    attributes: tuple[str, ...]
    places: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, headers: list[str], dates: set[str], programme: Programme) -> "_Layout":
        layout = cls(headers, tuple(sorted(dates)), tuple(name for name in programme.fields if name not in HEADERS))
        for place, header in enumerate(headers):
            layout._place(place, header)
        return layout

    def _place(self, place: int, header: str) -> None:
        plain = folded(header)
        meaning = next((name for name, names in HEADERS.items() if plain in names), plain.replace(" ", "_"))
        if meaning not in (*HEADERS, *self.dates, *self.attributes):
            self.ignored += (header,) if header else ()
        elif meaning in self.places:
            twin = self.headers[self.places[meaning]]
            self.faults.append(Fault(1, header, f"means the same as column {twin}: keep one of them"))
        else:
            self.places[meaning] = place

    @property
    def named(self) -> dict[str, str]:
        return {meaning: self.headers[place] for meaning, place in self.places.items()}


def _missing_columns(layout: _Layout, cohort: str | None) -> list[Fault]:
    faults = []
    for name in ["name", "phone"] if cohort is not None else ["name", "phone", "cohort"]:
        if name not in layout.places:
            unused = {header: folded(header) for header in layout.ignored}
            near = process.extractOne(HEADERS[name][0], unused, score_cutoff=70)
            hint = f"; did you mean it by {near[2]!r}?" if near else ""
            option = " (or give --cohort)" if name == "cohort" else ""
            faults.append(Fault(1, "", f"there is no column {HEADERS[name][0]!r}{option}{hint}"))
    return faults


def _duplicates(entries: Sequence[Entry], column: str) -> list[Fault]:
    first: dict[str, int] = {}
    return [
        Fault(entry.row, column, f"the same number as in row {first[entry.number]}")
        for entry in entries
        if first.setdefault(entry.number, entry.row) != entry.row
    ]


class _Reader:
    """Reads rows, and collects every fault on the way."""

    def __init__(self, programme: Programme, layout: _Layout, cohort: str | None) -> None:
        self.programme, self.layout, self.cohort = programme, layout, cohort
        self.faults: list[Fault] = []

    def row(self, place: int, row: Sequence[str]) -> Entry | None:
        """The officer of one row; None if there is a fault in it."""
        before = len(self.faults)
        extra = [cell for cell in row[len(self.layout.headers) :] if cell.strip()]
        if extra:
            self.faults.append(Fault(place, "", "has more cells than there are columns: is a comma within a cell unquoted?"))
            return None

        def get(name: str, convert: Callable[[str], str], default: str | None = "") -> str:
            return self.cell(place, row, name, convert, default)

        name, number = get("name", cells.as_name, None), get("phone", cells.as_number, None)
        channel, zone, language = get("channel", cells.as_channel), get("timezone", cells.as_zone), get("language", self.language)
        cohort, consent = get("cohort", cells.as_cohort, self.cohort), get("consent", cells.as_consent)
        dates = {date: value for date in self.layout.dates if (value := get(date, cells.as_date))}
        attributes = {
            field_: cells.typed(value) for field_ in self.layout.attributes if (value := get(field_, cells.as_attribute))
        }
        if len(self.faults) > before:
            return None
        stated = {"channel": channel, "timezone": zone, "language": language}
        return Entry(
            place, name, number, channel or "whatsapp", cohort, zone or self.programme.timezone,
            language or self.programme.language, dates, attributes,
            cells.noon(consent, zone or self.programme.timezone) if consent else None,
            frozenset(key for key, value in stated.items() if value),
        )

    def cell(self, place: int, row: Sequence[str], name: str, convert: Callable[[str], str], default: str | None) -> str:
        """The value of a cell, or the default if there is none or it is empty; "" if there is a fault in it."""
        column = self.layout.places.get(name)
        text = row[column].strip() if column is not None and column < len(row) else ""
        header = self.layout.headers[column] if column is not None else HEADERS[name][0] if name in HEADERS else name
        if not text and default is None:
            self.faults.append(Fault(place, header, "is empty"))
        if not text:
            return default or ""
        try:
            return convert(text)
        except ValueError as error:
            self.faults.append(Fault(place, header, str(error)))
            return ""

    def language(self, text: str) -> str:
        offered = [self.programme.language, *self.programme.languages]
        for language in offered:
            if text.lower().partition("-")[0] == language.partition("-")[0]:
                return language
        raise ValueError(f"must be one of {', '.join(offered)}")

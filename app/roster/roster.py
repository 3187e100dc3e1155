"""Rosters: who takes part. A table of rows is read whole, and every mistake in it is listed with its row and column, without
a name or a number. Nothing is stored here: `enrolment.py` takes over a roster that has no mistake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.flows.language.definition import Programme
from app.flows.shifts import Shift
from app.roster import cells
from app.sheets.columns import MORE_CELLS, Fault, Known, Layout

HEADERS = {
    "name": ("nombre", "name", "nombre completo", "nombre y apellidos"),
    "phone": (
        "telefono",
        "celular",
        "phone",
        "numero",
        "movil",
        "tel",
        "whatsapp",
        "numero de telefono",
        "numero de celular",
    ),
    "channel": ("canal", "channel"),
    "cohort": ("cohorte", "cohort", "grupo", "generacion"),
    "timezone": ("zona", "zona horaria", "timezone", "time zone"),
    "language": ("idioma", "language"),
    "consent": ("consentimiento", "consent", "fecha consentimiento", "fecha de consentimiento", "consent date"),
    "workshop_date": ("fecha taller", "workshop date", "fecha de taller", "fecha del taller", "taller"),
    "shift": ("turno", "shift", "horario de turno"),
    "shift_start": ("entra", "shift start", "entrada", "inicio de turno", "inicio del turno"),
}
"""What a column may be called, folded: no accents, case or underscores. Any other column is a date or an attribute, if the
campaign or the programme names it."""

SHIFT = ("shift", "shift_start")
"""A shift takes both: its hours, and when one turn begins. A programme may have a field of such a name, and means that."""

IDENTITY = frozenset({"name", "phone"})
"""What an error never repeats."""

STATED = frozenset({"channel", "timezone", "language"})
"""What has a default where the roster does not say it. An import changes these only if it says them."""


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
    shift: Shift | None = None
    stated: frozenset[str] = STATED


@dataclass(frozen=True, slots=True)
class Read:
    """A roster read: the officers, or the faults. `columns` are headers by their meaning, `ignored` those without one."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()


def known(programme: Programme) -> Known:
    """What a column of this programme's roster may mean."""
    dates = {campaign.anchor for campaign in programme.campaigns.values()} | {"workshop_date"}
    attributes = [name for name in programme.fields if name not in HEADERS]
    taken = {name.replace("_", " ") for name in attributes}
    names = {
        meaning: [name for name in called if meaning not in SHIFT or name not in taken]
        for meaning, called in HEADERS.items()
    }
    return Known(names, (*sorted(dates), *attributes))


def read(
    rows: Sequence[Sequence[str]],
    programme: Programme,
    *,
    cohort: str | None = None,
    mapped: Mapping[str, str] | None = None,
) -> Read:
    """Read a table whose first row has the headers. `cohort` is for rows without one of their own; `mapped` are meanings of
    columns by their folded headers, as `columns.mapping` gives them."""
    if not rows or not any(cell.strip() for cell in rows[0]):
        return Read((), (Fault(1, "", "the first row must have the names of the columns"),))
    layout = Layout.of(rows[0], known(programme), mapped)
    faults = [*layout.faults, *_missing_columns(layout, programme, cohort)]
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


def _missing_columns(layout: Layout, programme: Programme, cohort: str | None) -> list[Fault]:
    meanings = known(programme)
    faults = [fault for name in ("name", "phone") for fault in layout.missing(name, meanings)]
    if cohort is None:
        faults += layout.missing("cohort", meanings, option=" (or give --cohort)")
    if any(name in layout.places for name in SHIFT):
        faults += [
            fault for name in SHIFT for fault in layout.missing(name, meanings, option=": a shift takes both columns")
        ]
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

    def __init__(self, programme: Programme, layout: Layout, cohort: str | None) -> None:
        self.programme, self.layout, self.cohort = programme, layout, cohort
        meanings = known(programme).more
        self.attributes = [name for name in meanings if name in programme.fields]
        self.dates = [name for name in meanings if name not in self.attributes]
        self.faults: list[Fault] = []

    def row(self, place: int, row: Sequence[str]) -> Entry | None:
        """The officer of one row; None if there is a fault in it."""
        before = len(self.faults)
        if self.layout.has_more(row):
            self.faults.append(Fault(place, "", MORE_CELLS))
            return None

        def get(name: str, convert: Callable[[str], str], default: str | None = "") -> str:
            return self.cell(place, row, name, convert, default)

        name, number = get("name", cells.as_name, None), get("phone", cells.as_number, None)
        channel, zone, language = (
            get("channel", cells.as_channel),
            get("timezone", cells.as_zone),
            get("language", self.language),
        )
        cohort, consent = get("cohort", cells.as_cohort, self.cohort), get("consent", cells.as_consent)
        dates = {date: value for date in self.dates if (value := get(date, cells.as_date))}
        attributes = {name: cells.typed(value) for name in self.attributes if (value := get(name, cells.as_attribute))}
        shift = self.shift(place, row, zone or self.programme.timezone)
        if len(self.faults) > before:
            return None
        stated = {"channel": channel, "timezone": zone, "language": language}
        return Entry(
            place,
            name,
            number,
            channel or "whatsapp",
            cohort,
            zone or self.programme.timezone,
            language or self.programme.language,
            dates,
            attributes,
            cells.noon(consent, zone or self.programme.timezone) if consent else None,
            shift,
            frozenset(key for key, value in stated.items() if value),
        )

    def cell(
        self, place: int, row: Sequence[str], name: str, convert: Callable[[str], str], default: str | None
    ) -> str:
        """The value of a cell, or the default if there is none or it is empty; "" if there is a fault in it."""
        text, header = self.layout.text(row, name), self.header(name)
        if not text and default is None:
            self.faults.append(Fault(place, header, "is empty"))
        if not text:
            return default or ""
        try:
            return convert(text)
        except ValueError as error:
            self.faults.append(Fault(place, header, str(error) if name in IDENTITY else cells.told(error, text)))
            return ""

    def header(self, name: str) -> str:
        """What the column of a meaning is called here."""
        return self.layout.named.get(name) or (HEADERS[name][0] if name in HEADERS else name)

    def shift(self, place: int, row: Sequence[str], zone: str) -> Shift | None:
        """The shift of an officer, if the roster says one: its hours and the beginning of one turn, or neither."""
        told = [bool(self.layout.text(row, name)) for name in SHIFT]
        if not all(told):
            if any(told):
                text = "is empty: a shift takes its hours, such as 24x48, and when one turn begins, such as 2026-03-02 07:00"
                self.faults.append(Fault(place, self.header(SHIFT[told.index(False)]), text))
            return None
        hours, start = (
            self.cell(place, row, name, convert, None)
            for name, convert in zip(SHIFT, (cells.as_hours, cells.as_moment), strict=True)
        )
        if not hours or not start:
            return None
        on, _, off = hours.partition("x")
        return Shift(int(on), int(off), datetime.fromisoformat(start), zone)

    def language(self, text: str) -> str:
        offered = [self.programme.language, *self.programme.languages]
        for language in offered:
            if text.lower().partition("-")[0] == language.partition("-")[0]:
                return language
        raise ValueError(f"must be one of {', '.join(offered)}")

"""The rows of a roster: officers, checked, or every mistake with its row and column, without a name or a number. Stores
nothing: `enrolment.py` takes over a roster that has no mistake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from app.flows.language.definition import Programme
from app.flows.language.identifying import identifies
from app.flows.language.nearby import did_you_mean
from app.flows.shifts import Shift
from app.roster import cells, entries
from app.roster.cohorts import anchors
from app.roster.dates import as_date, as_moment
from app.roster.entries import Entry
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import EMPTY, Reader, Row
from app.sheets.remedies import OPTIONS, Remedies
from app.sheets.table_in_file import Wanted
from app.wording import Sentence

T = TypeVar("T")

PHONE = (
    "telefono",
    "celular",
    "phone",
    "numero",
    "movil",
    "tel",
    "cel",
    "whatsapp",
    *(
        f"{first}{of} {kind}"
        for first in ("numero", "num", "no")
        for of in ("", " de")
        for kind in ("telefono", "celular", "movil", "whatsapp")
    ),
    *(f"{first} {kind}" for first in ("telefono", "tel") for kind in ("celular", "movil")),
)
"""Headers of a column of numbers, folded."""

HEADERS = {
    "name": ("nombre", "name", "nombre completo", "nombre y apellidos"),
    "phone": PHONE,
    "channel": ("canal", "channel"),
    "cohort": ("cohorte", "cohort", "grupo", "generacion"),
    "timezone": ("zona", "zona horaria", "timezone", "time zone"),
    "language": ("idioma", "language"),
    "consent": ("consentimiento", "consent", "fecha consentimiento", "fecha de consentimiento", "consent date"),
    "consent_version": (
        "version consentimiento",
        "version del consentimiento",
        "version del aviso",
        "consent version",
    ),
    "consent_proof": (
        "comprobante consentimiento",
        "comprobante de consentimiento",
        "comprobante del consentimiento",
        "consent proof",
    ),
    "workshop_date": ("fecha taller", "workshop date", "fecha de taller", "fecha del taller", "taller"),
    "shift": ("turno", "shift", "horario de turno"),
    "shift_start": ("entra", "shift start", "entrada", "inicio de turno", "inicio del turno"),
}
"""Headers of each column, folded. Any other column is a date or an attribute, if the campaign or the programme names it."""

PAPER = ("consent_version", "consent_proof")
"""The version of the notice of a consent on paper, and the place of the signed paper."""

SHIFT = ("shift", "shift_start")
"""A shift takes both: its hours, and when one shift begins. A programme's own field of such a name goes first, here
and in `PAPER`."""


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster read: the officers, or the faults. `columns` are headers by their meaning, `ignored` those without one; `warnings`
    need a look; `sample` is a name with a letter that encodings differ in, to see whether the file was read well. `sound` are the
    officers of rows without a mistake, also if other rows have one: to be shown, never to be imported."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    warnings: tuple[Fault, ...] = ()
    sample: str | None = None
    sound: tuple[Entry, ...] = ()


def column_names(programme: Programme) -> ColumnNames:
    """The columns of this programme's roster."""
    attributes = [name for name in (*programme.fields, *programme.identity) if name not in HEADERS]
    taken = {name.replace("_", " ") for name in attributes}
    names = {
        meaning: [header for header in headers if meaning not in (*SHIFT, *PAPER) or header not in taken]
        for meaning, headers in HEADERS.items()
    }
    return ColumnNames(names, (*anchors(programme), *attributes))


def wanted(programme: Programme, mapped: Mapping[str, str]) -> Wanted:
    """The table to look for in a file."""
    return Wanted(column_names(programme), [("name",), ("phone",)], mapped)


def read_roster(
    table: Sequence[Sequence[str]],
    programme: Programme,
    *,
    cohort: str | None = None,
    mapped: Mapping[str, str] | None = None,
    now: datetime | None = None,
    header: int = 1,
    remedies: Remedies = OPTIONS,
) -> Roster:
    """Read a table with its headers in the row `header`. `cohort` is for rows without one of their own; `mapped` are meanings of
    columns by their folded headers, as `columns.mapping` gives them; no consent is from after `now`; `remedies` are
    what the person has to decide with."""
    headers = table[header - 1] if header <= len(table) else []
    if not any(cell.strip() for cell in headers):
        return Roster((), (Fault(header, "", Sentence("the first row must have the names of the columns")),))
    names = column_names(programme)
    columns = Columns.of(headers, names, mapped, header)
    faults = [
        *columns.faults,
        *_missing_columns(columns, names, cohort, remedies),
        *_known_otherwise(names, programme, header),
        *_identifying(columns, programme, header),
    ]
    if faults:
        return Roster((), tuple(sorted(faults)), columns.titles, columns.ignored)
    reader, converters = Reader(columns), _Converters.of(programme, names, cohort, now)
    officers = [entry for row in reader.rows(table) if (entry := _entry(row, converters)) is not None]
    faults = [*reader.faults, *entries.faults(officers, columns.titles)]
    if not officers and not faults:
        faults = [Fault(header + 1, "", Sentence("there are no officers below the headers"))]
    return Roster(
        () if faults else tuple(officers),
        tuple(sorted(faults)),
        columns.titles,
        columns.ignored,
        tuple(entries.warnings(officers, columns.titles)),
        entries.sample(officers, table, columns),
        tuple(officers),
    )


def _missing_columns(columns: Columns, names: ColumnNames, cohort: str | None, remedies: Remedies) -> list[Fault]:
    faults = [fault for name in ("name", "phone") for fault in columns.missing(name, names)]
    if cohort is None:
        faults += columns.missing("cohort", names, option=Sentence(" ({remedy})", remedy=remedies.cohort))
    if any(name in columns.positions for name in SHIFT):
        faults += [
            fault
            for name in SHIFT
            for fault in columns.missing(name, names, option=Sentence(": a shift takes both columns"))
        ]
    return faults


def _known_otherwise(names: ColumnNames, programme: Programme, header: int) -> list[Fault]:
    """Data declared as identity whose columns have another meaning."""
    return [
        Fault(
            header,
            "",
            Sentence(
                "{name} means {meaning} already: take it out of `identity` in the programme's file",
                name=name,
                meaning=names.meaning(name),
            ),
        )
        for name in programme.identity
        if names.meaning(name) != name
    ]


def _identifying(columns: Columns, programme: Programme, header: int) -> list[Fault]:
    """Columns of the programme's own fields that would store an officer's identity in clear, and export it."""
    return [
        Fault(
            header,
            columns.titles[name],
            Sentence(
                "identifies an officer, and would be exported: put it under `identity` in the programme's file, or take it out of `fields`"
            ),
        )
        for name in programme.fields
        if name in columns.positions and identifies(name)
    ]


# -- one row ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Converters:
    """The columns of a programme's roster that are its own, and the defaults of the others. Equal values of many officers are one
    object: a large roster has few different ones."""

    programme: Programme
    cohort: str | None
    dates: tuple[str, ...]
    attributes: tuple[str, ...]
    identity: tuple[str, ...]
    now: datetime | None
    known: dict[object, object] = field(default_factory=dict)

    def shared(self, value: T) -> T:
        """An equal value that was there before, if any."""
        return cast("T", self.known.setdefault(value, value))

    def shared_items(self, items: dict[str, T]) -> Mapping[str, T]:
        """The same for a mapping, which nobody changes."""
        return cast("Mapping[str, T]", self.known.setdefault(tuple(items.items()), items))

    @classmethod
    def of(cls, programme: Programme, names: ColumnNames, cohort: str | None, now: datetime | None) -> "_Converters":
        identity = tuple(name for name in names.more if name in programme.identity)
        attributes = tuple(name for name in names.more if name in programme.fields and name not in identity)
        dates = tuple(name for name in names.more if name not in (*attributes, *identity))
        return cls(programme, cohort, dates, attributes, identity, now)

    def consent(self, text: str, zone: str) -> str:
        return cells.as_consent(text, self.now.astimezone(ZoneInfo(zone)).date() if self.now else None, zone)

    def language(self, text: str) -> str:
        offered = [self.programme.language, *self.programme.languages]
        for language in offered:
            if text.lower().partition("-")[0] == language.partition("-")[0]:
                return language
        raise ValueError(Sentence("must be one of {names}", names=", ".join(offered)))


def _entry(row: Row, converters: _Converters) -> Entry | None:
    """The officer of one row; None if there is a fault in it."""
    programme = converters.programme
    name = row.value("name", cells.as_name, "", required=True)
    number = row.value("phone", cells.as_number, "", required=True)
    channel, zone = _optional(row, "channel", cells.as_channel), _optional(row, "timezone", cells.as_zone)
    language = _optional(row, "language", converters.language)
    cohort = row.value(
        "cohort", cells.quoting(cells.as_cohort), converters.cohort or "", required=converters.cohort is None
    )
    own_zone = zone or programme.timezone
    consent = _optional(row, "consent", lambda text: converters.consent(text, own_zone))
    paper = {name: _optional(row, name, cells.as_paper) for name in PAPER}
    if any(paper.values()) and not row.text("consent"):
        row.fault("consent", Sentence("{empty}: a consent on paper takes the date on which it was given", empty=EMPTY))
    dates = {
        date: value for date in converters.dates if (value := _optional(row, date, partial(as_date, zone=own_zone)))
    }
    attributes = {
        field: cells.typed(value)
        for field in converters.attributes
        if (value := _optional(row, field, partial(_attribute, codes=programme.fields[field].codes)))
    }
    identity = {field: value for field in converters.identity if (value := _optional(row, field, cells.as_attribute))}
    shift = _shift(row, own_zone)
    if row.is_faulty:
        return None
    stated = {"channel": channel, "timezone": zone, "language": language}
    return Entry(
        row.number,
        name,
        number,
        converters.shared(channel or "whatsapp"),
        converters.shared(cohort),
        converters.shared(own_zone),
        converters.shared(language or programme.language),
        converters.shared_items(dates),
        converters.shared_items(attributes),
        converters.shared(cells.noon(consent, own_zone)) if consent else None,
        shift,
        converters.shared(frozenset(key for key, value in stated.items() if value)),
        **paper,
        identity=identity,
    )


def _attribute(text: str, codes: Mapping[str, int]) -> str:
    value = cells.as_attribute(text)
    if codes and value not in codes:
        raise ValueError(
            Sentence("has no code in the programme's file. {hint}", hint=did_you_mean(value, list(codes), else_list=12))
        )
    return value


def _optional(row: Row, name: str, convert: Callable[[str], str]) -> str:
    return row.value(name, cells.quoting(convert), "")


def _shift(row: Row, zone: str) -> Shift | None:
    """The shift of an officer, if the roster has one: its hours and the beginning of one shift, or neither."""
    filled = [bool(row.text(name)) for name in SHIFT]
    if not all(filled):
        if any(filled):
            takes = Sentence(
                "a shift takes its hours, such as 24x48, and when one turn begins, such as 2026-03-02 07:00"
            )
            row.fault(SHIFT[filled.index(False)], f"{EMPTY}: {takes}")
        return None
    hours, start = _optional(row, "shift", cells.as_hours), _optional(row, "shift_start", partial(as_moment, zone=zone))
    if not hours or not start:
        return None
    on, _, off = hours.partition("x")
    return Shift(int(on), int(off), datetime.fromisoformat(start), zone)

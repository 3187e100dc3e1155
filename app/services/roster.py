"""Rosters: who takes part. A table of rows is read whole, every mistake in it is listed with its row and column, and only a
table without any is taken over, in one transaction. Names and numbers are sealed at once; an officer who is there
already, found by the keyed hash of the number, is brought up to date. Errors never repeat a name or a number."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process
from sqlalchemy import Connection, insert, select, update

from app.channels.addresses import BadNumber, parse_number
from app.flows.definition import Programme
from app.flows.replies.fold import phrase
from app.store import audit
from app.store.dialect import insert_ignore
from app.store.tables import Address, Assignment, Cohort, Consent, Contact, Identity
from app.store.vault import Vault

_address = Address.__table__  # type: ignore[attr-defined]
_assignment = Assignment.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_consent = Consent.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_identity = Identity.__table__  # type: ignore[attr-defined]

HEADERS = {
    "name": ("nombre", "name", "nombre completo"),
    "phone": ("telefono", "celular", "phone", "numero", "movil", "tel", "whatsapp"),
    "channel": ("canal", "channel"),
    "cohort": ("cohorte", "cohort", "grupo", "generacion"),
    "timezone": ("zona", "zona horaria", "timezone"),
    "language": ("idioma", "language"),
    "consent": ("consentimiento", "consent", "fecha consentimiento"),
    "workshop_date": ("fecha taller", "workshop date", "fecha de taller", "taller"),
}
"""What a column may be called, folded: no accents, case or underscores. Any other column is a date or an attribute, if the
campaign or the programme names it."""

CHANNELS = {"whatsapp": "whatsapp", "wa": "whatsapp", "sms": "sms", "mensaje": "sms"}
ROSTER_CONSENT = "roster"
"""The version under which consent given on paper is kept."""


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
    """One officer as the roster has it, checked."""

    row: int
    name: str
    number: str
    channel: str
    cohort: str
    timezone: str
    language: str
    dates: dict[str, str]
    attributes: dict[str, str]
    consented_at: datetime | None


@dataclass(frozen=True, slots=True)
class Read:
    """A roster read: the officers, or the faults. `ignored` are columns that nobody names."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class Imported:
    """What an import did, or would do."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    cohorts: list[str] = field(default_factory=list)


# -- reading ----------------------------------------------------------------------------------------------------------


def read(
    rows: Sequence[Sequence[str]], programme: Programme, *, cohort: str | None = None
) -> Read:
    """Read a table whose first row has the headers. `cohort` is for rows without one of their own."""
    if not rows:
        return Read((), (Fault(1, "", "the file is empty: the first row must have the names of the columns"),))
    headers = [cell.strip() for cell in rows[0]]
    anchors = {campaign_.anchor for campaign_ in programme.campaigns.values()}
    meaning, ignored = _columns(headers, anchors | {"workshop_date"}, set(programme.fields))
    faults = _missing_columns(headers, meaning, cohort)
    if faults:
        return Read((), tuple(faults), ignored)
    reader = _Reader(programme, headers, meaning, anchors | {"workshop_date"}, cohort)
    entries = [entry for place, row in enumerate(rows[1:], 2) if any(cell.strip() for cell in row) for entry in reader.row(place, row)]
    faults = [*reader.faults, *_duplicates(entries, headers, meaning)]
    if not entries and not faults:
        faults = [Fault(2, "", "there are no officers below the headers")]
    return Read(() if faults else tuple(entries), tuple(sorted(faults)), ignored)


def _folded(text: str) -> str:
    return " ".join(phrase(text))


def _columns(headers: Sequence[str], dates: set[str], fields: set[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The place of each column by its meaning, and the headers that mean nothing."""
    meaning: dict[str, int] = {}
    ignored = []
    for place, header in enumerate(headers):
        plain = _folded(header.replace("_", " "))
        known = next((name for name, names in HEADERS.items() if plain in names), None)
        code = plain.replace(" ", "_")
        if known is not None or code in dates | fields:
            meaning.setdefault(known or code, place)
        elif header:
            ignored.append(header)
    return meaning, tuple(ignored)


def _missing_columns(headers: Sequence[str], meaning: Mapping[str, int], cohort: str | None) -> list[Fault]:
    needed = ["name", "phone"] if cohort is not None else ["name", "phone", "cohort"]
    faults = []
    for name in needed:
        if name not in meaning:
            names = HEADERS[name]
            near = process.extractOne(names[0], [_folded(header) for header in headers], score_cutoff=70)
            hint = f"; did you mean it by {headers[near[2]]!r}?" if near else ""
            option = " (or give --cohort)" if name == "cohort" else ""
            faults.append(Fault(1, "", f"there is no column {names[0]!r}{option}{hint}"))
    return faults


def _duplicates(entries: Sequence[Entry], headers: Sequence[str], meaning: Mapping[str, int]) -> list[Fault]:
    first: dict[str, int] = {}
    faults = []
    for entry in entries:
        if entry.number in first:
            text = f"the same number as in row {first[entry.number]}"
            faults.append(Fault(entry.row, headers[meaning["phone"]], text))
        first.setdefault(entry.number, entry.row)
    return faults


class _Reader:
    """Reads rows, and collects every fault on the way."""

    def __init__(
        self, programme: Programme, headers: Sequence[str], meaning: Mapping[str, int], dates: set[str], cohort: str | None
    ) -> None:
        self.programme, self.headers, self.meaning, self.dates, self.cohort = programme, headers, meaning, dates, cohort
        self.faults: list[Fault] = []

    def row(self, place: int, cells: Sequence[str]) -> list[Entry]:
        """The officer of one row; none if there is a fault in it."""
        before = len(self.faults)

        def get(name: str, convert: Callable[[str], str], default: str | None) -> str:
            return self.cell(place, cells, name, convert, default)

        dates = {name: get(name, _as_date, "") for name in sorted(self.dates) if name in self.meaning}
        consent = get("consent", _as_date, "")
        entry = Entry(
            row=place,
            name=get("name", _as_name, None),
            number=get("phone", parse_number, None),
            channel=get("channel", _as_channel, "whatsapp"),
            cohort=get("cohort", _as_cohort, self.cohort),
            timezone=(zone := get("timezone", _as_zone, self.programme.timezone)),
            language=get("language", self.language, self.programme.language),
            dates={name: value for name, value in dates.items() if value},
            attributes={
                name: value for name in self.programme.fields if name in self.meaning and (value := get(name, _as_text, ""))
            },
            consented_at=_noon(consent, zone) if consent and zone else None,
        )
        return [entry] if len(self.faults) == before else []

    def cell(
        self, place: int, cells: Sequence[str], name: str, convert: Callable[[str], str], default: str | None
    ) -> str:
        column = self.meaning.get(name)
        text = cells[column].strip() if column is not None and column < len(cells) else ""
        if not text and default is not None:
            return default
        try:
            return convert(text) if text else _empty()
        except (BadNumber, ValueError) as error:
            header = self.headers[column] if column is not None else HEADERS[name][0]
            self.faults.append(Fault(place, header, str(error)))
            return ""

    def language(self, text: str) -> str:
        offered = [self.programme.language, *self.programme.languages]
        for language in offered:
            if text.lower().partition("-")[0] == language.partition("-")[0]:
                return language
        raise ValueError(f"must be one of {', '.join(offered)}")


def _empty() -> str:
    raise ValueError("is empty")


def _as_text(text: str) -> str:
    if len(text) > 200:
        raise ValueError("is longer than 200 characters")
    return text


def _as_name(text: str) -> str:
    if len(text) > 120 or "{" in text or any(ord(character) < 32 for character in text):
        raise ValueError("must be a name of at most 120 characters, on one line")
    return text


def _as_cohort(text: str) -> str:
    if len(text) > 64:
        raise ValueError("is longer than 64 characters")
    return text


def _as_channel(text: str) -> str:
    if (channel := CHANNELS.get(_folded(text))) is None:
        raise ValueError("must be whatsapp or sms")
    return channel


def _as_zone(text: str) -> str:
    if text not in available_timezones():
        zones = sorted(available_timezones())
        near = next((zone for zone in zones if text.lower() in zone.lower()), process.extractOne(text, zones)[0])
        raise ValueError(f"is no time zone; did you mean {near}?")
    return text


def _as_date(text: str) -> str:
    """A date as 2026-03-02, 02/03/2026 or 2/3/26 (day first). A spreadsheet's own dates come as the first."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d/%m/%y", "%Y-%m-%d %H:%M:%S"):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        if date(2000, 1, 1) <= found <= date(2100, 1, 1):
            return found.isoformat()
    raise ValueError("must be a date such as 2026-03-02 or 02/03/2026")


def _noon(day: str, zone: str) -> datetime:
    return datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# -- taking over ------------------------------------------------------------------------------------------------------


def take_over(
    tx: Connection,
    vault: Vault,
    programme: Programme,
    entries: Sequence[Entry],
    campaign: str | None,
    new_id: Callable[[], str],
    now: datetime,
    actor: str = "roster",
) -> Imported:
    """Add the officers of a checked roster, or bring them up to date. `new_id` gives random study ids. One whose number
    belongs to somebody already keeps their study id, answers and choices."""
    done = Imported()
    cohorts = _cohorts(tx, programme, entries, done, now)
    known = _known(tx, vault, entries)
    for entry in entries:
        contact = known.get(entry.number)
        if contact is None:
            contact = _add(tx, vault, entry, cohorts[entry.cohort], new_id(), now)
            done.added += 1
        elif _bring_up_to_date(tx, vault, entry, contact, cohorts[entry.cohort]):
            done.updated += 1
        else:
            done.unchanged += 1
        if campaign is not None:
            insert_ignore(tx, _assignment, [{"contact_id": contact, "campaign": campaign, "at": now}])
    detail = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    audit.record(tx, now, actor, "roster import", programme.programme, detail)
    return done


def _cohorts(
    tx: Connection, programme: Programme, entries: Sequence[Entry], done: Imported, now: datetime
) -> dict[str, int]:
    codes = {entry.cohort: entry for entry in entries}
    found = dict(tx.execute(select(_cohort.c.code, _cohort.c.id).where(_cohort.c.code.in_(list(codes)))).all())
    for code, entry in codes.items():
        if code not in found:
            row = {
                "code": code, "programme": programme.programme, "timezone": entry.timezone, "dates": "{}",
                "created_at": now,
            }
            found[code] = tx.execute(insert(_cohort).returning(_cohort.c.id), row).scalar_one()
            done.cohorts.append(code)
    return found


def _known(tx: Connection, vault: Vault, entries: Sequence[Entry]) -> dict[str, int]:
    """The contacts that these numbers belong to already."""
    lookups = {vault.lookup(entry.number): entry.number for entry in entries}
    rows = tx.execute(
        select(_address.c.lookup, _address.c.contact_id).where(_address.c.lookup.in_(list(lookups)))
    ).all()
    return {lookups[lookup]: contact for lookup, contact in rows}


def _columns_of(entry: Entry, cohort: int) -> dict[str, object]:
    return {
        "cohort_id": cohort, "language": entry.language, "timezone": entry.timezone, "channel": entry.channel,
        "attributes": json.dumps(entry.attributes, ensure_ascii=False, sort_keys=True),
        "dates": json.dumps(entry.dates, sort_keys=True),
    }


def _add(tx: Connection, vault: Vault, entry: Entry, cohort: int, study_id: str, now: datetime) -> int:
    row = {
        **_columns_of(entry, cohort), "study_id": study_id, "status": "active", "consented_at": entry.consented_at,
        "created_at": now,
    }
    contact: int = tx.execute(insert(_contact).returning(_contact.c.id), row).scalar_one()
    tx.execute(insert(_identity), {"contact_id": contact, "sealed": _identity_of(vault, entry, contact)})
    tx.execute(
        insert(_address),
        [
            {"contact_id": contact, "channel": channel, "lookup": vault.lookup(entry.number),
             "sealed": vault.seal(entry.number, f"address:{contact}"), "created_at": now}
            for channel in ("whatsapp", "sms")
        ],
    )
    if entry.consented_at is not None:
        tx.execute(
            insert(_consent),
            {"contact_id": contact, "version": ROSTER_CONSENT, "granted": True, "channel": "paper",
             "text": "Consentimiento dado fuera de Trato, según el padrón.", "at": entry.consented_at},
        )
    return contact


def _identity_of(vault: Vault, entry: Entry, contact: int) -> bytes:
    return vault.seal(json.dumps({"nombre": entry.name}, ensure_ascii=False), f"identity:{contact}")


def _bring_up_to_date(tx: Connection, vault: Vault, entry: Entry, contact: int, cohort: int) -> bool:
    """Whether anything had to be changed. A new date or zone means that the campaign is laid out anew."""
    wanted = _columns_of(entry, cohort)
    row = tx.execute(select(*(_contact.c[name] for name in wanted)).where(_contact.c.id == contact)).one()
    sealed = tx.execute(select(_identity.c.sealed).where(_identity.c.contact_id == contact)).scalar_one_or_none()
    name = json.loads(vault.open(sealed, f"identity:{contact}")).get("nombre") if sealed is not None else None
    changed = {key: value for key, value in wanted.items() if row._mapping[key] != value}  # noqa: SLF001 - SQLAlchemy's name
    if changed:
        tx.execute(update(_contact).where(_contact.c.id == contact).values(**changed))
    if changed.keys() & {"dates", "timezone", "cohort_id"}:
        tx.execute(update(_assignment).where(_assignment.c.contact_id == contact).values(planned_version_id=None))
    if name is not None and name != entry.name:
        values = {"sealed": _identity_of(vault, entry, contact)}
        tx.execute(update(_identity).where(_identity.c.contact_id == contact).values(**values))
        return True
    return bool(changed)

"""Leave, extra turns and turns that are not worked: a time of one officer, or a table of them. Days are the officer's own, by the
clock on the wall of their zone, and the last one belongs to it. Times of one officer never overlap. Whatever changes has the
officer's plan laid out anew."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.channels.addresses import parse_number
from app.errors import UsageError
from app.roster.cells import as_date, as_moment
from app.roster.cells import told as told_of
from app.sheets.columns import MORE_CELLS, Fault, Known, Layout, folded
from app.store import audit, contacts, nudges, shift_changes
from app.store.shift_changes import Officer, StoredChange
from app.store.vault import Vault

KNOWN = Known(
    {
        "study_id": ("study id", "folio", "clave", "id", "identificador"),
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
        "from": ("desde", "from", "del", "inicio", "fecha de inicio", "fecha inicio", "primer dia"),
        "to": ("hasta", "to", "al", "fin", "termino", "fecha de fin", "fecha fin", "fecha de termino", "ultimo dia"),
        "kind": ("tipo", "kind", "clase", "motivo"),
    }
)
"""What a column of a table may mean."""

KINDS = {
    "leave": "leave",
    "vacaciones": "leave",
    "licencia": "leave",
    "permiso": "leave",
    "incapacidad": "leave",
    "ausencia": "leave",
    "on": "on",
    "extra": "on",
    "turno extra": "on",
    "doble turno": "on",
    "refuerzo": "on",
    "off": "off",
    "descanso": "off",
    "libre": "off",
    "franco": "off",
    "dia libre": "off",
}
"""Away, an extra turn, a turn that is not worked; as people write them."""

LONGEST = timedelta(days=400)

_DAY_IN_FULL = " 00:00:00"


@dataclass(frozen=True, slots=True)
class Time:
    """A time that is not as usual: from a moment up to, but without, another."""

    kind: str
    starts_at: datetime
    ends_at: datetime


def as_kind(text: str) -> str:
    """The kind that a word means."""
    if (kind := KINDS.get(folded(text))) is None:
        raise ValueError("must be leave (vacaciones, licencia, incapacidad), on (turno extra) or off (descanso)")
    return kind


def as_wall(text: str) -> str:
    """A day, or an hour of one, in ISO form. What a program has written as the first second of a day is that day."""
    try:
        return as_moment(text.removesuffix(_DAY_IN_FULL))
    except ValueError:
        pass
    try:
        return as_date(text.removesuffix(_DAY_IN_FULL))
    except ValueError:
        raise ValueError("must be a date such as 2026-03-02, or a date and an hour such as 2026-03-02 07:00") from None


def time_of(kind: str, first: str, last: str, timezone: str) -> Time:
    """The time from a day or hour to another, in ISO form: a day counts whole. Raises ValueError."""
    starts, ends = datetime.fromisoformat(first), datetime.fromisoformat(last)
    if "T" not in last:
        ends += timedelta(days=1)
    zone = ZoneInfo(timezone)
    found = Time(kind, starts.replace(tzinfo=zone).astimezone(UTC), ends.replace(tzinfo=zone).astimezone(UTC))
    if found.ends_at <= found.starts_at:
        raise ValueError("ends before it begins")
    if found.ends_at - found.starts_at > LONGEST:
        raise ValueError(f"is longer than {LONGEST.days} days: is the year right?")
    return found


def told(time: Time | StoredChange, timezone: str) -> tuple[str, str]:
    """The first and the last day of a time, or their hours where those are not whole days, by the clock of the zone."""
    zone = ZoneInfo(timezone)
    starts, ends = (
        time.starts_at.astimezone(zone).replace(tzinfo=None),
        time.ends_at.astimezone(zone).replace(tzinfo=None),
    )
    if starts == _midnight(starts) and ends == _midnight(ends):
        return f"{starts:%Y-%m-%d}", f"{ends - timedelta(days=1):%Y-%m-%d}"
    return f"{starts:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}"


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0)


def _clash(time: Time, others: Collection[StoredChange], timezone: str) -> str | None:
    """What is wrong with a time beside those that are kept; None if nothing."""
    for other in others:
        if time.starts_at < other.ends_at and other.starts_at < time.ends_at:
            first, last = told(other, timezone)
            return f"overlaps with {other.kind} from {first} to {last}: remove that first, or write only what is new"
    return None


# -- one officer ------------------------------------------------------------------------------------------------------


def add(tx: Connection, study_id: str, kind: str, first: str, last: str, now: datetime, actor: str) -> Time:
    """Keep a time of an officer; days and hours as people write them. Raises UsageError."""
    whose = _whose(tx, study_id)
    wall = _said("--from", as_wall, first), _said("--to", as_wall, last)
    try:
        time = time_of(_said("--kind", as_kind, kind), *wall, whose.timezone)
    except ValueError as error:
        raise UsageError(f"the time {error}") from None
    contacts.lock(tx, [whose.id])
    if clash := _clash(time, shift_changes.by_officer(tx, [whose.id]).get(whose.id, ()), whose.timezone):
        raise UsageError(f"the time {clash}")
    _keep(tx, [(whose, time)], now)
    audit.record(tx, now, actor, "leave add", f"contact:{whose.id}", _detail(time))
    return time


def remove(tx: Connection, study_id: str, first: str, now: datetime, actor: str) -> StoredChange:
    """Forget the time of an officer that begins on a day, or at an hour of it. Raises UsageError."""
    whose = _whose(tx, study_id)
    wall = _said("--from", as_wall, first)
    contacts.lock(tx, [whose.id])
    zone = ZoneInfo(whose.timezone)
    found = [
        one
        for one in shift_changes.by_officer(tx, [whose.id]).get(whose.id, ())
        if f"{one.starts_at.astimezone(zone):%Y-%m-%dT%H:%M}".startswith(wall)
    ]
    if len(found) != 1:
        why = (
            "several begin on that day: say the hour, too"
            if found
            else "nothing of this officer begins then: `trato leave list` shows what there is"
        )
        raise UsageError(why)
    shift_changes.remove(tx, found[0].id)
    nudges.lay_out_anew(tx, [whose.id])
    audit.record(tx, now, actor, "leave remove", f"contact:{whose.id}", _detail(found[0]))
    return found[0]


def _whose(tx: Connection, study_id: str) -> Officer:
    wanted = study_id.strip().upper()
    if (whose := shift_changes.by_study_id(tx, [wanted]).get(wanted)) is None:
        raise UsageError(f"there is no officer {wanted}: `trato officers find` tells the study id")
    return whose


def _said(option: str, convert: Callable[[str], str], text: str) -> str:
    try:
        return convert(text.strip())
    except ValueError as error:
        raise UsageError(f"{option} {error}") from None


def _keep(tx: Connection, times: Sequence[tuple[Officer, Time]], now: datetime) -> None:
    shift_changes.add(
        tx,
        [
            {
                "contact_id": whose.id,
                "kind": time.kind,
                "starts_at": time.starts_at,
                "ends_at": time.ends_at,
                "created_at": now,
            }
            for whose, time in times
        ],
    )
    nudges.lay_out_anew(tx, {whose.id for whose, _ in times})


def _detail(time: Time | StoredChange) -> dict[str, str]:
    return {"kind": time.kind, "from": time.starts_at.isoformat(), "to": time.ends_at.isoformat()}


# -- a table ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Taken:
    """What an import did, or would do; nothing if there are faults."""

    added: int = 0
    unchanged: int = 0
    officers: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row without a mistake of its own."""

    place: int
    study_id: str
    lookup: str
    kind: str
    first: str
    last: str


def take(
    tx: Connection, vault: Vault, rows: Sequence[Sequence[str]], mapped: Mapping[str, str], now: datetime, actor: str
) -> Taken:
    """Keep the times of a table whose first row has the headers, all of them or, if there is a fault in one, none. Those that
    are there already are left as they are."""
    layout = Layout.of(rows[0] if rows else [], KNOWN, mapped)
    taken = Taken(faults=[*layout.faults, *_missing(layout)])
    if taken.faults:
        return taken
    reader = _Reader(layout, vault)
    read = [
        row for place, cells in enumerate(rows[1:], 2) if any(cells) and (row := reader.row(place, cells)) is not None
    ]
    new = _new(tx, reader, read, taken)
    taken.faults = sorted(reader.faults)
    if not taken.faults and not read:
        taken.faults = [Fault(2, "", "there is nothing below the headers")]
    if taken.faults:
        return Taken(faults=taken.faults)
    _keep(tx, new, now)
    taken.added, taken.officers = len(new), len({whose.id for whose, _ in new})
    audit.record(tx, now, actor, "leave import", "shift_change", {"added": taken.added, "unchanged": taken.unchanged})
    return taken


def _missing(layout: Layout) -> list[Fault]:
    faults = [fault for name in ("from", "to") for fault in layout.missing(name, KNOWN)]
    if "study_id" not in layout.places:
        faults += layout.missing("phone", KNOWN, option=" nor 'study id': one of them says who it is")
    return faults


@dataclass(slots=True)
class _Reader:
    """Reads rows, and collects every fault on the way."""

    layout: Layout
    vault: Vault
    faults: list[Fault] = field(default_factory=list)

    def row(self, place: int, cells: Sequence[str]) -> _Row | None:
        before = len(self.faults)
        if self.layout.has_more(cells):
            self.fault(place, "", MORE_CELLS)
            return None
        study_id, number = self.layout.text(cells, "study_id").upper(), self.layout.text(cells, "phone")
        lookup = "" if study_id else self.lookup(place, number)
        kind = self.text(place, cells, "kind")
        first, last = self.text(place, cells, "from"), self.text(place, cells, "to")
        return _Row(place, study_id, lookup, kind or "leave", first, last) if len(self.faults) == before else None

    def lookup(self, place: int, number: str) -> str:
        try:
            return self.vault.lookup(parse_number(number))
        except ValueError as error:
            self.fault(
                place, "phone" if "phone" in self.layout.places else "study_id", str(error) if number else "is empty"
            )
            return ""

    def text(self, place: int, cells: Sequence[str], name: str) -> str:
        text = self.layout.text(cells, name)
        if not text:
            if name != "kind":
                self.fault(place, name, "is empty")
            return ""
        try:
            return as_kind(text) if name == "kind" else as_wall(text)
        except ValueError as error:
            self.fault(place, name, told_of(error, text))
            return ""

    def fault(self, place: int, name: str, text: str) -> None:
        self.faults.append(Fault(place, self.layout.named.get(name, ""), text))


def _new(tx: Connection, reader: _Reader, rows: Sequence[_Row], taken: Taken) -> list[tuple[Officer, Time]]:
    """The times that are not kept yet. Faults go to the reader, what is there already is counted."""
    owners = contacts.owners(tx, {row.lookup for row in rows if row.lookup})
    by_id = shift_changes.by_id(tx, set(owners.values()))
    whose = {**shift_changes.by_study_id(tx, {row.study_id for row in rows if row.study_id})}
    whose |= {lookup: by_id[contact] for lookup, contact in owners.items()}
    contacts.lock(tx, {one.id for one in whose.values()})
    kept = shift_changes.by_officer(tx, {one.id for one in whose.values()})
    seen: dict[int, list[tuple[int, Time]]] = {}
    found = []
    for row in rows:
        if (one := whose.get(row.study_id or row.lookup)) is None:
            reader.fault(
                row.place, "study_id" if row.study_id else "phone", "nobody of this study id or number takes part"
            )
            continue
        time = _time(reader, row, one, kept.get(one.id, ()), seen.setdefault(one.id, []), taken)
        if time is not None:
            found.append((one, time))
    return found


def _time(
    reader: _Reader,
    row: _Row,
    whose: Officer,
    kept: Collection[StoredChange],
    seen: list[tuple[int, Time]],
    taken: Taken,
) -> Time | None:
    """The time of one row; None if it is kept already, or there is a fault in it."""
    try:
        time = time_of(row.kind, row.first, row.last, whose.timezone)
    except ValueError as error:
        reader.fault(row.place, "to", str(error))
        return None
    twin = next(
        (place for place, other in seen if time.starts_at < other.ends_at and other.starts_at < time.ends_at), None
    )
    seen.append((row.place, time))
    if twin is not None:
        reader.fault(row.place, "from", f"overlaps with row {twin}, of the same officer")
    elif any(
        (time.kind, time.starts_at, time.ends_at) == (other.kind, other.starts_at, other.ends_at) for other in kept
    ):
        taken.unchanged += 1
    elif clash := _clash(time, kept, whose.timezone):
        reader.fault(row.place, "from", clash)
    else:
        return time
    return None

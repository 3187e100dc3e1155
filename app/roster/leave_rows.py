"""Leave, extra shifts and days off from a table: all of it or, if there is a fault in one row, nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.roster.cells import as_number, quoting
from app.roster.leave import OPEN, Time, as_end, as_kind, as_wall, clash, ended, keep, time_of
from app.roster.rows import PHONE
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import EMPTY, Reader, Row
from app.sheets.table_in_file import Wanted
from app.store import audit, contacts, enrolment, keys, lookups, shift_changes
from app.store.shift_changes import Officer, StoredChange
from app.store.vault import Vault
from app.wording import Sentence

COLUMNS = ColumnNames(
    {
        "study_id": ("study id", "folio", "clave", "id", "identificador"),
        "phone": PHONE,
        "from": ("desde", "from", "del", "inicio", "fecha de inicio", "fecha inicio", "primer dia"),
        "to": ("hasta", "to", "al", "fin", "termino", "fecha de fin", "fecha fin", "fecha de termino", "ultimo dia"),
        "kind": ("tipo", "kind", "clase", "motivo"),
    }
)
"""The columns of a table of leave."""


def wanted(mapped: Mapping[str, str]) -> Wanted:
    """The table to look for in a file."""
    return Wanted(COLUMNS, [("from",), ("to",), ("study_id", "phone")], mapped)


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """A row without a mistake. `is_new`: it is not stored yet; `closes`: the id of the open leave to which it gives an end."""

    row: int
    officer: Officer
    time: Time
    is_new: bool
    closes: int | None = None


@dataclass(slots=True)
class LeaveImport:
    """Counts of an import, or of its dry run; only faults if there are any. `ended`: open leave that has an end now; `open`: of the
    added ones, leave without an end. `rows` are those without a mistake, also if others have one."""

    added: int = 0
    ended: int = 0
    open: int = 0
    unchanged: int = 0
    officers: int = 0
    faults: list[Fault] = field(default_factory=list)
    rows: list[LeaveRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row without a mistake of its own. The officer is known by study id or, if that is "", by number."""

    row: Row
    study_id: str
    number: str
    kind: str
    first: str
    last: str


def import_table(
    tx: Connection,
    vault: Vault,
    table: Sequence[Sequence[str]],
    mapped: Mapping[str, str],
    now: datetime,
    actor: str,
    header: int = 1,
    programme: str | None = None,
) -> LeaveImport:
    """Store the times of a table with its headers in the row `header`. Those already stored stay as they are. With `programme`, only its
    officers take part."""
    result = _effect(tx, vault, table, mapped, header, programme, storing=True)
    if result.faults:
        return result
    for one in result.rows:
        if one.closes is not None:
            shift_changes.remove(tx, one.closes)
    keep(tx, [(one.officer, one.time) for one in result.rows if one.is_new], now)
    audit.record(
        tx,
        now,
        actor,
        "leave import",
        "shift_change",
        {"added": result.added, "ended": result.ended, "unchanged": result.unchanged},
    )
    return result


def compare(
    tx: Connection,
    vault: Vault,
    table: Sequence[Sequence[str]],
    mapped: Mapping[str, str],
    header: int = 1,
    programme: str | None = None,
) -> LeaveImport:
    """The result of `import_table`, without a write or a lock, so that nobody waits for it."""
    keys.check(tx, vault)
    return _effect(tx, vault, table, mapped, header, programme, storing=False)


def _effect(
    tx: Connection,
    vault: Vault,
    table: Sequence[Sequence[str]],
    mapped: Mapping[str, str],
    header: int,
    programme: str | None,
    *,
    storing: bool,
) -> LeaveImport:
    columns = Columns.of(table[header - 1] if header <= len(table) else [], COLUMNS, mapped, header)
    if faults := [*columns.faults, *_missing(columns)]:
        return LeaveImport(faults=faults)
    reader = Reader(columns)
    entries = [entry for row in reader.rows(table) if (entry := _entry(row)) is not None]
    officers = _officers(tx, vault, entries, programme, storing=storing)
    rows = _rows(tx, entries, officers, locking=storing)
    if reader.faults:
        return LeaveImport(faults=sorted(reader.faults), rows=rows)
    if not entries:
        return LeaveImport(faults=[Fault(header + 1, "", Sentence("there is nothing below the headers"))])
    new = [one for one in rows if one.is_new]
    closing = sum(one.closes is not None for one in new)
    return LeaveImport(
        added=len(new) - closing,
        ended=closing,
        open=sum(one.time.ends_at == OPEN for one in new),
        unchanged=len(rows) - len(new),
        officers=len({one.officer.id for one in new}),
        rows=rows,
    )


def _missing(columns: Columns) -> list[Fault]:
    faults = [fault for name in ("from", "to") for fault in columns.missing(name, COLUMNS)]
    if "study_id" not in columns.positions:
        faults += columns.missing("phone", COLUMNS, option=Sentence(" nor 'study id': one of them says who it is"))
    return faults


def _entry(row: Row) -> _Entry | None:
    study_id, number = row.value("study_id", str.upper, ""), ""
    if not study_id and "phone" in row.reader.columns.positions:
        number = row.value("phone", as_number, "", required=True)
    elif not study_id and not row.is_faulty:
        row.fault("study_id", EMPTY)
    kind = row.value("kind", quoting(as_kind), "leave")
    first = row.value("from", quoting(as_wall), "", required=True)
    last = row.value("to", quoting(as_end), "")
    return None if row.is_faulty else _Entry(row, study_id, number, kind, first, last)


def _officers(
    tx: Connection, vault: Vault, entries: Sequence[_Entry], programme: str | None, *, storing: bool
) -> dict[str, Officer]:
    """The officers of the entries, by the study id or the number that their rows have; with `programme`, only its officers."""
    numbers = {entry.number for entry in entries if entry.number}
    if storing:
        lookups.adopt(tx, lookups.moved(vault, numbers))
    owners = contacts.by_number(tx, vault, numbers)
    by_id = shift_changes.by_id(tx, set(owners.values()))
    officers = shift_changes.by_study_id(tx, {entry.study_id for entry in entries if entry.study_id})
    officers |= {number: by_id[contact] for number, contact in owners.items()}
    if programme is None:
        return officers
    programmes = enrolment.programmes(tx, {officer.id for officer in officers.values()})
    return {name: officer for name, officer in officers.items() if programmes.get(officer.id) == programme}


def _rows(
    tx: Connection, entries: Sequence[_Entry], officers: Mapping[str, Officer], *, locking: bool
) -> list[LeaveRow]:
    """The rows without a mistake. Mistakes are reported in their rows."""
    ids = {officer.id for officer in officers.values()}
    if locking:
        contacts.lock(tx, ids)
    stored = shift_changes.by_officer(tx, ids)
    earlier: dict[int, list[tuple[int, Time]]] = {}
    rows = []
    for entry in entries:
        if (officer := officers.get(entry.study_id or entry.number)) is None:
            name = "study_id" if entry.study_id else "phone"
            entry.row.fault(name, Sentence("nobody of this study id or number takes part"))
            continue
        own = stored.get(officer.id, ())
        time = _time(entry, officer, own, earlier.setdefault(officer.id, []))
        if time is None:
            continue
        is_new = not _is_stored(time, own)
        closed = ended(time, own) if is_new else None
        rows.append(LeaveRow(entry.row.number, officer, time, is_new, None if closed is None else closed.id))
    return rows


def _time(
    entry: _Entry,
    officer: Officer,
    stored: Collection[StoredChange],
    earlier: list[tuple[int, Time]],
) -> Time | None:
    """The time of one row; None if there is a fault in it. `earlier` are rows of the same officer."""
    try:
        time = time_of(entry.kind, entry.first, entry.last, officer.timezone)
    except ValueError as error:
        entry.row.fault("to", error.args[0])
        return None
    twin = next(
        (number for number, other in earlier if time.starts_at < other.ends_at and other.starts_at < time.ends_at), None
    )
    earlier.append((entry.row.number, time))
    if twin is not None:
        entry.row.fault("from", Sentence("overlaps with row {twin}, of the same officer", twin=twin))
    elif not _is_stored(time, stored) and (overlap := clash(time, stored, officer.timezone)):
        entry.row.fault("from", overlap)
    else:
        return time
    return None


def _is_stored(time: Time, stored: Collection[StoredChange]) -> bool:
    return any((time.kind, time.starts_at, time.ends_at) == (one.kind, one.starts_at, one.ends_at) for one in stored)

"""A roster, or a table of leave, that a person has uploaded: it is checked, shown row by row, mended cell by cell, and imported whole or not
at all. Between these steps it is in the database, sealed (`store/uploads.py`). The check writes nothing else but an entry in the audit log and
locks nobody, so no message waits for it. No study id is shown beside a row, which has a name or a number in the file. An import compares again first: its effect is the one that was shown, or it changes nothing."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from app.errors import ConflictError, UsageError
from app.flows.language.definition import Programme
from app.roster import changes, enrolment, leave, leave_rows, rows
from app.roster.conflicts import conflicts, spelling_warnings
from app.roster.enrolment import RosterImport
from app.roster.entries import Entry
from app.roster.leave_rows import LeaveImport
from app.roster.rows import Roster
from app.roster.study_ids import new_study_id
from app.sheets import table_files, table_in_file
from app.sheets.columns import ColumnNames, Columns, folded
from app.sheets.faults import Fault
from app.sheets.remedies import CONTROLS
from app.sheets.table_in_file import FoundTable, Hidden
from app.store import audit, uploads
from app.store.bulk import portions
from app.store.database import Database
from app.store.uploads import Page, Upload, UploadKind, UploadStatus
from app.store.vault import Vault
from app.wording import LANGUAGES, Sentence, into

LISTS = ("wrong", "changed", "new", "same")
"""The states of a row, in the order in which people look at them."""

PAGE = 50
"""Rows of a page."""

_PAGES_AT_ONCE = 40
_LISTED = 200
"""Notes and faults of the whole file that are shown."""

Told = Callable[[int], None]
"""Called with the part of the work that is done, in percent. It raises `Cancelled` to stop the work."""


class Cancelled(Exception):
    """The person has stopped the work, or uploaded something else."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of a person about an upload. `columns`: meanings by folded header, "" for a column to leave out; `cells` are mended,
    by row and column, both from 1, as `12:3`; `left_out` are rows."""

    name: str
    sheet: str | None = None
    hidden: Hidden | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    cohort: str | None = None
    campaign: str | None = None
    rename: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[int] = ()

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Choices":
        """The choices of an upload."""
        own = dict(stored.get("choices", {}))
        return cls(**{**own, "hidden": Hidden(own["hidden"]) if own.get("hidden") else None})


@dataclass(slots=True)
class Checked:
    """A table as far as it can be imported: its rows by state, what has to be decided first, what needs a look, and the digest of all that
    an import would do. `header` and `last` are the numbers of its first and its last row."""

    header: int = 1
    last: int = 1
    headers: list[str] = field(default_factory=list)
    meanings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    blocking: list[Fault] = field(default_factory=list)
    rows: dict[str, Page] = field(default_factory=lambda: {name: [] for name in LISTS})
    about: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    read: Roster | None = None

    @property
    def may_import(self) -> bool:
        """Whether nothing is wrong."""
        return not self.blocking and not self.rows["wrong"] and any(self.rows.values())


# -- steps ------------------------------------------------------------------------------------------------------------


def check(
    database: Database,
    vault: Vault,
    upload: Upload,
    programme: Programme,
    now: datetime,
    actor: str,
    told: Told,
    *,
    refused: bool = False,
) -> None:
    """Check an upload by the person's choices, and store what was found. `refused`: it is shown again because an import was. The audit log
    notes it, because a check shows whether somebody takes part. Raises Cancelled, ConfigurationError, ExternalError."""
    choices = Choices.read(upload.choices)
    with database.reading() as tx:
        content = uploads.file(tx, upload.id)
    told(5)
    try:
        found, sheets = (
            _checked(database, vault, upload.kind, content, choices, programme, now, told),
            _sheets(content, choices),
        )
    except UsageError as error:
        with database.transaction() as tx:
            _current(tx, upload, now)
            about = {"choices": asdict(choices), "found": {"error": _said(error.text), "sheets": []}}
            uploads.drop_pages(tx, upload.id)
            uploads.change(tx, upload.id, now, choices=about, status=UploadStatus.failed, counts="{}", digest="")
        return
    with database.transaction() as tx:
        _current(tx, upload, now)
        uploads.drop_pages(tx, upload.id)
    pages = list(_pages(found))
    for number, some in enumerate(portions(pages, _PAGES_AT_ONCE)):
        with database.transaction() as tx:
            _current(tx, upload, now)
            uploads.add_pages(tx, upload.id, some)
        told(90 + 10 * number * _PAGES_AT_ONCE // len(pages))
    counts = json.dumps({name: len(some) for name, some in found.rows.items()})
    about = {"choices": asdict(choices), "found": {**_shown(found), "sheets": sheets, "refused": refused}}
    with database.transaction() as tx:
        _current(tx, upload, now)
        uploads.change(tx, upload.id, now, choices=about, status=UploadStatus.ready, counts=counts, digest=found.digest)
        detail = {"rows": sum(map(len, found.rows.values()))}
        audit.record(tx, now, actor, f"{upload.kind} check", f"programme:{programme.programme}", detail)


def commit(
    database: Database, vault: Vault, upload: Upload, programme: Programme, now: datetime, actor: str, told: Told
) -> None:
    """Import an upload in one transaction. Raises ConflictError, and has changed nothing, if it would do anything else than the check
    has shown; Cancelled."""
    choices = Choices.read(upload.choices)
    with database.reading() as tx:
        content = uploads.file(tx, upload.id)
    table = _table(content, choices, upload.kind, programme)
    read = Roster((), ()) if upload.kind is UploadKind.leave else _roster(table, choices, programme, now)
    told(30)
    with database.transaction() as tx:
        current = _current(tx, upload, now)
        if upload.kind is UploadKind.leave:
            mapped, header = _mapped(choices, table), table.header
            taken = leave_rows.import_table(
                tx, vault, table.rows, mapped, now, actor, header, programme=programme.programme
            )
            found, counts = (
                _leave(table, choices, taken),
                {"added": taken.added, "updated": taken.ended, "unchanged": taken.unchanged},
            )
        else:
            found, counts = _enrolled(tx, vault, table, read, choices, programme, now, actor, told)
        if not found.may_import or found.digest != current.digest:
            raise ConflictError(
                Sentence("the import would do something else than was shown: nothing was imported"), "upload_moved"
            )
        told(95)
        uploads.drop_parts(tx, upload.id)
        kept = {"choices": asdict(Choices(choices.name)), "found": {}}
        uploads.change(tx, upload.id, now, choices=kept, status=UploadStatus.imported, counts=json.dumps(counts))


def _current(tx: Connection, upload: Upload, now: datetime) -> Upload:
    """The same upload, as it is now. Raises Cancelled if it is no more, or was changed since."""
    found = uploads.find(tx, upload.owner, upload.kind, now, lock=True)
    if found is None or (found.id, found.revision, found.status) != (upload.id, upload.revision, upload.status):
        raise Cancelled
    return found


def _enrolled(
    tx: Connection,
    vault: Vault,
    table: FoundTable,
    read: Roster,
    choices: Choices,
    programme: Programme,
    now: datetime,
    actor: str,
    told: Told,
) -> tuple[Checked, dict[str, int]]:
    """Enrol a roster, if it has no fault."""
    campaign = enrolment.campaign_of(programme, choices.campaign)
    found = _begun(table, rows.column_names(programme), choices)
    _sort_faults(found, table, [*read.faults, *conflicts(tx, vault, programme, read, rename=choices.rename)])
    told(50)
    if found.blocking or found.rows["wrong"]:
        return found, {}
    done = enrolment.enrol(tx, vault, programme, read.entries, campaign, new_study_id, now, actor, columns=read.columns)
    _sort_rows(found, read.entries, done)
    return found, {name: getattr(done, name) for name in ("added", "updated", "unchanged", "undated", "absent")}


# -- checks -----------------------------------------------------------------------------------------------------------


def _checked(
    database: Database,
    vault: Vault,
    kind: UploadKind,
    content: bytes,
    choices: Choices,
    programme: Programme,
    now: datetime,
    told: Told,
) -> Checked:
    table = _table(content, choices, kind, programme)
    told(30)
    if kind is UploadKind.leave:
        mapped, header = _mapped(choices, table), table.header
        with database.reading() as tx:
            effect = leave_rows.compare(tx, vault, table.rows, mapped, header, programme=programme.programme)
        return _leave(table, choices, effect)
    read = _roster(table, choices, programme, now)
    told(45)
    with database.reading() as tx:
        return _compared(tx, vault, table, read, choices, programme, told)


def _sheets(content: bytes, choices: Choices) -> list[str]:
    return list(table_files.visible_sheets(choices.name, content))


def names_of(kind: UploadKind, programme: Programme) -> ColumnNames:
    """The columns of a table of this kind."""
    return leave_rows.COLUMNS if kind is UploadKind.leave else rows.column_names(programme)


def _table(content: bytes, choices: Choices, kind: UploadKind, programme: Programme) -> FoundTable:
    """The table of a file, mended."""
    wanted = leave_rows.wanted(choices.columns) if kind is UploadKind.leave else rows.wanted(programme, choices.columns)
    table = table_in_file.find(
        choices.name, content, wanted, sheet=choices.sheet, hidden=choices.hidden, remedies=CONTROLS
    )
    width = len(table.rows[table.header - 1]) if table.rows else 0
    for place, text in choices.cells.items():
        row, column = map(int, place.split(":"))
        if table.header < row <= len(table.rows) and column <= width:
            cells = table.rows[row - 1]
            cells.extend([""] * (column - len(cells)))
            cells[column - 1] = text
    for row in choices.left_out:
        if table.header < row <= len(table.rows):
            table.rows[row - 1] = []
    return table


def _begun(table: FoundTable, names: ColumnNames, choices: Choices) -> Checked:
    headers = [cell.strip() for cell in table.rows[table.header - 1]] if table.rows else []
    columns = Columns.of(headers, names, choices.columns, table.header)
    by_place = {place: meaning for meaning, place in columns.positions.items()}
    return Checked(
        table.header,
        len(table.rows),
        headers,
        [by_place.get(place, "") for place in range(len(headers))],
        list(table.notes),
        list(table.warnings),
        list(table.faults),
    )


def _roster(table: FoundTable, choices: Choices, programme: Programme, now: datetime) -> Roster:
    return rows.read_roster(
        table.rows,
        programme,
        cohort=choices.cohort,
        mapped=_mapped(choices, table),
        now=now,
        header=table.header,
        remedies=CONTROLS,
    )


def _mapped(choices: Choices, table: FoundTable) -> dict[str, str]:
    """The person's meanings of the columns that there are: another sheet has others."""
    there = {folded(cell) for cell in table.rows[table.header - 1]} if table.rows else set()
    return {header: meaning for header, meaning in choices.columns.items() if header in there}


def _compared(
    tx: Connection,
    vault: Vault,
    table: FoundTable,
    read: Roster,
    choices: Choices,
    programme: Programme,
    told: Told,
) -> Checked:
    found = _begun(table, rows.column_names(programme), choices)
    sound = replace(read, entries=read.sound, faults=())
    faults = [*read.faults, *conflicts(tx, vault, programme, sound, rename=choices.rename)]
    told(60)
    try:
        enrolment.campaign_of(programme, choices.campaign)
    except UsageError as error:
        faults.append(Fault(0, "", error.text))
    wrong = {fault.row for fault in faults}
    entries = [entry for entry in read.sound if entry.row not in wrong]
    total = max(len(entries), 1)
    effect = enrolment.compare(
        tx, vault, programme, entries, read.columns, lambda count: told(60 + 25 * count // total)
    )
    found.warnings += [*read.warnings, *spelling_warnings(tx, programme, sound)]
    _sort_faults(found, table, faults)
    _sort_rows(found, entries, effect)
    found.about = {
        "cohorts": effect.cohorts,
        "ignored": list(read.ignored),
        "kept": dict(effect.changes.kept),
        "declined": effect.changes.refused,
        "sample": read.sample,
    }
    return found


def _sort_rows(found: Checked, entries: Sequence[Entry], effect: RosterImport) -> None:
    """The rows of new, changed and unchanged officers, and their digest."""
    found.rows["new"] = [
        {"row": one.row, "name": one.name, "number": one.number, "cohort": one.cohort}
        for one in entries
        if one.row not in effect.enrolled
    ]
    by_contact = {contact: some for contact, _, some in changes.by_officer(effect.changes.fields)}
    for row, contact in effect.enrolled.items():
        shown: dict[str, Any] = {"row": row}
        if contact in effect.changed:
            shown["changes"] = [[one.field, one.before, one.after] for one in by_contact.get(contact, [])]
        found.rows["changed" if contact in effect.changed else "same"].append(shown)
    found.digest = _digest(found.rows, effect.enrolled)


def _leave(table: FoundTable, choices: Choices, taken: LeaveImport) -> Checked:
    """A table of leave by the result of its import, or of its comparison."""
    found = _begun(table, leave_rows.COLUMNS, choices)
    _sort_faults(found, table, taken.faults)
    wrong = {fault.row for fault in taken.faults}
    for one in taken.rows:
        if one.row not in wrong:
            begins, ends = leave.local_days(one.time, one.officer.timezone)
            shown = {
                "row": one.row,
                "kind": one.time.kind,
                "from": begins,
                "to": ends,
            }
            found.rows["changed" if one.closes is not None else "new" if one.is_new else "same"].append(shown)
    found.digest = _digest(found.rows, {one.row: one.officer.id for one in taken.rows})
    return found


def _sort_faults(found: Checked, table: FoundTable, faults: Iterable[Fault]) -> None:
    """The faults of rows, with their cells, and those of the file or its headers, which block all."""
    places = {header: place for place, header in reversed(list(enumerate(found.headers)))}
    by_row: dict[int, list[list[object]]] = {}
    for fault in sorted(faults):
        if fault.row <= found.header or fault.row > len(table.rows):
            found.blocking.append(fault)
        else:
            by_row.setdefault(fault.row, []).append([places.get(fault.column, -1), _said(fault.text)])
    width = len(found.headers)
    for row, own in by_row.items():
        cells = table.rows[row - 1]
        found.rows["wrong"].append({"row": row, "cells": [*cells, *[""] * (width - len(cells))][:width], "faults": own})


def _digest(lists: Mapping[str, Page], contacts: Mapping[int, int]) -> str:
    """The digest of the rows and their officers, who are on no page."""
    found = hashlib.sha256()
    for name in ("changed", "new", "same"):
        for row in lists[name]:
            found.update(json.dumps([name, contacts.get(row["row"]), row], sort_keys=True).encode())
    return found.hexdigest()


def _pages(found: Checked) -> Iterator[tuple[str, int, Page]]:
    for name, some in found.rows.items():
        for number, page in enumerate(portions(some, PAGE), 1):
            yield name, number, page


def _shown(found: Checked) -> dict[str, Any]:
    return {
        "header": found.header,
        "last": found.last,
        "headers": found.headers,
        "meanings": found.meanings,
        "notes": [_said(one) for one in found.notes],
        "warnings": [_placed(one) for one in islice(found.warnings, _LISTED)],
        "blocking": [_placed(one) for one in islice(found.blocking, _LISTED)],
        "may_import": found.may_import,
        **found.about,
    }


def _placed(fault: Fault) -> dict[str, object]:
    return {"row": fault.row, "column": fault.column, "text": _said(fault.text)}


def _said(text: str) -> dict[str, str]:
    """A text in every language: it is checked once, and shown in the language of each reader."""
    return {language: into(text, language) for language in LANGUAGES}

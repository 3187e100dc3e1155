"""From an uploaded table to the roster, or to the leave of officers: choose its columns, look at every row, mend cells, import all or nothing.
The steps are those of `app.roster.uploads`; long ones run beside the page, which shows their progress."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.responses import Response

from app.errors import ConflictError, UsageError
from app.flows.language.definition import Programme
from app.people.roles import Permission
from app.roster import uploads as service
from app.roster.uploads import LISTS, PAGE, Cancelled, Choices
from app.sheets.columns import folded
from app.sheets.table_in_file import Hidden
from app.store import uploads
from app.store.dialect import is_conflict
from app.store.uploads import Page, Upload, UploadKind, UploadStatus
from app.web import forms
from app.web.console import roster
from app.web.console.visit import Handler, Visit

HERE = "/console/roster/import"
WITH_FILE = frozenset({f"POST {HERE}"})
"""The routes whose form has a file."""

LIMITS = {f"POST {HERE}/{{kind}}/{word}": (512 * 1024, 20_000) for word in ("choices", "cells")}
"""The most bytes and fields of forms that have as many as a table has cells on a page."""

_BUSY = {UploadStatus.checking, UploadStatus.importing}
_LONGEST_CELL = 500
_MOST_CELLS = 20_000
_LEFT_OUT = "-"
_MANY = 5_000
"""Rows whose import takes some seconds. On SQLite, which has one writer, messages wait as long."""

_NOTHING_FOUND: Mapping[str, Any] = {
    "header": 1,
    "last": 1,
    **dict.fromkeys(("headers", "meanings", "notes", "warnings", "blocking", "sheets", "cohorts", "ignored"), ()),
    **dict.fromkeys(("error", "sample", "refused", "declined"), None),
    "kept": {},
    "may_import": False,
}
"""What a table that was not read to its end lacks."""


async def start(visit: Visit) -> Response:
    """The page to upload a table, with what is under way."""
    return await _start(visit)


async def _start(visit: Visit, status: int = 200, error: str = "") -> Response:
    owner = visit.actor.name

    def read(tx: Connection) -> list[Upload]:
        found = (uploads.find(tx, owner, kind, visit.now) for kind in UploadKind)
        return [one for one in found if one is not None]

    own = await visit.read(read)
    campaigns = {code: visit.chosen(Permission.roster, code) for code in visit.programmes(Permission.roster)}
    return visit.page(
        "import.html",
        roster.HERE,
        status,
        own=own,
        programmes=campaigns,
        most=forms.LARGEST_FILE // 1_000_000,
        error=error,
        typed=visit.fields if error else {},
    )


async def upload(visit: Visit) -> Response:
    """Take a file, and check it."""
    kind = _kind(visit.fields.get("kind", ""))
    file, cohort = visit.file, visit.fields.get("cohort", "").strip()
    if file is None or not file.content:
        return await _start(visit, 400, visit.t("error.no_table"))
    try:
        programme = visit.chosen(Permission.roster, visit.fields.get("programme", ""))
    except UsageError as error:
        return await _start(visit, 400, visit.told(error))
    choices = Choices(file.name[:120], cohort=cohort or None, campaign=visit.fields.get("campaign") or None)

    def keep(tx: Connection) -> Upload:
        uploads.start(tx, visit.actor.name, kind, programme.programme, file.content, _kept(choices), visit.now)
        return _found(visit, tx, kind)

    await _stop(visit, kind)
    await _check(visit, await visit.write(keep), programme)
    return visit.go(f"{HERE}/{kind}")


async def show(visit: Visit) -> Response:
    """An upload, row by row."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    kind, query = _kind(visit.request.path_params["kind"]), visit.request.query_params
    number = visit.page_number(digits=5)

    def read(tx: Connection) -> tuple[Upload, str, Page]:
        found = _found(visit, tx, kind)
        filled = [name for name in LISTS if found.counts.get(name)]
        state = query.get("state", "") if query.get("state") in LISTS else next(iter(filled), LISTS[0])
        return found, state, uploads.page(tx, found.id, state, number)

    found, state, rows = await visit.read(read)
    programme, seen = visit.chosen(Permission.roster, found.programme), found.choices.get("found", {})
    under_way = visit.parts.work.under_way.get(found.id)
    return visit.page(
        "upload.html",
        roster.HERE,
        status,
        upload=found,
        choices=Choices.read(found.choices),
        found={**_NOTHING_FOUND, **seen},
        busy=found.status in _BUSY,
        blocks=visit.parts.gate.database.is_sqlite and sum(found.counts.get(name, 0) for name in LISTS) > _MANY,
        percent=None if under_way is None else under_way.percent,
        state=state,
        rows=rows,
        lists=LISTS,
        page=number,
        pages=max(-(-found.counts.get(state, 0) // PAGE), 1),
        meanings=service.names_of(kind, programme).meanings,
        programme=programme,
        error=error or (visit.t("error.upload_moved") if seen.get("refused") else ""),
    )


# -- steps ------------------------------------------------------------------------------------------------------------


async def choose(visit: Visit) -> Response:
    """Choose the sheet, hidden rows, the columns, the cohort, the campaign."""

    def changed(found: Upload, choices: Choices) -> Choices:
        fields = visit.fields
        sheet = fields.get("sheet") or None
        if sheet != choices.sheet:
            choices = replace(choices, sheet=sheet, cells={}, left_out=())
        headers = found.choices.get("found", {}).get("headers", [])
        hidden = fields.get("hidden", "")
        return replace(
            choices,
            hidden=Hidden(hidden) if hidden in set(Hidden) else None,
            cohort=fields.get("cohort", "").strip() or None,
            campaign=fields.get("campaign") or None,
            rename=fields.get("rename") == "yes",
            columns={**choices.columns, **_columns(headers, fields)},
        )

    return await _changed(visit, changed)


def _columns(headers: list[str], fields: Mapping[str, str]) -> dict[str, str]:
    chosen = {folded(header): fields.get(f"m-{place}") for place, header in enumerate(headers) if header}
    return {header: "" if one == _LEFT_OUT else one for header, one in chosen.items() if one}


async def mend(visit: Visit) -> Response:
    """Take the cells of a page as they are written, and leave rows out."""

    def changed(found: Upload, choices: Choices) -> Choices:
        cells, left_out = dict(choices.cells), set(choices.left_out)
        seen = {**_NOTHING_FOUND, **found.choices.get("found", {})}
        rows, columns = range(seen["header"] + 1, seen["last"] + 1), range(1, len(seen["headers"]) + 1)
        for name, text in visit.fields.items():
            word, *numbers = name.split("-")
            if not numbers or not all(one.isdecimal() and len(one) < 8 for one in numbers):
                continue
            row, *others = map(int, numbers)
            if row not in rows:  # the page has no such field
                continue
            if word == "c" and len(others) == 1 and others[0] in columns:
                cells[f"{row}:{others[0]}"] = text.strip()[:_LONGEST_CELL]
            elif word == "out":
                left_out.add(row)
        if len(cells) > _MOST_CELLS:
            raise UsageError("too many cells are mended here: mend the file", "too_many_cells", most=_MOST_CELLS)
        return replace(choices, cells=cells, left_out=sorted(left_out))

    return await _changed(visit, changed)


async def _changed(visit: Visit, change: Callable[[Upload, Choices], Choices]) -> Response:
    kind = _kind(visit.request.path_params["kind"])

    def keep(tx: Connection) -> Upload:
        found = _found(visit, tx, kind, idle=True)
        choices = change(found, Choices.read(found.choices))
        about = {**found.choices, **_kept(choices)}
        uploads.change(
            tx, found.id, visit.now, choices=about, status=UploadStatus.checking, revision=found.revision + 1
        )
        return _found(visit, tx, kind)

    try:
        found = await visit.write(keep)
    except UsageError as error:
        return await _refused(visit, error)
    await _check(visit, found, visit.chosen(Permission.roster, found.programme))
    return visit.go(f"{HERE}/{kind}")


async def commit(visit: Visit) -> Response:
    """Import all of it, or nothing."""
    kind = _kind(visit.request.path_params["kind"])

    def begin(tx: Connection) -> Upload:
        found = _found(visit, tx, kind, idle=True)
        if found.status is not UploadStatus.ready or not found.choices.get("found", {}).get("may_import"):
            raise ConflictError("there is something to mend first", "upload_wrong")
        uploads.change(tx, found.id, visit.now, status=UploadStatus.importing)
        return replace(found, status=UploadStatus.importing)

    try:
        found = await visit.write(begin)
    except UsageError as error:
        return await _refused(visit, error)
    programme = visit.chosen(Permission.roster, found.programme)
    await visit.parts.work.run(found.id, partial(_import, visit, found, programme), partial(_fail, visit, found))
    visit.parts.wake()
    return visit.go(f"{HERE}/{kind}")


async def discard(visit: Visit) -> Response:
    """Stop what is under way, and forget the table."""
    kind = _kind(visit.request.path_params["kind"])
    await _stop(visit, kind)
    await visit.write(lambda tx: uploads.discard(tx, visit.actor.name, kind))
    return visit.go(HERE, "upload_discarded")


async def _stop(visit: Visit, kind: UploadKind) -> None:
    found = await visit.read(lambda tx: uploads.find(tx, visit.actor.name, kind, visit.now))
    if found is not None:
        await visit.parts.work.stop(found.id)


async def _refused(visit: Visit, error: UsageError) -> Response:
    if error.code == "no_upload":
        raise error
    return await _page(visit, *visit.refused(error))


# -- work -------------------------------------------------------------------------------------------------------------


async def _check(visit: Visit, found: Upload, programme: Programme) -> None:
    def work(told: Callable[[int], None]) -> None:
        gate = visit.parts.gate
        with suppress(Cancelled):
            service.check(gate.database, gate.vault, found, programme, visit.now, visit.actor.label, told)

    await visit.parts.work.run(found.id, work, partial(_fail, visit, found))


def _import(visit: Visit, found: Upload, programme: Programme, told: Callable[[int], None]) -> None:
    """Import; what has changed meanwhile is checked and shown again instead."""
    gate = visit.parts.gate
    try:
        service.commit(gate.database, gate.vault, found, programme, visit.now, visit.actor.label, told)
    except Cancelled:
        return
    except ConflictError:
        _again(visit, found, programme, told)
    except DBAPIError as error:
        if not is_conflict(error) and not isinstance(error, IntegrityError):
            raise
        _again(visit, found, programme, told)


def _again(visit: Visit, found: Upload, programme: Programme, told: Callable[[int], None]) -> None:
    gate = visit.parts.gate
    anew = replace(found, status=UploadStatus.checking)
    with gate.database.transaction() as tx:
        uploads.change(tx, found.id, visit.now, status=UploadStatus.checking)
    with suppress(Cancelled):
        service.check(gate.database, gate.vault, anew, programme, visit.now, visit.actor.label, told, refused=True)


def _fail(visit: Visit, found: Upload) -> None:
    """Note that the work failed, and that nothing was imported."""
    about = {**found.choices, "found": {}}
    with visit.parts.gate.database.transaction() as tx:
        uploads.change(tx, found.id, visit.now, choices=about, status=UploadStatus.failed, counts="{}")


# -- the form ---------------------------------------------------------------------------------------------------------


def _kept(choices: Choices) -> dict[str, object]:
    return {"choices": asdict(choices)}


def _kind(text: str) -> UploadKind:
    found = next((one for one in UploadKind if one == text), None)
    if found is None:
        raise UsageError("there is no such table", "no_upload")
    return found


def _found(visit: Visit, tx: Connection, kind: UploadKind, *, idle: bool = False) -> Upload:
    """The person's upload. `idle`: to change it, as the form has shown it. Raises UsageError, ConflictError."""
    found = uploads.find(tx, visit.actor.name, kind, visit.now, lock=idle)
    if found is None:
        raise UsageError("this table is not there any more", "no_upload")
    visit.require(Permission.roster, found.programme)
    if idle and (found.status in _BUSY or visit.fields.get("revision") != f"{found.revision}:{found.digest}"):
        raise ConflictError("the upload has changed since this page was shown", "upload_changed")
    return found


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": start,
    f"POST {HERE}": upload,
    f"GET {HERE}/{{kind}}": show,
    f"POST {HERE}/{{kind}}/choices": choose,
    f"POST {HERE}/{{kind}}/cells": mend,
    f"POST {HERE}/{{kind}}/commit": commit,
    f"POST {HERE}/{{kind}}/discard": discard,
}
"""The handlers of uploads, by their routes."""

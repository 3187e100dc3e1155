"""Datos: an export of the answers as one file, with progress, and the report as a page. Free text that nobody has reviewed is in none. An
export is made while its browser waits: closing the page, or cancelling, stops it, and no file stays behind."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response, StreamingResponse

from app.errors import AppError, ConfigurationError, UsageError
from app.exports import days
from app.flows.language.definition import Level
from app.people.roles import Permission
from app.store import audit, cohorts, damaged_rows
from app.web import forms
from app.web.console import rendering
from app.web.console.visit import Handler, Visit

if TYPE_CHECKING:
    from app.web.downloads import Archive, Progress, Wanted

HERE = "/console/data"
STREAM = "application/x-trato-export"
"""What the page's script asks for: lines of JSON with the progress, the last of them with the size, then the file."""

_EVERY = 0.5
"""Seconds between two lines of progress."""

_LEAST, _MOST = 2, 100
"""Bounds of the number of officers below which a report hides a figure, and an export attributes."""


async def data(visit: Visit) -> Response:
    """The page to choose an export or a report."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    from app.exports.formats import FORMATS, PACKAGES  # noqa: PLC0415 - loads the exports, only if somebody asks
    from app.exports.statistics.suppression import K  # noqa: PLC0415
    from app.exports.tables import TABLES  # noqa: PLC0415

    def read(tx: Connection) -> tuple[list[cohorts.Group], int]:
        return visit.groups(Permission.answers, cohorts.find_all(tx)), damaged_rows.known_number(tx)

    groups, damaged = await visit.count(read)
    return visit.page(
        "data.html",
        HERE,
        status,
        programmes=visit.programmes(Permission.answers),
        every=visit.scope(Permission.answers) is None,
        groups=groups,
        damaged=damaged,
        tables=TABLES,
        formats=[*FORMATS, *PACKAGES],
        levels=list(Level),
        exact=visit.actor.may_somewhere(Permission.story),
        k=K,
        bounds=(_LEAST, _MOST),
        error=error,
        typed=visit.fields or visit.request.query_params,
    )


# -- an export --------------------------------------------------------------------------------------------------------


async def export(visit: Visit) -> Response:
    """The file of an export, or, for the page's script, its progress and the file."""
    from app.web import downloads  # noqa: PLC0415 - loads the exports: 5 MB, only if somebody asks

    try:
        wanted = await visit.write(partial(_wanted, visit))
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    progress = downloads.Progress()
    make = partial(downloads.archive, visit.parts.gate.database, wanted, progress)
    making = asyncio.ensure_future(run_sync(make, limiter=visit.parts.exports))
    name = f"trato-{visit.now:%Y-%m-%d}.zip"
    if visit.request.headers.get("accept") == STREAM:
        return StreamingResponse(
            _streamed(visit, making, progress, wanted, name), headers=rendering.HEADERS, media_type=STREAM
        )
    while not making.done():
        await asyncio.wait({making}, timeout=_EVERY)
        progress.cancelled = progress.cancelled or await visit.request.is_disconnected()
    try:
        made = making.result()
    except (UsageError, ConfigurationError) as error:
        return await _page(visit, 400, _refusal(visit, error))
    if made is None:
        return Response(status_code=204, headers=rendering.HEADERS)
    await _note(visit, wanted, made)
    headers = {
        **rendering.HEADERS,
        "Content-Length": str(made.size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingResponse(downloads.pieces(made.content), headers=headers, media_type="application/zip")


async def _streamed(
    visit: Visit, making: "asyncio.Future[Archive | None]", progress: "Progress", wanted: "Wanted", name: str
) -> AsyncIterator[bytes]:
    """The progress of an export, and then its file. To stop listening is to cancel it."""
    from app.web import downloads  # noqa: PLC0415

    try:
        while not making.done():
            yield _line(rows=sum(list(progress.rows.values())), file=next(reversed(list(progress.rows)), ""))
            await asyncio.wait({making}, timeout=_EVERY)
        try:
            made = making.result()
        except AppError as error:
            yield _line(error=_refusal(visit, error))
            return
        if made is None:
            return
        await _note(visit, wanted, made)
        yield _line(size=made.size, name=name, told=_told(visit, made))
        async for piece in downloads.pieces(made.content):
            yield piece
    finally:
        progress.cancelled = True


def _told(visit: Visit, made: "Archive") -> str:
    """The officers whom the file leaves out, and those whom it may identify, in words."""
    found = made.combinations
    told = [visit.t("data.left_out", number=len(made.left_out))] if made.left_out else []
    if found.rare:
        told.append(visit.t("data.rare", k=found.k, rare=found.rare, officers=found.officers))
    if found.suppressed:
        told.append(visit.t("data.rare_suppressed", number=len(found.suppressed)))
    return " ".join(told)


def _line(**facts: object) -> bytes:
    return json.dumps(facts).encode() + b"\n"


def _wanted(visit: Visit, tx: Connection) -> "Wanted":
    """The export that the form asks for. Raises UsageError, NoRole."""
    from app.exports.formats import FORMATS, PACKAGES  # noqa: PLC0415
    from app.exports.package import recipient_named  # noqa: PLC0415
    from app.exports.selection import Selection  # noqa: PLC0415
    from app.web.downloads import Wanted  # noqa: PLC0415

    fields = visit.fields
    programme = fields.get("programme") or None
    visit.require(Permission.answers, programme)
    exact = fields.get("exact_times") == "yes"
    if exact:
        visit.require(Permission.story, programme)  # it shows the moments of each message by study id anyway
    formats = [one for one in (*FORMATS, *PACKAGES) if fields.get(one) == "yes"]
    if not formats:
        raise UsageError("choose a format", "no_format")
    since, until = _days(fields)
    cohort, level = fields.get("cohort") or None, fields.get("level", "")
    cohorts.check(tx, cohort)
    recipient = fields.get("recipient", "").strip()
    return Wanted(
        Selection(
            programme,
            cohort,
            level if level in set(Level) else None,
            since,
            until,
            with_late=fields.get("late") == "yes",
            exact_times=exact,
            k=_least(fields.get("least", "")),
        ),
        formats,
        [table] if (table := fields.get("table")) else None,
        bom=fields.get("bom") == "yes",
        recipient=recipient_named(tx, recipient) if recipient else None,
    )


def _least(text: str) -> int | None:
    """The fewest officers of a combination of attributes; None if attributes are not to be suppressed. Raises UsageError."""
    if not text.strip():
        return None
    if (k := _bounded(text)) is None:
        raise UsageError(f"attributes are shared by {_LEAST} to {_MOST} officers", "bad_least")
    return k


def _bounded(text: str) -> int | None:
    k = forms.number(text, 3)
    return k if k is not None and _LEAST <= k <= _MOST else None


def _days(fields: Mapping[str, str]) -> tuple[date | None, date | None]:
    """The first and the last day of a form, None where it is open. Raises UsageError."""
    try:
        since, until = (date.fromisoformat(text) if (text := fields.get(one)) else None for one in ("since", "until"))
    except ValueError:
        raise UsageError("a day is written as 2026-03-02", "bad_day") from None
    days.check(since, until)
    if since is not None and until is not None and until < since:
        raise UsageError("the last day is before the first", "days_reversed")
    return since, until


def _refusal(visit: Visit, error: AppError) -> str:
    """The words of an error of the export; one that only some data meet, such as a name too long for a format, is shown as it is."""
    if error.code:
        return visit.told(error)
    if isinstance(error, UsageError | ConfigurationError):
        return visit.t("data.cannot", detail=error)
    return visit.t("refused.no_answer")


async def _note(visit: Visit, wanted: "Wanted", made: "Archive") -> None:
    """Write into the audit log which rows were given out."""
    detail: dict[str, object] = {**made.rows, **wanted.selection.noted()}
    if wanted.recipient is not None:
        detail["recipient"] = wanted.recipient.name
    if made.left_out:
        detail["left_out"] = len(made.left_out)
    try:
        await visit.write(lambda tx: audit.record(tx, visit.now, visit.actor.label, "export", "responses", detail))
    except BaseException:
        made.content.close()
        raise


# -- the report -------------------------------------------------------------------------------------------------------


async def report(visit: Visit) -> Response:
    """The report of a programme or a cohort, as a page of its own to read, print or save."""
    from app.exports.report import page  # noqa: PLC0415 - loads the statistics, only if somebody asks

    try:
        made = await run_sync(partial(visit.reading, partial(_report, visit)), limiter=visit.parts.exports)
    except (UsageError, ConfigurationError) as error:
        return await _page(visit, 400, _refusal(visit, error))
    content, detail = made
    await visit.write(lambda tx: audit.record(tx, visit.now, visit.actor.label, "export", "report", detail))
    policy = f"{page.policy()}; frame-ancestors 'none'; base-uri 'none'"
    return HTMLResponse(content, headers={**rendering.HEADERS, "Content-Security-Policy": policy})


def _report(visit: Visit, tx: Connection) -> tuple[bytes, dict[str, Any]]:
    """The page, and its entry in the audit log. Raises UsageError, ConfigurationError, NoRole."""
    from app.exports.report.page import report as page  # noqa: PLC0415
    from app.exports.report.sample import choose  # noqa: PLC0415
    from app.exports.statistics.suppression import K  # noqa: PLC0415

    query = visit.request.query_params
    programme, cohort = query.get("programme") or None, query.get("cohort") or None
    visit.require(Permission.answers, programme)
    since, until = _days(query)
    if (k := _bounded(query.get("k", str(K)))) is None:
        raise UsageError(f"a report hides figures on fewer than {_LEAST} to {_MOST} officers", "bad_k")
    sample = choose(tx, programme, cohort, since, until, k)
    found = page(tx, sample, language="en" if visit.t.language == "en" else "es", k=k)
    between = {"since": since and since.isoformat(), "until": until and until.isoformat()}
    return found, {
        "programme": sample.programme,
        "cohort": cohort,
        **between,
        "k": k,
        "alone": False,
        "late": "exclude",
    }


HANDLERS: dict[str, Handler] = {
    "GET /console/data": data,
    "POST /console/data/export": export,
    "GET /console/data/report": report,
}
"""The handlers of data, by their routes."""

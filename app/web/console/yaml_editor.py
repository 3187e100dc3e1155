"""The whole file of a programme, to be changed as YAML: a plain text field that a script turns into an editor, which asks for the problems
of the unsaved text as one types. A draft may have errors; it cannot be published then."""

from difflib import unified_diff
from functools import cache

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import JSONResponse, Response

from app.conversations import drafting
from app.errors import ConflictError, UsageError
from app.flows.corrections import correction
from app.flows.language.problems import Problem
from app.flows.language.schema import schema
from app.flows.loader import LoadedFile, lint
from app.flows.yaml.source import MAX_BYTES
from app.web.console import rendering
from app.web.console.programme import HERE, Opened, open_text
from app.web.console.visit import Handler, Visit

LARGEST = 3 * MAX_BYTES
"""Bytes of a form with a whole file: percent-encoded, most of it stays as it is."""

LIMITS = {f"POST {HERE}/{{code}}/{word}": (LARGEST, 10) for word in ("yaml", "check")}
AT_ONCE = CapacityLimiter(1)
"""Texts that are checked at the same time while people type: each takes a processor for half a second."""

_MOST = 200
"""Problems that the editor shows."""


async def editor(visit: Visit) -> Response:
    """The file."""
    found = await visit.read(lambda tx: open_text(visit, tx))
    return _page(visit, found, found.working.source)


def _page(visit: Visit, found: Opened, source: str, status: int = 200, error: str = "", changes: str = "") -> Response:
    line = visit.request.query_params.get("line", "")
    return visit.page(
        "yaml.html",
        HERE,
        status,
        found=found,
        title=found.readable.title,
        flows=[(code, flow.title) for code, flow in found.readable.flows.items()],
        source=source,
        problems=found.loaded.problems,
        line=line if line.isdecimal() and len(line) < 6 else "",
        error=error,
        changes=changes,
    )


async def save(visit: Visit) -> Response:
    """Put the text that was typed in the place of the one that the person has seen."""
    was, actor = visit.fields.get("was", ""), visit.actor.label
    found = await visit.read(lambda tx: open_text(visit, tx))
    source = _as_in(found.working.source, visit.fields.get("source", ""))
    try:
        await visit.write(lambda tx: drafting.save(tx, found.code, source, was, visit.now, actor))
    except ConflictError:
        now = await visit.read(lambda tx: open_text(visit, tx))
        changes = _difference(now.working.source, source)
        return _page(visit, now, source, 409, visit.t("yaml.contested"), changes)
    except UsageError as error:
        return _page(visit, found, source, 400, visit.told(error))
    return visit.go(f"{HERE}/{found.code}/yaml", "draft_saved")


def _as_in(before: str, typed: str) -> str:
    """What was typed with the line breaks of the text before: a form sends them all as CR LF."""
    plain = typed.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if "\r\n" in before else plain


def _difference(now: str, mine: str) -> str:
    return "\n".join(list(unified_diff(now.splitlines(), mine.splitlines(), lineterm="", n=2))[2:])


async def check(visit: Visit) -> Response:
    """The problems of a text that is not saved, with the correction of each that has one."""
    found = await visit.read(lambda tx: open_text(visit, tx))
    source = visit.fields.get("source", "").replace("\r\n", "\n")
    problems = await run_sync(_problems, source, f"{found.code}.yaml", visit.t.language, limiter=AT_ONCE)
    return JSONResponse({"problems": problems}, headers=rendering.HEADERS)


def _problems(source: str, name: str, language: str) -> list[dict[str, object]]:
    loaded = drafting.read_text(source, name)
    return [_told(loaded, problem, language) for problem in [*loaded.problems, *lint(loaded)][:_MOST]]


def _told(loaded: LoadedFile, problem: Problem, language: str) -> dict[str, object]:
    said, correct = problem.into(language), correction(problem, loaded.source.lines)
    return {
        "line": problem.line,
        "column": problem.column,
        "severity": problem.severity,
        "code": problem.code,
        "text": said.text,
        "hint": said.hint,
        "correction": None
        if correct is None
        else {"line": correct.line, "column": correct.column, "length": correct.length, "text": correct.text},
    }


async def file_schema(_: Visit) -> Response:
    """The JSON Schema of flow files, for completion."""
    return Response(_schema(), media_type="application/schema+json", headers=rendering.HEADERS)


@cache
def _schema() -> bytes:
    return bytes(JSONResponse(schema()).body)


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}/{{code}}/yaml": editor,
    f"POST {HERE}/{{code}}/yaml": save,
    f"POST {HERE}/{{code}}/check": check,
    "GET /console/schema": file_schema,
}
"""The handlers of the editor, by their routes."""

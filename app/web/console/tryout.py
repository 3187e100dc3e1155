"""Probar en mi teléfono: what a tryout of a programme would send and when; its start on a few telephones, whose owners agree; what became of
it; and its end. For people who may change the programme and see numbers."""

from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import Response

from app.channels.addresses import CHANNELS, BadNumber, parse_number
from app.errors import ConflictError, UsageError
from app.flows.language.definition import Programme
from app.flows.tryouts import Press, code_of
from app.people.roles import Permission
from app.store import enrolment, failures, funnel, tryouts
from app.store.failures import CauseCount
from app.store.funnel import FlowLine
from app.store.pulse import pulse
from app.store.tryouts import Tryout
from app.tryouts import ending, starting
from app.tryouts.starting import MOST, Forecast, Telephone, Wish
from app.web.console import programme
from app.web.console.programme import HERE, Opened
from app.web.console.visit import Handler, Visit

_MOST_LINES = 1000
_PATH = f"{HERE}/{{code}}/tryout"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A tryout under way: by the study id of each telephone, its flows in the order of time, none in its first seconds; and the messages that
    did not arrive, by cause."""

    tryout: Tryout
    definition: Programme
    telephones: dict[str, list[FlowLine]]
    failures: list[CauseCount]
    version: str


@dataclass(frozen=True, slots=True)
class View:
    """The page: a tryout under way; or what one would send, or why none can begin."""

    found: Opened
    under_way: UnderWay | None = None
    forecast: Forecast | None = None
    error: str = ""


def _open(visit: Visit, tx: Connection) -> Opened:
    """The programme in the address. Raises NoRole, UsageError."""
    found = programme.open_text(visit, tx)
    visit.require(Permission.identify, found.code)
    return found


def _view(visit: Visit, tx: Connection, wish: Wish | None) -> View:
    found = _open(visit, tx)
    if (tryout := tryouts.find(tx, code_of(found.code))) is not None:
        return View(found, _under_way(visit, tx, tryout))
    try:
        return View(found, None, starting.forecast(tx, visit.parts.library, wish or _wish(visit, found), visit.now))
    except UsageError as error:
        return View(found, error=visit.told(error))


def _under_way(visit: Visit, tx: Connection, tryout: Tryout) -> UnderWay:
    span = (tryout.started_at, tryout.ends_at, [enrolment.cohorts(tx, {tryout.code})[tryout.code].id])
    telephones: dict[str, list[FlowLine]] = {study_id: [] for _, study_id in tryouts.telephones(tx, tryout.code)}
    for line in funnel.lines(tx, funnel.Chosen(*span), most=_MOST_LINES):
        if line.study_id in telephones:  # or the officer was erased meanwhile
            telephones[line.study_id].append(line)
    definition = visit.parts.library.compiled(tx, tryout.flow_version_id).definition
    return UnderWay(tryout, definition, telephones, failures.counts(tx, failures.Chosen(*span)), pulse(tx))


def _wish(visit: Visit, found: Opened) -> Wish:
    """The tryout that the form, or the address, describes; of the draft if there is one and nothing is said."""
    asked = visit.fields or visit.request.query_params
    text = asked.get("text") or ("draft" if found.working.draft else "published")
    press, channel = asked.get("press", ""), asked.get("channel", "")
    own = _channels(visit, found)
    return Wish(
        found.code,
        Press(press) if press in set(Press) else Press.hour,
        channel if channel in own else own[0],
        text == "draft",
        asked.get("campaign", ""),
    )


def _channels(visit: Visit, found: Opened) -> list[str]:
    """The channels on which the programme has a number. Raises UsageError if there is none."""
    own = visit.parts.setup.channels_of(found.code)
    if not own:
        raise UsageError("no number of ours for this programme", "no_channel")
    return [one for one in CHANNELS if one in own]


async def show(visit: Visit) -> Response:
    """The page."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    view = await visit.read(lambda tx: _view(visit, tx, None))
    return visit.page(
        "tryout.html",
        HERE,
        status,
        view=view,
        found=view.found,
        title=view.found.readable.title,
        wish=_wish(visit, view.found),
        channels=_channels(visit, view.found),
        presses=list(Press),
        rows=range(1, MOST + 1),
        error=error or view.error,
        typed=visit.fields,
    )


async def start(visit: Visit) -> Response:
    """Begin the tryout of the form."""
    parts = visit.parts

    def work(tx: Connection) -> Opened:
        found = _open(visit, tx)
        starting.start(
            tx, parts.vault, parts.library, _wish(visit, found), _telephones(visit), visit.now, visit.actor.label
        )
        return found

    try:
        found = await visit.write(work)
    except UsageError as error:
        if error.code == "no_programme":
            raise
        return await _page(visit, *visit.refused(error))
    return visit.go(_PATH.format(code=found.code), "tryout_started")


def _telephones(visit: Visit) -> list[Telephone]:
    """The telephones of the form. Raises UsageError for a number that is none, and unless the owners agree."""
    fields, found = visit.fields, []
    for row in range(1, MOST + 1):
        if number := fields.get(f"number{row}", "").strip():
            try:
                found.append(Telephone(parse_number(number), fields.get(f"name{row}", "").strip() or visit.actor.name))
            except BadNumber:
                raise UsageError("no telephone number", "bad_number") from None
    if fields.get("agreed") != "yes":
        raise UsageError("the owners of the numbers have to agree", "tryout_not_agreed")
    return found


async def end(visit: Visit) -> Response:
    """Stop the tryout and remove what it stored."""

    def work(tx: Connection) -> Opened:
        found = _open(visit, tx)
        ending.end(tx, visit.parts.library, code_of(found.code), visit.now, visit.actor.label)
        return found

    try:
        found = await visit.write(work)
    except ConflictError as error:
        return await _page(visit, 409, visit.told(error))
    return visit.go(_PATH.format(code=found.code), "tryout_ended")


HANDLERS: dict[str, Handler] = {f"GET {_PATH}": show, f"POST {_PATH}": start, f"POST {_PATH}/end": end}
"""The handlers of tryouts, by their routes."""

"""Whether anything has changed since a page was made. Pages hear of it by a stream of events; where there is none, they ask by themselves.
Neither is a use of the session, and neither has a word of anybody."""

import json
from dataclasses import dataclass
from datetime import datetime

from anyio.to_thread import run_sync
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response, StreamingResponse

from app.people import sessions
from app.people.roles import Permission
from app.store import case_list
from app.store.case_list import Wanted, Which
from app.store.pulse import pulse
from app.web.console import rendering
from app.web.console.streams import Listener, Seen
from app.web.console.visit import Handler, Parts, Visit
from app.web.gate import NotSignedIn

NEWS, EVENTS = "GET /console/news", "GET /console/events"
BY_ITSELF = frozenset({NEWS, EVENTS})
"""What a page asks for by itself."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The news that a person may have: of cases at all (`lists`), of which programmes (None: of all), and of counts."""

    lists: bool
    programmes: frozenset[str] | None
    counts: bool


def sight(visit: Visit) -> Sight:
    """The news that the person of a visit may have."""
    may = visit.actor.may_somewhere
    return Sight(may(Permission.list_cases), visit.scope(Permission.list_cases), may(Permission.status))


def look(tx: Connection, wanted: Sight, now: datetime) -> dict[str, object]:
    """The news: the version of the list of cases and the number of open ones; the version of the counts."""
    found: dict[str, object] = {}
    if wanted.lists:
        cases = Wanted(wanted.programmes, "")
        counts = case_list.counts(tx, cases, now)
        found["open"] = sum(counts[one] for one in (Which.open, Which.snoozed))
        found["cases"] = case_list.version(tx, cases)
    if wanted.counts:
        found["today"] = pulse(tx)
    return found


async def news(visit: Visit) -> Response:
    """The news, once."""
    wanted = sight(visit)
    return JSONResponse(await visit.read(lambda tx: look(tx, wanted, visit.now)), headers=rendering.HEADERS)


async def events(visit: Visit) -> Response:
    """The news as a stream. Nothing, which ends the browser's attempts, if there are too many streams. Raises NotSignedIn for a program, which
    has no session that could end its stream, and whose account could take all that there are."""
    parts, actor = visit.parts, visit.actor
    if actor.token is not None:
        raise NotSignedIn("a stream of news is for browsers")
    person = await parts.gate.person(visit.request, used=False)
    listener = Listener(
        actor.account, sight(visit), None if person is None else person.session, frozenset(actor.grants)
    )

    async def look_at(sights: frozenset[object], ids: frozenset[int]) -> Seen:
        return await run_sync(_look_at, parts, sights, ids)

    found = parts.streams.join(listener, look_at)
    if found is None:
        return Response(status_code=204, headers=rendering.HEADERS)
    headers = {**rendering.HEADERS, "X-Accel-Buffering": "no"}
    return StreamingResponse(found, media_type="text/event-stream", headers=headers)


def _look_at(parts: Parts, sights: frozenset[object], ids: frozenset[int]) -> Seen:
    gate = parts.gate
    with gate.database.reading() as tx:
        found: dict[object, str] = {
            one: json.dumps(look(tx, one, parts.clock())) for one in sights if isinstance(one, Sight)
        }
        return Seen(found, sessions.still_open(tx, ids, gate.clock()))


HANDLERS: dict[str, Handler] = {NEWS: news, EVENTS: events}
"""The handlers, by their routes."""

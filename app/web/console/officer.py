"""Oficial: one officer's conversation, what was understood of it, what comes next and why something does not, and what can be done. By study
id; a name or a number is looked up with a reason, which the audit log keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.flows.replies.forms import AnswerKind, is_open
from app.people.roles import Permission
from app.roster import identities, leave, leaving, numbers, people, story
from app.roster.people import OfficerIdentity
from app.roster.story import Dialogue
from app.scheduler.outlook import SKIPPED, OutlookItem
from app.sending import pausing
from app.sending.pausing import Target
from app.store import audit, corrections, damaged_rows, holds, nudges
from app.store.holds import Hold
from app.web.console.days import moment_of
from app.web.console.visit import Handler, Visit

HERE = "/console/officers"
_LINES = 60
_COMING, _PAST = 8, 8


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes for an officer, and what was skipped lately; None if a damaged row keeps it from being computed."""

    coming: list[OutlookItem]
    skipped: list[OutlookItem]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the person may see of an officer: the officer's own words, what was understood of them, consents and numbers, answers in the data
    with the arm."""

    words: bool
    understood: bool
    roster: bool
    answers: bool


async def officers(visit: Visit) -> Response:
    """The page to find an officer."""
    if study_id := visit.request.query_params.get("study_id", "").strip():
        return visit.go(f"{HERE}/{''.join(filter(str.isalnum, study_id))[:20].upper() or '-'}")
    return _search(visit)


def _search(visit: Visit, status: int = 200, error: str = "", found: list[OfficerIdentity] | None = None) -> Response:
    may_identify = visit.actor.may_somewhere(Permission.identify)
    typed = visit.fields if error else {}
    return visit.page(
        "officers.html",
        HERE,
        status,
        found=found,
        may_identify=may_identify,
        most=people.MOST,
        error=error,
        typed=typed,
    )


async def find(visit: Visit) -> Response:
    """The officers of a name or the end of a number. The audit log keeps that somebody looked, and why."""
    wanted, reason = visit.fields.get("wanted", ""), visit.fields.get("reason", "")
    scope = visit.scope(Permission.identify)

    if not wanted.strip():
        return _search(visit, 400, visit.t("error.nothing_wanted"))
    try:
        audit.reason(reason)
        found = await visit.read(
            lambda tx: people.search(tx, visit.parts.vault, wanted, scope)
        )  # a name is looked for among all: no message waits for that
        await visit.write(lambda tx: people.record(tx, found, reason, visit.now, visit.actor.label))
        return _search(visit, found=found)
    except UsageError as error:
        return _search(visit, 400, visit.told(error))


async def officer(visit: Visit) -> Response:
    """The page of an officer."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "", person: OfficerIdentity | None = None) -> Response:
    study_id, before = visit.request.path_params["study_id"], _moment(visit.request.query_params.get("before"))

    def read(tx: Connection) -> tuple[Dialogue, Sight, Ahead | None, frozenset[Hold], dict[int, str]]:
        programme = story.programme_of(tx, study_id)
        visit.require(Permission.story, programme)
        sight = _sight(visit, programme)
        own = (tx, visit.parts.vault, study_id, before, visit.now, visit.actor.label)
        found = story.page(*own, most=_LINES, words=sight.words)
        answers = [one.response for line in found.lines for one in line.understood] if sight.answers else []
        return found, sight, _ahead(visit, tx, found), holds.of(tx, found.contact), corrections.news(tx, answers)

    found, sight, ahead, held, corrected = await visit.write(read)
    programme = found.standing.programme
    may = {
        one: visit.may(one, programme) for one in (Permission.schedule, Permission.handle_cases, Permission.identify)
    }
    return visit.page(
        "officer.html",
        HERE,
        status,
        found=found,
        standing=found.standing,
        sight=sight,
        ahead=ahead,
        held=held,
        corrected=corrected,
        is_text=lambda kind: is_open(AnswerKind(kind)),
        may=may,
        person=person,
        error=error,
        typed=visit.fields if error else {},
        data=[identities.NAME, *_declared(visit, programme)],
        title_of=lambda flow: visit.flow_title(programme, flow),
        days_of=lambda change: leave.local_days(change, found.standing.timezone),
    )


def _sight(visit: Visit, programme: str) -> Sight:
    answers = visit.may(Permission.answers, programme)
    return Sight(
        visit.may(Permission.read_cases, programme),
        answers or visit.parts.simulated,
        visit.may(Permission.roster, programme),
        answers,
    )


def _ahead(visit: Visit, tx: Connection, found: Dialogue) -> Ahead | None:
    """What `trato plan` would say of this officer."""
    programme = visit.programme(found.standing.programme)
    if programme is None or damaged_rows.is_damaged(tx, found.contact):
        return None
    looker = visit.outlook(tx, programme)
    assigned = [one.assignment_id for one in found.following if one.campaign in programme.campaigns]
    items = [one for _, seen in looker.look(tx, nudges.followers_of(tx, assigned)) for one in seen]
    items.sort(key=lambda one: one.due_at)
    return Ahead(
        [one for one in items if one.due_at >= visit.now][:_COMING],
        [one for one in items if one.due_at < visit.now and one.status == SKIPPED][-_PAST:],
    )


def _moment(text: str | None) -> datetime | None:
    found = moment_of(text or "")
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


# -- acts -------------------------------------------------------------------------------------------------------------

_Act = Callable[[Visit, Connection, str], object]


def _handler(act: _Act, permission: Permission, done: str) -> Handler:
    async def handle(visit: Visit) -> Response:
        study_id = visit.request.path_params["study_id"]

        def work(tx: Connection) -> object:
            visit.require(permission, story.programme_of(tx, study_id))
            return act(visit, tx, study_id)

        try:
            await visit.write(work)
        except UsageError as error:
            if error.code == "unknown_officer":
                raise
            return await _page(visit, *visit.refused(error))
        visit.parts.wake()
        return visit.go(f"{HERE}/{study_id}", done)

    return handle


def _pause(visit: Visit, tx: Connection, study_id: str) -> object:
    return pausing.pause(tx, Target("officer", study_id), visit.now, visit.actor.label)


def _resume(visit: Visit, tx: Connection, study_id: str) -> object:
    return pausing.resume(tx, Target("officer", study_id), visit.now, visit.actor.label)


def _out(visit: Visit, tx: Connection, study_id: str) -> object:
    quiet = visit.parts.means.rules.quiet
    return leaving.let_out(tx, visit.parts.library, study_id, quiet, visit.now, visit.actor.label)


def _invite(visit: Visit, tx: Connection, study_id: str) -> object:
    return leaving.invite(tx, visit.parts.library, study_id, visit.now, visit.actor.label)


def _number(visit: Visit, tx: Connection, study_id: str) -> object:
    vault, actor = visit.parts.vault, visit.actor.label
    how = visit.displacing(Permission.roster)
    return numbers.change(tx, vault, study_id, visit.telephone(), visit.now, actor=actor, **how)


def _correct(visit: Visit, tx: Connection, study_id: str) -> object:
    fields = visit.fields
    name, text, reason = (fields.get(one, "") for one in ("datum", "right", "correct_reason"))
    known = (study_id, name, text, _declared(visit, story.programme_of(tx, study_id)), reason)
    if not identities.correct(tx, visit.parts.vault, *known, visit.now, visit.actor.label):
        raise UsageError("it is so already", "so_already")
    return None


def _declared(visit: Visit, programme: str) -> list[str]:
    """The data of an identity that a programme declares, besides the name."""
    found = visit.programme(programme)
    return [] if found is None else list(found.identity)


def _add_leave(visit: Visit, tx: Connection, study_id: str) -> object:
    kind, first, last = (visit.fields.get(name, "") for name in ("kind", "first", "last"))
    return leave.add(tx, study_id, kind, first, last, visit.now, visit.actor.label)


def _remove_leave(visit: Visit, tx: Connection, study_id: str) -> object:
    return leave.remove(tx, study_id, visit.fields.get("first", ""), visit.now, visit.actor.label)


ACTS: dict[str, Handler] = {
    "pause": _handler(_pause, Permission.schedule, "paused"),
    "resume": _handler(_resume, Permission.schedule, "resumed"),
    "out": _handler(_out, Permission.handle_cases, "out"),
    "invite": _handler(_invite, Permission.roster, "invited"),
    "number": _handler(_number, Permission.roster, "numbered"),
    "correct": _handler(_correct, Permission.roster, "corrected"),
    "leave": _handler(_add_leave, Permission.roster, "leave_added"),
    "leave-remove": _handler(_remove_leave, Permission.roster, "leave_removed"),
}
"""The acts by the last word of their address."""


async def who(visit: Visit) -> Response:
    """The page of an officer with the name and the numbers. The audit log keeps that somebody looked, and why."""
    study_id = visit.request.path_params["study_id"]

    def look(tx: Connection) -> OfficerIdentity:
        visit.require(Permission.identify, story.programme_of(tx, study_id))
        return story.who(tx, visit.parts.vault, study_id, visit.fields.get("reason", ""), visit.now, visit.actor.label)

    try:
        person = await visit.write(look)
    except UsageError as error:
        return await _page(visit, 400, visit.told(error))
    return await _page(visit, person=person)


HANDLERS: dict[str, Handler] = {
    "GET /console/officers": officers,
    "POST /console/officers/find": find,
    "GET /console/officers/{study_id}": officer,
    "POST /console/officers/{study_id}/who": who,
    **{f"POST /console/officers/{{study_id}}/{word}": act for word, act in ACTS.items()},
}
"""The handlers of officers, by their routes."""

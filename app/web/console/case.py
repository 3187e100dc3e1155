"""One case: its words, whose reading the audit log keeps, and all that a person can do about it. Each act is a use case of `app.cases` in
one transaction. What is refused has changed nothing: the page comes again, with the reason, what has happened meanwhile, and what
was typed."""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from app.cases import acting, answering, closing, judging, owning, reading
from app.cases.acting import Ending, Person
from app.cases.answering import Words
from app.cases.judging import Question
from app.cases.reading import CaseDetails
from app.errors import ConflictError, UsageError
from app.people.actors import Grant, grants
from app.people.roles import ROLES, Permission
from app.roster import story
from app.store import accounts
from app.store.cases import CHOSEN, OF_SAFETY, Case, CaseOutcome
from app.web import forms
from app.web.console import pending, rendering
from app.web.console.texts import Texts
from app.web.console.visit import Handler, Visit
from app.web.gate import NoRole

HERE = pending.HERE
_QUESTIONS = 6
_SNOOZES = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """One thing that was written, or happened, on a side: the officer's, ours, or aside. `number` names a message for a judgement."""

    at: datetime
    side: str
    words: str
    state: str
    number: int | None = None
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A case as its page shows it. `left` is how long WhatsApp takes free text; `unreachable`: why nothing can go to the author; `perhaps`
    is the study id that an unknown number may have."""

    found: CaseDetails
    whose: str
    questions: list[Question]
    left: timedelta | None
    unreachable: ConflictError | None
    perhaps: str | None
    colleagues: list[str]
    bubbles: list[Bubble]

    @property
    def case(self) -> Case:
        """The case."""
        return self.found.case

    @property
    def asks_consent(self) -> bool:
        """Whether the officer was asked for consent lately."""
        return any(one.asks_consent for one in self.questions)


async def case(visit: Visit) -> Response:
    """The page of a case."""
    return await _page(visit, _id(visit))


async def _page(
    visit: Visit, case_id: int, status: int = 200, error: str = "", person: Person | None = None
) -> Response:
    view = await visit.write(lambda tx: _view(visit, tx, case_id))
    return visit.page(
        "case.html",
        HERE,
        status,
        view=view,
        error=error,
        typed=visit.fields if error else {},
        person=person,
        safety=view.case.reason in OF_SAFETY,
        mine=view.case.owner in {None, visit.actor.name},
        helps=pending.help_lines(visit, view.case.programme),
        snoozes=_SNOOZES,
        outcomes=CHOSEN,
        templates=sorted(visit.parts.means.rules.templates),
        may_identify=visit.may(Permission.identify, view.case.programme),
        may_see_officer=visit.may(Permission.story, view.case.programme),
    )


def _view(visit: Visit, tx: Connection, case_id: int) -> View:
    known = _allowed(visit, tx, case_id)
    parts = visit.parts
    found = reading.show(tx, case_id, visit.now, visit.actor.label)
    questions = judging.asked(tx, parts.library, known)[:_QUESTIONS] if known.closed_at is None else []
    stranger = acting.ending(tx, parts.vault, known)
    is_open = known.closed_at is None
    return View(
        found,
        pending.whose(visit, tx, known),
        questions,
        answering.time_left(tx, known, visit.now) if is_open else None,
        answering.unreachable(tx, known) if is_open else None,
        _perhaps(visit, tx, known, stranger),
        _colleagues(tx, visit, known) if is_open else [],
        _bubbles(visit.t, found, questions),
    )


def _perhaps(visit: Visit, tx: Connection, case: Case, stranger: Ending | None) -> str | None:
    """The study id that an unknown number may have, if it is of a programme in which the person may identify it."""
    if stranger is None or stranger.perhaps is None:
        return None
    return stranger.perhaps if visit.may(_handling(case), story.programme_of(tx, stranger.perhaps)) else None


def _bubbles(t: Texts, found: CaseDetails, questions: list[Question]) -> list[Bubble]:
    """What was written in a case, in its order, below the questions that came before it."""
    first = min((one.at for one in found.messages), default=None)
    asked = [one for one in questions if first is not None and one.asked_at <= first][:1]
    numbers = [
        Bubble(
            one.at,
            "officer",
            one.body or t("case.no_text"),
            f"{one.channel}, {t.named('became', one.outcome)}",
            number,
            one.has_files,
        )
        for number, one in enumerate(found.messages, 1)
    ]
    ours = [
        *(Bubble(one.at, "us", one.body, f"{one.channel}, {t(f'status.{one.status}')}") for one in found.answers),
        *(Bubble(one.at, "us failed", one.body, f"{one.channel}, {t(f'status.{one.status}')}") for one in found.ours),
        *(Bubble(one.at, "aside", t("case.support"), t(f"status.{one.status}")) for one in found.support),
        *(Bubble(one.at, "aside", t("case.letter", number=one.id), one.error) for one in found.letters),
    ]
    put = [Bubble(one.asked_at, "us", one.text, t("case.question")) for one in asked]
    return sorted([*put, *numbers, *ours], key=lambda one: one.at)


def _allowed(visit: Visit, tx: Connection, case_id: int) -> Case:
    """A case that the person may read and act on. Raises UsageError for an unknown one, NoRole."""
    known = reading.known(tx, case_id)
    if not visit.may_read(known):
        raise NoRole(visit.actor, Permission.read_cases)
    return known


def _colleagues(tx: Connection, visit: Visit, case: Case) -> list[str]:
    """The names of those who may handle a case, but for the person's own."""
    wanted = _handling(case)

    def may(grant: Grant) -> bool:
        return wanted in ROLES[grant.role] and grant.programme in {"", case.programme}

    return [
        one.name
        for one in accounts.every(tx)
        if one.disabled_at is None and one.name != visit.actor.name and any(map(may, grants(tx, one.id)))
    ]


def _handling(case: Case) -> Permission:
    """The permission that acting on a case needs."""
    return Permission.handle_crises if case.reason in OF_SAFETY else Permission.handle_cases


def _id(visit: Visit) -> int:
    """The number of a case in the address. Raises UsageError for what is none."""
    found = forms.number(visit.request.path_params["case"], 15)
    if found is None:
        raise UsageError("a case has a number", "no_case")
    return found


# -- acts -------------------------------------------------------------------------------------------------------------

_Act = Callable[[Visit, Connection, int], object]


async def _act(visit: Visit, act: _Act, done: str, leads: str = "") -> Response:
    """Do something about a case, and lead to its page, or to the list; a refusal is the page again."""
    case_id = _id(visit)

    def work(tx: Connection) -> object:
        _allowed(visit, tx, case_id)
        return act(visit, tx, case_id)

    try:
        await visit.write(work)
    except UsageError as error:
        if error.code == "no_case":
            raise
        return await _page(visit, case_id, *visit.refused(error))
    visit.parts.wake()
    return visit.go(leads or f"/console/cases/{case_id}", done)


def _take(visit: Visit, tx: Connection, case_id: int) -> object:
    return owning.take(tx, case_id, visit.now, visit.actor.label)


def _assign(visit: Visit, tx: Connection, case_id: int) -> object:
    return owning.assign(tx, case_id, visit.fields.get("person", "").strip(), visit.now, visit.actor.label)


def _release(visit: Visit, tx: Connection, case_id: int) -> object:
    return owning.release(tx, case_id, visit.now, visit.actor.label)


def _snooze(visit: Visit, tx: Connection, case_id: int) -> object:
    return owning.snooze(tx, case_id, _until(visit), visit.now, visit.actor.label)


def _until(visit: Visit) -> datetime:
    if (wait := _SNOOZES.get(visit.fields.get("wait", ""))) is None:
        raise UsageError("choose for how long", "no_wait")
    return visit.now + wait


def _answer(visit: Visit, tx: Connection, case_id: int) -> object:
    words = Words(visit.fields.get("text", ""), *visit.template())
    return answering.answer(tx, visit.parts.library, visit.parts.means, case_id, words, visit.now, visit.actor.label)


def _count(visit: Visit, tx: Connection, case_id: int) -> object:
    meant = visit.fields.get("meant") or visit.fields.get("typed", "")
    return judging.count(
        tx,
        visit.parts.library,
        case_id,
        meant,
        visit.now,
        visit.actor.label,
        message=_number(visit, "message"),
        number=_number(visit, "question") or 1,
        instead=visit.fields.get("instead") == "yes",
    )


def _consent(visit: Visit, tx: Connection, case_id: int) -> object:
    if (decided := visit.fields.get("decided")) not in {"yes", "no"}:
        raise UsageError("accept or refuse", "no_decision")
    return judging.consent(
        tx,
        visit.parts.library,
        case_id,
        visit.now,
        visit.actor.label,
        granted=decided == "yes",
        message=_number(visit, "message"),
    )


def _number(visit: Visit, name: str) -> int | None:
    return forms.number(visit.fields.get(name, ""), 5)


def _out(visit: Visit, tx: Connection, case_id: int) -> object:
    quiet = visit.parts.means.rules.quiet
    return acting.let_out(tx, visit.parts.library, case_id, quiet, visit.now, visit.actor.label)


def _pause(visit: Visit, tx: Connection, case_id: int) -> object:
    return acting.pause(tx, case_id, visit.now, visit.actor.label)


def _resume(visit: Visit, tx: Connection, case_id: int) -> object:
    return acting.resume(tx, case_id, visit.now, visit.actor.label)


def _another_number(visit: Visit, tx: Connection, case_id: int) -> object:
    vault, actor = visit.parts.vault, visit.actor.label
    how = visit.displacing(_handling(reading.known(tx, case_id)))
    return acting.number(tx, vault, case_id, visit.telephone(), visit.now, actor, **how)


def _identify(visit: Visit, tx: Connection, case_id: int) -> object:
    vault, study_id, actor = visit.parts.vault, visit.fields.get("study_id", ""), visit.actor.label
    permission = _handling(reading.known(tx, case_id))
    visit.require(permission, story.programme_of(tx, study_id))
    return acting.identify(tx, vault, case_id, study_id, visit.now, actor, **visit.displacing(permission))


def _close(visit: Visit, tx: Connection, case_id: int) -> object:
    chosen = visit.fields.get("outcome")
    if chosen not in CHOSEN:
        raise UsageError("choose an outcome", "no_outcome")
    note = visit.fields.get("note", "").strip() or None
    parts = visit.parts
    return closing.close(
        tx, parts.library, parts.vault, case_id, CaseOutcome(chosen), note, visit.now, visit.actor.label
    )


def _handler(act: _Act, done: str, leads: str = "") -> Handler:
    async def handle(visit: Visit) -> Response:
        return await _act(visit, act, done, leads)

    return handle


ACTS: dict[str, Handler] = {
    "take": _handler(_take, "taken"),
    "assign": _handler(_assign, "assigned"),
    "release": _handler(_release, "released"),
    "snooze": _handler(_snooze, "snoozed", HERE),
    "answer": _handler(_answer, "answered"),
    "count": _handler(_count, "counted"),
    "consent": _handler(_consent, "judged"),
    "out": _handler(_out, "out"),
    "pause": _handler(_pause, "paused"),
    "resume": _handler(_resume, "resumed"),
    "number": _handler(_another_number, "numbered"),
    "identify": _handler(_identify, "identified", HERE),
    "close": _handler(_close, "closed", HERE),
}
"""The acts by the last word of their address."""


async def who(visit: Visit) -> Response:
    """The page of a case with the name and the numbers behind it. The audit log keeps that somebody looked, and why."""
    case_id = _id(visit)

    def look(tx: Connection) -> Person:
        visit.require(Permission.identify, _allowed(visit, tx, case_id).programme)
        reason = visit.fields.get("reason", "")
        return acting.who(tx, visit.parts.vault, case_id, reason, visit.now, visit.actor.label)

    try:
        person = await visit.write(look)
    except UsageError as error:
        return await _page(visit, case_id, 400, visit.told(error))
    return await _page(visit, case_id, person=person)


# -- files ------------------------------------------------------------------------------------------------------------


async def files(visit: Visit) -> Response:
    """The photos and voice notes of a case."""
    case_id = _id(visit)
    found = await visit.write(partial(_files, visit, case_id))
    return visit.page("files.html", HERE, case_id=case_id, files=found)


async def file(visit: Visit) -> Response:
    """One file of a case."""
    found = await visit.write(partial(_files, visit, _id(visit)))
    wanted = next((one for one in found if one.name == visit.request.path_params["file"] and one.content), None)
    if wanted is None:
        raise UsageError("there is no such file", "no_file")
    kind, _ = mimetypes.guess_type(wanted.name)
    shown = kind if kind and kind.startswith(("audio/", "image/")) else "application/octet-stream"
    headers = {**rendering.HEADERS, "Content-Disposition": "attachment"}
    return Response(wanted.content, headers=headers, media_type=shown)


def _files(visit: Visit, case_id: int, tx: Connection) -> list[reading.OpenedFile]:
    _allowed(visit, tx, case_id)
    return reading.files(tx, visit.parts.vault, case_id, visit.now, visit.actor.label)


HANDLERS: dict[str, Handler] = {
    "GET /console/cases/{case}": case,
    "GET /console/cases/{case}/files": files,
    "GET /console/cases/{case}/files/{file}": file,
    "POST /console/cases/{case}/who": who,
    **{f"POST /console/cases/{{case}}/{word}": act for word, act in ACTS.items()},
}
"""The handlers of a case, by their routes."""

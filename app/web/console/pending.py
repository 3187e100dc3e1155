"""Pendientes: the cases that need a person, the most urgent first, without a word of anybody; those about safety in a band of their own,
with what to do and the help lines of their programme."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection
from starlette.responses import Response

from app.cases import acting
from app.flows.engine.compiled import CompiledProgramme
from app.flows.language.definition import Ask, Programme
from app.flows.language.safety import HelpLine
from app.people.roles import Permission
from app.store import case_list
from app.store.case_list import MOST_COUNTED, PAGE, AboutQuestion, Order, Wanted, Which
from app.store.cases import Case, CaseReason
from app.web.console.visit import Handler, Visit

HERE = "/console"
_MOST_DANGERS = 20
_LONGEST_QUESTION = 160
_VARIABLE = re.compile(r"\{\{.*?\}\}")

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list. `whose` is a study id or the end of an unknown number; `question` what its latest message was about."""

    case: Case
    whose: str
    question: str
    may_read: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of the list."""

    rows: list[Row]
    dangers: list[Row]
    counts: dict[Which, int]
    total: int
    version: str


async def pending(visit: Visit) -> Response:
    """The list, chosen by the query: which cases, of which reason, in which order, which page."""
    query = visit.request.query_params
    wanted = Wanted(
        visit.scope(Permission.list_cases),
        visit.actor.name,
        _one_of(Which, query.get("which"), Which.open),
        frozenset(one for one in CaseReason if one == query.get("reason")),
        _one_of(Order, query.get("order"), Order.urgency),
    )
    page = visit.page_number()
    listed = await visit.read(lambda tx: _listed(visit, tx, wanted, page))
    return visit.page(
        "pending.html",
        HERE,
        listed=listed,
        wanted=wanted,
        page=page,
        pages=max(-(-listed.total // PAGE), 1),
        total=f"{listed.total}{'+' if listed.total == MOST_COUNTED else ''}",
        badge=sum(listed.counts[one] for one in (Which.open, Which.snoozed)),
        helps=[(one, help_lines(visit, one)) for one in _programmes(listed.dangers)],
        reasons=list(CaseReason),
        several=len(visit.parts.library.current) > 1,
    )


def _listed(visit: Visit, tx: Connection, wanted: Wanted, page: int) -> Listed:
    cases = case_list.page(tx, wanted, visit.now, (page - 1) * PAGE)
    dangers = case_list.dangers(tx, wanted, _MOST_DANGERS)
    about = case_list.about(tx, [one.id for one in cases])
    return Listed(
        [_row(visit, tx, one, about.get(one.id)) for one in cases],
        [_row(visit, tx, one, None) for one in dangers],
        case_list.counts(tx, wanted, visit.now),
        case_list.count(tx, wanted, visit.now),
        case_list.version(tx, wanted),
    )


def _row(visit: Visit, tx: Connection, case: Case, about: AboutQuestion | None) -> Row:
    question = "" if about is None else _question(visit.parts.library.compiled(tx, about.flow_version_id), about)
    return Row(case, whose(visit, tx, case), question, visit.may_read(case))


def whose(visit: Visit, tx: Connection, case: Case) -> str:
    """The author of a case, without a name: a study id, or the end of an unknown number."""
    if case.study_id is not None:
        return case.study_id
    if case.lookup is None:
        return visit.t("pending.nobodys_messages")
    found = acting.ending(tx, visit.parts.vault, case)
    return visit.t("pending.unknown_number", ending=found.ending if found is not None else "…")


def _question(compiled: CompiledProgramme, about: AboutQuestion) -> str:
    """The text of a question as its programme has it, without variables; the title of its flow if it stands nowhere as it was asked."""
    flow = compiled.definition.flows.get(about.flow)
    asked = next((one for one in (flow.steps if flow else ()) if isinstance(one, Ask) and one.ask == about.step), None)
    text = None if asked is None else asked.text
    if not isinstance(text, str):
        return flow.title if flow else about.flow
    plain = " ".join(_VARIABLE.sub("…", text).split())
    return plain if len(plain) <= _LONGEST_QUESTION else f"{plain[:_LONGEST_QUESTION]}…"


def help_lines(visit: Visit, programme: str | None) -> Sequence[HelpLine]:
    """The help lines of a programme; of no programme, those of all."""
    found = _definitions(visit)
    of_it = [found[programme]] if programme in found else list(found.values())
    return list(dict.fromkeys(line for one in of_it for line in one.help_lines))


def _definitions(visit: Visit) -> dict[str | None, Programme]:
    library = visit.parts.library
    return {code: library.programmes[version].definition for code, version in library.current.items()}


def _programmes(rows: Iterable[Row]) -> list[str | None]:
    return list(dict.fromkeys(row.case.programme for row in rows))


def _one_of(kind: type[E], text: str | None, default: E) -> E:
    """The member of an enumeration that a query names, else the default."""
    return next((one for one in kind if one == text), default)  # type: ignore[attr-defined]


HANDLERS: dict[str, Handler] = {"GET /console": pending}
"""The handlers of the list, by their routes."""

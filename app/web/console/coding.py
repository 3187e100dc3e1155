"""Codificación: reviewed texts are coded by each coder alone, in an order of their own and without the others' codes; disagreements are
settled afterwards, and the agreement is computed. A coder is an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest

from sqlalchemy import Connection
from starlette.responses import Response

from app.errors import UsageError
from app.exports.coding_status import FINAL
from app.exports.definitions import Definitions
from app.flows.language.definition import Coding
from app.people.roles import Permission
from app.review import coding
from app.review.agreement import Agreement, measured
from app.review.coding import CodesByCoder, CodingScheme
from app.store import audit, free_text
from app.store.free_text import FreeText
from app.web.console import review
from app.web.console.visit import Handler, Visit

HERE = "/console/coding"
_PAGE = 5
_NONE: CodesByCoder = {}


@dataclass(frozen=True, slots=True)
class ToCode:
    """A text to code: the question, the fingerprint, and by variable its codes of the person, or, to settle it, of the coders."""

    text: FreeText
    question: str
    mark: str
    variables: dict[str, Coding]
    given: dict[str, CodesByCoder]


@dataclass(frozen=True, slots=True)
class Desk:
    """The coding of a programme as one person sees it. `left` is the number of texts to code, or to settle; without `texts` beside it, the
    person has coded nothing and has to decide first. A person who `settles` codes nothing from then on."""

    programme: str | None
    scheme: CodingScheme
    texts: list[ToCode]
    left: int
    agreements: list[Agreement]
    settles: bool = False


async def code(visit: Visit) -> Response:
    """The texts that the person has not coded yet."""
    return await _page(visit, visit.request.query_params)


async def settle(visit: Visit) -> Response:
    """The texts on which coders disagree, with the agreement so far."""
    return await _page(visit, visit.request.query_params, settling=True)


async def _page(
    visit: Visit, query: Mapping[str, str], status: int = 200, error: str = "", *, settling: bool = False
) -> Response:
    wanted = query.get("programme")
    if wanted:
        visit.require(Permission.free_text, wanted)
    desk = await visit.read(partial(_desk, visit, wanted or None, settling))
    if desk.texts:
        detail = {"programme": desk.programme, "rows": len(desk.texts), "settling": settling}
        await visit.write(lambda tx: audit.record(tx, visit.now, visit.actor.label, "text show", "text_code", detail))
    return visit.page(
        "coding.html",
        review.HERE,
        status,
        desk=desk,
        settling=settling,
        programmes=visit.programmes(Permission.free_text),
        error=error,
        typed=visit.fields if error else {},
    )


def _coder(visit: Visit) -> str:
    """The name that the person codes by. Raises UsageError for that of the coder who settles."""
    if visit.actor.name == FINAL:
        raise UsageError(f"an account {FINAL!r} cannot code: the name is that of the settled codes", "coder_is_final")
    return coding.check_coder(visit.actor.name)


def _desk(visit: Visit, wanted: str | None, settling: bool, tx: Connection) -> Desk:
    definitions, coder = Definitions(tx), _coder(visit)
    schemes = {
        one.programme: one.codes
        for one in definitions.all_current()
        if one.codes and visit.may(Permission.free_text, one.programme)
    }
    programme = wanted or next(iter(schemes), None)
    scheme = schemes.get(programme or "")
    if programme is None or scheme is None:
        return Desk(programme, {}, [], 0, [])
    codes = coding.codes_by_coder(tx, scheme, coders=None if settling else (coder, FINAL))
    settles = coding.settles(tx, programme, visit.actor.label)
    if settles and not settling:
        return Desk(programme, scheme, [], 0, [], settles)
    is_coder = any(coder in one for one in codes.values())
    names = {name for variable in scheme.values() for name in variable.of}
    disputed = coding.disputed(codes) if settling else None
    found: dict[int, dict[str, CodesByCoder]] = {}
    applying: dict[tuple[str, str], list[str]] = {}
    for text in free_text.readable(tx, programme, names, disputed):
        if (kind := text[1:]) not in applying:
            applying[kind] = [name for name, variable in scheme.items() if coding.applies(variable, text)]
        given = {name: codes.get((text.id, name), _NONE) for name in applying[kind]}
        if own := _to_code(given, coder, is_coder=is_coder, settling=settling):
            found[text.id] = own
    as_coder = FINAL if settling else coder
    first = nsmallest(_PAGE, found, key=lambda one: (coding.order(one, as_coder), one))
    texts = {one.id: one for one in free_text.texts(tx, ids=first)} if is_coder or settles or not settling else {}
    shown = [
        ToCode(
            texts[one],
            definitions.wording(texts[one].version, texts[one].flow, texts[one].step),
            coding.mark(texts[one], as_coder),
            {name: scheme[name] for name in found[one]},
            found[one],
        )
        for one in first
        if one in texts
    ]
    return Desk(programme, scheme, shown, len(found), measured(scheme, codes) if settling else [], settles)


def _to_code(
    given: Mapping[str, CodesByCoder], coder: str, *, is_coder: bool, settling: bool
) -> dict[str, CodesByCoder]:
    """The variables by which the person has to code a text, or to settle it, with its codes; none if that would show the others' codes to a coder
    who has not coded the text. `given` are its codes by the variables that apply to it."""
    if settling:
        if not coding.may_settle(coder, given.values(), is_coder=is_coder, settles=True):
            return {}
        return {name: one for name, one in given.items() if FINAL not in one and coding.is_disputed(one)}
    return {name: _NONE for name, one in given.items() if coder not in one and FINAL not in one}


async def begin(visit: Visit) -> Response:
    """Let a person settle who has coded nothing. From then on, the person codes nothing."""
    programme = visit.fields.get("programme", "")
    visit.require(Permission.free_text, programme)
    await visit.write(lambda tx: coding.begin_settling(tx, programme, visit.now, visit.actor.label))
    return visit.go(f"{HERE}/settle?programme={programme}")


async def assign(visit: Visit) -> Response:
    """Store the codes of one text."""
    return await _assign(visit, settling=False)


async def decide(visit: Visit) -> Response:
    """Store the codes that settle a text."""
    return await _assign(visit, settling=True)


async def _assign(visit: Visit, *, settling: bool) -> Response:
    response, fields = review.response_of(visit), visit.fields
    given: dict[str, list[str]] = {}
    for name, value in fields.items():
        if name.startswith("code:"):  # code:VARIABLE has the code as its value; code:VARIABLE:CODE is one of several
            variable, _, chosen = name.removeprefix("code:").partition(":")
            given.setdefault(variable, []).append(chosen or value)

    def work(tx: Connection) -> str:
        found = free_text.texts(tx, ids=[response])
        if not found:
            raise UsageError("there is no such text", "no_text")
        programme = found[0].programme
        visit.require(Permission.free_text, programme)
        coder = _coder(visit)
        if settling:
            coding.check_settler(tx, found[0], coder, visit.actor.label)
        by = FINAL if settling else coder
        coding.assign(tx, response, by, given, fields.get("mark", ""), visit.now, visit.actor.label)
        return programme

    try:
        programme = await visit.write(work)
    except UsageError as error:
        if error.code == "no_text":
            raise
        return await _page(visit, fields, *visit.refused(error), settling=settling)
    path = f"{HERE}/settle" if settling else HERE
    return visit.go(f"{path}?programme={programme}", "coded")


HANDLERS: dict[str, Handler] = {
    "GET /console/coding": code,
    "GET /console/coding/settle": settle,
    "POST /console/coding/settle": begin,  # before the next, which is of any word
    "POST /console/coding/{response}": assign,
    "POST /console/coding/settle/{response}": decide,
}
"""The handlers of coding, by their routes."""

"""Programa: the conversations of a programme by principle, each with its diagram and the answers to its questions, and a draft of its texts
that people change here. A draft is published on another page; no file on disk is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from app.conversations import drafting
from app.conversations.drafting import WorkingText
from app.errors import ConfigurationError, ConflictError, UsageError
from app.flows.checks.messages import TYPICAL
from app.flows.diagram import page as diagrams
from app.flows.diagram.content import KINDS, Diagram, DiagramNode, name_of
from app.flows.diagram.content import diagram as diagram_of
from app.flows.engine.compiled import constants
from app.flows.language.definition import Ask, Flow, Programme, Repeat
from app.flows.loader import LoadedFile
from app.people.roles import Permission
from app.store import answer_counts
from app.store.answer_counts import AnswerCount
from app.web.console import rendering, text_form
from app.web.console.text_form import Edited, TextField
from app.web.console.visit import Handler, Visit

HERE = "/console/programme"
LIMITS = {
    f"POST {HERE}/{{code}}/texts": (90_000, 2000),
    f"POST {HERE}/{{code}}/texts/{{flow}}": (90_000, 2000),
}
"""The most bytes and fields of forms that are larger than others, by their routes."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A programme as its pages show it: its text, that text read, and the published one read."""

    code: str
    working: WorkingText
    loaded: LoadedFile
    published: LoadedFile

    @property
    def programme(self) -> Programme | None:
        """The programme; None if the draft has errors."""
        return self.loaded.programme

    @property
    def readable(self) -> Programme:
        """The programme, or the published one while the draft has errors. Raises ConfigurationError if this release reads neither."""
        found = self.programme or self.published.programme
        if found is None:
            raise ConfigurationError(f"the published version of {self.code} cannot be read any more")
        return found


@dataclass(frozen=True, slots=True)
class ListedFlow:
    """A conversation in the list. `questions` is the number of its steps that ask."""

    code: str
    title: str
    kind: str
    questions: int


def open_text(visit: Visit, tx: Connection) -> Opened:
    """The programme in the address, for a person who may change it. Raises NoRole, UsageError."""
    code = visit.request.path_params["code"]
    visit.require(Permission.programme, code)
    found, name = drafting.working(tx, code), f"{code}.yaml"
    return Opened(code, found, drafting.read_text(found.source, name), drafting.read_text(found.published.source, name))


def first(here: str) -> Handler:
    """The handler of an address without a programme: it leads to the page `here` of the person's first one."""

    async def lead(visit: Visit) -> Response:
        own = visit.programmes(Permission.programme)
        if not own:
            raise UsageError("no programme is published", "no_programme")
        return visit.go(f"{here}/{own[0]}")

    return lead


async def programme(visit: Visit) -> Response:
    """The conversations of a programme."""
    return _programme_page(visit, await visit.read(lambda tx: open_text(visit, tx)))


def _programme_page(
    visit: Visit, found: Opened, status: int = 200, error: str = "", lost: Sequence[str] = ()
) -> Response:
    shown = found.readable
    return visit.page(
        "programme.html",
        HERE,
        status,
        found=found,
        error=error,
        lost=lost,
        title=shown.title,
        groups=_by_principle(shown),
        programmes=visit.programmes(Permission.programme),
        problems=found.loaded.problems,
    )


def _by_principle(shown: Programme) -> list[tuple[str | None, list[ListedFlow]]]:
    """The conversations by principle, in the order of the file; those without one come last."""
    found: dict[str | None, list[ListedFlow]] = {code: [] for code in [*shown.principles, None]}
    for code, flow in shown.flows.items():
        found.setdefault(flow.principle, []).append(ListedFlow(code, flow.title, KINDS[flow.kind], _questions(flow)))
    labels = {code: _own(principle.label) for code, principle in shown.principles.items()}
    return [(labels.get(code or ""), flows) for code, flows in found.items() if flows]


def _own(text: object) -> str:
    return str(next(iter(text.values()))) if isinstance(text, dict) else str(text)


def _questions(flow: Flow) -> int:
    return sum(len(step.items) if isinstance(step, Repeat) else isinstance(step, Ask) for step in flow.steps)


# -- one conversation -----------------------------------------------------------------------------------------------------


async def flow(visit: Visit) -> Response:
    """The diagram of a conversation, with the answers to each question."""

    def look(tx: Connection) -> tuple[Opened, dict[str, AnswerCount]]:
        found = open_text(visit, tx)
        return found, answer_counts.of_flow(tx, found.code, _flow(visit, found.readable))

    found, counts = await visit.read(look)
    drawn = diagram_of(found.readable, _flow(visit, found.readable))
    return visit.page(
        "flow.html",
        HERE,
        found=found,
        flow=drawn,
        cards=Markup(diagrams.cards(_counted(visit, drawn, counts))),  # noqa: S704 - the diagram's template escapes
    )


def _flow(visit: Visit, shown: Programme) -> str:
    code: str = visit.request.path_params["flow"]
    if code not in shown.flows:
        raise UsageError("there is no such flow", "no_flow")
    return code


def _counted(visit: Visit, drawn: Diagram, counts: dict[str, AnswerCount]) -> Diagram:
    """The diagram with the number of answers as a remark on each question."""

    def noted(node: DiagramNode) -> DiagramNode:
        count = counts.get(name_of(node))
        if count is None:
            return node
        said = visit.t("flow.answers", understood=count.understood, unclear=count.unclear)
        return replace(node, notes=(*node.notes, said))

    return replace(drawn, nodes=tuple(noted(node) for node in drawn.nodes))


# -- texts ----------------------------------------------------------------------------------------------------------------


async def texts(visit: Visit) -> Response:
    """The texts of a conversation, or of everything outside conversations, as a form."""
    found = await visit.read(lambda tx: open_text(visit, tx))
    if found.programme is None or found.loaded.context is None:
        return visit.go(f"{HERE}/{found.code}")
    return _texts_page(visit, found, _fields(visit, found))


def _fields(visit: Visit, found: Opened) -> tuple[TextField, ...]:
    """The fields of the page. Raises UsageError if there is no such flow."""
    assert found.loaded.context is not None  # noqa: S101 - it has no errors
    wanted = visit.request.path_params.get("flow")
    if wanted is not None and found.programme is not None:
        _flow(visit, found.programme)
    return text_form.fields(found.loaded.context, wanted)


def _texts_page(
    visit: Visit,
    found: Opened,
    shown: Sequence[TextField],
    status: int = 200,
    error: str = "",
    lost: Sequence[str] = (),
) -> Response:
    definition = found.programme
    assert definition is not None  # noqa: S101 - it has no errors
    wanted = visit.request.path_params.get("flow")
    return visit.page(
        "texts.html",
        HERE,
        status,
        found=found,
        flow=wanted,
        title=definition.flows[wanted].title if wanted else visit.t("texts.of_programme"),
        groups=text_form.grouped(shown),
        several=len(definition.languages) > 0,
        plain=definition.sms.plain,
        facts=constants(definition, definition.language),
        typical=TYPICAL,
        error=error,
        lost=lost,
    )


async def save_texts(visit: Visit) -> Response:
    """Write what was typed into the draft."""

    def read(tx: Connection) -> tuple[Opened, Edited | None]:
        found = open_text(visit, tx)
        if found.programme is None:
            return found, None
        return found, text_form.edited(visit.t, found.working.source, _fields(visit, found), visit.fields)

    found, edited = await visit.read(read)
    if edited is None:
        return _programme_page(visit, found, 409, visit.t("texts.draft_broken"), text_form.changed(visit.fields))
    if edited.source is None:
        said = visit.t("texts.contested" if edited.is_contested else "texts.wrong")
        return _texts_page(visit, found, edited.fields, 409 if edited.is_contested else 400, said, edited.lost)
    new = edited.source
    loaded = await visit.read(lambda _: drafting.read_text(new, f"{found.code}.yaml"))
    if loaded.programme is None:
        shown = text_form.with_problems(edited.fields, loaded.problems, visit.t.language)
        return _texts_page(visit, found, shown, 400, visit.t("texts.wrong"))
    was, actor = found.working.hash, visit.actor.label
    try:
        await visit.write(lambda tx: drafting.save(tx, found.code, new, was, visit.now, actor))
    except ConflictError as error:  # somebody saved in this very moment: the same form is compared again
        return _texts_page(visit, found, edited.fields, 409, visit.told(error))
    return visit.go(visit.request.url.path, "draft_saved")


# -- the draft ------------------------------------------------------------------------------------------------------------


async def give_up(visit: Visit) -> Response:
    """Remove the draft."""

    def work(tx: Connection) -> str:
        found = open_text(visit, tx)
        drafting.give_up(tx, found.code, visit.fields.get("was", ""), visit.now, visit.actor.label)
        return found.code

    return visit.go(f"{HERE}/{await visit.write(work)}", "draft_given_up")


async def download(visit: Visit) -> Response:
    """The text as a file, for the folder of flows."""
    found = await visit.read(lambda tx: open_text(visit, tx))
    headers = {**rendering.HEADERS, "Content-Disposition": f'attachment; filename="{found.code}.yaml"'}
    return Response(found.working.source, headers=headers, media_type="application/yaml; charset=utf-8")


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": first(HERE),
    f"GET {HERE}/{{code}}": programme,
    f"GET {HERE}/{{code}}/file": download,
    f"POST {HERE}/{{code}}/give-up": give_up,
    f"GET {HERE}/{{code}}/flows/{{flow}}": flow,
    f"GET {HERE}/{{code}}/texts": texts,
    f"POST {HERE}/{{code}}/texts": save_texts,
    f"GET {HERE}/{{code}}/texts/{{flow}}": texts,
    f"POST {HERE}/{{code}}/texts/{{flow}}": save_texts,
}
"""The handlers of a programme, by their routes."""

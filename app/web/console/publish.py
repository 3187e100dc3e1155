"""Publicar: the changes of a draft, in words, and their consequences for officers who are under way; then its publication, or the way back to an
earlier version. Each change of the data needs a tick, and all together a reason. The person has seen this draft beside this version: if either is
another by then, nothing is published."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.responses import Response

from app.conversations import accepting, drafting, publishing
from app.conversations.publishing import Draft
from app.errors import UsageError
from app.flows.diff import Change
from app.flows.diff_words import ChangeWords, by_place, in_words
from app.flows.engine.compiled import bind
from app.flows.transcripts.runner import Playback, only_lines_differ
from app.people.roles import Permission
from app.scheduler.consequences import Consequences, consequences
from app.store import audit, versions
from app.store.versions import Version
from app.web.console import programme, rendering
from app.web.console.programme import Opened
from app.web.console.visit import Handler, Visit
from app.wording import into

HERE = "/console/publish"
LIMITS = {f"POST {HERE}/{{code}}": (90_000, 5000)}
"""The most bytes and fields of the form to publish: it has a tick for each change of the data."""
_VERSIONS, _ENTRIES = 20, 200


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change in words. `number` names its tick, if it changes the data."""

    words: ChangeWords
    change: Change
    number: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A draft beside the current version: the changes by place, the consequences, and the results of the checks."""

    draft: Draft
    places: list[tuple[str, list[ShownChange]]]
    consequences: Consequences

    @property
    def acceptable(self) -> list[Playback]:
        """The transcripts that no longer hold and that a click can accept."""
        return [one for one in self.draft.failed if only_lines_differ(one)]

    @property
    def ticks(self) -> int:
        """The number of changes of the data."""
        return sum(one.number is not None for _, changes in self.places for one in changes)


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version in the history. `by` published it first, for the reason `reason`, as far as the audit log has it."""

    version: Version
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublishView:
    """The page: the comparison if there is a draft, the versions, and the open conversations by flow."""

    found: Opened
    comparison: Comparison | None
    history: list[ShownVersion]
    under_way: dict[str, int]


async def publish_page(visit: Visit) -> Response:
    """The page of a programme."""
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, error: str = "") -> Response:
    view = await visit.read(partial(_view, visit))
    return visit.page(
        "publish.html",
        HERE,
        status,
        view=view,
        found=view.found,
        title=view.found.readable.title,
        programmes=visit.programmes(Permission.programme),
        titles={code: flow.title for code, flow in view.found.readable.flows.items()},
        accepted=sorted(accepting.from_json(view.found.working.transcripts)),
        error=error,
        typed=visit.fields if error else {},
    )


def _view(visit: Visit, tx: Connection) -> PublishView:
    found = programme.open_text(visit, tx)
    comparison = None if found.working.draft is None else _compared(visit, tx, found)
    return PublishView(found, comparison, _history(visit, tx, found.code), versions.under_way(tx, found.code))


def _history(visit: Visit, tx: Connection, code: str) -> list[ShownVersion]:
    """The latest versions, each with its first publication."""
    entries = audit.entries(tx, action="publish", subject=code, limit=_ENTRIES)
    first = {str(entry.detail.get("version")): entry for entry in reversed(entries)}
    listed = []
    for version in versions.history(tx, code)[:_VERSIONS]:
        entry = first.get(version.hash[:12])
        by = "" if entry is None else visit.t.named("by", visit.who(entry.actor))
        listed.append(ShownVersion(version, by, str((entry.detail.get("reason") if entry else None) or "")))
    return listed


def _compared(visit: Visit, tx: Connection, found: Opened) -> Comparison:
    draft = publishing.judged(tx, drafting.checked(found.working, visit.parts.flows, found.code))
    old, new = found.published.programme, draft.loaded.programme
    if old is None or new is None:
        return Comparison(draft, [], Consequences())
    numbers = iter(range(1, 10_000))
    places = [
        (
            into(place, visit.t.language),
            [
                ShownChange(in_words(one).into(visit.t.language), one, next(numbers) if one.data else None)
                for one in changes
            ],
        )
        for place, changes in by_place(draft.changes)
    ]
    return Comparison(draft, places, consequences(tx, found.code, old, new))


# -- acts -----------------------------------------------------------------------------------------------------------------


async def publish(visit: Visit) -> Response:
    """Publish the draft that the person has seen."""
    view = await visit.read(partial(_view, visit))
    comparison, code = view.comparison, view.found.code
    if comparison is None or comparison.draft.digest != visit.fields.get("was"):
        return await _page(visit, 409, visit.t("error.draft_changed"))
    if missing := [number for number in range(1, comparison.ticks + 1) if visit.fields.get(f"data-{number}") != "yes"]:
        return await _page(visit, 400, visit.t("publish.unticked", number=len(missing)))
    if view.found.working.outdated and visit.fields.get("outdated") != "yes":
        return await _page(visit, 400, visit.t("publish.say_outdated"))
    draft, over = comparison.draft, visit.fields.get("over", "")
    reason, actor = visit.fields.get("reason"), visit.actor.label
    return await _done(visit, "published", lambda tx: drafting.publish(tx, code, draft, over, visit.now, actor, reason))


async def accept(visit: Visit) -> Response:
    """Accept transcripts as their conversations go now: the one that the form names, or all of which nothing but the lines differs."""
    view = await visit.read(partial(_view, visit))
    comparison, code = view.comparison, view.found.code
    definition = view.found.loaded.programme
    if comparison is None or definition is None or comparison.draft.digest != visit.fields.get("was"):
        return await _page(visit, 409, visit.t("error.draft_changed"))
    wanted = visit.fields.get("file", ""), visit.fields.get("transcript", "")
    chosen = [one for one in comparison.acceptable if wanted in {_named(one), ("", "")}]
    if not chosen:
        return await _page(visit, 400, visit.t("error.no_transcript"))
    compiled, actor = bind(definition, view.found.working.hash), visit.actor.label
    names = [(Path(one.transcript.file), one.transcript.name) for one in chosen]
    return await _done(visit, "accepted", lambda tx: drafting.accept(tx, code, names, compiled, visit.now, actor))


def _named(played: Playback) -> tuple[str, str]:
    return Path(played.transcript.file).name, played.transcript.name


async def transcript(visit: Visit) -> Response:
    """A transcript file with what was accepted, for the folder of flows."""
    found = await visit.read(partial(programme.open_text, visit))
    name = visit.request.path_params["file"]
    accepted = accepting.from_json(found.working.transcripts)
    if name not in accepted:
        raise UsageError("there is no such file", "no_file")
    headers = {**rendering.HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(accepted[name].text, headers=headers, media_type="application/yaml; charset=utf-8")


async def roll_back(visit: Visit) -> Response:
    """Let new conversations use an earlier version again."""
    code, to, over = visit.request.path_params["code"], visit.fields.get("to", ""), visit.fields.get("over", "")
    visit.require(Permission.programme, code)
    library, actor = visit.parts.library, visit.actor.label
    return await _done(
        visit, "rolled_back", lambda tx: drafting.roll_back(tx, library, code, to, over, visit.now, actor)
    )


async def _done(visit: Visit, done: str, work: Callable[[Connection], None]) -> Response:
    """Do it, use it at once in this process, and lead to the page; a refusal is the page again."""
    try:
        await visit.write(work)
    except UsageError as error:
        if error.code == "no_programme":
            raise
        return await _page(visit, *visit.refused(error))
    await visit.write(visit.parts.library.refresh)
    return visit.go(f"{HERE}/{visit.request.path_params['code']}", done)


HANDLERS: dict[str, Handler] = {
    f"GET {HERE}": programme.first(HERE),
    f"GET {HERE}/{{code}}": publish_page,
    f"POST {HERE}/{{code}}": publish,
    f"POST {HERE}/{{code}}/accept": accept,
    f"GET {HERE}/{{code}}/transcripts/{{file}}": transcript,
    f"POST {HERE}/{{code}}/roll-back": roll_back,
}
"""The handlers of publishing, by their routes."""

"""One visit of a person to a page of the console: the person, the language, and the permissions."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict, TypeVar
from urllib.parse import urlencode

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.alerting.ways import Hook, Mailer
from app.channels.addresses import BadNumber, parse_number
from app.clock import Clock
from app.conversations.library import Library
from app.errors import AppError, ConflictError, UsageError
from app.flows.language.definition import Programme
from app.flows.tryouts import is_tryout
from app.people.actors import EVERY_PROGRAMME, Actor, name_of
from app.people.roles import Permission
from app.scheduler import first_steps
from app.scheduler.first_steps import Setup
from app.scheduler.outlook import Outlook
from app.sending.send_policy import Means
from app.store.cases import OF_SAFETY, Case
from app.store.cohorts import Group
from app.store.vault import Vault
from app.web import forms
from app.web.console import rendering, times
from app.web.console.streams import Streams
from app.web.console.texts import Texts
from app.web.console.work import Work
from app.web.forms import SentFile
from app.web.gate import Gate, NoRole
from app.wording import into

T = TypeVar("T")

Ways = tuple[Mailer | None, Hook]
"""The ways by which alerts leave the machine; no e-mail without a server."""

START = "/console/start"
"""The first steps."""

OF_NO_PROGRAMME = frozenset({Permission.accounts, Permission.audit})
"""Permissions that a role in some programmes only does not give."""

COUNTS_AT_ONCE = 4
"""Pages that count all messages or officers at the same time, *Hoy*, *Calendario* and *Datos*; further ones wait, and take no thread of the
other pages."""

EXPORTS_AT_ONCE = 1
"""Exports that run at the same time; further requests wait."""

FILES_AT_ONCE = 2
"""Forms with a file that are in memory at the same time; further requests wait."""

ENTRIES = (
    ("/console", "frame.pending", Permission.list_cases),
    ("/console/today", "frame.today", Permission.status),
    ("/console/calendar", "frame.calendar", Permission.schedule),
    ("/console/officers", "frame.officers", Permission.story),
    ("/console/roster", "frame.roster", Permission.roster),
    ("/console/notice", "frame.notice", Permission.schedule),
    ("/console/programme", "frame.programme", Permission.programme),
    ("/console/publish", "frame.publish", Permission.programme),
    ("/console/data", "frame.data", Permission.answers),
    ("/console/review", "frame.review", Permission.free_text),
    ("/console/accounts", "frame.accounts", Permission.accounts),
    ("/console/audit", "frame.audit", Permission.audit),
)
"""The entries of the navigation: address, key of the text, permission that the page needs."""


class Displacing(TypedDict):
    """The fate of another officer's number: it is taken from them, or they get this officer's. `scope`: the programmes in which that is allowed;
    None for all."""

    take: bool
    swap: bool
    scope: frozenset[str] | None


@dataclass(slots=True)
class Beginning:
    """Whether a conversation has begun. Once one has, nobody asks the database again."""

    seen: bool = False

    def look(self, tx: Connection) -> bool:
        """Whether one has by now."""
        self.seen = self.seen or first_steps.has_begun(tx)
        return self.seen


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the service that pages use. `clock` is the service's; `wake` tells the sender that something may be due; `simulated`: the
    carrier is, so that no officer is a real one. `flows` is the folder of flow files, with the transcripts of the programmes; `setup` has the
    settings that the first steps look at; `ways` are those of alerts. `exports` limits the exports and reports that are made at the same time, those of the API among
    them; `counts` limits the pages that count all messages or officers; `work` has the long tasks under way."""

    gate: Gate
    library: Library
    means: Means
    clock: Clock
    wake: Callable[[], None]
    simulated: bool
    flows: Path
    setup: Setup
    beginning: Beginning = field(default_factory=Beginning)
    ways: Ways = (None, Hook())
    streams: Streams = field(default_factory=Streams)
    work: Work = field(default_factory=Work)
    counts: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(COUNTS_AT_ONCE))
    exports: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(EXPORTS_AT_ONCE))
    files: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FILES_AT_ONCE))

    @property
    def vault(self) -> Vault:
        """The vault of the installation."""
        return self.gate.vault


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a signed-in person."""

    parts: Parts
    request: Request
    actor: Actor
    t: Texts
    now: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    file: SentFile | None = None
    is_new: bool = False
    """No conversation has begun: the first steps are the first page of those who do them."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Query the database in a thread, so that a page delays no message."""
        return await run_sync(self.reading, work)

    async def count(self, work: Callable[[Connection], T]) -> T:
        """Query the database for a page that counts all messages or officers: a few of them at a time."""
        return await run_sync(self.reading, work, limiter=self.parts.counts)

    def reading(self, work: Callable[[Connection], T]) -> T:
        """The same in this thread."""
        with self.parts.gate.database.reading() as tx:
            return work(tx)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run in a transaction of its own. Work that raises an error has changed nothing."""
        return await self.parts.gate.ledger.run(work)

    def page_number(self, digits: int = 3) -> int:
        """The page of a list that the query names, from 1; the first one if it has more digits."""
        return forms.number(self.request.query_params.get("page", ""), digits) or 1

    def telephone(self) -> str:
        """The telephone number of the form. Raises UsageError."""
        try:
            return parse_number(self.fields.get("number", ""))
        except BadNumber:
            raise UsageError("no telephone number", "bad_number") from None

    def template(self) -> tuple[str | None, tuple[str, ...]]:
        """The template of the form, None if it names none, and its variables, which the form has one a line."""
        lines = (line.strip() for line in self.fields.get("variables", "").splitlines())
        name = self.fields.get("template", "").strip() or None
        return name, () if name is None else tuple(line for line in lines if line)

    def displacing(self, permission: Permission) -> Displacing:
        """The fate of the number if another officer has it, as the form has it, in the programmes in which this is allowed."""
        other = self.fields.get("other")
        return Displacing(take=other == "take", swap=other == "swap", scope=self.scope(permission))

    # -- what the person may see --------------------------------------------------------------------------------------

    def scope(self, permission: Permission) -> frozenset[str] | None:
        """The programmes in which this is allowed; None for all that there are, and for what belongs to none."""
        own = self.actor.programmes(permission)
        return None if EVERY_PROGRAMME in own or own >= self.parts.library.current.keys() else own

    def may(self, permission: Permission, programme: str | None) -> bool:
        """Whether this is allowed in a programme; for what belongs to no programme, in all."""
        scope = self.scope(permission)
        return scope is None or programme in scope

    def programmes(self, permission: Permission) -> list[str]:
        """The published programmes in which this is allowed."""
        return [one for one in sorted(self.parts.library.published) if self.may(permission, one)]

    def groups(self, permission: Permission, every: Iterable[Group]) -> list[Group]:
        """Those of these cohorts that are of a programme in which this is allowed."""
        scope = self.scope(permission)
        return [one for one in every if scope is None or one.programme in scope]

    def may_read(self, case: Case) -> bool:
        """Whether the person may read the words of a case, and act on it: of every one, or only of one about safety."""
        wanted = [Permission.read_cases, *([Permission.read_crises] if case.reason in OF_SAFETY else [])]
        return any(self.may(one, case.programme) for one in wanted)

    def check(self, permission: Permission) -> None:
        """Raise NoRole if this is allowed in no programme, or, of what belongs to none, not in all, also later ones."""
        if not self.may_open(permission):
            raise NoRole(self.actor, permission)

    def may_open(self, permission: Permission) -> bool:
        """Whether the person may open the pages that need this."""
        if permission in OF_NO_PROGRAMME:
            return self.actor.may(permission)
        return self.actor.may_somewhere(permission)

    def require(self, permission: Permission, programme: str | None) -> None:
        """Raise NoRole if this is not allowed in the programme."""
        if not self.may(permission, programme):
            raise NoRole(self.actor, permission)

    # -- answers ------------------------------------------------------------------------------------------------------

    def page(self, template: str, here: str, status: int = 200, **facts: object) -> Response:
        """A page in the frame. `here` is the entry of the navigation that it belongs to."""
        query = self.request.query_params
        done = query.get("done", "")
        own = {
            "now": self.now,
            "visit": self,
            "actor": self.actor,
            "here": here,
            "ago": self.ago,
            "moment": self.moment,
        }
        own |= {"is_tryout": is_tryout, "done": done if self.t.has(f"done.{done}") else "", "error": "", "typed": {}}
        own |= {"duration": lambda length: times.duration(self.t, length), "entries": self.entries()}
        return rendering.page(template, self.t, status, **{**own, **facts})

    def go(self, path: str, done: str = "") -> Response:
        """Lead to a page, which says what has been done."""
        said = f"{'&' if '?' in path else '?'}done={done}" if done else ""
        return RedirectResponse(path + said, 303, rendering.HEADERS)

    def told(self, error: AppError) -> str:
        """The words of an error, as far as pages meet it."""
        key = f"error.{error.code}"
        if not error.code or not self.t.has(key):
            return self.t("error.other")
        facts = error.facts.items()
        return self.t(key, **{name: into(one, self.t.language) if isinstance(one, str) else one for name, one in facts})

    def refused(self, error: UsageError) -> tuple[int, str]:
        """The status and the words of a form that is refused."""
        return 409 if isinstance(error, ConflictError) else 400, self.told(error)

    def did(self, action: str) -> str:
        """An action of the audit log, in words."""
        return self.t.named("did", action.replace(" ", "_"))

    def who(self, actor: str) -> str:
        """The actor of an entry in the audit log, in words."""
        return self.t("did.clock") if actor == "clock" else name_of(actor)

    def ago(self, at: datetime) -> str:
        """How long ago a moment was, in words."""
        return times.ago(self.t, at, self.now)

    def moment(self, at: datetime, programme: str | None, zone: str | None = None) -> str:
        """A moment in a time zone, by default that of the programme."""
        return times.moment(self.t, at, zone or self.zone(programme), self.now)

    def zone(self, programme: str | None) -> str:
        """The time zone of a programme; of no programme, that of the first; UTC as long as there is none."""
        return self.parts.library.zone(programme)

    def programme(self, code: str) -> Programme | None:
        """The programme of a code as it runs now; None if none does."""
        library = self.parts.library
        return library.programmes[library.current[code]].definition if code in library.current else None

    def chosen(self, permission: Permission, code: str) -> Programme:
        """The published programme of a form, in which this is allowed; the only such one if none is named. Raises UsageError, NoRole."""
        own = self.programmes(permission)
        found = self.programme(code or (own[0] if len(own) == 1 else ""))
        if found is None:
            raise UsageError("choose a programme", "choose_programme")
        self.require(permission, found.programme)
        return found

    def outlook(self, tx: Connection, programme: Programme) -> Outlook:
        """What computes the plans of officers, as `trato plan` does."""
        rules, ready = self.parts.means.rules, programme.programme not in self.parts.library.not_ready()
        return Outlook.of(tx, programme, rules.quiet, self.now, ready=ready, silence=rules.silence)

    def flow_title(self, code: str, flow: str) -> str:
        """The title of a flow of a programme, or those of all that it may be."""
        programme = self.programme(code)
        known = programme.flows if programme is not None else {}
        return " / ".join(known[one].title if one in known else one for one in flow.split(" | "))

    def day(self, day: date) -> str:
        """A day in words, with its weekday."""
        return times.day(self.t, day)

    def without(self, *names: str) -> str:
        """The address of this page without some parts of its query."""
        kept = [one for one in self.request.query_params.multi_items() if one[0] not in {*names, "done"}]
        return f"{self.request.url.path}?{urlencode(kept)}"

    def entries(self) -> list[tuple[str, str]]:
        """The entries of the navigation that the person may open: address, and key of the text."""
        found = [(path, key) for path, key, permission in ENTRIES if self.may_open(permission)]
        does_them = self.may_open(Permission.roster) or self.may_open(Permission.accounts)
        is_guest = not self.actor.account  # of a demo, which has nothing to set up
        return [(START, "frame.start"), *found] if self.is_new and does_them and not is_guest else found


Handler = Callable[[Visit], Awaitable[Response]]

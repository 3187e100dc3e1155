"""A console in front of a desk with cases, on a database of either kind; and the browsers of its people."""

import asyncio
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select, update
from starlette.applications import Starlette

from app.alerting.ways import Hook
from app.conversations.library import Library
from app.from_settings import AllApproved
from app.people import accounts, sessions
from app.people.actors import EVERY_PROGRAMME, Actor, Grant
from app.people.roles import Role
from app.scheduler.first_steps import Setup
from app.sending.send_policy import Means, Rules
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import NUDGE, AuditEntry
from app.store.vault import Vault
from app.web import sign_in
from app.web.console.routes import routes
from app.web.console.visit import Parts, Ways
from app.web.gate import Gate
from tests.cases.world import SOURCE, Desk
from tests.conftest import StillClock
from tests.conversations.talking import BRUNO

HERE = "http://inside"
HELP = "help_lines:\n  - {name: Emergencias, telephone: '911', hours: 24 horas}\n"
WITH_HELP = SOURCE.replace("notices:\n", f"{HELP}notices:\n", 1)


class Office:
    """An installation with people of several roles, each with a browser of their own."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        self.cookies: dict[str, dict[str, str]] = {}
        self.woken = 0
        self.simulated = True
        self.setup = Setup(True, True, {"": frozenset({"whatsapp", "sms"})}, AllApproved(), True)
        self.ways: Ways = (None, Hook())
        self.guest: Actor | None = None
        self.library = Library()
        self.alma = self.bruno = ""
        self.flows = Path("no folder")

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """The desk, in a transaction of its own. Alma and Bruno are known by their study ids from then on."""
        with self.database.transaction() as tx:
            made = Desk(tx, self.vault, self.clock, WITH_HELP)
            self.alma, self.bruno = made.row(made.alma).study_id, made.row(made.bruno).study_id
            yield made

    def hire(self, name: str, role: Role, programme: str = EVERY_PROGRAMME) -> None:
        """Give somebody an account, and a browser that is signed in."""
        now = self.clock()
        with self.database.transaction() as tx:
            accounts.add(tx, name, "cuatro tazas de café", now, "test")
            accounts.give_role(tx, name, Grant(role, programme), now, "test")
            attempt = sessions.begin(tx, self.vault, name, name, now)
            token = sessions.finish(tx, self.vault, attempt, now, right=True, code="", old=None)
        self.cookies[name] = {"trato": token or ""}

    def ask(self, name: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to a request of somebody's browser."""
        return self.ask_at_once(1, name, method, path, **more)[0]

    def ask_at_once(self, times: int, name: str | None, method: str, path: str, **more: Any) -> list[httpx.Response]:
        """The answers to equal requests of the same moment."""
        return asyncio.run(self._ask(times, name, method, path, **more))

    async def _ask(self, times: int, name: str | None, method: str, path: str, **more: Any) -> list[httpx.Response]:
        with self.database.reading() as tx:
            self.library.refresh(tx)
        ledger = Ledger(self.database, self.vault, self.clock, {})
        gate = Gate(self.database, ledger, self.vault, self.clock, HERE, guest=self.guest)
        parts = Parts(
            gate,
            self.library,
            Means(Rules()),
            self.clock,
            self._wake,
            self.simulated,
            self.flows,
            self.setup,
            ways=self.ways,
        )
        app = Starlette(routes=[*sign_in.routes(gate), *routes(parts)])
        own = self.cookies.get(name or "", {})
        headers = {"Origin": HERE, **more.pop("headers", {})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=HERE, cookies=own) as client:
            asked = (client.request(method, path, headers=headers, **more) for _ in range(times))
            answers = await asyncio.gather(*asked)
        await ledger.close()
        return answers

    def _wake(self) -> None:
        self.woken += 1

    def see(self, name: str, path: str) -> str:
        """A page as its text."""
        answer = self.ask(name, "GET", path)
        assert answer.status_code == 200, answer.text
        return words(answer)

    def do(self, name: str, case: int, word: str, **fields: str) -> httpx.Response:
        """Send a form of the page of a case."""
        return self.ask(name, "POST", f"/console/cases/{case}/{word}", data=fields)

    def audited(self, action: str) -> list[tuple[str, str]]:
        """The actors and the subjects of an action, in order."""
        found = select(AuditEntry.actor, AuditEntry.subject).where(AuditEntry.action == action).order_by(AuditEntry.id)
        with self.database.reading() as tx:
            return [(row.actor, row.subject) for row in tx.execute(found)]

    def at(self, moment: datetime) -> None:
        """Move the clock."""
        self.clock.at = moment


def bruno_tells(desk: Desk, story: str) -> None:
    """Bruno follows the campaign, and answers its first flow: yes, and a story."""
    desk.follow(desk.bruno)
    desk.tick()
    desk.begin(desk.bruno)
    desk.talk(BRUNO, "simón", story)


def both_follow(desk: Desk) -> None:
    """Alma and Bruno follow the campaign, which begins on the next day."""
    desk.follow(desk.alma)
    desk.follow(desk.bruno)
    desk.tick()


def first_flow_arrives(desk: Desk, **after: float) -> None:
    """Both follow the campaign and get its first flow, after so many hours or days."""
    both_follow(desk)
    noon = desk.clock.advance(**after)
    desk.tx.execute(update(NUDGE).where(NUDGE.c.slot == "w01.1").values(planned_for=noon, due_at=noon))
    desk.tick()
    desk.deliver()


def words(answer: httpx.Response) -> str:
    """The text of a page, its tags left out."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def alert(answer: httpx.Response) -> str:
    """The message of a refusal."""
    found = re.search(r'<p role="alert">(.*?)</p>', answer.text)
    return html.unescape(found[1]) if found else ""

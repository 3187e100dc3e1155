"""A house with people: a gate over a database, and a browser in front of it."""

import asyncio
import re
from typing import Any

import httpx
from sqlalchemy import select
from starlette.applications import Starlette

from app.people import accounts
from app.people.actors import Grant
from app.people.roles import Role
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import AuditEntry
from app.store.vault import Vault
from app.web import sign_in
from app.web.gate import Gate
from tests.conftest import StillClock

PASSWORD = "cuatro tazas de café"
HERE = "https://trato.example.org"
OURS = {"Origin": HERE}


class House:
    """An installation at https://trato.example.org with the account `ana`, who is a coordinator."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock, url: str = HERE) -> None:
        self.database, self.vault, self.clock, self.url = database, vault, clock, url
        self.proxies: frozenset[str] = frozenset()
        with database.transaction() as tx:
            accounts.add(tx, "ana", PASSWORD, clock(), "test")
            accounts.give_role(tx, "ana", Grant(Role.coordinator, ""), clock(), "test")

    def ask(
        self, method: str, path: str, cookies: dict[str, str] | None = None, address: str = "192.0.2.7", **more: Any
    ) -> httpx.Response:
        return asyncio.run(self._ask(method, path, cookies or {}, address, **more))

    async def _ask(self, method: str, path: str, cookies: dict[str, str], address: str, **more: Any) -> httpx.Response:
        ledger = Ledger(self.database, self.vault, self.clock, {})
        gate = Gate(self.database, ledger, self.vault, self.clock, self.url, self.proxies)
        transport = httpx.ASGITransport(app=Starlette(routes=sign_in.routes(gate)), client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url=self.url, cookies=cookies) as client:
            answer = await client.request(method, path, **more)
        await ledger.close()
        return answer

    def sign_in(
        self,
        name: str = "ana",
        password: str = PASSWORD,
        code: str = "",
        cookies: dict[str, str] | None = None,
        address: str = "192.0.2.7",
        **headers: str,
    ) -> httpx.Response:
        form = {"name": name, "password": password, "code": code}
        return self.ask("POST", "/sign-in", cookies, address, data=form, headers={**OURS, **headers})

    def signed_in(self) -> dict[str, str]:
        """The cookies of a browser that ana is signed in with."""
        answer = self.sign_in()
        assert answer.status_code == 303
        return dict(answer.cookies)

    def is_in(self, cookies: dict[str, str]) -> bool:
        answer = self.ask("GET", "/me", cookies)
        assert answer.status_code in {200, 401}
        return answer.status_code == 200

    def audited(self) -> list[tuple[str, str, str]]:
        with self.database.reading() as tx:
            rows = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
            return [(row[0], row[1], row[2]) for row in tx.execute(rows)]


def said(answer: httpx.Response) -> str:
    """The message of the page to sign in."""
    found = re.search(r'<p role="alert">(.*?)</p>', answer.text)
    return found[1] if found else ""

"""The id of a request: in its answer, in the lines that it logs, also in the ledger's thread, and in nobody else's."""

import asyncio
from typing import Any

import httpx
import structlog
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from structlog.contextvars import get_contextvars

from app.store.database import Database
from app.store.ledger import Ledger
from app.store.vault import Vault
from app.web.request_ids import RequestIds
from tests.conftest import StillClock


def test_each_request_has_its_own_id_wherever_it_logs(sqlite_template: str, vault: Vault, clock: StillClock) -> None:
    database = Database(f"sqlite:///{sqlite_template}")
    seen: list[tuple[Any, Any]] = []

    async def whole() -> None:
        ledger = Ledger(database, vault, clock, {})

        async def page(_: Request) -> Response:
            def work(_: Connection) -> Any:
                return structlog.contextvars.get_contextvars().get("request")

            in_thread = await ledger.run(work)
            seen.append((get_contextvars().get("request"), in_thread))
            return PlainTextResponse("")

        app = RequestIds(Starlette(routes=[Route("/", page)]))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as client:
            answers = await asyncio.gather(*[client.get("/", headers={"X-Request-Id": "mine"}) for _ in range(5)])
        assert sorted(answer.headers["x-request-id"] for answer in answers) == sorted(one for one, _ in seen)
        assert get_contextvars() == {}
        assert await ledger.run(lambda _: get_contextvars()) == {}
        await ledger.close()

    asyncio.run(whole())
    assert all(one == in_thread for one, in_thread in seen)
    assert len({one for one, _ in seen} - {"mine", None}) == 5
    database.close()

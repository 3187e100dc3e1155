"""Live pages: the stream of events against a real server, the news of each role, its bounds, and its end."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.conversations.inbound import receive
from app.people import accounts as people
from app.people import tokens
from app.people.actors import Grant
from app.people.roles import Permission, Role
from app.store import accounts
from app.store.database import Database
from app.store.vault import Vault
from app.web.console.streams import MOST_EACH, Listener, Seen, Streams
from tests.browser.console import PASSWORD, Console, console
from tests.cases.world import CRISIS
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, STRANGER
from tests.web.console.desk import WITH_HELP, Office
from tests.world import message

NEWS = "/console/news"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with people of several roles."""
    made = Office(database, vault, clock)
    with made.desk():
        pass
    made.hire("ana", Role.coordinator)
    made.hire("ines", Role.researcher)
    made.hire("rosa", Role.reviewer)
    return made


def test_each_hears_of_what_it_may_see_and_of_changes_only(office: Office) -> None:
    first = office.ask("ana", "GET", NEWS).json()
    assert first.keys() == {"open", "cases", "today"}
    assert office.ask("ines", "GET", NEWS).json() == {"today": first["today"]}
    assert office.ask("rosa", "GET", NEWS).json() == {}
    assert office.ask("ana", "GET", NEWS).json() == first
    with office.database.transaction() as tx:
        receive(tx, office.library, [message(office.vault, ALMA, CRISIS)], office.clock())
    second = office.ask("ana", "GET", NEWS).json()
    assert second["open"] == 1
    assert second["cases"] != first["cases"]
    assert second["today"] != first["today"]
    office.see("ana", "/console/cases/1")
    assert office.do("ana", 1, "close", outcome="handled").status_code == 303
    third = office.ask("ana", "GET", NEWS).json()
    assert third["open"] == 0
    assert third["cases"] == first["cases"]


# -- streams, without a server ----------------------------------------------------------------------------------------


async def nothing(keys: frozenset[object], ids: frozenset[int]) -> Seen:
    return Seen(dict.fromkeys(keys, "{}"), dict.fromkeys(ids))


async def told(events: AsyncIterator[str], count: int) -> list[str]:
    return [await asyncio.wait_for(anext(events), 10) for _ in range(count)]


def test_one_look_serves_all_who_listen() -> None:
    async def play() -> int:
        looks = 0

        async def look(keys: frozenset[object], ids: frozenset[int]) -> Seen:
            nonlocal looks
            looks += 1
            assert keys == {"a"}
            return Seen({"a": str(looks)}, dict.fromkeys(ids))

        streams = Streams(every=0.05)
        found = [streams.join(Listener(person, "a", person), look) for person in range(1, 31)]
        heard = await asyncio.gather(*(told(one, 3) for one in found if one is not None))
        assert {one[0] for one in heard} == {"retry: 2000\n\n"}
        streams.close()
        return looks

    assert asyncio.run(play()) <= 4


def test_a_person_has_a_bounded_number_of_streams_and_gets_another_after_one_has_ended() -> None:
    async def play() -> None:
        streams = Streams(every=0.05)
        found = [streams.join(Listener(1, "a", number), nothing) for number in range(1, MOST_EACH + 2)]
        assert [one is None for one in found] == [False] * MOST_EACH + [True]
        assert streams.join(Listener(2, "a", 99), nothing) is not None
        first = found[0]
        assert first is not None
        await told(first, 1)
        await first.aclose()  # type: ignore[attr-defined] # a generator
        assert streams.join(Listener(1, "a", 100), nothing) is not None
        streams.close()
        assert streams.join(Listener(3, "a", 101), nothing) is None

    asyncio.run(play())


def test_a_stream_survives_a_database_that_is_away_and_ends_with_its_session() -> None:
    async def play() -> list[str]:
        looks = 0

        async def look(keys: frozenset[object], ids: frozenset[int]) -> Seen:
            nonlocal looks
            looks += 1
            if looks == 1:
                raise RuntimeError("away")
            return Seen(dict.fromkeys(keys, "1"), dict.fromkeys(ids) if looks < 4 else {})

        found = Streams(every=0.02).join(Listener(1, "a", 7), look)
        assert found is not None
        return [one async for one in found]

    assert asyncio.run(asyncio.wait_for(play(), 20)) == ["retry: 2000\n\n", "data: 1\n\n"]


def test_a_stream_ends_after_its_time() -> None:
    async def play() -> int:
        found = Streams(every=0.02, longest=0.2).join(Listener(1, "a", None), nothing)
        assert found is not None
        return len([one async for one in found])

    assert asyncio.run(play()) >= 2


# -- with a server ----------------------------------------------------------------------------------------------------


async def listened(client: httpx.AsyncClient) -> tuple[list[dict[str, object]], asyncio.Task[None]]:
    heard: list[dict[str, object]] = []

    async def listen() -> None:
        async with client.stream("GET", "/console/events", timeout=30) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                heard.extend([json.loads(line.removeprefix("data: "))] if line.startswith("data: ") else [])

    return heard, asyncio.create_task(listen())


async def until(heard: list[dict[str, object]], count: int) -> None:
    async with asyncio.timeout(20):
        while len(heard) < count:  # noqa: ASYNC110 - of another thread's doing
            await asyncio.sleep(0.1)


@asynccontextmanager
async def entered(running: Console) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is signed in."""
    async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}) as client:
        answer = await client.post("/sign-in", data={"name": "ana", "password": PASSWORD})
        assert answer.status_code == 303
        yield client


def test_a_page_hears_of_a_message_and_of_nothing_after_signing_out(tmp_path: Path) -> None:
    async def play(running: Console) -> None:
        async with entered(running) as client:
            heard, listening = await listened(client)
            await until(heard, 1)
            running.arrives(STRANGER, "hola")
            await until(heard, 2)
            assert heard[1]["open"] == 1
            await client.post("/sign-out")
            await asyncio.wait_for(listening, 20)
            assert (await client.get("/console/events")).status_code == 401

    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        asyncio.run(play(running))


def test_a_stream_ends_when_a_role_is_taken_and_the_next_has_other_news(tmp_path: Path) -> None:
    async def play(running: Console) -> None:
        async with entered(running) as client:
            heard, listening = await listened(client)
            await until(heard, 1)
            assert "open" in heard[0]
            with running.service.database.transaction() as tx:
                people.take_role(tx, "ana", Grant(Role.coordinator, ""), running.clock(), "test")
            await asyncio.wait_for(listening, 20)
            assert (await client.get(NEWS)).json().keys() == {"today"}

    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        with running.service.database.transaction() as tx:
            people.give_role(tx, "ana", Grant(Role.researcher, ""), running.clock(), "test")
        asyncio.run(play(running))


def test_a_program_gets_no_stream(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Streams, "join", lambda *_: None)  # a stream would not end
    with office.database.transaction() as tx:
        _, token = tokens.make(tx, "ines", "prog", [Permission.answers], "", 1, office.clock(), "test")
    asked = office.ask(None, "GET", "/console/events", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 401
    assert office.ask(None, "GET", NEWS, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_server_that_stops_does_not_wait_for_streams(tmp_path: Path) -> None:
    async def play(running: Console) -> None:
        async with entered(running) as client:
            heard, listening = await listened(client)
            await until(heard, 1)
            running.server.should_exit = True
            await asyncio.wait_for(listening, 10)

    with console(tmp_path, WITH_HELP) as running:
        running.hire("ana", Role.coordinator)
        asyncio.run(play(running))
        begun = time.monotonic()
    assert time.monotonic() - begun < 8


def test_whether_sessions_are_open_is_asked_of_all_at_once(office: Office) -> None:
    now = office.clock()
    with office.database.reading() as tx:
        everyone = accounts.still_open(tx, {1, 2, 3, 99}, now, now.replace(year=2020))
        assert everyone == {1: {("coordinator", "")}, 2: {("researcher", "")}, 3: {("reviewer", "")}}

"""The fake carrier's contents: it must refuse what Twilio and WhatsApp refuse, or the tests on it prove little."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.carrier.contents import LIST, QUICK, TEXT, Content
from tests.unit.test_carrier import ACCOUNT, PHONE, Bench

HX = "HX" + "7" * 32
TO, FROM = f"whatsapp:{PHONE}", f"whatsapp:{ACCOUNT.whatsapp}"
AUTH = (ACCOUNT.sid, ACCOUNT.auth_token)


def run(work: Callable[[Bench], Awaitable[None]]) -> None:
    async def whole() -> None:
        bench = Bench()
        await bench.carrier.inject("whatsapp:+5215555550101", "hola", deliver=False)
        await work(bench)
        await bench.carrier.settle()

    asyncio.run(whole())


def quick(*titles: str, body: str = "¿Sí?") -> dict[str, dict[str, Any]]:
    return {
        QUICK: {
            "body": body,
            "actions": [{"title": title, "id": f"id-{number}"} for number, title in enumerate(titles)],
        }
    }


def picker(*items: str) -> dict[str, dict[str, Any]]:
    listed = [{"item": item, "id": f"id-{number}", "description": "x"} for number, item in enumerate(items)]
    return {LIST: {"body": "¿Cuál?", "button": "Ver", "items": listed}}


async def code(bench: Bench, **values: str) -> int | None:
    variables = {"ContentVariables": json.dumps(values)} if values else {}
    answer = await bench.create(To=TO, From=FROM, Body="", ContentSid=HX, **variables)
    found: int | None = answer.json().get("code")
    return found


@pytest.mark.parametrize(
    ("types", "status", "expected"),
    [
        (quick("Sí", "No"), "unsubmitted", None),
        (quick("a", "b", "c", "d"), "unsubmitted", 63021),
        (quick("a", "b", "c", "d"), "approved", 63021),  # the window is open: it is no template now
        (quick("x" * 20), "unsubmitted", None),
        (quick("x" * 21), "unsubmitted", 63021),
        (quick("Sí", "Sí"), "unsubmitted", 63021),
        (picker(*"abcdefghij"), "unsubmitted", None),
        (picker(*"abcdefghijk"), "unsubmitted", 63021),
        (picker("x" * 24, "y"), "unsubmitted", None),
        (picker("x" * 25, "y"), "unsubmitted", 63021),
        (quick("Sí", body="x" * 1024), "unsubmitted", None),
        (quick("Sí", body="x" * 1025), "unsubmitted", 63021),
        (quick("Sí", body=" "), "unsubmitted", 63021),
    ],
)
def test_what_whatsapp_cannot_show_is_refused(types: dict[str, Any], status: str, expected: int | None) -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.book.shelf.put(HX, types, status=status)
        assert await code(bench) == expected

    run(work)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"1": "Alma", "2": "hoy"}, None),
        ({"1": "Alma"}, 21656),
        ({}, 21656),
        ({"1": "Alma", "2": "hoy", "3": "x"}, 21656),
        ({"1": "", "2": "hoy"}, 21656),
        ({"1": "a\nb", "2": "hoy"}, 21656),
        ({"1": "a\tb", "2": "hoy"}, 21656),
        ({"1": "a    b", "2": "hoy"}, 21656),
        ({"1": "x" * 1601, "2": "hoy"}, 21658),
    ],
)
def test_values_must_be_the_contents_own_and_on_one_line(values: dict[str, str], expected: int | None) -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.book.shelf.put(HX, "Hola, {{1}}, buen día {{2}}.")
        assert await code(bench, **values) == expected
        if expected is None:
            assert bench.carrier.messages[-1].body == "Hola, Alma, buen día hoy."

    run(work)


def test_an_unknown_content_and_one_that_sms_cannot_show_are_refused() -> None:
    async def work(bench: Bench) -> None:
        assert await code(bench) == 21655
        bench.carrier.book.shelf.put(HX, quick("Sí"))
        assert (await bench.create(Body="", ContentSid=HX)).json()["code"] == 63006
        bench.carrier.book.shelf.put(HX, {**quick("Sí"), TEXT: {"body": "1 Sí"}})
        assert (await bench.create(Body="", ContentSid=HX)).json()["body"] == "1 Sí"

    run(work)


@pytest.mark.parametrize(
    ("types", "status", "expected"),
    [
        (picker("a", "b", "c", "d"), "unsubmitted", 63016),
        (quick("Sí"), "unsubmitted", 63016),
        (quick("Sí"), "pending", 63016),
        (quick("Sí"), "approved", None),
        (quick("a", "b", "c", "d"), "approved", None),
    ],
)
def test_outside_the_window_only_what_is_approved_goes_through(
    types: dict[str, Any], status: str, expected: int | None
) -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.book.last_heard.clear()
        bench.carrier.book.shelf.put(HX, types, status=status)
        assert await code(bench) is None
        await bench.carrier.settle()
        assert bench.carrier.messages[-1].error_code == expected

    run(work)


def test_a_press_comes_back_as_twilio_posts_it() -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.book.shelf.put(HX, quick("Sí", "No"))
        await code(bench)
        await bench.carrier.press(PHONE, "No")
        bench.carrier.book.shelf.put(HX, picker("a", "b", "c", "d"))
        await code(bench)
        await bench.carrier.press(PHONE, "c")
        swept = await bench.carrier.press(PHONE, "c", bare=True, deliver=False)
        button, chosen = [form for url, form in bench.posted if url.endswith("/inbound")]
        assert (button["Body"], button["ButtonPayload"], button["ButtonText"]) == ("No", "id-1", "No")
        assert (chosen["Body"], chosen["ListId"], chosen["ListTitle"]) == ("c", "id-2", "c")
        assert button["OriginalRepliedMessageSid"] == bench.carrier.sent_to(PHONE)[0].sid
        assert button["From"] == "whatsapp:+5215555550101"
        assert "ListId" not in swept.form

    run(work)


GOOD: dict[str, Any] = {
    "friendly_name": "x",
    "language": "es",
    "variables": {"1": "a"},
    "types": {TEXT: {"body": "Hola, {{1}}."}},
}


@pytest.mark.parametrize(
    "change",
    [
        {"body": "x"},
        {"language": "Spanish"},
        {"friendly_name": None},
        {"types": {}},
        {"types": {"twilio/carousel": {}}},
        {"variables": {}},
        {"variables": {"2": "a"}, "types": {TEXT: {"body": "Hola, {{2}}."}}},
        {"types": {TEXT: {"body": ""}}},
        {"variables": {}, "types": quick(*"abcdefghijk")},
        {"variables": {}, "types": quick("x" * 21)},
        {"variables": {}, "types": {LIST: {"body": "x", "button": "Ver", "items": [{"item": "a", "id": "b"}]}}},
        {"variables": {}, "types": {LIST: {**picker("a")[LIST], "button": "x" * 21}}},
    ],
)
def test_a_content_against_the_rules_is_not_made(change: dict[str, Any]) -> None:
    async def work(bench: Bench) -> None:
        answer = await bench.api.post("/v1/Content", json={**GOOD, **change}, auth=AUTH)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)
        assert bench.carrier.book.shelf.contents == {}

    run(work)


def test_a_content_is_made_submitted_and_fetched() -> None:
    async def work(bench: Bench) -> None:
        made = (await bench.api.post("/v1/Content", json=GOOD, auth=AUTH)).json()
        url = f"/v1/Content/{made['sid']}"
        assert (await bench.api.get(url)).json() == made
        assert (await bench.api.get(f"{url}/ApprovalRequests")).json()["whatsapp"]["status"] == "unsubmitted"
        wrong = await bench.api.post(
            f"{url}/ApprovalRequests/whatsapp", json={"name": "Con Espacios", "category": "UTILITY"}
        )
        assert wrong.status_code == 400
        await bench.api.post(f"{url}/ApprovalRequests/whatsapp", json={"name": "x", "category": "UTILITY"})
        assert (await bench.api.get(f"{url}/ApprovalRequests")).json()["whatsapp"]["status"] == "received"
        assert (await bench.api.get("/v1/Content/HX1")).status_code == 404
        assert (await bench.api.get(url, auth=("x", "y"))).status_code == 401
        at_twilio = bench.carrier.book.shelf.contents[made["sid"]]
        assert isinstance(at_twilio, Content)
        assert not at_twilio.approved

    run(work)

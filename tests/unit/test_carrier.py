"""The fake carrier itself: it must refuse what Twilio refuses and do what it is told to do, or the tests on it prove little."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.carrier import Account, Carrier
from tests.carrier.rules import check, check_list

ACCOUNT = Account(webhook="https://trato.example/twilio/inbound", fallback="https://trato.example/twilio/fallback")
PHONE = "+525555550101"
SMS = {"To": PHONE, "From": ACCOUNT.sms, "Body": "Hola", "StatusCallback": "https://trato.example/twilio/status?m=1"}
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Messages"
OPENING = "HX" + "0" * 32
START = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


class Bench:
    """A carrier with a clock that is moved by hand, and what it posted to us. `answers` are our answers, in order."""

    def __init__(self) -> None:
        self.at = START
        self.posted: list[tuple[str, dict[str, str]]] = []
        self.answers: list[int] = []
        ours = httpx.AsyncClient(transport=httpx.MockTransport(self._hear))
        self.carrier = Carrier(ACCOUNT, client=ours, clock=lambda: self.at, seed=7)
        self.api = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.carrier),
            base_url="https://api.example",
            auth=(ACCOUNT.api_key, ACCOUNT.api_secret),
        )

    def _hear(self, request: httpx.Request) -> httpx.Response:
        self.posted.append((str(request.url), dict(parse_qsl(request.content.decode(), keep_blank_values=True))))
        answer = self.answers.pop(0) if self.answers else 204
        if answer == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(answer)

    async def create(self, **changes: str) -> httpx.Response:
        return await self.api.post(f"{MESSAGES}.json", data={**SMS, **changes})

    def told(self) -> list[str]:
        return [form["MessageStatus"] for _, form in self.posted if "MessageStatus" in form]


def run(work: Callable[[Bench], Awaitable[None]]) -> None:
    asyncio.run(_run(work))


async def _run(work: Callable[[Bench], Awaitable[None]]) -> None:
    bench = Bench()
    await work(bench)
    await bench.carrier.settle()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Boddy": "x"}, 20001),
        ({"To": "5555550101"}, 21211),
        ({"To": None}, 21604),
        ({"From": None}, 21603),
        ({"Body": None}, 21602),
        ({"Body": " "}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": f"whatsapp:{ACCOUNT.whatsapp}"}, 21910),
        ({"StatusCallback": "https://my_host.example/x"}, 21609),
        ({"StatusCallback": "trato.example"}, 21609),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ContentSid": "HX1"}, 21655),
        ({"ContentVariables": '{"1": "x"}'}, 21654),
        ({"ContentSid": "HX" + "0" * 32, "ContentVariables": '["x"]'}, 21656),
        ({"ContentSid": "HX" + "0" * 32, "ContentVariables": '{"1": 1}'}, 21656),
        ({"SmartEncoded": "yes"}, 20001),
        ({"MediaUrl": "ftp://x.example/a"}, 21620),
    ],
)
def test_a_request_against_the_rules_is_refused(changes: dict[str, str | None], code: int) -> None:
    form = {name: value for name, value in {**SMS, **changes}.items() if value is not None}
    refusal = check(list(form.items()))
    assert refusal is not None
    assert (refusal.status, refusal.code) == (400, code)


def test_requests_within_the_rules_pass() -> None:
    content = {"ContentSid": "HX" + "0" * 32, "ContentVariables": '{"1": "Alma"}', "Body": ""}
    assert check(list(SMS.items())) is None
    assert check(list({**SMS, **content, "ValidityPeriod": "36000"}.items())) is None
    assert check([*SMS.items(), ("MediaUrl", "https://a.example/1"), ("MediaUrl", "https://a.example/2")]) is None
    assert check([*SMS.items(), ("Body", "again")]) is not None
    assert check_list([("DateSent>", "2026-03-02"), ("PageSize", "1000")]) is None
    assert check_list([("DateSent>", "2026-03-02T10:00:00Z")]) is not None
    assert check_list([("PageSize", "1001")]) is not None


def test_strangers_and_other_accounts_are_refused() -> None:
    async def work(bench: Bench) -> None:
        wrong = await bench.api.post(f"{MESSAGES}.json", data=SMS, auth=(ACCOUNT.sid, "guess"))
        assert (wrong.status_code, wrong.json()["code"]) == (401, 20003)
        other = await bench.api.get(f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json")
        assert (other.status_code, other.json()["code"]) == (404, 20404)
        assert (await bench.create(From="+525555550002")).json()["code"] == 21606
        assert bench.carrier.messages == []

    run(work)


def test_a_message_goes_through_its_statuses_with_signed_callbacks() -> None:
    async def work(bench: Bench) -> None:
        answer = await bench.create()
        assert answer.status_code == 201
        assert answer.json()["status"] == "queued"
        await bench.carrier.settle()
        assert bench.told() == ["queued", "sent", "delivered"]
        assert (await bench.api.get(answer.json()["uri"])).json()["status"] == "delivered"

    run(work)


def test_whatsapp_outside_the_window_fails_unless_it_is_a_template() -> None:
    async def work(bench: Bench) -> None:
        to, sender = f"whatsapp:{PHONE}", f"whatsapp:{ACCOUNT.whatsapp}"
        await bench.create(To=to, From=sender)
        bench.carrier.book.shelf.put(OPENING, "Buen día.")
        await bench.create(To=to, From=sender, Body="", ContentSid=OPENING)
        await bench.carrier.inject("whatsapp:+5215555550101", "hola", deliver=False)
        bench.at += timedelta(hours=23, minutes=59)
        await bench.create(To=to, From=sender)
        bench.at += timedelta(minutes=1)
        await bench.create(To=to, From=sender)
        await bench.carrier.settle()
        outcomes = [(one.status, one.error_code) for one in bench.carrier.sent_to(PHONE)]
        assert outcomes == [("failed", 63016), ("delivered", None), ("delivered", None), ("failed", 63016)]

    run(work)


def test_who_has_sent_stop_gets_no_sms_until_start() -> None:
    async def work(bench: Bench) -> None:
        stop = await bench.carrier.inject(PHONE, "stop")
        assert stop.form["OptOutType"] == "STOP"
        assert (await bench.create()).json()["code"] == 21610
        await bench.carrier.inject(PHONE, "START")
        assert (await bench.create()).status_code == 201

    run(work)


@pytest.mark.parametrize(
    ("fault", "created", "status"),
    [("error_before", 0, 503), ("too_many", 0, 429), ("error_after", 1, 500), ("garbled", 1, 201)],
)
def test_faults_with_an_answer(fault: str, created: int, status: int) -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.faults.next = [fault]
        assert (await bench.create()).status_code == status
        assert len(bench.carrier.messages) == created
        assert (await bench.create()).status_code == 201

    run(work)


@pytest.mark.parametrize(("fault", "created"), [("drop_before", 0), ("drop_after", 1), ("hang", 1)])
def test_faults_without_an_answer(fault: str, created: int) -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.faults.hang_seconds = 0
        bench.carrier.faults.next = [fault]
        with pytest.raises(httpx.RemoteProtocolError):
            await bench.create()
        assert len(bench.carrier.messages) == created

    run(work)


def test_fates_of_numbers_and_of_callbacks() -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.faults.change(
            {"failed": {PHONE: 30003}, "refused": {"+525555550102": 21614}, "callbacks_twice": 1.0}
        )
        assert (await bench.create(To="+525555550102")).json()["code"] == 21614
        await bench.create()
        await bench.carrier.settle()
        assert bench.told() == ["queued", "queued", "sent", "sent", "undelivered", "undelivered"]
        assert bench.posted[-1][1]["ErrorCode"] == "30003"
        bench.carrier.faults.change({"callbacks_lost": 1.0})
        bench.posted.clear()
        await bench.create()
        await bench.carrier.settle()
        assert bench.posted == []

    run(work)


def test_shuffled_callbacks_are_the_same_ones_in_another_order() -> None:
    async def work(bench: Bench) -> None:
        bench.carrier.faults.callbacks_shuffled = 1.0
        for _ in range(6):
            await bench.create()
        await bench.carrier.settle()
        tellings = {tuple(message.told) for message in bench.carrier.messages}
        assert all(sorted(told) == ["delivered", "queued", "sent"] for told in tellings)
        assert len(tellings) > 1

    run(work)


def test_a_webhook_is_tried_once_more_only_if_nobody_was_there_and_then_goes_to_the_fallback() -> None:
    async def work(bench: Bench) -> None:
        bench.answers = [500, 200]
        first = await bench.carrier.inject(PHONE, "uno")
        assert first.webhook_answers == [500, 200]
        assert [url.rpartition("/")[2] for url, _ in bench.posted] == ["inbound", "fallback"]
        assert bench.posted[1][1]["ErrorCode"] == "11200"
        bench.answers = [0, 200]
        second = await bench.carrier.inject(PHONE, "dos")
        assert second.webhook_answers == [0, 200]
        assert [url.rpartition("/")[2] for url, _ in bench.posted[2:]] == ["inbound", "inbound"]

    run(work)


def test_the_same_seed_draws_the_same_chances() -> None:
    async def fates(bench: Bench) -> list[int]:
        bench.carrier.faults.change({"error_after": 0.3, "too_many": 0.3})
        return [(await bench.create()).status_code for _ in range(30)]

    async def work(bench: Bench) -> None:
        first = await fates(bench)
        bench.carrier.reset()
        assert await fates(bench) == first
        assert set(first) == {201, 429, 500}

    run(work)


def test_the_control_interface_does_the_same_over_http() -> None:
    async def work(bench: Bench) -> None:
        said = {"from": f"whatsapp:{PHONE}", "body": "Sí", "extra": {"ButtonPayload": "p", "ButtonText": "Sí"}}
        injected = await bench.api.post("/control/inbound", json=said)
        assert injected.json()["webhook_answers"] == [204]
        assert bench.posted[0][1]["ButtonPayload"] == "p"
        assert (await bench.api.put("/control/faults", json={"next": ["too_many"]})).json()["next"] == ["too_many"]
        assert (await bench.create()).status_code == 429
        assert (await bench.create(Boddy="x")).status_code == 400
        await bench.create()
        await bench.api.post("/control/settle")
        seen = (await bench.api.get("/control/messages")).json()
        assert [one["status"] for one in seen["messages"]] == ["received", "delivered"]
        assert [code for code, _ in seen["refused"]] == [20001]
        assert (await bench.api.post("/control/reset")).status_code == 204
        assert (await bench.api.get("/control/messages")).json() == {"messages": [], "refused": [], "pending": 0}

    run(work)


def test_media_can_be_listed_and_fetched() -> None:
    async def work(bench: Bench) -> None:
        message = await bench.carrier.inject(PHONE, "", media=["image/gif"])
        assert message.form["NumMedia"] == "1"
        listed = (await bench.api.get(f"{MESSAGES}/{message.sid}/Media.json")).json()["media_list"]
        sent_on = await bench.api.get(listed[0]["uri"].removesuffix(".json"))
        assert sent_on.status_code == 307
        store = sent_on.headers["location"]
        assert (await bench.api.get(store)).status_code == 400, "credentials are given to nobody else"
        bench.carrier.book.refused.clear()
        bench.api.auth = None
        fetched = await bench.api.get(store)
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/gif")

    run(work)

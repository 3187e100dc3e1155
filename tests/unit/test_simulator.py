"""The simulated carrier: it does what a carrier does, and each fault what it says."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.channels import simulator
from app.channels.base import Accepted, Ambiguous, Channel, Forged, Inbound, Outgoing, Rejected, Status
from app.channels.causes import Cause
from app.channels.simulator import Simulator

PHONE = "+525555550101"
NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
MESSAGE = Outgoing("u1", "whatsapp", PHONE, "Hola\n1 Sí", buttons=(("t1:1:a:si", "Sí"),))


class Desk:
    """The messages that reach us."""

    def __init__(self, **faults: Any) -> None:
        self.heard: list[Inbound] = []
        self.told: list[tuple[str, int | None]] = []
        self.simulator = Simulator(lambda: NOW)
        self.simulator.set_faults(**faults)
        self.simulator.connect(self._hear, self._tell)

    async def _hear(self, message: Inbound) -> None:
        self.heard.append(message)

    async def _tell(self, status: Status) -> None:
        assert status.uid == "u1"
        self.told.append((status.status, status.error_code))


def run(work: Callable[[Desk], Awaitable[None]], **faults: Any) -> None:
    async def whole() -> None:
        desk = Desk(**faults)
        await work(desk)
        await desk.simulator.aclose()

    asyncio.run(whole())


async def listed(simulator: Simulator, since: datetime) -> list[Inbound]:
    return [
        message
        async for stretch in simulator.list_inbound(since, NOW + timedelta(minutes=1))
        for message in stretch.messages
    ]


def test_it_is_a_channel() -> None:
    channel: Channel = Simulator(lambda: NOW)
    assert channel.name == "simulator"


@pytest.mark.parametrize(
    ("faults", "channel", "statuses"),
    [
        ({}, "whatsapp", [("sent", None), ("delivered", None), ("read", None)]),
        ({}, "sms", [("sent", None), ("delivered", None)]),
        ({"reordered": True}, "sms", [("delivered", None), ("sent", None)]),
        ({"duplicated": True}, "sms", [("sent", None)] * 2 + [("delivered", None)] * 2),
        ({"fail_with": 30003}, "sms", [("sent", None), ("undelivered", 30003)]),
        ({"delay": 0.01}, "sms", [("sent", None), ("delivered", None)]),
    ],
)
def test_a_message_reaches_its_phone_and_its_statuses_reach_us(
    faults: dict[str, Any], channel: str, statuses: list[tuple[str, int | None]]
) -> None:
    async def work(desk: Desk) -> None:
        result = await desk.simulator.send(
            Outgoing("u1", channel, f"whatsapp:{PHONE}", "Hola", buttons=MESSAGE.buttons)
        )
        assert isinstance(result, Accepted)
        assert desk.told == []
        await desk.simulator.settle()
        assert desk.told == statuses
        notes = desk.simulator.phone(PHONE).notes
        if "fail_with" in faults:
            assert notes == []
        else:
            assert [(note.text, note.mine, note.status, note.buttons) for note in notes] == [
                (
                    "Hola",
                    False,
                    max(statuses, key=lambda told: ["sent", "delivered", "read"].index(told[0]))[0],
                    MESSAGE.buttons,
                )
            ]

    run(work, **faults)


@pytest.mark.parametrize(
    ("faults", "expected", "arrived"),
    [
        ({"outage": True}, Rejected(Cause.carrier_unreachable), 0),
        ({"refuse_with": 63016}, Rejected(Cause.outside_window, 63016), 0),
        ({"lost_answers": True}, Ambiguous("lost"), 1),
    ],
)
def test_faults_of_sending(faults: dict[str, Any], expected: object, arrived: int) -> None:
    async def work(desk: Desk) -> None:
        assert await desk.simulator.send(MESSAGE) == expected
        assert len(desk.simulator.phone(PHONE).notes) == arrived
        assert len(await desk.simulator.find_sent(MESSAGE, NOW)) == arrived

    run(work, **faults)


@pytest.mark.parametrize(
    ("faults", "copies"), [({}, 1), ({"duplicated": True}, 2), ({"outage": True}, 0), ({"delay": 0.01}, 1)]
)
def test_what_is_typed_arrives_and_the_sweep_finds_it_in_any_case(faults: dict[str, Any], copies: int) -> None:
    async def work(desk: Desk) -> None:
        typed = await desk.simulator.type(
            PHONE, "Sí", button="t1:1:a:si", quoted="SM1", media=(("https://x.example/a", "image/jpeg"),)
        )
        assert desk.heard == [typed] * copies
        assert (typed.button, typed.quoted_sid, typed.sid[:2]) == ("t1:1:a:si", "SM1", "SM")
        (swept,) = await listed(desk.simulator, NOW)
        assert swept == await desk.simulator.complete(swept)
        assert (swept.sid, swept.body, swept.button, swept.sent_at, swept.media) == (
            typed.sid,
            "Sí",
            None,
            NOW,
            typed.media,
        )
        assert await listed(desk.simulator, NOW + timedelta(seconds=1)) == []

    run(work, **faults)


def test_in_disorder_a_message_is_overtaken_by_the_next_and_a_last_one_comes_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(simulator, "OVERTAKEN_SECONDS", 0.01)

    async def work(desk: Desk) -> None:
        for text in ("uno", "dos", "tres"):
            await desk.simulator.type(PHONE, text)
        assert [message.body for message in desk.heard] == ["dos", "uno"]
        await desk.simulator.settle()
        assert [message.body for message in desk.heard] == ["dos", "uno", "tres"]

    run(work, reordered=True)


def test_what_is_typed_in_an_outage_waits_for_the_sweep() -> None:
    async def work(desk: Desk) -> None:
        await desk.simulator.type(PHONE, "hola")
        (note,) = desk.simulator.phone(PHONE).notes
        assert note.status == "waiting"
        assert [one async for one in desk.simulator.list_inbound(NOW, NOW + timedelta(minutes=1))]
        assert note.status == ""

    run(work, outage=True)


@pytest.mark.parametrize(
    ("faults", "channel", "lost", "there"),
    [
        ({"refuse_with": 63016}, "whatsapp", (63016, "failed"), 0),
        ({"refuse_with": 63016}, "sms", None, 1),
        ({"refuse_with": 21610}, "sms", (21610, "failed"), 0),
        ({"fail_with": 30003}, "sms", (30003, "undelivered"), 0),
        ({"fail_with": 63032}, "sms", None, 1),
    ],
)
def test_what_never_reached_a_phone_is_shown_apart_until_it_does(
    faults: dict[str, Any], channel: str, lost: tuple[int, str] | None, there: int
) -> None:
    async def work(desk: Desk) -> None:
        message = Outgoing("u1", channel, PHONE, "Hola")
        for _ in range(2):
            await desk.simulator.send(message)
        await desk.simulator.settle()
        phone = desk.simulator.phone(PHONE)
        assert [(note.code, note.status) for note in phone.lost.values()] == ([lost] if lost else [])
        assert len(phone.notes) == 2 * there
        desk.simulator.set_faults(refuse_with=None, fail_with=None)
        await desk.simulator.send(message)
        assert phone.lost == {}

    run(work, **faults)


def test_a_location_and_a_template_are_told_apart_from_a_text() -> None:
    async def work(desk: Desk) -> None:
        typed = await desk.simulator.type(PHONE, "", place=(19.4, -99.1), quoted="SM1")
        assert (typed.form["Latitude"], typed.form["Longitude"], typed.body) == ("19.4", "-99.1", "")
        await desk.simulator.send(Outgoing("u1", "whatsapp", PHONE, "Hola", content_sid="apertura"))
        assert [(note.quoted, note.content) for note in desk.simulator.phone(PHONE).notes] == [
            ("SM1", None),
            (None, "apertura"),
        ]

    run(work)


def test_a_phone_shows_every_change() -> None:
    async def work(desk: Desk) -> None:
        seen: list[str] = []
        desk.simulator.on_note = lambda phone, note: seen.append(f"{phone.number[-3:]} {note.text}")
        await desk.simulator.type(PHONE, "Hola")
        before = desk.simulator.phone(PHONE).version
        await desk.simulator.send(MESSAGE)
        await desk.simulator.settle()
        assert seen == ["101 Hola", "101 Hola\n1 Sí"]
        assert desk.simulator.phone(PHONE).version == before + 4

    run(work)


def test_nothing_is_taken_from_webhooks() -> None:
    channel = Simulator(lambda: NOW)
    for refuse in (
        lambda: channel.verify("/twilio/inbound", b"", {}),
        lambda: channel.parse_inbound({}),
        lambda: channel.parse_status({}, None),
    ):
        with pytest.raises(Forged):
            refuse()


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(TypeError):
        Simulator(lambda: NOW).set_faults(fire=True)

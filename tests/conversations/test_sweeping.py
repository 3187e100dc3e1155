"""The sweep, against the fake carrier: what no webhook brought is found, once, in its order, and before anybody is reminded or
given up. On both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from app import main
from app.channels.base import Inbound
from app.channels.twilio import channel as twilio
from app.channels.twilio.channel import TwilioChannel
from app.conversations import sweeping
from app.conversations.inbound import receiver
from app.conversations.intake import Intake
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.conversations.sweeping import EVERY, GRACE, Sweeper
from app.errors import ExternalError
from app.scheduler.ticker import Ticker
from app.sending.worker import SendWorker
from app.settings import Settings
from app.store import alerts, dead_letters, leases, sweeps
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.ledger import Kind, Ledger
from app.store.tables import DeadLetter, InboundMessage, Media, OutboundMessage, Response, Session, StateValue
from app.store.vault import Vault
from app.web.webhooks import Webhooks
from tests.carrier import Account, Carrier
from tests.conftest import StillClock
from tests.together import together
from tests.world import arrive, enrol, officer, published, sealed, stored

PUBLIC = "https://trato.example"
ACCOUNT = Account(webhook=f"{PUBLIC}/twilio/inbound", sms="+525555550000", whatsapp="+525555559999")
ALMA, BRUNO = "+525555550101", "+525555550102"
MINUTE = timedelta(minutes=1)


def channel(client: httpx.AsyncClient) -> TwilioChannel:
    return TwilioChannel(
        ACCOUNT.sid,
        (ACCOUNT.auth_token,),
        public_url=PUBLIC,
        from_sms=ACCOUNT.sms,
        from_whatsapp=ACCOUNT.whatsapp,
        api_url="https://api.example",
        client=client,
    )


def kinds(library: Library) -> dict[str, Kind]:
    return {"inbound": Kind(receiver(library), lambda arrival: dict(arrival.message.form))}


class Place:
    """An installation, its carrier, and what is at hand of them in a test."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock) -> None:
        self.database, self.vault, self.clock = database, vault, clock
        with database.transaction() as tx:
            self.library: Library = published(tx, clock())
            self.alma = enrol(tx, vault, clock(), ALMA)
            self.bruno = enrol(tx, vault, clock(), BRUNO, name="Bruno")

    async def open(self) -> None:
        self.ledger = Ledger(self.database, self.vault, self.clock, kinds(self.library))
        self.carrier = Carrier(ACCOUNT, clock=self.clock, seed=3)
        self.channel = channel(httpx.AsyncClient(transport=httpx.ASGITransport(self.carrier)))
        self.intake = Intake(self.channel, self.ledger, self.vault)
        self.carrier.caller.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Webhooks(FastAPI(openapi_url=None), self.intake))
        )
        self.sweeper = Sweeper(self.intake, "one")

    def begin(self, contact: int, flow: str = "reporte") -> int:
        with self.database.transaction() as tx:
            changes = Changes()
            session = begin(Turn(tx, self.library, changes, self.clock()), officer(tx, contact), flow)
            write(tx, changes)
            arrive(tx)
            return session

    async def lost(self, number: str, body: str, ago: timedelta = 5 * MINUTE, **more: Any) -> str:
        """A message whose webhook was lost. Gives its SID."""
        sender = number if more.pop("sms", False) else f"whatsapp:{number.replace('+52', '+521')}"
        return (await self.carrier.inject(sender, body, deliver=False, ago=ago, **more)).sid

    def rows(self, table: Any, *columns: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as tx:
            return stored(tx, table, *columns)

    def cursor(self) -> Any:
        with self.database.reading() as tx:
            return sweeps.cursor(tx)

    def alerts(self) -> list[str]:
        with self.database.reading() as tx:
            return [one.kind for one in alerts.open_alerts(tx)]

    def ticker(self) -> Ticker:
        """The clock with the jobs that the service has, and the sweep."""
        settings = Settings.load(database_url="sqlite:///unused.db")
        return Ticker(self.ledger, self.clock, "one", main._jobs(settings, self.library), tasks=(self.sweeper,))


Work = Callable[[Place], Awaitable[None]]
Run = Callable[[Work], None]


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Run:
    async def whole(work: Work) -> None:
        place = Place(database, vault, clock)
        await place.open()
        await work(place)
        assert place.carrier.book.refused == []
        await place.ledger.close()

    return lambda work: asyncio.run(whole(work))


def counts(swept: sweeping.SweepReport) -> tuple[int, int, int, int]:
    return swept.found, swept.new, swept.duplicate, swept.set_aside


# -- what is found ------------------------------------------------------------------------------------------------------


def test_what_was_lost_in_an_outage_is_found_once_and_in_its_order(run: Run) -> None:
    async def work(place: Place) -> None:
        place.begin(place.alma)
        await place.sweeper.once()
        await place.carrier.inject(f"whatsapp:{BRUNO}", "hola")
        at = place.clock.advance(hours=50)
        for minutes, body in ((1500, "Sí"), (1499, "Le expliqué el motivo"), (1400, "ni idea de eso")):
            await place.lost(ALMA, body, minutes * MINUTE)
        sid = await place.lost(BRUNO, "hola", 20 * MINUTE, sms=True)
        swept = await place.sweeper.sweep()
        assert counts(swept) == (5, 4, 1, 0)
        assert [row[0] for row in place.rows(InboundMessage, "sid")][-1] == sid
        assert place.rows(Response, "step", "raw", "status", "late", "answered_at") == [
            ("contacto", "Sí", "ok", False, at - 1500 * MINUTE),
            ("contacto", "Le expliqué el motivo", "extra", True, at - 1499 * MINUTE),
            ("contacto", "ni idea de eso", "extra", True, at - 1400 * MINUTE),
        ]
        before = place.rows(InboundMessage, "id"), place.rows(OutboundMessage, "id"), place.rows(Response, "id")
        assert counts(await place.sweeper.sweep(at - timedelta(days=3))) == (5, 0, 5, 0)
        assert (
            place.rows(InboundMessage, "id"),
            place.rows(OutboundMessage, "id"),
            place.rows(Response, "id"),
        ) == before

    run(work)


def test_a_webhook_that_comes_after_the_sweep_changes_nothing(run: Run) -> None:
    async def work(place: Place) -> None:
        place.begin(place.alma)
        place.clock.advance(minutes=10)
        await place.lost(ALMA, "Sí")
        await place.sweeper.sweep()
        (message,) = place.carrier.messages
        await place.carrier.deliver(message)
        assert message.webhook_answers == [200]
        assert len(place.rows(InboundMessage, "id")) == len(place.rows(Response, "id")) == 1

    run(work)


def test_a_pressed_button_comes_with_its_title_alone(run: Run) -> None:
    async def work(place: Place) -> None:
        session = place.begin(place.alma)
        place.clock.advance(minutes=10)
        await place.lost(ALMA, "Sí", ButtonText="Sí", ButtonPayload=f"t1:{session}:contacto:si")
        await place.sweeper.sweep()
        assert place.rows(Response, "key", "rule")[0][0] == "si"
        assert place.rows(InboundMessage, "button", "outcome") == [(None, "answer")]

    run(work)


def test_files_are_asked_for_only_of_what_is_new(run: Run) -> None:
    async def work(place: Place) -> None:
        await place.lost(ALMA, "", media=["image/jpeg", "audio/ogg"])
        await place.sweeper.sweep()
        assert [row[0] for row in place.rows(Media, "content_type")] == ["image/jpeg", "audio/ogg"]
        assert place.rows(InboundMessage, "kind") == [("image",)]
        asked: list[Inbound] = []

        async def complete(message: Inbound) -> Inbound:
            asked.append(message)
            return message

        place.channel.complete = complete  # type: ignore[method-assign]
        await place.sweeper.sweep()
        assert asked == []

    run(work)


def test_a_message_that_cannot_be_completed_becomes_a_dead_letter_and_the_others_arrive(run: Run) -> None:
    async def work(place: Place) -> None:
        broken = await place.lost(ALMA, "uno", ago=9 * MINUTE)
        await place.lost(BRUNO, "dos")
        complete = place.channel.complete

        async def fragile(message: Inbound) -> Inbound:
            if message.sid == broken:
                raise KeyError(broken)
            return await complete(message)

        place.channel.complete = fragile  # type: ignore[method-assign]
        assert counts(await place.sweeper.sweep()) == (2, 2, 0, 1)
        assert place.rows(DeadLetter, "sid") == [(broken,)]
        assert place.rows(InboundMessage, "body") == [("dos",)]
        assert counts(await place.sweeper.sweep()) == (2, 0, 2, 0)

    run(work)


def test_the_youngest_are_left_to_their_webhooks(run: Run) -> None:
    async def work(place: Place) -> None:
        await place.lost(ALMA, "hola", timedelta(seconds=90))
        assert counts(await place.sweeper.sweep()) == (0, 0, 0, 0)
        place.clock.advance(minutes=1)
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)

    run(work)


def test_the_first_time_it_looks_back_some_days_and_then_from_where_it_came_to(run: Run) -> None:
    async def work(place: Place) -> None:
        start = place.clock()
        await place.lost(ALMA, "hace mucho", timedelta(days=4))
        await place.lost(ALMA, "hace poco", timedelta(days=2))
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)
        assert place.cursor() == start - GRACE
        place.clock.advance(days=40)
        await place.lost(BRUNO, "hace mucho", timedelta(days=39))
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)
        assert place.cursor() == place.clock() - GRACE
        assert counts(await place.sweeper.sweep()) == (0, 0, 0, 0)
        await place.lost(BRUNO, "entró tarde en la lista", timedelta(minutes=50))
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)

    run(work)


@pytest.mark.parametrize(("since", "moved"), [(timedelta(days=5), True), (timedelta(minutes=30), False)])
def test_a_later_start_leaves_no_gap_behind_the_cursor(run: Run, since: timedelta, moved: bool) -> None:
    async def work(place: Place) -> None:
        await place.sweeper.sweep()
        before = place.cursor()
        place.clock.advance(hours=3)
        await place.sweeper.sweep(place.clock() - since)
        assert (place.cursor() > before) is moved

    run(work)


def test_a_clock_that_was_ahead_hides_nothing(run: Run) -> None:
    async def work(place: Place) -> None:
        with place.database.transaction() as tx:
            sweeps.advance(tx, place.clock() + timedelta(days=3), place.clock())
        await place.lost(ALMA, "hola")
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)

    run(work)


@pytest.mark.parametrize("step", [{"hours": -2}, {"days": -2}, {"days": -31}, {"hours": 2}, {"days": 2}, {"days": 31}])
def test_a_lost_message_is_swept_within_minutes_after_a_step(run: Run, step: dict[str, float]) -> None:
    """The clock was wrong for a while, then it is put right."""

    async def work(place: Place) -> None:
        right = place.clock()
        place.clock.advance(**step)
        place.clock.at = right - (place.clock() - right)  # the wrong time, before
        ticker = place.ticker()
        for _ in range(3):
            await _ticked(place, ticker)
        place.clock.at = right
        await place.lost(ALMA, "hola", ago=-5 * MINUTE)
        for _ in range(3 * 13):
            place.clock.advance(seconds=20)
            await _ticked(place, ticker)
        assert place.rows(InboundMessage, "body") == [("hola",)]
        assert place.cursor() <= place.clock()
        assert place.alerts() == []
        with place.database.reading() as tx:
            assert sweeps.is_current(tx, place.clock())

    run(work)


async def _ticked(place: Place, ticker: Ticker) -> None:
    await ticker.tick()
    await asyncio.gather(*ticker._under_way.values())


def test_an_alert_from_the_future_holds_up_no_nudge(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        alerts.ring(tx, *sweeps.SWEEP_ALERT, clock() + timedelta(days=2))
        assert sweeps.is_current(tx, clock())


def test_a_lost_message_is_swept_though_another_process_is_minutes_ahead(run: Run) -> None:
    async def work(place: Place) -> None:
        with place.database.transaction() as tx:
            sweeps.advance(tx, place.clock() + timedelta(minutes=5), place.clock() + timedelta(minutes=7))
        await place.lost(ALMA, "hola")
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)
        place.clock.advance(minutes=12)
        await place.lost(ALMA, "otra vez")
        assert await place.sweeper.once() == timedelta(minutes=5)
        assert place.rows(InboundMessage, "body") == [("hola",), ("otra vez",)]

    run(work)


def test_thousands_over_days_go_through_page_by_page(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "LARGEST_PAGE", 50)

    async def work(place: Place) -> None:
        await place.sweeper.sweep()
        place.clock.advance(days=3)
        for number in range(900):
            await place.lost(f"+5255555{number % 40:05}", f"mensaje {number}", timedelta(minutes=4300 - 4 * number))
        pages: list[int] = []
        listed = place.channel.list_inbound

        async def stretches(*period: Any) -> Any:
            async for stretch in listed(*period):
                pages.append(len(stretch.messages))
                yield stretch

        place.channel.list_inbound = stretches  # type: ignore[method-assign]
        assert counts(await place.sweeper.sweep()) == (900, 900, 0, 0)
        assert max(pages) < 400, "no more than a day at a time"
        bodies = [row[0] for row in place.rows(InboundMessage, "body")]
        assert bodies == [f"mensaje {number}" for number in range(900)]

    run(work)


# -- what goes wrong ----------------------------------------------------------------------------------------------------


def test_a_list_that_fails_half_way_goes_on_from_there(run: Run) -> None:
    async def work(place: Place) -> None:
        await place.sweeper.sweep()
        start = place.cursor()
        place.clock.advance(days=3)
        await place.lost(ALMA, "primer día", timedelta(days=2, hours=20))
        await place.lost(ALMA, "tercer día", timedelta(hours=20))
        listed = place.channel.list_inbound
        days = [0]

        async def stretches(*period: Any) -> Any:
            async for stretch in listed(*period):
                days[0] += 1
                if days[0] == 3:
                    raise ExternalError("Twilio does not answer")
                yield stretch

        place.channel.list_inbound = stretches  # type: ignore[method-assign]
        with pytest.raises(ExternalError):
            await place.sweeper.sweep()
        assert [row[0] for row in place.rows(InboundMessage, "body")] == ["primer día"]
        assert start < place.cursor() < place.clock() - timedelta(hours=20)
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 0)

    run(work)


def test_failures_are_tried_again_later_and_later_and_a_person_is_called(run: Run) -> None:
    async def work(place: Place) -> None:
        await place.lost(ALMA, "hola")
        place.carrier.faults.list_errors = 1.0
        with capture_logs() as logs:
            waits = [await place.sweeper.once() for _ in range(8)]
        assert [wait.total_seconds() for wait in waits] == [30, 60, 120, 240, 480, 600, 600, 600]
        assert place.alerts() == ["sweep"]
        assert [log["log_level"] for log in logs].count("error") == 1
        assert ALMA[3:] not in str(logs)
        assert place.cursor() is None
        assert place.rows(InboundMessage, "id") == []
        place.carrier.faults.list_errors = 0.0
        assert await place.sweeper.once() == EVERY
        assert place.alerts() == []
        assert len(place.rows(InboundMessage, "id")) == 1
        place.clock.advance(minutes=5)
        place.carrier.faults.list_errors = 1.0
        assert await place.sweeper.once() == timedelta(seconds=30), "from the beginning"

    run(work)


def test_what_is_set_aside_is_not_brought_again_and_can_be_processed_later(run: Run) -> None:
    async def work(place: Place) -> None:
        place.begin(place.alma)
        place.clock.advance(minutes=10)
        at = place.clock() - 5 * MINUTE
        broken = [True]
        handle = place.ledger.kinds["inbound"].handle

        def fragile(*given: Any) -> Any:
            if broken[0]:
                raise LookupError
            return handle(*given)

        place.ledger.kinds = {"inbound": Kind(fragile, place.ledger.kinds["inbound"].raw)}
        await place.lost(ALMA, "Sí")
        assert counts(await place.sweeper.sweep()) == (1, 1, 0, 1)
        assert counts(await place.sweeper.sweep()) == (1, 0, 1, 0)
        await place.carrier.inject(f"whatsapp:{BRUNO}", "hola")
        place.clock.advance(minutes=10)
        assert counts(await place.sweeper.sweep()) == (2, 0, 2, 0), "nor what a webhook brought and was set aside"
        assert len(place.rows(DeadLetter, "id")) == 2
        broken[0] = False
        place.clock.advance(hours=3)
        with place.database.reading() as tx:
            letters = dead_letters.pending(tx, place.vault)
        for letter in letters:
            await place.intake.again(letter)
        assert place.rows(Response, "key", "late", "answered_at") == [("si", False, at)]
        received = place.rows(InboundMessage, "received_at", "caught_up_at")
        assert received == [(at, place.clock()), (letters[1].at, place.clock())]
        assert counts(await place.sweeper.sweep(place.clock() - timedelta(days=1))) == (2, 0, 2, 0)

    run(work)


# -- several at once ----------------------------------------------------------------------------------------------------


def test_one_process_sweeps_at_a_time_and_the_others_need_not(run: Run) -> None:
    async def work(place: Place) -> None:
        await place.lost(ALMA, "hola")
        await place.ledger.run(lambda tx: leases.acquire(tx, "sweep", "two", place.clock() + MINUTE, place.clock()))
        assert await place.sweeper.once() == timedelta(seconds=30)
        assert place.rows(InboundMessage, "id") == []
        place.clock.advance(minutes=1)
        assert await place.sweeper.once() == EVERY
        assert len(place.rows(InboundMessage, "id")) == 1
        other = Sweeper(place.intake, "two")
        await place.lost(ALMA, "¿hola?")
        place.clock.advance(minutes=1)
        assert await other.once() == EVERY, "at its start a process sweeps in any case"
        assert len(place.rows(InboundMessage, "id")) == 2
        place.clock.advance(minutes=4)
        assert await place.sweeper.once() == MINUTE, "somebody has done so four minutes ago"
        place.clock.advance(minutes=1)
        assert await place.sweeper.once() == EVERY

    run(work)


@pytest.mark.parametrize("minutes", [3, 10, 14, 20])
def test_a_clock_that_ran_ahead_holds_no_sweep_up(run: Run, minutes: int) -> None:
    async def work(place: Place) -> None:
        await place.sweeper.once()
        place.clock.advance(minutes=minutes)
        await Sweeper(place.intake, "two").once()
        place.clock.advance(minutes=-minutes)
        await place.lost(ALMA, "hola", MINUTE)
        for _ in range(8):
            place.clock.advance(minutes=1)
            await place.sweeper.once()
        assert len(place.rows(InboundMessage, "id")) == 1

    run(work)


def test_a_webhook_and_the_sweep_in_two_processes_bring_a_message_once(
    database_url: str, vault: Vault, clock: StillClock
) -> None:
    """Officers' messages are told apart by their rows' locks, and strangers' by the unique key. Neither becomes a dead letter."""
    with closing(Database(database_url)) as database:
        database.unlock(vault)
        place = Place(database, vault, clock)
        place.begin(place.alma)
        clock.advance(minutes=10)
        forms = [
            {
                "MessageSid": f"SM{number:032x}",
                "From": f"whatsapp:{sender}",
                "To": f"whatsapp:{ACCOUNT.whatsapp}",
                "Body": "1",
                "AccountSid": ACCOUNT.sid,
                "NumMedia": "0",
            }
            for number, sender in enumerate([ALMA, "+525555550177"] * 40)
        ]

        def bring(number: int) -> None:
            async def one_by_one() -> None:
                with closing(Database(database_url)) as own:
                    own.unlock(vault)
                    ledger = Ledger(own, vault, clock, kinds(place.library))
                    intake = Intake(channel(httpx.AsyncClient()), ledger, vault)
                    for form in forms:
                        message = intake.channel.parse_inbound(
                            form if number else {**form, "DateSent": "Mon, 02 Mar 2026 16:05:00 +0000"}
                        )
                        await intake.message(message)
                    await ledger.close()

            asyncio.run(one_by_one())

        together(2, bring)
        assert len(place.rows(InboundMessage, "sid")) == len(forms)
        assert place.rows(DeadLetter, "id", "error") == []
        assert len(place.rows(OutboundMessage, "id")) >= 4


# -- before anybody is reminded or given up -----------------------------------------------------------------------------


def test_after_an_outage_nobody_is_reminded_given_up_or_written_to_before_the_sweep(run: Run) -> None:
    async def work(place: Place) -> None:
        place.begin(place.alma)
        place.begin(place.bruno)
        await place.sweeper.once()
        place.clock.advance(hours=25)
        await place.lost(ALMA, "Sí", timedelta(hours=20))
        ticker = place.ticker()
        place.carrier.faults.list_errors = 1.0
        for _ in range(3):
            await ticker.tick()
            await asyncio.gather(*ticker._under_way.values())
            place.clock.advance(minutes=1)
        assert place.rows(OutboundMessage, "kind").count(("reminder",)) == 0
        place.carrier.faults.list_errors = 0.0
        place.clock.advance(minutes=2)
        await ticker.tick()
        await asyncio.gather(*ticker._under_way.values())
        await ticker.tick()
        await ticker.stop()
        assert place.rows(Response, "key", "late") == [("si", False)]
        reminded = [
            contact for contact, kind in place.rows(OutboundMessage, "contact_id", "kind") if kind == "reminder"
        ]
        assert reminded == [place.bruno], "who answered is not reminded"
        assert [row[0] for row in place.rows(Session, "step")] == ["historia", "contacto"]

    run(work)


def test_an_officer_who_answered_in_time_is_not_given_up(run: Run) -> None:
    async def work(place: Place) -> None:
        place.begin(place.alma)
        await place.sweeper.once()
        place.clock.advance(hours=72)
        await place.lost(ALMA, "Sí", timedelta(hours=40))
        ticker = place.ticker()
        await ticker.tick()
        await asyncio.gather(*ticker._under_way.values())
        await ticker.tick()
        await ticker.stop()
        assert place.rows(Session, "step", "outcome") == [("historia", None)]
        assert place.rows(Response, "late") == [(False,)]

    run(work)


@pytest.mark.parametrize(("hours", "current"), [(0.5, False), (1.5, True)])
def test_if_the_list_cannot_be_had_everything_goes_on_after_an_hour(run: Run, hours: float, current: bool) -> None:
    async def work(place: Place) -> None:
        await place.sweeper.once()
        place.clock.advance(hours=10)
        place.carrier.faults.list_errors = 1.0
        for _ in range(3):
            await place.sweeper.once()
        place.clock.advance(hours=hours)
        with place.database.reading() as tx:
            assert sweeps.is_current(tx, place.clock()) is current

    run(work)


def test_nothing_goes_out_unasked_before_the_sweep_and_replies_do(run: Run) -> None:
    async def work(place: Place) -> None:
        sender = SendWorker(
            place.ledger,
            place.channel,
            place.vault,
            place.clock,
            "one",
            rate=1000.0,
            swept=True,
        )
        with place.database.transaction() as tx:
            for number, priority in enumerate((0, 1)):
                tx.execute(
                    insert(OutboundMessage),
                    sealed(
                        tx,
                        OutboundMessage,
                        {
                            "uid": f"{number:032x}",
                            "contact_id": (place.alma, place.bruno)[number],
                            "kind": "say",
                            "channel": "sms",
                            "body": "hola",
                            "priority": priority,
                            "due_at": place.clock(),
                            "created_at": place.clock(),
                            "status": "queued",
                            "rank": 0,
                            "attempts": 0,
                            "options": "[]",
                        },
                    ),
                )
        await sender.drain()
        assert place.rows(OutboundMessage, "status") == [("accepted",), ("queued",)]
        await place.lost(BRUNO, "BAJA", sms=True)
        await place.sweeper.once()
        await sender.drain()
        await place.carrier.settle()
        assert [message.body for message in place.carrier.sent_to(BRUNO)] == ["Ya no le escribiremos."]

    run(work)


def test_what_is_fresh(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        assert not sweeps.is_current(tx, clock()), "never swept"
        sweeps.advance(tx, clock(), clock())
        assert sweeps.is_current(tx, clock.advance(minutes=20))
        assert not sweeps.is_current(tx, clock.advance(minutes=1))
        sweeps.advance(tx, clock() - timedelta(hours=5), clock())
        assert sweeps.cursor(tx) == clock() - timedelta(minutes=21), "never back"
        assert tx.execute(select(func.count()).select_from(StateValue)).scalar_one() == 1

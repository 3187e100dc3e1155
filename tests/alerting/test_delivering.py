"""Alerts leave the machine, by a real mail server and a real web server, on both databases: at once where life may be in danger,
again and again until a server takes them, never twice by two processes, and never with a name, a number or a message's text."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.alerting.deliverer import CLAIMED_FOR, Deliverer
from app.alerting.receivers import KEPT, SETTLING, Announcer, clean_up
from app.alerting.ways import Hook, Mailer
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.store import alert_deliveries, alerts, status
from app.store.database import Database
from app.store.ledger import Ledger
from app.store.tables import Alert as AlertRow
from app.store.tables import AlertDelivery, Contact
from app.store.vault import Vault
from tests.alerting.servers import Post, Web
from tests.conftest import StillClock
from tests.world import PROGRAMME, enrol, message, published

ALMA = "+525555550101"
GUARD, CHIEF, OPERATOR = "guardia@example.org", "investiga@example.org", "sistemas@example.org"


class Desk:
    """A programme that names who is alerted, an officer, the two servers, and any number of processes."""

    def __init__(self, database: Database, vault: Vault, clock: StillClock, post: Post, web: Web) -> None:
        self.database, self.vault, self.clock, self.post, self.web = database, vault, clock, post, web
        self.ledgers: list[Ledger] = []
        self.operators: tuple[str, ...] = (OPERATOR,)
        self.host = True
        self.patience = 20.0
        self.publish(f"email: [{GUARD}, {CHIEF}], webhook: 'http://127.0.0.1:{web.port}/avisos'")
        with database.transaction() as tx:
            self.alma = enrol(tx, vault, clock(), ALMA)
            self.study_id = tx.execute(select(Contact.study_id)).scalar_one()

    def publish(self, receivers: str) -> None:
        source = f"alerts: {{{receivers}}}\n{PROGRAMME}"
        with self.database.transaction() as tx:
            self.library: Library = published(tx, self.clock(), source)

    def process(self, *, urgent: bool) -> Deliverer:
        """A process of its own: a deliverer with its own ledger."""
        self.ledgers.append(ledger := Ledger(self.database, self.vault, self.clock, {}))
        mailer = Mailer("127.0.0.1", self.post.port, "none", "trato@example.org", patience=self.patience)
        hook = Hook("a-token", self.patience)
        announcer = Announcer(self.library, self.operators)
        return Deliverer(ledger, announcer, self.clock, mailer if self.host else None, hook, urgent=urgent)

    async def tick(self) -> None:
        """One tick of a fresh process: nothing is kept between two of them."""
        await self.process(urgent=True).once()
        await self.process(urgent=False).once()

    def ring(self, kind: str, subject: str = "") -> None:
        with self.database.transaction() as tx:
            alerts.ring(tx, kind, subject or f"contact:{self.alma}", self.clock())

    def close(self, kind: str, subject: str = "") -> None:
        with self.database.transaction() as tx:
            alerts.close(tx, kind, subject or f"contact:{self.alma}", self.clock())

    def say(self, body: str) -> None:
        with self.database.transaction() as tx:
            receive(tx, self.library, [message(self.vault, ALMA, body)], self.clock())

    def undelivered(self) -> dict[str, int]:
        with self.database.reading() as tx:
            found: dict[str, int] = status.counts(tx, self.clock())["alerts_undelivered"]
            return found

    def later(self, span: timedelta) -> None:
        self.clock.at += span


Work = Callable[[Desk], Awaitable[None]]
Run = Callable[[Work], None]


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Run:
    async def whole(work: Work) -> None:
        async with Post().running() as post, Web().running() as web:
            desk = Desk(database, vault, clock, post, web)
            try:
                await work(desk)
            finally:
                for ledger in desk.ledgers:
                    await ledger.close()

    return lambda work: asyncio.run(whole(work))


def test_a_crisis_is_told_at_once_to_everybody_who_is_named_and_never_with_its_words(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.say("ya no quiero vivir, soy Alma")
        await desk.tick()
        subject = f"Trato: Un mensaje parece hablar de una crisis (prueba, {desk.study_id})"
        assert desk.post.to(GUARD) == desk.post.to(CHIEF) == [subject]
        assert desk.post.to(OPERATOR) == []
        body = desk.post.received[0].get_content()
        assert body.splitlines() == [
            "Un mensaje parece hablar de una crisis: peligro para quien escribe.",
            "Programa: prueba",
            f"Oficial: {desk.study_id} (clave de estudio)",
            "Desde: 2026-03-02 10:00 (America/Mexico_City)",
            "Qué hacer: trato cases",
            "",
            "Este aviso no lleva nombres, teléfonos ni lo que se escribió. No lo reenvíe a mandos.",
        ]
        (posted,) = desk.web.received
        assert posted["alerts"] == [
            {
                "id": posted["alerts"][0]["id"],
                "event": "opened",
                "kind": "crisis",
                "subject": None,
                "officer": desk.study_id,
                "programme": "prueba",
                "since": "2026-03-02T16:00:00+00:00",
                "until": None,
                "command": "trato cases",
                "simulated": False,
            }
        ]
        assert desk.web.headers[0]["authorization"] == "Bearer a-token"
        told = json.dumps(desk.web.received) + "".join(str(one) for one in desk.post.received)
        assert not [word for word in ("vivir", "Alma", "5555550101") if word in told]
        desk.say("ya no quiero vivir, de veras")
        await desk.tick()
        assert (len(desk.post.received), len(desk.web.received)) == (2, 1)

    run(work)


def test_two_processes_tell_it_once(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("crisis")
        await asyncio.gather(*(desk.process(urgent=True).once() for _ in range(4)))
        assert (len(desk.post.received), len(desk.web.received)) == (2, 1)

    run(work)


def test_while_a_server_is_down_it_is_tried_again_and_reported(run: Run) -> None:
    async def work(desk: Desk) -> None:
        port, desk.post.port = desk.post.port, 1
        desk.web.status = 503
        desk.ring("crisis")
        await desk.tick()
        assert desk.undelivered() == {"no connection to the mail server": 2, "the webhook refused it (HTTP 503)": 1}
        await desk.tick()
        assert len(desk.web.received) == 1, "not before its pause is over"
        desk.later(timedelta(seconds=10))
        desk.web.status = 200
        await desk.tick()
        assert desk.undelivered() == {"no connection to the mail server": 2}
        desk.later(timedelta(days=2))
        await desk.tick()
        assert desk.undelivered() == {"no connection to the mail server": 2}, "it is never given up while it is open"
        desk.post.port = port
        desk.later(timedelta(minutes=15))
        await desk.tick()
        assert (len(desk.post.received), len(desk.web.received), desk.undelivered()) == (2, 2, {})

    run(work)


def test_a_server_that_hangs_holds_up_neither_the_other_way_nor_a_crisis(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.post.hangs = asyncio.Event()
        desk.ring("job", "plan")
        await desk.tick()
        desk.later(SETTLING)
        others = asyncio.create_task(desk.process(urgent=False).once())
        await desk.post.asked.get()
        desk.ring("crisis")
        desk.patience = 0.3
        await desk.process(urgent=True).once()
        assert [one["alerts"][0]["kind"] for one in desk.web.received] == ["crisis"]
        assert desk.undelivered() == {"the mail server did not answer in time": 2}
        desk.post.hangs.set()
        await others
        assert len(desk.post.to(OPERATOR)) == 1
        desk.patience = 20.0
        desk.later(timedelta(minutes=1))
        await desk.tick()
        assert (len(desk.post.to(GUARD)), len(desk.post.to(CHIEF))) == (1, 1)

    run(work)


def test_what_a_killed_process_had_begun_is_done_by_another_when_its_claim_ends(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.post.hangs = asyncio.Event()
        desk.ring("crisis")
        killed = asyncio.create_task(desk.process(urgent=True).once())
        assert {await desk.post.asked.get(), await desk.post.asked.get()} == {GUARD, CHIEF}
        killed.cancel()
        await asyncio.gather(killed, return_exceptions=True)
        desk.post.hangs = None
        await desk.tick()
        assert desk.post.received == [], "as far as anybody knows it may still be under way"
        desk.later(CLAIMED_FOR)
        await desk.tick()
        assert (len(desk.post.to(GUARD)), len(desk.post.to(CHIEF))) == (1, 1)

    run(work)


def test_a_copy_sent_after_a_crash_has_the_same_message_id(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object, **__: object) -> None:
        raise RuntimeError

    async def work(desk: Desk) -> None:
        desk.publish(f"email: [{GUARD}]")
        desk.ring("crisis")
        with monkeypatch.context() as patched:
            patched.setattr(alert_deliveries, "sent", lost)  # the server has said yes, and nobody noted it
            with pytest.raises(RuntimeError):
                await desk.tick()
        desk.later(CLAIMED_FOR)
        await desk.tick()
        first, second = [str(one["Message-ID"]) for one in desk.post.received]
        assert first == second

    run(work)


def test_other_alerts_wait_a_minute_and_go_out_together(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("sender_refused", "sender:twilio:whatsapp")
        desk.ring("job", "plan")
        desk.ring("budget_spent", "budget:prueba:segments:day:2026-03-02")
        desk.ring("template", "template:saludo")
        desk.close("template", "template:saludo")
        await desk.tick()
        assert desk.post.received == []
        desk.later(SETTLING)
        await desk.tick()
        assert desk.post.to(OPERATOR) == ["Trato: 2 avisos"]
        assert desk.post.to(GUARD) == ["Trato: Se acabó el presupuesto"]
        assert "plantilla" not in str(desk.post.received), "what ended by itself is no news"

    run(work)


def test_the_end_is_told_once_where_it_matters(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("job", "plan")
        desk.ring("damaged")
        desk.later(SETTLING)
        await desk.tick()
        desk.close("job", "plan")
        desk.close("damaged")
        desk.later(timedelta(hours=1))
        await desk.tick()
        await desk.tick()
        assert desk.post.to(OPERATOR) == [
            "Trato: Una tarea del servicio falla una y otra vez",
            "Trato: Ya pasó: Una tarea del servicio falla una y otra vez",
        ]
        assert len(desk.post.to(GUARD)) == 1

    run(work)


def test_a_crisis_that_was_closed_before_a_tick_is_told_all_the_same(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("crisis")
        desk.close("crisis")
        await desk.tick()
        assert len(desk.post.to(GUARD)) == 1

    run(work)


def test_who_is_named_later_is_told_what_is_open_and_who_is_named_no_more_is_not(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.post.refuses = {GUARD}
        desk.publish(f"email: [{GUARD}]")
        desk.ring("serious")
        await desk.tick()
        assert desk.undelivered() == {"the mail server refused the address (SMTP 550)": 1}
        desk.publish(f"email: [{CHIEF}]")
        await desk.tick()
        assert (len(desk.post.to(CHIEF)), desk.undelivered()) == (1, {})
        desk.post.refuses = set()
        desk.publish(f"email: [{GUARD}]")
        desk.later(timedelta(minutes=1))
        await desk.tick()
        assert len(desk.post.to(GUARD)) == 1

    run(work)


def test_without_a_mail_server_it_is_said(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.host = False
        desk.ring("crisis")
        await desk.tick()
        assert desk.undelivered() == {"TRATO_SMTP_HOST is not set": 2}

    run(work)


def test_if_no_clock_runs_it_is_said(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("crisis")
        process = desk.process(urgent=True)
        with desk.database.transaction() as tx:
            process.announcer.announce(tx, desk.clock())
        assert desk.undelivered() == {}
        desk.later(timedelta(minutes=6))
        assert desk.undelivered() == {"not tried: no clock is running": 3}

    run(work)


def test_without_operators_everybody_is_told_what_concerns_all(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.operators = ()
        desk.ring("clock_stopped", "service")
        desk.later(SETTLING)
        await desk.tick()
        assert (len(desk.post.to(GUARD)), len(desk.post.to(CHIEF)), len(desk.web.received)) == (1, 1, 1)

    run(work)


def test_a_crisis_of_somebody_unknown_is_told_to_everybody(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("crisis", "number:1a2b3c4d5e6f7081")
        await desk.tick()
        assert "1a2b" not in "".join(one.get_content() for one in desk.post.received) + json.dumps(desk.web.received)
        assert [len(desk.post.to(one)) for one in (GUARD, CHIEF, OPERATOR)] == [1, 1, 1]

    run(work)


def test_nothing_is_planned_where_nobody_is_named(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.operators = ()
        desk.publish("")
        desk.ring("crisis")
        await desk.tick()
        with desk.database.reading() as tx:
            assert tx.execute(select(func.count()).select_from(AlertDelivery)).scalar_one() == 0

    run(work)


def test_deliveries_are_deleted_some_time_after_their_alert_is_over(run: Run) -> None:
    async def work(desk: Desk) -> None:
        desk.ring("crisis")
        desk.ring("damaged")
        desk.later(SETTLING)
        await desk.tick()
        desk.close("crisis")
        for passed, left in ((KEPT, {"crisis", "damaged"}), (timedelta(minutes=1), {"damaged"})):
            desk.later(passed)
            with desk.database.transaction() as tx:
                assert clean_up(tx, desk.clock()) == 0
                kinds = select(AlertRow.kind).join(AlertDelivery, AlertDelivery.alert_id == AlertRow.id)
                assert set(tx.execute(kinds).scalars()) == left
        before = len(desk.post.received)
        await desk.tick()
        assert len(desk.post.received) == before, "what is open is not told again, nor what is over"

    run(work)

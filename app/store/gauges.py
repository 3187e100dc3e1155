"""What waits in the database, for monitoring: counts and ages, by words of ours. Every query reads an index or a small table, so that it
costs little among millions of messages. All functions take a transaction and change nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from app.flows.free_text_window import WINDOW
from app.store import alert_deliveries, alerts, backups, cases, heartbeat, our_numbers, pauses, sweeps, webhook_tally
from app.store.status import UNTRIED
from app.store.tables import ADDRESS, BUCKET, CASE, DEAD_LETTER, DEFERRED, OUTBOUND

CHANNELS = ("whatsapp", "sms")
PRIORITIES = {0: "reply", 1: "nudge"}
CLOSING = timedelta(hours=2)
"""Before the end of the time in which a person may answer a case by free text."""


HELP = {
    "outbox_due": "Messages that are due and not sent, by channel and class",
    "outbox_oldest_seconds": "Age of the oldest of them",
    "cases_open": "Open cases, by reason",
    "cases_unowned": "Open cases that nobody has taken, by reason",
    "cases_oldest_seconds": "Age of the oldest open case, by reason",
    "case_windows_closing": "Open cases of officers to whom free text can be written for two hours more at most",
    "alerts_open": "Open alerts, by kind",
    "alert_deliveries_waiting": "Alerts that no server has taken yet",
    "clock_ticking": "1 if the clock of any process ticks",
    "sending_stopped": "1 if all sending is paused",
    "senders_paused": "Numbers of ours that are paused",
    "senders_resting": "Numbers of ours that rest, because the carrier has too much",
    "dead_letters": "Inputs that could not be processed and wait for `trato dead-letters`",
    "inbound_deferred": "Messages of officers whose row another transaction holds",
    "inbound_deferred_oldest_seconds": "Age of the oldest of them",
    "sweep_age_seconds": "Age of the moment up to which the carrier's list has been read",
    "backup_age_seconds": "Age of the latest `trato backup`",
    "webhooks_genuine": "Webhooks that were the carrier's, of all processes since the installation began",
    "webhooks_forged": "Webhooks that were refused as forged, of all processes since the installation began",
    "webhooks_refused_in_a_row": "Webhooks that name our account and were refused, since the last genuine one",
}
"""Each measure, and its meaning."""

COUNTERS = frozenset({"webhooks_genuine", "webhooks_forged"})


class Gauge(NamedTuple):
    """A measure of the database by its name in HELP, and its labels."""

    name: str
    value: float
    labels: dict[str, str]


def read(tx: Connection, now: datetime) -> Iterator[Gauge]:
    """All of them."""
    yield from _outbox(tx, now)
    yield from _cases(tx, now)
    yield from _alerts(tx, now)
    yield from _running(tx, now)
    tally = webhook_tally.read(tx)
    yield Gauge("webhooks_genuine", tally.genuine, {})
    yield Gauge("webhooks_forged", tally.forged, {})
    yield Gauge("webhooks_refused_in_a_row", tally.in_a_row, {})


def _outbox(tx: Connection, now: datetime) -> Iterator[Gauge]:
    for channel in CHANNELS:
        for priority, kind in PRIORITIES.items():
            due = (
                select(func.count(), func.min(OUTBOUND.c.due_at))
                .where(OUTBOUND.c.status == "queued", OUTBOUND.c.channel == channel)
                .where(OUTBOUND.c.priority == priority, OUTBOUND.c.due_at <= now)
            )
            count, oldest = tx.execute(due).one()
            labels = {"channel": channel, "class": kind}
            yield Gauge("outbox_due", count, labels)
            yield Gauge("outbox_oldest_seconds", _age(oldest, now), labels)


def _cases(tx: Connection, now: datetime) -> Iterator[Gauge]:
    for reason, found in cases.counts(tx, now).items():
        yield Gauge("cases_open", found.cases, {"reason": reason})
        yield Gauge("cases_unowned", found.new, {"reason": reason})
        yield Gauge("cases_oldest_seconds", _age(found.oldest, now), {"reason": reason})
    closing = (
        select(func.count(CASE.c.id.distinct()))
        .join(ADDRESS, ADDRESS.c.contact_id == CASE.c.contact_id)
        .where(CASE.c.closed_at.is_(None), ADDRESS.c.channel == "whatsapp", ADDRESS.c.retired_at.is_(None))
        .where(ADDRESS.c.last_inbound_at > now - WINDOW, ADDRESS.c.last_inbound_at <= now - WINDOW + CLOSING)
    )
    yield Gauge("case_windows_closing", tx.execute(closing).scalar_one(), {})


def _alerts(tx: Connection, now: datetime) -> Iterator[Gauge]:
    for kind, number in alerts.counts(tx).items():
        yield Gauge("alerts_open", number, {"kind": kind})
    waiting = sum(alert_deliveries.undelivered(tx, now - UNTRIED).values())
    yield Gauge("alert_deliveries_waiting", waiting, {})


def _running(tx: Connection, now: datetime) -> Iterator[Gauge]:
    yield Gauge("clock_ticking", heartbeat.is_ticking(tx, now), {})
    yield Gauge("sending_stopped", pauses.is_stopped(tx), {})
    paused = select(func.count()).select_from(BUCKET).where(BUCKET.c.paused_at.is_not(None))
    yield Gauge("senders_paused", tx.execute(paused).scalar_one(), {})
    yield Gauge("senders_resting", len(our_numbers.resting(tx, now)), {})
    unread = select(func.count()).select_from(DEAD_LETTER).where(DEAD_LETTER.c.replayed_at.is_(None))
    yield Gauge("dead_letters", tx.execute(unread).scalar_one(), {})
    count, oldest = tx.execute(select(func.count(), func.min(DEFERRED.c.at))).one()
    yield Gauge("inbound_deferred", count, {})
    yield Gauge("inbound_deferred_oldest_seconds", _age(oldest, now), {})
    if (swept := sweeps.cursor(tx)) is not None:
        yield Gauge("sweep_age_seconds", _age(swept, now), {})
    if (made := backups.latest(tx)) is not None:
        yield Gauge("backup_age_seconds", _age(made.at, now), {})


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since) / timedelta(seconds=1))

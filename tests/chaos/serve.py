"""`trato serve` with all its patience made shorter by one factor, so that what takes four minutes in life, such as the wait
before a message in doubt is sent again, takes seconds in a short run; with a clock that can be set, and a SQLite file that can be
made read-only, while it runs. Nothing else differs."""

import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import httpx
from sqlalchemy import Connection, Engine, event

from app import clock
from app.channels.twilio import channel
from app.cli.main import run
from app.conversations import bubbles, seeing, sweeping
from app.scheduler import ticker
from app.sending import claiming, reconciling, send_policy, worker
from tests.chaos.control import Control


def shorten(factor: float) -> None:
    """Divide every waiting time that guards against a double, and how long a message counts as unseen: the crowd answers sooner."""
    channel.TIMEOUT = httpx.Timeout(30.0 / factor, connect=10.0 / factor)
    worker.LONGEST_POST_SECONDS /= factor
    claiming.LEASE /= factor
    reconciling.LEASE /= factor
    reconciling.GRACE /= factor
    reconciling.EVERY_SECONDS /= factor
    reconciling._LEASE /= factor
    send_policy.FIRST_DELAY /= factor
    send_policy.LONGEST_DELAY /= factor
    send_policy.PAUSED_AGAIN = claiming.PAUSED_AGAIN = send_policy.PAUSED_AGAIN / factor
    ticker.LEASE /= factor
    ticker.AFTER_A_FAULT /= factor
    seeing.LONGEST_UNSEEN /= factor
    bubbles._FASTEST = round(bubbles._FASTEST * factor)
    sweeping.EVERY /= factor
    sweeping.GRACE /= factor
    sweeping.FIRST_RETRY /= factor
    sweeping.LONGEST_RETRY /= factor
    sweeping._OTHERS_TURN /= factor
    sweeping._LEASE /= factor


def obey(control: Control) -> None:
    """Have the clock and the database's connections as the conductor sets them."""

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=control.offset)

    def begun(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA query_only={int(control.read_only)}")

    clock.datetime = Stepped  # type: ignore[misc]
    event.listen(Engine, "begin", begun)


def main() -> None:
    """Run it: the factor and the file of control are the arguments."""
    factor, path = float(sys.argv.pop(1)), Path(sys.argv.pop(1))
    if factor != 1:
        shorten(factor)
    obey(Control(path))
    sys.argv.insert(1, "serve")
    assert timedelta(seconds=worker.LONGEST_POST_SECONDS) < claiming.LEASE
    run()

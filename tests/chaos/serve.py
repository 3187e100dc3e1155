"""`trato serve` with all its patience made shorter by one factor, so that what takes four minutes in life, such as the wait
before a message in doubt is sent again, takes seconds in a short run. Nothing else differs: `python -m tests.chaos.serve 20`."""

import sys
from datetime import timedelta

import httpx

from app.channels.twilio import channel
from app.cli import main
from app.conversations import sweeping
from app.scheduler import ticker
from app.sending import claiming, reconciling, send_policy, worker


def shorten(factor: float) -> None:
    """Divide every waiting time that guards against a double."""
    channel.TIMEOUT = httpx.Timeout(30.0 / factor, connect=10.0 / factor)
    worker.LONGEST_POST_SECONDS /= factor
    claiming.LEASE /= factor
    reconciling.GRACE /= factor
    reconciling.EVERY_SECONDS /= factor
    reconciling._LEASE /= factor
    send_policy.FIRST_DELAY /= factor
    send_policy.LONGEST_DELAY /= factor
    ticker.LEASE /= factor
    sweeping.EVERY /= factor
    sweeping.GRACE /= factor
    sweeping.FIRST_RETRY /= factor
    sweeping.LONGEST_RETRY /= factor
    sweeping._OTHERS_TURN /= factor
    sweeping._LEASE /= factor


if __name__ == "__main__":
    factor = float(sys.argv.pop(1))
    if factor != 1:
        shorten(factor)
    sys.argv.insert(1, "serve")
    assert timedelta(seconds=worker.LONGEST_POST_SECONDS) < claiming.LEASE
    main.run()

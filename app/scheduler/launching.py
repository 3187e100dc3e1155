"""Programmes that may not begin any campaign with a real carrier, because the texts that an officer in trouble needs are missing or
have placeholders. Everything else goes on: messages are received, stored and obeyed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.conversations.library import Library
from app.store import alerts
from app.store.alerts import NOT_READY

log = structlog.get_logger(__name__)

EVERY_LOOK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LaunchWatch:
    """Rings an alert for each current programme that may not begin, and closes it when a version that may is published."""

    library: Library

    def look(self, tx: Connection, now: datetime) -> int:
        """Compare the alerts with the current versions. Returns 0: there is nothing left to do."""
        wanted = {f"programme:{code}": lacking for code, lacking in self.library.not_ready().items()}
        known = set(alerts.subjects(tx, NOT_READY))
        for subject in known - wanted.keys():
            alerts.close(tx, NOT_READY, subject, now)
        for subject in wanted.keys() - known:
            alerts.ring(tx, NOT_READY, subject, now, {"lacking": list(wanted[subject])})
            log.error("no campaign begins: see `trato check --for-launch`", subject=subject, lacking=wanted[subject])
        return 0

"""Calls people to cases that nobody takes: when a case has waited for longer than its programme allows, the next person of the programme's
chain gets an alert, and so on, round and round, until somebody has it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from app.cases.handling import DANGER_WAITS, WAITS
from app.conversations.library import Library
from app.flows.language.safety import CaseWaits
from app.store import alerts, audit, cases
from app.store.cases import OF_SAFETY, Case, CaseReason

log = structlog.get_logger(__name__)

EVERY_LOOK = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CallWatch:
    """Looks at the cases that nobody has."""

    library: Library

    def look(self, tx: Connection, now: datetime) -> int:
        """Call the next person to each case that is due, and end the calls to those that somebody has."""
        waiting = cases.waiting(tx, now)
        for case in waiting:
            if now - case.waiting_since >= self._limit(case):
                _call(tx, case, now)
        wanted = {_subject(case): _kind(case) for case in waiting}
        for kind in (WAITS, DANGER_WAITS):
            for subject in alerts.subjects(tx, kind):
                if wanted.get(subject) != kind:
                    alerts.close(tx, kind, subject, now)
        return 0

    def _limit(self, case: Case) -> timedelta:
        """How long a case may wait, by its programme; of all programmes, the shortest time, if its own is not known."""
        known = [self.library.programmes[version].definition.alerts.waits for version in self._versions(case)]
        return min((_limit(waits, case.reason) for waits in known), default=_limit(CaseWaits(), case.reason))

    def _versions(self, case: Case) -> list[int]:
        current = self.library.current
        return [current[case.programme]] if case.programme in current else list(current.values())


def _limit(waits: CaseWaits, reason: CaseReason) -> timedelta:
    match reason:
        case CaseReason.crisis:
            return waits.crisis
        case CaseReason.serious:
            return waits.serious
        case _:
            return waits.other


def _call(tx: Connection, case: Case, now: datetime) -> None:
    cases.call(tx, case.id, now)
    audit.record(tx, now, "clock", "case call", _subject(case), {"call": case.calls + 1})
    if alerts.ring(tx, _kind(case), _subject(case), now, {"officer": case.study_id} if case.study_id else {}):
        log.warning("nobody has taken a case", case=case.id, reason=case.reason)


def _subject(case: Case) -> str:
    return f"case:{case.id}"


def _kind(case: Case) -> str:
    return DANGER_WAITS if case.reason in OF_SAFETY else WAITS

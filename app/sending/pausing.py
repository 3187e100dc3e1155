"""Stopping what goes out, and letting it go on: everything, a cohort, an officer, a sender number. What is stopped waits, and
is decided on anew when its time has come: nothing is lost by it. Also how a sender number stops by itself when the carrier
finds fault with the installation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy import Connection

from app.errors import UsageError
from app.store import alerts, audit, our_numbers, pauses

log = structlog.get_logger(__name__)

REFUSED = "sender_refused"
"""The alert of a sender number that the carrier refuses."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is paused or resumed: `name` is a cohort's code, an officer's study id or a sender; of the service there is none."""

    kind: Literal["service", "cohort", "officer", "sender"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: `changed` is False if it was so already; `waiting` are the messages that wait for it."""

    changed: bool
    waiting: int


def pause(tx: Connection, target: Target, now: datetime, actor: str) -> Done:
    """Stop it, until somebody resumes it. Raises UsageError if there is no such thing."""
    return _set(tx, target, now, now, actor)


def resume(tx: Connection, target: Target, now: datetime, actor: str) -> Done:
    """Let it go on. Alerts about it are seen to by that. Raises UsageError if there is no such thing."""
    return _set(tx, target, None, now, actor)


def _set(tx: Connection, target: Target, at: datetime | None, now: datetime, actor: str) -> Done:
    match target.kind:
        case "service":
            subject, changed = "service", pauses.set_service(tx, stopped=at is not None, now=now)
            waiting = pauses.waiting(tx)
        case "cohort":
            cohort = _known(pauses.cohort_id(tx, target.name), "cohort", target.name)
            subject, changed = f"cohort:{cohort}", pauses.set_cohort(tx, cohort, at)
            waiting = pauses.waiting(tx, cohort=cohort)
        case "officer":
            contact = _known(pauses.contact_id(tx, target.name), "officer", target.name)
            subject, changed = f"contact:{contact}", pauses.set_officer(tx, contact, at)
            waiting = pauses.waiting(tx, contact=contact)
        case "sender":
            subject, changed = f"sender:{target.name}", our_numbers.set_paused(tx, target.name, at, now)
            _, _, number = target.name.partition(":")
            programme, _, channel = number.rpartition(":")
            waiting = pauses.waiting(tx, channel=channel, programme=programme or None)
    if changed:
        audit.record(tx, now, actor, "resume" if at is None else "pause", subject, {"waiting": waiting})
    if at is None:
        alerts.close_all(tx, subject, now)
    return Done(changed, waiting)


def _known(found: int | None, kind: str, name: str) -> int:
    if found is None:
        raise UsageError(f"there is no {kind} {name}")
    return found


def refused(tx: Connection, sender: str, code: int | None, now: datetime) -> None:
    """The carrier refuses what this number sends until a person has mended the installation: the number stops, with one alert
    however many messages find it out."""
    if our_numbers.pause(tx, sender, code, now):
        audit.record(tx, now, "sender", "pause", f"sender:{sender}", {"code": code})
    if alerts.ring(tx, REFUSED, f"sender:{sender}", now, {"code": code}):
        log.error("sender paused: the installation is refused by the carrier", sender=sender, code=code)

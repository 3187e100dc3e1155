"""Pauses and resumes sending: everything, a cohort, an officer, or one of our numbers. Paused messages wait and are decided on
again afterwards: none is lost. A number is also paused by itself when the carrier reports a configuration error."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection

from app.errors import UsageError
from app.store import addresses, alerts, audit, cases, holds, our_numbers, pauses
from app.wording import Sentence

log = structlog.get_logger(__name__)

REFUSED = "sender_refused"
"""The alert of a number of ours that the carrier refuses."""

FOREIGN_ANSWER = "sender_foreign_answer"
"""The alert of a number whose messages are answered by something that is not the carrier: a redirect, the page of a proxy."""

DESTINATION = "destination_refused"
"""The alert of an officer to whose number the carrier does not deliver."""

SLOWED = "sender_slowed"
"""The alert of a number for which the carrier asks for a long rest."""

RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 15, 15))
"""The rests before each probe of a number that something else answers. If all fail, it pauses until a person resumes it."""

WRONG_KEY = "key_wrong"
"""The alert of a number whose messages wait because nothing encrypted can be opened."""


@dataclass(frozen=True, slots=True)
class Target:
    """A part of sending that can be paused. `name` is a cohort's code, an officer's study id or a sender; "" for the service."""

    kind: Literal["service", "cohort", "officer", "sender"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The effect: `changed` is False if nothing had to change; `waiting` is the number of messages that wait for the target.
    `case`: the open case that keeps an officer on hold even so."""

    changed: bool
    waiting: int
    case: int | None = None


def pause(tx: Connection, target: Target, now: datetime, actor: str) -> Change:
    """Pause the target until somebody resumes it. Raises UsageError if it does not exist."""
    return _set(tx, target, now, now, actor)


def resume(tx: Connection, target: Target, now: datetime, actor: str) -> Change:
    """Resume the target and close its alerts. Raises UsageError if it does not exist."""
    return _set(tx, target, None, now, actor)


def _set(tx: Connection, target: Target, at: datetime | None, now: datetime, actor: str) -> Change:
    contact = 0
    match target.kind:
        case "service":
            subject, changed = "service", pauses.set_service(tx, stopped=at is not None, now=now)
            waiting = pauses.waiting(tx)
        case "cohort":
            cohort = _known(pauses.cohort_id(tx, target.name), Sentence("there is no cohort {name}", name=target.name))
            subject, changed = f"cohort:{cohort}", pauses.set_cohort(tx, cohort, at)
            waiting = pauses.waiting(tx, cohort=cohort)
        case "officer":
            contact = _known(
                pauses.contact_id(tx, target.name), Sentence("there is no officer {officer}", officer=target.name)
            )
            subject, changed = f"contact:{contact}", pauses.set_officer(tx, contact, at, now)
            if at is None:
                changed = _try_again(tx, contact) or changed
            waiting = pauses.waiting(tx, contact=contact)
        case "sender":
            subject, changed = f"sender:{target.name}", our_numbers.set_paused(tx, target.name, at, now)
            _, _, number = target.name.partition(":")
            programme, _, channel = number.rpartition(":")
            if at is None:
                for officer in our_numbers.forget_refused(tx, target.name):
                    addresses.unmark(tx, [officer], channel)
                    alerts.close(tx, DESTINATION, f"contact:{officer}", now)
            waiting = pauses.waiting(tx, channel=channel, programme=programme or None)
    if changed:
        audit.record(tx, now, actor, "resume" if at is None else "pause", subject, {"waiting": waiting})
    if at is None:
        alerts.close_all(tx, subject, now, holds.OF_SAFETY)  # those end with their case
    return Change(changed, waiting, _keeping(tx, contact) if target.kind == "officer" else None)


def _keeping(tx: Connection, contact: int) -> int | None:
    """The case that keeps an officer on hold."""
    return cases.open_of(tx, contact) if holds.of(tx, contact) & holds.OF_SAFETY else None


def _try_again(tx: Connection, contact: int) -> bool:
    """Try the numbers of an officer again to which the carrier did not deliver. True if there are any."""
    refused = [one for one in alerts.open_alerts(tx, DESTINATION) if one.subject == f"contact:{contact}"]
    return any(addresses.unmark(tx, [contact], json.loads(one.detail)["channel"]) for one in refused)


def _known(found: int | None, fault: Sentence) -> int:
    if found is None:
        raise UsageError(fault)
    return found


def refused(tx: Connection, sender: str, code: int | None, now: datetime) -> None:
    """Pause a number whose messages the carrier refuses until a person mends the configuration, with one alert however many
    messages fail by it."""
    if our_numbers.pause(tx, sender, code, now):
        audit.record(tx, now, "sender", "pause", f"sender:{sender}", {"code": code})
    if alerts.ring(tx, REFUSED, f"sender:{sender}", now, {"code": code}):
        log.error("sender paused: the installation is refused by the carrier", sender=sender, code=code)


def pause_for_key(tx: Connection, sender: str, now: datetime) -> None:
    """Pause a number because no officer's data can be opened, until a person mends the key. No message is lost."""
    if our_numbers.pause(tx, sender, None, now):
        audit.record(tx, now, "sender", "pause", f"sender:{sender}", {"reason": WRONG_KEY})
    if alerts.ring(tx, WRONG_KEY, f"sender:{sender}", now):
        log.error(
            "sender paused: no officer's data can be opened; the likely cause is TRATO_SECRET_KEY, not the carrier",
            sender=sender,
        )


def answered_by_another(tx: Connection, sender: str, now: datetime, *, probe: bool) -> None:
    """Let a number rest because the answer is not the carrier's, and try it again with one message; pause it only if it stays so
    for about an hour. The alert rings at once."""
    if not our_numbers.probe_later(tx, sender, now, RESTS, probe=probe):
        refused(tx, sender, None, now)
        return
    if alerts.ring(tx, FOREIGN_ANSWER, f"sender:{sender}", now):
        log.error("an answer is not the carrier's own: a redirect or a proxy; the number rests", sender=sender)


def slowed(tx: Connection, sender: str, rest: timedelta, now: datetime) -> None:
    """Note that the carrier asks a number to rest for long. It is tried with one message after at most this rest."""
    our_numbers.probe_first(tx, sender)
    seconds = int(rest.total_seconds())
    if alerts.ring(tx, SLOWED, f"sender:{sender}", now, {"seconds": seconds}):
        log.error("the carrier asks a number to rest; `trato resume --sender` ends it", sender=sender, seconds=seconds)


def recovered(tx: Connection, sender: str, now: datetime) -> None:
    """A number works again: its messages follow, and its alerts are over."""
    our_numbers.recovered(tx, sender)
    for kind in (FOREIGN_ANSWER, SLOWED):
        alerts.close(tx, kind, f"sender:{sender}", now)
    log.info("a number that rested works again", sender=sender)

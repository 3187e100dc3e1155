"""`trato pause` and `trato resume`: the kill switch, and the smaller ones: a cohort, an officer, a sender number. What is paused
waits and is decided on anew afterwards; what makes no sense any more by then is dropped, with its reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from app.cli._common import Installation, installation, show_json
from app.clock import system_clock
from app.errors import UsageError
from app.main import our_numbers
from app.sending import pausing
from app.sending.pausing import Change, Target
from app.store import senders
from app.store import status as store

_ACTOR = "command line"
_CHANNELS = ("whatsapp", "sms")

Cohort = Annotated[str | None, typer.Option(help="Only the officers of this cohort, by its code.")]
Sender = Annotated[
    str | None,
    typer.Option(help="Only what this number of ours sends: whatsapp or sms, or a programme's own: pj_cdmx:whatsapp."),
]
Officer = Annotated[str | None, typer.Option(help="Only this officer, by the study id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pause(cohort: Cohort = None, sender: Sender = None, officer: Officer = None, as_json: AsJson = False) -> None:
    """Send nothing for now: to anybody, or to a cohort, an officer, or from one sender number. Nothing is lost: messages are
    kept, answers are taken, reminders and deadlines stand still. Twice is once."""
    _carry_out("paused", pausing.pause, cohort, sender, officer, as_json)


def resume(cohort: Cohort = None, sender: Sender = None, officer: Officer = None, as_json: AsJson = False) -> None:
    """Let go on what was paused, or stopped by itself because the carrier found fault with it. Alerts about it are closed."""
    _carry_out("resumed", pausing.resume, cohort, sender, officer, as_json)


def _carry_out(
    word: str,
    change: Callable[[Connection, Target, datetime, str], Change],
    cohort: str | None,
    sender: str | None,
    officer: str | None,
    as_json: bool,
) -> None:
    with installation() as place:
        target = _target(place, cohort, sender, officer)
        with place.database.transaction() as tx:
            done = change(tx, target, system_clock(), _ACTOR)
        with place.database.reading() as tx:
            still = store.stopped(tx)
    if as_json:
        show_json(
            {"target": target.kind, "name": target.name, "changed": done.changed, "waiting": done.waiting, **still}
        )
        return
    name = {"service": "everything", "sender": target.name}.get(target.kind, f"{target.kind} {target.name}")
    typer.echo(f"{name}: {word}" if done.changed else f"{name}: nothing to do, {_ALREADY[word]}")
    typer.echo(f"{done.waiting} messages are queued for it")
    for line in _listed(still):
        typer.echo(f"paused: {line}")


_ALREADY = {"paused": "it was paused already", "resumed": "it was not paused"}


def _listed(still: dict[str, Any]) -> list[str]:
    """What is paused now, by words that the options take."""
    found = ["everything"] if still["stopped"] else []
    for name, option in (
        ("senders_paused", "--sender"),
        ("cohorts_paused", "--cohort"),
        ("officers_held", "--officer"),
    ):
        found.extend(f"{option} {value}" for value in still[name])
    return found


def _target(place: Installation, cohort: str | None, sender: str | None, officer: str | None) -> Target:
    given = [value for value in (cohort, sender, officer) if value is not None]
    if len(given) > 1:
        raise UsageError("one of --cohort, --sender and --officer at a time")
    if cohort is not None:
        return Target("cohort", cohort)
    if officer is not None:
        return Target("officer", officer)
    if sender is None:
        return Target("service")
    return Target("sender", _sender(place, sender))


def _sender(place: Installation, sender: str) -> str:
    """The name of a number of ours, by its channel, with its programme before it if it is one's own."""
    carrier, own = place.settings.channel, our_numbers(place.settings).own
    known = {
        *(senders.name(carrier, channel) for channel in _CHANNELS),
        *(senders.name(carrier, channel, one) for channel, those in own.items() for one in those),
    }
    name = f"{carrier}:{sender.removeprefix(f'{carrier}:')}"
    if name not in known:
        raise UsageError(f"--sender is one of {', '.join(sorted(one.removeprefix(f'{carrier}:') for one in known))}")
    return name

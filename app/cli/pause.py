"""`trato pause` and `trato resume`: the kill switch for the whole service, a cohort, an officer or one of our numbers. Paused
messages wait and are decided on again after `resume`; those that no longer make sense are dropped, with a reason."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from app.cli._common import Installation, actor, installation, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import configured_numbers
from app.sending import pausing
from app.sending.pausing import Change, Target
from app.store import our_numbers
from app.store import status as store
from app.wording import Sentence

_CHANNELS = ("whatsapp", "sms")

Cohort = Annotated[str | None, typer.Option(help="Only the officers of this cohort, by its code.")]
Sender = Annotated[
    str | None,
    typer.Option(help="Only this number of ours: whatsapp or sms, or a programme's own, such as pj_cdmx:whatsapp."),
]
Officer = Annotated[str | None, typer.Option(help="Only this officer, by the study id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def pause(cohort: Cohort = None, sender: Sender = None, officer: Officer = None, as_json: AsJson = False) -> None:
    """Pause sending: everyone, one cohort, one officer, or one of our numbers. Messages wait,
    replies are still processed, reminders and deadlines stand still. Safe to repeat."""
    _carry_out(pausing.pause, cohort, sender, officer, as_json)


def resume(cohort: Cohort = None, sender: Sender = None, officer: Officer = None, as_json: AsJson = False) -> None:
    """Resume what was paused, or was stopped automatically after a carrier error. Closes its alerts.

    An officer on hold because of a crisis or a serious incident stays so until the case is closed: `trato cases`.
    """
    _carry_out(pausing.resume, cohort, sender, officer, as_json)


def _carry_out(
    change: Callable[[Connection, Target, datetime, str], Change],
    cohort: str | None,
    sender: str | None,
    officer: str | None,
    as_json: bool,
) -> None:
    with installation() as place:
        target = _target(place, cohort, sender, officer)
        with place.database.transaction() as tx:
            done = change(tx, target, system_clock(), actor())
        with place.database.reading() as tx:
            still = store.stopped(tx)
    if as_json:
        show_json(
            {
                "target": target.kind,
                "name": target.name,
                "changed": done.changed,
                "waiting": done.waiting,
                "case": done.case,
                **still,
            }
        )
        return
    name, word = _named(target), "paused" if change is pausing.pause else "resumed"
    if done.changed:
        tell(Sentence("{name}: {done}", name=name, done=_DONE[word]))
    else:
        tell(Sentence("{name}: nothing to do, {why}", name=name, why=_ALREADY[word]))
    if done.case is not None:
        tell(
            Sentence(
                "{name}: on hold until case {case} is closed: `trato cases show {case}`", name=name, case=done.case
            )
        )
    tell(
        Sentence("1 message is queued for it")
        if done.waiting == 1
        else Sentence("{number} messages are queued for it", number=done.waiting)
    )
    for line in _listed(still):
        tell(Sentence("paused: {what}", what=line))


_DONE = {"paused": Sentence("{it_is}paused", it_is=""), "resumed": Sentence("resumed")}
_ALREADY = {"paused": Sentence("it was paused already"), "resumed": Sentence("it was not paused")}


def _named(target: Target) -> str:
    match target.kind:
        case "service":
            return Sentence("everything")
        case "cohort":
            return Sentence("cohort {name}", name=target.name)
        case "officer":
            return Sentence("officer {name}", name=target.name)
        case _:
            return target.name


def _listed(still: dict[str, Any]) -> list[str]:
    """The pauses in force, as command line options."""
    found: list[str] = [Sentence("everything")] if still["stopped"] else []
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
        raise UsageError(Sentence("give only one of --cohort, --sender and --officer"))
    if cohort is not None:
        return Target("cohort", cohort)
    if officer is not None:
        return Target("officer", officer)
    if sender is None:
        return Target("service")
    return Target("sender", _sender(place, sender))


def _sender(place: Installation, sender: str) -> str:
    """The full name of one of our numbers. `sender` is its channel, or programme:channel for a programme's own."""
    carrier, own = place.settings.channel, configured_numbers(place.settings).own
    known = {
        *(our_numbers.name(carrier, channel) for channel in _CHANNELS),
        *(our_numbers.name(carrier, channel, one) for channel, those in own.items() for one in those),
    }
    name = f"{carrier}:{sender.removeprefix(f'{carrier}:')}"
    if name not in known:
        raise UsageError(
            Sentence(
                "--sender must be one of {names}",
                names=", ".join(sorted(one.removeprefix(f"{carrier}:") for one in known)),
            )
        )
    return name

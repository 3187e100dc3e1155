"""`trato status`: the funnel today and in all, and what needs a person."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.channels.our_numbers import SHARED, Number, Pool
from app.cli._common import open_database, show_json, show_table
from app.cli.language import tell, word
from app.clock import system_clock
from app.custody import rotating
from app.errors import ConfigurationError
from app.from_settings import configured_numbers, exposures, vault_of
from app.settings import Settings
from app.store import (
    alerts,
    backups,
    carrier_deletions,
    funnel,
    keys,
    our_numbers,
    restored,
    schema_version,
    spending,
    webhook_tally,
)
from app.store import status as store
from app.store.schema_version import HEAD
from app.store.webhook_tally import WebhookTally
from app.wording import Sentence

TODAY = timedelta(hours=24)


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show the funnel, and what needs a person. Counts only: no names, numbers or texts."""
    now = system_clock()
    with open_database() as (settings, database), database.reading() as tx:
        exposed = exposures(database)
        key, change = _key_fault(tx, settings), _key_change(tx)
        today, total = funnel.total(funnel.between(tx, now - TODAY, now)).stages, funnel.of_all(tx, now).stages
        counts = store.counts(tx, now)
        spent = {"today": store.spent(tx, now - TODAY), "total": store.spent(tx, None)}
        ringing = alerts.open_alerts(tx)
        running = store.running(tx, now)
        budgets = spending.readings(tx)
        numbers = _numbers(settings, set(counts["senders_paused"]))
        schema = schema_version.read(tx)
        webhooks = webhook_tally.read(tx)
        at_carrier = carrier_deletions.waiting(tx)
        backed_up, held = backups.latest(tx), restored.pending(tx)
    if as_json:
        show_json(
            {
                "schema": {"version": schema.version, "newer": schema.is_newer},
                "key": key,
                "key_change": change,
                "carrier_deletions": at_carrier,
                "exposed": exposed,
                "held_after_restore": None if held is None else held.since.isoformat(),
                "backup": None if backed_up is None else asdict(backed_up),
                "today": today,
                "total": total,
                "spent": spent,
                **running,
                **counts,
                "webhooks": asdict(webhooks),
                "senders": numbers,
                "budgets": [asdict(one) for one in budgets],
                "alerts": [_alert(one) for one in ringing],
            }
        )
        return
    for one in ringing:
        tell(_ringing(one))
    if schema.is_newer:
        tell(
            Sentence(
                "schema {version}: of a newer release, which permits this one (version {head}) to serve",
                version=schema.version,
                head=HEAD,
            )
        )
    _show_keys(key, change)
    for what in exposed:
        tell(Sentence("EXPOSED: {what}", what=what))
    show_table(
        (Sentence("flows"), Sentence("24 h"), Sentence("in all")),
        [(FUNNEL[funnel.Stage(name)], today[name], total[name]) for name in total],
    )
    typer.echo("")
    show_table((Sentence("sent"), Sentence("24 h"), Sentence("in all")), _bill(spent["today"], spent["total"]))
    typer.echo("")
    _show_faults(counts)
    if at_carrier:
        tell(Sentence("messages of erased officers to delete at the carrier: {number}", number=at_carrier))
    for name, value in (running | counts).items():
        tell(Sentence("{name}: {value}", name=COUNTS.get(name, name.replace("_", " ")), value=_shown(value)))
    tell(
        Sentence(
            "webhooks: {genuine} genuine, {forged} forged{last}",
            genuine=webhooks.genuine,
            forged=webhooks.forged,
            last=_last(webhooks),
        )
    )
    _show_backup(backed_up, held, is_missed=database.is_sqlite and settings.reaches_people)
    for budget in budgets:
        tell(_budget(budget))
    for number in numbers:
        tell(_sender(number))


def _ringing(one: alerts.OpenAlert) -> str:
    officer = json.loads(one.detail).get("officer")
    return Sentence(
        "ALERT {kind} {about}, {times} times, since {first_at:%Y-%m-%d %H:%M} UTC",
        kind=one.kind,
        about=f"{one.subject} ({officer})" if officer else one.subject,
        times=one.times,
        first_at=one.first_at,
    )


def _budget(budget: spending.Reading) -> str:
    text = Sentence(
        "budget {programme}, {period} from {begins}: {spent:g} of {limit:g} {unit}",
        programme=budget.programme,
        period=_PERIODS[budget.period],
        begins=budget.begins,
        spent=budget.spent,
        limit=budget.limit,
        unit=_UNITS.get(budget.unit, budget.unit),
    )
    return Sentence("{budget}, SPENT: nudges wait", budget=text) if budget.spent >= budget.limit else text


def _sender(number: Mapping[str, object]) -> str:
    whose: object = number["programme"] or Sentence("all programmes without their own")
    return Sentence(
        "sender {name}: {number}, for {whose}",
        name=number["name"],
        number=number["number"],
        whose=Sentence("{whose}, PAUSED", whose=whose) if number["paused"] else whose,
    )


_PERIODS = {"day": Sentence("day"), "month": Sentence("month")}
_UNITS = {"segments": Sentence("segments")}


def _last(webhooks: WebhookTally) -> str:
    if webhooks.all_forged:
        return Sentence(
            ", ALL of the last {in_a_row} that name our account: compare TRATO_PUBLIC_URL and TRATO_TWILIO_AUTH_TOKEN with Twilio's",
            in_a_row=webhooks.in_a_row,
        )
    return (
        Sentence(", the last at {moment} UTC", moment=webhooks.last_forged[:16].replace("T", " "))
        if webhooks.last_forged
        else ""
    )


def _show_backup(latest: backups.LatestBackup | None, held: restored.Restored | None, *, is_missed: bool) -> None:
    """Print when the latest backup was made, or that there is none where there should be one; and that nothing is sent after a restore."""
    if held is not None:
        tell(
            Sentence(
                "HELD after a restore: nothing is sent before `trato serve` has read the carrier's list since {at:%Y-%m-%d %H:%M} UTC",
                at=held.since,
            )
        )
    if latest is not None:
        tell(Sentence("last backup: {at:%Y-%m-%d %H:%M} UTC, {file}", at=latest.at, file=latest.file))
    elif is_missed:
        tell(Sentence("NO BACKUP yet: `trato backup` makes one"))


def _show_keys(fault: str | None, change: dict[str, Any] | None) -> None:
    """Print what is wrong with the key, and how far a change of keys is."""
    if fault is not None:
        tell(Sentence("KEY: {fault}", fault=fault))
    if change is not None:
        tell(
            Sentence(
                "CHANGE OF KEYS since {moment}: {sealed} values sealed anew, {left} rows left; `trato keys rotate` continues",
                moment=change["begun_at"],
                sealed=change["sealed"],
                left=change["rows_left"],
            )
        )


def _show_faults(counts: dict[str, Any]) -> None:
    """Print what is wrong, and take it out of the counts."""
    for reason, officers in counts.pop("on_hold").items():
        tell(Sentence("on hold, {reason}: {officers}", reason=_REASONS[reason], officers=_shown(officers)))
    for reason, found in counts.pop("cases").items():
        tell(
            Sentence(
                "cases, {reason}: {open} open, {new} that nobody has, the oldest {hours} h",
                reason=word("reason", reason),
                open=found["open"],
                new=found["new"],
                hours=found["oldest_hours"],
            )
        )
    for job, error in counts.pop("failing_jobs").items():
        tell(Sentence("FAILING job {job}: {error}", job=job, error=error))
    for code, lacking in counts.pop("not_ready").items():
        tell(
            Sentence(
                "NO CAMPAIGN of {code} begins: {names}; see `trato check --for-launch`",
                code=code,
                names=", ".join(lacking),
            )
        )
    for error, count in counts.pop("alerts_undelivered").items():
        tell(Sentence("ALERTS NOT DELIVERED, {number}: {error}", number=count, error=error))


FUNNEL = {
    funnel.Stage.planned: Sentence("planned"),
    funnel.Stage.begun: Sentence("begun"),
    funnel.Stage.sent: Sentence("sent"),
    funnel.Stage.delivered: Sentence("delivered"),
    funnel.Stage.read: Sentence("read"),
    funnel.Stage.replied: Sentence("replied"),
    funnel.Stage.completed: Sentence("completed"),
}
COUNTS = {
    "clock": Sentence("clock"),
    "sweep": Sentence("sweep"),
    "contacts": Sentence("contacts"),
    "sessions_open": Sentence("sessions open"),
    "responses": Sentence("responses"),
    "outbox_due": Sentence("outbox due"),
    "outbox_oldest_seconds": Sentence("outbox oldest seconds"),
    "outbox_unknown": Sentence("outbox unknown"),
    "messages_silent": Sentence("messages silent"),
    "messages_failed": Sentence("messages failed"),
    "needs_person": Sentence("needs person"),
    "unknown_senders": Sentence("unknown senders"),
    "dead_letters": Sentence("dead letters"),
    "deferred_messages": Sentence("deferred messages"),
    "files": Sentence("files"),
    "senders_resting": Sentence("senders resting"),
    "senders_paused": Sentence("senders paused"),
    "cohorts_paused": Sentence("cohorts paused"),
    "officers_held": Sentence("officers held"),
    "stopped": Sentence("stopped"),
}
_STATES = {"ticking": Sentence("ticking"), "stopped": Sentence("stopped"), "never": Sentence("never")}
_REASONS = {
    "crisis": Sentence("because of a crisis (see `trato cases`)"),
    "serious": Sentence("because of a serious incident (see `trato cases`)"),
    "number": Sentence("because the number may be somebody else's (`trato resume --officer` if it is theirs)"),
    "damaged": Sentence("damaged (see `trato officers check`)"),
    "loop": Sentence("because of a message loop"),
    "person": Sentence("by a person"),
}


def _key_fault(tx: Connection, settings: Settings) -> str | None:
    """The reason why nothing could start with this key; None if it is the database's."""
    try:
        keys.check(tx, vault_of(settings))
    except ConfigurationError as error:
        return error.text
    return None


def _key_change(tx: Connection) -> dict[str, Any] | None:
    """A change of keys that is not finished."""
    if (change := keys.change(tx)) is None:
        return None
    return {
        "begun_at": change.begun_at,
        "sealed": change.sealed,
        "unopened": change.unopened,
        "rows_left": rotating.left(tx, change),
    }


def _numbers(settings: Settings, paused: set[str]) -> list[dict[str, object]]:
    """Our numbers or Messaging Services, by the names `trato pause --sender` takes. They are not secret: officers see them."""
    carrier, ours = settings.channel, configured_numbers(settings)
    ways = [
        (channel, programme, _shown_origin(origin))
        for channel in CHANNELS
        for programme in (SHARED, *sorted(ours.own.get(channel, ())))
        if (origin := ours.origin(channel, programme)) is not None
    ]
    return [
        {
            "name": (name := our_numbers.name(carrier, channel, programme)).partition(":")[2],
            "channel": channel,
            "programme": programme,
            "number": number,
            "paused": name in paused,
        }
        for channel, programme, number in ways
    ]


def _shown_origin(origin: Number | Pool) -> str:
    match origin:
        case Number(address):
            return address.rpartition(":")[2]
        case Pool(name):
            return name


def _bill(today: dict[str, Any], total: dict[str, Any]) -> list[tuple[object, ...]]:
    counts: list[tuple[object, ...]] = [
        (name, today[name], total[name]) for name in (Sentence("messages"), Sentence("segments"))
    ]
    return [
        *counts,
        *(
            (Sentence("cost {unit}", unit=unit), today["cost"].get(unit, 0.0), cost)
            for unit, cost in total["cost"].items()
        ),
    ]


def _alert(one: alerts.OpenAlert) -> dict[str, object]:
    return {
        "kind": one.kind,
        "subject": one.subject,
        "times": one.times,
        "since": one.first_at.isoformat(),
        "last": one.last_at.isoformat(),
    }


def _shown(value: object) -> str:
    match value:
        case bool():
            return Sentence("yes") if value else Sentence("no")
        case dict():
            return ", ".join(f"{word('contact', key)} {count}" for key, count in value.items()) or Sentence("none")
        case list():
            return ", ".join(map(str, value)) or Sentence("none")
        case _:
            return _STATES.get(str(value), str(value))

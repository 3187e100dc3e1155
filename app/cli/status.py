"""`trato status`: the funnel today and in all, and what needs a person."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.channels.our_numbers import SHARED, Number, Pool
from app.cli._common import open_database, show_json, show_table
from app.clock import system_clock
from app.custody import rotating
from app.errors import ConfigurationError
from app.from_settings import configured_numbers, exposures, vault_of
from app.settings import Settings
from app.store import alerts, carrier_deletions, funnel, keys, our_numbers, schema_version, spending, webhook_tally
from app.store import status as store
from app.store.schema_version import HEAD
from app.store.webhook_tally import WebhookTally
from app.wording import counted

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
    if as_json:
        show_json(
            {
                "schema": {"version": schema.version, "newer": schema.is_newer},
                "key": key,
                "key_change": change,
                "carrier_deletions": at_carrier,
                "exposed": exposed,
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
        officer = json.loads(one.detail).get("officer")
        about = f"{one.subject} ({officer})" if officer else one.subject
        typer.echo(f"ALERT {one.kind} {about}, {one.times} times, since {one.first_at:%Y-%m-%d %H:%M} UTC")
    if schema.is_newer:
        typer.echo(f"schema {schema.version}: of a newer release, which permits this one (version {HEAD}) to serve")
    _show_keys(key, change)
    for what in exposed:
        typer.echo(f"EXPOSED: {what}")
    show_table(("flows", "24 h", "in all"), [(name, today[name], total[name]) for name in total])
    typer.echo("")
    show_table(("sent", "24 h", "in all"), _bill(spent["today"], spent["total"]))
    typer.echo("")
    _show_faults(counts)
    if at_carrier:
        typer.echo(f"{counted(at_carrier, 'message')} of erased officers to delete at the carrier")
    for name, value in (running | counts).items():
        typer.echo(f"{name.replace('_', ' ')}: {_shown(value)}")
    typer.echo(f"webhooks: {webhooks.genuine} genuine, {webhooks.forged} forged{_last(webhooks)}")
    for budget in budgets:
        typer.echo(
            f"budget {budget.programme}, {budget.period} from {budget.begins}: "
            f"{budget.spent:g} of {budget.limit:g} {budget.unit}"
            + (", SPENT: nudges wait" if budget.spent >= budget.limit else "")
        )
    for number in numbers:
        whose = number["programme"] or "all programmes without their own"
        typer.echo(f"sender {number['name']}: {number['number']}, for {whose}{', PAUSED' if number['paused'] else ''}")


def _last(webhooks: WebhookTally) -> str:
    if webhooks.all_forged:
        return (
            f", ALL of the last {webhooks.in_a_row} that name our account: compare TRATO_PUBLIC_URL and TRATO_TWILIO_AUTH_TOKEN "
            "with Twilio's"
        )
    return f", the last at {webhooks.last_forged[:16].replace('T', ' ')} UTC" if webhooks.last_forged else ""


def _show_keys(fault: str | None, change: dict[str, Any] | None) -> None:
    """Print what is wrong with the key, and how far a change of keys is."""
    if fault is not None:
        typer.echo(f"KEY: {fault}")
    if change is not None:
        typer.echo(
            f"CHANGE OF KEYS since {change['begun_at']}: {counted(change['sealed'], 'value')} sealed anew, "
            f"{counted(change['rows_left'], 'row')} left; `trato keys rotate` continues"
        )


def _show_faults(counts: dict[str, Any]) -> None:
    """Print what is wrong, and take it out of the counts."""
    for reason, officers in counts.pop("on_hold").items():
        typer.echo(f"on hold, {_REASONS[reason]}: {_shown(officers)}")
    for reason, found in counts.pop("cases").items():
        typer.echo(
            f"cases, {reason}: {found['open']} open, {found['new']} that nobody has, the oldest {found['oldest_hours']} h"
        )
    for job, error in counts.pop("failing_jobs").items():
        typer.echo(f"FAILING job {job}: {error}")
    for code, lacking in counts.pop("not_ready").items():
        typer.echo(f"NO CAMPAIGN of {code} begins: {', '.join(lacking)}; see `trato check --for-launch`")
    for error, count in counts.pop("alerts_undelivered").items():
        typer.echo(f"ALERTS NOT DELIVERED, {count}: {error}")


_REASONS = {
    "crisis": "because of a crisis (see `trato cases`)",
    "serious": "because of a serious incident (see `trato cases`)",
    "number": "because the number may be somebody else's (`trato resume --officer` if it is theirs)",
    "damaged": "damaged (see `trato officers check`)",
    "loop": "because of a message loop",
    "person": "by a person",
}


def _key_fault(tx: Connection, settings: Settings) -> str | None:
    """The reason why nothing could start with this key; None if it is the database's."""
    try:
        keys.check(tx, vault_of(settings))
    except ConfigurationError as error:
        return str(error)
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
    counts: list[tuple[object, ...]] = [(name, today[name], total[name]) for name in ("messages", "segments")]
    return [*counts, *((f"cost {unit}", today["cost"].get(unit, 0.0), cost) for unit, cost in total["cost"].items())]


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
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
        case list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)

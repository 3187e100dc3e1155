"""`trato alerts test`: whether alerts leave the machine."""

import asyncio
from typing import Annotated
from uuid import uuid4

import typer

from app.alerting.ways import Hook, Mailer, Undelivered
from app.alerting.wording import test_notice
from app.cli._common import actor, installation, programme
from app.clock import system_clock
from app.errors import ExternalError, UsageError
from app.flows.language.definition import Programme
from app.from_settings import alert_ways
from app.scheduler.first_steps import ALERTS_TRIED
from app.settings import Settings
from app.store import audit

app = typer.Typer(no_args_is_help=True, help="Send a test alert to the people named for a programme.")


@app.callback()
def _group() -> None:
    """Send a test alert to the people named for a programme."""


@app.command("test")
def send_test(
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
) -> None:
    """Send a test to everybody whom the flow file names under alerts, and say whether the servers took it."""
    settings = Settings.load()
    wanted = programme(settings, programme_code)
    mailer, hook = alert_ways(settings)
    outcomes = asyncio.run(_send_all(wanted, mailer, hook))
    if not outcomes:
        raise UsageError(f"{wanted.programme} names nobody: add alerts to its file, with email or webhook")
    with installation() as place, place.database.transaction() as tx:
        detail = {"delivered": sum(error is None for _, error in outcomes), "of": len(outcomes)}
        audit.record(tx, system_clock(), actor(), ALERTS_TRIED, f"programme:{wanted.programme}", detail)
    for receiver, error in outcomes:
        typer.echo(f"{receiver}: {error or 'the server took it; ask whether it has arrived'}")
    if failed := sum(error is not None for _, error in outcomes):
        raise ExternalError(f"{failed} of {len(outcomes)} could not be delivered")


async def _send_all(wanted: Programme, mailer: Mailer | None, hook: Hook) -> list[tuple[str, str | None]]:
    """Each receiver, with what went wrong."""
    outcomes = [(address, await _mail(mailer, address, wanted.programme)) for address in wanted.alerts.email]
    if (url := wanted.alerts.webhook) is not None:
        outcomes.append(("webhook", await _post(hook, url, wanted.programme)))
    return outcomes


async def _mail(mailer: Mailer | None, address: str, code: str) -> str | None:
    if mailer is None:
        return "TRATO_SMTP_HOST is not set"
    try:
        await mailer.send(address, test_notice(code), uuid4().hex)
    except Undelivered as error:
        return str(error)
    return None


async def _post(hook: Hook, url: str, code: str) -> str | None:
    try:
        await hook.post(url, [{"event": "test", "programme": code}], uuid4().hex)
    except Undelivered as error:
        return str(error)
    return None

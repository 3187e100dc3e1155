"""`trato alerts test`: whether alerts leave the machine."""

import asyncio
from typing import Annotated

import typer

from app.alerting import trying
from app.cli._common import actor, installation, programme
from app.cli.language import tell
from app.clock import system_clock
from app.errors import ExternalError
from app.from_settings import alert_ways
from app.settings import Settings
from app.wording import Sentence

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
    attempts = asyncio.run(trying.send(wanted, *alert_ways(settings)))
    with installation() as place, place.database.transaction() as tx:
        trying.record(tx, wanted.programme, attempts, system_clock(), actor())
    for one in attempts:
        told = one.error or Sentence("the server took it; ask whether it has arrived")
        tell(Sentence("{receiver}: {outcome}", receiver=one.receiver, outcome=told))
    if failed := sum(one.error is not None for one in attempts):
        raise ExternalError(
            Sentence("{failed} of {number} could not be delivered", failed=failed, number=len(attempts))
        )

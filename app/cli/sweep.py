"""`trato sweep`: fetches inbound messages whose webhook never arrived, now."""

import asyncio
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from app.cli._common import show_json
from app.cli.language import tell
from app.cli.logs import configure
from app.conversations.sweeping import SweepReport
from app.main import Service, build
from app.settings import Settings
from app.store import leases
from app.wording import Sentence

_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def sweep(
    since: Annotated[
        datetime | None,
        typer.Option(formats=_MOMENTS, help="From this moment on, UTC. Default: the end of the last sweep."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fetch inbound messages whose webhook never arrived. `trato serve` does so by itself every few minutes.

    Messages of the last two minutes are left to their webhooks. Safe to run at any time, and to repeat.
    """
    configure()
    service = build(Settings.load())
    with closing(service.database):
        swept = asyncio.run(_sweep(service, since and since.replace(tzinfo=UTC)))
    if as_json:
        show_json(asdict(swept))
        return
    tell(
        Sentence(
            "since {since:%Y-%m-%d %H:%M} UTC: {found} found, {new} new, {known} known",
            since=swept.since,
            found=swept.found,
            new=swept.new,
            known=swept.duplicate,
        )
    )
    if swept.set_aside:
        tell(Sentence("{number} could not be processed: see `trato dead-letters`", number=swept.set_aside))


async def _sweep(service: Service, since: datetime | None) -> SweepReport:
    try:
        return await service.sweeper.sweep(since)
    finally:
        await service.ledger.run(partial(leases.release_all, owner=service.ticker.owner, now=service.clock()))
        await service.ledger.close()
        await service.channel.aclose()

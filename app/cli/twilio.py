"""`trato twilio configure`: the addresses that the carrier calls, set at the carrier."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from app.channels.account import Sender
from app.cli._common import Installation, actor, installation, show_json
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import make_channel
from app.store import audit
from app.wording import Sentence

app = typer.Typer(no_args_is_help=True, help="Set the addresses that Twilio calls.")


@app.callback()
def _group() -> None:
    """Set the addresses that Twilio calls."""


@app.command()
def configure(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change. Nothing is set.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Set the addresses that Twilio calls when a message comes in, for each number, WhatsApp sender and Messaging Service of the settings.

    A fallback on another machine stays as it is. Exit code 1 if the account lacks one of them.
    """
    with installation() as place:
        found = asyncio.run(_configure(place, dry_run=dry_run))
    if as_json:
        show_json([_as_json(sender) for sender in found])
    else:
        _show(found, dry_run=dry_run)
    if any(sender.id is None for sender in found):
        raise typer.Exit(1)


async def _configure(place: Installation, *, dry_run: bool) -> list[Sender]:
    """The senders as they were."""
    channel = make_channel(place.settings, system_clock)
    try:
        if channel.account is None:
            raise UsageError(
                Sentence(
                    "the simulator has no addresses to set: TRATO_CHANNEL=twilio and its settings name the account"
                )
            )
        found = await channel.account.senders()
        wrong = [sender for sender in found if sender.id is not None and not sender.is_configured]
        if wrong and not dry_run:
            with place.database.transaction() as tx:
                audit.record(tx, system_clock(), actor(), "twilio configure", "carrier", {"senders": len(wrong)})
            for sender in wrong:
                await channel.account.configure(sender)
        return found
    finally:
        await channel.aclose()


def _show(found: Sequence[Sender], *, dry_run: bool) -> None:
    for sender in found:
        where = sender.channel or Sentence("Messaging Service")
        for fault in sender.faults:
            tell(Sentence("{fault}. {remedy}", fault=fault.text, remedy=fault.remedy))
        if sender.is_configured:
            tell(Sentence("{name} ({where}): right already", name=sender.name, where=where))
        elif sender.id is not None:
            done = Sentence("would be set") if dry_run else Sentence("set")
            tell(Sentence("{name} ({where}): {done}", name=sender.name, where=where, done=done))
            for hook in sender.hooks:
                typer.echo(f"  {hook.kind}: {hook.now or '-'} -> {hook.wanted}")


def _as_json(sender: Sender) -> dict[str, object]:
    return {
        "sender": sender.name,
        "channel": sender.channel,
        "found": sender.id is not None,
        "was_right": sender.is_configured,
        "hooks": [{"kind": hook.kind, "before": hook.now, "after": hook.wanted} for hook in sender.hooks],
        "faults": [fault.text for fault in sender.faults],
    }

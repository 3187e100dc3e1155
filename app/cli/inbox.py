"""`trato inbox`: messages from unknown senders, who may be officers with a new number."""

from typing import Annotated

import typer

from app.cli._common import Installation, installation, show_json, show_table
from app.clock import system_clock
from app.errors import UsageError
from app.roster import unknown_senders as service
from app.roster.unknown_senders import UnknownSender

HEADERS = ("sender", "channel", "from", "messages", "first (UTC)", "last (UTC)", "perhaps")
_MINUTE = "%Y-%m-%d %H:%M"


def inbox(
    show: Annotated[
        int | None, typer.Option(help="Show this sender's number, name and messages; recorded in the audit log.")
    ] = None,
    dismiss: Annotated[int | None, typer.Option(help="Take this sender, who is no officer, off the list.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show messages from unknown numbers, by the number's last digits.

    Is it an officer? `trato officers number STUDY_ID --sender SENDER` gives the officer that number.
    """
    if show is not None and dismiss is not None:
        raise UsageError("--show or --dismiss, not both")
    with installation() as place:
        if show is not None:
            _show(place, show, as_json)
        elif dismiss is not None:
            with place.database.transaction() as tx:
                service.dismiss(tx, dismiss, system_clock())
            typer.echo(f"sender {dismiss} is off the list")
        else:
            _list(place, as_json)


def _list(place: Installation, as_json: bool) -> None:
    with place.database.reading() as tx:
        found = service.waiting(tx, place.vault)
    if as_json:
        show_json({"waiting": [dict(zip(("sender", *HEADERS[1:]), _cells(one), strict=True)) for one in found]})
        return
    if found:
        show_table(HEADERS, [_cells(one) for one in found])
    typer.echo(f"{len(found)} waiting")


def _cells(one: UnknownSender) -> tuple[object, ...]:
    return (
        one.id,
        one.channel,
        one.ending,
        one.messages,
        f"{one.first_at:{_MINUTE}}",
        f"{one.last_at:{_MINUTE}}",
        one.perhaps,
    )


def _show(place: Installation, sender: int, as_json: bool) -> None:
    with place.database.transaction() as tx:
        found = service.details(tx, place.vault, sender, system_clock())
    lines = [
        {"at": one.at.isoformat(), "channel": one.channel, "text": one.body, "files": one.media != "[]"}
        for one in found.messages
    ]
    if as_json:
        show_json({"address": found.address, "profile": found.profile, "messages": lines})
        return
    typer.echo(f"{found.address}  {found.profile}".rstrip())
    for one in found.messages:
        typer.echo(f"{one.at:{_MINUTE}}  {one.body}{' [file]' if one.media != '[]' else ''}")

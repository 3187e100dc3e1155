"""`trato officers`: finds an officer, changes an officer's number, or repairs a damaged one. Only `find`, `number` and `trato inbox`
show names and numbers; each use is recorded in the audit log."""

from enum import StrEnum
from typing import Annotated

import typer

from app.channels.addresses import BadNumber, parse_number
from app.cli import mending
from app.cli._common import installation, show_json, show_table
from app.clock import system_clock
from app.errors import UsageError
from app.roster import numbers, people, repair, unknown_senders
from app.roster.numbers import NumberChange

app = typer.Typer(help="Find an officer, change an officer's number, or repair a damaged one.", no_args_is_help=True)


class ChannelName(StrEnum):
    """A channel, as an option."""

    whatsapp = "whatsapp"
    sms = "sms"


@app.callback()
def root() -> None:
    """Commands for single officers."""


app.command("check")(mending.check)
app.command("mend")(mending.mend)


@app.command("find")
def find(
    words: Annotated[
        list[str],
        typer.Argument(help="A name or the beginnings of its words, or at least the last four digits of a number."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find an officer's study id by name or number. Exit code 1 if there is none."""
    with installation() as place, place.database.transaction() as tx:
        found = people.find(tx, place.vault, " ".join(words), system_clock())
        unopened = repair.unopened(tx, place.vault)
    if unopened:
        ids = ", ".join(one.study_id for one in unopened)
        typer.echo(
            f"names or numbers of these cannot be opened, and are not searched (see `trato officers check`): {ids}",
            err=True,
        )
    cells = [(one.study_id, one.name, one.cohort, ", ".join(one.numbers), one.status) for one in found]
    headers = ("study id", "name", "cohort", "number", "status")
    if as_json:
        show_json({"officers": [dict(zip(("study_id", *headers[1:]), row, strict=True)) for row in cells]})
    elif cells:
        show_table(headers, cells)
    else:
        typer.echo("no officer has that name or number")
    if not cells:
        raise typer.Exit(1)


@app.command("number")
def number(
    study_id: Annotated[str, typer.Argument(help="The officer's study id; see `trato officers find`.")],
    new: Annotated[
        str | None,
        typer.Argument(metavar="NUMBER", help="The new number; prompted for unless --sender is given."),
    ] = None,
    sender: Annotated[
        int | None, typer.Option(help="An unknown sender listed by `trato inbox`, instead of the number.")
    ] = None,
    channel: Annotated[ChannelName | None, typer.Option(help="Only on this channel; by default on both.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Take the number from the officer who has it.")] = False,
    swap: Annotated[bool, typer.Option("--swap", help="Exchange numbers with the officer who has it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Give an officer a new number, after a person has confirmed it.

    The old number is retired: nothing is sent there, and messages from it are from an unknown sender. An open conversation
    continues at the new number. Earlier messages from the new number become the officer's history: they are not read as
    answers, but a BAJA among them is honoured.
    """
    if (new is not None and sender is not None) or (take and swap):
        raise UsageError("give either NUMBER or --sender, and at most one of --take and --swap")
    if new is None and sender is None:
        new = typer.prompt("New number")
    with installation() as place, place.database.transaction() as tx:
        plain = unknown_senders.address_of(tx, place.vault, sender) if sender is not None else _parsed(new or "")
        done = numbers.change(
            tx,
            place.vault,
            study_id,
            plain,
            system_clock(),
            channel=channel.value if channel else None,
            take=take,
            swap=swap,
        )
    if as_json:
        show_json({name: getattr(done, name) for name in NumberChange.__dataclass_fields__})
    else:
        _tell(done)


def _parsed(text: str) -> str:
    try:
        return parse_number(text)
    except BadNumber as error:
        raise UsageError(f"NUMBER: {error}") from None


def _tell(done: NumberChange) -> None:
    typer.echo(
        f"officer {done.study_id} has the number; {done.retired} old addresses retired, {done.messages} earlier messages kept as history"
    )
    if done.opted_out:
        typer.echo("the last keyword in these messages was BAJA: the officer has left the programme")
    if done.holder:
        typer.echo(
            f"officer {done.holder} has the old number"
            if done.swapped
            else f"officer {done.holder} no longer has that number"
        )

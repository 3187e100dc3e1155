"""`trato keys`: the change of the secret key. docs/keys.md says what it seals, and what a lost key means."""

from typing import Annotated

import typer

from app.cli._common import actor, installation, open_database, show_json
from app.cli.language import agreed, tell
from app.clock import system_clock
from app.custody import rotating
from app.from_settings import vault_of
from app.store import audit
from app.store.keys import KeyChange
from app.wording import Sentence, sealed_values, values

app = typer.Typer(help="Change the secret key.", no_args_is_help=True)

_TOLD_EVERY = 10_000


@app.callback()
def root() -> None:
    """Commands for the secret key."""


@app.command()
def rotate(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Seal everything anew with TRATO_SECRET_KEY, from TRATO_SECRET_KEY_OLD. May be interrupted and run again, while the service runs.

    Exit code 1 if there is something that neither key opens; it stays as it is.
    """
    told = 0

    def progress(change: KeyChange) -> None:
        nonlocal told
        if change.sealed - told >= _TOLD_EVERY:
            told = change.sealed
            tell(Sentence("{values} sealed anew so far", values=values(told)), err=True)

    with installation() as place:
        done = rotating.rotate(place.database, place.vault, system_clock, actor(), progress)
    if as_json:
        show_json(
            {
                "sealed": done.sealed if done else 0,
                "unopened": done.unopened if done else 0,
                "changed": done is not None,
            }
        )
    elif done is None:
        tell(
            Sentence(
                "no change of keys is under way: set the new key in TRATO_SECRET_KEY, and the one before in TRATO_SECRET_KEY_OLD"
            )
        )
    else:
        tell(Sentence("{values} sealed anew: TRATO_SECRET_KEY_OLD is needed no more", values=values(done.sealed)))
        if done.unopened:
            tell(Sentence("{values} that neither key opens: as before", values=values(done.unopened)), err=True)
    raise typer.Exit(1 if done is not None and done.unopened else 0)


@app.command()
def settle(
    reason: Annotated[str, typer.Option(help="How a key was lost, for the audit log: without a name.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """End a change of keys of which one key is lost, with TRATO_SECRET_KEY, the one that is left. Words sealed with the lost one alone stay unreadable.

    Stop the service before. docs/keys.md says what else to try first.
    """
    audit.reason(reason)
    with open_database() as (settings, database):
        vault = vault_of(settings)
        if not yes:
            with database.reading() as tx:
                lost = rotating.unopened(tx, vault)
            if not agreed(
                Sentence("{values} can then never be read again. End the change?", values=sealed_values(lost))
            ):
                raise typer.Abort
        with database.transaction() as tx:
            lost = rotating.settle(tx, vault, reason, system_clock(), actor())
    if as_json:
        show_json({"lost": lost})
    else:
        tell(
            Sentence(
                "the change of keys is over; {values} are lost: `trato officers check` lists the officers concerned",
                values=values(lost),
            )
        )

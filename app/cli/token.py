"""`trato token`: the tokens with which programs call the API for an account."""

from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.people import tokens
from app.people.actors import EVERY_PROGRAMME
from app.people.roles import SCOPES, Permission
from app.wording import Sentence

HEADERS = (
    Sentence("token"),
    Sentence("account"),
    Sentence("{of_a_token}label", of_a_token=""),
    Sentence("scopes"),
    Sentence("programme"),
    Sentence("expires (UTC)"),
    Sentence("last used (UTC)"),
    Sentence("state"),
)
_DAY = "%Y-%m-%d"
_SCOPES = ", ".join(sorted(SCOPES))

app = typer.Typer(help="Make, list and revoke the tokens of programs that call the API.", no_args_is_help=True)


@app.callback()
def root() -> None:
    """Commands for tokens."""


@app.command("list")
def list_tokens(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the tokens: whose, for what, until when. The tokens themselves are not stored."""
    now = system_clock()
    with installation() as place, place.database.reading() as tx:
        found = tokens.listed(tx)
    cells = [
        (
            one.id,
            one.account,
            one.label,
            one.scopes,
            one.programme or Sentence("every"),
            f"{one.expires_at:{_DAY}}",
            f"{one.used_at:{_DAY}}" if one.used_at else None,
            tokens.state(one, now),
        )
        for one in found
    ]
    if as_json:
        names = ("token", "account", "label", "scopes", "programme", "expires", "last_used", "state")
        show_json({"tokens": [dict(zip(names, row, strict=True)) for row in cells]})
    elif cells:
        show_table(HEADERS, cells)
    else:
        tell(Sentence("no token yet: `trato token add ACCOUNT` makes one"))


@app.command()
def add(
    account: Annotated[str, typer.Argument(help="The account that the token acts for.")],
    label: Annotated[str, typer.Option(help="The program that gets it.")],
    scope: Annotated[list[str], typer.Option(help=f"A permission of the token; may be repeated: {_SCOPES}.")],
    programme: Annotated[str | None, typer.Option(help="Only this programme; default: all of the account's.")] = None,
    days: Annotated[int, typer.Option(help=f"Days until it expires, at most {tokens.LONGEST_DAYS}.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Make a token, and print it: this once, as it is stored as a hash only."""
    with installation() as place, place.database.transaction() as tx:
        made, secret = tokens.make(
            tx,
            account,
            label,
            [_scope(one) for one in dict.fromkeys(scope)],
            programme or EVERY_PROGRAMME,
            days,
            system_clock(),
            actor(),
        )
    if as_json:
        show_json({"token": made, "secret": secret})
    else:
        tell(Sentence("token {token} of {account}, for {days} days:", token=made, account=account, days=days))
        typer.echo(secret)


@app.command()
def revoke(token: Annotated[int, typer.Argument(help="The number of the token; see `trato token list`.")]) -> None:
    """Revoke a token, at once."""
    with installation() as place, place.database.transaction() as tx:
        tokens.revoke(tx, token, system_clock(), actor())
    tell(Sentence("token {token}: revoked", token=token))


def _scope(text: str) -> Permission:
    if text not in SCOPES:
        raise UsageError(Sentence("--scope {scope}: it must be one of {scopes}", scope=text[:40], scopes=_SCOPES))
    return Permission(text)

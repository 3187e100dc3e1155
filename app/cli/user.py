"""`trato user`: the people who may sign in, their roles, and how they prove who they are. A lost password or second factor is replaced
here, on the machine, which the audit log keeps."""

from typing import Annotated

import typer

from app.cli._common import Installation, actor, installation, show_json, show_table
from app.cli.language import ask_twice, said, tell
from app.clock import system_clock
from app.errors import UsageError
from app.people import accounts, throttle, totp
from app.people.accounts import Listed
from app.people.actors import EVERY_PROGRAMME, Grant
from app.people.roles import Role
from app.wording import Sentence

HEADERS = (
    Sentence("account"),
    Sentence("name"),
    Sentence("roles"),
    Sentence("password"),
    Sentence("second factor"),
    Sentence("directory"),
    Sentence("{of_an_account}open sessions", of_an_account=""),
    Sentence("state"),
)

app = typer.Typer(help="Manage the people who may sign in, and their roles.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name of the account.", metavar="NAME")]
ProgrammeOption = Annotated[str | None, typer.Option(help="The programme of the role; default: every programme.")]


@app.callback()
def root() -> None:
    """Commands for accounts."""


@app.command("list")
def list_accounts(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the accounts, with their roles."""
    with installation() as place, place.database.reading() as tx:
        found, failures = accounts.listed(tx, place.vault, system_clock()), throttle.total(tx)
    if as_json:
        show_json({"accounts": [_json(one) for one in found], "failures": failures})
        return
    if found:
        show_table(HEADERS, [_cells(one) for one in found])
    else:
        tell(Sentence("nobody yet: `trato user add NAME --role administrator` adds the first account"))
    if failures:
        tell(Sentence("{number} failed sign-ins and unknown tokens in the last day", number=failures))


@app.command()
def add(
    name: Name,
    role: Annotated[Role | None, typer.Option(help="The first role.")] = None,
    programme: ProgrammeOption = None,
    password: Annotated[
        bool, typer.Option("--password/--no-password", help="Ask for a password; without one it can only own tokens.")
    ] = True,
) -> None:
    """Add an account. The password is asked for, and never shown."""
    if role is None and programme is not None:
        raise UsageError(Sentence("--programme belongs to --role"))
    with installation() as place:
        secret = _new_password(place, name) if password else None
        with place.database.transaction() as tx:
            accounts.add(tx, name, secret, system_clock(), actor())
            if role is not None:
                accounts.give_role(tx, name, _grant(role, programme), system_clock(), actor())
    if role is None:
        tell(Sentence("{name}: added; it has no role yet", name=name))
    else:
        tell(Sentence("{name}: added, {role}", name=name, role=accounts.described(_grant(role, programme))))


@app.command("password")
def set_password(name: Name) -> None:
    """Set an account's password, and end its sessions."""
    with installation() as place:
        secret = _new_password(place, name, known=True)
        with place.database.transaction() as tx:
            ended = accounts.set_password(tx, place.vault, name, secret, system_clock(), actor())
    tell(Sentence("{name}: new password; {number} sessions ended", name=name, number=ended))


@app.command("second-factor")
def second_factor(
    name: Name,
    remove: Annotated[bool, typer.Option("--remove", help="Require none any more, and end the sessions.")] = False,
) -> None:
    """Require a code of an app on the person's telephone at each sign-in, or --remove that."""
    with installation() as place:
        with place.database.reading() as tx:
            accounts.find(tx, name)
        if remove:
            with place.database.transaction() as tx:
                accounts.remove_second_factor(tx, name, system_clock(), actor())
            tell(Sentence("{name}: no second factor", name=name))
            return
        secret = totp.new_secret()
        tell(Sentence("Add this to the app, once: {uri}", uri=totp.uri(secret, name)))
        code = typer.prompt(said(Sentence("The code that the app shows")))
        with place.database.transaction() as tx:
            accounts.set_second_factor(tx, place.vault, name, secret, code, system_clock(), actor())
    tell(Sentence("{name}: needs a code at each sign-in", name=name))


@app.command()
def directory(
    name: Name,
    email: Annotated[str | None, typer.Argument(help="The address that the directory has.", show_default=False)] = None,
    remove: Annotated[bool, typer.Option("--remove", help="No longer, and end the sessions.")] = False,
) -> None:
    """Let the person of an e-mail address sign in by the organisation's directory (TRATO_OIDC_ISSUER)."""
    if (email is None) != remove:
        raise UsageError(Sentence("give either the e-mail address or --remove"))
    with installation() as place, place.database.transaction() as tx:
        accounts.set_directory(tx, name, email, system_clock(), actor())
    tell(
        Sentence("{name}: signs in by no directory", name=name)
        if remove
        else Sentence("{name}: signs in by the directory", name=name)
    )


@app.command()
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="The role.", show_default=False)],
    programme: ProgrammeOption = None,
    take: Annotated[bool, typer.Option("--take", help="Take the role away.")] = False,
) -> None:
    """Give an account a role, or --take it away. This acts at once, also on open sessions and on tokens."""
    grant = _grant(role, programme)
    with installation() as place, place.database.transaction() as tx:
        if take:
            accounts.take_role(tx, name, grant, system_clock(), actor())
        else:
            accounts.give_role(tx, name, grant, system_clock(), actor())
    role_ = accounts.described(grant)
    tell(
        Sentence("{name}: no longer {role}", name=name, role=role_)
        if take
        else Sentence("{name}: {role}", name=name, role=role_)
    )


@app.command()
def disable(name: Name) -> None:
    """Let an account do nothing any more: its sessions end, its tokens are refused."""
    with installation() as place, place.database.transaction() as tx:
        ended = accounts.disable(tx, name, system_clock(), actor())
    tell(Sentence("{name}: disabled; {number} sessions ended", name=name, number=ended))


@app.command()
def enable(name: Name) -> None:
    """Let a disabled account sign in again."""
    with installation() as place, place.database.transaction() as tx:
        accounts.enable(tx, name, system_clock(), actor())
    tell(Sentence("{name}: enabled", name=name))


@app.command("sign-out")
def sign_out(name: Name) -> None:
    """End all sessions of an account."""
    with installation() as place, place.database.transaction() as tx:
        ended = accounts.sign_out(tx, name, system_clock(), actor())
    tell(Sentence("{name}: {number} sessions ended", name=name, number=ended))


def _new_password(place: Installation, name: str, *, known: bool = False) -> str:
    """Ask twice, after the name has been looked at: nobody types a password for nothing."""
    with place.database.reading() as tx:
        if known:
            accounts.find(tx, name)
        else:
            accounts.check_new(tx, name)
    return str(ask_twice(Sentence("Password")))


def _grant(role: Role, programme: str | None) -> Grant:
    return Grant(role, programme or EVERY_PROGRAMME)


def _cells(one: Listed) -> tuple[object, ...]:
    return (
        one.id,
        one.name,
        "; ".join(said(accounts.described(grant)) for grant in one.grants),
        _yes(one.password),
        _yes(one.second_factor),
        _yes(one.directory),
        one.sessions,
        _state(one),
    )


def _state(one: Listed) -> str:
    if one.disabled:
        return Sentence("disabled")
    return Sentence("after failures, waits {seconds} s", seconds=one.waiting.seconds) if one.waiting else ""


def _yes(is_so: bool) -> str:
    return Sentence("yes") if is_so else Sentence("no")


def _json(one: Listed) -> dict[str, object]:
    return {
        "account": one.id,
        "name": one.name,
        "roles": [{"role": grant.role, "programme": grant.programme or None} for grant in one.grants],
        "password": one.password,
        "second_factor": one.second_factor,
        "directory": one.directory,
        "sessions": one.sessions,
        "disabled": one.disabled,
        "waits_seconds": int(one.waiting.total_seconds()),
    }

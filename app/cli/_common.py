"""Shared by several commands: opening the installation, choosing a programme, printing JSON and tables."""

import json
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import typer
from sqlalchemy import Connection

from app.cli import called
from app.cli.language import said, tell
from app.clock import system_clock
from app.conversations.library import Library
from app.errors import ConfigurationError
from app.flows.language.definition import Programme
from app.flows.loader import LoadedFile, load_folder
from app.from_settings import vault_of
from app.people import actors
from app.people.actors import Forbidden, claimed, refusal
from app.people.roles import COMMANDS
from app.settings import Settings
from app.store import damaged_rows, keys
from app.store.database import Database
from app.store.vault import Vault
from app.wording import Sentence


def actor() -> str:
    """The person at the command line, for the audit log: TRATO_ACTOR, else the user of the machine. Nobody proves it."""
    return claimed(_person(Settings.load()))


def _person(settings: Settings) -> str:
    if settings.actor is not None:
        return settings.actor
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # as in a container
        return f"uid-{os.getuid()}"


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings, the open database at this release's schema, and the vault."""

    settings: Settings
    database: Database
    vault: Vault


@contextmanager
def installation() -> Iterator[Installation]:
    """Open the configured installation, and close it afterwards. Raises ConfigurationError, also if its key is not the database's,
    and ExternalError."""
    with open_database() as (settings, database):
        vault = vault_of(settings)
        keys.claim(database, vault, system_clock(), claimed(_person(settings)))
        yield Installation(settings, database, vault)


@contextmanager
def open_database() -> Iterator[tuple[Settings, Database]]:
    """Open the database alone, for commands that must run with any key, and close it afterwards. Raises ConfigurationError,
    ExternalError."""
    settings = Settings.load()
    database = Database(settings.database_url)
    try:
        database.prepare()
        _guard(database, _person(settings))
        yield settings, database
    finally:
        database.close()


def _guard(database: Database, name: str) -> None:
    """Raise Forbidden if a person with an account has no role for this command. A guard against mistakes, not against the person,
    who may say to be somebody else, and has the key and the database anyway."""
    words = called.WORDS.get()
    if words is None:  # a function that is called without the command line
        return
    permission = COMMANDS[words]
    with database.reading() as tx:
        person = actors.person(tx, name)
    if person is not None and not person.may_somewhere(permission):
        raise Forbidden(refusal(name, permission))


def library_of(tx: Connection) -> Library:
    """The published programmes."""
    found = Library()
    found.refresh(tx)
    return found


def warn_of_damaged(tx: Connection, programme: str | None = None, cohort: str | None = None) -> dict[int, str]:
    """Print on stderr which officers of a programme or a cohort a command leaves out, because their rows are damaged. Returns their
    study ids by contact id."""
    found = damaged_rows.unreadable(tx, programme, cohort)
    if found:
        tell(
            Sentence(
                "left out, because their rows are damaged (see `trato officers check`): {names}",
                names=", ".join(found.values()),
            ),
            err=True,
        )
    return found


def programme(settings: Settings, code: str | None) -> Programme:
    """A programme of the flows folder by its code; the only one if `code` is None. Raises ConfigurationError."""
    return flow_file(settings, code)[0]


def flow_file(settings: Settings, code: str | None) -> tuple[Programme, LoadedFile]:
    """The same with its file."""
    loaded = load_folder(settings.flows)
    found = {item.programme.programme: (item.programme, item) for item in loaded if item.programme is not None}
    if code is not None and code in found:
        return found[code]
    if code is None and len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise ConfigurationError(Sentence("no valid programme in {folder}: see `trato check`", folder=settings.flows))
    raise ConfigurationError(Sentence("choose a programme with --programme: {names}", names=", ".join(sorted(found))))


def show_json(data: object) -> None:
    """Print data as one line of JSON."""
    typer.echo(json.dumps(data, ensure_ascii=False, default=str))


def show_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table as plain aligned columns. None is an empty cell."""
    lines = [[said(cell) for cell in headers], *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headers))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(cell: object) -> str:
    if isinstance(cell, str):
        return said(cell)
    return "" if cell is None else str(cell)


class Late(StrEnum):
    """Whether answers that came after their question had expired count in scores."""

    exclude = "exclude"
    include = "include"

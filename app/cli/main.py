"""`trato`: the command line's root. Knows the name and the one-line help of every command, and imports a command only when
it is called, so that `trato --help` is quick. Turns an AppError into one clear line and its exit code."""

import importlib
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from app import __version__
from app.errors import AppError


class Entry(NamedTuple):
    """Where a command is, as `module:attribute` below `app.cli`, and its help."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo:demo", "Run the whole service with a simulated carrier and officers who answer."),
    "serve": Entry("serve:serve", "Run the service: webhooks, clock and sender."),
    "check": Entry("check:check", "Check flow files: every problem at once, with its place and a hint."),
    "schema": Entry("schema:schema", "Print the JSON Schema of flow files."),
    "play": Entry("play:play", "Talk through a flow in the terminal, as an officer would."),
    "diagram": Entry("diagram:diagram", "Show a flow as a diagram: its questions, and where each answer leads."),
    "test": Entry("test:test", "Play the transcript tests of flow files."),
    "diff": Entry("diff:diff", "Show what changed between two versions of a programme, by step and in words."),
    "publish": Entry("publish:publish", "Publish the flow files: new conversations use them from now on."),
    "flows": Entry("flows:app", "Give the texts of flow files to translators as a spreadsheet, and take it back."),
    "reply": Entry("reply:reply", "Show how a reply is understood."),
    "roster": Entry("roster:app", "Import officers from a CSV or XLSX file."),
    "officers": Entry("officers:app", "Find an officer, or give one another number."),
    "cohorts": Entry("cohorts:app", "Show the cohorts, or set the dates and the zone of one."),
    "leave": Entry("leave:app", "Note when officers are on leave, or work otherwise than their shift says."),
    "inbox": Entry("inbox:inbox", "Show who wrote from an unknown number, by the number's last digits."),
    "synth": Entry("synth:synth", "Run a whole programme for invented officers in simulated time."),
    "randomize": Entry(
        "randomize:randomize", "Draw officers to the arms of the programme's study, once and reproducibly."
    ),
    "plan": Entry("plan:plan", "Show who would get what and when. Nothing is sent."),
    "templates": Entry("templates:templates", "Show the WhatsApp templates that flows name, and check them at Twilio."),
    "export": Entry("export:export", "Write tables for analysis, their codebook, and scripts that load them."),
    "report": Entry("report:report", "Write a report as one page that prints: response, waves, the three levels."),
    "text": Entry("text:app", "Review free text, and code it by a code book, in sheets that go out and come back."),
    "status": Entry("status:status", "Show the funnel, and what needs a person."),
    "pause": Entry(
        "pause:pause", "Send nothing for now: to anybody, or to a cohort, an officer, or from one sender number."
    ),
    "resume": Entry(
        "pause:resume", "Let go on what was paused, or stopped by itself because the carrier found fault with it."
    ),
    "sweep": Entry("sweep:sweep", "Ask the carrier for messages that no webhook has brought."),
    "dead-letters": Entry("dead_letters:list_or_replay", "Show what could not be processed, or process it again."),
    "db": Entry("db:app", "Upgrade or check the database's schema."),
}


class Lazy(TyperGroup):
    """A group whose commands are listed by their names and helps, and loaded only to be run."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer's own context class is private
        """The names, in the order of a newcomer's day."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """A command's name and help, for the list of all."""
        return _listed(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """The command itself, when it is being called."""
        self.commands = {name: _listed(name) for name in COMMANDS if args[0] not in COMMANDS}
        return (args[0], load(args[0]), args[1:]) if args[0] in COMMANDS else super().resolve_command(ctx, args)


def load(name: str) -> Any:  # noqa: ANN401
    """Import a command by its name."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    found = getattr(importlib.import_module(f"app.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None  # plain help, as everywhere: it is read aloud, piped and searched
        group = typer.main.get_group(found)
        group.name = name
        return group
    return _alone(name, found)


def _listed(name: str) -> Any:  # noqa: ANN401
    return _alone(name, lambda: None, short_help=COMMANDS[name].help)


def _alone(name: str, function: Callable[..., None], **more: Any) -> Any:  # noqa: ANN401
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name, **more)(function)
    return typer.main.get_command(alone)


app = typer.Typer(
    cls=Lazy, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"trato {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Follow-up conversations after a workshop, over WhatsApp and SMS, kept as structured self-reports.

    Exit codes: 0 ok, 1 findings, 2 usage, 3 configuration, 4 something outside does not answer.
    """


def run() -> None:
    """The entry point: run a command, and say in one line what an operator can mend."""
    try:
        app(prog_name="trato")
    except AppError as error:
        typer.echo(f"trato: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # the edge: an error's text may hold somebody's data, its place does not
        if os.environ.get("TRATO_DEBUG"):
            raise
        typer.echo(f"trato: a fault of Trato itself, {_place(error)}; TRATO_DEBUG=1 shows all of it", err=True)
        sys.exit(1)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    where = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        where = f" at {name.rpartition('/app/')[2]}:{trace.tb_lineno}" if "/app/" in name else where
        trace = trace.tb_next
    return f"{type(error).__name__}{where}"


if __name__ == "__main__":
    run()

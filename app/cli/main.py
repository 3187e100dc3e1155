"""`trato`: the root of the command line. Holds the name and one-line help of every command and imports a command only when it
is called, so that `trato --help` is fast. Prints an AppError as one line and exits with its code."""

import importlib
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from app import __version__
from app.cli import called
from app.cli.help_texts import said, spoken, translated
from app.cli.language import take, tell
from app.errors import AppError
from app.wording import Sentence


class Entry(NamedTuple):
    """A command: its place, as `module:attribute` below `app.cli`, and its one-line help."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo:demo", "Run the whole service with a simulated carrier and officers who answer."),
    "init": Entry("init:init", "Make a folder with a programme to start from."),
    "serve": Entry("serve:serve", "Run the service: webhooks, clock and sender."),
    "check": Entry("check:check", "Check flow files: list every problem with its place and a hint."),
    "schema": Entry("schema:schema", "Print the JSON Schema of flow files."),
    "play": Entry("play:play", "Talk through a flow in the terminal, as an officer would."),
    "diagram": Entry("diagram:diagram", "Draw a flow: its questions, where each answer leads, and where it ends."),
    "test": Entry("test:test", "Run the transcript tests of flow files."),
    "diff": Entry("diff:diff", "Show what changed between two versions of a programme, step by step."),
    "publish": Entry("publish:publish", "Publish the flow files: new conversations use them from now on."),
    "flows": Entry("flows:app", "Export flow texts to a spreadsheet for translation, and import the edits."),
    "reply": Entry("reply:reply", "Show how a reply is understood."),
    "replies": Entry("replies:app", "See which replies were not understood, and add words for them."),
    "roster": Entry("roster:app", "Import officers from a CSV or XLSX file."),
    "officers": Entry("officers:app", "Find an officer, show the whole story, let out, invite again, change a number."),
    "cohorts": Entry("cohorts:app", "Show the cohorts, or set a cohort's dates and time zone."),
    "leave": Entry("leave:app", "Record leave, extra shifts and days off."),
    "cases": Entry("cases:app", "List what needs a person; show, answer, assign or close a case."),
    "synth": Entry("synth:synth", "Run a whole programme for invented officers in simulated time."),
    "power": Entry("power:simulate", "Simulate a study many times, and say the least effect that it would find."),
    "randomize": Entry("randomize:randomize", "Assign officers to the arms of the study, once and reproducibly."),
    "plan": Entry("plan:plan", "Show who would get what and when. Nothing is sent."),
    "templates": Entry(
        "templates:templates", "Show the WhatsApp templates that flows use, and compare them with the carrier's."
    ),
    "export": Entry("export:export", "Write tables for analysis, their codebook, and scripts that load them."),
    "report": Entry("report:report", "Write a printable one-page report: response, waves, the three levels."),
    "text": Entry("text:app", "Review and code free text in spreadsheets."),
    "corrections": Entry("corrections:app", "Correct answers in the data: a log with both values."),
    "status": Entry("status:status", "Show the funnel, and what needs a person."),
    "doctor": Entry("doctor:doctor", "Look at the whole installation, and name the remedy of each fault."),
    "twilio": Entry("twilio:app", "Set the addresses that Twilio calls."),
    "alerts": Entry("alerts:app", "Send a test alert to the people named for a programme."),
    "notice": Entry("notice:app", "Send a one-off message to a cohort; list, approve or cancel such messages."),
    "pause": Entry("pause:pause", "Pause sending: everyone, one cohort, one officer, or one of our numbers."),
    "resume": Entry("pause:resume", "Resume what was paused, or was stopped automatically after a carrier error."),
    "sweep": Entry("sweep:sweep", "Fetch inbound messages whose webhook never arrived."),
    "dead-letters": Entry("dead_letters:list_or_replay", "List what could not be processed, or process it again."),
    "user": Entry("user:app", "Manage the people who may sign in, and their roles."),
    "token": Entry("token:app", "Make, list and revoke the tokens of programs that call the API."),
    "audit": Entry("audit:app", "List the audit log, verify its chain, or print an anchor of it."),
    "erase": Entry("erase:erase", "Erase an officer, here and at the carrier."),
    "retention": Entry(
        "retention:retention", "Show how long each programme keeps what, and how much is over by now. Changes nothing."
    ),
    "anonymise": Entry(
        "anonymise:anonymise",
        "Make a programme anonymous, once it is over: erase every officer, keep coded answers.",
    ),
    "keys": Entry("keys:app", "Change the secret key."),
    "backup": Entry("backup:backup", "Make an encrypted backup of the database while Trato runs, and open it again."),
    "restore": Entry("restore:restore", "Restore a backup, while Trato is stopped."),
    "db": Entry("db:app", "Upgrade or check the database's schema, or move the database."),
    "docs": Entry("docs:docs", "Print a page of the documentation, or list all pages."),
}


class LazyGroup(TyperGroup):
    """A group that lists its commands from COMMANDS and imports one only to run it."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Take the language out of the line first, wherever it stands: help and errors are said in it."""
        left = take(args)
        translated(self)
        with spoken():
            return super().parse_args(ctx, left)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command that is called."""
        with spoken():
            return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - typer's own context class is private
        """The names, in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """A stub with a command's name and help, for the list of commands."""
        return _stub(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """The command that is called, imported."""
        self.commands = {name: _stub(name) for name in COMMANDS if args[0] not in COMMANDS}
        if args[0] not in COMMANDS:
            return super().resolve_command(ctx, args)
        found = load(args[0])
        second = next((word for word in args[1:] if word in getattr(found, "commands", ())), "")
        called.WORDS.set(f"{args[0]} {second}".strip())
        return args[0], translated(found), args[1:]


def load(name: str) -> Any:  # noqa: ANN401
    """Import a command by its name. Raises KeyError."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    found = getattr(importlib.import_module(f"app.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None  # plain help, which can be piped, searched and read aloud
        group = typer.main.get_group(found)
        group.name = name
        return group
    return _single(name, found)


def _stub(name: str) -> Any:  # noqa: ANN401
    return _single(name, lambda: None, short_help=said(COMMANDS[name].help))


def _single(name: str, function: Callable[..., None], **more: Any) -> Any:  # noqa: ANN401
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, **more)(function)
    return typer.main.get_command(single)


app = typer.Typer(
    cls=LazyGroup, add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
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
    lang: Annotated[
        str | None, typer.Option(help="The language of this command: es or en; also by TRATO_LANG.")
    ] = None,
) -> None:
    """Follow-up conversations after a workshop, over WhatsApp and SMS, kept as structured self-reports.

    Exit codes: 0 ok, 1 findings, 2 usage, 3 configuration, 4 an external system does not answer.
    """


def run() -> None:
    """The entry point. Prints an error as one line on standard error and exits with its code. Whatever a command writes is its
    owner's alone."""
    os.umask(0o077)
    try:
        app(prog_name="trato")
    except AppError as error:
        tell(Sentence("trato: {error}", error=error.text), err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:  # the edge: an error's text may hold personal data, its place does not
        if os.environ.get("TRATO_DEBUG"):
            raise
        place = _place(error)
        tell(Sentence("trato: internal error, {place}; TRATO_DEBUG=1 shows the traceback", place=place), err=True)
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

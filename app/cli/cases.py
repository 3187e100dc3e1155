"""`trato cases`: what needs a person. Officers appear by study id, and words only in `show`, which the audit log keeps."""

from typing import Annotated

import typer

from app.cases import closing, reading
from app.cases.closing import Closed
from app.cases.reading import CaseDetails
from app.cli._common import installation, show_json, show_table
from app.clock import system_clock
from app.conversations.library import Library
from app.errors import UsageError
from app.store.cases import CHOSEN, Case, CaseOutcome

HEADERS = ("case", "reason", "officer", "messages", "opened (UTC)", "last message (UTC)", "outcome")
_MINUTE = "%Y-%m-%d %H:%M"
_ACTOR = "command line"

app = typer.Typer(
    add_completion=False, invoke_without_command=True, help="List what needs a person, show one case, or close it."
)

Number = Annotated[int, typer.Argument(help="The number of the case.", metavar="CASE")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Closing = Annotated[bool, typer.Option("--closed", help="The closed cases, the latest first.")]


@app.callback()
def cases(context: typer.Context, closed: Closing = False, as_json: AsJson = False) -> None:
    """List what needs a person, the most urgent first. Without a name, a number or a text."""
    if context.invoked_subcommand is None:
        _list(closed=closed, as_json=as_json)
    elif closed or as_json:
        raise UsageError(f"write --json and --closed behind the command: `trato cases {context.invoked_subcommand} …`")


@app.command("list")
def list_cases(closed: Closing = False, as_json: AsJson = False) -> None:
    """List what needs a person, the most urgent first."""
    _list(closed=closed, as_json=as_json)


@app.command()
def show(case: Number, as_json: AsJson = False) -> None:
    """Show a case with the words of its messages. The audit log keeps that it was read."""
    with installation() as place, place.database.transaction() as tx:
        found = reading.show(tx, place.vault, case, system_clock(), _ACTOR)
    if as_json:
        show_json(_details(found))
    else:
        _print(found)


@app.command()
def close(
    case: Number,
    outcome: Annotated[str, typer.Option(help="handled, false-alarm or nothing-to-do.")],
    note: Annotated[str | None, typer.Option(help="A note for those who come after; stored encrypted.")] = None,
    as_json: AsJson = False,
) -> None:
    """Close a case, with its outcome.

    After a crisis or a serious incident this ends the officer's hold; after a false alarm the officer gets a kind notice.
    To keep an officer on hold all the same: `trato pause --officer STUDY_ID`.
    """
    chosen = _outcome(outcome)
    library = Library()
    with installation() as place, place.database.transaction() as tx:
        library.refresh(tx)
        done = closing.close(tx, library, place.vault, case, chosen, note, system_clock(), _ACTOR)
    if as_json:
        show_json(
            {
                "case": case,
                "outcome": chosen,
                "ended": sorted(done.ended),
                "on_hold": sorted(done.left),
                "told": done.told,
            }
        )
    else:
        typer.echo(f"case {case}: closed as {outcome}")
        for line in _effects(done):
            typer.echo(line)


def _outcome(text: str) -> CaseOutcome:
    for outcome in CHOSEN:
        if text == outcome.replace("_", "-"):
            return outcome
    raise UsageError(f"--outcome must be one of {', '.join(one.replace('_', '-') for one in CHOSEN)}")


def _effects(done: Closed) -> list[str]:
    found = []
    if done.ended and not done.left:
        found.append(f"officer {done.study_id}: messages go out again")
    if done.left:
        found.append(f"officer {done.study_id}: still on hold: `trato resume --officer {done.study_id}`")
    if done.told:
        found.append(f"officer {done.study_id}: is told that it was a false alarm")
    return found


def _list(*, closed: bool, as_json: bool) -> None:
    with installation() as place, place.database.reading() as tx:
        found = reading.listed(tx, closed=closed)
    if as_json:
        show_json({"cases": [_line(one) for one in found]})
        return
    if found:
        show_table(HEADERS, [_cells(one) for one in found])
    typer.echo(f"{len(found)} {'closed' if closed else 'open'}")


def _cells(case: Case) -> tuple[object, ...]:
    opened, last = f"{case.opened_at:{_MINUTE}}", f"{case.last_at:{_MINUTE}}"
    return case.id, case.reason, case.study_id or "(unknown number)", case.messages, opened, last, case.outcome


def _line(case: Case) -> dict[str, object]:
    return {
        "case": case.id,
        "reason": case.reason,
        "officer": case.study_id,
        "messages": case.messages,
        "opened": case.opened_at.isoformat(),
        "last_message": case.last_at.isoformat(),
        "closed": None if case.closed_at is None else case.closed_at.isoformat(),
        "outcome": case.outcome,
    }


def _details(found: CaseDetails) -> dict[str, object]:
    return {
        **_line(found.case),
        "on_hold": sorted(found.holds),
        "support": [{"at": one.at.isoformat(), "status": one.status} for one in found.support],
        "note": found.note,
        "said": [
            {
                "at": one.at.isoformat(),
                "channel": one.channel,
                "outcome": one.outcome,
                "text": one.body,
                "files": one.has_files,
            }
            for one in found.messages
        ],
    }


def _print(found: CaseDetails) -> None:
    case = found.case
    typer.echo(f"case {case.id}, {case.reason}: {case.study_id or 'an unknown number, see `trato inbox`'}")
    for one in found.messages:
        typer.echo(f"{one.at:{_MINUTE}}  {one.body}{' [file]' if one.has_files else ''}  ({one.outcome})")
    for notice in found.support:
        typer.echo(f"{notice.at:{_MINUTE}}  the text of support: {notice.status}")
    if found.holds:
        typer.echo(f"on hold: {', '.join(sorted(found.holds))}")
    if case.closed_at is not None:
        typer.echo(f"closed {case.closed_at:{_MINUTE}} UTC as {case.outcome}{f': {found.note}' if found.note else ''}")

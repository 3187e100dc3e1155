"""`trato cases`: what needs a person, and what a person does about it. Officers appear by study id; words only in `show`, names and numbers
only in `who`, and the audit log keeps both."""

from datetime import datetime
from typing import Annotated

import typer

from app.cases import acting, answering, closing, judging, reading
from app.cases.closing import Closed
from app.cases.judging import Question
from app.cases.reading import CaseDetails
from app.cli import case_acts
from app.cli._common import actor, installation, library_of, show_json, show_table
from app.clock import system_clock
from app.errors import ConflictError, UsageError
from app.people.actors import name_of
from app.store.audit import Entry
from app.store.cases import CHOSEN, Case, CaseOutcome, CaseState
from app.wording import Sentence

HEADERS = ("case", "reason", "officer", "state", "messages", "opened (UTC)", "last message (UTC)", "outcome")
_MINUTE = "%Y-%m-%d %H:%M"

app = typer.Typer(
    add_completion=False,
    invoke_without_command=True,
    help="List what needs a person; show, answer, assign or close a case.",
)

Number = case_acts.Number
AsJson = case_acts.AsJson
Closing = Annotated[bool, typer.Option("--closed", help="The closed cases, the latest first.")]
Mine = Annotated[bool, typer.Option("--mine", help="Only those that you have.")]


@app.callback()
def cases(context: typer.Context, closed: Closing = False, mine: Mine = False, as_json: AsJson = False) -> None:
    """List what needs a person, the most urgent first. Without a name, a number or a text."""
    if context.invoked_subcommand is None:
        _list(closed=closed, mine=mine, as_json=as_json)
    elif closed or mine or as_json:
        raise UsageError(
            Sentence(
                "write the options behind the command: `trato cases {command} …`", command=context.invoked_subcommand
            )
        )


@app.command("list")
def list_cases(closed: Closing = False, mine: Mine = False, as_json: AsJson = False) -> None:
    """List what needs a person, the most urgent first."""
    _list(closed=closed, mine=mine, as_json=as_json)


@app.command()
def show(case: Number, as_json: AsJson = False) -> None:
    """Show a case with the words of its messages, and the questions that they may answer. The audit log keeps that it was read."""
    now = system_clock()
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        found = reading.show(tx, case, now, actor())
        questions = judging.asked(tx, library, found.case)
        left = answering.time_left(tx, found.case, now)
        unreachable = answering.unreachable(tx, found.case)
        stranger = acting.ending(tx, place.vault, found.case)
    minutes = None if left is None else int(left.total_seconds() // 60)
    if as_json:
        shown = None if stranger is None else {"ending": stranger.ending, "perhaps": stranger.perhaps}
        answers = {
            "free_text_minutes": minutes,
            "unreachable": str(unreachable) if unreachable else None,
            "unknown_number": shown,
        }
        show_json(_details(found, questions, now) | answers)
        return
    whose = found.case.study_id or (
        "what could not be processed" if stranger is None else f"an unknown number {stranger.ending}"
    )
    typer.echo(f"case {found.case.id}, {found.case.reason}, {_state(found.case, now)}: {whose}")
    if stranger is not None and stranger.perhaps:
        typer.echo(f"by the carrier's data this is the WhatsApp account of officer {stranger.perhaps}")
    _print(found, questions)
    if found.case.closed_at is None and (found.case.contact_id or found.case.lookup):
        typer.echo(_way(minutes, unreachable))


for _name, _command in case_acts.COMMANDS.items():
    app.command(_name)(_command)


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
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = closing.close(tx, library, place.vault, case, chosen, note, system_clock(), actor())
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
    raise UsageError(
        Sentence("--outcome must be one of {names}", names=", ".join(one.replace("_", "-") for one in CHOSEN))
    )


def _effects(done: Closed) -> list[str]:
    found = []
    if done.ended and not done.left:
        again = (
            "messages go out again"
            if done.reached
            else "no longer on hold; has left or is not reached: no message goes out"
        )
        found.append(f"officer {done.study_id}: {again}")
    if done.left:
        found.append(f"officer {done.study_id}: still on hold: `trato resume --officer {done.study_id}`")
    if done.told:
        found.append(f"officer {done.study_id}: is told that it was a false alarm")
    return found


def _list(*, closed: bool, mine: bool, as_json: bool) -> None:
    now = system_clock()
    with installation() as place, place.database.reading() as tx:
        found = reading.listed(tx, closed=closed, owner=name_of(actor()) if mine else None)
        endings = {one.id: acting.ending(tx, place.vault, one) for one in found if one.lookup is not None}
    if as_json:
        lines = [
            _line(one, now) | {"unknown_number": end.ending if (end := endings.get(one.id)) else None} for one in found
        ]
        show_json({"cases": lines})
        return
    whose = {key: f"(unknown number {end.ending})" for key, end in endings.items() if end is not None}
    if found:
        show_table(HEADERS, [_cells(one, whose.get(one.id, "(unknown number)"), now) for one in found])
    typer.echo(f"{len(found)} {'closed' if closed else 'open'}")


def _way(minutes: int | None, unreachable: ConflictError | None) -> str:
    """How the author can be answered now."""
    if unreachable is not None:
        return str(unreachable)
    if minutes is None:
        return "WhatsApp takes no free text now: a template or an SMS goes"
    return f"WhatsApp takes free text for {minutes // 60} h {minutes % 60} min"


def _cells(case: Case, stranger: str, now: datetime) -> tuple[object, ...]:
    whose = case.study_id or (stranger if case.lookup is not None else "(nobody's)")
    opened, last = f"{case.opened_at:{_MINUTE}}", f"{case.last_at:{_MINUTE}}"
    return case.id, case.reason, whose, _state(case, now), case.messages, opened, last, case.outcome


def _state(case: Case, now: datetime) -> str:
    """The state in words: who has it, and until when it waits."""
    state = case.state(now)
    if state is CaseState.snoozed and case.snoozed_until is not None:
        return f"snoozed until {case.snoozed_until:{_MINUTE}}"
    return case.owner or "assigned" if state is CaseState.assigned else state.value


def _line(case: Case, now: datetime) -> dict[str, object]:
    return {
        "case": case.id,
        "reason": case.reason,
        "officer": case.study_id,
        "programme": case.programme,
        "state": case.state(now),
        "owner": case.owner,
        "snoozed_until": None if case.snoozed_until is None else case.snoozed_until.isoformat(),
        "messages": case.messages,
        "opened": case.opened_at.isoformat(),
        "last_message": case.last_at.isoformat(),
        "closed": None if case.closed_at is None else case.closed_at.isoformat(),
        "outcome": case.outcome,
    }


def _details(found: CaseDetails, questions: list[Question], now: datetime) -> dict[str, object]:
    return {
        **_line(found.case, now),
        "on_hold": sorted(found.holds),
        "support": [{"at": one.at.isoformat(), "status": one.status} for one in found.support],
        "note": found.note,
        "said": [
            {
                "message": number,
                "at": one.at.isoformat(),
                "channel": one.channel,
                "outcome": one.outcome,
                "text": one.body,
                "files": one.has_files,
            }
            for number, one in enumerate(found.messages, 1)
        ],
        "answers": [
            {"at": one.at.isoformat(), "channel": one.channel, "status": one.status, "text": one.body}
            for one in found.answers
        ],
        "ours": [
            {"at": one.at.isoformat(), "channel": one.channel, "status": one.status, "why": one.error_class}
            for one in found.ours
        ],
        "dead_letters": [
            {
                "letter": one.id,
                "at": one.at.isoformat(),
                "kind": one.kind,
                "error": one.error,
                "processed": one.is_replayed,
            }
            for one in found.letters
        ],
        "questions": [
            {
                "question": one.number,
                "flow": one.flow,
                "step": one.step,
                "asked": one.asked_at.isoformat(),
                "text": one.text,
                "options": [label for _, label in one.options],
                "open": one.is_open,
                "answered": one.is_answered,
                "consent": one.asks_consent,
            }
            for one in questions
        ],
        "history": [
            {"at": one.at.isoformat(), "who": one.actor, "did": one.action, **one.detail} for one in found.history
        ],
    }


def _print(found: CaseDetails, questions: list[Question]) -> None:
    for number, one in enumerate(found.messages, 1):
        typer.echo(f"{one.at:{_MINUTE}}  {number}. {one.body}{' [file]' if one.has_files else ''}  ({one.outcome})")
    for notice in found.support:
        typer.echo(f"{notice.at:{_MINUTE}}  the text of support: {notice.status}")
    for ours in found.answers:
        typer.echo(f"{ours.at:{_MINUTE}}  a person answered: {ours.body}  ({ours.channel}, {ours.status})")
    for ours in found.ours:
        typer.echo(f"{ours.at:{_MINUTE}}  a message of ours by {ours.channel}: {ours.status} ({ours.error_class})")
    for letter in found.letters:
        done = ", processed since" if letter.is_replayed else ""
        typer.echo(f"{letter.at:{_MINUTE}}  dead letter {letter.id}, {letter.kind}: {letter.error}{done}")
    if found.holds:
        typer.echo(f"on hold: {', '.join(sorted(found.holds))}")
    for entry in found.history:
        typer.echo(f"{entry.at:{_MINUTE}}  {_done(entry)}")
    if found.case.closed_at is not None:
        note = f": {found.note}" if found.note else ""
        typer.echo(f"closed {found.case.closed_at:{_MINUTE}} UTC as {found.case.outcome}{note}")
    for asked in questions if found.case.closed_at is None else ():
        options = f" [{', '.join(f'{number} {label}' for number, label in asked.options)}]" if asked.options else ""
        marks = [word for word, is_so in (("open", asked.is_open), ("answered", asked.is_answered)) if is_so]
        typer.echo(
            f"question {asked.number}, {asked.asked_at:{_MINUTE}}{', ' if marks else ''}{', '.join(marks)}: {asked.text}{options}"
        )


def _done(entry: Entry) -> str:
    details = ", ".join(f"{key} {value}" for key, value in entry.detail.items() if value not in (None, [], ""))
    return f"{entry.actor}: {entry.action}{f' ({details})' if details else ''}"

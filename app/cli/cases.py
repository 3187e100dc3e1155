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
from app.cli.language import language, said, tell, word
from app.clock import system_clock
from app.errors import ConflictError, UsageError
from app.people.actors import name_of
from app.store.audit import Entry
from app.store.cases import CHOSEN, Case, CaseOutcome, CaseState
from app.wording import ENGLISH, Sentence

HEADERS = (
    Sentence("{for_a_person}case", for_a_person=""),
    Sentence("reason"),
    Sentence("officer"),
    Sentence("state"),
    Sentence("messages"),
    Sentence("opened (UTC)"),
    Sentence("last message (UTC)"),
    Sentence("outcome"),
)
_STATES = {
    CaseState.new: Sentence("{nobody_has_it}new", nobody_has_it=""),
    CaseState.assigned: Sentence("assigned"),
    CaseState.snoozed: Sentence("snoozed"),
    CaseState.closed: Sentence("closed"),
}
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
        Sentence("what could not be processed")
        if stranger is None
        else Sentence("an unknown number {ending}", ending=stranger.ending)
    )
    tell(
        Sentence(
            "case {case}, {reason}, {state}: {whose}",
            case=found.case.id,
            reason=word("reason", found.case.reason),
            state=_state(found.case, now),
            whose=whose,
        )
    )
    if stranger is not None and stranger.perhaps:
        tell(
            Sentence(
                "by the carrier's data this is the WhatsApp account of officer {officer}", officer=stranger.perhaps
            )
        )
    _print(found, questions)
    if found.case.closed_at is None and (found.case.contact_id or found.case.lookup):
        tell(_way(minutes, unreachable))


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
        tell(Sentence("case {case}: closed as {outcome}", case=case, outcome=_outcome_said(chosen, outcome)))
        for line in _effects(done):
            tell(line)


def _outcome(text: str) -> CaseOutcome:
    for outcome in CHOSEN:
        if text == outcome.replace("_", "-"):
            return outcome
    raise UsageError(
        Sentence("--outcome must be one of {names}", names=", ".join(one.replace("_", "-") for one in CHOSEN))
    )


def _outcome_said(outcome: CaseOutcome, typed: str) -> str:
    """An outcome: as it is typed in English, in Spanish as the console says it."""
    return typed if language() == ENGLISH else word("outcome", outcome)


def _effects(done: Closed) -> list[str]:
    found: list[str] = []
    if done.ended and not done.left:
        found.append(
            Sentence("officer {officer}: messages go out again", officer=done.study_id)
            if done.reached
            else Sentence(
                "officer {officer}: no longer on hold; has left or is not reached: no message goes out",
                officer=done.study_id,
            )
        )
    if done.left:
        found.append(
            Sentence(
                "officer {officer}: still on hold: `trato resume --officer {officer}`",
                officer=done.study_id,
            )
        )
    if done.told:
        found.append(Sentence("officer {officer}: is told that it was a false alarm", officer=done.study_id))
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
    whose = {
        key: Sentence("(unknown number {ending})", ending=end.ending) for key, end in endings.items() if end is not None
    }
    if found:
        show_table(HEADERS, [_cells(one, whose.get(one.id, Sentence("(unknown number)")), now) for one in found])
    number = len(found)
    tell(Sentence("{number} closed", number=number) if closed else Sentence("{number} open", number=number))


def _way(minutes: int | None, unreachable: ConflictError | None) -> str:
    """How the author can be answered now."""
    if unreachable is not None:
        return unreachable.text
    if minutes is None:
        return Sentence("WhatsApp takes no free text now: a template or an SMS goes")
    return Sentence("WhatsApp takes free text for {hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def _cells(case: Case, stranger: str, now: datetime) -> tuple[object, ...]:
    whose = case.study_id or (stranger if case.lookup is not None else Sentence("(nobody's)"))
    opened, last = f"{case.opened_at:{_MINUTE}}", f"{case.last_at:{_MINUTE}}"
    outcome = case.outcome and word("outcome", case.outcome)
    return case.id, word("reason", case.reason), whose, _state(case, now), case.messages, opened, last, outcome


def _state(case: Case, now: datetime) -> str:
    """The state in words: who has it, and until when it waits."""
    state = case.state(now)
    if state is CaseState.snoozed and case.snoozed_until is not None:
        return Sentence("snoozed until {until:%Y-%m-%d %H:%M}", until=case.snoozed_until)
    return case.owner or _STATES[state] if state is CaseState.assigned else _STATES[state]


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
        file = Sentence(" [file]") if one.has_files else ""
        became = word("became", one.outcome) if one.outcome else one.outcome
        typer.echo(f"{one.at:{_MINUTE}}  {number}. {one.body}{said(file)}  ({became})")
    for notice in found.support:
        _at(notice.at, Sentence("the text of support: {status}", status=word("status", notice.status)))
    for ours in found.answers:
        _at(
            ours.at,
            Sentence(
                "a person answered: {words}  ({channel}, {status})",
                words=ours.body,
                channel=ours.channel,
                status=word("status", ours.status),
            ),
        )
    for ours in found.ours:
        _at(
            ours.at,
            Sentence(
                "a message of ours by {channel}: {status} ({cause})",
                channel=ours.channel,
                status=word("status", ours.status),
                cause=word("cause", str(ours.error_class)),
            ),
        )
    for letter in found.letters:
        text = Sentence("dead letter {letter}, {kind}: {error}", letter=letter.id, kind=letter.kind, error=letter.error)
        _at(letter.at, Sentence("{what}, processed since", what=text) if letter.is_replayed else text)
    if found.holds:
        tell(Sentence("on hold: {reasons}", reasons=", ".join(sorted(word("reason", one) for one in found.holds))))
    for entry in found.history:
        typer.echo(f"{entry.at:{_MINUTE}}  {_done(entry)}")
    if found.case.closed_at is not None:
        tell(
            Sentence(
                "closed {at:%Y-%m-%d %H:%M} UTC as {outcome}{note}",
                at=found.case.closed_at,
                outcome=word("outcome", str(found.case.outcome)),
                note=f": {found.note}" if found.note else "",
            )
        )
    for asked in questions if found.case.closed_at is None else ():
        options = f" [{', '.join(f'{number} {label}' for number, label in asked.options)}]" if asked.options else ""
        marks = (
            *((Sentence(", {still}open", still=""),) if asked.is_open else ()),
            *((Sentence(", answered"),) if asked.is_answered else ()),
        )
        tell(
            Sentence(
                "question {number}, {at:%Y-%m-%d %H:%M}{marks}: {text}{options}",
                number=asked.number,
                at=asked.asked_at,
                marks="".join(map(said, marks)),
                text=asked.text,
                options=options,
            )
        )


def _at(moment: datetime, text: str) -> None:
    typer.echo(f"{moment:{_MINUTE}}  {said(text)}")


def _done(entry: Entry) -> str:
    details = ", ".join(f"{key} {value}" for key, value in entry.detail.items() if value not in (None, [], ""))
    return f"{entry.actor}: {entry.action}{f' ({details})' if details else ''}"

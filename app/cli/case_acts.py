"""The commands of `trato cases` that act on a case. Each runs in one transaction: what is refused has changed nothing."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from app.cases import acting, answering, judging, owning, reading
from app.cases.answering import Answered, Words
from app.channels.addresses import BadNumber, parse_number
from app.cli._common import actor, installation, library_of, show_json
from app.cli.language import said, tell
from app.clock import system_clock
from app.errors import ConfigurationError, UsageError, reason
from app.from_settings import means
from app.roster.numbers import NumberChange
from app.store.cases import Case
from app.wording import Sentence

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LATER = re.compile(r"(\d{1,4})([mhd])")
_MINUTE = "%Y-%m-%d %H:%M"

Number = Annotated[int, typer.Argument(help="The number of the case.", metavar="CASE")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Message = Annotated[int | None, typer.Option(help="Which message, as `show` numbers them; by default the latest.")]
Take = Annotated[bool, typer.Option("--take", help="Take the number from the officer who has it.")]
Swap = Annotated[bool, typer.Option("--swap", help="Exchange numbers with the officer who has it.")]


def take(case: Number, as_json: AsJson = False) -> None:
    """Take a case, from another person too: nobody else is called to it."""
    with installation() as place, place.database.transaction() as tx:
        _tell_owner(owning.take(tx, case, system_clock(), actor()), as_json)


def assign(
    case: Number,
    person: Annotated[str, typer.Argument(help="The name of the person's account.")],
    as_json: AsJson = False,
) -> None:
    """Give a case to a person."""
    with installation() as place, place.database.transaction() as tx:
        _tell_owner(owning.assign(tx, case, person, system_clock(), actor()), as_json)


def release(case: Number, as_json: AsJson = False) -> None:
    """Give a case back: it is nobody's, and people are called to it again."""
    with installation() as place, place.database.transaction() as tx:
        _tell_owner(owning.release(tx, case, system_clock(), actor()), as_json)


def snooze(
    case: Number,
    until: Annotated[str, typer.Argument(help="For how long (90m, 4h, 2d), or a UTC moment (2026-03-02T16:00).")],
    as_json: AsJson = False,
) -> None:
    """Leave a case until later, or until the next message. A matter of safety cannot wait."""
    now = system_clock()
    with installation() as place, place.database.transaction() as tx:
        _tell_owner(owning.snooze(tx, case, _moment(until, now), now, actor()), as_json)


def answer(
    case: Number,
    text: Annotated[
        str | None, typer.Argument(help="The words; prompted for unless given. {{ nombre }} is the officer's name.")
    ] = None,
    template: Annotated[
        str | None,
        typer.Option(help="The approved WhatsApp template that goes outside the 24 hours; the text goes by SMS."),
    ] = None,
    variable: Annotated[list[str] | None, typer.Option(help="A value of the template; repeat it in order.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer the author of a case, by the rules of every message. You have the case from then on.

    What the officer writes next is for you, and answers no question, until the case is closed, a question goes out, or a day
    has passed.
    """
    with installation() as place:
        if text is None:
            with place.database.transaction() as tx:
                answering.check(tx, case, actor())
            text = typer.prompt(said(Sentence("Answer")))
        words = Words(text, template, tuple(variable or ()))
        with place.database.transaction() as tx:
            library = library_of(tx)
            done = answering.answer(tx, library, means(place.settings), case, words, system_clock(), actor())
    if as_json:
        show_json(
            {
                "case": case,
                "officer": done.study_id,
                "channel": done.channel,
                "template": done.by_template,
                "goes": done.goes_at.isoformat(),
                "waits": done.waits,
                "free_text_minutes": None if done.left is None else int(done.left.total_seconds() // 60),
            }
        )
    else:
        for line in _answered(case, done):
            tell(line)


def _answered(case: int, done: Answered) -> list[str]:
    way = (
        Sentence("as an approved template")
        if done.by_template
        else Sentence("as free text")
        if done.channel == "whatsapp"
        else Sentence("as a text message")
    )
    found: list[str] = [
        Sentence(
            "case {case}: the answer goes by {channel}, {way}, from {at:%Y-%m-%d %H:%M} UTC",
            case=case,
            channel=done.channel,
            way=way,
            at=done.goes_at,
        )
    ]
    if done.waits:
        found.append(Sentence("it waits: the service, the cohort or the officer is paused (`trato status`)"))
    if done.left is not None:
        minutes = int(done.left.total_seconds() // 60)
        found.append(
            Sentence(
                "WhatsApp takes free text for another {hours} h {minutes} min",
                hours=minutes // 60,
                minutes=minutes % 60,
            )
        )
    return found


def count(
    case: Number,
    meant: Annotated[
        str, typer.Option("--as", help="The answer that was meant, as the officer could have typed it: 2, sí, 14:30.")
    ],
    message: Message = None,
    question: Annotated[
        int, typer.Option(help="Which question, as `show` numbers them; by default the last one asked.")
    ] = 1,
    instead: Annotated[bool, typer.Option("--instead", help="Replace an answer that counts.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count a message as the answer to a question. The words are stored as they were written, with your name as the judge."""
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = judging.count(
            tx, library, case, meant, system_clock(), actor(), message=message, number=question, instead=instead
        )
    _tell_judged(case, done, as_json)


def consent(
    case: Number,
    accept: Annotated[bool | None, typer.Option("--accept/--refuse", help="What the officer decided.")] = None,
    message: Message = None,
    as_json: AsJson = False,
) -> None:
    """Accept a message as consent, or as a refusal. The decision counts from the moment of the message, and keeps who judged."""
    if accept is None:
        raise UsageError(Sentence("say --accept or --refuse"))
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = judging.consent(tx, library, case, system_clock(), actor(), granted=accept, message=message)
    _tell_judged(case, done, as_json)


def out(case: Number, as_json: AsJson = False) -> None:
    """Let the officer of a case out of the programme, as a BAJA does; it is confirmed once."""
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = acting.let_out(tx, library, case, place.settings.quiet_hours, system_clock(), actor())
    left = Sentence("officer {officer} has left the programme", officer=done.study_id)
    _tell(as_json, left, case=case, officer=done.study_id)


def pause(case: Number, as_json: AsJson = False) -> None:
    """Hold everything to the officer of a case, but what a person writes, until `resume`."""
    with installation() as place, place.database.transaction() as tx:
        done = acting.pause(tx, case, system_clock(), actor())
    _tell(
        as_json,
        Sentence("case {case}: 1 message waits", case=case)
        if done.waiting == 1
        else Sentence("case {case}: {number} messages wait", case=case, number=done.waiting),
        case=case,
        changed=done.changed,
        waiting=done.waiting,
    )


def resume(case: Number, as_json: AsJson = False) -> None:
    """End what holds the officer of a case, but for a matter of safety, which ends with the case."""
    with installation() as place, place.database.transaction() as tx:
        done = acting.resume(tx, case, system_clock(), actor())
    text = (
        Sentence("case {case}: resumed", case=case)
        if done.case is None
        else Sentence("case {case}: resumed; on hold until case {until} is closed", case=case, until=done.case)
    )
    _tell(as_json, text, case=case, changed=done.changed, waiting=done.waiting)


def number(
    case: Number,
    new: Annotated[
        str | None, typer.Argument(metavar="NUMBER", help="The new number; prompted for unless given.")
    ] = None,
    take: Take = False,
    swap: Swap = False,
    as_json: AsJson = False,
) -> None:
    """Give the officer of a case another number, after a person has confirmed it. See `trato officers number`."""
    _check_one(take, swap)
    try:
        plain = parse_number(new if new is not None else typer.prompt(said(Sentence("New number"))))
    except BadNumber as error:
        raise UsageError(Sentence("NUMBER: {error}", error=error.args[0])) from None
    with installation() as place, place.database.transaction() as tx:
        done = acting.number(tx, place.vault, case, plain, system_clock(), actor(), take=take, swap=swap)
    _tell_number(case, done, as_json)


def identify(
    case: Number,
    study_id: Annotated[str, typer.Argument(help="The officer's study id; see `trato officers find`.")],
    take: Take = False,
    swap: Swap = False,
    as_json: AsJson = False,
) -> None:
    """Give the unknown number of a case to its officer, after a person has confirmed whose it is.

    The officer's old number is retired. The messages become the officer's history: they are not read as answers, but a BAJA among
    them is honoured.
    """
    _check_one(take, swap)
    with installation() as place, place.database.transaction() as tx:
        done = acting.identify(tx, place.vault, case, study_id, system_clock(), actor(), take=take, swap=swap)
    _tell_number(case, done, as_json)


def who(
    case: Number,
    reason: Annotated[str, typer.Option(help="Why you look; the audit log keeps it.")],
    as_json: AsJson = False,
) -> None:
    """Show the name and the numbers behind a case. The audit log keeps that you looked, and why."""
    with installation() as place, place.database.transaction() as tx:
        found = acting.who(tx, place.vault, case, reason, system_clock(), actor())
    if as_json:
        show_json({"case": case, "officer": found.study_id, "name": found.name, "numbers": found.numbers})
    else:
        typer.echo("  ".join(filter(None, (found.study_id, found.name, *found.numbers))))
        if not found.numbers or (found.study_id and not found.name):
            tell(Sentence("the name or the number is not there or cannot be opened: `trato officers check`"), err=True)


def files(
    case: Number,
    folder: Annotated[Path, typer.Argument(help="Where to put them: a folder that only you can read.")],
    as_json: AsJson = False,
) -> None:
    """Copy the photos and voice notes of a case into a folder, to be listened to. The audit log keeps it."""
    with installation() as place, place.database.transaction() as tx:
        found = reading.files(tx, place.vault, case, system_clock(), actor())
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for one in found:
            if one.content is not None:
                (folder / one.name).write_bytes(one.content)
    except OSError as error:
        raise ConfigurationError(
            Sentence("{folder} cannot be written ({reason})", folder=folder, reason=reason(error))
        ) from None
    if as_json:
        show_json({"case": case, "files": [{"name": one.name, "status": one.status} for one in found]})
        return
    for one in found:
        typer.echo(f"{folder / one.name}" if one.content is not None else f"{one.name}: {one.status}")
    if not found:
        tell(Sentence("case {case} has no files", case=case))


COMMANDS: dict[str, Callable[..., Any]] = {
    "files": files,
    "take": take,
    "assign": assign,
    "release": release,
    "snooze": snooze,
    "answer": answer,
    "count": count,
    "consent": consent,
    "out": out,
    "pause": pause,
    "resume": resume,
    "number": number,
    "identify": identify,
    "who": who,
}
"""The commands by name, in the order of the help."""


def _moment(text: str, now: datetime) -> datetime:
    """A moment that is named by the time until it, or as UTC."""
    if match := _LATER.fullmatch(text.strip()):
        return now + timedelta(**{_UNITS[match[2]]: int(match[1])})
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            Sentence("UNTIL must be a time such as 90m, 4h or 2d, or a UTC moment such as 2026-03-02T16:00")
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo("UTC"))


def _check_one(take: bool, swap: bool) -> None:
    if take and swap:
        raise UsageError(Sentence("give at most one of --take and --swap"))


def _tell(as_json: bool, text: str, **fields: object) -> None:
    if as_json:
        show_json(fields)
    else:
        tell(text)


def _tell_owner(case: Case, as_json: bool) -> None:
    until = case.snoozed_until
    has = Sentence("case {case}: {owner} has it", case=case.id, owner=case.owner or Sentence("nobody"))
    _tell(
        as_json,
        has if until is None else Sentence("{has}, snoozed until {until:%Y-%m-%d %H:%M} UTC", has=has, until=until),
        case=case.id,
        owner=case.owner,
        snoozed_until=None if until is None else until.isoformat(),
    )


def _tell_judged(case: int, done: judging.Judged, as_json: bool) -> None:
    text = Sentence(
        "case {case}: counts for {flow}.{step} as {label}", case=case, flow=done.flow, step=done.step, label=done.label
    )
    _tell(
        as_json,
        Sentence("{text}; the conversation goes on", text=text) if done.goes_on else text,
        case=case,
        officer=done.study_id,
        flow=done.flow,
        step=done.step,
        answer=done.label,
        goes_on=done.goes_on,
    )


def _tell_number(case: int, done: NumberChange, as_json: bool) -> None:
    if as_json:
        show_json({"case": case, **{name: getattr(done, name) for name in NumberChange.__dataclass_fields__}})
        return
    for line in told(done):
        tell(line)


def told(done: NumberChange) -> list[str]:
    """A change of number in words."""
    kept = (
        Sentence("1 earlier message kept as history")
        if done.messages == 1
        else Sentence("{number} earlier messages kept as history", number=done.messages)
    )
    retired = (
        Sentence("1 old address retired")
        if done.retired == 1
        else Sentence("{number} old addresses retired", number=done.retired)
    )
    found: list[str] = [
        Sentence(
            "officer {officer} has the number; {retired}, {kept}", officer=done.study_id, retired=retired, kept=kept
        )
    ]
    if done.opted_out:
        found.append(Sentence("the last keyword in these messages was BAJA: the officer has left the programme"))
    if done.holder:
        found.append(
            Sentence("officer {officer} has the old number", officer=done.holder)
            if done.swapped
            else Sentence("officer {officer} no longer has that number", officer=done.holder)
        )
    return found

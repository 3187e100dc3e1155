"""`trato officers`: finds an officer, shows the whole story, lets out, invites again, changes a number, corrects a name, or repairs a
damaged one. Only `find` and `number` show names and numbers; each use is recorded in the audit log."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.channels.addresses import BadNumber, parse_number
from app.cli import mending
from app.cli._common import actor, installation, library_of, programme, show_json, show_table
from app.cli.case_acts import told
from app.cli.language import said, tell, word
from app.clock import system_clock
from app.custody import dossier
from app.errors import UsageError
from app.roster import identities, leaving, numbers, people, repair, story
from app.roster.alike import alike
from app.roster.numbers import NumberChange
from app.store import addresses, audit, enrolment, private_files
from app.wording import Sentence, files

app = typer.Typer(
    help="Find an officer, show the whole story, let out, invite again, change a number.", no_args_is_help=True
)


_MINUTE = "%Y-%m-%d %H:%M"
_PERSON = (Sentence("study id"), Sentence("name"), Sentence("cohort"))
_KINDS = {
    "in": Sentence("in"),
    "out": Sentence("out"),
    "conversation": Sentence("conversation"),
    "skipped": Sentence("{flow}skipped", flow=""),
    "case": Sentence("{for_a_person}case", for_a_person=""),
    "consent": Sentence("consent"),
    "number": Sentence("number"),
    "planned": Sentence("planned"),
}
"""What happens to an officer, as the store names it."""
_STANDING = {
    "study_id": Sentence("study id"),
    "cohort": Sentence("cohort"),
    "programme": Sentence("programme"),
    "status": Sentence("status"),
    "language": Sentence("language"),
    "timezone": Sentence("timezone"),
    "channel": Sentence("channel"),
    "consented_at": Sentence("consented at"),
    "opted_out_at": Sentence("opted out at"),
    "paused_until": Sentence("paused until"),
    "held_at": Sentence("held at"),
    "held_for": Sentence("held for"),
}

StudyId = Annotated[str, typer.Argument(help="The officer's study id; see `trato officers find`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class ChannelName(StrEnum):
    """A channel, as an option."""

    whatsapp = "whatsapp"
    sms = "sms"


@app.callback()
def root() -> None:
    """Commands for single officers."""


app.command("check")(mending.check)
app.command("mend")(mending.mend)


@app.command("find")
def find(
    words: Annotated[
        list[str],
        typer.Argument(help="A name or the beginnings of its words, or at least the last four digits of a number."),
    ],
    reason: Annotated[str, typer.Option(help="Why you look; the audit log keeps it, so without a name.")],
    as_json: AsJson = False,
) -> None:
    """Find an officer's study id by name or number. Exit code 1 if there is none."""
    with installation() as place, place.database.transaction() as tx:
        found = people.find(tx, place.vault, " ".join(words), reason, system_clock(), actor())
        unopened = [] if found else repair.unopened(tx, place.vault)  # opens everybody, which takes long
    if unopened:
        ids = ", ".join(one.study_id for one in unopened)
        tell(
            Sentence(
                "names or numbers of these cannot be opened, and are not searched (see `trato officers check`): {ids}",
                ids=ids,
            ),
            err=True,
        )
    cells = [(one.study_id, one.name, one.cohort, ", ".join(one.numbers), one.status) for one in found]
    if as_json:
        rows = [dict(zip(("study_id", "name", "cohort", "number", "status"), row, strict=True)) for row in cells]
        show_json({"officers": [{**row, "identity": dict(one.more)} for row, one in zip(rows, found, strict=True)]})
        _end(len(found))
        return
    headers = (*_PERSON, Sentence("number"), Sentence("status"))
    cells = [(*row[:-1], word("contact", row[-1])) for row in cells]
    if any(one.more for one in found):
        more = [", ".join(f"{name} {value}" for name, value in sorted(one.more.items())) for one in found]
        show_table((*headers, Sentence("identity")), [(*row, other) for row, other in zip(cells, more, strict=True)])
    elif cells:
        show_table(headers, cells)
    else:
        tell(Sentence("no officer has that name or number"))
    _end(len(found))


def _end(number: int) -> None:
    """Say that the list is cut, and end with exit code 1 if it is empty."""
    if number == people.MOST:
        tell(Sentence("at most {most} are listed: write more of the name", most=people.MOST), err=True)
    if not number:
        raise typer.Exit(1)


@app.command("alike")
def alike_(
    reason: Annotated[str, typer.Option(help="Why you look; the audit log keeps it, so without a name.")],
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    as_json: AsJson = False,
) -> None:
    """List officers who may be one person under two numbers: of one name, or of one that is a part of the other."""
    with installation() as place, place.database.transaction() as tx:
        found = alike(tx, place.vault, reason, system_clock(), actor(), programme)
    if as_json:
        show_json(
            [[{"study_id": one.study_id, "name": one.name, "cohort": one.cohort} for one in pair] for pair in found]
        )
        return
    show_table(
        (*_PERSON, *_PERSON),
        [tuple(cell for one in pair for cell in (one.study_id, one.name, one.cohort)) for pair in found],
    )


@app.command("number")
def number(
    study_id: StudyId,
    new: Annotated[
        str | None,
        typer.Argument(metavar="NUMBER", help="The new number; prompted for unless given."),
    ] = None,
    channel: Annotated[ChannelName | None, typer.Option(help="Only on this channel; by default on both.")] = None,
    take: Annotated[bool, typer.Option("--take", help="Take the number from the officer who has it.")] = False,
    swap: Annotated[bool, typer.Option("--swap", help="Exchange numbers with the officer who has it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give an officer a new number, after a person has confirmed it.

    `trato cases identify` gives an officer the unknown number of a case.

    The old number is retired: nothing is sent there, and messages from it are from an unknown sender. An open conversation
    continues at the new number. Earlier messages from the new number become the officer's history: they are not read as
    answers, but a BAJA among them is honoured.
    """
    if take and swap:
        raise UsageError(Sentence("give at most one of --take and --swap"))
    plain = _parsed(new if new is not None else typer.prompt(said(Sentence("New number"))))
    with installation() as place, place.database.transaction() as tx:
        done = numbers.change(
            tx,
            place.vault,
            study_id,
            plain,
            system_clock(),
            channel=channel.value if channel else None,
            take=take,
            swap=swap,
            actor=actor(),
        )
    if as_json:
        show_json({name: getattr(done, name) for name in NumberChange.__dataclass_fields__})
    else:
        for line in told(done):
            tell(line)


@app.command("correct")
def correct(
    study_id: StudyId,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE", help="The right name, or datum; prompted for unless given. Empty: take it away."
        ),
    ] = None,
    field: Annotated[
        str, typer.Option(help="Which datum: nombre, or one that the programme has under `identity`.")
    ] = identities.NAME,
    reason: Annotated[str, typer.Option(help="Why, for the audit log: without a name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Correct an officer's name, or another datum of the identity. The audit log keeps the person, the datum and the reason."""
    audit.reason(reason)
    text = (
        value
        if value is not None
        else typer.prompt(said(Sentence("{field} of {officer}", field=field, officer=study_id.strip().upper())))
    )
    with installation() as place, place.database.transaction() as tx:
        contact = addresses.known(tx, study_id)
        declared = programme(place.settings, enrolment.programmes(tx, [contact])[contact]).identity
        done = identities.correct(tx, place.vault, study_id, field, text, declared, reason, system_clock(), actor())
    if as_json:
        show_json({"corrected": done, "field": field})
    else:
        tell(Sentence("{field} corrected", field=field) if done else Sentence("{field} is so already", field=field))


def _parsed(text: str) -> str:
    try:
        return parse_number(text)
    except BadNumber as error:
        raise UsageError(Sentence("NUMBER: {error}", error=error.args[0])) from None


@app.command("show")
def show(
    study_id: StudyId,
    words: Annotated[
        bool, typer.Option("--words", help="Also what was written; the audit log keeps that you read it.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything that is held about the officer, into the file --to, to hand over.")
    ] = False,
    to: Annotated[
        Path | None, typer.Option(help="The file for --all; files that the officer sent stand beside it.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, with --all; the audit log keeps it, so without a name.")] = "",
    english: Annotated[bool, typer.Option("--english", help="With --all: in English, not in Spanish.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one officer's whole story: how they stand, every message and what became of it, what was skipped and why, cases, what is next."""
    if everything != (to is not None):
        raise UsageError(Sentence("--all needs --to FILE, and --to needs --all"))
    if to is not None:
        _hand_over(study_id, to, reason, english=english, as_json=as_json)
        return
    with installation() as place, place.database.transaction() as tx:
        found = story.of(tx, study_id, system_clock(), actor(), words=words)
    if as_json:
        show_json(
            {
                **found.standing._asdict(),
                "moments": [one._asdict() for one in found.moments],
                "coming": [one._asdict() for one in found.coming],
                "audit": [{"at": one.at, "who": one.actor, "did": one.action, **one.detail} for one in found.entries],
            }
        )
        return
    for name, value in found.standing._asdict().items():
        if value is not None:
            is_code = name in ("status", "held_for")
            shown = word("contact" if name == "status" else "reason", value) if is_code else value
            tell(
                Sentence(
                    "{name}: {value}",
                    name=_STANDING[name],
                    value=f"{value:{_MINUTE}} UTC" if hasattr(value, "minute") else shown,
                )
            )
    for moment in found.moments:
        words_ = f": {moment.words}" if moment.words else ""
        typer.echo(f"{moment.at:{_MINUTE}}  {said(_KINDS[moment.kind]):12}  {said(moment.what)}{words_}")
    for entry in found.entries:
        typer.echo(f"{entry.at:{_MINUTE}}  {entry.actor}: {entry.action}")
    for coming in found.coming:
        planned = f"{said(_KINDS['planned']):12}"
        typer.echo(f"{coming.due_at:{_MINUTE}}  {planned}  {coming.flow} ({coming.campaign}, {coming.slot})")


def _hand_over(study_id: str, to: Path, reason: str, *, english: bool, as_json: bool) -> None:
    """Write everything about an officer to a file, and the files that they sent beside it."""
    with installation() as place, place.database.transaction() as tx:
        found = dossier.of(tx, study_id, reason, system_clock(), actor(), english=english)
        private_files.write(to, found.text.encode())
        beside = [to.with_name(f"{to.stem}-{one.name}") for one in found.files]
        for path, one in zip(beside, found.files, strict=True):
            private_files.write(path, one.content)
    if as_json:
        show_json({"file": str(to), "files": [str(path) for path in beside]})
    else:
        tell(
            Sentence(
                "{file}, and {files} beside it: only you can read them; delete them once handed over",
                file=to,
                files=files(len(beside)),
            )
        )


@app.command("out")
def out(study_id: StudyId, as_json: AsJson = False) -> None:
    """Let an officer out of the programme, who asked for it by telephone or in person; it is confirmed once."""
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = leaving.let_out(tx, library, study_id, place.settings.quiet_hours, system_clock(), actor())
    if as_json:
        show_json({"officer": done.study_id, "told_at": None if done.told_at is None else done.told_at.isoformat()})
    else:
        tell(Sentence("officer {officer} has left the programme", officer=done.study_id))


@app.command("invite")
def invite(study_id: StudyId, as_json: AsJson = False) -> None:
    """Put the question for consent again to an officer who never decided. Only the officer's own ALTA brings back one who has left."""
    with installation() as place, place.database.transaction() as tx:
        library = library_of(tx)
        done = leaving.invite(tx, library, study_id, system_clock(), actor())
    if as_json:
        show_json({"officer": done.study_id, "flow": done.flow})
    else:
        tell(
            Sentence(
                "officer {officer}: {flow} begins, at the hours of every message", officer=done.study_id, flow=done.flow
            )
        )

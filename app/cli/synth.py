"""`trato synth`: a whole programme with invented officers, in simulated time. Coordinators rehearse with it, analysts write their
code on it before there are data. The result is a folder of its own: no installation changes."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from rich.progress import Progress
from sqlalchemy import Connection, select

from app.cli._common import programme, show_json, show_table
from app.cli.language import language, tell
from app.cli.rehearsals import tried_settings
from app.conversations.library import Library
from app.errors import ConfigurationError, UsageError, reason
from app.exports import package
from app.exports.selection import Selection
from app.flows.burden import WeekBurden, by_week
from app.flows.language.campaign import Campaign
from app.flows.language.definition import Programme
from app.flows.shifts import Shift
from app.flows.yaml import source
from app.from_settings import AllApproved
from app.main import publish_folder
from app.rehearsal.behaviour import Behaviour, Crowd
from app.rehearsal.officers import InventedOfficer, invent
from app.rehearsal.proximal import Treatments
from app.rehearsal.questions import questions_sent
from app.rehearsal.simulation import Simulation
from app.roster import enrolment
from app.roster.entries import Entry
from app.roster.study_ids import new_study_id
from app.sending.claiming import SendContext
from app.sending.send_policy import Rules
from app.settings import Settings
from app.store.database import Database
from app.store.tables import ADDRESS, ASSIGNMENT
from app.store.vault import Vault
from app.study.randomisation import randomise
from app.wording import Sentence

COHORT = "sintetica"
TURNS = ((12, 24), (24, 24), (24, 48), (12, 36), (12, 12), (8, 16))
SHIFTS_KNOWN = 0.85
AFTERWARDS = timedelta(days=1)
"""Time after the last day for answers in which messages still come: the programme says that it has ended."""
KEY = "a rehearsal protects nobody real"
"""The key of every rehearsal's database."""
_BEFORE = timedelta(days=1)
"""Time between enrolment and the first day of a campaign."""

Anchor = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the workshop; default 2026-03-02.")
]
ProgrammeCode = Annotated[str | None, typer.Option("--programme", help="The programme, if there are several.")]
CampaignCode = Annotated[str | None, typer.Option(help="The campaign, if the programme has several.")]
BehaviourFile = Annotated[Path | None, typer.Option(help="A YAML file with the behaviour of officers.")]
"""The options of every rehearsal."""


def synth(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder: it gets trato.db and export/.")],
    officers: Annotated[int, typer.Option(min=1, max=20_000, help="The number of invented officers.")] = 200,
    weeks: Annotated[int, typer.Option(min=1, max=104, help="The number of weeks after the campaign's anchor.")] = 12,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same data.")] = 1,
    anchor: Anchor = None,
    programme_code: ProgrammeCode = None,
    campaign: CampaignCode = None,
    behaviour: BehaviourFile = None,
    effect: Annotated[
        float | None,
        typer.Option(
            min=-1,
            max=1,
            help="Put in a known effect, in the place of what the messages teach: officers of all arms but the first get this much more "
            "likely to know, agree and apply, from the anchor on. Without a study: officers whose last draw sent something, until "
            "the time of its outcome is over.",
        ),
    ] = None,
    export: Annotated[bool, typer.Option(help="Write the data set beside the database.")] = True,
    format: Annotated[str, typer.Option("--format", help="Formats of the data set, as in `trato export`.")] = "csv",
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Run a whole programme for invented officers in simulated time.

    It uses the code of the service to plan, start, send and understand; nothing leaves this machine. A programme that `ends` stops then,
    with its last message, even if weeks are left.
    """
    wanted = Rehearsal(officers, weeks, seed, anchor, programme_code, campaign, behaviour, effect)
    plan = planned(wanted)  # before anything is written
    _make(folder)
    with closing(Database(f"sqlite:///{folder}/trato.db")) as database:
        simulation = prepared(database, wanted, plan)
        with _progress(plan.since, plan.until) as on_day:
            done = simulation.run(plan.since, plan.until, on_day)
        with database.reading() as tx:
            asked = by_week(questions_sent(tx))
        rows = _export(database, folder, format.split(",")) if export else {}
    _show(folder, officers, done, rows, asked, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal was asked for, as by the options of `trato synth`. `weeks`: None, up to the end of the last wave. `pace` is that of the
    simulation."""

    officers: int
    weeks: int | None
    seed: int
    anchor: datetime | None = None
    programme: str | None = None
    campaign: str | None = None
    behaviour: Path | None = None
    effect: float | None = None
    pace: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A rehearsal that was found possible. `campaign` is that of officers without an arm, `followed` are all that somebody follows, and
    `first` is the day of their anchor."""

    settings: Settings
    programme: Programme
    campaign: str | None
    followed: list[Campaign]
    behaviour: Behaviour
    first: date
    since: datetime
    until: datetime


def planned(wanted: Rehearsal) -> Plan:
    """The plan of a rehearsal. Writes nothing. Raises UsageError, ConfigurationError."""
    settings = tried_settings()
    definition = programme(settings, wanted.programme)
    chosen = _campaign(definition, wanted.campaign)
    followed = _followed(definition, chosen)
    acting = Behaviour() if wanted.behaviour is None else read_behaviour(wanted.behaviour)
    if wanted.effect is not None:
        if definition.study is None and not _treatments(definition, followed).slots:
            raise UsageError(
                Sentence(
                    "an effect is of the arms of a study, or of a draw that sends something or nothing, with an `outcome` that has "
                    "`records`: the programme has neither"
                )
            )
        acting = acting.model_copy(update={"learns": 0.0, "gain": 0.0})
    first = (wanted.anchor or datetime(2026, 3, 2)).date()  # noqa: DTZ001 - a day, as --anchor
    until = _until(definition, first, last_week(followed) if wanted.weeks is None else wanted.weeks)
    lead = _BEFORE - timedelta(days=min([0, *(wave.day for one in followed for wave in one.waves.values())]))
    since = datetime.combine(first - lead, time(7), ZoneInfo(definition.timezone)).astimezone(UTC)
    return Plan(settings, definition, chosen, followed, acting, first, since, until)


def prepared(database: Database, wanted: Rehearsal, plan: Plan) -> Simulation:
    """A simulation in an empty database, with its officers enrolled and drawn. Raises ConfigurationError."""
    chance = Random(wanted.seed)  # noqa: S311 - invented people need no secrets
    database.prepare()
    vault = Vault(KEY)
    database.unlock(vault)
    with database.transaction() as tx:
        library = _published(tx, plan.settings, plan.since)
        anchors = {one.anchor: plan.first.isoformat() for one in plan.followed}
        entries = [
            _entry(plan.programme, row, person, anchors, plan.first, chance)
            for row, person in enumerate(invent(wanted.officers, chance), 2)
        ]
        _enrol(tx, vault, plan.programme, plan.campaign, entries, plan.since, chance)
        treated = frozenset[str]() if wanted.effect is None else _treated(tx, vault, plan.programme, entries)
    quiet = plan.settings.quiet_hours
    context = SendContext("simulator", "synth", vault, Rules(quiet, AllApproved()), rate=1e6)
    crowd = Crowd(plan.behaviour, chance, plan.first, wanted.effect or 0.0, treated)
    is_proximal = wanted.effect is not None and plan.programme.study is None
    treatments = _treatments(plan.programme, plan.followed) if is_proximal else None
    return Simulation(database, library, context, crowd, quiet, chance, wanted.pace, treatments)


def _treatments(wanted: Programme, followed: Sequence[Campaign]) -> Treatments:
    """The draws of the campaigns that are followed on which an effect can be put."""
    return Treatments.of(
        {code: one for code, one in wanted.campaigns.items() if any(one is other for other in followed)}
    )


def last_week(followed: Sequence[Campaign]) -> int:
    """The week in which the last wave of these campaigns is over; 12 without waves."""
    ends = [wave.day + wave.closes.days for one in followed for wave in one.waves.values()]
    return max(1, max(ends) // 7 + 1) if ends else 12


def _treated(tx: Connection, vault: Vault, wanted: Programme, entries: Sequence[Entry]) -> frozenset[str]:
    """The numbers of officers in another arm than the first."""
    control = next(iter(wanted.study.arms)) if wanted.study else None
    joined = ADDRESS.join(ASSIGNMENT, ASSIGNMENT.c.contact_id == ADDRESS.c.contact_id)
    query = (
        select(ADDRESS.c.lookup).select_from(joined).where(ASSIGNMENT.c.arm.is_not(None), ASSIGNMENT.c.arm != control)
    )
    lookups = set(tx.execute(query).scalars())
    return frozenset(entry.number for entry in entries if vault.lookup(entry.number) in lookups)


def read_behaviour(path: Path) -> Behaviour:
    """The behaviour in a YAML file. Raises UsageError with the line of the first mistake."""
    try:
        read = source.read(path.read_bytes(), str(path))
    except OSError as error:
        raise UsageError(Sentence("{file} cannot be read: {reason}", file=path, reason=reason(error))) from None
    if read.problems:
        raise UsageError(str(read.problems[0].into(language())))
    try:
        return Behaviour.model_validate(read.data or {})
    except ValidationError as error:
        first = error.errors()[0]
        line, column = read.place(tuple(first["loc"]), key=first["type"] == "extra_forbidden")
        known = ", ".join(Behaviour.model_fields)
        where = ".".join(map(str, first["loc"])) or Sentence("file")
        text = (
            Sentence("unknown; it can be {names}", names=known) if first["type"] == "extra_forbidden" else first["msg"]
        )
        raise UsageError(
            Sentence(
                "{path}:{line}:{column} {where}: {text}", path=path, line=line, column=column, where=where, text=text
            )
        ) from None


def _campaign(wanted: Programme, code: str | None) -> str | None:
    """The campaign of all officers, beside that of their arm; a study may have none."""
    if code is None and (len(wanted.open_campaigns) == 1 or (wanted.study and not wanted.open_campaigns)):
        return next(iter(wanted.open_campaigns), None)
    if code not in wanted.campaigns:
        names = ", ".join(wanted.campaigns) or Sentence("there is none")
        raise UsageError(Sentence("name one of the campaigns with --campaign: {names}", names=names))
    return code


def _until(wanted: Programme, first: date, weeks: int) -> datetime:
    """The end of the simulation: after so many weeks, or soon after the end of the programme. Raises UsageError for one that has ended before
    its campaign begins."""
    until = datetime.combine(first + timedelta(weeks=weeks), time(), ZoneInfo(wanted.timezone)).astimezone(UTC)
    if wanted.ends is not None and wanted.ends.last_day < first:
        raise UsageError(
            Sentence("the programme ends on {day}: name an --anchor before that day", day=wanted.ends.last_day)
        )
    over_at = wanted.takes_no_answer_from
    return until if over_at is None else min(until, over_at.astimezone(UTC) + AFTERWARDS)


def _followed(wanted: Programme, code: str | None) -> list[Campaign]:
    """The campaigns of officers and of arms."""
    arms = wanted.study.arms.values() if wanted.study else ()
    codes = {code, *(arm.campaign for arm in arms)}
    return [campaign for name, campaign in wanted.campaigns.items() if name in codes]


def _make(folder: Path) -> None:
    """Make the folder, or check that it is empty: nothing is overwritten."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise UsageError(Sentence("{folder} cannot be used: {reason}", folder=folder, reason=reason(error))) from None
    if occupied:
        raise UsageError(Sentence("{folder} is not empty: name a new folder", folder=folder))


def _published(tx: Connection, settings: Settings, now: datetime) -> Library:
    publish_folder(tx, settings.flows, now)
    library = Library(quiet=settings.quiet_hours)
    library.refresh(tx)
    if not library.current:
        raise ConfigurationError(
            Sentence("no file in {folder} can be used: see `trato check` and `trato test`", folder=settings.flows)
        )
    return library


def _enrol(
    tx: Connection,
    vault: Vault,
    wanted: Programme,
    campaign: str | None,
    entries: list[Entry],
    now: datetime,
    chance: Random,
) -> None:
    """Enrol the invented roster; if there is a study, randomise the officers to its arms."""
    enrolment.enrol(tx, vault, wanted, entries, campaign, partial(new_study_id, chance.choice), now, "synth")
    if wanted.study is not None:
        randomise(tx, wanted, COHORT, now, without_consent=True, actor="synth")  # they are asked in the simulation


def _entry(
    wanted: Programme, row: int, person: InventedOfficer, anchors: dict[str, str], first: date, chance: Random
) -> Entry:
    known: dict[str, str | int] = {"sector": person.sector, "supervisor_trained": int(person.supervisor_trained)}
    attributes = {name: known.get(name, chance.choice("abc")) for name in wanted.fields}
    shift = None
    if chance.random() < SHIFTS_KNOWN:
        on, off = chance.choice(TURNS)
        shift = Shift(
            on, off, datetime.combine(first, time(7)) - timedelta(hours=24 * chance.randrange(3)), wanted.timezone
        )
    return Entry(
        row,
        person.name,
        person.phone,
        "whatsapp",
        COHORT,
        wanted.timezone,
        wanted.language,
        anchors,
        attributes,
        None,
        shift,
    )


def _export(database: Database, folder: Path, formats: list[str]) -> dict[str, int]:
    with database.reading() as tx:
        written = package.write(tx, folder / "export", Selection(with_text=True), formats=formats).files
    return {item.name: item.rows for item in written if item.name.endswith(".csv")}


@contextmanager
def _progress(since: datetime, until: datetime) -> Iterator[Callable[[datetime], None]]:
    """A bar on a terminal, nothing elsewhere."""
    with Progress(disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task("simulating", total=(until - since).days)
        yield lambda now: progress.update(task, completed=(now - since).days, description=f"{now:%Y-%m-%d}")


def _show(
    folder: Path, officers: int, done: Counter[str], rows: dict[str, int], asked: list[WeekBurden], *, as_json: bool
) -> None:
    if as_json:
        weeks = [asdict(week) for week in asked]
        show_json({"officers": officers, **done, "tables": rows, "questions_by_week": weeks})
        return
    tell(
        Sentence(
            "{officers} officers, {sent} messages to them, {received} from them, in {folder}/trato.db",
            officers=officers,
            sent=done["sent"],
            received=done["received"],
            folder=folder,
        )
    )
    for name, count in rows.items():
        tell(Sentence("{folder}/export/{name}: {number} rows", folder=folder, name=name, number=count))
    tell(Sentence("questions that officers got, by week:"))
    headers = (Sentence("week of"), Sentence("officers"), Sentence("median"), Sentence("most"), Sentence("in all"))
    show_table(headers, [tuple(asdict(week).values()) for week in asked])
    tell(Sentence("every officer, answer and moment is invented"))
    tell(Sentence("for other commands, such as trato report, set:"))
    typer.echo(f"TRATO_DATABASE_URL=sqlite:///{folder}/trato.db TRATO_SECRET_KEY={KEY!r}")

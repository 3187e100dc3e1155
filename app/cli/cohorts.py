"""`trato cohorts`: the cohorts, with the dates from which their campaigns count and their time zone."""

from typing import Annotated

import typer

from app.cli._common import actor, installation, programme, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.roster import cohorts as service
from app.roster.cohorts import CohortChange
from app.store import cohorts
from app.store.cohorts import Group
from app.wording import Sentence, officers

app = typer.Typer(help="Show the cohorts, or set a cohort's dates and time zone.", invoke_without_command=True)


Code = Annotated[str, typer.Argument(metavar="COHORT", help="The cohort's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def list_(
    context: typer.Context,
    programme_code: Annotated[str | None, typer.Option("--programme", help="Only this programme's cohorts.")] = None,
    as_json: AsJson = False,
) -> None:
    """Without a command, list the cohorts: programme, officers, time zone, dates, and whether they are paused."""
    if context.invoked_subcommand is not None:
        return
    with installation() as place, place.database.reading() as tx:
        found = cohorts.find_all(tx, programme_code)
    if as_json:
        show_json([_as_json(group) for group in found])
    elif found:
        show_table(
            (
                Sentence("cohort"),
                Sentence("programme"),
                Sentence("officers"),
                Sentence("zone"),
                Sentence("dates"),
                Sentence("{it_is}paused", it_is=""),
            ),
            [(one.code, one.programme, one.officers, one.timezone, _dates(one), _since(one)) for one in found],
        )
    else:
        tell(Sentence("no cohorts yet: `trato roster import` creates the cohorts it names"))


@app.command("date")
def date(
    code: Code,
    dates: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=DATE",
            help="A date from which a campaign counts, such as workshop_date=2026-03-02; an empty DATE removes it.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Set the dates from which a cohort's campaigns count. Officers with a date of their own keep it."""
    texts: dict[str, str] = {}
    for pair in dates:
        name, sign, text = pair.partition("=")
        if not sign or name.strip() in texts:
            raise UsageError(Sentence("write each date once, as NAME=DATE, such as workshop_date=2026-03-02"))
        texts[name.strip()] = text.strip()
    now = system_clock()
    with installation() as place, place.database.transaction() as tx:
        wanted = programme(place.settings, cohorts.find(tx, code).programme)
        done = service.set_dates(tx, code, service.dates(texts, wanted, now.date()), wanted, now, actor())
    _tell(done, _dates(done.cohort) or Sentence("no date"), as_json)


@app.command("zone")
def zone(
    code: Code,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ZONE", help="An IANA time zone, such as America/Tijuana; in Mexico the city is enough."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Set the time zone of a cohort and its officers. Officers with a zone of their own keep it."""
    with installation() as place, place.database.transaction() as tx:
        done = service.set_zone(tx, code, name, system_clock(), actor())
    _tell(done, done.cohort.timezone, as_json)


def _tell(done: CohortChange, now_has: str, as_json: bool) -> None:
    if as_json:
        show_json({**_as_json(done.cohort), "laid_out_anew": done.officers, "own": done.own, "begun": done.begun})
        return
    tell(
        Sentence(
            "cohort {cohort}: {now_has}; {officers} will be replanned, {own} keep their own",
            cohort=done.cohort.code,
            now_has=now_has,
            officers=officers(done.officers),
            own=done.own,
        )
    )
    if done.begun:
        tell(
            Sentence(
                "warning: {number} flows have started by the earlier date; they stay as they are and are not sent again",
                number=done.begun,
            ),
            err=True,
        )


def _as_json(group: Group) -> dict[str, object]:
    return {
        "cohort": group.code,
        "programme": group.programme,
        "officers": group.officers,
        "timezone": group.timezone,
        "dates": group.dates,
        "paused_at": group.paused_at.isoformat() if group.paused_at else None,
    }


def _dates(group: Group) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(group.dates.items()))


def _since(group: Group) -> str:
    return Sentence("since {at:%Y-%m-%d %H:%M} UTC", at=group.paused_at) if group.paused_at else ""

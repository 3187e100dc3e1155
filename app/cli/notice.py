"""`trato notice`: one-off messages to the officers of a cohort, or to those with a value of an attribute."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from app.cli._common import actor, installation, library_of, programme, show_json, show_table
from app.cli.language import tell, word
from app.clock import system_clock
from app.errors import UsageError
from app.from_settings import means
from app.sending import announcing
from app.sending.announcing import Draft, Forecast
from app.store import announcements
from app.store.announcements import Announcement, Audience
from app.wording import Sentence, officers

app = typer.Typer(
    help="Send a one-off message to a cohort; list, approve or cancel such messages.", no_args_is_help=True
)

Number = Annotated[int, typer.Argument(metavar="NOTICE", help="The number that `trato notice list` shows.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def root() -> None:
    """One-off messages."""


@app.command("send")
def send(
    text: Annotated[str, typer.Argument(help="The message; it may have {{ nombre }}.")],
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="FIELD=VALUE", help="Only officers with this value of an attribute.")
    ] = None,
    template: Annotated[
        str | None, typer.Option(help="The approved WhatsApp template that carries it outside the 24 hours.")
    ] = None,
    variable: Annotated[list[str] | None, typer.Option(help="A value of the template, in order.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="MOMENT", help="When, such as '2026-12-01 10:00', in the programme's zone.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show who would get it, and send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a message once, to each officer once at most, by the rules of every message. Above a number that the programme
    sets it waits for `trato notice approve` by somebody else."""
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        name, _, value = (where or "").partition("=")
        audience = Audience(wanted.programme, cohort, name or None, value if name else None)
        draft = Draft(audience, text, template, tuple(variable or ()), _moment(at, wanted.timezone))
        now, ways = system_clock(), means(place.settings)
        with place.database.transaction() as tx:
            library = library_of(tx)
            found = announcing.forecast(tx, library, ways, draft, now)
            kept = None if dry_run else announcing.send(tx, library, ways, draft, now, actor())
    if as_json:
        show_json(
            {**_forecast_json(found), "notice": kept.id if kept else None, "status": kept.status if kept else None}
        )
        return
    _show(found)
    if kept is not None:
        _tell_status(kept)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the latest messages, the last one first."""
    with installation() as place, place.database.reading() as tx:
        found = announcements.latest(tx, library_of(tx).current)
    if as_json:
        show_json([_as_json(one) for one in found])
    elif found:
        show_table(
            (
                Sentence("{one_off}notice", one_off=""),
                Sentence("programme"),
                Sentence("cohort"),
                Sentence("status"),
                Sentence("officers"),
                Sentence("due"),
                Sentence("{somebody}by", somebody=""),
            ),
            [
                (
                    one.id,
                    one.audience.programme,
                    one.audience.cohort,
                    word("notice_status", one.status),
                    one.officers,
                    f"{one.due_at:%Y-%m-%d %H:%M}",
                    one.created_by,
                )
                for one in found
            ],
        )
    else:
        tell(Sentence("no notices yet"))


@app.command("show")
def show(number: Number, as_json: AsJson = False) -> None:
    """Show a message and its result: messages by status, and the reasons why officers got none."""
    with installation() as place, place.database.reading() as tx:
        found = announcements.find(tx, number)
        if found is None:
            raise UsageError(Sentence("there is no notice {number}", number=number))
        sent, unsent = announcements.counts(tx, number)
    if as_json:
        show_json({**_as_json(found), "text": found.text, "messages": sent, "without": unsent})
        return
    typer.echo(found.text)
    tell(
        Sentence("{status}, {officers}", status=word("notice_status", found.status), officers=officers(found.officers))
    )
    for name, count in sorted(sent.items()):
        tell(Sentence("  {name}: {number}", name=word("status", name), number=count))
    for name, count in sorted(unsent.items()):
        tell(Sentence("  {name}: {number}", name=word("skip", name), number=count))


@app.command("approve")
def approve(number: Number) -> None:
    """Say yes to a message that waits for a second person: somebody else than its author."""
    with installation() as place, place.database.transaction() as tx:
        found = announcing.approve(tx, number, system_clock(), actor())
    _tell_status(found)


@app.command("cancel")
def cancel(number: Number) -> None:
    """Stop a message: it goes to no further officer."""
    with installation() as place, place.database.transaction() as tx:
        stopped = announcing.cancel(tx, number, system_clock(), actor())
    tell(
        Sentence("notice {notice} cancelled; 1 queued message stopped", notice=number)
        if stopped == 1
        else Sentence("notice {notice} cancelled; {number} queued messages stopped", notice=number, number=stopped)
    )


def _tell_status(one: Announcement) -> None:
    tell(Sentence("notice {notice}: {status}", notice=one.id, status=word("notice_status", one.status)))


def _moment(text: str | None, zone: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(Sentence("--at: write day and hour, such as '2026-12-01 10:00'")) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def _show(found: Forecast) -> None:
    tell(
        Sentence(
            "{officers} would get it, from {at:%Y-%m-%d %H:%M} UTC on",
            officers=officers(found.officers),
            at=found.due_at,
        )
    )
    for name, count in found.fates.items():
        tell(Sentence("  {name}: {number}", name=word("fate", name), number=count))
    tell(Sentence("  by {ways}", ways=", ".join(f"{name} {count}" for name, count in found.ways.items())))
    if found.ways["sms"]:
        cost = Sentence("unknown cost") if found.cost is None else f"{found.cost:.2f} {found.currency}"
        tell(Sentence("  {number} segments of SMS, {cost}", number=found.segments * found.ways["sms"], cost=cost))
    if found.needs_second:
        tell(Sentence("  somebody else has to say yes: `trato notice approve`"))


def _forecast_json(found: Forecast) -> dict[str, object]:
    return {
        "officers": found.officers,
        "fates": dict(found.fates),
        "ways": dict(found.ways),
        "segments": found.segments,
        "cost": found.cost,
        "currency": found.currency,
        "needs_second": found.needs_second,
        "due_at": found.due_at.isoformat(),
    }


def _as_json(one: Announcement) -> dict[str, object]:
    return {
        "notice": one.id,
        "programme": one.audience.programme,
        "cohort": one.audience.cohort,
        "field": one.audience.field,
        "value": one.audience.value,
        "template": one.template,
        "status": one.status,
        "officers": one.officers,
        "due_at": one.due_at.isoformat(),
        "created_by": one.created_by,
        "approved_by": one.approved_by,
        "cancelled_by": one.cancelled_by,
    }

"""`trato audit`: the acts of people, and whether the log is as it was written. Entries have no names, numbers or words of officers."""

from typing import Annotated

import typer

from app.cli._common import actor, installation, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.store import audit as log
from app.store import audit_chain
from app.store.audit import Entry
from app.wording import Sentence

HEADERS = (
    Sentence("entry"),
    Sentence("at (UTC)"),
    Sentence("actor"),
    Sentence("action"),
    Sentence("subject"),
    Sentence("detail"),
)

app = typer.Typer(help="List the audit log, verify its chain, or print an anchor of it.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def root() -> None:
    """Commands for the audit log."""


@app.command("list")
def list_entries(
    by: Annotated[
        str | None, typer.Option(help="Only by this person, also where the entry says `claims to be`.")
    ] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, such as `case show`.")] = None,
    subject: Annotated[str | None, typer.Option(help="Only on this subject, such as case:7.")] = None,
    before: Annotated[int | None, typer.Option(help="Only entries before this one, for the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many entries.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List entries, the latest last. That the log was read is an entry too."""
    with installation() as place, place.database.transaction() as tx:
        found = log.entries(tx, by=by, action=action, subject=subject, before=before, limit=limit)
        log.record(tx, system_clock(), actor(), "audit list", "audit", {"entries": len(found)})
    if as_json:
        show_json({"entries": [_json(one) for one in found]})
        return
    if found:
        show_table(HEADERS, [_cells(one) for one in found])
    tell(Sentence("{number} entries", number=len(found)))


@app.command()
def verify(
    anchor: Annotated[
        list[str] | None, typer.Option(help="An anchor that was kept elsewhere; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute the chain of the log again. Exit code 1 if an entry was changed, inserted or removed.

    A person who can write to the database can make a whole new chain: only an --anchor that was kept elsewhere shows that.
    """
    anchors = tuple(map(audit_chain.parse_anchor, anchor or []))
    with installation() as place, place.database.reading() as tx:
        found = audit_chain.verify(tx, anchors)
    if as_json:
        show_json(
            {
                "linked": found.linked,
                "waiting": found.waiting,
                "anchors": len(anchors),
                "end": None if found.end is None else str(found.end),
                "faults": found.faults,
            }
        )
    else:
        for fault in found.faults:
            tell(fault)
        tell(
            Sentence(
                "{linked} entries in the chain, {waiting} wait for their link, {faults} faults",
                linked=found.linked,
                waiting=found.waiting,
                faults=len(found.faults),
            )
        )
    if found.faults:
        raise typer.Exit(1)


@app.command("anchor")
def print_anchor() -> None:
    """Link all entries, and print the end of the chain: keep it where nobody who can write to the database can change it."""
    with installation() as place:
        linked = 1
        while linked:
            with place.database.transaction() as tx:
                linked = audit_chain.link(tx, system_clock())
        with place.database.reading() as tx:
            end = audit_chain.anchor(tx)
    tell(Sentence("the audit log has no entry yet") if end is None else str(end))


def _cells(one: Entry) -> tuple[object, ...]:
    return (
        one.id,
        f"{one.at:%Y-%m-%d %H:%M:%S}",
        one.actor,
        one.action,
        one.subject,
        " ".join(f"{name}={value}" for name, value in one.detail.items()),
    )


def _json(one: Entry) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "detail": one.detail,
    }

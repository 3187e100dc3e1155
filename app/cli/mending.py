"""`trato officers check` and `mend`: damaged rows of officers, found and repaired."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.cli._common import Installation, actor, installation, programme, show_json
from app.cli.language import tell
from app.cli.roster import HiddenRows, find_table, refuse
from app.clock import system_clock
from app.errors import UsageError
from app.roster import enrolment, repair, rows
from app.roster.study_ids import new_study_id
from app.sheets.table_in_file import Hidden
from app.store import addresses, audit, damage
from app.store import enrolment as stored
from app.store.damaged_rows import SESSION_FIELD, Finding
from app.wording import Sentence

_HOW = {
    "timezone": "--field timezone --value America/Mexico_City",
    "shift": "--field shift --value '24x48 2026-03-02 07:00'",
    "dates": "--field dates --value workshop_date=2026-03-02",
    "attributes": "--field attributes --value sector=norte",
    SESSION_FIELD: "--end-session",
    "name": "--from-roster padron.csv",
    "number": "--from-roster padron.csv",
}


def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List damaged officers: fields that cannot be read, and officers with whom a job failed. Exit code 1 if there are any."""
    with installation() as place, place.database.reading() as tx:
        found, held = [*repair.check(tx), *repair.unopened(tx, place.vault)], damage.damaged(tx)
    unexplained = [one for contact, one in held.items() if contact not in {finding.contact_id for finding in found}]
    if as_json:
        show_json(
            {
                "damaged": [{**_described(one), "on_hold": one.contact_id in held} for one in found],
                "failed": [asdict(one) for one in unexplained],
            }
        )
    else:
        for finding in found:
            tell(
                Sentence(
                    "{officer} {field}: {problem}; to mend: {command}",
                    officer=finding.study_id,
                    field=finding.field,
                    problem=finding.problem,
                    command=_mended_by(finding),
                )
            )
        for one in unexplained:
            tell(
                Sentence(
                    "{officer} on hold: {job} failed ({error}); to try again: trato officers mend {officer}",
                    officer=one.study_id,
                    job=one.job,
                    error=one.error,
                )
            )
        if not found and not unexplained:
            tell(Sentence("no officer is damaged"))
    raise typer.Exit(1 if found or unexplained else 0)


def mend(
    study_id: Annotated[str | None, typer.Argument(help="The officer's study id; see `trato officers check`.")] = None,
    field: Annotated[str | None, typer.Option(help=f"The field to set: {', '.join(repair.FIELDS)}.")] = None,
    value: Annotated[
        str | None,
        typer.Option(help="Its value: a zone; '24x48 2026-03-02 07:00'; name=value pairs for dates and attributes."),
    ] = None,
    from_roster: Annotated[Path | None, typer.Option(help="Take the officer's row from this roster.")] = None,
    hidden: HiddenRows = None,
    end_session: Annotated[
        bool, typer.Option("--end-session", help="End the open conversation, without a message.")
    ] = False,
    sound: Annotated[
        bool, typer.Option("--sound", help="Release all damaged officers whose rows can be read again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Repair a damaged officer, and release the officer from hold once nothing is damaged. Without options, only try again.

    Exit code 1 if something is still damaged.
    """
    if (field is None) != (value is None) or (field is not None and from_roster is not None):
        raise UsageError(Sentence("give --field with --value, or --from-roster"))
    if sound == (study_id is not None):
        raise UsageError(Sentence("give a study id, or --sound for all"))
    left: list[Finding] = []
    with installation() as place, place.database.transaction() as tx:
        if study_id is None:
            released = repair.settle_all(tx, system_clock(), actor())
        else:
            officer = study_id.strip().upper()
            if (contact := addresses.contact(tx, officer)) is None:
                raise UsageError(Sentence("there is no officer {officer}", officer=officer))
            _mend(tx, place, contact, field, value, from_roster, hidden, end_session=end_session, now=system_clock())
            left = [*repair.settle(tx, contact, system_clock()), *repair.unopened(tx, place.vault, [contact])]
            released = [] if left else [officer]
    if as_json:
        show_json({"mended": released, "damaged": [_described(one) for one in left]})
    else:
        for one in released:
            tell(Sentence("{officer}: nothing is damaged; jobs work on this officer again", officer=one))
        for finding in left:
            tell(
                Sentence(
                    "{officer} {field} still {problem}; to mend: {command}",
                    officer=finding.study_id,
                    field=finding.field,
                    problem=finding.problem,
                    command=_mended_by(finding),
                )
            )
        if not released and not left:
            tell(Sentence("nobody to release"))
    raise typer.Exit(1 if left else 0)


def _mend(
    tx: Connection,
    place: Installation,
    contact: int,
    field: str | None,
    value: str | None,
    roster: Path | None,
    hidden: Hidden | None,
    *,
    end_session: bool,
    now: datetime,
) -> None:
    audit.record(tx, now, actor(), repair.ACTION, f"contact:{contact}")
    if roster is not None:
        _from_roster(tx, place, contact, roster, hidden, now)
    if field is not None and value is not None:
        repair.set_field(tx, contact, field, value, now, actor())
    if end_session:
        repair.end_session(tx, contact, now, actor())


def _from_roster(
    tx: Connection, place: Installation, contact: int, file: Path, hidden: Hidden | None, now: datetime
) -> None:
    """Update one officer from a roster. Exit code 1 if the roster has mistakes; raises UsageError if the officer is not in it."""
    wanted = programme(place.settings, stored.programmes(tx, [contact])[contact])
    cohort = stored.cohort_codes(tx, [contact])[contact]
    table = find_table(file, rows.wanted(wanted, {}), None, hidden)
    read = rows.read_roster(table.rows, wanted, cohort=cohort, now=now, header=table.header)
    if faults := (*table.faults, *read.faults):
        refuse(file, faults)
        raise typer.Exit(1)
    numbers = enrolment.enrolled_contacts(tx, place.vault, read.entries)
    own = [entry for entry in read.entries if numbers.get(entry.number) == contact]
    if not own:
        raise UsageError(Sentence("{file} does not have the officer's number", file=file))
    enrolment.enrol(tx, place.vault, wanted, own, None, new_study_id, now, actor())


def _mended_by(finding: Finding) -> str:
    if finding.field == "cohort dates":
        return Sentence("trato cohorts date {cohort}, then trato officers mend --sound", cohort=finding.cohort)
    return f"trato officers mend {finding.study_id} {_HOW[finding.field]}"


def _described(finding: Finding) -> dict[str, object]:
    return {"study_id": finding.study_id, "cohort": finding.cohort, "field": finding.field, "problem": finding.problem}

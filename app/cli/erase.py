"""`trato erase`: the erasure of one officer, with a proof that names nobody. docs/rights.md says what goes and what stays."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from app.channels.addresses import BadNumber, parse_number
from app.cli._common import actor, installation, library_of, show_json
from app.cli.language import agreed, tell
from app.clock import system_clock
from app.custody import erasing
from app.custody.erasing import Erasure
from app.errors import UsageError
from app.roster.study_ids import new_study_id
from app.store import audit, erased_rows, private_files, suppression
from app.wording import Sentence, dead_letters, messages, rows, sealed_values

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def erase(
    study_id: Annotated[str | None, typer.Argument(help="The officer's study id; see `trato officers find`.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for the audit log: without a name.")] = "",
    answers: Annotated[bool, typer.Option("--answers", help="The coded answers too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    proof: Annotated[Path | None, typer.Option(help="Write what was done, without identity, to this file.")] = None,
    lift: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="Permit a number of somebody who was erased, of another person now."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Erase an officer, here and at the carrier.

    Name, numbers, words, files and hashes go, and nothing brings the officer back. Coded answers stay under a new study id, unless --answers. A roster with the number is refused from then on.
    """
    if (study_id is None) == (lift is None):
        raise UsageError(Sentence("give a study id, or --lift with a number"))
    if lift is not None:
        _lift(lift, reason, as_json=as_json)
        return
    audit.reason(reason)
    if not yes:
        officer = str(study_id).strip().upper()
        if not agreed(Sentence("Erase officer {officer}? It cannot be undone", officer=officer)):
            raise typer.Abort
    now = system_clock()
    with installation() as place:
        if erased_rows.are_left(place.database):
            erased_rows.overwrite(place.database)
            tell(
                Sentence("an erasure before was stopped: what it had left in the database's file is gone now"), err=True
            )
        with place.database.transaction() as tx:
            done = erasing.erase(tx, library_of(tx), str(study_id), reason, new_study_id, now, actor(), answers=answers)
        anew = erased_rows.overwrite(place.database)
    shown = {"erased_at": now.isoformat(timespec="seconds"), **asdict(done), "file_written_anew": anew}
    del shown["study_id"]  # whoever has the proof would know whose answers those are
    if proof is not None:
        private_files.write(proof, (json.dumps(shown, ensure_ascii=False, indent=2) + "\n").encode())
    if as_json:
        show_json(shown)
    else:
        report(done, anew=anew)


def report(done: Erasure, *, anew: bool) -> None:
    """Say what an erasure has done."""
    numbers = (
        Sentence("1 number suppressed")
        if done.numbers == 1
        else Sentence("{number} numbers suppressed", number=done.numbers)
    )
    answers = (
        Sentence("coded answers erased") if done.answers else Sentence("coded answers stay under another study id")
    )
    tell(
        Sentence(
            "erased: {rows} and {values}, {letters}; {numbers}; {answers}",
            rows=rows(sum(done.rows.values())),
            values=sealed_values(sum(done.values.values())),
            letters=dead_letters(done.letters),
            numbers=numbers,
            answers=answers,
        )
    )
    tell(
        Sentence(
            "{messages} to delete at the carrier: `trato serve` does it, `trato status` counts them",
            messages=messages(done.at_carrier),
        )
    )
    if not anew:
        tell(
            Sentence(
                "PostgreSQL frees the old rows with its next vacuum; backups keep them until they are deleted: docs/rights.md"
            )
        )


def _lift(number: str, reason: str, *, as_json: bool) -> None:
    why = audit.reason(reason)
    try:
        plain = parse_number(number)
    except BadNumber as error:
        raise UsageError(Sentence("--lift: {error}", error=error.args[0])) from None
    with installation() as place, place.database.transaction() as tx:
        lifted = suppression.lift(tx, plain)
        audit.record(tx, system_clock(), actor(), "erase lift", "suppressed_number", {"lifted": lifted, "reason": why})
    if as_json:
        show_json({"lifted": lifted})
    else:
        tell(
            Sentence("that number may be enrolled again")
            if lifted
            else Sentence("that number is not of somebody who was erased")
        )

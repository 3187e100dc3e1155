"""`trato randomize`: random assignment of officers to the arms of the study, with its balance table. Officers appear by study id."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from app.cli._common import actor, installation, programme, show_json, show_table
from app.cli.language import tell
from app.clock import system_clock
from app.flows.language.definition import Study
from app.store import cohorts
from app.study.balance import BalanceRow
from app.study.randomisation import Draw, left_out_lines, randomise
from app.wording import Sentence


def randomize(
    cohort: Annotated[str | None, typer.Option(help="Only this cohort; by default the whole programme.")] = None,
    programme_code: Annotated[
        str | None, typer.Option("--programme", help="The programme, if there are several.")
    ] = None,
    late: Annotated[bool, typer.Option("--late", help="Only officers enrolled since the assignment.")] = False,
    without_consent: Annotated[
        bool,
        typer.Option(
            "--without-consent", help="Assign officers who have not consented too; by default they are left out."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the assignment and store nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with the arm of each officer.")] = False,
) -> None:
    """Assign officers to the arms of the study, once and reproducibly.

    The same officers and seed give the same assignment. Officers are assigned once: a second run is refused. Officers who opted
    out or have not consented are left out, and named by study id.
    """
    with installation() as place:
        wanted = programme(place.settings, programme_code)
        with place.database.transaction() as tx:
            cohorts.check(tx, cohort)
            draw = randomise(
                tx, wanted, cohort, system_clock(), late=late, without_consent=without_consent, actor=actor()
            )
            if dry_run:
                tx.rollback()
    if as_json:
        show_json({**asdict(draw), "programme": wanted.programme, "dry_run": dry_run})
    elif wanted.study is not None:
        _show(wanted.study, draw, dry_run)


def _show(study: Study, draw: Draw, dry_run: bool) -> None:
    placed = len(draw.placed)
    tell(
        Sentence(
            "{study}: {number} officers of {scope} would be assigned",
            study=study.title,
            number=placed,
            scope=draw.scope,
        )
        if dry_run
        else Sentence(
            "{study}: {number} officers of {scope} were assigned", study=study.title, number=placed, scope=draw.scope
        )
    )
    tell(Sentence("seed {seed}, input {input}\n", seed=draw.seed, input=draw.input_hash))
    total = sum(arm.share for arm in study.arms.values())
    show_table(
        (Sentence("arm"), Sentence("officers"), Sentence("share"), Sentence("campaign")),
        [
            (
                code,
                draw.count(code),
                Sentence("{had:.3f} (of {wanted:.3f})", had=draw.count(code) / placed, wanted=arm.share / total),
                arm.campaign or Sentence("(none)"),
            )
            for code, arm in study.arms.items()
        ],
    )
    typer.echo("")
    headers = (Sentence("attribute"), Sentence("value"), *study.arms, Sentence("std. difference"))
    show_table(headers, [_cells(line, study) for line in draw.balance])
    for note in _notes(draw):
        tell(note)


def _cells(line: BalanceRow, study: Study) -> tuple[object, ...]:
    difference = "" if line.difference is None else f"{line.difference:.3f}"
    return line.attribute, line.value or Sentence("mean (sd)"), *(_cell(line, arm) for arm in study.arms), difference


def _cell(line: BalanceRow, arm: str) -> str:
    if line.mean is not None and line.sd is not None:
        return f"{line.mean[arm]:.2f} ({line.sd[arm]:.2f})" if arm in line.mean else ""
    return f"{line.n[arm]} ({line.share[arm]:.3f})" if line.share is not None and arm in line.share else ""


def _notes(draw: Draw) -> Iterator[str]:
    if draw.misfits:
        yield Sentence(
            "{number} beyond full blocks, in {strata} strata; assigned so that all arms keep their shares",
            number=sum(draw.misfits.values()),
            strata=len(draw.misfits),
        )
    if draw.joined:
        yield Sentence("{number} joined the arm of their cluster, which was assigned before", number=draw.joined)
    for line in left_out_lines(draw.left_out):
        yield Sentence("not assigned: {who}", who=line)
    if "no_consent" in draw.left_out:
        yield Sentence("once they consent, --late assigns them; --without-consent assigns them now")
    if draw.undated:
        yield Sentence(
            "{number} have no date from which their campaign counts: only consent can be planned for them",
            number=draw.undated,
        )

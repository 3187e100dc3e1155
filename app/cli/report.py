"""`trato report`: the results of the follow-up on one page."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli._common import Late, actor, installation, show_json, warn_of_damaged
from app.cli.language import tell
from app.clock import system_clock
from app.errors import UsageError
from app.exports import days
from app.exports.report.page import report as page
from app.exports.report.sample import choose
from app.exports.report.words import Language
from app.exports.statistics.suppression import K
from app.exports.writers import write_bytes
from app.store import audit
from app.wording import Sentence

_DAY = ["%Y-%m-%d"]


def report(
    file: Annotated[Path, typer.Argument(metavar="FILE.html", help="The page to write.")],
    programme: Annotated[str | None, typer.Option(help="The programme, if there are several.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, help="Planned or answered from this day on, in the officer's local time."),
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAY, help="Up to this day, included.")] = None,
    language: Annotated[Language, typer.Option(help="The language of the report.")] = "es",
    alone: Annotated[
        bool,
        typer.Option(
            "--alone",
            help="For readers who get no report of the whole programme: allow a cohort beside a very small one.",
        ),
    ] = False,
    late: Annotated[
        Late,
        typer.Option(
            help="Whether late answers, after their question had expired, count in scores and in what was applied."
        ),
    ] = Late.exclude,
    k: Annotated[int, typer.Option("--k", min=2, max=100, help="Hide figures on fewer officers than this.")] = K,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")] = False,
) -> None:
    """Write a printable one-page report: response, waves, the three levels. Nobody can be told from it."""
    if since is not None and until is not None and until < since:
        raise UsageError(Sentence("--until must not be before --since"))
    days.check(since and since.date(), until and until.date())
    if file.is_dir():
        raise UsageError(Sentence("{file} is a folder: name the file to write", file=file))
    with installation() as place:
        with place.database.reading() as tx:
            sample = choose(tx, programme, cohort, since and since.date(), until and until.date(), k, alone=alone)
            sample = replace(sample, with_late=late is Late.include)
            warn_of_damaged(tx, sample.programme, sample.cohort)
            written = write_bytes(file.parent, file.name, page(tx, sample, language=language, k=k))
        with place.database.transaction() as tx:
            between = {"since": since and f"{since:%Y-%m-%d}", "until": until and f"{until:%Y-%m-%d}"}
            detail = {"programme": sample.programme, "cohort": cohort, **between, "k": k, "alone": alone, "late": late}
            audit.record(tx, system_clock(), actor(), "export", "report", detail)
    if as_json:
        show_json(
            {"file": str(file), "sha256": written.sha256, "programme": sample.programme, "cohort": cohort, "k": k}
        )
        return
    tell(
        Sentence(
            "{file}: report of {of}; no figure covers fewer than {k} officers",
            file=file,
            of=sample.cohort or sample.programme,
            k=k,
        )
    )

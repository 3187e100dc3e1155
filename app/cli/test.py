# ruff: noqa: PT028 - `test` is a command, not a test
"""`trato test`: the transcript tests. Plays every transcript of the flow files and shows the differences, line by
line; `--update` rewrites the service's lines. Opens no database and sends nothing."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated

import typer

from app.cli.language import said, tell
from app.cli.rehearsals import complain, programmes, tried_settings
from app.errors import UsageError, unreadable
from app.flows.engine.compiled import CompiledProgramme
from app.flows.loader import flow_files
from app.flows.transcripts.coverage import FlowCoverage, Visits, measure, total
from app.flows.transcripts.runner import Difference, Playback, play, updated
from app.flows.transcripts.scripts import read_script
from app.wording import Sentence

FOLDER = "transcripts"
_HINT = Sentence(
    "- is what the file says, + what really happens. If the service's lines (<) are right as they are now: trato test --update\n"
)
_AFTER_UPDATE = Sentence("--update writes the service's lines (<) only: correct expect and ends by hand, or the flow\n")


@dataclass(frozen=True, slots=True)
class Run:
    """The played transcripts, and their programmes with the coverage of each."""

    played: tuple[Playback, ...]
    programmes: tuple[tuple[CompiledProgramme, Visits], ...]

    @property
    def failed(self) -> list[Playback]:
        """The transcripts with differences."""
        return [item for item in self.played if not item.passed]

    def covered(self) -> list[FlowCoverage]:
        """The coverage of every flow."""
        return [item for compiled, visits in self.programmes for item in measure(compiled.definition, visits)]


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Transcript files, or folders of flows or transcripts; TRATO_FLOWS if none is given."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Rewrite the service's lines with the actual messages.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show the steps and ways that no transcript covers.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
    flows: Annotated[
        Path | None, typer.Option(help="The folder of flows; by default the one around the transcripts.")
    ] = None,
) -> None:
    """Run the transcript tests of flow files. Exit code 1 if any conversation differs."""
    files = [file for path in paths or [tried_settings().flows] for file in _files(path)]
    run = rehearse(files, flows)
    if update and run.failed:
        _update(run.failed)
        run = rehearse(files, flows)
    if json_:
        typer.echo(json.dumps(_as_json(run), ensure_ascii=False, indent=2))
    else:
        _show(run, coverage=coverage, update=update)
    if run.failed:
        raise typer.Exit(1)


def rehearse(files: Sequence[Path], flows: Path | None = None) -> Run:
    """Play every transcript of these files. Shows the problems of flow and transcript files, and exits with 1 if
    there is any. Raises AppError if a file cannot be read or has no flows around it."""
    shelves: dict[Path, dict[str, CompiledProgramme]] = {}
    scripts = []
    for file in dict.fromkeys(files):
        folder = flows or (file.parent.parent if file.parent.name == FOLDER else file.parent)
        shelf = shelves[folder] if folder in shelves else shelves.setdefault(folder, programmes(folder))
        scripts.append((shelf, read_script(_read(file), str(file), shelf)))
    complain(problem for _, script in scripts for problem in script.problems)
    walked = {id(compiled): (compiled, Visits()) for shelf in shelves.values() for compiled in shelf.values()}
    played = []
    for shelf, script in scripts:
        for transcript in script.transcripts:
            compiled = shelf[transcript.programme]
            played.append(play(transcript, compiled))
            walked[id(compiled)][1].add(played[-1].visits)
    return Run(tuple(played), tuple(walked.values()))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise unreadable(file, error) from None


def _files(path: Path) -> list[Path]:
    """The transcript files of a path. Raises UsageError if there is none."""
    if not path.is_dir():
        return [path]
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    try:
        files = flow_files(folder)
    except OSError as error:
        raise unreadable(folder, error) from None
    if not files or (folder == path and path.name != FOLDER):
        raise UsageError(
            Sentence(
                "there are no transcripts in {path}: they are *.yaml files in {folder}, and trato play --save makes them",
                path=path,
                folder=path / FOLDER,
            )
        )
    return files


def _update(failed: Iterable[Playback]) -> None:
    by_file: dict[str, list[Playback]] = {}
    for item in failed:
        by_file.setdefault(item.transcript.file, []).append(item)
    for file, items in by_file.items():
        before = Path(file).read_bytes().decode("utf-8-sig")
        after = updated(before, items)
        if after != before:
            Path(file).write_bytes(after.encode())
            tell(Sentence("updated {file}", file=file), err=True)


# -- showing ------------------------------------------------------------------------------------------------------------


def _show(run: Run, *, coverage: bool, update: bool) -> None:
    for item in run.failed:
        typer.echo(failure(item))
    if run.failed:
        tell(_AFTER_UPDATE if update else _HINT)
    covered = run.covered()
    if coverage:
        _show_coverage(covered)
    passed = len(run.played) - len(run.failed)
    counts = Sentence("{passed} passed", passed=passed)
    if run.failed:
        counts = Sentence("{passed} passed, {failed} failed", passed=passed, failed=len(run.failed))
    whole, number = total(covered), len(run.played)
    tell(
        Sentence(
            "{transcripts}: {counts}. Walked {steps} of {all_steps} steps and {branches} of {all_branches} branches",
            transcripts=Sentence("1 transcript") if number == 1 else Sentence("{number} transcripts", number=number),
            counts=counts,
            steps=whole.steps[0],
            all_steps=whole.steps[1],
            branches=whole.branches[0],
            all_branches=whole.branches[1],
        )
    )


def failure(played: Playback) -> str:
    """A failed transcript, for a person: every difference with its line, `-` expected, `+` got, equal lines without a
    sign."""
    transcript = played.transcript
    head = Sentence("FAILED {name} ({file}:{line})", name=transcript.name, file=transcript.file, line=transcript.line)
    lines = [said(head)]
    for difference in played.differences:
        lines += _told(difference)
    return "\n".join(lines) + "\n"


def _told(difference: Difference) -> list[str]:
    about = said(difference.about).replace("\n", " ⏎ ")
    lines = [said(Sentence("  line {line}: {about}", line=difference.line, about=about))]
    matcher = SequenceMatcher(None, difference.expected, difference.got, autojunk=False)
    for what, start, end, low, high in matcher.get_opcodes():
        if what == "equal":
            lines += (f"      {said(line)}" for line in difference.expected[start:end])
        else:
            lines += (f"    - {said(line)}" for line in difference.expected[start:end])
            lines += (f"    + {said(line)}" for line in difference.got[low:high])
    return lines


def _show_coverage(covered: Sequence[FlowCoverage]) -> None:
    width = max((len(item.flow) for item in covered), default=0)
    for item in covered:
        steps, branches = (
            Sentence("{done:>3} of {all:>3}", done=done, all=of) for done, of in (item.steps, item.branches)
        )
        tell(
            Sentence(
                "{flow}  steps {steps}  branches {branches}",
                flow=f"{item.flow:<{width}}",
                steps=steps,
                branches=branches,
            )
        )
        for text in item.missing:
            typer.echo(f"{'':<{width}}  · {said(text)}")
    typer.echo("")


def _as_json(run: Run) -> dict[str, object]:
    covered = run.covered()
    whole = total(covered)
    return {
        "passed": len(run.played) - len(run.failed),
        "failed": len(run.failed),
        "transcripts": [
            {
                "name": item.transcript.name,
                "file": item.transcript.file,
                "line": item.transcript.line,
                "flow": item.transcript.flow,
                "passed": item.passed,
                "differences": [
                    {"line": one.line, "about": one.about, "expected": one.expected, "got": one.got}
                    for one in item.differences
                ],
            }
            for item in run.played
        ],
        "coverage": {
            **_counts(whole),
            "flows": {item.flow: {**_counts(item), "missing": item.missing} for item in covered},
        },
    }


def _counts(covered: FlowCoverage) -> dict[str, object]:
    return {
        "steps": {"walked": covered.steps[0], "of": covered.steps[1]},
        "branches": {"walked": covered.branches[0], "of": covered.branches[1]},
    }

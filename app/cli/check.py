"""`trato check`: every error and warning in flow files, for a person, a script or GitHub. Changes no flow file and
opens no database."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from unicodedata import combining, east_asian_width

import typer

from app.cli.language import language, tell
from app.cli.rehearsals import tried_settings
from app.errors import UsageError, unreadable
from app.flows.checks.messages import sms_of
from app.flows.language.nearby import unknown
from app.flows.language.problems import Problem, Severity, in_order
from app.flows.loader import LoadedFile, apart, flow_files, launch, lint, load, no_flow_file
from app.flows.yaml.source import MAX_BYTES
from app.shipped import shipped
from app.wording import Sentence

_STDIN = Path("-")
_WIDTH = 120
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
"""Characters that could make a terminal do something."""


class Format(StrEnum):
    """The form of the findings."""

    text = "text"
    json = "json"
    github = "github"


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Flow files, folders of them, or - for standard input; TRATO_FLOWS if none is given."),
    ] = None,
    format: Annotated[Format, typer.Option(help="For a person, a script, or GitHub's annotations.")] = Format.text,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    for_launch: Annotated[
        bool,
        typer.Option(
            "--for-launch", help="Look also for what a real launch needs: help lines, contact, reading hours, alerts."
        ),
    ] = False,
    explain: Annotated[
        str | None, typer.Option(help="Explain one code of a problem, in both languages, and check nothing.")
    ] = None,
) -> None:
    """Check flow files: list every problem with its place and a hint. Exit code 1 if there is any."""
    if explain is not None:
        typer.echo(_page(explain), nl=False)
        return
    loaded = _loaded(paths or [tried_settings().flows])
    found = [problem for item in loaded for problem in in_order(_problems(item, for_launch=for_launch))]
    problems = [problem.into(language()) for problem in found]
    match format:
        case Format.text:
            _show_text(loaded, problems)
        case Format.json:
            _show_json(loaded, problems)
        case Format.github:
            for problem in problems:
                typer.echo(_annotation(problem))
    if (strict and problems) or any(problem.severity is Severity.error for problem in problems):
        raise typer.Exit(1)


def _page(code: str) -> str:
    """The page of a code. Raises UsageError."""
    pages = {page.stem: page for page in shipped("docs/lints").glob("[a-z]*.md")}
    if code not in pages:
        raise UsageError(unknown(Sentence("no problem has the code {code}", code=code), code, pages))
    return pages[code].read_text(encoding="utf-8")


def _problems(loaded: LoadedFile, *, for_launch: bool) -> tuple[Problem, ...]:
    return (*loaded.problems, *lint(loaded), *(launch(loaded) if for_launch else ()))


def _loaded(paths: Sequence[Path]) -> tuple[LoadedFile, ...]:
    files = [file for path in paths for file in (_of_folder(path) if path.is_dir() else [path])]
    return apart(load(_read(file), _name(file)) for file in {file.resolve(): file for file in files}.values())


def _read(file: Path) -> bytes:
    """The beginning of a file: one byte more than a flow file may have is enough to refuse it."""
    try:
        if file == _STDIN:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        if (other := file.with_name(f"{file.name}.txt")).is_file():
            text = Sentence(
                "{file} is called {other}: rename it; in Notepad, save it with the type All files",
                file=file,
                other=other,
            )
            raise UsageError(text) from None
        raise unreadable(file, error) from None
    except OSError as error:
        raise unreadable(file, error) from None


def _name(file: Path) -> str:
    return Sentence("standard input") if file == _STDIN else str(file)


def _of_folder(folder: Path) -> list[Path]:
    try:
        files = flow_files(folder)
    except OSError as error:
        raise unreadable(folder, error) from None
    if not files:
        raise UsageError(no_flow_file(folder))
    return files


def _show_text(loaded: Sequence[LoadedFile], problems: Sequence[Problem]) -> None:
    lines = {item.file: item.source.lines for item in loaded}
    for problem in problems:
        tell(Sentence("{problem} (warning)", problem=problem) if problem.severity is Severity.warning else str(problem))
        typer.echo(_excerpt(lines[problem.file], problem))
    for item in loaded:
        if item.context and item.context.programme.sms.plain:
            written, plain = sms_of(item.context)
            text = Sentence(
                "{file}: its texts are {plain} SMS, and would be {written} without sms: {{plain: true}}",
                file=item.file,
                plain=plain,
                written=written,
            )
            tell(text)
    tell(_summary(len(loaded), problems))


def _excerpt(lines: Sequence[str], problem: Problem) -> str:
    """The line with a caret under the place; of a long line, the part around it."""
    line = _UNPRINTABLE.sub("�", lines[problem.line - 1]) if 0 < problem.line <= len(lines) else ""
    at = max(0, problem.column - 1)
    start = max(0, at - _WIDTH // 2) if len(line) > _WIDTH else 0
    shown = line[start : start + _WIDTH]
    gap = "".join(_blank(char) for char in shown[: at - start])
    return f"    {shown}\n    {gap}^\n"


def _blank(char: str) -> str:
    """A blank as wide as the character, so that the caret is below its place."""
    if char == "\t":
        return char
    return "" if combining(char) else "  " if east_asian_width(char) in "FW" else " "


def _summary(files: int, problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity is Severity.error for problem in problems)
    warnings = len(problems) - errors
    looked = Sentence("1 file") if files == 1 else Sentence("{number} files", number=files)
    if not problems:
        return Sentence("{files}: nothing to report", files=looked)
    return Sentence(
        "{files}: {errors}, {warnings}. `trato check --explain CODE` explains a code",
        files=looked,
        errors=Sentence("1 error") if errors == 1 else Sentence("{number} errors", number=errors),
        warnings=Sentence("1 warning") if warnings == 1 else Sentence("{number} warnings", number=warnings),
    )


def _show_json(loaded: Sequence[LoadedFile], problems: Sequence[Problem]) -> None:
    errors = sum(problem.severity is Severity.error for problem in problems)
    found = {
        "language": language(),
        "files": [item.file for item in loaded],
        "errors": errors,
        "warnings": len(problems) - errors,
        "problems": [asdict(problem) for problem in problems],
    }
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _annotation(problem: Problem) -> str:
    """A workflow command, as GitHub documents them: data and properties are escaped, properties more."""
    hint = f". {problem.hint}" if problem.hint else ""
    where = f"{problem.path}: " if problem.path else ""
    place = f"file={_property(problem.file)},line={problem.line},col={problem.column},title={_property(problem.code)}"
    return f"::{problem.severity} {place}::{_data(f'{where}{problem.text}{hint}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

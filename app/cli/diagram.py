"""`trato diagram`: a conversation as a page of cards or as Mermaid, for coordinators who do not program: each question, where
each answer leads, and where it ends. Reads flow files only, and writes nothing but the files named by `--output`."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.language import tell
from app.cli.rehearsals import named, programme_of, programmes, tried_settings
from app.errors import UsageError, reason
from app.flows.diagram.content import Diagram
from app.flows.diagram.content import diagram as content
from app.flows.diagram.mermaid import mermaid, too_large
from app.flows.diagram.page import page
from app.flows.engine.compiled import CompiledProgramme
from app.wording import Sentence


class Format(StrEnum):
    """The forms of a diagram."""

    mermaid = "mermaid"
    html = "html"


_SUFFIXES = {".html": Format.html, ".htm": Format.html, ".mmd": Format.mermaid, ".mermaid": Format.mermaid}


def diagram(
    flow: Annotated[str | None, typer.Argument(help="The flow to show.")] = None,
    format: Annotated[Format | None, typer.Option(help="By the suffix of --output if not given, else mermaid.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write to this file, .html or .mmd; with --all, to this folder.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every flow of the programme; as HTML unless --format says otherwise.")
    ] = False,
    expand: Annotated[bool, typer.Option("--expand", help="Write called flows out where they are called.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the nodes and edges as JSON.")] = False,
    programme: Annotated[str | None, typer.Option(help="The programme, if there are several.")] = None,
    flows: Annotated[Path | None, typer.Option(help="The folder of flow files; TRATO_FLOWS if not given.")] = None,
) -> None:
    """Draw a flow: its questions, where each answer leads, and where it ends."""
    if all_ is (flow is not None):
        raise UsageError(Sentence("name one flow, or every one with --all"))
    if as_json and format is not None:
        raise UsageError(Sentence("--json is a format of its own: leave --format out"))
    shelf = programmes(flows or tried_settings().flows)
    if flow is not None:
        drawn = content(programme_of(shelf, flow, programme).definition, flow, expand=expand)
        _write(_drawing(drawn, None if as_json else format or _by_name(output)), output)
    else:
        _write_all(named(shelf, programme), output, None if as_json else format or Format.html, expand=expand)


def _write_all(chosen: list[CompiledProgramme], folder: Path | None, format: Format | None, *, expand: bool) -> None:
    if folder is None:
        raise UsageError(Sentence("--all writes a file for every flow: name a folder with --output"))
    if len(chosen) > 1:
        raise UsageError(
            Sentence(
                "there are several programmes, {names}: choose with --programme",
                names=", ".join(compiled.programme for compiled in chosen),
            )
        )
    compiled = chosen[0]
    suffix = {None: "json", Format.html: "html", Format.mermaid: "mmd"}[format]
    for code in compiled.flows:
        _write(_drawing(content(compiled.definition, code, expand=expand), format), folder / f"{code}.{suffix}")


def _by_name(output: Path | None) -> Format:
    if output is None:
        return Format.mermaid
    if output.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            Sentence("{output} does not say what to write: call it .html or .mmd, or give --format", output=output)
        )
    return _SUFFIXES[output.suffix.lower()]


def _drawing(drawn: Diagram, format: Format | None) -> str:
    if format is None:
        return json.dumps(asdict(drawn), ensure_ascii=False, indent=2) + "\n"
    if format is Format.html:
        return page(drawn)
    text = mermaid(drawn)
    if too_large(text, drawn):
        tell(
            Sentence(
                "{flow} is larger than Mermaid draws unless set up for it: --format html has no limit", flow=drawn.flow
            ),
            err=True,
        )
    return text


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(Sentence("{file} cannot be written: {reason}", file=output, reason=reason(error))) from None
    typer.echo(str(output), err=True)

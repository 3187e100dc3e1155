"""`trato replies`: what officers wrote that was not understood, and words for it in the flow files."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli._common import actor, installation, show_json
from app.cli.language import language
from app.cli.rehearsals import complain
from app.clock import system_clock
from app.errors import UsageError
from app.flows.diff import compare
from app.flows.diff_words import change_lines
from app.flows.loader import lint, load
from app.flows.yaml.rewrite import Unwritable
from app.flows.yaml.source import Path as Spot
from app.review.unclear import UnclearQuestion, Wording, accepted, edited, unclear
from app.store import audit, cohorts
from app.store.unclear_replies import unclear_replies
from app.translation.text_import import FlowFile, flow_texts, replace_files
from app.wording import SPANISH, Sentence

app = typer.Typer(help="See which replies were not understood, and add words for them.", no_args_is_help=True)

_ALONE = 2
"""Fewer officers than this could be recognised by what they wrote."""
_BOM = b"\xef\xbb\xbf"


@app.callback()
def root() -> None:
    """Replies that were not understood."""


@app.command("unclear")
def unclear_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Flow files, or folders of them; by default TRATO_FLOWS."),
    ] = None,
    programme: Annotated[str | None, typer.Option(help="Only this programme.")] = None,
    cohort: Annotated[str | None, typer.Option(help="Only this cohort.")] = None,
    least: Annotated[int, typer.Option(min=1, help="Only what at least so many officers wrote.")] = 1,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Write this reply, by its code, under `also` of its option; or CODE=OPTION. May be repeated."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List, by question, the replies that were asked again or went to a person, how often, and what they probably mean.

    The words are the officers' own and may identify somebody: treat the list as you treat their answers."""
    with installation() as place:
        files, problems = flow_texts(paths or [place.settings.flows])
        complain(problems)
        with place.database.reading() as tx:
            cohorts.check(tx, cohort)
            found, elsewhere = unclear(files, unclear_replies(tx, programme, cohort), least)
        raws = {file.path: _checked(file, new) for file, new in accepted(found, accept or ())}
        replace_files(raws)
        with place.database.transaction() as tx:
            detail = {"programme": programme, "cohort": cohort, "shown": len(found), "accepted": len(accept or ())}
            audit.record(tx, system_clock(), actor(), "replies unclear", "replies", detail)
    if raws:
        typer.echo(
            "Escrito. Siguen `trato test` y `trato publish`: cambian cómo se leen las respuestas desde entonces."
        )
    elif json_:
        show_json({"questions": [_as_json(question) for question in found], "elsewhere": elsewhere})
    else:
        typer.echo("\n".join(_lines(found, elsewhere)))


def _checked(file: FlowFile, new: Mapping[Spot, Sequence[str]]) -> bytes:
    """The new file, checked and shown like any edit. Raises UsageError for what can only be written by hand; exits with 1 on a
    fault."""
    try:
        text = edited(file, new)
    except Unwritable as error:
        raise UsageError(
            Sentence("{file}: {error}: write these words by hand", file=file.path, error=error.args[0])
        ) from None
    raw = _BOM * file.raw.startswith(_BOM) + text.encode()
    loaded = load(raw, str(file.path))
    complain(loaded.problems)
    typer.echo("\n".join(change_lines(compare(file.programme, loaded.programme or file.programme), SPANISH)))
    known = {(problem.code, problem.text) for problem in lint(file.loaded)}
    for problem in lint(loaded):
        if (problem.code, problem.text) not in known:
            found = problem.into(language())
            typer.echo(f"aviso, línea {found.line}: [{found.code}] {found.text}. {found.hint}".rstrip(" ."))
    return raw


def _lines(found: Sequence[UnclearQuestion], elsewhere: int) -> Iterator[str]:
    if not found:
        yield "No hay respuestas sin entender."
    for question in found:
        yield f"{question.located.flow}.{question.located.ask.ask}: {' '.join(question.text.split())}"
        for wording in question.wordings:
            yield f"  {_counts(wording)}: «{wording.words}»{_proposal(wording)}"
        yield ""
    if elsewhere:
        yield f"{elsewhere} de preguntas que no están en los archivos."
    if any(wording.officers < _ALONE for question in found for wording in question.wordings):
        yield "Lo que escribió un solo oficial puede delatarlo: no lo copie a otro lado sin leerlo."
    if any(wording.code for question in found for wording in question.wordings):
        yield "Para agregarlas: trato replies unclear --accept CÓDIGO, o --accept CÓDIGO=opción."


def _counts(wording: Wording) -> str:
    times = "1 vez" if wording.replies == 1 else f"{wording.replies} veces"
    officers = "1 oficial" if wording.officers == 1 else f"{wording.officers} oficiales"
    person = f", {wording.to_person} a una persona" if wording.to_person else ""
    return f"{times}, {officers}{person}"


def _proposal(wording: Wording) -> str:
    if not wording.code:
        return ""
    if wording.option is None:
        return f"  [{wording.code}=?]"
    why = f"; así contestaron después {wording.chosen} de {wording.decided}" if wording.decided else ""
    return f"  → {wording.option} ({wording.label}{why})  [{wording.code}]"


def _as_json(question: UnclearQuestion) -> dict[str, Any]:
    return {
        "flow": question.located.flow,
        "step": question.located.ask.ask,
        "text": question.text,
        "replies": [
            {
                "words": wording.words,
                "replies": wording.replies,
                "officers": wording.officers,
                "to_person": wording.to_person,
                "option": wording.option,
                "chosen": wording.chosen,
                "decided": wording.decided,
                "code": wording.code or None,
            }
            for wording in question.wordings
        ],
    }

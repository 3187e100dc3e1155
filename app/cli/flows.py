"""`trato flows`: the texts of flow files in a spreadsheet for translators and reviewers. An import changes the edited texts and
nothing else in a file; if there is a mistake, it changes nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.cli.language import language
from app.cli.rehearsals import complain
from app.errors import UsageError, reason
from app.flows.diff import Change, ChangeKind
from app.flows.diff_words import change_lines
from app.settings import Settings
from app.sheets.faults import Fault
from app.translation.text_import import Draft, Edit, FlowFile, compare, drafts, flow_texts, replace_files
from app.translation.text_rows import MOST_BYTES, read
from app.translation.text_sheet import spreadsheet
from app.wording import SPANISH, Sentence, into

app = typer.Typer(
    help="Export flow texts to a spreadsheet for translation, and import the edits.", no_args_is_help=True
)

_File = Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="The spreadsheet.")]
_Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PATH]...", help="Flow files, or folders of them; by default TRATO_FLOWS."),
]

_BOTH = "Donde cambiaron la hoja y el archivo: para que gane la hoja, repita con --force; si no, expórtela de nuevo."


@app.callback()
def root() -> None:
    """Flow texts in a spreadsheet."""


@app.command()
def export(
    file: _File,
    paths: _Paths = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing spreadsheet.")] = False,
) -> None:
    """Write all texts that officers read to a spreadsheet, with their place and context."""
    if file.suffix.lower() != ".xlsx":
        raise UsageError(Sentence("{file} must end in .xlsx", file=file))
    if file.exists() and not force:
        raise UsageError(
            Sentence("{file} ya existe y puede tener cambios de alguien: use otro nombre, o --force", file=file)
        )
    files = _files(paths)
    replace_files({file: spreadsheet([item.listed for item in files])})
    count = sum(len(item.entries) for item in files)
    typer.echo(f"{file}: {count} textos de {', '.join(item.path.name for item in files)}")


@app.command("import")
def import_(
    file: _File,
    paths: _Paths = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, show the changes, and write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Where the file has changed too, use the spreadsheet's text.")
    ] = False,
) -> None:
    """Write the edits of a spreadsheet to the flow files: all of them or, if there is a mistake, none (exit code 1)."""
    files = _files(paths)
    rows = read(file.name, _content(file))
    found = compare(rows.rows, files, force=force)
    _refuse(file, (*rows.faults, *found.faults, *found.conflicts), _BOTH if found.conflicts else "")
    made, unwritable = drafts(found.edits)
    _refuse(file, unwritable)
    _complain(made)
    if not dry_run:
        replace_files({draft.file.path: draft.raw for draft in made})
    _show(made, rows.comments, dry_run)


def _files(paths: Sequence[Path] | None) -> tuple[FlowFile, ...]:
    files, problems = flow_texts(paths or [Settings.load().flows])
    complain(problems)
    return files


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(Sentence("{file} cannot be read: {reason}", file=file, reason=reason(error))) from None


def _refuse(file: Path, faults: Sequence[Fault], hint: str = "") -> None:
    """Show the mistakes of the spreadsheet, and exit with 1 if there are any."""
    if not faults:
        return
    for fault in sorted(faults):
        typer.echo(f"{file}: {into(fault.located, SPANISH)}" if fault.row else fault.text, err=True)
    typer.echo(" ".join(filter(None, (_counted(len(faults), "error"), hint))), err=True)
    raise typer.Exit(1)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 'es'}; no se cambió nada."


def _complain(made: Sequence[Draft]) -> None:
    """Show the errors of the new files, and exit with 1 if there are any."""
    errors = [(draft, problem) for draft in made for problem in draft.errors]
    for draft, found in errors:
        problem = found.into(language())
        hint = f". {problem.hint}" if problem.hint else ""
        typer.echo(f"{draft.where(problem)}: [{problem.code}] {problem.text}{hint}", err=True)
    if errors:
        typer.echo(_counted(len(errors), "error"), err=True)
        raise typer.Exit(1)


def _show(made: Sequence[Draft], comments: int, dry_run: bool) -> None:
    for draft in made:
        typer.echo(f"== {draft.file.path}")
        typer.echo("\n".join(change_lines([_change(edit) for edit in draft.edits], SPANISH)))
        for problem in (one.into(language()) for one in draft.warnings):
            typer.echo(f"aviso, {draft.where(problem)}: [{problem.code}] {problem.text}. {problem.hint}".rstrip(" ."))
    if comments:
        typer.echo(
            f"{comments} {'fila tiene' if comments == 1 else 'filas tienen'} comentarios: léalos en la hoja, no se importan."
        )
    if not made:
        typer.echo("Sin cambios: los textos de la hoja son los de los archivos.")
    elif dry_run:
        typer.echo("Se revisó; no se escribió nada (--dry-run).")
    else:
        typer.echo(
            "Escrito. Siguen `trato test`, por si una transcripción lleva los textos de antes, y `trato publish`."
        )


def _change(edit: Edit) -> Change:
    own = edit.language == edit.file.programme.language
    kind = ChangeKind.changed if edit.before and edit.after else ChangeKind.added if edit.after else ChangeKind.removed
    place = (*edit.entry.place.split("."), *(() if own else (edit.language,)))
    before, after = (" ".join(text.split()) or None for text in (edit.before, edit.after))
    return Change(kind, place, before, after)

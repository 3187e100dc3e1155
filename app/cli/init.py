"""`trato init`: a folder with a programme to start from, its test, the schema for an editor. Overwrites nothing, and opens no
database."""

from pathlib import Path
from shutil import copytree
from typing import Annotated

import typer

from app.cli.language import tell
from app.errors import UsageError, reason
from app.flows.language import mend
from app.flows.language.vocabulary import NAME
from app.shipped import shipped
from app.wording import Sentence

STARTER = Path(__file__).parent.parent / "starter"
_CODE = "mi_programa"
"""The code of the programme in the starter, which becomes the name that is asked for."""


def init(
    folder: Annotated[Path, typer.Argument(help="The new folder; its name becomes the programme's code.")],
    principles: Annotated[
        bool, typer.Option("--principles", help="Copy the programme of the four principles, with its own code.")
    ] = False,
) -> None:
    """Make a folder with a programme to start from."""
    if not NAME.match(folder.name):
        raise UsageError(_misnamed(folder))
    try:
        folder.mkdir(parents=True)
        copytree(shipped("schema"), folder / "schema")
        _copy_starter(folder)
        if principles:
            copytree(shipped("flows"), folder / "flows")
        else:
            _copy_small_programme(folder)
    except FileExistsError:
        raise UsageError(Sentence("{folder} exists: name a new folder", folder=folder)) from None
    except OSError as error:
        raise UsageError(Sentence("cannot make {folder}: {reason}", folder=folder, reason=reason(error))) from None
    tell(Sentence("made {folder}. Next: cd {folder}, then `trato check` and `trato demo`", folder=folder))


def _misnamed(folder: Path) -> str:
    return Sentence(
        "{name} cannot be a programme's code: a small letter first, then small letters, digits and _, at most 32 in all, such as {better}",
        name=folder.name,
        better=mend.name(folder.name) or _CODE,
    )


def _copy_starter(folder: Path) -> None:
    (folder / ".gitignore").write_text(_text("gitignore", folder), encoding="utf-8")
    (folder / "LEAME.md").write_text(_text("LEAME.md", folder), encoding="utf-8")


def _copy_small_programme(folder: Path) -> None:
    (folder / "flows" / "transcripts").mkdir(parents=True)
    (folder / "flows" / f"{folder.name}.yaml").write_text(_text(f"flows/{_CODE}.yaml", folder), encoding="utf-8")
    report = "flows/transcripts/reporte.yaml"
    (folder / report).write_text(_text(report, folder), encoding="utf-8")


def _text(name: str, folder: Path) -> str:
    return (STARTER / name).read_text(encoding="utf-8").replace(_CODE, folder.name)

"""`trato docs`: the pages of the documentation, which errors and remedies name, also where only the wheel is installed."""

from typing import Annotated

import typer

from app.errors import UsageError
from app.flows.language.nearby import unknown
from app.shipped import shipped
from app.wording import Sentence


def docs(
    page: Annotated[str | None, typer.Argument(help="A page, as errors name it: keys, or docs/keys.md.")] = None,
) -> None:
    """Print a page of the documentation, or list all pages. Markdown, as it is written."""
    pages = {file.stem: file for file in sorted(shipped("docs").glob("*.md"))}
    if page is None:
        width = max(map(len, pages))
        for name, file in pages.items():
            typer.echo(f"{name.ljust(width)}  {_title(file.read_text(encoding='utf-8'))}")
        return
    name = page.removeprefix("docs/").removesuffix(".md")
    if name not in pages:
        raise UsageError(unknown(Sentence("the documentation has no page {name}", name=name), name, pages))
    typer.echo(pages[name].read_text(encoding="utf-8"), nl=False)


def _title(text: str) -> str:
    return next(line.removeprefix("# ") for line in text.splitlines() if line.startswith("# "))

"""`trato docs`: every page that an error or a remedy names can be printed."""

import re

import pytest
from typer.testing import CliRunner

from app.cli import main
from app.errors import UsageError
from tests.acceptance.papers import ROOT

_NAMED = re.compile(r"\bdocs/[\w-]+\.md")


def _named() -> set[str]:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "app" / "spanish").glob("*.toml")]
    return {name for source in sources for name in _NAMED.findall(source.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", sorted(_named()))
def test_a_page_that_the_program_names_is_printed(name: str) -> None:
    shown = CliRunner().invoke(main.app, ["docs", name])
    assert shown.stdout == (ROOT / name).read_text(encoding="utf-8")


def test_all_pages_are_listed_with_their_titles() -> None:
    lines = CliRunner().invoke(main.app, ["docs"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(file.stem for file in (ROOT / "docs").glob("*.md"))
    assert all(len(line.split()) > 1 for line in lines)


def test_a_page_that_does_not_exist_is_named_with_a_near_one() -> None:
    with pytest.raises(UsageError, match=r"no page backups\. Did you mean backup\?"):
        main.load("docs").main(["backups"], standalone_mode=False)

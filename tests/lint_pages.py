"""The pages of `docs/lints` as data: what each says of its code, and its two blocks of a flow file."""

import re
from dataclasses import dataclass
from pathlib import Path

from app.flows.language.problems import Severity

FOLDER = Path(__file__).parent.parent / "docs" / "lints"
INDEX = FOLDER / "README.md"

_PAGE = re.compile(
    r"# (?P<code>[a-z-]+)\n\n"
    r"\*(?P<severity>error|warning)\*\n\n"
    r"(?P<about>(?:(?!```).)+?)\n"
    r"\n\*\*En español:\*\* (?P<spanish>(?:(?!```).)+?)\n"
    r"(?:\nThis is reported · Esto se reporta:\n\n```yaml\n(?P<fails>(?:(?!```).)+)```\n"
    r"\nThis is right · Esto está bien:\n\n```yaml\n(?P<passes>(?:(?!```).)+)```\n)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, in English and in Spanish. `fails` and `passes` are excerpts of a flow file for `excerpts.whole`; both are empty for
    a fault of a whole file or of a transcript."""

    code: str
    severity: Severity
    about: str
    spanish: str
    fails: str
    passes: str


def _read(file: Path) -> Page:
    found = _PAGE.fullmatch(file.read_text(encoding="utf-8"))
    assert found, f"{file.name} has another form than the other pages"
    assert found["code"] == file.stem
    severity, blocks = Severity(found["severity"]), (found["fails"] or "", found["passes"] or "")
    return Page(found["code"], severity, found["about"], found["spanish"], *blocks)


PAGES = tuple(_read(file) for file in sorted(FOLDER.glob("*.md")) if file != INDEX)
WITH_BLOCKS = tuple(page for page in PAGES if page.fails)

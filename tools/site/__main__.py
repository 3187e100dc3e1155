"""The documentation site, in build/site: the documents of the repository as they are, with a navigation (`index.md` beside this file),
and reference pages that are made from the code (`reference.py`). Warnings are errors, dead links among them: between pages, into
headings, to files, and in the pages that come out. Addresses outside are not asked.

* `python -m tools.site`, by `make docs`
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.site import reference

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SOURCE = ROOT / "build" / "site-source"
SITE = ROOT / "build" / "site"
TAKEN = (
    "docs",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    "tests/replies/blind/README.md",
)
"""The pages. Files that they point to come along."""

_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
_BELOW = "\n```{toctree}\n:hidden:\n:glob:\n\n[a-z0]*\n```\n"
"""Puts the pages of a folder below its README in the navigation."""


def main() -> int:
    """Build the site. Returns 1 if there is a warning or a dead link."""
    for folder in (SOURCE, SITE):
        shutil.rmtree(folder, ignore_errors=True)
    stage(SOURCE)
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "--jobs", "auto"]
    built = subprocess.run([*command, "-c", str(HERE), str(SOURCE), str(SITE)], cwd=ROOT, check=False)
    dead = list(dead_links(SITE))
    print(*dead, sep="\n", file=sys.stderr)
    print(f"{len(list(SITE.rglob('*.html')))} pages in {SITE.relative_to(ROOT)}: open index.html")
    return 1 if built.returncode or dead else 0


def stage(folder: Path) -> None:
    """Lay the pages and what they point to into a folder, each where it is in the repository, and make the reference."""
    folder.mkdir(parents=True)
    for name in TAKEN:
        _copy(ROOT / name, folder / name)
    (folder / "docs" / "adr" / "README.md").write_text("".join(_decisions()), encoding="utf-8")
    for page in [*folder.rglob("*.md")]:
        _complete(page, folder)
    for name in ("adr", "lints"):
        with (folder / "docs" / name / "README.md").open("a", encoding="utf-8") as readme:
            readme.write(_BELOW)
    shutil.copy(HERE / "index.md", folder / "index.md")
    for name, text in reference.pages():
        _write(folder / "reference" / f"{name}.md", text)


def _decisions() -> Iterator[str]:
    """The list of the decisions, by their titles."""
    yield "# Decisions\n\nThose that somebody would otherwise undo, each with its reason and with what was left out.\n\n"
    for file in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        title = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        yield f"- [{title}]({file.name})\n"


def _complete(page: Path, folder: Path) -> None:
    """Fetch the files that a page points to. A folder has its README, or else no link."""

    def of_folder(found: re.Match[str]) -> str:
        readme = page.parent / found[2] / "README.md"
        return f"[{found[1]}]({found[2]}README.md)" if readme.exists() else found[1]

    text = page.read_text(encoding="utf-8")
    _write(page, re.sub(r"\[([^\]]*)\]\(([^)#:]*/)\)", of_folder, text))
    for link in _LINK.findall(text):
        wanted = (page.parent / link).resolve()
        original = ROOT / wanted.relative_to(folder)
        if original.is_file() and not wanted.exists():
            _copy(original, wanted)


def _copy(original: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    (shutil.copytree if original.is_dir() else shutil.copy)(original, target)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


class _Page(HTMLParser):
    """The addresses that a page points to, and the places in it that can be pointed to."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser calls it
        """Note what a tag has."""
        found = dict(attrs)
        self.links += [value for name in ("href", "src") if (value := found.get(name))]
        self.places |= {value for name in ("id", "name") if (value := found.get(name))}


def dead_links(site: Path) -> Iterator[str]:
    """The links within a built site that lead to no file or to no place in it."""
    pages = {file.resolve(): _Page(file) for file in site.rglob("*.html")}
    for file, page in pages.items():
        for link in page.links:
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            target = (file.parent / unquote(address.path)).resolve() if address.path else file
            there = pages.get(target)
            if not target.exists() or (address.fragment and there and unquote(address.fragment) not in there.places):
                yield f"{file.relative_to(site.resolve())}: {link} leads nowhere"


if __name__ == "__main__":
    sys.exit(main())

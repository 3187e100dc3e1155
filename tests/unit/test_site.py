"""The reference of the documentation site has everything that there is, and dead links are found. The site is built by `make docs` and at
night."""

import re
from pathlib import Path

from sqlmodel import SQLModel

from app.cli.main import COMMANDS, load
from app.exports.columns import CONTRACT
from app.flows.language.schema import schema
from app.people.roles import ROUTES
from tools.site import reference
from tools.site.__main__ import dead_links

PAGES = dict(reference.pages())


def test_the_reference_has_everything() -> None:
    words = {f"trato {name}" for name in COMMANDS}
    words |= {f"trato {name} {word}" for name in COMMANDS for word in getattr(load(name), "commands", {})}
    assert set(re.findall(r"^##+ (trato .*)$", PAGES["commands"], re.MULTILINE)) == words
    made = schema()
    keys = {key for one in (made, *made["$defs"].values()) for key in one.get("properties", ())}
    assert set(re.findall(r"^\| `(\w+)` \|", PAGES["flow-file"], re.MULTILINE)) == keys
    exported = [column.name for table in CONTRACT.values() for column in table]
    assert set(re.findall(r"^\| `(\w+)` \|", PAGES["exports"], re.MULTILINE)) == set(exported)
    assert set(re.findall(r"^## (\w+)$", PAGES["database"], re.MULTILINE)) == set(SQLModel.metadata.tables)
    assert re.findall(r"^\| `([A-Z]+ /.*)` \|", PAGES["http"], re.MULTILINE) == list(ROUTES)


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<h1 id="here">B</h1>', encoding="utf-8")
    good = '<a href="b.html#here">1</a> <a href="https://example.org/x">2</a> <a href="#top" id="top">3</a>'
    (tmp_path / "a.html").write_text(
        f'{good} <a href="b.html#gone">4</a> <img src="c.png"> <a href="#no">5</a>', encoding="utf-8"
    )
    assert list(dead_links(tmp_path)) == [
        "a.html: b.html#gone leads nowhere",
        "a.html: c.png leads nowhere",
        "a.html: #no leads nowhere",
    ]

"""Changes that a new version of a published programme must not make in silence: give a notice another text under the same version, leave
officers behind under the programme's old name, or change the data."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from app.flows.diff import Change, compare
from app.flows.language.definition import Programme
from app.flows.language.problems import Problem
from app.flows.loader import LoadedFile, flow_files, load, under
from app.flows.privacy import changed, notices
from app.flows.yaml.source import spell
from app.store import cohorts, versions
from app.wording import counted

_CODE = re.compile(r"^programme:[ \t]*[\"']?(\w+)", re.MULTILINE)


def barred(tx: Connection, loaded: LoadedFile) -> tuple[Problem, ...]:
    """The reasons why a file without errors cannot follow what is published."""
    if loaded.programme is None:
        return ()
    return (*_changed_notices(tx, loaded, loaded.programme), *_renamed(tx, loaded, loaded.programme))


def changes(tx: Connection, programme: Programme) -> tuple[Change, ...]:
    """The changes that a file makes to the current version; none if there is none, or this release cannot read it any more."""
    current = versions.current(tx).get(programme.programme)
    old = None if current is None else read(tx, current)
    return () if old is None else compare(old, programme)


def _changed_notices(tx: Connection, loaded: LoadedFile, programme: Programme) -> Iterator[Problem]:
    """Every version that was published counts: officers may have read it, or agreed to it."""
    said: set[str] = set()
    for version in versions.history(tx, programme.programme):
        old = read(tx, version.id)
        for notice in changed(programme, old) if old is not None else ():
            if notice.version not in said:
                said.add(notice.version)
                place = ("flows", notice.flow, "steps", _index(programme, notice.flow, notice.step), "consent")
                yield _problem(
                    loaded,
                    place,
                    "notice-text",
                    f"the notice {notice.version} was published with another text, to which officers may have agreed",
                    "Give the new text a version of its own: who agreed to the earlier one is asked again",
                )


def _renamed(tx: Connection, loaded: LoadedFile, programme: Programme) -> Iterator[Problem]:
    """A file takes another name for a programme whose file is there no longer: its officers would get nothing more."""
    published = versions.current(tx)
    if programme.programme in published:
        return
    enrolled = cohorts.officers_by_programme(tx)
    for code, version in published.items():
        old = read(tx, version) if enrolled.get(code) else None
        if old is None or code in _codes_beside(Path(loaded.file)):
            continue
        if len(old.flows.keys() & programme.flows.keys()) * 2 > len(old.flows):
            yield _problem(
                loaded,
                ("programme",),
                "renamed-programme",
                f"this is the programme {code} under another name, and its {counted(enrolled[code], 'officer')} would get nothing more",
                f"Keep programme: {code}, or move its officers: trato publish --renames {code}. A copy for other officers goes beside the file of {code}, not in its place",
            )


def _codes_beside(file: Path) -> set[str]:
    """The programme codes of the flow files in a file's folder."""
    try:
        texts = [one.read_text(encoding="utf-8-sig", errors="replace") for one in flow_files(file.parent)]
    except OSError:
        return set()
    return {found[1] for text in texts if (found := _CODE.search(text))}


def known_notices(tx: Connection, programme: str) -> set[str]:
    """The versions of the notices that a programme has had."""
    published = [read(tx, version.id) for version in versions.history(tx, programme)]
    return {notice.version for one in published if one is not None for notice in notices(one)}


def read(tx: Connection, version: int) -> Programme | None:
    """A published programme; None if this release cannot read it any more."""
    stored = versions.read(tx, version)
    return _programme(stored.programme, stored.hash, stored.source)


@lru_cache(maxsize=32)
def _programme(code: str, digest: str, source: str) -> Programme | None:
    return under(load(source, digest[:12]), code).programme


def _index(programme: Programme, flow: str, step: str) -> int:
    return [getattr(one, "ask", None) for one in programme.flows[flow].steps].index(step)


def _problem(loaded: LoadedFile, place: tuple[str | int, ...], code: str, text: str, hint: str) -> Problem:
    line, column = loaded.source.place(place)
    return Problem(loaded.file, line, column, code, spell(place), text, hint)

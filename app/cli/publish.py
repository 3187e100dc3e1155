"""`trato publish`: checks flow files, plays their transcripts, and publishes all of them or none; shows the changes in words.
`--rollback` returns to an earlier version, `--list` shows the versions. Sessions in progress keep their version; a running
service uses the new one from its next tick."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from app.cli._common import Installation, actor, installation, show_json, show_table
from app.cli.language import agreed, language, tell
from app.cli.test import failure
from app.clock import system_clock
from app.conversations import publishing, renaming
from app.conversations.library import Library
from app.conversations.publishing import Draft
from app.errors import UsageError
from app.flows.diff_words import change_lines
from app.flows.transcripts.runner import Playback
from app.scheduler.consequences import Consequences, consequences
from app.store import versions
from app.store.versions import Version
from app.wording import Sentence

_SHORT = 12
_SAME = Sentence("Already published: no changes.")
_MOST_SHOWN = 3
"""Failed transcripts shown in full: one change of a shared text fails many in the same way."""


def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Flow files, or folders of them; TRATO_FLOWS if none is given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and publish nothing.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why the data change, for the audit log; needed if a file changes the data.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Publish changes of the data without asking.")] = False,
    renames: Annotated[
        str | None,
        typer.Option(
            metavar="CODE", help="The former code of a programme whose file has another now: its officers move."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings as errors.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show the published versions.")] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Return to the version before the current one.")] = False,
    to: Annotated[str | None, typer.Option(help="With --rollback: the version, by the start of its hash.")] = None,
    programme: Annotated[str | None, typer.Option(help="With --rollback and --list: the programme.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Publish the flow files: new conversations use them from now on. Exit code 1 if a file
    has problems, or changes the data without a reason and a yes; then nothing is published."""
    if (rollback or list_) and paths:
        raise UsageError(Sentence("--list and --rollback take no files: use --programme"))
    if to is not None and not rollback:
        raise UsageError(Sentence("--to goes with --rollback"))
    with installation() as place:
        if list_:
            _list(place, programme, json_)
        elif rollback:
            _roll_back(place, programme, to, json_)
        else:
            asked = _Asked(
                (reason or "").strip(), yes=yes, strict=strict, dry_run=dry_run, json_=json_, renames=renames
            )
            _publish(place, paths or [place.settings.flows], asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of one run."""

    reason: str
    yes: bool
    strict: bool
    dry_run: bool
    json_: bool
    renames: str | None = None


def _publish(place: Installation, paths: Sequence[Path], asked: _Asked) -> None:
    checked = publishing.drafts(paths)
    drafts, shown, before = _judged(place, checked, asked)
    refused = [draft for draft in drafts if not draft.ready or (asked.strict and draft.warnings)]
    if not asked.json_:
        _show(drafts, shown, refused, asked)
    is_agreed = not refused and not asked.dry_run and _agreed(drafts, asked)
    if is_agreed:
        with place.database.transaction() as tx:
            _rename(tx, checked, asked)
            for draft in drafts:
                publishing.release(tx, draft, actor(), system_clock(), asked.reason)
    if asked.json_:
        show_json([_as_json(draft, before.get(draft.code or ""), published=is_agreed) for draft in drafts])
    elif is_agreed:
        same = all(lines == [_SAME] for lines in shown)
        tell(Sentence("There was nothing new to publish.") if same else Sentence("Published."))
    if not is_agreed and not (asked.dry_run and not refused):
        raise typer.Exit(1)


_Judged = tuple[list[Draft], list[list[str]], dict[str, Version]]


def _judged(place: Installation, checked: Sequence[Draft], asked: _Asked) -> _Judged:
    """The drafts beside what is published, their changes in words, and the current versions; as they are once a programme is renamed,
    which is not done yet."""
    with place.database.transaction() if asked.renames else place.database.reading() as tx:
        tried = tx.begin_nested() if asked.renames else None
        moved = _rename(tx, checked, asked)
        drafts = [publishing.judged(tx, draft) for draft in checked]
        before = {version.programme: version for version in versions.history(tx) if version.current}
        shown = [_compared(tx, draft, before.get(draft.code or "")) for draft in drafts]
        if tried is not None:
            tried.rollback()
    if moved is not None:
        new, count = moved
        place_ = next(index for index, draft in enumerate(drafts) if draft.code == new)
        text = Sentence(
            "The programme {old} is called {new} now: {officers} with their history.",
            old=asked.renames,
            new=new,
            officers=Sentence("1 officer moves") if count == 1 else Sentence("{number} officers move", number=count),
        )
        shown[place_].insert(0, text)
    return drafts, shown, before


def _rename(tx: Connection, drafts: Sequence[Draft], asked: _Asked) -> tuple[str, int] | None:
    """Rename a programme, if asked: its new code and the number of its officers."""
    if asked.renames is None:
        return None
    new = renaming.new_code(tx, drafts, asked.renames)
    return new, renaming.rename(tx, asked.renames, new, actor(), system_clock())


def _agreed(drafts: Sequence[Draft], asked: _Asked) -> bool:
    """Whether the drafts may be published: changes of the data take a reason and a yes."""
    if not any(draft.data for draft in drafts):
        return True
    if not asked.reason:
        tell(
            Sentence(
                'Nothing was published: this changes the data. Say why, for the audit log: trato publish --reason "…"'
            ),
            err=True,
        )
        return False
    if asked.yes:
        return True
    try:
        is_agreed = agreed(Sentence("Publish the changes of the data?"), err=True)
    except typer.Abort:
        is_agreed = False
    if not is_agreed:
        tell(Sentence("Nothing was published: the yes was missing (or --yes)."), err=True)
    return is_agreed


def _compared(tx: Connection, draft: Draft, before: Version | None) -> list[str]:
    """The changes of a programme, in the language of the command."""
    if draft.loaded.programme is None:
        return []
    if before is None:
        flows = len(draft.loaded.programme.flows)
        return [Sentence("It is its first version: {number} flows.", number=flows)]
    if before.hash == draft.digest:
        return [_SAME]
    old = publishing.stored(tx, before.programme).programme
    lines: list[str] = [Sentence("The version before can no longer be read.")]
    if old:
        lines = change_lines(draft.changes, language())
    going: list[str] = []
    if before.sessions:
        going = [Sentence("{number} sessions under way end with the version before.", number=before.sessions)]
    found = consequences(tx, before.programme, old, draft.loaded.programme)
    if publishing.is_made_without(tx, draft):
        lines.append(
            Sentence(
                "The version in use was published in the console, and this file does not start from it: the above takes those changes back, too."
            )
        )
    return [*lines, *_consequences(found), *going]


def _consequences(found: Consequences) -> Iterator[str]:
    """The consequences for officers who are under way."""
    for code, count in found.ending.items():
        if count == 1:
            yield Sentence("1 officer follows the campaign {code}, which is gone: nothing of it is sent.", code=code)
        else:
            yield Sentence(
                "{number} officers follow the campaign {code}, which is gone: nothing of it is sent.",
                number=count,
                code=code,
            )
    for code in found.recounted:
        yield Sentence(
            "Campaign {code}: nudges are counted differently, because a slot was added, removed or changed before another one of the same weeks. Who follows it already may get a flow again, or miss one. Leave each slot in its place, and put new ones at the end.",
            code=code,
        )
    if found.asked_again:
        yield (
            Sentence("1 officer agreed to another version of the notice, and is asked again before the next message.")
            if found.asked_again == 1
            else Sentence(
                "{number} officers agreed to another version of the notice, and are asked again before their next message.",
                number=found.asked_again,
            )
        )


def _show(drafts: Sequence[Draft], shown: Sequence[list[str]], refused: Sequence[Draft], asked: _Asked) -> None:
    for draft, lines in zip(drafts, shown, strict=True):
        typer.echo(f"== {draft.code or draft.loaded.file} {draft.digest[:_SHORT]}")
        for line in lines:
            tell(line)
        for problem in (*draft.trouble, *(draft.warnings if asked.strict else ())):
            typer.echo(str(problem.into(language())), err=True)
        _show_failed(draft.failed)
    if refused:
        tell(Sentence("Nothing was published: mend what is listed, and try again."), err=True)
    elif asked.dry_run:
        needs = any(draft.data for draft in drafts)
        tell(
            Sentence("Checked; nothing was published (--dry-run). To publish it takes --reason.")
            if needs
            else Sentence("Checked; nothing was published (--dry-run).")
        )


def _show_failed(failed: Sequence[Playback]) -> None:
    for played in failed[:_MOST_SHOWN]:
        typer.echo(failure(played), err=True)
    if len(failed) > _MOST_SHOWN:
        more = len(failed) - _MOST_SHOWN
        tell(Sentence("… and {number} more transcripts: `trato test` shows all of them.", number=more), err=True)
    if failed:
        tell(
            Sentence("If the new conversations are the ones that you want, `trato test --update` accepts them."),
            err=True,
        )


def _as_json(draft: Draft, before: Version | None, *, published: bool) -> dict[str, object]:
    return {
        "programme": draft.code,
        "file": draft.loaded.file,
        "version": draft.digest,
        "before": before.hash if before else None,
        "published": published,
        "data_changes": ["/".join(change.path) for change in draft.data],
        "problems": [str(problem) for problem in draft.trouble],
        "warnings": [str(problem) for problem in draft.warnings],
        "failed_transcripts": [played.transcript.name for played in draft.failed],
    }


def _list(place: Installation, programme: str | None, json_: bool) -> None:
    with place.database.reading() as tx:
        history = versions.history(tx, programme)
    if json_:
        show_json(
            [
                {
                    "programme": version.programme,
                    "version": version.hash,
                    "published_at": version.published_at.isoformat(),
                    "current": version.current,
                    "open_sessions": version.sessions,
                }
                for version in history
            ]
        )
        return
    rows = [
        (
            version.programme,
            version.hash[:_SHORT],
            f"{version.published_at:%Y-%m-%d %H:%M} UTC",
            Sentence("current") if version.current else "",
            version.sessions,
        )
        for version in history
    ]
    show_table(
        (
            Sentence("programme"),
            Sentence("version"),
            Sentence("first published"),
            "",
            Sentence("open sessions"),
        ),
        rows,
    )


def _roll_back(place: Installation, programme: str | None, to: str | None, json_: bool) -> None:
    with place.database.transaction() as tx:
        code = programme or _only(tx)
        version = publishing.roll_back(tx, Library(), code, to, actor(), system_clock())
    if json_:
        show_json({"programme": code, "version": version.hash})
    else:
        version_ = version.hash[:_SHORT]
        tell(Sentence("{code}: new conversations use the version {version} again.", code=code, version=version_))


def _only(tx: Connection) -> str:
    published = versions.current(tx)
    if len(published) != 1:
        names = ", ".join(sorted(published)) or Sentence("nothing is published yet")
        raise UsageError(Sentence("choose a programme with --programme: {names}", names=names))
    return next(iter(published))

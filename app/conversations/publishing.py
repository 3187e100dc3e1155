"""Publishing and roll-back. A draft becomes the version of new sessions if its file passes the checks and its transcripts pass.
A roll-back makes an earlier version current again. Open sessions keep their own version."""

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from app.conversations import republishing
from app.conversations.accepting import Accepted, transcript_text
from app.conversations.library import Library, publish
from app.errors import ConfigurationError, UsageError, reason
from app.flows.diff import Change
from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.language.problems import Problem
from app.flows.loader import LoadedFile, apart, flow_files, lint, load, no_flow_file, under
from app.flows.transcripts.runner import Playback, play
from app.flows.transcripts.scripts import Script, read_script
from app.store import alerts, audit, versions
from app.store.versions import Version
from app.wording import Sentence

HELD_BACK = "file_not_published"
"""The kind of the alert for a file that `trato serve` does not publish; its subject is the programme."""

TRANSCRIPTS = "transcripts"
"""The folder of transcript tests, beside the flow files."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A flow file with the results of its checks. `digest` names the version that it would become; `trouble` are errors in the
    file or its transcripts, `failed` the transcripts that failed, `warnings` the lints, `changes` those against the current version,
    once it is `judged`."""

    loaded: LoadedFile
    text: str
    digest: str
    trouble: tuple[Problem, ...] = ()
    failed: tuple[Playback, ...] = ()
    warnings: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def data(self) -> tuple[Change, ...]:
        """The changes of the recorded data."""
        return tuple(change for change in self.changes if change.data)

    @property
    def code(self) -> str | None:
        """The programme's code; None if the file has errors."""
        return self.loaded.programme.programme if self.loaded.programme else None

    @property
    def ready(self) -> bool:
        """Whether it may be published."""
        return self.loaded.programme is not None and not self.trouble and not self.failed


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    raw: bytes

    @property
    def text(self) -> str:
        return self.raw.decode("utf-8-sig", "replace")

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def drafts(paths: Sequence[Path], known: Container[str] = ()) -> tuple[Draft, ...]:
    """Every flow file of these files and folders, checked, and its transcripts played; but for those whose digest is known.

    Raises ConfigurationError if a file cannot be read or a folder holds none.
    """
    files = _read(paths)
    loaded = apart(load(file.raw, str(file.path)) for file in files)
    trials = _trials([(file, item) for file, item in zip(files, loaded, strict=True) if file.digest not in known])
    return tuple(
        _draft(file, item, trials.get(item.programme.programme, ()) if item.programme else ())
        for file, item in zip(files, loaded, strict=True)
    )


def of_text(source: str, folder: Path, code: str, accepted: Accepted) -> Draft:
    """A text that is no file, as the programme `code`, checked, with the transcripts that a folder of flows has of it; those that were
    accepted stand for their files.

    Raises ConfigurationError if one of them cannot be read.
    """
    file = _File(folder / f"{code}.yaml", source.encode())
    loaded = load(file.raw, file.path.name)
    if loaded.programme is not None and loaded.programme.programme != code:
        loaded = replace(loaded, programme=None, problems=(_other_code(loaded, code),))
    trials = _trials([(file, loaded)], accepted)
    return _draft(file, loaded, trials.get(code, ()))


def _other_code(loaded: LoadedFile, code: str) -> Problem:
    line, column = loaded.source.place(("programme",))
    text = Sentence("this is a draft of the programme {code}", code=code)
    hint = Sentence("Write programme: {code}. Another programme is a file of its own", code=code)
    return Problem(loaded.file, line, column, "other-programme", "programme", text, hint)


def _read(paths: Sequence[Path]) -> list[_File]:
    try:
        found = [file for path in paths for file in (flow_files(path) if path.is_dir() else [path])]
        files = [_File(file, file.read_bytes()) for file in dict.fromkeys(found)]
    except OSError as error:
        raise ConfigurationError(
            Sentence("the flow files in {file} cannot be read: {reason}", file=error.filename, reason=reason(error))
        ) from None
    if not files:
        raise ConfigurationError(no_flow_file(*paths))
    return files


@dataclass(frozen=True, slots=True)
class _Trial:
    """A transcript file, and what became of its transcripts."""

    script: Script
    played: tuple[Playback, ...]


def _trials(checked: Iterable[tuple[_File, LoadedFile]], accepted: Accepted | None = None) -> dict[str, list[_Trial]]:
    """The transcript files of each programme, played, or what was accepted in their place. One that names no programme is every
    programme's of its folder."""
    folders: dict[Path, dict[str, CompiledProgramme]] = {}
    for file, item in checked:
        if item.programme is not None:
            folders.setdefault(file.path.parent, {})[item.programme.programme] = bind(item.programme, "draft")
    found: dict[str, list[_Trial]] = {}
    for folder, programmes in folders.items():
        for path in transcript_files(folder):
            script = read_script(transcript_text(path, accepted or {}), str(path), programmes)
            if script.programme is not None and script.programme not in programmes:
                continue
            trial = _Trial(script, tuple(play(item, programmes[item.programme]) for item in script.transcripts))
            for code in [script.programme] if script.programme else programmes:
                found.setdefault(code, []).append(trial)
    return found


def transcript_files(folder: Path) -> list[Path]:
    """The transcript files of a folder of flows."""
    return flow_files(folder / TRANSCRIPTS) if (folder / TRANSCRIPTS).is_dir() else []


def _draft(file: _File, loaded: LoadedFile, trials: Sequence[_Trial]) -> Draft:
    trouble = (*loaded.problems, *(problem for trial in trials for problem in trial.script.problems))
    failed = tuple(item for trial in trials for item in trial.played if not item.passed)
    return Draft(loaded, file.text, file.digest, trouble, failed, lint(loaded))


def judged(tx: Connection, draft: Draft) -> Draft:
    """The draft, with what the published versions forbid among its trouble, and with its changes. A version that was
    published before may be so again."""
    if draft.loaded.programme is None:
        return draft
    barred = () if draft.digest in versions.hashes(tx) else republishing.barred(tx, draft.loaded)
    changes = republishing.changes(tx, draft.loaded.programme)
    return replace(draft, trouble=tuple(dict.fromkeys((*draft.trouble, *barred))), changes=changes)


def release(
    tx: Connection, draft: Draft, actor: str, now: datetime, reason: str | None = None, *, filed: bool = True
) -> int:
    """Let new sessions use a draft that is ready: the version's id. `filed`: it is a file on disk. Raises ValueError if it is not ready,
    or changes the data without a reason, which the audit log keeps."""
    found = judged(tx, draft)
    if not found.ready:
        raise ValueError("a draft with problems is not published")
    if found.data and not reason:
        raise ValueError("a draft that changes the data is not published without a reason")
    detail = {"data": ["/".join(change.path) for change in found.data], "reason": reason} if found.data else {}
    alerts.close(tx, HELD_BACK, f"programme:{found.code}", now)
    return publish(tx, draft.loaded, draft.text, actor, now, detail, filed=filed)


def is_made_without(tx: Connection, draft: Draft) -> bool:
    """Whether a file was made without the current version of its programme, which the console published and no file has had: the file
    would undo it unseen."""
    version = versions.current(tx).get(draft.code or "")
    return version is not None and not versions.read(tx, version).filed


def hold_back(tx: Connection, draft: Draft, now: datetime) -> None:
    """Tell a person that the file of a programme in use is not published, and the current version stays."""
    if draft.code in versions.current(tx):
        detail = {"problems": len(draft.trouble) + len(draft.failed), "data_changes": len(draft.data)}
        alerts.ring(tx, HELD_BACK, f"programme:{draft.code}", now, detail)


def let_go(tx: Connection, draft: Draft, now: datetime) -> None:
    """The file is the current version: nothing is held back any more."""
    if (version := versions.current(tx).get(draft.code or "")) is not None:
        versions.file(tx, version)
    alerts.close(tx, HELD_BACK, f"programme:{draft.code}", now)


def roll_back(tx: Connection, library: Library, programme: str, to: str | None, actor: str, now: datetime) -> Version:
    """Let new sessions use an earlier version again: the one whose hash begins with `to`, or the one that was published
    before the present one. Raises UsageError if there is none; ConfigurationError if this release cannot read it."""
    history = versions.history(tx, programme)
    if not history:
        raise UsageError(Sentence("no version of {programme} has been published", programme=programme))
    wanted = _before(history) if to is None else [version for version in history if version.hash.startswith(to)]
    if not wanted:
        raise UsageError(
            Sentence("there is no version of {programme} before the present one", programme=programme)
            if to is None
            else Sentence(
                "no version of {programme} begins with {to}: `trato publish --list` shows them",
                programme=programme,
                to=to,
            )
        )
    if len({version.id for version in wanted}) > 1 and to is not None:
        raise UsageError(
            Sentence(
                "{to} fits {number} versions of {programme}: give more of it",
                to=to,
                number=len(wanted),
                programme=programme,
            )
        )
    library.compiled(tx, wanted[0].id)
    versions.set_current(tx, programme, wanted[0].id, now)
    audit.record(tx, now, actor, "rollback", programme, {"version": wanted[0].hash[:12]})
    return wanted[0]


def _before(history: Sequence[Version]) -> list[Version]:
    """The versions that were published before the present one, the latest first."""
    place = next(place for place, version in enumerate(history) if version.current)
    return list(history[place + 1 :])


def stored(tx: Connection, programme: str, digest: str = "") -> LoadedFile:
    """A published version, read again: the present one, or the one whose hash begins with `digest`. Raises UsageError."""
    fitting = [
        version
        for version in versions.history(tx, programme)
        if (version.hash.startswith(digest) if digest else version.current)
    ]
    if len(fitting) != 1:
        name = f"{programme}@{digest}" if digest else programme
        raise UsageError(
            Sentence("more than one version is called {name}", name=name)
            if fitting
            else Sentence("no published version is called {name}", name=name)
        )
    found = versions.read(tx, fitting[0].id)
    return under(load(found.source, f"{programme}@{found.hash[:12]}"), programme)

"""The draft of a programme: the text that people change in the console before it is published. Without a draft, the text is the published
version. To save, to give up and to publish take the hash of the text that the person saw: if somebody else has changed it since, nothing is
done. Never touches a file on disk."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from app.conversations import accepting, publishing
from app.conversations.library import Library
from app.conversations.publishing import Draft
from app.errors import ConflictError, UsageError
from app.flows.engine.compiled import CompiledProgramme
from app.flows.loader import LoadedFile, load
from app.flows.yaml.source import MAX_BYTES
from app.store import audit, drafts, versions
from app.store.drafts import SavedDraft
from app.store.versions import Published
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class WorkingText:
    """The text of a programme as it stands in the console: its draft, else the published version. `published` is the current version;
    `outdated`: another one was published since the draft was begun."""

    source: str
    hash: str
    published: Published
    draft: SavedDraft | None = None

    @property
    def outdated(self) -> bool:
        """Whether the draft began from another version than the current one."""
        return self.draft is not None and self.draft.base != self.published.id

    @property
    def transcripts(self) -> str:
        """The transcripts that were accepted, as JSON."""
        return self.published.transcripts if self.draft is None else self.draft.transcripts


def working(tx: Connection, programme: str) -> WorkingText:
    """The text of a programme. Raises UsageError if none of this code is published."""
    current = versions.current(tx).get(programme)
    if current is None:
        raise UsageError(Sentence("there is no such programme"), "no_programme")
    published, draft = versions.read(tx, current), drafts.read(tx, programme)
    if draft is None:
        return WorkingText(published.source, published.hash, published)
    return WorkingText(draft.source, draft.hash, published, draft)


def save(tx: Connection, programme: str, source: str, was: str, now: datetime, actor: str) -> WorkingText:
    """Put another text in the place of the one with the hash `was`, which the person has seen. The published text ends the draft. Raises
    UsageError; ConflictError if somebody else has changed the text, or published."""
    found = working(tx, programme)
    digest = hashlib.sha256(source.encode()).hexdigest()
    if len(source.encode()) > MAX_BYTES:
        raise UsageError(Sentence("a flow file has at most {most} bytes", most=MAX_BYTES), "draft_too_long")
    if digest == found.hash:
        return found
    if found.hash != was:
        raise _too_late()
    base = found.published.id if found.draft is None else found.draft.base
    new = SavedDraft(base, digest, source, now, actor, found.transcripts)
    if digest == found.published.hash:
        saved = drafts.remove(tx, programme, was)
    elif found.draft is None:
        saved = drafts.begin(tx, programme, new)
    else:
        saved = drafts.change(tx, programme, was, new)
    if not saved:
        raise _too_late()
    audit.record(tx, now, actor, "draft save", programme, {"version": digest[:12]})
    return working(tx, programme)


def give_up(tx: Connection, programme: str, was: str, now: datetime, actor: str) -> None:
    """Remove the draft with the hash `was`: the text is the published version again. Raises UsageError; ConflictError if somebody else
    has changed it."""
    working(tx, programme)
    if not drafts.remove(tx, programme, was):
        raise _too_late()
    audit.record(tx, now, actor, "draft give up", programme, {"version": was[:12]})


def publish(
    tx: Connection, programme: str, draft: Draft, over: str, now: datetime, actor: str, reason: str | None
) -> None:
    """Let new sessions use a checked draft instead of the version with the hash `over`. Raises ConflictError if the draft is no longer
    this one, or the version that one; UsageError if it may not be published."""
    current, saved = versions.lock(tx, programme), drafts.read(tx, programme)
    if current is None or saved is None or versions.read(tx, current).hash != over:
        raise _too_late()
    if not drafts.remove(tx, programme, draft.digest):
        raise _too_late()
    found = publishing.judged(tx, draft)
    if not found.ready:
        raise UsageError(Sentence("a draft with problems is not published"), "not_ready")
    if found.data and not (reason := " ".join((reason or "").split())):
        raise UsageError(Sentence("changes of the data need a reason"), "no_publish_reason")
    version = publishing.release(tx, draft, actor, now, reason, filed=False)
    versions.accept(tx, version, saved.transcripts)


def accept(
    tx: Connection,
    programme: str,
    transcripts: Sequence[tuple[Path, str]],
    compiled: CompiledProgramme,
    now: datetime,
    actor: str,
) -> None:
    """Accept the lines that transcripts have with the draft of this compiled text, each named by its file and its name. Raises
    ConflictError if the draft is another by now, UsageError if a file has no such transcript."""
    versions.lock(tx, programme)  # two people who accept at once must not lose a transcript
    found = working(tx, programme)
    if found.draft is None or found.hash != compiled.version:
        raise _too_late()
    accepted: accepting.Accepted = accepting.from_json(found.transcripts)
    try:
        for file, name in transcripts:
            accepted = accepting.accept(file, name, accepted, compiled)
    except KeyError:
        raise UsageError(Sentence("there is no such transcript"), "no_transcript") from None
    new = replace(found.draft, transcripts=accepting.to_json(accepted), saved_at=now, saved_by=actor)
    if not drafts.change(tx, programme, found.hash, new):
        raise _too_late()
    named = [f"{file.name}: {name}" for file, name in transcripts]
    audit.record(tx, now, actor, "draft accept", programme, {"transcripts": named})


def roll_back(tx: Connection, library: Library, programme: str, to: str, over: str, now: datetime, actor: str) -> None:
    """Let new sessions use the version with the hash `to` again instead of the one with the hash `over`. Raises ConflictError if that is
    not the current one any more, UsageError if there is no such version, ConfigurationError if this release cannot read it."""
    current = versions.lock(tx, programme)
    if current is None or to not in {version.hash for version in versions.history(tx, programme)}:
        raise UsageError(Sentence("there is no such version"), "no_version")
    if versions.read(tx, current).hash != over:
        raise _too_late()
    publishing.roll_back(tx, library, programme, to, actor, now)


def _too_late() -> ConflictError:
    return ConflictError(Sentence("somebody else has changed the draft, or published, meanwhile"), "draft_changed")


# -- checking -------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def read_text(source: str, name: str) -> LoadedFile:
    """A text as a flow file called `name`, with every error in it."""
    return load(source, name)


def checked(text: WorkingText, folder: Path, programme: str) -> Draft:
    """The text with the results of all checks and of the transcripts that a folder of flows has of it. Takes about a second, but for a
    text that was checked lately. Raises ConfigurationError if a transcript cannot be read."""
    return _checked(text.source, folder, programme, text.transcripts, _state(folder))


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """The names, sizes and times of the transcript files of a folder of flows."""
    found = [(file.name, file.stat()) for file in publishing.transcript_files(folder)]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


@lru_cache(maxsize=4)
def _checked(source: str, folder: Path, programme: str, accepted: str, _: tuple[tuple[str, int, int], ...]) -> Draft:
    return publishing.of_text(source, folder, programme, accepting.from_json(accepted))

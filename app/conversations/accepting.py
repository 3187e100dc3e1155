"""Transcripts that were accepted in the console («así está bien»): the service's lines as they really are now. They stand in the place of the file
that they were made from as long as that file stays as it was; a file that was changed since counts again. They belong to a draft, then to the
version that it becomes. Writes no file."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from app.errors import ConfigurationError, reason
from app.flows.engine.compiled import CompiledProgramme
from app.flows.transcripts.runner import play, updated
from app.flows.transcripts.scripts import read_script
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """A transcript file with accepted lines. `made_from` is the digest of the file on disk."""

    made_from: str
    text: str


Accepted = Mapping[str, AcceptedFile]
"""By the name of the file."""


def to_json(accepted: Accepted) -> str:
    """As drafts and versions store them."""
    return json.dumps({name: asdict(file) for name, file in sorted(accepted.items())}, ensure_ascii=False)


def from_json(text: str) -> dict[str, AcceptedFile]:
    """As drafts and versions store them."""
    return {name: AcceptedFile(**file) for name, file in json.loads(text).items()}


def transcript_text(path: Path, accepted: Accepted) -> str:
    """The text of a transcript file: the accepted one, if the file is still the one that it was made from. Raises ConfigurationError if
    the file cannot be read."""
    return _text(_raw(path), accepted.get(path.name))


def accept(path: Path, name: str, accepted: Accepted, compiled: CompiledProgramme) -> Accepted:
    """The accepted transcripts with the lines that the transcript `name` of a file has now. KeyError if the file has none of that name.
    Raises ConfigurationError if it cannot be read."""
    raw = _raw(path)
    text = _text(raw, accepted.get(path.name))
    script = read_script(text, str(path), {compiled.programme: compiled})
    transcript = {one.name: one for one in script.transcripts}[name]
    new = AcceptedFile(_digest(raw), updated(text, [play(transcript, compiled)]))
    return {**accepted, path.name: new}


def _text(raw: bytes, own: AcceptedFile | None) -> str:
    return own.text if own is not None and own.made_from == _digest(raw) else raw.decode("utf-8-sig", "replace")


def _raw(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(Sentence("{file} cannot be read: {reason}", file=path, reason=reason(error))) from None


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()

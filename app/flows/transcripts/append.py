"""Appends a conversation to a transcript file. Writes text; opens no file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from app.flows.engine.compiled import CompiledProgramme
from app.flows.transcripts.scripts import read_script


@dataclass(slots=True)
class TranscriptDraft:
    """A conversation to be written as a transcript. `lines` are those of its talk, `fields` the officer's fields
    beside the name."""

    programme: str
    flow: str
    at: str
    channel: str
    nombre: str
    variant: str | None = None
    opening: int | None = None
    lines: list[str] = field(default_factory=list)
    answers: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    ends: str = "open"
    fields: Mapping[str, str | int | float | bool] = field(default_factory=dict)


def append_transcript(
    text: str, file: str, recorded: TranscriptDraft, programmes: Mapping[str, CompiledProgramme]
) -> tuple[str, str]:
    """A transcript file with one more transcript, and its name. An empty text begins a new file.

    Raises ValueError, with the first problem, if the result could not be read.
    """
    head = text if text.strip() else f"programme: {recorded.programme}\n\ntranscripts:\n"
    taken = {item.name for item in read_script(text, file, programmes).transcripts} if text.strip() else set()
    name = next(name for number in count(1) if (name := f"{recorded.flow[:26]}_{number}") not in taken)
    contact = {"nombre": recorded.nombre, **recorded.fields}
    written = [
        f"  {name}:",
        f"    flow: {recorded.flow}",
        f"    at: {_scalar(recorded.at)}",
        f"    channel: {recorded.channel}",
        *([f"    variant: {recorded.variant}"] if recorded.variant else []),
        *([f"    opening: {recorded.opening}"] if recorded.opening else []),
        f"    contact: {{{', '.join(f'{key}: {_scalar(value)}' for key, value in contact.items())}}}",
        "    talk: |",
        *(f"      {line}".rstrip() for line in recorded.lines),
        f"    expect: {{{', '.join(f'{key}: {_scalar(value)}' for key, value in recorded.answers.items())}}}",
        f"    ends: {recorded.ends}",
    ]
    after = "\n".join([head.rstrip("\n"), *([""] if taken else []), *written, ""])
    script = read_script(after, file, programmes)
    if script.problems:
        raise ValueError(str(script.problems[0]))
    return after, name


def _scalar(value: object) -> str:
    """A scalar as JSON, which is YAML."""
    return json.dumps(value, ensure_ascii=False)

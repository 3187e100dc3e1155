"""Replays a real conversation on a rehearsal's phone: from the officer's moves and their times it makes a transcript
with the flow's own messages. Pure: opens no file and reads no store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.flows.engine.compiled import CompiledProgramme
from app.flows.transcripts.append import TranscriptDraft
from app.flows.transcripts.player import Bubble, InventedOfficer, NoSuchButton, RehearsalPhone
from app.flows.transcripts.runner import answer, step
from app.flows.transcripts.talk import (
    AdvanceClock,
    Move,
    PressButton,
    SwitchChannel,
    WriteMessage,
    message_lines,
    move_text,
)

UNTOLD = timedelta(minutes=15)
"""Shorter silences are left out."""
INVENTED = "Alma"
"""The invented name in transcripts."""


@dataclass(frozen=True, slots=True)
class OfficerMove:
    """A move of the officer. `label` is the text of a pressed button."""

    at: datetime
    channel: str
    move: WriteMessage | PressButton
    label: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation to be replayed: a flow that began at `at`, for an officer with these fields. `until` is when it
    ended, or now."""

    flow: str
    variant: str | None
    opening: int | None
    person: InventedOfficer
    channel: str
    at: datetime
    until: datetime
    heard: Sequence[OfficerMove]


def replay(compiled: CompiledProgramme, had: Conversation) -> TranscriptDraft:
    """The conversation as a transcript. KeyError if the compiled programme has no such flow."""
    begun = had.at.replace(second=0, microsecond=0)
    phone = RehearsalPhone(compiled, had.person, begun, had.channel)
    recorded = TranscriptDraft(
        compiled.programme,
        had.flow,
        f"{begun:%Y-%m-%d %H:%M}",
        had.channel,
        had.person.identity.get("nombre", INVENTED),
        had.variant,
        had.opening,
        fields=_fields(compiled, had.person),
    )
    recorded.lines += _said(phone.start(had.flow, had.variant, had.opening))
    for heard in had.heard:
        _pass(phone, recorded, heard.at)
        if heard.channel != phone.channel:
            _happens(phone, recorded, SwitchChannel(heard.channel))
        try:
            _happens(phone, recorded, heard.move)
        except NoSuchButton:
            _happens(phone, recorded, WriteMessage(heard.label))
    _pass(phone, recorded, had.until)
    recorded.answers = {name: answer(response) for name, response in phone.answers.items()}
    recorded.ends = str(phone.outcome or "open")
    return recorded


def _pass(phone: RehearsalPhone, recorded: TranscriptDraft, until: datetime) -> None:
    """Let time pass, in whole minutes, if the silence is long enough."""
    if until - phone.at >= UNTOLD and (phone.state is not None or phone.outcome is None):
        _happens(phone, recorded, AdvanceClock(timedelta(minutes=(until - phone.at) // timedelta(minutes=1))))


def _happens(phone: RehearsalPhone, recorded: TranscriptDraft, move: Move) -> None:
    bubbles = step(phone, move)
    recorded.lines += [*move_text(move).split("\n"), *_said(bubbles)]


def _said(bubbles: Sequence[Bubble]) -> list[str]:
    return [line for bubble in bubbles for line in message_lines("<", bubble.text)]


def _fields(compiled: CompiledProgramme, person: InventedOfficer) -> dict[str, str | int | float | bool]:
    """The fields that the transcript needs of the officer beside the name."""
    own = {"language": person.language, "timezone": person.timezone}
    usual = {"language": compiled.definition.language, "timezone": compiled.definition.timezone}
    return {**person.fields, **{name: value for name, value in own.items() if value != usual[name]}}

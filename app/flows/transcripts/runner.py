"""Runs a transcript: plays every turn on a `RehearsalPhone` and compares it with the file. Returns the differences,
each with its line, and can rewrite a talk with the actual messages. Reads and writes no file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.flows.engine.compiled import CompiledProgramme
from app.flows.engine.events import ResponseRecorded, SessionOutcome
from app.flows.transcripts.coverage import Visits
from app.flows.transcripts.player import Bubble, NoSuchButton, RehearsalPhone
from app.flows.transcripts.scripts import Transcript
from app.flows.transcripts.talk import (
    AdvanceClock,
    Move,
    PressButton,
    SwitchChannel,
    Turn,
    WriteMessage,
    message_lines,
    move_text,
)
from app.wording import Sentence

Expected = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between transcript and conversation. `expected` and `got` are lines; either may be empty."""

    line: int
    about: str
    expected: tuple[str, ...] = ()
    got: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playback:
    """The result of a transcript. `said` are the actual messages, turn by turn."""

    transcript: Transcript
    said: tuple[tuple[str, ...], ...]
    differences: tuple[Difference, ...]
    visits: Visits

    @property
    def passed(self) -> bool:
        """Whether there is no difference."""
        return not self.differences


def play(transcript: Transcript, compiled: CompiledProgramme) -> Playback:
    """Play a transcript to its end, even after a difference."""
    phone = RehearsalPhone(compiled, transcript.person, transcript.at, transcript.channel)
    said: list[tuple[str, ...]] = []
    found: list[Difference] = []
    for turn in transcript.turns:
        try:
            had = transcript.flow, transcript.variant, transcript.opening
            bubbles = step(phone, turn.move) if turn.move else phone.start(*had)
        except NoSuchButton as error:
            bubbles = []
            found.append(Difference(turn.line, error.args[0]))
        said.append(tuple(bubble.text for bubble in bubbles))
        found += _compared(turn, said[-1])
        found += _refused(turn, bubbles)
    found += _recorded(transcript, phone)
    found += _ended(transcript, phone)
    return Playback(transcript, tuple(said), tuple(found), phone.visits)


def step(phone: RehearsalPhone, move: Move) -> list[Bubble]:
    """Make one move on a phone. Raises NoSuchButton."""
    match move:
        case WriteMessage():
            return phone.send(move.text, move.media, quick=move.quick)
        case PressButton():
            return phone.press(move.key)
        case AdvanceClock():
            return phone.wait(move.delay)
        case SwitchChannel():
            phone.channel = move.channel
            return []


# -- comparing ----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def _compared(turn: Turn, said: Sequence[str]) -> Iterable[Difference]:
    """Messages that are missing, new or different; equal ones align the rest."""
    wanted = [_plain(line.text) for line in turn.said]
    matcher = SequenceMatcher(None, wanted, [_plain(text) for text in said], autojunk=False)
    for what, start, end, low, high in matcher.get_opcodes():
        if what != "equal":
            line = (
                turn.said[start].line if start < len(turn.said) else (turn.said[-1].until if turn.said else turn.until)
            )
            yield Difference(
                line,
                Sentence("after {move}", move=move_text(turn.move)) if turn.move else Sentence("at the opening"),
                _lines(item.text for item in turn.said[start:end]),
                _lines(said[low:high]),
            )


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for text in texts for line in message_lines("<", text))


def _refused(turn: Turn, bubbles: Iterable[Bubble]) -> Iterable[Difference]:
    for bubble in bubbles:
        if bubble.refused:
            text = Sentence(
                "WhatsApp would refuse this: 24 hours after the officer's last message it takes only a template, and {step} has none",
                step=bubble.step,
            )
            yield Difference(turn.line, text, (), _lines([bubble.text]))


def _recorded(transcript: Transcript, phone: RehearsalPhone) -> Iterable[Difference]:
    answers = phone.answers
    for name, wanted in transcript.expect.items():
        response = answers.get(name)
        if not _as_expected(wanted, response):
            yield Difference(
                transcript.places[name],
                Sentence("the answer {name}", name=name),
                (_told_value(wanted),),
                (_told_response(response),),
            )


def _as_expected(wanted: Expected, response: ResponseRecorded | None) -> bool:
    if response is None:
        return wanted is None
    if response.status == "unclear":
        return wanted == "unclear"
    if response.missing is not None:
        return wanted == f".{response.missing}"
    return wanted is not None and type(wanted) is not bool and wanted == response.value


def _told_value(value: Expected) -> str:
    return Sentence("no answer") if value is None else str(value)


def _told_response(response: ResponseRecorded | None) -> str:
    if response is None:
        return Sentence("no answer")
    if response.status == "unclear":
        return f"unclear ({response.rule})"
    return f".{response.missing}" if response.missing else f"{response.value} ({response.label}, by {response.rule})"


def answer(response: ResponseRecorded) -> Expected:
    """A response in the notation of `expect`."""
    if response.status == "unclear":
        return "unclear"
    return f".{response.missing}" if response.missing else response.value


def _ended(transcript: Transcript, phone: RehearsalPhone) -> Iterable[Difference]:
    got = str(phone.outcome) if phone.outcome else "open"
    failure = phone.failure
    why = f" ({failure.code} at {failure.step}: {failure.text})" if failure else ""
    if transcript.ends is not None and transcript.ends != got:
        yield Difference(transcript.places["ends"], Sentence("how it ends"), (transcript.ends,), (got + why,))
    elif transcript.ends is None and phone.outcome is SessionOutcome.failed:
        yield Difference(transcript.line, Sentence("the conversation failed{why}", why=why))


def only_lines_differ(played: Playback) -> bool:
    """Whether nothing but the service's lines differs, so that `updated` makes the transcript pass: no answer, no end, no refused
    message."""
    turns = zip(played.transcript.turns, played.said, strict=True)
    return played.differences == tuple(one for turn, said in turns for one in _compared(turn, said))


# -- writing anew -------------------------------------------------------------------------------------------------------


def updated(text: str, played: Iterable[Playback]) -> str:
    """A transcript file with the actual messages of the service in these transcripts. Everything else stays byte for
    byte: comments, order, the officer's lines."""
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += newline
    changes = [change for item in played for change in _changes(item)]
    for start, end, said, indent in sorted(changes, reverse=True):
        lines[start:end] = [" " * indent * bool(line) + line + newline for line in said]
    return "".join(lines)


def _changes(played: Playback) -> Iterable[tuple[int, int, tuple[str, ...], int]]:
    """For each turn with a difference, the lines to remove (from 0, end exclusive) and their replacement."""
    indent = played.transcript.indent
    for turn, said in zip(played.transcript.turns, played.said, strict=True):
        if [_plain(line.text) for line in turn.said] == [_plain(text) for text in said]:
            continue
        top = turn.said[0].line - 1 if turn.said else turn.until - 1
        for line in turn.said[1:]:
            yield line.line - 1, line.until - 1, (), indent
        yield top, turn.said[0].until - 1 if turn.said else top, _lines(said), indent

"""The lines of a talk in transcript files: `<` for the service, `>` for the officer, brackets for time and channel,
`#` for a comment. Parses and formats lines; knows nothing of files and flows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

_SWITCH = re.compile(r"\(\s*(sms|whatsapp)\s*\)")
_JUMP = re.compile(r"\(\s*\+\s*(\d{1,4})\s*([mhdw])\s*\)|\(\+(\d{5,9})(m)\)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_BUTTON = re.compile(r"\[button ([a-z0-9_]+)\]")
_QUICK = re.compile(r"\[quick\]\s*(.*)", re.DOTALL)
_MEDIA = re.compile(r"\[media ([\w.+-]+/[\w.+-]+)\]\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A message of the service, and the line of the file where it begins; `until` is the line after its last."""

    text: str
    line: int
    until: int


@dataclass(frozen=True, slots=True)
class WriteMessage:
    """The officer writes, with attachments of these content types, if any. `quick`: before the service's last messages could be seen."""

    text: str
    media: tuple[str, ...] = ()
    quick: bool = False


@dataclass(frozen=True, slots=True)
class PressButton:
    """The officer presses the button of this option."""

    key: str


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    """Time passes."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class SwitchChannel:
    """The conversation continues on this channel."""

    channel: str


Move = WriteMessage | PressButton | AdvanceClock | SwitchChannel


@dataclass(frozen=True, slots=True)
class Turn:
    """A move, and the messages that the service should answer with. `move` is None at the opening. Lines count in the
    file; `line` is that of the move, or of the key `talk`, and `until` the line after its last."""

    move: Move | None
    line: int
    until: int
    said: tuple[ServiceLine, ...] = ()


def read_turns(lines: Sequence[str], top: int) -> tuple[tuple[Turn, ...], tuple[int, ...]]:
    """The turns of a talk whose first line is line `top` of its file, and the lines that cannot be parsed."""
    turns: list[Turn] = []
    turn, said, unread = Turn(None, top - 1, top), list[ServiceLine](), list[int]()
    number = 0
    while number < len(lines):
        text, begins = lines[number].rstrip(), number
        number += 1
        move = None
        if not text or text.startswith("#"):
            continue
        if text[0] in "<>":
            number = _end_of(lines, number)
            text = "\n".join([text[1:].strip(), *(lines[n][2:].rstrip() for n in range(begins + 1, number))])
            move = read_officer_line(text) if lines[begins][0] == ">" else None
        elif (move := read_brackets(text)) is None:
            unread.append(top + begins)
            continue
        if move is None:
            said.append(ServiceLine(text, top + begins, top + number))
        else:
            turns.append(replace(turn, said=tuple(said)))
            turn, said = Turn(move, top + begins, top + number), []
    return (*turns, replace(turn, said=tuple(said))), tuple(unread)


def read_officer_line(text: str) -> Move:
    """The officer's move, from the text after `>`."""
    if button := _BUTTON.fullmatch(text):
        return PressButton(button[1])
    if media := _MEDIA.fullmatch(text):
        return WriteMessage(media[2], (media[1],))
    if quick := _QUICK.fullmatch(text):
        return WriteMessage(quick[1], quick=True)
    return WriteMessage(text)


def read_brackets(text: str) -> Move | None:
    """The move of a line in brackets: time passes, or the channel changes. None if it is neither."""
    if switch := _SWITCH.fullmatch(text):
        return SwitchChannel(switch[1])
    if (jump := _JUMP.fullmatch(text)) is None:
        return None
    number, unit = [group for group in jump.groups() if group]
    return AdvanceClock(int(number) * _UNITS[unit]) if int(number) else None


def _end_of(lines: Sequence[str], number: int) -> int:
    """The line after the continuation of a message; an empty line belongs to it if the message continues below."""
    end = number
    while number < len(lines):
        if lines[number].startswith("  ") and lines[number].strip():
            end = number + 1
        elif lines[number].strip():
            break
        number += 1
    return end


def message_lines(sign: str, text: str) -> list[str]:
    """A message as lines of a talk."""
    first, *rest = text.strip().split("\n")
    return [f"{sign} {first.strip()}".rstrip(), *(f"  {line.rstrip()}".rstrip() for line in rest)]


def move_text(move: Move) -> str:
    """A move as lines of a talk."""
    match move:
        case WriteMessage():
            media = "".join(f"[media {kind}] " for kind in move.media)
            return "\n".join(message_lines(">", ("[quick] " if move.quick else "") + media + move.text))
        case PressButton():
            return f"> [button {move.key}]"
        case AdvanceClock():
            return f"(+{_span(move.delay)})"
        case SwitchChannel():
            return f"({move.channel})"


def _span(delay: timedelta) -> str:
    """A duration in its largest whole unit, but `24h` and not `1d`, `14d` and not `2w`."""
    minutes = int(delay.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h"), (10080, "w")):
        if size < minutes < 10_000 * size and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"

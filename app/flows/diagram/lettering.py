"""Texts for a drawing: cleaned of what XML cannot hold, shortened, and broken into lines that fit a width. The widths are
an estimate from above for Helvetica, Arial and their like: a drawing is made without the font that will show it."""

import re
import unicodedata

_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 forbids, and the control characters that it only discourages."""

_TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of writing direction: in a label they would turn around what stands beside it."""

_CLASSES = (
    (0.24, "ijl'"), (0.34, " !,./:;I[\\]ft()-r·¡"), (0.42, '"|*°'), (0.54, "ckJsvxyz?¿^«»{}`"), (0.74, "ABCDEHKNPRSTUVXYZ&w"),
    (0.8, "GOQ"), (0.87, "Mm%"), (0.97, "W@—…"),
)  # fmt: skip
_WIDTHS = {character: width for width, characters in _CLASSES for character in characters}
_BOLD = 1.08
_ROOM = 1.04
"""For fonts that are wider than Helvetica, where nothing of its like is installed."""


def clean(text: str) -> str:
    """A text without what cannot be drawn; its lines stay, blank ones and spaces too many do not."""
    whole = _TURNS.sub("", _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (" ".join(line.split()) for line in whole.split("\n"))
    return "\n".join(line for line in lines if line)


def short(text: str, longest: int) -> str:
    """A text of at most so many characters, cut between words where that is possible."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:space] if space > longest // 2 else cut).rstrip(" ,.;:\n") + "…"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text becomes at most, in the unit of its size."""
    return sum(map(_width, text)) * size * _ROOM * (_BOLD if bold else 1)


def _width(character: str) -> float:
    found = _WIDTHS.get(character)
    if found is not None:
        return found
    if unicodedata.combining(character) or character in "\u200b\u200d\ufe0f":
        return 0
    if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0x1F000:
        return 1.3
    letter = unicodedata.normalize("NFD", character)[0]
    return _WIDTHS.get(letter, 0.58 if letter.isascii() else 0.8)


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that fit. A word that is wider than a line is broken."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            for piece in _pieces(word, room, size, bold=bold):
                longer = f"{line} {piece}" if line else piece
                if line and width(longer, size, bold=bold) > room:
                    lines.append(line)
                    longer = piece
                line = longer
        lines.append(line)
    return lines


def _pieces(word: str, room: float, size: float, *, bold: bool) -> list[str]:
    """A word in pieces that fit, never broken before a mark that belongs to the character before it."""
    pieces = [""]
    for character in word:
        joined = _width(character) == 0 or pieces[-1].endswith("\u200d")
        if pieces[-1] and not joined and width(pieces[-1] + character, size, bold=bold) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces

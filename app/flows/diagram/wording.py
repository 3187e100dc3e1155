"""Texts for a diagram: without characters that XML and HTML forbid, and shortened where there is little room."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 and HTML forbid, and the control characters that they discourage."""

_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of writing direction: they would reorder the text beside a label."""


def clean(text: str) -> str:
    """A text without forbidden characters, blank lines and repeated spaces. Line breaks stay."""
    whole = _DIRECTION.sub("", _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    lines = (" ".join(line.split()) for line in whole.split("\n"))
    return "\n".join(line for line in lines if line)


def short(text: str, longest: int) -> str:
    """A text of at most `longest` characters, cut between words where possible."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    return (cut[:space] if space > longest // 2 else cut).rstrip(" ,.;:\n") + "…"

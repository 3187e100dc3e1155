"""The number of SMS segments of a text. Counts by GSM 03.38 and UTF-16, as carriers bill it; sends nothing."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The GSM-7 alphabet. á í ó ú are not in it: one of them makes the whole message UCS-2."""

DOUBLE = frozenset("\f^{}\\[~]|€")
"""Characters of GSM-7's extension table, which count twice."""

_LIKE = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "´": "'", "`": "'", "…": "...", "•": "-", "\u00a0": " ",
    "ç": "c", "º": "o", "ª": "a", "\t": " ", "×": "x", "÷": "/", "⁄": "/", "→": "->", "−": "-",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015", "-"),
}  # fmt: skip
_GAPS = re.compile(r" +(?= )| +$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Segments:
    """The cost of a text. `forced_by` is the first character outside GSM-7, None if there is none.

    `plain` is the text without such characters: see `plain`.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    forced_by: str | None
    plain: str


def measure(text: str) -> Segments:
    """Count the segments of a text: 160 or 153 GSM-7 characters each, 70 or 67 UTF-16 units. An empty text is one."""
    forced_by = next((char for char in text if char not in GSM and char not in DOUBLE), None)
    if forced_by is None:
        return Segments("GSM-7", _packed([2 if char in DOUBLE else 1 for char in text], 160, 153), None, text)
    units = [2 if char > "\uffff" else 1 for char in text]
    return Segments("UCS-2", _packed(units, 70, 67), forced_by, plain(text))


def plain(text: str) -> str:
    """The nearest wording in GSM-7, so that an SMS holds 160 characters and not 70: á í ó ú lose their accents (é ñ ü
    ¿ ¡ are in the alphabet and stay), quotes and dashes are simplified, and characters without an equivalent
    (emoji) are removed, with the gap they leave. Deterministic."""
    composed = unicodedata.normalize("NFC", text)
    parts = [_plain(char) for char in composed]
    made = "".join(parts)
    return _GAPS.sub("", made).strip() if "" in parts else made


def _packed(sizes: list[int], alone: int, together: int) -> int:
    """The number of messages for characters of these sizes; a character is never split between two."""
    if sum(sizes) <= alone:
        return 1
    count, used = 1, 0
    for size in sizes:
        used += size
        if used > together:
            count, used = count + 1, size
    return count


def _plain(char: str) -> str:
    if char in GSM or char in DOUBLE:
        return char
    if char in _LIKE:
        return _LIKE[char]
    letters = unicodedata.normalize("NFKD", char)
    return "".join(_LIKE.get(part, part if part in GSM or part in DOUBLE else "") for part in letters)

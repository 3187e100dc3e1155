"""The text of a CSV file whose encoding nobody has noted: UTF-8, UTF-16, Windows-1252, MacRoman or code page 850, told apart by the
signs that words of a name can have; and UTF-8 that a program has read wrongly and saved again, which is repaired."""

import re
from dataclasses import dataclass
from itertools import islice

UTF_8 = "UTF-8"
_UTF_16 = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ONE_BYTE = {"Windows-1252": "cp1252", "MacRoman": "mac_roman", "code page 850": "cp850"}
"""In the order of how likely they are."""

_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_MOST_WORDS = 5_000
_SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ")
_AROUND = frozenset("ªº°«»“”‘’¿¡–—…\u00a0·´")
"""Signs that stand beside a word, and not within."""

_IMPOSSIBLE, _ODD, _WRONG_CASE, _FOREIGN = 8, 4, 3, 2

_MISREAD_AS = ("cp1252", "latin-1", "mac_roman", "cp850")
_DAMAGED = re.compile("(?:[ÂÃÄÅâ¬√ƒ≈‚┬├─┼Ô][^\\x00-\\x7f]+)+")
"""Letters of two bytes or more, each byte read as a letter of its own by one of these."""

_MENDED = re.compile("[\u00a0-\u017f\u2010-\u2026]+")
_DEPTH = 3
"""How often a text may have been encoded."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the name of its encoding, and whether letters in it had been encoded twice and are repaired."""

    text: str
    encoding: str
    is_repaired: bool = False


def decode(content: bytes) -> Decoded:
    """The text of a file. Never raises; bytes that no encoding explains become U+FFFD."""
    for mark, codec in _UTF_16:
        if content.startswith(mark):
            return Decoded(content[2:].decode(codec, errors="replace"), "UTF-16")
    if len(content) % 2 == 0 and (unmarked := _utf_16(content[:1_000])) is not None:
        return Decoded(content.decode(unmarked, errors="replace"), "UTF-16")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        name = _one_byte(content)
        return Decoded(content.decode(_ONE_BYTE[name], errors="replace"), name)
    mended = repaired(text)
    return Decoded(mended, UTF_8, mended != text)


def repaired(text: str) -> str:
    """A text with letters that were encoded twice, or oftener, as they were: `MuÃ±oz` was `Muñoz`."""
    if text.isascii():
        return text
    return _DAMAGED.sub(lambda found: _mended(found[0], _DEPTH) or found[0], text)


def _mended(damaged: str, depth: int) -> str | None:
    """The letters before they were misread; None if there are none that a name can have."""
    read = []
    for codec in _MISREAD_AS:
        try:
            read.append(b"".join(_byte(char, codec) for char in damaged).decode("utf-8"))
        except UnicodeError:
            continue
    plain = next((text for text in read if _MENDED.fullmatch(text) and not _DAMAGED.search(text)), None)
    deeper = (_mended(text, depth - 1) for text in read) if depth > 1 and plain is None else ()
    return plain or next(filter(None, deeper), None)


def _byte(char: str, codec: str) -> bytes:
    """The byte that was read as this sign. Windows reads the bytes that 1252 does not have as control characters."""
    return bytes([ord(char)]) if codec == "cp1252" and "\x80" <= char <= "\x9f" else char.encode(codec)


def _utf_16(start: bytes) -> str | None:
    """The order of bytes of UTF-16 without a mark: every second byte of Latin letters is zero."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = max(1, len(start) // 4)
    if odd >= half and not even:
        return "utf-16-le"
    return "utf-16-be" if even >= half and not odd else None


# -- one byte a letter ------------------------------------------------------------------------------------------------


def _one_byte(content: bytes) -> str:
    words = {found[0] for found in islice(_WORD.finditer(content), _MOST_WORDS)}
    return min(_ONE_BYTE, key=lambda name: sum(_strangeness(word.decode(_ONE_BYTE[name], "replace")) for word in words))


def _strangeness(word: str) -> int:
    """How unlikely a word is in a table of Spanish names."""
    letters = [char for char in word if char.isascii()]
    upper, lower = any(map(str.isupper, letters)), any(map(str.islower, letters))
    return sum(_of_sign(word, place, upper=upper, lower=lower) for place, char in enumerate(word) if not char.isascii())


def _of_sign(word: str, place: int, *, upper: bool, lower: bool) -> int:
    char = word[place]
    if char in _AROUND:
        return _ODD if 0 < place < len(word) - 1 and char != "\u00a0" else 1
    if not char.isalpha():
        return _IMPOSSIBLE
    wrong_case = char.isupper() and place and lower if char.isupper() else upper and not lower and len(word) > 2
    return (0 if char in _SPANISH else _FOREIGN) + (_WRONG_CASE if wrong_case else 0)

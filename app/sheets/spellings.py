"""Spellings of one category: values that differ only in case, accents, spaces, dashes or signs that nobody sees. A table that has
several of them counts one group as many."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from app.wording import Sentence

_BETWEEN = re.compile(r"(?<=\w)[\s_\-]+(?=\w)")
_EDGE = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
_SPACES = re.compile(r"\s+")

_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Spellings:
    """Values that are probably one, the most frequent first: that is the proposal."""

    values: tuple[str, ...]

    @property
    def proposal(self) -> str:
        """The value that all of them should be."""
        return self.values[0]

    def __str__(self) -> str:
        quoted = [repr(value) for value in self.values]
        return Sentence("{one} and {other}", one=", ".join(quoted[:-1]), other=quoted[-1])


def key(value: str) -> str:
    """A value as its spellings share it. Signs that may tell categories apart, as in `A+` or `1.5`, stay."""
    plain = unicodedata.normalize("NFKD", value).casefold()
    seen = "".join(
        "-" if unicodedata.category(char) == "Pd" else char
        for char in plain
        if unicodedata.category(char) not in {"Mn", "Cf", "Cc"} or char.isspace()
    )
    return _SPACES.sub(" ", _EDGE.sub(" ", _BETWEEN.sub(" ", seen))).strip()


def alike(counts: Mapping[str, int]) -> list[Spellings]:
    """The groups of values that share a key. `counts`: how often each value is there."""
    groups: dict[str, list[str]] = {}
    for value in counts:
        groups.setdefault(key(value), []).append(value)
    return [
        Spellings(tuple(sorted(values, key=lambda value: (-counts[value], *_oddity(value), value))))
        for values in groups.values()
        if len(values) > 1
    ]


def _oddity(value: str) -> tuple[bool, bool, int]:
    """How odd a value looks as a proposal: with spaces in a row or signs that nobody sees, in capitals, without its accents."""
    is_odd = unseen(value) is not None or _SPACES.sub(" ", value).strip() != value or "\u00a0" in value
    return is_odd, value.isupper(), value.isascii()


def unseen(text: str) -> str | None:
    """The first sign of a text that nobody sees, as `U+200B`; None if there is none. Lines and tabs are seen."""
    if text.isprintable():
        return None
    found = next((char for char in text if unicodedata.category(char) in _UNSEEN and not char.isspace()), None)
    return None if found is None else f"U+{ord(found):04X}"

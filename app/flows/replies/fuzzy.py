"""Guarded spelling: a mistyped word becomes a word of the question if exactly one of them sounds the same or is a single
slip away.

A slip is one letter left out, added, changed, or two neighbours swapped. Words under four letters are mended by ear only
(«sip», «nop» and «uno» belong to the lexicon); words that mean something themselves never are.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from app.flows.replies.fold import squeeze
from app.flows.replies.forms import NO_MATCH, Parsed, Reading
from app.flows.replies.lexicon import Words
from app.flows.replies.phrases import Phrases

SHORTEST = 4
SHORTEST_HEARD = 3
SHORTEST_STEM = 5
LONGEST_WORD = 24
MENDED = 12
"""A reply of more tokens is not mended: every mended word adds a doubt."""

_SOUND = re.compile(r"ch|ll|qu|[cg](?=[ei])|[hvzcqy]")
_SOUNDS = {"ch": "ch", "ll": "i", "qu": "k", "h": "", "v": "b", "z": "s", "q": "k", "y": "i"}
_BEFORE_E = {"c": "s", "g": "j"}


def sound(word: str) -> str:
    """How a word sounds in Mexico: «sinco» like «cinco», «mallo» like «mayo», «oy» like «hoy»."""
    return _SOUND.sub(_sounding, word)


def _sounding(match: re.Match[str]) -> str:
    found = match[0]
    if found in _SOUNDS:
        return _SOUNDS[found]
    return _BEFORE_E[found] if match.string[match.end() : match.end() + 1] in ("e", "i") else "k"


def _inflected(word: str, other: str) -> bool:
    """Whether they are two forms of a verb («acepte», «acepto»; «agradecio», «agradeci») and not one mistyped."""
    if other.endswith("i") and word == other + "o":
        return True
    ends = {word[-1], other[-1]}
    return word[:-1] == other[:-1] and "e" in ends and ends <= set("aeio")


class Speller:
    """Mends words towards a vocabulary. There is one for each question, so they hold little."""

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str] = ()) -> None:
        self._held: dict[str, str] = {}
        self._heard: dict[str, set[str]] = {}
        self._words = set(vocabulary)
        self._known = self._words | set(known)
        for word in sorted(self._words):
            self._held.setdefault(squeeze(word), word)
            if len(word) >= SHORTEST_HEARD and word.isalpha():
                self._heard.setdefault(sound(word), set()).add(word)
        self._long = [word for word in sorted(self._words) if len(word) >= SHORTEST and word.isalpha()]

    def _free(self, word: str) -> bool:
        return len(word) <= LONGEST_WORD and word.isalpha() and word not in self._known

    def held(self, word: str) -> str | None:
        """The word meant by one with letters held down («siii»), of any length."""
        if word in self._known or not word.isalpha():
            return None
        squeezed = squeeze(word)
        return self._held.get(squeezed) if squeezed != word else None

    def heard(self, word: str) -> str | None:
        """The only word of the vocabulary that sounds the same, or None."""
        alike = self._heard.get(sound(word), ()) if self._free(word) else ()
        return next(iter(alike)) if len(alike) == 1 else None

    def slipped(self, word: str) -> str | None:
        """The only word of the vocabulary one slip away, or of which this is a plural, or None."""
        if len(word) < SHORTEST or not self._free(word):
            return None
        near = extract(word, self._long, scorer=OSA.distance, score_cutoff=1, limit=None)
        close = [found for found, *_ in near if not _inflected(word, found)]
        if not close and len(stem := word.removesuffix("es")) >= SHORTEST_STEM and stem in self._words:
            return stem
        return close[0] if len(close) == 1 else None


def mending(
    read: Callable[[Words, bool], Reading],
    tokens: Words,
    phrases: Phrases,
    speller: Speller,
    kin: Callable[[str], str | None] | None = None,
) -> Reading:
    """Read tokens as they are; while they mean nothing, with words that run together taken apart, letters held down let
    go, words as they sound, slips mended, other forms of the question's words. `read` gets whether a slip was mended: then less is taken
    for sure."""
    found = read(tokens, False)
    if len(tokens) > MENDED:
        return found
    steps = (
        (phrases.apart, "", 0.95),
        (phrases.joined, "", 0.95),
        (_each(speller.held), "", 0.95),
        (_each(speller.heard), "fuzzy", 0.85),
        (_each(speller.slipped), "fuzzy", 0.8),
        (_each(kin) if kin else tuple, "fuzzy", 0.8),
    )
    for respell, rule, score in steps:
        if found != NO_MATCH:
            break
        respelled = respell(tokens)
        if respelled != tokens:
            tokens = respelled
            found = read(tokens, score == 0.8)
            if isinstance(found, Parsed):
                return replace(found, rule=rule or found.rule, score=min(score, found.score))
    return found


def _each(mend: Callable[[str], str | None]) -> Callable[[Words], Words]:
    return lambda tokens: tuple([mend(token) or token for token in tokens])

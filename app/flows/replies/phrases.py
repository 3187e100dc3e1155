"""A table of wordings and their meanings, and the walk of a reply through it, longest wording first."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from itertools import pairwise
from sys import intern

from app.flows.replies.fold import is_word
from app.flows.replies.lexicon import REAL_WORDS, SHORTHAND, Words

SHORTEST_TOGETHER = 5


class MeaningKind(Enum):
    """The role of a wording in a question."""

    option = "option"
    number = "number"
    missing = "missing"
    filler = "filler"
    hedge = "hedge"
    either = "either"
    because = "because"
    all = "all"
    none = "none"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One wording's meaning: `index` of the option or the number meant, `code` of what is missing."""

    what: MeaningKind
    index: int = 0
    code: str = ""
    rule: str = ""
    score: float = 1.0


_SHORTHAND = frozenset((*SHORTHAND, "e"))
_PARTICIPLE = re.compile(r"(?:[ai]do|icho|echo|isto|uesto)$")
FILLER = Meaning(MeaningKind.filler)
HEDGE = Meaning(MeaningKind.hedge)
EITHER = Meaning(MeaningKind.either)
FORGOTTEN = Meaning(MeaningKind.missing, code="d")
REASON = Meaning(MeaningKind.because, code="reason")
BECAUSE = Meaning(MeaningKind.because)


class Phrases:
    """Wordings → meanings. The first entry of a wording stays, so put what is surest first."""

    def __init__(self) -> None:
        self.meanings: dict[Words, Meaning] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._together: dict[str, Words] = {}

    def add(self, wordings: Iterable[Words], meaning: Meaning) -> None:
        """Give wordings a meaning unless they have one."""
        for words in wordings:
            if words and words not in self.meanings:
                self.meanings[words] = meaning
                self._lengths[words[0]] = _with(self._lengths.get(words[0], ()), len(words))
                if len(words) > 1:
                    self._together.setdefault(intern("".join(words)), words)

    def vocabulary(self) -> set[str]:
        """Every word of every wording."""
        return {word for words in self.meanings for word in words}

    def apart(self, tokens: Words) -> Words:
        """«secalmo», «nadamas»: a wording whose words run together, as its words."""
        out: list[str] = []
        for token in tokens:
            known = len(token) < SHORTEST_TOGETHER or (token,) in self.meanings or token in REAL_WORDS
            out.extend((token,) if known else self._together.get(token, (token,)))
        return tuple(out)

    def joined(self, tokens: Words) -> Words:
        """«se cal mo», «S I»: two neighbours of which the first means nothing, as the word of a wording that they make."""
        if not any(one + other in self.words for one, other in pairwise(tokens)):
            return tokens
        out: list[str] = []
        for token in tokens:
            word = out[-1] + token if out and out[-1].isalpha() else ""
            whole = len(word) >= SHORTEST_TOGETHER or len(tokens) == len("si") == len(word)
            if whole and word in self.words and not (out[-1] in self.words and token in self.words):
                out[-1] = word
            else:
                out.append(token)
        return tuple(out)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every wording."""
        return frozenset(self.vocabulary())

    def at(self, words: Words, start: int) -> tuple[Meaning, int] | None:
        """The longest wording that begins at `start`: its meaning and the place after it."""
        for length in self._lengths.get(words[start], ()):
            end = start + length
            if end <= len(words) and (meaning := self.meanings.get(words[start:end])) is not None:
                return meaning, end
        return None

    def cover(self, words: Words, what: MeaningKind | None = None) -> bool:
        """Whether words are nothing but wordings, of this kind if one is given."""
        place = 0
        while place < len(words):
            found = self.at(words, place)
            if found is None or (what is not None and found[0].what is not what):
                return False
            place = found[1]
        return True


@lru_cache(maxsize=1000)
def _with(lengths: tuple[int, ...], length: int) -> tuple[int, ...]:
    """Lengths with one more, the longest first. Equal ones are one object: every question has thousands of them."""
    return tuple(sorted({*lengths, length}, reverse=True))


def spelled_out(words: Words) -> Words:
    """Replace thumbs' shorthand («claro q si»). The last word stays: «la d» is an option's letter."""
    if _SHORTHAND.isdisjoint(words):
        return words
    last = max((place for place, word in enumerate(words) if is_word(word)), default=0)
    out: list[str] = []
    for place, word in enumerate(words):
        if word == "e":
            out.append("he" if _PARTICIPLE.search(words[min(place + 1, last)]) else word)  # «no e pedido»
            continue
        # «2x2» and «x3» are no «por».
        plain = word == "x" and not words[min(place + 1, last)].isalpha()
        out.extend(SHORTHAND.get(word, (word,)) if not plain and (place < last or len(word) > 1) else (word,))
    return tuple(out)

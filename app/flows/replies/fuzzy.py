"""Guarded spelling: a mistyped word becomes a word of the question if exactly one of them is a single slip away.

A slip is one letter left out, added, changed, or two neighbours swapped. Words under four letters are never mended
(«sip», «nop» and «uno» belong to the lexicon), nor are words that mean something themselves.
"""

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from app.flows.replies.fold import squeeze

SHORTEST = 4
LONGEST_WORD = 24


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))} | {word}


class Speller:
    """Mends words towards a vocabulary. Candidates come from a table of the words with one letter left out."""

    def __init__(self, vocabulary: Iterable[str], known: Iterable[str] = ()) -> None:
        self._held: dict[str, str] = {}
        self._near: dict[str, set[str]] = {}
        words = set(vocabulary)
        self._known = words | set(known)
        for word in sorted(words):
            self._held.setdefault(squeeze(word), word)
            if len(word) >= SHORTEST and word.isalpha():
                for stem in _without_one(word):
                    self._near.setdefault(stem, set()).add(word)

    def held(self, word: str) -> str | None:
        """The word meant by one with letters held down («siii»), of any length."""
        if word in self._known or not word.isalpha():
            return None
        squeezed = squeeze(word)
        return self._held.get(squeezed) if squeezed != word else None

    def mend(self, word: str) -> str | None:
        """The only word of the vocabulary one slip away, or None."""
        if not SHORTEST <= len(word) <= LONGEST_WORD or word in self._known or not word.isalpha():
            return None
        near: set[str] = set()
        for stem in _without_one(word):
            near |= self._near.get(stem, set())
        close = [candidate for candidate in near if OSA.distance(word, candidate, score_cutoff=1) <= 1]
        return close[0] if len(close) == 1 else None

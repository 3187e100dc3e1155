"""Answers in other words than an option's: its paraphrases, and beside them the own words of options, which may point
elsewhere."""

from collections.abc import Collection
from dataclasses import replace

from app.flows.replies.fold import Folded, is_word
from app.flows.replies.forms import Form, Option
from app.flows.replies.fuzzy import SHORTEST
from app.flows.replies.lexicon import Words
from app.flows.replies.numbers import cardinal
from app.flows.replies.paraphrases import DENIED, Found, Paraphrases, is_denied
from app.flows.replies.phrases import REASON, Meaning, MeaningKind, spelled_out
from app.flows.replies.scan import INDEFINITE, Walker
from app.flows.replies.table import Table

_POLES = frozenset(("si", "no"))
_ONES = frozenset((*INDEFINITE, "uno"))


class Telling:
    """The paraphrases of one question, weighed with its options' own words."""

    def __init__(self, form: Form, options: tuple[Option, ...], table: Table, walker: Walker) -> None:
        self.table = table
        self.walker = walker
        self.paraphrases = Paraphrases(options, form.asked)

    def told(self, folded: Folded, *, marks: bool) -> Found:
        """The options that a reply names in other words, and perhaps in their own words beside these; with `marks` also the points
        of a scale that its numbers are."""
        found = self.paraphrases.found(folded)
        if found.denied or (self.walker.letters and not found.named):
            return found
        words = tuple(filter(is_word, spelled_out(folded.tokens)))
        perhaps, place, reasoned = dict(found.perhaps), 0, False
        while place < len(words):
            meaning = self.table.phrases.at(words, place)
            end = place + 1 if meaning is None else meaning[1]
            covered = place in found.covered
            own = () if covered else self._own(words[place], meaning)
            reasoned = reasoned or (meaning is not None and meaning[0] is REASON and bool(found.sure))
            if reasoned and meaning is not None and words[place] in _POLES:
                own = ()  # «con varias personas, porque no servía el semáforo»
            if own and is_denied(words, place):
                return DENIED
            numbered = marks and (not covered or words[place].isdecimal())
            for index in own or (self._marks(words, place) if numbered else ()):
                perhaps[index] = max(end, perhaps.get(index, 0))
            place = end
        return replace(found, perhaps=perhaps)

    def _marks(self, words: Words, place: int) -> Collection[int]:
        """The point of a scale that a number is: «1 muy seguro» says two things."""
        number = None if self.walker.letters or words[place] in _ONES else cardinal(words, place)
        point = None if number is None else self.walker.numbers.get(number[0])
        return () if point is None else (point,)

    def _own(self, word: str, meaning: tuple[Meaning, int] | None) -> Collection[int]:
        """The options whose own words begin with a word: by a wording, or by a word that only one of them has."""
        if meaning is not None:
            named = meaning[0].what is MeaningKind.option and meaning[0].index not in self.table.others
            return (meaning[0].index,) if named else ()
        carried = self.table.carriers.get(word, ())
        return carried if len(carried) == 1 and len(word) >= SHORTEST else ()

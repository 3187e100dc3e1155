"""How easy a Spanish text is to read, by Fernández-Huerta (1959): 206.84 less 60 times the syllables a word, less 1.02 times the words
a sentence. From 90 very easy, 60 to 70 as most newspapers, below 50 hard. Counts syllables by the rules of Spanish spelling."""

import re

_WORD = re.compile(r"[a-záéíóúüñ]+")
_SENTENCE = re.compile(r"[.!?…;:\n]+")
_SILENT = re.compile(r"(?<=[qg])u(?=[eiéí])")
_Y = re.compile(r"y(?![aeiouáéíóú])")
_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_OPEN = frozenset("aeoáéíóú")
"""Vowels that are a syllable of their own: the open ones, and i and u with an accent."""

FEWEST_WORDS = 10


def syllables(word: str) -> int:
    """The syllables of one word in lower case; at least one."""
    runs = _VOWELS.findall(_Y.sub("i", _SILENT.sub("", word)))
    return max(1, sum(max(1, sum(letter in _OPEN for letter in run)) for run in runs))


def reading_ease(text: str) -> float | None:
    """The score of a text; None for fewer than ten words, of which it would say nothing."""
    words = _WORD.findall(text.lower())
    if len(words) < FEWEST_WORDS:
        return None
    sentences = sum(_WORD.search(part.lower()) is not None for part in _SENTENCE.split(text))
    return 206.84 - 60 * sum(map(syllables, words)) / len(words) - 1.02 * len(words) / sentences

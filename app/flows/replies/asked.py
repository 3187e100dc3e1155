"""The words of a question: in a reply to it they say again what was asked, and mean nothing of their own."""

from collections.abc import Iterable
from functools import lru_cache

from app.flows.replies import lexicon as lex
from app.flows.replies.numbers import ORDINALS, VOCABULARY

_SHORTEST = 5
_MEAN = (
    lex.POLARITY
    | lex.CORRECTS
    | lex.UNITS
    | lex.MEASURES
    | VOCABULARY
    | frozenset(ORDINALS)
    | frozenset(
        lex.word_list("acepto participar opcion responda elija escriba consejo igual antes despues cuando donde")
    )
)
_PAST = (("io", "i"), ("io", "imos"), ("o", "e"), ("o", "amos"), ("o", "imos"), ("o", "i"), ("o", "ado"), ("e", "o"))
"""«¿A qué hora terminó?» is answered by «terminé», «terminamos»; «¿se siente?» by «siento»."""


def plain_words(asked: Iterable[str]) -> list[str]:
    """The words of a question that mean nothing of their own in an answer."""
    return [word for word in asked if word.isalpha() and len(word) >= _SHORTEST and word not in _MEAN]


@lru_cache(maxsize=1000)
def said_again(asked: tuple[str, ...]) -> frozenset[str]:
    """The words that repeat a question, in the forms in which an answer has them."""
    plain = [word for word in asked if word.isalpha() and len(word) >= _SHORTEST]
    forms = {word.removesuffix(end) + other for word in plain for end, other in _PAST if word.endswith(end)}
    return frozenset([word for word in (*plain, *forms) if word not in _MEAN])


def without(words: tuple[str, ...], asked: Iterable[str]) -> tuple[str, ...]:
    """Words without those that repeat the question."""
    again = said_again(tuple(asked))
    return words if again.isdisjoint(words) else tuple([word for word in words if word not in again])

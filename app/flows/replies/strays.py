"""Messages that share nothing with the open question: neither a word of it or of its options, nor a number, a yes or a no. What nobody
understands of them is hardly an attempt to answer: complaints, jokes, news, talk of work."""

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import LONGEST, fold, phrase
from app.flows.replies.forms import Form, is_open
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.numbers import cardinal

FEWEST = 3
"""A message of fewer words may be any answer."""
_LETTERS, _LETTERS_OF_QUESTION = 4, 5
"""Words that begin with so many equal letters are of one family."""
_ANSWERS = frozenset(
    word_list(
        "todos todas ambos idea recuerdo acuerdo acuerda recuerda nada nadie poco poca mucho mucha varios varias mitad mayoria depende quiza quizas igual"
    )
) | {words[0] for words in lex.STOCK if len(words) == 1}


class Strays:
    """Finds the strays among the replies to one question."""

    def __init__(self, form: Form) -> None:
        self._closed = not is_open(form.kind)
        labels = [word for option in form.options for word in phrase(option.label)]
        self._begins = {word[:_LETTERS] for word in labels if len(word) >= _LETTERS}
        self._asks = {word[:_LETTERS_OF_QUESTION] for word in form.asked if len(word) >= _LETTERS_OF_QUESTION}

    def is_stray(self, text: str) -> bool:
        """Whether a reply that was not understood shares nothing with the question."""
        words = fold(text[:LONGEST]).words
        return self._closed and len(words) >= FEWEST and not any(self._touches(words, at) for at in range(len(words)))

    def _touches(self, words: Words, at: int) -> bool:
        word = words[at]
        return (
            word in _ANSWERS
            or word[:_LETTERS] in self._begins
            or word[:_LETTERS_OF_QUESTION] in self._asks
            or word[0].isdecimal()
            or cardinal(words, at) is not None
        )

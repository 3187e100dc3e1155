"""The option of a list that a reply names by one thing of its kind: «en un oxxo» for Comercio, «una vecina» for «Una persona de la zona»;
and the label that a reply says again in words of its own: «dejo que acabe y le repito lo que entendí».

What comes first counts: light words may lead to it, and what follows says which one it was, or why. A denial, a doubt or another option
leaves the reply to be asked about.
"""

from collections.abc import Iterable

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import said_again
from app.flows.replies.associations import ASSOCIATIONS, Association
from app.flows.replies.fold import COMMAS, Folded, phrase
from app.flows.replies.forms import AnswerKind, Form
from app.flows.replies.fuzzy import SHORTEST
from app.flows.replies.kin import family
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.numbers import cardinal
from app.flows.replies.phrases import MeaningKind, spelled_out
from app.flows.replies.scan import INDEFINITE
from app.flows.replies.table import Table

FEWEST = 3
"""A choice of two is a yes or no in other words."""
LONGEST = 16
"""A reply of more words is a story."""
_LIGHT = frozenset(
    word_list(
        "fue era eran es son estaba estabamos estaban estuve estuvimos estuvo fuimos paso ocurrio sucedio andaba andabamos iba ibamos hubo habia en"
        " a al de del con por para el la los las un una unos unas mi mis su sus ese esa esos esas este esta lo le les me nos se que ya ahi alla aqui"
        " adentro dentro interior arriba abajo plena pleno pura puro mera mero solo misma mismo propia propio pues bueno yo creo digo"
        " senor senora sra sr don dona joven chavo chava muchacho muchacha senorita persona personas gente dueno duena encargado encargada empleado"
        " empleada cliente clienta chofer operador compa vato tipo sujeto hombre mujer como uno ella ellos fueron"
        " toco tocaba anduve anduvimos trabaje trabajamos traia traiamos traigo llevaba llevo bien muy super re bastante algo medio todo toda quisiera gustaria"
        " siempre mas sobre principalmente primero ayudo sirvio"
    )
)

_STOPS = frozenset(
    word_list(
        "no ni sin nunca jamas tampoco nadie nada excepto menos salvo o u pero mejor perdon digo quiza quizas talvez depende igual si aunque casi supongo"
        " creo entre cuando donde quien cual porque"
    )
)
_TURNS = frozenset(
    word_list(
        "no ni sin nunca jamas tampoco excepto menos salvo o u pero perdon digo quiza quizas talvez depende sino mentira corrijo"
    )
)
"""Behind what is named these may take it back."""
_WITHIN = frozenset(word_list("de del que con junto frente afuera cerca atras entre por para en al lado a"))
"""Behind these comes what tells which one it was."""
_BUSY = frozenset(
    word_list(
        "ando estoy voy vengo ahorita orita luego rato contesto respondo mensaje mensajes pregunta preguntas encuesta manana"
    )
)
"""Words of somebody who is somewhere now, or of the message itself."""
_LONGEST_NAME = 5
"""A label of more words is a sentence: one word does not name it."""
_OF = (("de",), ("del",), ("entre",), ("con",))
_HERE = frozenset(
    word_list("civil roja todo toda todos todas ahorita ahi alla aqui pues si jefe jaja mero misma mismo nada")
)
_MINE = (("mi",), ("mis",))
_GOES_ON = COMMAS | frozenset(word_list("de del que con en por porque para frente entre sobre junto y d xq"))
_PRONOUNS = frozenset(word_list("me nos"))
_ENOUGH, _MOST, _FEWEST_SAID = 0.5, 0.75, 2
_GLUE = frozenset(
    word_list(
        "una que lo la le les los las se de del a al en y el un con por para su sus mi mis usted como quien cual donde cuando porque"
    )
)


class Naming:
    """What the options of one question are named by."""

    def __init__(self, form: Form, table: Table, labels: Iterable[str]) -> None:
        self.table = table
        self._again = said_again(form.asked)
        self._asked = {family(word) for word in self._again}
        written = [phrase(label) for label in labels]
        self._is_sentence = [len(words) > _LONGEST_NAME for words in written]
        self._about = [() if long else about_of(words) for words, long in zip(written, self._is_sentence, strict=True)]
        self._things = form.kind is AnswerKind.multi
        self._said = [frozenset(family(word) for word in words if _weighs(word)) for words in written]
        self._opening = [next((family(word) for word in words if _weighs(word)), "") for words in written]
        self._begins_no = [words[:1] == ("no",) for words in written]
        self._unsaid = table.others | table.nones | table.polar
        denials = {index for index, words in enumerate(written) if words[:1] and words[0] in _TURNS}
        self._silent = self._unsaid | denials

    def named(self, folded: Folded) -> int | None:
        """The only option that a reply names, or None."""
        words = tuple([word for word in spelled_out(folded.clauses) if word != "^"])
        if not words or len(words) > LONGEST or not _BUSY.isdisjoint(words):
            return None
        found = self._headed(words)
        return self._repeated(words) if found is None else found

    # -- one thing of its kind --------------------------------------------------------------------------------------

    def _headed(self, words: Words) -> int | None:
        if (first := self._first(words)) is None:
            return None
        found, place, end = first
        if len(found) != 1 or (index := min(found)) in self._silent or self._is_sentence[index]:
            return None
        own = self._own(words[place]) is not None
        if own and len(self._said[index]) > 1 and words[end : end + 1] in _OF:
            return None  # «conflicto de pareja» is not «Conflicto vecinal»
        if self._things and not own and words[place - 1 : place] not in _MINE:
            return None
        following = words[end : end + 1]
        goes_on = not following or following[0] in _GOES_ON or (own and following[0] in _PRONOUNS)
        if not (goes_on or self._tails(following[0])):
            return None  # «un balaceado llegó al hospital» is a story
        return index if self._ends(words, end, index) else None

    def _first(self, words: Words) -> tuple[frozenset[int], int, int] | None:
        """The options that the first words name behind what only leads to them, and where these words begin and end."""
        for place, word in enumerate(words):
            if word[0].isdecimal():
                return None
            if (found := self._signed(words, place)) is not None:
                meaning = self.table.phrases.at(words, place)
                return found, place, place + 1 if meaning is None else meaning[1]
            if self._doubts(words, place) or (word not in COMMAS and not self._leads(word)):
                return None
        return None

    def thing(self, words: Words) -> int | None:
        """The only option that a part of a list names."""
        if len(words) > LONGEST or not _BUSY.isdisjoint(words) or "y" in words:
            return None
        return self._headed(words)

    def _doubts(self, words: Words, place: int) -> bool:
        found = self.table.phrases.at(words, place)
        return found is not None and found[0].what in (MeaningKind.hedge, MeaningKind.missing)

    def _leads(self, word: str) -> bool:
        return word not in _STOPS and (
            word in _LIGHT or word in self._again or self.table.fills(word) or family(word) in self._asked
        )

    def _tails(self, word: str) -> bool:
        return (
            word[0].isdecimal()
            or lex.RELATIONAL.search(word) is not None
            or word in _HERE
            or ((word,) in lex.POLITE and len(word) >= SHORTEST and word not in _LIGHT)
        )

    def _signed(self, words: Words, place: int) -> frozenset[int] | None:
        """The options that a word names: by a word that only one of them has, or as a thing of its kind."""
        word = words[place]
        meaning = self.table.phrases.at(words, place)
        if meaning is not None and meaning[0].what is MeaningKind.option:
            return frozenset((meaning[0].index,))
        if not word.isalpha() or len(word) < (SHORTEST - (word in self.table.carriers)):
            return None
        if (own := self._own(word)) is not None:
            return self.table.carriers[own]
        led = place > 0 and words[place - 1] in _LED
        signed = frozenset(
            index for index, some in enumerate(self._about) if any(one.points(word, led=led) for one in some)
        )
        return signed or None

    def _own(self, word: str) -> str | None:
        """The word of a label that a word is, or is a form of; what others did («me explicaron») is no form of it."""
        if word in self.table.carriers:
            return None if word in lex.POLARITY or (word,) in lex.STOCK else word
        kin = None if word[-1] == "n" else self.table.kin.meant(word)
        return kin if kin in self.table.carriers else None

    def _ends(self, words: Words, start: int, index: int) -> bool:
        """Whether nothing behind what is named takes it back or names another option."""
        for place in range(start, len(words)):
            word = words[place]
            if word in _TURNS or self._doubts(words, place):
                return False
            if word in INDEFINITE or cardinal(words, place) is None:
                other = self._signed(words, place)
                if other and index not in other and _WITHIN.isdisjoint(words[max(start, place - 3) : place]):
                    return False
        return True

    # -- a label in words of one's own --------------------------------------------------------------------------------

    def _repeated(self, words: Words) -> int | None:
        """The label of which a reply says half of the words or more, in any form, where it says none of another's."""
        said = {family(word) for word in words if _weighs(word)}
        shares = [(len(said & label) / len(label), index) for index, label in enumerate(self._said) if label]
        hits = [(share, index) for share, index in shares if share]
        if len(hits) != 1:
            return None
        share, index = hits[0]
        if share < _ENOUGH or len(said & self._said[index]) < _FEWEST_SAID or index in self._unsaid:
            return None
        if share < _MOST and self._opening[index] not in said:
            return None  # «pedir apoyo» is not «Le creo a quien me pide apoyo»
        denied = self._begins_no[index]
        if denied and share >= _MOST and words[0] == "no":
            words = words[1:]  # «no quiso dejar datos» for «No dejó sus datos»
        elif denied:
            return None
        return index if _TURNS.isdisjoint(words) else None


_LED = frozenset(word_list("mi mis el la los las un una del al por su orden ordenes"))


def _weighs(word: str) -> bool:
    return len(word) >= _SHORT and word.isalpha() and word not in _GLUE and word not in lex.POLARITY


_SHORT = 3


def about_of(words: Iterable[str]) -> tuple[Association, ...]:
    """What the words of a label are about."""
    return tuple([one for one in ASSOCIATIONS if any(word.startswith(one.names) for word in words)])

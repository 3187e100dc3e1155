"""The probable meaning of a reply that was not understood: enough to ask «¿Quiso decir 4, Comercio?», never to record it.

Only for choices of three or more, numbers and times. Never for yes and no, a scale or a list of several, where a proposal would lead
the officer. One reading must be likely and no other said; a word that denies or doubts leaves none.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from app.flows.replies import lexicon as lex
from app.flows.replies.choices import Choices
from app.flows.replies.durations import asked_in, lasting
from app.flows.replies.fold import COMMAS, Folded, is_word, phrase
from app.flows.replies.forms import AnswerKind, Form, Parsed
from app.flows.replies.fuzzy import SHORTEST
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.naming import FEWEST, about_of
from app.flows.replies.numbers import cardinal, cardinals, whole
from app.flows.replies.phrases import MeaningKind, spelled_out
from app.flows.replies.scan import INDEFINITE, LEADS
from app.flows.replies.times import Times

Guess = Callable[[Folded], Parsed | None]
"""The probable reading of a folded reply, or None."""

RULE, SCORE = "probable", 0.5
LONGEST = 30
"""A reply of more words is a story: what it speaks of is no proposal."""
_DENIES = frozenset(word_list("no ni sin nunca jamas tampoco ningun ninguna ninguno nadie excepto menos salvo"))
_LED = frozenset(word_list("mi mis el la los las un una del al por orden ordenes su"))
_AROUND = re.compile(
    r"\b(?:mas o menos|(?:nada|no) mas(?! de)|no mas de|y (?:tantos|tantas|pico|algo|feria)|o (?:asi|algo asi|por ahi))\b"
)
"""The words around a number that set no bound."""
_OF_ALL = re.compile(r"^(?:de|en) (?:los|las|mis) ultim[oa]s \w+(?: contactos| veces| casos)? (?=\D|\d)")
"""The question's own number, said again: «en los últimos 5, en 3»."""
_ASIDE = re.compile(r"\b(?:casi (?:todos|nada)|(?:uno|una|otro|otra) (?:no|se|que|ni|pues|me))\b")
"""«4, uno se me fue», «casi todos, cuatro»: words beside the number that was meant."""
_HALVES = (("y", "media"), ("y", "medio"), ("y", "cuarto"))
_FEW_WORDS = 4
_FEW_LETTERS = 4
_CLOSE = 3
"""A bound so many words before a number is about it."""
_BOUNDS = frozenset(
    word_list("mas menos hasta casi maximo minimo antes despues cada arriba abajo pasadas o u ni entre")
)
_RATES = frozenset(word_list("por y"))
_PLACES = frozenset(
    word_list("las sector unidad patrulla zona calle numero folio clave piso cuadrante grupo turno ruta km la el")
)
_REST = frozenset(("otros", "otras"))
_JOINS = frozenset(("a", "e", "o", "u", "y"))
"""The words of one letter: any other letter makes a number a name («C4», «R-15»)."""
_ELSEWHERE = frozenset(
    word_list(
        "mensaje mensajes pregunta preguntas encuesta contesto contestar deme denme esperame espereme cargar abrio"
    )
)
"""Words of the message itself and of a later time: what stands beside them is no answer."""
_GIVES = frozenset(word_list("fueron son fue ponle pongale ponga digamos calculo duro"))
_OF_WORK = frozenset(("turno", "servicio", "guardia"))
"""Words of every officer's talk: they point to no label that has a word of its family («por turnos»)."""
_FEW = 20
_TWO = 2
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))?\b")
_LONGEST_SPAN = 360
"""Two hours that are farther apart, in minutes, are no length that is likely."""
_STEM = 5
"""Words that begin with so many equal letters are of one family."""
_SHARES = {
    ("en", "todos"): 1.0,
    ("todos",): 1.0,
    ("a", "todos"): 1.0,
    ("totalidad",): 1.0,
    ("la", "mitad"): 0.5,
    ("mitad",): 0.5,
    ("siempre",): 1.0,
    ("todas", "las", "veces"): 1.0,
}
_HOURS = 6
"""Words that an hour takes at most."""
_HOUR_WORDS = frozenset(("mediodia", "medianoche", "cuarto"))
_MOST_NUMBERS = 4
"""A reply with more numbers names no hour that is likely."""


def guessing(form: Form) -> Guess | None:
    """How replies to a question are guessed at; None where nothing may be proposed."""
    guess = _guessing(form)
    return None if guess is None else lambda folded: None if _ELSEWHERE.intersection(folded.words) else guess(folded)


def _guessing(form: Form) -> Guess | None:
    match form.kind:
        case AnswerKind.choice:
            choices = Choices(form, form.options, {place: place - 1 for place in range(1, len(form.options) + 1)})
            return _Options(choices).guess if len(form.options) >= FEWEST and not choices.table.polar else None
        case AnswerKind.number:
            return lambda folded: _number(form, folded)
        case AnswerKind.time:
            times = Times(form)
            return lambda folded: _hour(times, folded)
        case (
            AnswerKind.yes_no
            | AnswerKind.multi
            | AnswerKind.scale
            | AnswerKind.date
            | AnswerKind.text
            | AnswerKind.media
        ):
            return None


def _is_denied(words: Words, place: int) -> bool:
    """Whether a denial stands before, in the same clause."""
    for word in reversed(words[:place]):
        if word in COMMAS or word == "pero":
            return False
        if word in _DENIES:
            return True
    return False


# -- one of a list ------------------------------------------------------------------------------------------------------


class _Options:
    """Guesses which option of a list was meant: by its own words first, then by words of its family and what they are about."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        table = choices.table
        self.silent = table.others | table.nones
        self.owned = tuple(
            [frozenset(word for word in label.content if len(word) >= SHORTEST) for label in table.labels]
        )
        self.is_sentence = tuple([len(phrase(option.label)) > _FEW_WORDS for option in choices.form.options])
        self.about = tuple(
            [() if long else about_of(words) for words, long in zip(self.owned, self.is_sentence, strict=True)]
        )

    def guess(self, folded: Folded) -> Parsed | None:
        words = tuple([word for word in spelled_out(folded.clauses) if word != "^"])
        if len(words) > LONGEST or folded.has("?"):
            return None
        if (ended := self._ended(words)) is not None:
            return self.choices.parsed(ended, RULE, SCORE)
        if sum(word.isdecimal() for word in words) > 1:
            return None  # «2 detenciones y 1 auxilio» counts, and chooses nothing
        if (told := self.choices.told(folded)).likely is not None:
            return self.choices.parsed(told.likely, RULE, SCORE)
        if told.denied:
            return None
        own, near = self._own(words), self._near(words)
        if own is None or near is None or len(own | near) != 1:
            return None
        index = min(own | near)
        if self.is_sentence[index] and len(words) > _FEW_WORDS and not self._is_quoted(index, words):
            return None  # «pedir apoyo a otra unidad» is not «Le creo a quien me pide apoyo»
        return self.choices.parsed(index, RULE, SCORE)

    def _ended(self, words: Words) -> int | None:
        """«primero puse la 1, pero ya pensándolo es la 2»: the number that a story ends in."""
        number = cardinal(words, len(words) - 1) if len(words) > _FEW_WORDS and words[-2] in LEADS else None
        return None if number is None or words[-3] in _DENIES else self.choices.walker.numbers.get(number[0])

    def _is_quoted(self, index: int, words: Words) -> bool:
        """Whether a reply has an option's number, or two of the words of its label."""
        if any(word.isdecimal() for word in words):
            return True
        label = [word for word in phrase(self.choices.form.options[index].label) if len(word) > _FEW_LETTERS]
        return sum(any(word[:_FEW_LETTERS] == own[:_FEW_LETTERS] for word in words) for own in label) >= _TWO

    def _own(self, words: Words) -> set[int] | None:
        """The options whose own words stand in the reply, or their number; None if one is denied."""
        found, place = set[int](), 0
        while place < len(words):
            indexes, end = self._at(words, place)
            if indexes and _is_denied(words, place):
                return None
            found |= indexes - self.silent  # «otra consigna» is not Otro
            place = end
        return found

    def _at(self, words: Words, place: int) -> tuple[set[int], int]:
        meaning = self.choices.table.phrases.at(words, place)
        if meaning is not None and meaning[0].what is MeaningKind.option:
            return {meaning[0].index}, meaning[1]
        one = words[place] in INDEFINITE or (words[place] == "uno" and place + 1 < len(words))
        number = None if one else cardinal(words, place)
        if number is not None:
            shown = self.choices.walker.numbers.get(number[0])
            led = place > 0 and words[place - 1] in LEADS
            alone = led or (place == 0 and not self.choices.walker.followed(words, number[1]))
            return ({shown} if shown is not None and alone else set()), number[1]
        carried = self.choices.table.carriers.get(words[place], frozenset())
        return (set(carried) if len(carried) == 1 and len(words[place]) >= SHORTEST else set()), place + 1

    def _near(self, words: Words) -> set[int] | None:
        """The options that words of the same family, or what they are about, point to; None if one is denied."""
        found = set[int]()
        for place, word in enumerate(words):
            if len(word) < SHORTEST or not word.isalpha() or word in _OF_WORK:
                continue
            if found and place > 1 and (words[place - 1] == "del" or words[place - 2] == "de"):
                continue  # «el oxxo de la esquina» says which one
            led = place > 0 and words[place - 1] in _LED
            indexes = {
                index for index in range(len(self.owned)) if index not in self.silent and self._points(index, word, led)
            }
            if indexes and _is_denied(words, place):
                return None
            found |= indexes
        return found

    def _points(self, index: int, word: str, led: bool) -> bool:
        if any(_is_akin(own, word) for own in self.owned[index]):
            return True
        return any(about.points(word, led=led) for about in self.about[index])


def _is_akin(one: str, other: str) -> bool:
    """Whether two words are of one family."""
    return len(one) >= _STEM and one[:_STEM] == other[:_STEM] and max(len(one), len(other)) - 1 < 2 * _STEM


# -- a number -----------------------------------------------------------------------------------------------------------


def _number(form: Form, folded: Folded) -> Parsed | None:
    line = _AROUND.sub(" ", " ".join(filter(is_word, spelled_out(folded.tokens))))
    if form.maximum is not None:
        line = (
            _OF_ALL.sub(" ", line, count=1)
            .replace(f" de {form.maximum:g} ", " ")
            .replace(f" de los {form.maximum:g} ", " ")
        )
    words = _without_whole(form, tuple(line.split()))
    if not words or len(words) > LONGEST or folded.has("?", "$", "/"):
        return None
    if folded.has("%"):
        return _within(form, form.maximum or 0) if _is_everything(form, words) else None
    if (value := _revised(words)) is not None or (value := _left(form, words)) is not None:
        return _within(form, value)
    if (value := _span(form, words)) is not None:
        return _within(form, value)
    bounded = not _BOUNDS.isdisjoint(words)
    for value in (_lasting(form, words), None if bounded else _share(form, words), _only_number(form, words)):
        if value is not None:
            return _within(form, value)
    return None


def _without_whole(form: Form, words: Words) -> Words:
    """«en cuatro de cinco» of five: without what the question itself says."""
    for place in range(1, len(words) - 1):
        if (
            words[place] == "de"
            and cardinal(words, place - 1)
            and cardinal(words, place + 1) == (form.maximum, place + 2)
        ):
            return words[:place] + words[place + 2 :]
    return words


def _is_everything(form: Form, words: Words) -> bool:
    """«en el 100 % de los casos», where what can be counted begins at none and has an end."""
    numbers = [value for value, *_ in cardinals(words, INDEFINITE) or ()]
    return numbers == [100] and form.minimum == 0 and form.maximum is not None and form.maximum < _FEW


def _is_bounded(words: Words, place: int, end: int) -> bool:
    """Whether a bound stands close to a number."""
    return not _BOUNDS.isdisjoint((*words[max(0, place - _CLOSE) : place], *words[end : end + 1]))


def _revised(words: Words) -> float | None:
    """«puse 3 pero bien contados son 2», «menos de diez, ponle ocho»: the number that the last verb gives."""
    found = [
        number[0]
        for place, word in enumerate(words)
        if word in _GIVES
        and (number := cardinal(words, place + 1))
        and words[place + 1] not in INDEFINITE
        and number[1] == len(words)
    ]
    others = sum(1 for place in range(len(words)) if words[place] not in INDEFINITE and cardinal(words, place))
    return found[-1] if len(found) == 1 and others > 1 and not {"o", "u", "no", "entre"} & set(words) else None


def _left(form: Form, words: Words) -> float | None:
    """«nomás a uno no lo dejé» of five: all but one; «casi todos» too."""
    if form.minimum != 0 or form.maximum is None or form.maximum >= _FEW:
        return None
    if words in (("casi", "todos"), ("casi", "a", "todos"), ("casi", "en", "todos"), ("casi", "con", "todos")):
        return form.maximum - 1
    found = [(number, place) for place in range(len(words)) if (number := cardinal(words, place))]
    if len(found) != 1:
        return None
    (value, end), place = found[0]
    led = place > 0 and (words[place - 1] in ("a", "en", "con") or "todos" in words[:place])
    denied = words[end : end + 1] == ("no",) and led
    return form.maximum - value if denied and value < form.maximum else None


def _span(form: Form, words: Words) -> float | None:
    """«de 9 a 9:20», «llegamos a las 10:05 y nos retiramos a las 10:25» where minutes are asked."""
    if asked_in(form.units) != 1:
        return None
    clocks = _CLOCK.findall(" ".join(words))
    numbers = [word for word in words if word[0].isdecimal()]
    if len(clocks) != _TWO or len(numbers) != _TWO or set(words) & _DENIES:
        return None
    if not any(minutes for _, minutes in clocks) and " ".join(words).count("las ") < _TWO:
        return None
    (start, begun), (end, done) = clocks
    minutes = (int(end) * 60 + int(done or 0) - int(start) * 60 - int(begun or 0)) % 720
    return minutes if 0 < minutes <= _LONGEST_SPAN else None


def _within(form: Form, value: float) -> Parsed | None:
    """A value that the question accepts."""
    if form.whole and value != int(value):
        return None
    if (form.minimum is not None and value < form.minimum) or (form.maximum is not None and value > form.maximum):
        return None
    stored = int(value) if value == int(value) else value
    return Parsed(stored, None, str(stored), RULE, SCORE)


def _lasting(form: Form, words: Words) -> float | None:
    """The only length of time that a reply speaks of, in the measure that the question counts."""
    asked = asked_in(form.units)
    if asked is None:
        return None
    found, place = list[float](), 0
    while place < len(words):
        length = lasting(words, place, asked)
        if length is not None:
            if _is_denied(words, place) or _is_bounded(words, place, length[1]):
                return None
            found.append(length[0])
        place = place + 1 if length is None else length[1]
    return found[0] if len(found) == 1 else None


def _share(form: Form, words: Words) -> float | None:
    """«la mitad» of ten; only where what can be counted begins at none and has an end."""
    if form.minimum != 0 or form.maximum is None or form.maximum >= _FEW or set(words) & _DENIES:
        return None
    found = {
        part
        for start in range(len(words))
        for said, part in _SHARES.items()
        if words[start : start + len(said)] == said
    }
    return found.pop() * form.maximum if len(found) == 1 and not any(cardinal((word,), 0) for word in words) else None


def _only_number(form: Form, words: Words) -> float | None:
    """«según yo fueron 3»: the only number of a reply, if nothing bounds it or makes it something else."""
    words = tuple(_ASIDE.sub(" ", " ".join(words)).split())
    found = cardinals(words, INDEFINITE)
    if found is None or len(found) != 1:
        return None
    value, place, end = found[0]
    if words[place] == "uno" and len(words) > _FEW_WORDS:
        return None  # «uno hace lo que puede»
    if _is_bounded(words, place, end) or words[end : end + 2] in _HALVES:
        return None
    before, after = words[place - 1] if place else "", words[end] if end < len(words) else ""
    if (
        before in _PLACES | _RATES | _REST
        or (len(before) == 1 and before not in _JOINS)
        or after in ("por", "no")
        or _is_denied(words, place)
        or whole(after) is not None
    ):
        return None
    return None if after in lex.MEASURES and after not in form.units else value


# -- an hour ------------------------------------------------------------------------------------------------------------


def _hour(times: Times, folded: Folded) -> Parsed | None:
    """«salgo tipo 7 de la noche»: the only hour that stands in a reply."""
    words = tuple(filter(is_word, folded.tokens))
    if len(words) > LONGEST or set(words) & (_DENIES | {"o", "u", "entre", "antes", "despues"}) or folded.has("?"):
        return None
    starts = [place for place in range(len(words)) if _begins_hour(words, place)]
    if len(starts) > _MOST_NUMBERS:
        return None
    found: list[Parsed] = []
    end = 0
    for place in starts:
        if place >= end and (read := _hour_at(times, words, place)) is not None:
            found.append(read[0])
            end = read[1]
    return replace(found[0], rule=RULE, score=SCORE) if len(found) == 1 else None


def _begins_hour(words: Words, place: int) -> bool:
    return words[place][0].isdecimal() or words[place] in _HOUR_WORDS or cardinal(words, place) is not None


def _hour_at(times: Times, words: Words, place: int) -> tuple[Parsed, int] | None:
    """The longest hour that begins at a place, and the place after it."""
    for end in range(min(place + _HOURS, len(words)), place, -1):
        part = words[place:end]
        read = times.read(Folded(" ".join(part), part, part))
        if isinstance(read, Parsed) and read.missing is None:
            return read, end
    return None

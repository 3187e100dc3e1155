"""Reading a number: digits or words, alone or with what they count; shares («3/5») and points of a scale.

A bound («más de 3»), a range, a choice («3 o 4»), an hour or a phone number is not the number asked for.
"""

import re
from dataclasses import dataclass, field

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import without
from app.flows.replies.durations import asked_in, lasting
from app.flows.replies.fold import Folded, fold, is_word
from app.flows.replies.forms import (
    AMBIGUOUS,
    NO_MATCH,
    OUT_OF_RANGE,
    Form,
    Option,
    Parsed,
    Reading,
)
from app.flows.replies.fuzzy import Speller, mending
from app.flows.replies.kin import family
from app.flows.replies.lexicon import Words
from app.flows.replies.missing import MISSING, missing_answer, missing_code
from app.flows.replies.numbers import SPELT, VOCABULARY, cardinal, cardinals, whole
from app.flows.replies.phrases import FILLER, Meaning, MeaningKind, Phrases, spelled_out

UNBOUNDED_DIGITS = 6
"""Without a maximum, a longer number is more likely a telephone or a badge number than an answer."""

_SHARE = re.compile(r"(\d{1,9})/(\d{1,9})")
_EUROPEAN = re.compile(r"(\d{1,3}(?:\.\d{3}){1,3}),(\d\d?)")
_DECIMAL = re.compile(r"(\d{1,9})[.,](\d\d?)")
_NO_CONTACTS = re.compile(r"(?:pues |la verdad )?no (?:tuve|tuvimos|he tenido)(?: ningun)? contactos?\b\D*$")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d\d?)?")
_HALF = "1/2"
_REFUSED_SIGNS = re.compile(r"[+<>^$=]|\d\s*-\s*\d|[a-z]\s*-\d|(?:^|\s)[.,]\d")
_BREAKS = frozenset((",", ".", ";", ":", "porque", "pero", "contando", "incluyendo", "sumando"))
_SIGNS = frozenset((",", ".", ";", ":"))
_ARTICLE = frozenset(("un", "una"))
_PRONOUN = frozenset(("un", "una", "uno"))
"""Behind a number these count nothing: «4, porque uno no quiso»."""
_WHOLE = frozenset(("todo", "toda"))
_CLAUSES = 3
_MANY = 20
"""«Todas» is the highest number where so few can be counted."""
_OUT_OF = ("de", "/", "sobre")
_FIXED = {("un", "par"): 2, ("par",): 2, ("media", "docena"): 6, ("una", "docena"): 12, ("docena",): 12}
_SAME_UNIT = tuple(
    tuple(line.split())
    for line in (
        "dia dias", "hora horas hr hrs", "minuto minutos min mins", "segundo segundos seg segs", "ano anos", "mes meses",
        "semana semanas", "km kms kilometro kilometros", "metro metros", "peso pesos varos", "litro litros", "kilo kilos",
    )
)  # fmt: skip
_COUNTED = frozenset((word,) for word in lex.UNITS - lex.MEASURES)
_POINT = (("punto",), ("coma",))
_ARTICLES = frozenset(lex.word_list("los las mis sus esos esas ellos ellas el la"))


def _phrases() -> Phrases:
    phrases = Phrases()
    for code, wordings in MISSING.items():
        phrases.add(wordings - lex.NONE, Meaning(MeaningKind.missing, code=code))
    for words, value in _FIXED.items():
        phrases.add([words], Meaning(MeaningKind.number, value))
    phrases.add(lex.ALL | {("en", "cada", "uno"), ("cada", "uno")}, Meaning(MeaningKind.all))
    phrases.add(lex.NONE | {("nunca",), ("jamas",), ("ninguna", "vez"), ("nunca", "jamas")}, Meaning(MeaningKind.none))
    phrases.add(lex.APPROXIMATE, FILLER)
    phrases.add([("no",)], Meaning(MeaningKind.hedge, code="no"))
    phrases.add(lex.NUMBER_VETOES, Meaning(MeaningKind.hedge))
    phrases.add([(word,) for word in lex.UNITS | lex.MEASURES], FILLER)
    phrases.add(
        [
            ("aplique",),
            ("aplicamos",),
            ("total",),
            ("por", "todo"),
            ("si",),
            ("claro",),
            ("sola",),
            ("solos",),
            ("solas",),
            ("hoy",),
            ("siempre",),
            ("todavia",),
            ("aun",),
            ("este", "mes"),
            ("este", "ano"),
            ("esta", "semana"),
        ],
        FILLER,
    )
    phrases.add(lex.FILLERS, FILLER)
    return phrases


_PHRASES = _phrases()
_MENDED_TOO = frozenset(("anos", "llevo", "turnos", "veces"))
"""Words beside numbers that slips are mended to, as to numbers: «añoss», «llebo»."""
_SPELLER = Speller(
    SPELT | {word for words in lex.ALL | lex.NONE for word in words if len(word) > 4} | _MENDED_TOO,
    (_PHRASES.vocabulary() | lex.REAL_WORDS | VOCABULARY) - _MENDED_TOO,
)


_ALL = frozenset(("todos", "todas"))
_OTHERS = frozenset(("otros", "otras", "demas"))
_EXCEPT = frozenset(("menos", "excepto", "salvo"))
_LASTED = frozenset(lex.word_list(
    "duro duramos tarde tardamos tardo tardaron estuve estuvimos estuvo fueron fue llevo llevamos echamos eche tomo pasaron paso hicimos"
    " hice con calculo dilato dilatamos dilate duraria aventamos avente quedamos"
))  # fmt: skip
_SPOILS = frozenset(lex.word_list(
    "no ni menos mas hasta casi cada antes despues entre o u maximo minimo contesto respondo espereme deme dame pierdo acabo regreso"
    " termino reporto aviso marco llamo"
))  # fmt: skip


_HAVE_NONE = (
    ("no", "tengo"),
    ("no", "tuve"),
    ("no", "hubo"),
    ("no", "hice"),
    ("no", "he", "tenido"),
    ("no", "tuvimos"),
)
_LONGEST_TOLD = 20
_SIGNED = frozenset("%-+")
_NAMED = 2
_LENGTHS = frozenset(map(family, ("minutos", "horas", "segundos")))
"""A length of time is said in more ways than a count: it is read, or asked about, by what is for it."""
_NO = frozenset(("no", "ni", "sin", "nunca"))
_NOT_TOLD = frozenset(lex.word_list(
    "o u contesto contestar respondo espereme espere deme dame luego rato mensaje mensajes pregunta encuesta perdon digo mejor corrijo quiza quizas depende min"
))  # fmt: skip
_VETOES = frozenset(
    lex.word_list(
        "mas menos hasta casi maximo minimo antes despues cada entre ni o u arriba abajo medio media punto por otro otros"
    )
)
_OF_OTHERS = frozenset(
    lex.word_list("de x descanso descanse descansamos descansando dormi las los cada por numero unidad sector zona la")
)
_CLOCKS = (("a", "las"), ("a", "la"))
_LEADS_TO = frozenset(
    lex.word_list("ya apenas voy cumpli tengo hice hicimos fueron puros me tocaron toco echamos eche")
)


def _is_halved(words: Words, end: int) -> bool:
    """«3 años y medio», «3 y medio»."""
    return any(word in ("medio", "media", "cuarto") for word in words[end : end + 3])


def _is_left_alone(words: Words, place: int, end: int) -> bool:
    """Whether a number counts nothing: a clause ends behind it, or it is so many shifts of so many hours («6 de 12 hrs»)."""
    after = words[end : end + 1]
    if place and words[place - 1] in ("en", "un", "una"):
        return False
    if (
        not after
        or after[0] in _SIGNS
        or words[end : end + 2] in _THIS
        or words[end : end + 2] in (("y", "un"), ("y", "una"), ("todos", "los"), ("todas", "las"))
    ):
        return words[place] != "uno" or not after or after[0] in _SIGNS
    of = cardinal(words, end + 1) if after[0] == "de" else None
    return of is not None and words[of[1] : of[1] + 1] in _SHIFT_HOURS


_THIS = tuple([(this, unit) for this in ("este", "esta") for unit in ("mes", "semana", "ano", "turno", "dia")])
_SHIFT_HOURS = (("hrs",), ("horas",), ("hr",), ("x",))


def _counted_in(asked: Words) -> tuple[frozenset[str], frozenset[str]]:
    """The families of what a question counts and of its verb: «turnos» and «trabajó» of «¿cuántos turnos trabajó?»."""
    at = next((at for at, word in enumerate(asked) if word in ("cuantos", "cuantas")), len(asked))
    verb = at + 2 + (asked[at + 2 : at + 3] in _AUXILIARIES)
    return frozenset(map(family, asked[at + 1 : at + 2])), frozenset(map(family, asked[verb : verb + 1]))


_AUXILIARIES = (("ha",), ("han",), ("he",))


def _fills(word: str) -> bool:
    meaning = _PHRASES.meanings.get((word,))
    return meaning is not None and meaning.what is MeaningKind.filler


@dataclass(slots=True)
class NumberScan:
    """The findings of a walk through a reply: the values, and whether something spoils them."""

    values: list[float] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    spoilt: bool = False
    negated: bool = False
    alien: bool = False
    worded: bool = False
    figures: bool = False
    score: float = 1.0

    @property
    def figured(self) -> bool:
        """Whether a number has come."""
        return self.worded or self.figures


class Quantity:
    """Reads the number that one form asks for."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.unit = asked_in(form.units)
        self.nouns, self.verbs = _counted_in(form.asked)
        self.foreign = lex.MEASURES - {other for unit in form.units for other in _forms_of(unit)}

    def read(self, folded: Folded) -> Reading:
        """The number meant, or a missing code."""
        if _REFUSED_SIGNS.search(folded.line) or folded.has("?"):
            return AMBIGUOUS if "-" in folded.line else NO_MATCH
        if (code := missing_code(folded)) is not None:
            return missing_answer(self.form, code)
        if "n" in self.form.missing and _NO_CONTACTS.match(folded.line):
            return missing_answer(self.form, "n")
        if folded.words in _HAVE_NONE and self.form.minimum == 0:
            return self._bounded(0, NumberScan(worded=True, score=0.8))
        tokens = without(spelled_out(folded.tokens), self.form.asked)
        found = mending(lambda words, _: self._plainly(words), tokens, _PHRASES, _SPELLER)
        if isinstance(found, Parsed):
            return found
        return self._told(tokens) or self._as_asked(spelled_out(folded.tokens)) or found

    def _as_asked(self, tokens: Words) -> Parsed | None:
        """«4 turnos de 12», «trabajé 5 y descansé 2», «21 años, ya casi me jubilo»: the number that counts what was asked, or else the only
        one that counts nothing else."""
        words = tuple([word for word in tokens if is_word(word) or word in _SIGNS])
        if (
            not self.nouns.isdisjoint(_LENGTHS)
            or len(words) > _LONGEST_TOLD
            or not _NOT_TOLD.isdisjoint(words)
            or not _SIGNED.isdisjoint(tokens)
        ):
            return None
        numbers = cardinals(words, _ARTICLE)
        if numbers is None or any(word.isdecimal() and len(word) > UNBOUNDED_DIGITS for word in words):
            return None
        told = [(self._weight(words, place, end), value, place, end) for value, place, end in numbers]
        chosen = [one for one in told if one[0]]
        best = max((weight for weight, *_ in chosen), default=0)
        if len({value for _, value, *_ in chosen}) != 1 or (best < _NAMED and len(chosen) > 1):
            return None
        _, value, place, end = next(one for one in chosen if one[0] == best)
        if best < _NAMED and not (all(map(self._may_lead, words[:place])) and _is_left_alone(words, place, end)):
            return None
        near = (*words[max(0, place - 3) : place], *words[end : end + 1])
        if not _VETOES.isdisjoint(near) or any(word in _NO for word in words[:place]) or _is_halved(words, end):
            return None
        return self._exactly(value)

    def _weight(self, words: Words, place: int, end: int) -> int:
        """2 for a number of what was asked, or behind the verb of the question, 1 for one that counts nothing else, 0 for the others."""
        before, after = words[place - 1 : place], words[end : end + 1]
        if before and (before[0] in _OF_OTHERS or words[max(0, place - 2) : place] in _CLOCKS):
            return 0
        if after and family(after[0]) in self.nouns:
            return _NAMED
        if after and (after[0] == "x" or after[0] in lex.MEASURES or (after[0] in lex.UNITS and self.nouns)):
            return 0
        return _NAMED if before and family(before[0]) in self.verbs and words[place] != "uno" else 1

    def _may_lead(self, word: str) -> bool:
        if word in lex.UNITS | lex.MEASURES or word == "el":
            return family(word) in self.nouns
        return word in _SIGNS or _fills(word) or word in _LEADS_TO or family(word) in self.verbs

    def _told(self, tokens: Words) -> Parsed | None:
        """«en todos menos uno», and «tardamos 35 minutos con las dos»: the only length of time in a story of how long it took."""
        words = tuple(filter(is_word, tokens))
        value = self._all_but(words)
        if value is None and self.unit is not None and not _LASTED.isdisjoint(words) and _SPOILS.isdisjoint(words):
            value = self._only_length(words)
        return None if value is None else self._exactly(value)

    def _exactly(self, value: float) -> Parsed | None:
        found = self._bounded(value, NumberScan(worded=True, score=0.8))
        return found if isinstance(found, Parsed) else None

    def _all_but(self, words: Words) -> float | None:
        """«todos menos uno», «con todos excepto dos» of five."""
        most = self.form.maximum
        if self.form.minimum != 0 or most is None or most >= _MANY:
            return None
        at = next((at for at in range(len(words) - 2) if words[at] in _ALL and words[at + 1] in _EXCEPT), None)
        number = None if at is None else cardinal(words, at + 2)
        if at is None or number is None or not all(_fills(word) for word in words[:at]):
            return None
        others = any(cardinal(words, place) for place in range(number[1], len(words)))
        return None if others or number[0] >= most else most - number[0]

    def _only_length(self, words: Words) -> float | None:
        """The only length of time in a reply whose other numbers count something else."""
        found, place = list[float](), 0
        while place < len(words):
            if self.unit is not None and (length := lasting(words, place, self.unit)) is not None:
                found.append(length[0])
                place = length[1]
            elif (number := cardinal(words, place)) is not None and words[place] not in _ARTICLE:
                counted = words[number[1] : number[1] + 1] in _COUNTED
                if not counted and not (place and words[place - 1] in ("las", "los", "unidad")):
                    return None
                place = number[1]
            else:
                place += 1
        return found[0] if len(found) == 1 else None

    def _plainly(self, tokens: Words) -> Reading:
        whole_reply = self._walk(tokens)
        if not whole_reply.alien:
            return self._settled(whole_reply)
        ends = [
            end
            for end, token in enumerate(tokens)
            if token in _BREAKS or (token in ("los", "las") and not _OTHERS.isdisjoint(tokens[end + 1 : end + 2]))
        ]
        for end in ends[:_CLAUSES]:
            head = self._walk(tokens[:end])
            if head.values and not head.alien:
                return self._settled(head) if self._agrees(self._but_the_others(tokens[end:], head)) else AMBIGUOUS
        if (closing := self._closing(tokens)) is not None:
            return closing
        return AMBIGUOUS if whole_reply.spoilt and whole_reply.values else NO_MATCH

    def _closing(self, tokens: Words) -> Reading | None:
        """«deje hago cuentas... fueron 3»: a story without a number, and then the number."""
        start = max((end for end, token in enumerate(tokens) if token in _SIGNS), default=0)
        tail, head = (
            self._walk(tokens[start:]),
            self._walk(tuple([word for word in tokens[:start] if word not in _ARTICLE])),
        )
        plain = len(tail.values) == 1 and not (tail.alien or tail.spoilt or tail.negated or tail.codes)
        return self._settled(tail) if plain and not (head.values or head.codes or head.spoilt or head.negated) else None

    def _but_the_others(self, tail: Words, head: NumberScan) -> Words:
        """«en 3, porque en los otros dos traía prisa» of five: the others make up the whole."""
        for place, word in enumerate(tail):
            rest = cardinal(tail, place + 1) if word in _OTHERS else None
            if rest is not None and {value + rest[0] for value in head.values} == {self.form.maximum}:
                return tail[:place] + tail[rest[1] :]
        return tail

    def _agrees(self, tail: Words) -> bool:
        """Whether what follows a number brings neither another nor a doubt."""
        walked = self._walk(tuple([word for word in tail if word not in _PRONOUN | _WHOLE]))
        first = next(filter(is_word, tail), "")
        return not walked.values and not walked.codes and first not in lex.CORRECTS

    def _walk(self, tokens: Words) -> NumberScan:
        found, place = NumberScan(), 0
        while place < len(tokens):
            place = self._step(tokens, place, found)
        return found

    def _step(self, tokens: Words, place: int, found: NumberScan) -> int:
        token = tokens[place]
        if not is_word(token):
            return self._sign(tokens, place, found)
        if token in ("un", "una", "unos", "unas") and place + 1 < len(tokens) and tokens[place + 1].isdecimal():
            return place + 1
        if self.unit is not None and (length := lasting(tokens, place, self.unit)) is not None:
            value, end = length
            found.values.append(value)
            found.worded = found.worded or not token.isdecimal()
            found.figures = found.figures or token.isdecimal()
            return end
        if token[0].isdecimal() and not token.isdecimal():
            return self._literal(token, place, found)
        meaning = _PHRASES.at(tokens, place)
        number = cardinal(tokens, place)
        if number is not None and (meaning is None or meaning[1] <= number[1]) and not _is_fixed(meaning):
            return self._number(tokens, place, number, found)
        if meaning is None:
            found.alien = True
            return place + 1
        if meaning[0].what is MeaningKind.none and (of := self._denominator(tokens, meaning[1])) is not None:
            self._share(0, of[0], found)
            found.worded = True
            return of[1]
        before_figures = place + 1 < len(tokens) and tokens[place + 1].isdecimal()
        if token in self.foreign and (found.figured or before_figures):
            found.alien = True  # «5 min», «km 5» to how many times
        self._mean(meaning[0], found)
        return meaning[1]

    def _sign(self, tokens: Words, place: int, found: NumberScan) -> int:
        """A minus glued to the first number, and a percentage of a hundred, mean something; commas do not."""
        token, last = tokens[place], len(tokens) - 1
        if token == "%" and not (found.values and self.form.maximum == 100):
            found.spoilt = found.alien = True
        if token == "-" and place == 0 and last >= 1 and (value := whole(tokens[1])) is not None:
            found.values.append(-value)
            return 2
        return place + 1

    def _literal(self, token: str, place: int, found: NumberScan) -> int:
        if _THOUSANDS.fullmatch(token):
            found.values.append(float(token.replace(",", "")))
        elif european := _EUROPEAN.fullmatch(token):
            found.values.append(float(f"{european[1].replace('.', '')}.{european[2]}"))
        elif share := _SHARE.fullmatch(token):
            self._share(int(share[1]), int(share[2]), found)
        elif decimal := _DECIMAL.fullmatch(token):
            found.values.append(float(f"{decimal[1]}.{decimal[2]}"))
        else:
            found.alien = True
        return place + 1

    def _share(self, part: float, of: float, found: NumberScan) -> None:
        """«3/5» is three only where five is what there was."""
        if self.form.maximum == of:
            found.values.append(part)
        else:
            found.alien = True

    def _number(self, tokens: Words, place: int, number: tuple[int, int], found: NumberScan) -> int:
        value, end = number
        # «la 3», «el 5» names one, it counts nothing.
        found.spoilt = found.spoilt or (place > 0 and tokens[place - 1] in ("la", "el"))
        found.worded = found.worded or not tokens[place].isdecimal()
        found.figures = found.figures or tokens[place].isdecimal()
        if tokens[place].isdecimal() and len(tokens[place]) > UNBOUNDED_DIGITS and self.form.maximum is None:
            found.alien = True
            return end
        if tokens[end : end + 2] in (("y", "medio"), ("y", "media")):
            found.values.append(value + 0.5)
            return end + 2
        if tokens[end : end + 1] == (_HALF,):
            found.values.append(value + 0.5)
            return end + 1
        if tokens[end : end + 1] in _POINT and (tenths := cardinal(tokens, end + 1)) and tenths[0] < 10:
            found.values.append(value + tenths[0] / 10)
            return tenths[1]
        counted = end + (tokens[end : end + 1] in _COUNTED)
        if (of := self._denominator(tokens, counted)) is not None:
            self._share(value, of[0], found)
            return of[1]
        if tokens[end : end + 1] == ("docenas",):
            found.values.append(12 * value)
            return end + 1
        found.values.append(value)
        return end

    def _denominator(self, tokens: Words, place: int) -> tuple[int, int] | None:
        """«de 5», «de los cinco» after a number."""
        if place >= len(tokens) or tokens[place] not in _OUT_OF:
            return None
        place += 1
        while place < len(tokens) and tokens[place] in _ARTICLES:
            place += 1
        return cardinal(tokens, place)

    def _mean(self, meaning: Meaning, found: NumberScan) -> None:
        match meaning.what:
            case MeaningKind.number:
                found.values.append(meaning.index)
                found.worded = True
            case MeaningKind.none:
                found.values.append(0)
                found.worded = True
            case MeaningKind.all if self.form.minimum == 0 and (highest := self.form.maximum or _MANY) < _MANY:
                found.values.append(highest)
                found.worded = True
            case MeaningKind.hedge if meaning.code == "no":
                found.negated = True
            case MeaningKind.all | MeaningKind.hedge:
                found.spoilt = True
            case MeaningKind.missing:
                found.codes.add(meaning.code)
            case _:
                pass

    def _settled(self, found: NumberScan) -> Reading:
        values = set(found.values)
        # «3 tres» says it twice; «2 y 2» does not.
        repeated = len(found.values) > 1 + (found.worded and found.figures)
        if found.spoilt or repeated or (found.negated and values != {0}) or len(values) > 1 or (values and found.codes):
            return AMBIGUOUS if values else NO_MATCH
        if found.codes:
            return missing_answer(self.form, min(found.codes)) if len(found.codes) == 1 else NO_MATCH
        return self._bounded(values.pop(), found) if values else NO_MATCH

    def _bounded(self, value: float, found: NumberScan) -> Reading:
        form = self.form
        if form.whole and value != int(value):
            return NO_MATCH
        if (form.minimum is not None and value < form.minimum) or (form.maximum is not None and value > form.maximum):
            return OUT_OF_RANGE
        stored = int(value) if value == int(value) else value
        return Parsed(stored, None, str(stored), "number_word" if found.worded else "number", found.score)


def _is_fixed(meaning: tuple[Meaning, int] | None) -> bool:
    return meaning is not None and meaning[0].what in (MeaningKind.number, MeaningKind.none, MeaningKind.hedge)


def _forms_of(unit: str) -> tuple[str, ...]:
    """A measure with its plural and its short forms."""
    return next((forms for forms in _SAME_UNIT if unit in forms), (unit,))


def measures_in(text: str) -> tuple[str, ...]:
    """The measures that a question names, in order."""
    return tuple(dict.fromkeys(word for word in fold(text).words if word in lex.MEASURES))


def points(form: Form) -> tuple[Option, ...]:
    """Every point of a scale as an option: the labelled ones as given, the others by their number."""
    lowest = int(form.minimum if form.minimum is not None else 1)
    highest = int(form.maximum if form.maximum is not None else 5)
    labelled = {int(option.value): option for option in form.options if isinstance(option.value, int | float)}
    return tuple(labelled.get(point) or Option(str(point), str(point), point) for point in range(lowest, highest + 1))


def undivided(folded: Folded, maximum: float | None) -> Folded:
    """A scale's reply without its denominator: «4/5» and «4 de 5» are 4 where 5 is the highest point."""
    tokens, words = list(folded.tokens), folded.tokens
    for place, token in enumerate(words):
        if (share := _SHARE.fullmatch(token)) and int(share[2]) == maximum:
            tokens[place] = share[1]
        elif token in _OUT_OF and place and cardinal(words, place - 1) and (of := cardinal(words, place + 1)):
            if of[0] == maximum:
                del tokens[place : of[1]]
            break
    kept = tuple(tokens)
    return Folded(folded.line, kept, tuple(filter(is_word, kept)), folded.accented) if kept != words else folded

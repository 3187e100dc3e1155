"""Reading an hour of the day: «7 de la noche», «19:00», «siete y media pm», «cuarto para las 8 de la mañana».

A bare «7» or «a las 7» may be morning or evening and is `ambiguous`; the 24-hour clock («19», «07», «7 hrs», «7:00») and
what names a part of the day are not.
"""

import re
from dataclasses import dataclass, field, replace

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import plain_words, without
from app.flows.replies.fold import Folded, is_word
from app.flows.replies.forms import (
    AMBIGUOUS,
    NO_MATCH,
    OUT_OF_RANGE,
    Form,
    Parsed,
    Reading,
)
from app.flows.replies.fuzzy import Speller, mending
from app.flows.replies.kin import family
from app.flows.replies.lexicon import Words
from app.flows.replies.missing import missing_answer, missing_code
from app.flows.replies.numbers import VOCABULARY, cardinal
from app.flows.replies.phrases import FILLER, Meaning, MeaningKind, Phrases, spelled_out

_PARTS = {
    "am": "am m|a m|am", "pm": "pm|p m", "night": "de la noche|en la noche|por la noche|la noche|noche",
    "afternoon": "de la tarde|en la tarde|por la tarde|la tarde|tarde",
    "morning": "de la manana|en la manana|por la manana|la manana", "day": "del dia|de dia|del mediodia|del medio dia",
    "dawn": "de la madrugada|en la madrugada|por la madrugada|la madrugada|madrugada", "clock": "hrs|hr|hs|h|horas",
}  # fmt: skip
_FITTING = {
    "am": (),
    "morning": (),
    "dawn": (),
    "day": range(13, 19),
    "afternoon": range(13, 21),
    "night": range(18, 25),
}
_CODED = {
    "Y": "y|con",
    "K": "cuarto|un cuarto",
    "M": "media",
    "P": "para|pa",
    "a": "a|al|hasta",
    "Z": "medianoche|media noche",
    "D": "mediodia|medio dia",
}
_LASTING = frozenset(
    lex.word_list("en unas unos cada durante como son fueron eran aprox aproximadamente trabajo de por las")
)
_SPANS = frozenset(lex.word_list("hora horas hr hrs min minutos dias"))
_LITERAL = re.compile(r"(\d{1,2})[:.](\d\d)(?:[:.][0-5]\d)?")
_NOISE = "apenas|faltando|faltaban|faltaba|turno|mi turno|hasta|hoy|ayer|antier|anoche|eso|eso de|como|punto|en punto|aprox|aproximadamente|mas o menos|alrededor|cerca|fueron|eran|min|minutos|hora|bien|que"
_PATTERN = re.compile(
    r"a?(?:(?P<literal>T)|(?P<noon>D)|(?P<midnight>Z)"
    r"|(?P<before>[NK])Pa?(?P<to>N)|(?P<hour>N)(?:Y(?P<past>[NMK])|(?P<minutes>N))?)"
)


def _phrases() -> Phrases:
    phrases = Phrases()
    for code, texts in (_PARTS | _CODED).items():
        phrases.add([tuple(text.split()) for text in texts.split("|")], Meaning(MeaningKind.number, code=code))
    phrases.add([tuple(text.split()) for text in _NOISE.split("|")], FILLER)
    phrases.add((lex.HEDGES | lex.EITHER) - {("mas", "o", "menos")}, Meaning(MeaningKind.hedge))
    phrases.add(lex.FILLERS, FILLER)
    return phrases


_PHRASES = _phrases()
_TARGETS = {word for word in VOCABULARY if len(word) > 4} | {
    "noche",
    "tarde",
    "manana",
    "madrugada",
    "mediodia",
    "medianoche",
}
_ENDS = frozenset(lex.word_list(
    "termine terminamos termino sali salimos salgo salimos saliendo salida acabe acabamos acabando entregue entregamos entregando libre liberaron relevaron"
    " relevo quede desocupe"
))  # fmt: skip
_BEGINS = frozenset(lex.word_list(
    "entre entramos entro entrada empece empezamos inicie iniciamos comence comenzamos llegue llegamos entrando"
))  # fmt: skip
_STOPS = frozenset(lex.word_list(
    "no ni nunca o u antes despues contesto contestar respondo marco llamo escribo regreso mensaje tenia debia deberia"
))  # fmt: skip
_OPENS = frozenset(lex.word_list("a las la mediodia medianoche cuarto medio media faltando"))
_COUNTED = frozenset((word,) for word in lex.UNITS)
_JOINED = {"alas": ("a", "las"), "ala": ("a", "la")}
_NEAR = 4
"""The words between «salí» and its hour: «salí hasta como a las 9»."""
_MOST_NUMBERS = 4
LONGEST_HOUR = 6
"""Words that an hour takes at most."""


def _verbs(asked: Words) -> tuple[frozenset[str], frozenset[str]]:
    """The verbs that say what a question asks, and those that say the contrary; none for other questions."""
    if any(word.startswith(("termin", "sali", "acab", "concluy")) for word in asked):
        return _ENDS, _BEGINS
    if any(word.startswith(("entra", "entro", "empez", "empiez", "inici", "comenz", "comienz")) for word in asked):
        return _BEGINS, _ENDS
    return frozenset(), frozenset()


_SPELLER = Speller(_TARGETS, (_PHRASES.vocabulary() | VOCABULARY | lex.REAL_WORDS) - _TARGETS)


@dataclass(slots=True)
class Clock:
    """The hour that a reply states: a sentence of signs (N a number, T a literal time…) and their numbers in order."""

    code: str = ""
    numbers: list[tuple[int, str]] = field(default_factory=list)
    literal: tuple[int, int] = (0, 0)
    part: str = ""
    spoilt: bool = False


class Times:
    """Reads the hour that one form asks for."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.asked = {family(word) for word in plain_words(form.asked)}
        self.verbs, self.others = _verbs(form.asked)

    def read(self, folded: Folded) -> Reading:
        """The hour meant, as `HH:MM`."""
        if folded.has("?", "+", "<", ">", "%", "^"):
            return NO_MATCH
        if (code := missing_code(folded)) is not None:
            return missing_answer(self.form, code)
        tokens = spelled_out(_unglued(folded.tokens))
        words = tuple(filter(is_word, tokens))
        if words[:1] == ("hace",) or _is_duration(words):
            return NO_MATCH
        words = tuple([part for word in words for part in _JOINED.get(word, (word,))])
        words = _without_day(words)
        plain = tuple(
            [
                word
                for word in without(words, self.form.asked)
                if word not in self.verbs and family(word) not in self.asked
            ]
        )
        found = mending(lambda words, _: self._read(words), plain, _PHRASES, _SPELLER)
        return found if isinstance(found, Parsed) else self._told(words) or self._headed(tokens) or found

    def _headed(self, tokens: Words) -> Parsed | None:
        """«6:30 am, hay que llegar al pase de lista»: an hour in the first clause, and behind it nothing of another one."""
        end = next((at for at, token in enumerate(tokens) if at and token in _CLAUSE_ENDS), None)
        if end is None:
            return None
        head = _without_day(tuple(filter(is_word, tokens[:end])))
        tail = tuple(filter(is_word, tokens[end:]))
        if not head or not _TAKES_BACK.isdisjoint(tail) or any(_numbers(tail, at) for at in range(len(tail))):
            return None
        found = mending(
            lambda words, _: self._read(words),
            tuple([word for word in without(head, self.form.asked) if word not in self.verbs]),
            _PHRASES,
            _SPELLER,
        )
        return replace(found, score=0.8) if isinstance(found, Parsed) else None

    def _told(self, words: Words) -> Parsed | None:
        """«entré a las 7 de la mañana y salí a las 8 de la noche»: the hour of what was asked, in a story; or the hour that a story
        without another number begins with."""
        if not self.verbs or not words:
            return None
        found = {
            read.value: read
            for place, word in enumerate(words)
            if word in self.verbs and _STOPS.isdisjoint(words[max(0, place - 2) : place])
            if (read := self._soon(words, place + 1)) is not None
        }
        if not found and _STOPS.isdisjoint(words) and self.others.isdisjoint(words):
            start = next((at for at, word in enumerate(words) if _numbers(words, at) or not _fills(word)), 0)
            return self._soon(words[: start + LONGEST_HOUR * 4], start) if _numbers(words, start) else None
        return found.popitem()[1] if len(found) == 1 else None

    def _soon(self, words: Words, start: int) -> Parsed | None:
        """The hour that stands near behind a place, where no other number follows before the next verb."""
        for place in range(start, min(start + _NEAR, len(words))):
            if (told := hour_at(self, words, place)) is None:
                if words[place] in self.others or words[place] in _STOPS:
                    return None
                continue
            read, end = told
            following = next((at for at in range(end, len(words)) if words[at] in self.verbs | self.others), len(words))
            others = [at for at in range(end, following) if _numbers(words, at)]
            return None if others or words[end : end + 1] in (("o",), ("u",)) else replace(read, score=0.8)
        return None

    def plainly(self, words: Words) -> Reading:
        """The hour that words are, if they are nothing else."""
        return (
            self._read(words)
            if (not _is_duration(words) and words[0] in _OPENS | VOCABULARY) or words[0][0].isdecimal()
            else NO_MATCH
        )

    def _read(self, words: Words) -> Reading:
        clock, place = Clock(), 0
        while place < len(words):
            place = _step(words, place, clock)
        match = _PATTERN.fullmatch(clock.code)
        if match is None or clock.spoilt:
            return AMBIGUOUS if clock.code.count("N") + clock.code.count("T") > 1 else NO_MATCH
        if match["minutes"] and not _is_minutes(*clock.numbers[1]):
            return AMBIGUOUS
        hour, minute, day_clock = _hands(match, clock)
        return _told(hour, minute, clock.part, day_clock)


_CLAUSE_ENDS = frozenset(",;.")
_TAKES_BACK = frozenset(
    lex.word_list("no o u perdon digo mejor mentira corrijo contesto respondo luego quiza quizas depende creo")
)
_DAYS = frozenset(lex.word_list("manana hoy ayer antier lunes martes miercoles jueves viernes sabado domingo"))


def _without_day(words: Words) -> Words:
    """«mañana a las 6:30»: the day is not what was asked."""
    rest = words[1:] if words[:1] == ("el",) else words
    if rest[:1] and rest[0] in _DAYS and rest[1:2] in (("a",), ("como",), ("alas",)):
        return rest[1:]
    return words


def _fills(word: str) -> bool:
    """Whether a word may stand before an hour: «ya eran como a las»."""
    meaning = _PHRASES.meanings.get((word,))
    return meaning is not None and (meaning.what is MeaningKind.filler or meaning.code == "a")


def _numbers(words: Words, place: int) -> bool:
    """Whether a number stands there that counts nothing: «2 servicios» counts."""
    if _LITERAL.fullmatch(words[place]):
        return True
    number = None if words[place] in ("un", "una", "uno") else cardinal(words, place)
    return number is not None and words[number[1] : number[1] + 1] not in _COUNTED


def hour_at(times: Times, words: Words, place: int) -> tuple[Parsed, int] | None:
    """The longest hour that begins at a place, and the place after it."""
    for end in range(min(place + LONGEST_HOUR, len(words)), place, -1):
        if isinstance(read := times.plainly(words[place:end]), Parsed):
            return read, end
    return None


def _is_duration(words: Words) -> bool:
    """«8 horas», «unas 12 horas», «en 2 horas» last; «a las 8 horas», «19 horas», «07 horas» and «8 hrs» name an hour."""
    start = next((place for place, word in enumerate(words) if word not in _LASTING), len(words))
    if words[start - 1 : start] in (("en",), ("unas",), ("unos",), ("cada",), ("durante",)) and words[-1:] != (
        "punto",
    ):
        return words[-1] in _SPANS
    number = cardinal(words, start)
    if number is None or words[number[1] : number[1] + 1] not in (("horas",), ("hora",)):
        return False
    return (
        not (12 < number[0] < 24)
        and not words[start].startswith("0")
        and words[start] != "cero"
        and len(words[start]) < 4 + 10 * words[start].isalpha()
    )


def _unglued(tokens: Words) -> Words:
    """«7a.m.» and «7h» are folded like ordinals; here they are a number and letters."""
    out: list[str] = []
    for token in tokens:
        digits = token.rstrip("abcdefghijklmnopqrstuvwxyz")
        out.extend((digits, token[len(digits) :]) if digits and digits != token and digits.isdecimal() else (token,))
    return tuple(out)


def _step(words: Words, place: int, clock: Clock) -> int:
    word = words[place]
    if literal := _LITERAL.fullmatch(word):
        clock.code += "T"
        clock.literal = int(literal[1]), int(literal[2])
        return place + 1
    found = _PHRASES.at(words, place)
    number = cardinal(words, place)
    if number is not None and (found is None or found[0].what is not MeaningKind.number):
        clock.code += "N"
        clock.numbers.append((number[0], word))
        return number[1]
    if found is None:
        clock.spoilt = True
        return place + 1
    meaning, end = found
    match meaning.what:
        case MeaningKind.number if meaning.code in _PARTS:
            clock.spoilt = clock.spoilt or clock.part not in ("", meaning.code)
            clock.part = meaning.code
        case MeaningKind.number if not (meaning.code == "a" and clock.code == "" and clock.part):
            clock.code += meaning.code
        case MeaningKind.hedge:
            clock.spoilt = True
        case _:
            pass
    return end


def _hands(match: re.Match[str], clock: Clock) -> tuple[int, int, bool]:
    """Hour, minute, and whether they were written as on a 24-hour clock."""
    if match["literal"]:
        return *clock.literal, True
    if match["noon"] or match["midnight"]:
        return (12 if match["noon"] else 0), 0, True
    if match["before"]:
        minutes = 15 if match["before"] == "K" else clock.numbers[0][0]
        hour = clock.numbers[-1][0]
        return (hour - 1, 60 - minutes, False) if hour > 1 else (hour + 11, 60 - minutes, False)
    hour, text = clock.numbers[0]
    zeroed = len(text) == 2 and text.startswith("0")
    if match["past"] in ("M", "K"):
        return hour, 30 if match["past"] == "M" else 15, False
    if len(clock.numbers) > 1:
        return hour, clock.numbers[1][0], zeroed
    if text.isdecimal() and len(text) in (3, 4):
        return hour // 100, hour % 100, len(text) == 4
    return hour, 0, zeroed


def _is_minutes(value: int, text: str) -> bool:
    """«7 30» and «7 05» are times; «7 8» is two hours."""
    return value >= 10 or text.startswith("0")


def _told(hour: int, minute: int, part: str, day_clock: bool) -> Reading:
    if not 0 <= minute <= 59 or not 0 <= hour <= 24 or (hour == 24 and minute):
        return OUT_OF_RANGE
    resolved = _hour(hour, part, day_clock)
    if resolved is None:
        return AMBIGUOUS
    text = f"{resolved % 24:02d}:{minute:02d}"
    sure = bool(part) or hour > 12 or hour == 0
    return Parsed(text, None, text, "time", 0.95 if sure else 0.8)


def _hour(hour: int, part: str, day_clock: bool) -> int | None:
    """The hour on a 24-hour clock; None if the part of the day is missing or does not fit."""
    if hour > 12 or hour == 0 or part == "clock":
        return hour if hour == 0 or hour in _FITTING.get(part, range(25)) else None
    match part:
        case "am" | "dawn" if part == "am" or hour in (12, *range(1, 7)):
            return hour % 12
        case "pm":
            return hour % 12 + 12
        case "night" if hour >= 6:
            return hour + 12
        case "afternoon" if hour in (12, *range(1, 9)):
            return hour % 12 + 12
        case "morning" if hour < 12:
            return hour
        case "day" if hour >= 10:
            return hour
        case "":
            return hour if day_clock else None
        case _:
            return None

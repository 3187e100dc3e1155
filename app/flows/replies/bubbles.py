"""Quick messages one after another, of which only the first could answer: what a later one means for the answer before it.

Pure: the same texts always give the same meaning, and no text raises."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.flows.replies import paraphrases
from app.flows.replies.fold import fold, phrase
from app.flows.replies.forms import AnswerKind, Parsed, is_open
from app.flows.replies.lexicon import Words
from app.flows.replies.message import ActKind, Purpose
from app.flows.replies.numbers import cardinal
from app.flows.replies.phrases import spelled_out
from app.flows.replies.reader import Reader
from app.flows.replies.understanding import Understood, understand


class BubbleKind(StrEnum):
    """The effect of a further message on the answer before it."""

    nothing = "nothing"  # courtesy, an emoji, or talk that says no more
    same = "same"
    detail = "detail"
    correction = "correction"
    taken_back = "taken_back"  # together they are no answer: «no», «vengo manejando»


@dataclass(frozen=True, slots=True)
class Bubble:
    """A further message. `parsed` and `text` are the answer that counts now, where it is a correction; `is_said` tells whether the
    officer called it one."""

    kind: BubbleKind
    parsed: Parsed | None = None
    text: str = ""
    is_said: bool = False


NOTHING, SAME, DETAIL, TAKEN_BACK = (
    Bubble(BubbleKind.nothing),
    Bubble(BubbleKind.same),
    Bubble(BubbleKind.detail),
    Bubble(BubbleKind.taken_back),
)
_TALK = (ActKind.greeting, ActKind.ack, ActKind.auto_reply)
_IN_OTHER_WORDS = ("lexicon", paraphrases.RULE)
_SHORT = 3
"""An answer of more words stands by itself: what follows does not take it back."""


def _phrases(text: str) -> dict[str, list[Words]]:
    """By their first words, the longest first: «me equivoqué de» before «me equivoqué»."""
    found: dict[str, list[Words]] = {}
    for words in sorted({phrase(part) for part in text.split("|")}, key=len, reverse=True):
        found.setdefault(words[0], []).append(words)
    return found


_CORRECTING = _phrases(
    "perdón|perdone|perdona|disculpe|disculpa|digo|que diga|me equivoqué|me equivoqué de|equivoqué|me confundí|error mío|mi error|fue error"
    "|fue un error|error|fe de erratas|corrección|corrijo|corrigiendo|rectifico|rectificación|quise decir|quise poner|quería decir"
    "|quería poner|quiero corregir|corregir|corrija|más bien|mejor dicho|contesté mal|respondí mal|puse mal|le puse mal|escribí mal"
    "|cambio mi respuesta|cambio|dedazo|no es cierto|la respuesta correcta es|mi respuesta correcta es|la correcta es|no espere|no espera"
    "|no esperen|no miento|miento|me comí un cero|me comí|me faltó un cero|me sobró un cero|se me fue un cero|se me fue el dedo|se me fue mal"
    "|le piqué mal|piqué mal|le piqué a otra|piqué otra|apreté mal|apreté otra|le apreté mal|le di mal|le di a otra|me equivoqué de botón|botón equivocado|wrong button|me equivoqué de opción"
    "|no era esa|esa no era|no era ese|ese no era|no es esa|esa no es"
    "|mentira|sorry|my bad|me equivoqué de tecla|equivoqué de botón|se me fue|se fue mal|leí mal|la leí mal|lo leí mal|no leí bien|entendí mal|le entendí mal|no le entendí bien|no era para aquí|no era para usted|era para otra persona|me equivoqué de chat|me equivoqué de mensaje"
)
_AROUND = _phrases(
    "ay|ah|uy|oiga|es|era|sería|la|el|mi respuesta es|la respuesta es|o sea|pues|mejor|por|a|en realidad|realmente|la opción|opción|número|"
    "el número|la anterior|mi respuesta|que|jefe|gracias|favor|una|lo correcto es|ya|es que|son|fueron|eran|fue|serían"
)
_SIGNS = frozenset(",;.:-")
_STARRED = re.compile(r"\*\s*(?P<behind>[^*\s][^*]{0,30})|(?P<before>[^*]{0,30}[^*\s])\s*\*")
"""«*2», «am*»: one asterisk corrects, two make bold."""
_CHANGING = frozenset(("bueno", "mejor", "siempre"))
"""Words with which a yes or a no is changed: «bueno sí», «siempre no»."""
_JOINING = frozenset(
    (
        "y",
        "i",
        "e",
        "o",
        "u",
        "de",
        "del",
        "con",
        "como",
        "que",
        "pero",
        "ni",
        "mas",
        "en",
        "a",
        "al",
        "por",
        "para",
        "horas",
        "am",
        "pm",
        "tambien",
    )
)
"""Words with which the second half of a sentence begins."""
_AND = frozenset(("y", "i", "e"))
_ALSO = frozenset(("y", "i", "e", "tambien", "ademas", "aparte"))
"""Words with which more is added to a list: «también le expliqué»."""
_INTERJECTIONS = frozenset(("a", "ah", "ay", "uy", "ups", "oh"))
_HOLDING = frozenset(("no", "nono", "ups", "espere", "espera", "esperen", "espereme", "esperame"))
"""By themselves these say that the last answer was none."""
_LIMITING = frozenset(("pero", "solo", "si", "siempre", "mientras", "nomas", "aunque"))
"""Words with which a condition begins."""


def is_same(one: Parsed, other: Parsed) -> bool:
    """Whether two answers say the same. A stored value is text."""
    return (one.key, str(one.value), one.missing) == (other.key, str(other.value), other.missing)


def is_part(text: str, whole: str) -> bool:
    """Whether every word of a text but the smallest is in another: «a las 7» in «7 am»."""
    words = set(fold(text).words) - _SMALL
    return bool(words) and words.issubset(fold(whole).words)


def is_given(reader: Reader, text: str, at: datetime, purpose: Purpose) -> bool:
    """Whether a message answers a question in the question's words: «venía tomado» may only tell more of what was asked before, and
    «y 3» goes on with it."""
    parsed = _answer(understand(reader, text, at, purpose=purpose))
    return parsed is not None and not _AND.intersection(fold(text).words[:1]) and parsed.rule != paraphrases.RULE


def is_about_the_rest(reader: Reader, text: str) -> bool:
    """Whether a message tells of those that a number left out: «los otros 3 iban con prisa»."""
    return reader.form.kind is AnswerKind.number and _OTHERS.match(" ".join(fold(text).words)) is not None


_SMALL = frozenset(("a", "al", "en", "de", "del", "la", "las", "el", "los", "por", "con"))
_LEADS = _SMALL | {"un", "una", "uno", "y"}
_OTHERS = re.compile(r"(?:(?:y|i|pero|en|de|a|con) )*(?:los|las|el|la) (?:otros?|otras?|demas|resto)\b")


def sentence(reader: Reader, bubbles: Sequence[str], at: datetime, purpose: Purpose) -> tuple[str, Parsed] | None:
    """The answer that several messages give together, or else the last one by itself, with its text; None if neither is one. For
    a question that none of the messages before answered."""
    if len(bubbles) > 1 and _LEADS.issuperset(fold(bubbles[-1]).words):
        return None  # «fue en», «una», «secundaria»: «una» is no option's number
    for text in dict.fromkeys((" ".join(bubbles), bubbles[-1])):
        parsed = _answer(understand(reader, text, at, purpose=purpose))
        if parsed is not None:
            return text, parsed
    return None


def corrects(text: str) -> bool:
    """Whether a message says that it corrects, and what."""
    return _corrected(text) is not None or _changed(text) is not None


def adds(text: str) -> bool:
    """Whether a message says that it adds something: «ah, y le expliqué»."""
    return not _ALSO.isdisjoint(_uttered(spelled_out(fold(text).words))[:1])


def _uttered(words: Sequence[str]) -> Sequence[str]:
    """Words without a leading interjection: «a no, fue infracción»."""
    return words[1:] if len(words) > 1 and words[0] in _INTERJECTIONS else words


def changes(text: str) -> bool:
    """Whether a message only begins like a change of mind («no, ayer», «bueno sí»), as an answer may begin too."""
    return _corrected(text) is None and _changed(text) is not None


def correction(reader: Reader, text: str, at: datetime, purpose: Purpose) -> Parsed | None:
    """The answer left of a message when the words that correct are taken away («perdón, sí», «me equivoqué, es 3»). None if it
    does not say that it corrects, or if nothing is left that answers."""
    if (parts := _corrected_parts(text)) is not None:
        found = (_answer(understand(reader, part, at, purpose=purpose)) for part in parts)
        return next((parsed for parsed in found if parsed is not None), None)
    rest = _changed(text)
    if rest is None:
        return None
    whole = _answer(understand(reader, text, at, purpose=purpose))
    parsed = _answer(understand(reader, rest, at, purpose=purpose)) if whole is None else whole
    # «no, le pregunté»: where no is an answer, it cannot be the word that corrects.
    is_yes = parsed is not None and whole is None and fold(parsed.label).words[:1] == ("si",)
    return None if is_yes and fold(text).words[0] == "no" else parsed


@dataclass(frozen=True, slots=True)
class Reference:
    """The question that a correction names: by its place among those asked, from 0, or -1 for the one before; by a word of its own; or by
    the answer `instead` of which another counts («salí a las 9, no a las 7»).
    `rest` is the answer, in the officer's words. `is_said`: the message also says that it corrects."""

    rest: str
    place: int | None = None
    word: str = ""
    instead: str = ""
    is_said: bool = True


def refers(text: str) -> Reference | None:
    """The question that a message says it corrects («perdón, la primera era no», «me equivoqué, a lo del contacto es sí»). None if it
    names none, or nothing is left that could answer it: «perdón, la segunda» is an option."""
    tokens = spelled_out(fold(text).tokens)
    if (clause := _CLAUSE.search(" ".join(tokens))) is not None:
        rest = _corrected(clause["rest"])
        return None if rest is None else Reference(rest, word=clause["word"])
    words = " ".join(word for word in tokens if word not in _SIGNS)
    found = _PLACE.search(words) or _TOPIC.search(words)
    if found is None:
        return _contrasted(words)
    before, after = words[: found.start()].split(), words[found.end() :].split()
    place, word = found.groupdict().get("place"), found.groupdict().get("word")
    if (place or word) and (contrast := _contrasted(" ".join(_bare(after)))) is not None:
        return Reference(contrast.rest, None if word else _PLACES.get(place or "", -1), word or "")
    if (put := _PUT.fullmatch(" ".join(after)) or _PUT_NOW.fullmatch(" ".join(after))) is not None:
        after = ["era", *put["rest"].split()]
    said = put is not None or _has_correcting([*before, *after])
    rest = _corrected(" ".join(after)) or " ".join(_bare(after))
    if not rest or not (said or after[0] in _WAS):
        return None
    if word is not None:
        return Reference(rest, word=word, is_said=said)
    return Reference(rest, _PLACES.get(found["place"] or found["number"], -1), is_said=said)


def _contrasted(words: str) -> Reference | None:
    found = next((found for pattern in _CONTRASTS if (found := pattern.fullmatch(words))), None)
    return None if found is None else Reference(found["rest"], instead=found["instead"])


OTHER = -2
"""The place of «la otra»: the one before the open question, or before the last one where none is open."""

_PLACES = {
    **dict.fromkeys(("primer", "primera", "1ra", "1era", "1a", "1", "uno", "una"), 0),
    **dict.fromkeys(("segunda", "2da", "2a", "2", "dos"), 1),
    **dict.fromkeys(("tercera", "3ra", "3era", "3a", "3", "tres"), 2),
    "otra": OTHER,
}
_LED = r"(?:(?:en|a|de|para|sobre) )?(?:lo que (?:puse|conteste|respondi|dije) (?:en|a|de) )?"
_PLACE = re.compile(
    rf"\b{_LED}(?:(?:la|el|lo|mi|esa) )?(?:(?:pregunta|respuesta|de) )?"
    r"(?:(?P<place>primera?|1ra|1era|1a|segunda|2da|2a|tercera|3ra|3era|3a|anterior|pasada|otra|(?<=de )(?:antes|hace rato|arriba))"
    r"(?: (?:pregunta|respuesta))?|(?<=pregunta )(?P<number>1|uno|una|2|dos|3|tres))\b"
)
_TOPIC = re.compile(
    r"\b(?:(?:en|a|de|para|sobre) )?(?:lo|eso|(?:la|esa)(?: (?:pregunta|respuesta))?) (?:del|de la|de los|de las|de el|de)"
    r" (?:si )?(?:(?:que|q) )?(?:tan )?(?:\d+ )?(?P<word>[a-z]{4,})\b"
)
_CLAUSE = re.compile(
    r"\b(?:lo|(?:la|esa)(?: (?:pregunta|respuesta))?) de (?:que|si) (?:(?:le|les|lo|la|se|me|yo) )*(?P<word>[a-z]{4,})[^,;.:]*[,;.:] (?P<rest>.+)$"
)
"""«la de si le pregunté qué pasó, sí le pregunté, leí mal»."""
_PUT = re.compile(
    r"(?:puse|conteste|respondi|dije|anote|le puse) .+? (?:pero|y) (?:en realidad )?(?:es|era|fue|son|eran|fueron) (?P<rest>.+)"
)
"""«puse 4 pero fueron 2»."""
_PUT_NOW = re.compile(
    r"(?:\S+ ){0,4}?(?:ponga|pongale|ponganle|pongan|ponle|pongame|anote|anoteme|cambielo a|dejelo en) (?P<rest>\S+(?: \S+){0,3}?)"
    r"(?: (?:el|la) \S+ (?:se me fue|fue error|no)| por favor| porfa)?"
)
"""«me siento, ponga 3, el 5 se me fue»."""
_LEAD = r"(?:(?:perdon|disculpe|disculpa|oiga|oigan|ah|ay|jefe|corrijo|correccion|me equivoque|me confundi|fe de erratas|error) )*"
_BE = r"(?:es|era|fue|son|eran|fueron)"
_CONTRASTS = (
    re.compile(
        rf"{_LEAD}no (?:{_BE} )?(?P<instead>\S+(?: \S+){{0,4}}?) (?:sino(?: que)?|mas bien|{_BE}) (?:{_BE} )?(?P<rest>\S+(?: \S+){{0,5}})"
    ),
    re.compile(rf"{_LEAD}(?P<rest>\S+(?: \S+){{0,6}}?) (?:y )?no (?:{_BE} )?(?P<instead>\S+(?: \S+){{0,4}})"),
)
"""«no fue ayer, fue el viernes» and «fueron 3, no 2»: an answer that was given, and what counts instead."""
_WAS = frozenset(
    ("era", "es", "fue", "son", "eran", "fueron", "debe", "debia", "debio", "seria", "quise", "queria", "iba")
)
"""Words after a named question that lead to its answer, also where nothing else says that it corrects."""


def _has_correcting(words: Sequence[str]) -> bool:
    return any(_at(words, start, _CORRECTING) for start in range(len(words)))


def follow(reader: Reader, first: str, answer: Parsed, text: str, at: datetime, purpose: Purpose) -> Bubble:
    """The meaning of a message that came after the text `first`, which gave the `answer`, and before anything else could be seen."""
    alone, words = understand(reader, text, at, purpose=purpose), fold(text).words
    if alone.act.kind in _TALK or not words:
        return NOTHING
    if is_open(reader.form.kind):
        return _more_text(reader, first, text, at, purpose)
    if (said := correction(reader, text, at, purpose)) is not None:
        return _now(said, answer, text, is_said=True)
    if (said := _put_right(reader, answer, text, at, purpose)) is not None:
        return _now(said, answer, text, is_said=True)
    if words[0] in _OR and words[1:2] != ("sea",) and not _is_given(reader, answer, words[1:], at, purpose):
        return TAKEN_BACK  # «20», «o más»
    joined = understand(reader, f"{first} {text}", at, purpose=purpose)
    if purpose is Purpose.consent and answer.key == "si" and _answer(alone) is None:
        # What is left is free or it is not: a condition or an order in a second message takes the yes back.
        is_asking = alone.act.kind is ActKind.question and words[0] not in _LIMITING
        return DETAIL if is_asking or _answer(joined) is not None else TAKEN_BACK
    both, one = _answer(joined), _answer(alone)
    if one is not None and (found := _by_itself(reader, first, answer, text, one, both)) is not None:
        return found
    if both is not None:
        return DETAIL if is_same(both, answer) else Bubble(BubbleKind.correction, both, f"{first} {text}")
    # «6», «horas» is no «6 horas» of waiting.
    puts_off = alone if len(words) < _SHORT - 1 else joined
    is_put_off = ActKind.deferral in (alone.act.kind, puts_off.act.kind)
    return TAKEN_BACK if is_put_off and len(fold(first).words) < _SHORT else DETAIL


def _put_right(reader: Reader, answer: Parsed, text: str, at: datetime, purpose: Purpose) -> Parsed | None:
    """The answer with another part of the day («7 pm», «am*»), or the list without one of it («1 2 3», «la 3 no»)."""
    rest = _corrected(text) or text
    words = fold(rest).words
    if reader.form.kind is AnswerKind.time and words in _PARTS_OF_DAY and not answer.missing:
        hour, minute = str(answer.value).split(":")
        return _answer(understand(reader, f"{int(hour) % 12 or 12}:{minute} {' '.join(words)}", at, purpose=purpose))
    if (
        reader.form.kind is not AnswerKind.multi
        or answer.missing
        or (found := _LEFT_OUT.fullmatch(" ".join(words))) is None
    ):
        return None
    out = _answer(understand(reader, found["behind"] or found["before"], at, purpose=purpose))
    if out is None or out.missing:
        return None
    given, left_out = set(str(answer.value).split()), set(str(out.value).split())
    if not left_out < given:
        return None
    left = [str(place) for place, option in enumerate(reader.form.options, 1) if option.key in given - left_out]
    return _answer(understand(reader, ", ".join(left), at, purpose=purpose))


_PARTS_OF_DAY = frozenset(
    (*led, part)
    for part in ("manana", "tarde", "noche", "madrugada")
    for led in ((), *((link, "la") for link in ("de", "en", "por")))
) | {("am",), ("pm",), ("a", "m"), ("p", "m")}
_LEFT_OUT = re.compile(
    r"(?:menos|excepto|sin|quite|quiten|quita|quitele|borre) (?P<behind>.+)|(?:no )?(?P<before>.+) no"
)
_OR = frozenset(("o", "u"))


def _is_given(reader: Reader, answer: Parsed, words: Sequence[str], at: datetime, purpose: Purpose) -> bool:
    """Whether these words give the same answer once more («sí», «o sí»)."""
    one = _answer(understand(reader, " ".join(words), at, purpose=purpose))
    return one is not None and is_same(one, answer)


def _by_itself(
    reader: Reader, first: str, answer: Parsed, text: str, one: Parsed, both: Parsed | None
) -> Bubble | None:
    """The meaning of a message that is the answer `one` by itself, and `both` with the text before; None if it only goes on."""
    if both is not None and is_same(one, answer) and is_same(both, answer):
        return SAME  # «que sí tuve contacto» goes on only in its first word
    if both is not None and _adds(reader, answer, one, both):
        return Bubble(BubbleKind.correction, both, f"{first} {text}", is_said=adds(text))
    if phrase(answer.label) == ("no",) and phrase(one.label) != ("si",) and one.rule in _IN_OTHER_WORDS:
        return SAME if is_same(one, answer) else DETAIL  # «no», «no había tiempo»: why not
    if (
        reader.form.kind is AnswerKind.choice
        and one.rule == paraphrases.RULE
        and not (is_same(one, answer) or corrects(text))
    ):
        return DETAIL  # «auxilio», «eran tres peleando»: no word of it takes the answer back
    if _is_split(reader, first, text):
        return TAKEN_BACK
    if both is not None and _continues(text):
        return None
    found = _now(one, answer, text)
    return DETAIL if found.parsed is not None and _counts_something(reader, text) else found


def _more_text(reader: Reader, first: str, text: str, at: datetime, purpose: Purpose) -> Bubble:
    """Words of one's own go on over several messages. A text after a voice note stands beside it."""
    if not first:
        return DETAIL
    together = f"{first}\n{text}"
    parsed = _answer(understand(reader, together, at, purpose=purpose))
    return DETAIL if parsed is None or parsed.missing else Bubble(BubbleKind.correction, parsed, together)


def _now(found: Parsed, answer: Parsed, text: str, *, is_said: bool = False) -> Bubble:
    return SAME if is_same(found, answer) else Bubble(BubbleKind.correction, found, text, is_said)


def _answer(found: Understood) -> Parsed | None:
    return found.outcome if found.is_answer and isinstance(found.outcome, Parsed) else None


def _counts_something(reader: Reader, text: str) -> bool:
    """Whether a number counts something («un detenido»): beside another number that is no correction of it."""
    words = [word for word in fold(text).words if word not in _JOINING and _at((word,), 0, _AROUND) is None]
    return reader.form.kind is AnswerKind.number and len(words) > 1


def _is_split(reader: Reader, first: str, text: str) -> bool:
    """Whether two digits may be one number or a correction: «5», «0»."""
    digits = first.strip() + text.strip()
    is_pair = len(digits) == len("50") and digits.isdecimal() and digits[0] != "0"
    return is_pair and reader.form.kind is AnswerKind.number and int(digits) <= (reader.form.maximum or 0)


def _adds(reader: Reader, answer: Parsed, one: Parsed, both: Parsed) -> bool:
    """Whether a message adds to a list: «1», «2», «y 4»."""
    if reader.form.kind is not AnswerKind.multi or answer.missing or one.missing or both.missing:
        return False
    before, more = set(str(answer.value).split()), set(str(one.value).split())
    return not before & more and set(str(both.value).split()) == before | more


def _continues(text: str) -> bool:
    return fold(text).words[0] in _JOINING


# -- the words that correct ---------------------------------------------------------------------------------------------


def _corrected(text: str) -> str | None:
    """The message without the words that correct; None if it has none."""
    return next(iter(_corrected_parts(text) or ()), None)


def _corrected_parts(text: str) -> list[str] | None:
    """What is left of a message without the words that correct, the likeliest first: the words behind the last of these, or else those
    before («se calmó, me confundí con otro caso»). None if it has no such words."""
    if (starred := _STARRED.fullmatch(text.strip())) is not None:
        return [starred["before"] or starred["behind"]]
    tokens = spelled_out(fold(text).tokens)
    words = [word for word in tokens if word not in _SIGNS]
    if words[:1] == ["no"] and len(words) > 1 and words[1][0].isdigit():
        return [" ".join(words[1:])]
    if tokens[:1] == ("no",) and len(words) > 2 and tokens[1] in _SIGNS:
        words = words[1:]  # «no, tiempo más bien»
    if _CORRECTING.keys().isdisjoint(words):
        return None
    parts, place = [list[str]()], 0
    while place < len(words):
        if found := _at(words, place, _CORRECTING):
            parts.append([])
            place += len(found)
        else:
            parts[-1].append(words[place])
            place += 1
    first, *after = parts
    # «no, perdón, mejor»: the last word may be the answer itself.
    return [" ".join(rest) for part in (*reversed(after), first) if after and (rest := _bare(part) or part)] or None


def announces(text: str) -> bool:
    """Whether a message only says that what came before is wrong («no», «perdón», «me equivoqué»): the next one says what counts."""
    words = [word for word in fold(text).words if word not in _SIGNS]
    said, place = False, 0
    while place < len(words):
        if (found := _at(words, place, _CORRECTING)) is not None or words[place] in _HOLDING:
            said = True
        elif words[place] not in _INTERJECTIONS and (found := _at(words, place, _AROUND)) is None:
            return False
        place += len(found) if found else 1
    return said


def _changed(text: str) -> str | None:
    """The message without the no or the word with which it changes its mind; None if it begins otherwise."""
    tokens = list(fold(text).tokens)
    if tokens[:1] and tokens[0] in _CHANGING and tokens[1:2]:
        rest = _bare(tokens[1:])
        if tokens[1] in ("si", "no") or tokens[0] == "mejor" or (rest and cardinal(tuple(rest), 0) is not None):
            return " ".join(tokens[1:])
    rest = tokens = list(_uttered(tokens))
    while rest[:1] == ["no"] and len(rest) > 1 and (rest[1] in _SIGNS or (rest[1] == "no" and len(rest) > 2)):
        rest = rest[2:] if rest[1] in _SIGNS else rest[1:]
    behind = _bare(rest[1:]) if rest[:1] == ["no"] else []
    if behind and behind[0][0].isdigit():
        rest = behind  # «no 3», «no la 2»
    elif len(rest) == len(tokens) or (rest[:1] == ["no"] and tokens[1] == "no"):
        return None
    return " ".join(_bare([word for word in rest if word not in _SIGNS])) or None


def _bare(words: list[str]) -> list[str]:
    """Without the words that only lead to an answer."""
    while words and (found := _at(words, 0, _AROUND)):
        words = words[len(found) :]
    return words


def _at(words: Sequence[str], start: int, phrases: Mapping[str, Sequence[Words]]) -> Words | None:
    some = phrases.get(words[start], ())
    return next((one for one in some if tuple(words[start : start + len(one)]) == one), None)

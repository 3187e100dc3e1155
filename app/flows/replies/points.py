"""The only number of a reply to a scale that says more than a number: «pues yo me pondría un 2, siendo honesta»."""

import re
from itertools import pairwise

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import COMMAS, Folded, is_word
from app.flows.replies.forms import Form
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.numbers import cardinals
from app.flows.replies.phrases import spelled_out

SCORE = 0.8
LONGEST = 24
_REACH = 5
"""A denial so many words before a number is about it."""
_RANGE = re.compile(r"\b(?:de|del)? ?(?:el )?(?:1|uno) (?:al|a) (?:\d+|cinco|diez)\b")
_SPOILS = frozenset(
    word_list(
        "o u ni entre casi mas menos hasta minimo maximo medio media punto coma arriba abajo no nunca cada luego depende"
        " enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre minutos minuto min horas hora mensaje mensajes encuesta grupo unidad sector turno contesto contestar respondo marco regreso a"
    )
)
_BEHIND = frozenset(
    word_list(
        "bien asi jefe jefa oficial comandante porque pero y la el gracias siendo asi es en por pues para aunque ya que seria fue segun con de"
        " seguro segura si ahora licenciada lic joven senorita saludos"
    )
)
_REASONS = frozenset(word_list("porque pues ya asi"))
_TOLD = frozenset(word_list("no a luego en casi depende turno sector mas menos nunca hora hasta cada minutos unidad"))
"""Behind «un 3 porque …» these belong to the reason."""
_BEFORE = frozenset(word_list("antes era eran quite quitele puse habia"))
_NOW = frozenset(word_list("ahora ahorita hoy ya ponga pongale pongame son fueron ponle"))
_TAKES_BACK = frozenset(
    word_list(
        "o u perdon digo mejor quiza quizas creo se contesto contesta mensaje encuesta hora horas minutos luego rato manana"
    )
)
"""Behind a point and a comma these make it doubtful, or something else."""
_FEWEST = 3
_UNITS = lex.UNITS | lex.MEASURES
_INDEFINITE = frozenset(word_list("un una uno"))


def only_point(folded: Folded, form: Form) -> int | None:
    """The point that the only number names, or the later of two («antes era 2, ahora 4»); None for a reply without one."""
    line = _RANGE.sub(" ", " ".join(filter(is_word, spelled_out(folded.tokens))))
    words = tuple(line.split())
    if len(words) > LONGEST or folded.has("?", "%", "+", "<", ">", "/"):
        return None
    if (headed := _headed(folded, words, form)) is not None:
        return headed
    found = _numbers(words)
    if found is None or not 1 <= len(found) <= 2:
        return None
    if len(found) == 2 and not _is_revised(words, found[0][1], found[1][1]):
        return None
    value, place = found[-1]
    if place and not _led(words, place) and not (_follows(words, place) and _stands_alone(folded, words, place)):
        return None
    spoils = _SPOILS - {"no", "a"} if _led(words, place) else _SPOILS
    if place + 1 < len(words) and words[place + 1] in _REASONS and place <= 1:
        spoils = spoils - _TOLD
    near = words[max(0, place - _REACH) : place + 3]
    if not spoils.isdisjoint(words) or {"no", "ni"} & set(near):
        return None
    lowest, highest = _bounds(form)
    return value if lowest <= value <= highest else None


def _headed(folded: Folded, words: Words, form: Form) -> int | None:
    """«3, depende», «1, no vale la pena»: the point before the first comma, if nothing behind takes it back."""
    clauses = spelled_out(folded.clauses)
    if len(clauses) < _FEWEST or clauses[1] not in COMMAS or not _TAKES_BACK.isdisjoint(words):
        return None
    found = cardinals(words, ())
    if found is None or len(found) != 1 or found[0][1] != 0:
        return None
    lowest, highest = _bounds(form)
    return found[0][0] if lowest <= found[0][0] <= highest else None


def _bounds(form: Form) -> tuple[float, float]:
    return form.minimum if form.minimum is not None else 1, form.maximum if form.maximum is not None else 5


def _numbers(words: Words) -> list[tuple[int, int]] | None:
    """The numbers that count nothing, with their places; None if one does."""
    found = cardinals(words, _INDEFINITE)
    if found is None or any(word in _UNITS for _, _, end in found for word in words[end : end + 1]):
        return None
    return [(value, place) for value, place, _ in found]


def _is_revised(words: Words, first: int, second: int) -> bool:
    """«antes era 2 ahora ya es 4»: the first number is what it was before."""
    return not _BEFORE.isdisjoint(words[:first]) and not _NOW.isdisjoint(words[first:second])


def _follows(words: Words, place: int) -> bool:
    """Whether what comes behind a number is not what it counts («dos heridos»)."""
    return place + 1 >= len(words) or words[place + 1] in _BEHIND


def _stands_alone(folded: Folded, words: Words, place: int) -> bool:
    """Whether a number is a mark and no part of a story («mi hija sacó 5», «somos 4»): a clause begins with it, or a light word leads to it."""
    if words[place - 1] in _LIGHT:
        return True
    clauses = spelled_out(folded.clauses)
    return any(one in COMMAS and other == words[place] for one, other in pairwise(clauses))


def _led(words: Words, place: int) -> bool:
    """Whether a verb or an article gives the mark: «le pongo el 4», «me pondría un dos»."""
    return not _GIVES.isdisjoint(words[max(0, place - 3) : place])


_LIGHT = frozenset(
    word_list("un una uno el la que es seria nivel numero num opcion punto como pues yo creo mi digamos ya igual")
)
_GIVES = frozenset(
    word_list(
        "pongo pondria ponga pongame pongale ponle dejo doy daria califico calificacion seria diria marco elijo escojo respuesta"
        " contesto considero ando estoy siento"
    )
)

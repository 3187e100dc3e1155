"""The missing codes: «no sé», «no aplica», «prefiero no decir» as answers of their own, where a question allows them."""

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import COMMAS, Folded
from app.flows.replies.forms import Form, Parsed, Unparsed
from app.flows.replies.lexicon import Words
from app.flows.replies.numbers import VOCABULARY
from app.flows.replies.phrases import spelled_out

MISSING = {"d": lex.DONT_KNOW, "n": lex.NOT_APPLICABLE, "r": lex.REFUSED}
"""The wordings of each code."""
LABELS = {"d": "No sé", "n": "No aplica", "r": "Prefiero no decir"}

_WORDINGS = {words: code for code, wordings in MISSING.items() for words in wordings}
_BEFORE = (frozenset(words[0] for words in lex.POLITE if len(words) == 1) | {"pero", *COMMAS}) - {"me", "se"}
_AFTER = _BEFORE | frozenset(lex.word_list(
    "me bien exactamente exacto exacta exactos exactas cuantos cuantas cuanto cuando cual cuales dia hora fecha caso ahorita momento mucho precision numero"
    " total muy ninguno ninguna cosa situacion motivo donde quien decir decirle nada fue veces ocasiones companero companera compa"
))  # fmt: skip


def missing_code(folded: Folded) -> str | None:
    """The code that a whole message stands for, with polite noise around it or what is not known behind it."""
    words = spelled_out(folded.clauses)
    start, end = 0, len(words)
    if (code := _WORDINGS.get(words)) is not None or end > 12:
        return code
    while start < end and words[start] in _BEFORE:
        start += 1
    for stop in range(end, start, -1):
        if (code := _WORDINGS.get(words[start:stop])) is not None and (stop == end or stop - start > 1):
            return code
        if words[stop - 1] not in _AFTER:
            return None
    return None


def missing_led(folded: Folded) -> tuple[str, Folded] | None:
    """The code of a first clause and the words behind it, where a reason without a number follows: «ni idea, me tuve que ir a otro servicio»."""
    words = spelled_out(folded.clauses)
    if len(words) > _LONGEST:
        return None
    comma, known = next((at for at, word in enumerate(words) if word in COMMAS), None), _known_until(words)
    if comma and known and missing_code(Folded("", words[:comma], words[:comma])) is None:
        comma = None  # «ni idea cómo acabó, me cambiaron de punto»
    end = comma or known
    if end is None or any(word[0].isdecimal() or word in VOCABULARY - _ARTICLES for word in words[end:]):
        return None
    head, rest = words[:end], tuple([word for word in words[end:] if word not in COMMAS])
    code = missing_code(Folded(" ".join(head), head, head))
    doubted = rest[1:] if rest[:1] == ("si",) and head[-1] in _REMEMBERS else rest  # «no recuerdo si fue esta semana»
    return None if code is None or not _DOUBTED.isdisjoint(doubted) else (code, Folded(" ".join(rest), rest, rest))


def _known_until(words: Words) -> int | None:
    """The place after «no recuerdo» in «la verdad no recuerdo si le pregunté»."""
    if _NOT.isdisjoint(words):
        return None
    for place, word in enumerate(words):
        if (
            word in _OF_WHAT
            and not _NOT.isdisjoint(words[:place])
            and missing_code(Folded("", words[:place], words[:place])) == "d"
        ):
            return place
    return None


_NOT = frozenset(("no", "ni"))
_OF_WHAT = frozenset(
    lex.word_list("si que cual cuanto cuantos cuantas como quien con a la el en de por porque pq xq ya ni")
)
_REMEMBERS = frozenset(("recuerdo", "acuerdo"))
_DOUBTED = frozenset(
    lex.word_list(
        "si pero igual creo tal quiza quizas supongo chance mejor usted ustedes mensaje mensajes mando mandan hablan escriben pregunta preguntas encuesta"
    )
)
_LONGEST = 20
_ARTICLES = frozenset(("un", "una", "uno"))


def missing_answer(form: Form, code: str) -> Parsed | Unparsed:
    """The answer that is a missing code, where the form allows it."""
    if code not in form.missing:
        return Unparsed("no_match")
    return Parsed(None, None, LABELS[code], "missing", 1.0, code)

"""Replies while an offer is open: the officer was asked whether one reading was meant («¿Quiso decir 4, Comercio?»).

A plain yes, the proposed answer itself, or another reply of the same probable meaning confirms it. A plain no refuses it. Whatever else
reads as an answer is that answer.
"""

from collections.abc import Callable
from dataclasses import replace

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import COMMAS, NO, YES, Folded, fold, phrase
from app.flows.replies.forms import Parsed
from app.flows.replies.lexicon import Words, word_list
from app.flows.replies.message import Act, ActKind
from app.flows.replies.phrases import FILLER, Meaning, MeaningKind, Phrases, spelled_out
from app.flows.replies.reader import Reader
from app.flows.replies.understanding import Understood

CONFIRMED = "confirmed"
"""The prefix of a confirmed answer's rule."""
SCORE = 0.9
DECLINED = Act(ActKind.other, "offer: declined")
"""A plain no to an offer: it uses no try."""

_ACTS = (ActKind.answer, ActKind.ack, ActKind.correction, ActKind.deferral, ActKind.other)
"""Acts that may be about the offer: «no, en la calle» answers it, although «en la calle» may be where an officer is busy."""
_AGREED = f"""
    si | simon | sip | sisi | asi es | exacto | exactamente | correcto | es correcto | cierto | efectivamente | afirmativo | eso | eso es
    eso mero | ese | ese es | ese mero | ese mismo | esa | esa es | esa mera | esa misma | es ese | es esa | es eso | ok | okey | va | sale
    claro | claro que si | por supuesto | de acuerdo | andale | yes | s | eso quise decir | quise decir eso | si es | {YES}
"""
_REFUSED = f"""
    no | n | nop | nel | no no | no es | no es ese | no es esa | no es eso | ese no | esa no | eso no | incorrecto | negativo | para nada
    claro que no | tampoco | no quise decir eso | eso no quise decir | {NO}
"""
_LEADS = frozenset(word_list("si no nel simon mejor mas bien quise decir digo es era fue fueron ahi perdon"))
"""The words before the answer that was meant: «no, quise decir la 2»."""


def _phrases() -> Phrases:
    found = Phrases()
    found.add(map(phrase, _AGREED.replace("\n", "|").split("|")), Meaning(MeaningKind.option, 1))
    found.add(map(phrase, _REFUSED.replace("\n", "|").split("|")), Meaning(MeaningKind.option, 0))
    found.add(lex.POLITE, FILLER)
    return found


_PHRASES = _phrases()

Reread = Callable[[str], Understood]
"""Understands a text as a reply to the open question."""


def about_offer(offer: Parsed, text: str, understood: Understood, reader: Reader, reread: Reread) -> Understood:
    """A reply to an open question, of which `offer` has been proposed. `understood` is the reply by itself."""
    if understood.act.kind not in _ACTS:
        return understood
    if understood.is_answer:
        return _settled(offer, understood)
    folded = fold(text)
    if folded.has("?"):
        return understood
    match _plainly(folded):
        case 1:
            return _confirmed(offer)
        case 0:
            return Understood(DECLINED, understood.outcome)
        case _:
            pass
    if (rest := _without_lead(text)) and (again := reread(rest)).is_answer:
        return _settled(offer, again)
    guess = reader.probable(text) if understood.act.kind is ActKind.other else None
    return _confirmed(offer) if guess is not None and guess.value == offer.value else understood


def _settled(offer: Parsed, understood: Understood) -> Understood:
    """An answer, told as confirmed if it is the proposed one."""
    found = understood.outcome
    if (
        not isinstance(found, Parsed)
        or found.missing is not None
        or (found.key, found.value) != (offer.key, offer.value)
    ):
        return understood
    rule = f"{CONFIRMED}: {found.rule}"
    return Understood(Act(ActKind.answer, rule), replace(found, rule=rule))


def _confirmed(offer: Parsed) -> Understood:
    rule = f"{CONFIRMED}: {offer.rule}"
    return Understood(Act(ActKind.answer, rule), replace(offer, rule=rule, score=SCORE))


def _plainly(folded: Folded) -> int | None:
    """1 for a plain yes, 0 for a plain no, None for anything else."""
    words: Words = tuple([word for word in spelled_out(folded.clauses) if word not in COMMAS])
    said, place = set[int](), 0
    while place < len(words):
        found = _PHRASES.at(words, place)
        if found is None:
            return None
        meaning, place = found
        if meaning is not FILLER:
            said.add(meaning.index)
    return said.pop() if len(said) == 1 else None


def _without_lead(text: str) -> str:
    """The words after «no,», «sí,»: «no, fueron 3»; "" if nothing leads in or nothing follows."""
    words = text.split()
    start = next((at for at, word in enumerate(words) if not set(phrase(word)) <= _LEADS), len(words))
    return " ".join(words[start:]) if start else ""

"""Families of words: «pido», «pidió», «pedirle» are one verb, «compañera» and «compañerito» one noun. A reply names a label that way in the
first person, in another tense, gender or number.

The family is a key to compare by, no word: endings are cut off, and what a verb changes in its stem is made alike.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from app.flows.replies.fold import squeeze
from app.flows.replies.fuzzy import LONGEST_WORD, SHORTEST, sound
from app.flows.replies.lexicon import POLARITY, REAL_WORDS, Words
from app.flows.replies.numbers import SMALL

_SHORTEST = 3
_IRREGULAR = """
    decir: digo dices dice dicen decimos dije dijo dijimos dijeron decia decian diga digan diria dirian dire decirle decirles decirlo diciendo dicho digale diles dile
    hacer: hago hace hacen hacemos hice hizo hicimos hicieron hacia hacian haga hagan haria haciendo hecho hacerlo hacerle
    tener: tengo tiene tienen tenemos tuve tuvo tuvimos tuvieron tenia tenian tenga tengan tendria teniendo tenido
    poder: puedo puede pueden podemos pude pudo pudimos pudieron podia podria pueda podido
    querer: quiero quiere quieren queremos quise quiso quisimos queria quisiera quiera
    dar: doy da dan damos di dio dimos dieron daba daban daria darle darles dado dando
    ir: voy va van vamos fui fuimos iba iban iria yendo ido
    poner: pongo pone ponen ponemos puse puso pusimos pusieron ponia ponga pondria poniendo puesto ponerle
    venir: vengo viene vienen venimos vine vino vinimos vinieron venia venian venga viniendo venido
    saber: sabe saben sabemos supe supo supimos sabia sabian sepa sabria sabido
    ver: veo ve ven vemos vi vio vimos vieron veia veian vea viendo visto verlo verla
    traer: traigo trae traen traemos traje trajo trajimos trajeron traia traian traiga traido
    salir: salgo sale salen salimos sali salio salieron salia salga saldria saliendo salido
    seguir: sigo sigue siguen seguimos segui siguio siguieron seguia siga siguiendo seguido
    oir: oigo oye oyen oimos oi oyo oyeron oia oyendo oido
    resolver: resuelto resuelta resuelven resolvio resolvi resolvimos resuelve resuelvo resolvieron
    escribir: escrito escribi escribio escribo escribe
    volver: vuelto vuelve vuelvo volvi volvio
    abrir: abierto abri abrio abro abre
    entender: entiendo entiende entienden entendi entendio entendemos entienda entendido entenderle
    pedir: pido pide piden pedi pidio pedimos pidieron pedia pedian pida pidan pediria pidiendo pedido pedirle pedirles
"""
_FORMS = {
    form: verb.strip()
    for line in _IRREGULAR.strip().splitlines()
    for verb, _, forms in [line.partition(":")]
    for form in (*forms.split(), verb.strip())
}
_CLITICS = re.compile(r"(?:(?<=[aei]r)|(?<=ndo))(?:se|me|nos|te)?(?:le|les|lo|la|los|las|se|me|nos|te)$")
_ENDINGS = re.compile(
    r"a(?:ria(?:s|mos|n)?|re(?:mos)?|ra(?:s|n|mos)?|ron|r|ba(?:s|n|mos)?|ndo|d[oa]s?|mos|ste|s|n)?"
    r"|ie(?:ra(?:s|n|mos)?|ron|ndo)|e(?:ria(?:s|mos|n)?|re(?:mos)?|r|mos|s|n)?"
    r"|i(?:ria(?:s|mos|n)?|re(?:mos)?|r|d[oa]s?|mos|ste|o|a(?:s|n|mos)?|on(?:es)?)?"
    r"|o(?:s|n)?"
)
_LONG_ENDINGS = re.compile(r"[ai]sion(?:es)?|(?:[ei]?s)?it[oa]s?")
"""These are cut from a longer stem only: «repito» is no diminutive, and «revisión» of the family of «revisar»."""
_STEM = re.compile(r"(?:ie|ue|[eiou])(?=[^aeiou]*$)")
_ALIKE = {"ie": "e", "i": "e", "ue": "o", "u": "o"}


@lru_cache(maxsize=20_000)
def family(word: str) -> str:
    """The key of a folded word's family; a word of fewer than four letters is its own."""
    if (verb := _FORMS.get(word)) is not None:
        return verb
    plain = _said(word)
    if (verb := _SOUNDING.get(plain)) is not None:
        return verb
    plain = _CLITICS.sub("", plain)
    for length in range(min(len(plain) - _SHORTEST, 9), 0, -1):
        end = plain[-length:]
        if _ENDINGS.fullmatch(end) or (len(plain) - length > _SHORTEST and _LONG_ENDINGS.fullmatch(end)):
            return _STEM.sub(lambda found: _ALIKE.get(found[0], found[0]), plain[:-length], count=1)
    return plain


def _said(word: str) -> str:
    """A word by its sound, with «x» before a consonant and a silent «u» as they are said."""
    return squeeze(re.sub(r"gu(?=[ei])", "g", re.sub(r"x(?=[^aeiou])", "s", sound(word))))


_SOUNDING = {_said(form): verb for form, verb in _FORMS.items() if len(form) > _SHORTEST}


class Kin:
    """The words of one question by their families. A word of a reply that means nothing becomes the word of a label that is its kin, or else
    that of the question. `nouns`: only nouns are mended towards a label."""

    def __init__(
        self, labels: Sequence[Words], asked: Iterable[str], known: frozenset[str], *, nouns: bool = False
    ) -> None:
        self._known = known
        self._nouns = nouns
        self._labels = _families([word for label in labels for word in label])
        self._asked = _families(asked)

    def meant(self, word: str) -> str | None:
        """The word of a label or of the question that a word is a form of, or None."""
        if len(word) < SHORTEST or len(word) > LONGEST_WORD or not word.isalpha() or word in self._known:
            return None
        if word in REAL_WORDS or word in SMALL or _DEGREE.match(word):
            return None
        key = family(word)
        found = _near(self._labels, key)
        if found is not None:
            return found if not self._nouns or (_NOUN.search(word) and _NOUN.search(found)) else None
        return None if word[-1] == "n" else _near(self._asked, key)  # «nunca me invitaron» is about us


def _families(words: Iterable[str]) -> dict[str, str]:
    """The words that have a family, by its key; a key of two words means neither."""
    found: dict[str, str] = {}
    for word in sorted({word for word in words if len(word) >= SHORTEST and word.isalpha() and word not in POLARITY}):
        found.setdefault(family(word), word)
    return found


def _near(words: dict[str, str], key: str) -> str | None:
    if (found := words.get(key)) is not None or len(key) < _SHORTEST_SLIP:
        return found
    near = [
        word
        for other, word in words.items()
        if len(other) >= _SHORTEST_SLIP and OSA.distance(key, other, score_cutoff=1) <= 1
    ]
    return near[0] if len(near) == 1 else None


_DEGREE = re.compile(r"(?:much|tant|poc|tod|otr|algun|ningun)[oa]s?$")
"""«muchas gracias» is no «Mucho»."""
_NOUN = re.compile(r"(?:[oa]s?|ia)$")
"""Of a list of deeds («Saludé») a form of the verb may tell what was not done («faltó saludar»): only a noun is mended."""
_SHORTEST_SLIP = 7
"""A slip in a shorter key makes another word."""

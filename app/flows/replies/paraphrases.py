"""Wordings that officers use instead of an option: «se puso al brinco» for «Se molestó más», «andábamos con prisa» for «Tiempo».

A reply that the reader's words do not explain is looked through for these. One option that a sure paraphrase names, and nothing
that points to another, is the answer; anything less is at most proposed. A paraphrase behind a denial names nothing, and leaves the
reply unread.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from app.flows.replies.fold import Folded, phrase
from app.flows.replies.forms import Option
from app.flows.replies.paraphrased import CONCEPTS, STATEMENTS, Concept, Statement
from app.flows.replies.patterns import Line, Match, Patterns, heard, line_of

RULE, SCORE = "paraphrase", 0.8
LONGEST = 40
"""A reply of more words is a story."""
_DENIES = frozenset(map(heard, ["no", "ni", "sin", "nunca", "jamas", "tampoco", "nadie", "casi"]))
_HARDLY = frozenset(map(heard, ("nada", "poco")))
"""Directly before a paraphrase these deny it: «nada tranquila»."""
_OTHERS = frozenset(map(heard, ("me", "nos")))
_BY_AND_BY = (heard("a"), heard("poco"))
_REACH = 4
_OPENS_AGAIN = frozenset(map(heard, ("pero", "si", "sino")))
"""Behind these a denial is over: «no saludé pero sí expliqué»."""
_JOINS = frozenset(map(heard, ("y", "e", "pero", "tambien")))
_WORD = re.compile(r"\w+")
_TURNS = frozenset(map(heard, ["posteriormente", "pero", "ahora", "finalmente", "final", "despues", "luego", "ya"]))
"""Behind these comes how it ended: «al principio gritaba, después se calmó»."""
_DOUBTS = Patterns(
    (
        "(quizas|quiza|talvez|a lo mejor|no se si|puede que|supongo|segun el caso|depende|o tal vez|entre # y #)",
        "(casi|apenas) (se|me)",
        "(hubiera|hubiese|habria|hubieran|hubieramos)",
        "(escuche|oi|deje|oimos|escuchamos) ~ a medias",
        "(no|nunca|jamas) ~ sin (gente|contacto|ciudadan*|publico|escuchar*)",
        "(mi|mis) (companero|companera|companeros|pareja) (atendio|atendieron|hablo|escucho|platico|lo|la|le)",
        "(quise|quisimos|queria|queriamos|iba|ibamos|intente|intentamos) (a)? (salud*|escuch*|explic*)",
        "(mi|el|la) (esposa|esposo|mujer|mama|comandante|jefe|jefa|mando|hijo|hija|suegra|novia) (si|ya|tambien)? se (me|nos)? (molesto|enojo|calmo|altero|puso)",
        "(evitamos|evite|evitar|prevenimos|impedimos)",
        "(o|u) (se|fue|lo|la|le|por|igual)",
    )
)
_TAKEN_BACK = Patterns(
    (
        "(mensaje|mensajes|encuesta|respondi|conteste|contesto|regreso|(a la|en|quedo a la) espera !(de)? $|espereme|ahorita le|luego le|al rato|wifi|whatsapp|depositan|(toco|fui|asisti|vine) ~ taller|oiga y|enviaron|mandaron el|continuar con el|clima|mi numero|nada que ver|mis datos)",
        "hace (como|ya|mas de)? (#|muchos|varios|unos|algunos) (anos|meses)",
        "(el ano pasado|estados unidos|leimos que|apenas (prendo|veo|leo|vi))",
        "(^|jaja|oiga) lei (que|en)",
        "en (la|una|el|un) (platica|novela|serie|pelicula|noticias) (vimos|nos|dijeron|hablaron|sale|salio)",
        "(dinero|soborno|mordida|inventad*|tortur*|sembrar*|sembramos)",
    )
)
"""Of what is said to us, and of wrongs, no answer is made."""


@dataclass(frozen=True, slots=True)
class Found:
    """The options that a reply paraphrases: surely, and perhaps, each with the place after its last paraphrase; the place of the last
    word that turns the story, 0 for none; the places that paraphrases cover."""

    sure: dict[int, int]
    perhaps: dict[int, int]
    turn: int = 0
    covered: frozenset[int] = frozenset()
    denied: bool = False

    @property
    def named(self) -> set[int]:
        """Every option that is named."""
        return {*self.sure, *self.perhaps}

    @property
    def taken(self) -> int | None:
        """The only option that is named surely, where nothing points to another."""
        return next(iter(self.sure)) if len(self.sure) == 1 and self.named == set(self.sure) else None

    @property
    def likely(self) -> int | None:
        """The option to propose: the only one that is named, the only one behind a turn, or one that is named surely and first."""
        ended = {index for index in self.named if self.turn and self._end(index) > self.turn}
        led = (
            set(self.sure) if all(end > min(self.sure.values(), default=0) for end in self.perhaps.values()) else set()
        )
        return next((min(some) for some in (self.named, ended, led) if len(some) == 1), None)

    def _end(self, index: int) -> int:
        return max(self.sure.get(index, 0), self.perhaps.get(index, 0))


NOTHING = Found({}, {})
DENIED = Found({}, {}, denied=True)
"""An option is named and denied, or taken back: nothing is proposed either."""


@dataclass(frozen=True, slots=True)
class Named:
    """The options that a list names and does not deny, the places of their words, and where its clauses begin and end."""

    chosen: frozenset[int]
    places: frozenset[int]
    clauses: tuple[tuple[int, int], ...]

    def covers(self, place: int) -> bool:
        """Whether a word belongs to the name of an option."""
        return place in self.places

    def covers_any(self, start: int, end: int) -> bool:
        """Whether a clause names an option."""
        return any(place in self.places for place in range(start, end))


class Paraphrases:
    """The paraphrases of one question's options. `asked` are the question's words."""

    def __init__(self, options: Sequence[Option], asked: Iterable[str] = ()) -> None:
        labels, question = [phrase(option.label) for option in options], frozenset(asked)
        words = {word for label in labels for word in label}
        known: list[tuple[int, Concept | Statement]] = [
            (index, one) for index, label in enumerate(labels) for one in CONCEPTS if one.names(label, words)
        ]
        stated = [(index, one) for index, label in enumerate(labels) for one in STATEMENTS if one.fits(label, question)]
        self._known = [
            (index, _compiled(said), surely)
            for index, one in (*known, *stated)
            for said, surely in ((one.sure, True), (one.perhaps, False))
            if said
        ]

    def named(self, folded: Folded) -> "Named | None":
        """The options that a list of several names, clause by clause; None if nothing is known of them."""
        if not self._known:
            return None
        line = line_of(folded)
        if _DOUBTS.first_in(line) or _TAKEN_BACK.first_in(line):
            return None
        matches = [
            (index, match) for index, patterns, surely in self._known if surely for match in patterns.all_in(line)
        ]
        kept = [one for one in matches if not any(_holds(whole, one[1]) for _, whole in matches)]
        if any(match.start and line.words[match.start - 1] in _OTHERS for _, match in kept):
            return None  # «me saludó él»
        owned = _owned(line, [match for _, match in kept])
        denied = {index for index, match in kept if _is_denied(line, match, owned) or _is_taken_back(line, match)}
        places = frozenset(place for _, match in kept for place in range(match.start, match.end))
        return Named(frozenset(index for index, _ in kept if index not in denied), places, _clauses(line))

    def found(self, folded: Folded) -> Found:
        """The options that a reply paraphrases."""
        if not self._known or len(folded.words) > LONGEST or folded.has("?"):
            return NOTHING
        line = line_of(folded)
        if _DOUBTS.first_in(line) or _TAKEN_BACK.first_in(line):
            return DENIED
        matches = [(index, match, surely) for index, patterns, surely in self._known for match in patterns.all_in(line)]
        owned = _owned(line, [match for _, match, _ in matches])
        places: tuple[dict[int, int], dict[int, int]] = ({}, {})
        covered, denied = set[int](), set[int]()
        for index, match, surely in matches:
            if any(_holds(whole, match) for _, whole, _ in matches):
                continue  # «ya no gritaba» is no shouting
            if _is_denied(line, match, owned) or _is_taken_back(line, match):
                denied.add(index)
                covered |= set(range(match.start, match.end))
                continue
            into = places[0] if surely else places[1]
            into[index] = max(into.get(index, 0), match.end)
            covered |= set(range(match.start, match.end))
        if line.words and line.words[-1] in _DENIES and len(line.words) - 1 not in covered:
            return DENIED  # «detención, creo que no»
        if denied:
            # «no se molestó, se calmó»: what is not denied may be asked about
            sure = {index: end for index, end in places[0].items() if index not in denied}
            return Found({}, sure, 0, frozenset(covered)) if len(sure) == 1 and not places[1] else DENIED
        turn = max((at for at, word in enumerate(line.words) if word in _TURNS), default=0)
        return Found(*places, turn, frozenset(covered))


@cache
def _compiled(said: tuple[str, ...]) -> Patterns:
    return Patterns(said)


def _is_taken_back(line: Line, match: Match) -> bool:
    """«explicar no, porque ya sabía»."""
    if line.words[match.end : match.end + 1] != ("no",) or match.end - 1 in line.breaks:
        return False
    return line.words[match.end - 1].endswith("r") or line.words[match.end + 1 : match.end + 2] not in _GOES_ON


_GOES_ON = tuple((heard(word),) for word in ("me", "nos", "se"))
"""Behind «no» these begin another statement: «aventaban cosas no me iba a parar»."""


def _clauses(line: Line) -> tuple[tuple[int, int], ...]:
    """Where the clauses of a line begin and end: at signs, «y», «pero»."""
    starts = [0]
    for place, word in enumerate(line.words):
        if place and (word in _JOINS or place - 1 in line.breaks):
            starts.append(place + (word in _JOINS))
    ends = [*starts[1:], len(line.words)]
    return tuple((start, end) for start, end in zip(starts, ends, strict=True) if start < end)


def _holds(whole: Match, match: Match) -> bool:
    """Whether one match lies within a longer one."""
    return whole.start <= match.start and match.end <= whole.end and whole.end - whole.start > match.end - match.start


def is_denied(words: Sequence[str], place: int) -> bool:
    """Whether a denial stands close before a word."""
    return any(heard(word) in _DENIES for word in words[max(0, place - _REACH) : place])


def _owned(line: Line, matches: Iterable[Match]) -> frozenset[int]:
    """The places of denials with which a paraphrase begins: «no traía tiempo» denies nothing behind it."""
    return frozenset(match.start for match in matches if line.words[match.start] in _DENIES)


def _is_denied(line: Line, match: Match, owned: frozenset[int]) -> bool:
    """Whether a denial stands close before, in the same clause, or in words that the pattern leaves open."""
    if match.pattern.startswith("^ ~") and _DENIES.isdisjoint(map(heard, _WORD.findall(match.pattern))):
        return not _DENIES.isdisjoint(line.words[match.start : match.end])
    before = line.words[max(match.start - 2, 0) : match.start]
    if match.start and match.start - 1 not in line.breaks and before[-1] in _HARDLY and before != _BY_AND_BY:
        return True
    reach = _REACH + 2 * (not _CHANCES.isdisjoint(line.words[max(match.start - 2, 0) : match.start]))
    for place in range(match.start - 1, max(match.start - 1 - reach, -1), -1):
        if place in line.breaks or place in owned or line.words[place] in _OPENS_AGAIN or _denies_nothing(line, place):
            return False
        if line.words[place] in _DENIES:
            return True
    return False


def _denies_nothing(line: Line, place: int) -> bool:
    """«sin embargo», «sin duda»; «no pues ese día …» denies what was asked, and goes on."""
    behind = line.words[place + 1 : place + 2]
    return (line.words[place] == "sin" and behind in _WITHOUT) or (place == 0 and behind in _PAUSES)


_WITHOUT = tuple((heard(word),) for word in ("embargo", "duda"))
_PAUSES = tuple((heard(word),) for word in ("pues", "fijese", "jefe", "jefa", "oficial"))

_CHANCES = frozenset(map(heard, ("tiempo", "chance", "oportunidad", "modo")))
"""«no me dio tiempo de saludar»: these stand between a denial and what it denies."""

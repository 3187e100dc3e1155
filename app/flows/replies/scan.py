"""Walking through a reply's words: which options, missing codes, doubts and unknown words stand in it."""

from dataclasses import dataclass, field

from app.flows.replies.fold import COMMAS
from app.flows.replies.forms import AnswerKind, Form
from app.flows.replies.lexicon import DID, VERBS, Words, word_list
from app.flows.replies.numbers import cardinal, ordinal, whole
from app.flows.replies.phrases import FORGOTTEN, Meaning, MeaningKind
from app.flows.replies.table import Table

LEADS = frozenset(word_list("opcion opciones opc op inciso incisos letra letras respuesta respuestas la el"))
ABOUT = frozenset(word_list("como unas unos aprox aproximadamente solo unicamente nada mas solamente"))
"""Before a number where several may be chosen, these count: «unas tres», «solo una»."""
_COUNTS = ABOUT | frozenset(("con", "a", "de"))
"""Where a yes or no is asked, these before a number count what there was: «con dos» is two people, and not the second option."""
_IS = frozenset(word_list("es fue era estuvo esta sido tuve tuvimos tengo"))
_GOOD = frozenset(word_list("buen buena buenos buenas bonito bonita excelente lindo linda"))
"""«No fue buen día» denies that, and is neither a no with a farewell nor a no to the question."""
_OF_THESE = tuple([("de", word) for word in ("esas", "esos", "ellas", "ellos", "estas", "estos")])
INDEFINITE = {"un": 1, "una": 1}


@dataclass(slots=True)
class Scan:
    """The findings of a walk through some words. `unknown` is the place of the first word that means nothing."""

    options: set[int] = field(default_factory=set)
    hits: int = 0
    codes: set[str] = field(default_factory=set)
    rule: str = ""
    score: float = 0.0
    everything: bool = False
    doubtful: bool = False
    either: bool = False
    outside: bool = False
    unknown: int | None = None
    last: str = ""

    def hit(self, index: int, rule: str, score: float, last: str = "") -> None:
        """One option meant by a wording that ends in `last`; the surest hit names the rule."""
        self.options.add(index)
        self.hits += 1
        self.last = last
        if score > self.score:
            self.rule, self.score = rule, score

    @property
    def unsure(self) -> bool:
        """Whether the words leave open what is meant. «sí o sí» does not."""
        return self.doubtful or (self.either and self.hits < 2)


class Walker:
    """Walks through replies to one question. `numbers` are the options by the number they are shown with."""

    def __init__(self, form: Form, table: Table, numbers: dict[int, int], count: int) -> None:
        self.phrases = table.phrases
        self.polar, self.noes = table.polar, table.noes
        self.numbers = numbers
        self.count = count
        self.letters = form.kind != AnswerKind.scale
        self.counts = form.kind != AnswerKind.multi
        self.bare = form.kind != AnswerKind.yes_no

    def scan(self, words: Words, explicit: bool = False) -> Scan:
        """Walk through words, collecting what each wording means."""
        scan, place = Scan(), 0
        while place < len(words):
            place = self._step(words, place, scan, explicit and place == 0)
        if (
            self.counts
            and not scan.options
            and not scan.codes
            and scan.unknown is None
            and words
            and words[-1] in INDEFINITE
            and words[0] not in INDEFINITE  # «una» alone may be the middle of a sentence
        ):
            self._number(INDEFINITE[words[-1]], "number_word", scan)
        return scan

    def _step(self, words: Words, place: int, scan: Scan, explicit: bool) -> int:
        word = words[place]
        if word in COMMAS:
            return place + 1
        if word in VERBS and scan.options and scan.options <= self.polar and scan.unknown is None:
            # «sí tuve 3»: a statement begins, and its numbers are not options.
            scan.unknown = place
            return len(words)
        if word in _GOOD and place > 1 and words[place - 2] == "no" and words[place - 1] in _IS:
            scan.doubtful = True
            return place + 1
        found = self.phrases.at(words, place)
        letter = self._letter(words, place, explicit)
        if letter is not None and (found is None or found[0].what is not MeaningKind.option):
            self._position(letter, "letter", scan)
            return place + 1
        article = word in INDEFINITE and not (place and words[place - 1] in LEADS)
        number = None if article else cardinal(words, place)
        if number is not None and (found is None or found[0].what is not MeaningKind.option or found[1] < number[1]):
            return self._counted(words, place, number, scan)
        nth = ordinal(word) if found is None and self.letters else None
        if nth is not None:
            self._position(nth, "number_word", scan)
            return place + 1
        if found is None:
            if scan.unknown is None:
                scan.unknown = place
            return place + 1
        meaning, end = found
        self._mean(meaning, words[end - 1] if end > place + 1 else "", scan)
        if self.two_faced(words[place:end], meaning):
            scan.doubtful = True
        return end

    def _counted(self, words: Words, place: int, number: tuple[int, int], scan: Scan) -> int:
        """A number means an option, unless it counts something («dos veces», «hubo 2») or says «both» («las dos»)."""
        value, end = number
        if self.followed(words, end) and cardinal(words, end) is None:
            scan.unknown = place if scan.unknown is None else scan.unknown
            return end
        before = words[place - 1] if place else ""
        is_amount = bool(self.polar and before in _COUNTS) or (
            (not self.counts or bool(self.polar)) and _how_many(words, place, end)
        )
        if before in DID or is_amount:
            scan.doubtful = True
            return end
        if place and words[place - 1] in ("las", "los") and value > 1:
            scan.doubtful = scan.doubtful or value != self.count
            scan.everything = value == self.count
            return end
        self._number(value, "number" if words[place].isdecimal() else "number_word", scan)
        return end

    def followed(self, words: Words, end: int) -> bool:
        """Whether a word without a meaning comes next: what a number counts."""
        return end < len(words) and words[end] not in COMMAS and self.phrases.at(words, end) is None

    def _number(self, value: int, rule: str, scan: Scan) -> None:
        index = self.numbers.get(value)
        if index is None:
            scan.outside = True
        else:
            scan.hit(index, rule, 1.0)

    def _position(self, position: int, rule: str, scan: Scan) -> None:
        if 1 <= position <= self.count:
            scan.hit(position - 1, rule, 1.0)
        else:
            scan.outside = True

    def _letter(self, words: Words, place: int, explicit: bool) -> int | None:
        word = words[place]
        if not self.letters or len(word) != 1 or not "a" <= word <= "z":
            return None
        led = place > 0 and words[place - 1] in LEADS and place == len(words) - 1
        alone = len(words) == 1 and self.bare
        return ord(word) - ord("a") + 1 if explicit or led or alone else None

    def _mean(self, meaning: Meaning, last: str, scan: Scan) -> None:
        match meaning.what:
            case MeaningKind.option:
                scan.hit(meaning.index, meaning.rule, meaning.score, last)
            case MeaningKind.missing if not (meaning is FORGOTTEN and scan.options and scan.options <= self.noes):
                scan.codes.add(meaning.code)
            case MeaningKind.hedge:
                scan.doubtful = True
            case MeaningKind.either:
                scan.either = True
            case MeaningKind.all:
                scan.everything = True
            case MeaningKind.because if scan.options and scan.unknown is None:
                scan.unknown = -1
            case _:
                pass

    def two_faced(self, words: Words, meaning: Meaning) -> bool:
        """A label that is itself a number, and not the number it is shown beside."""
        if len(words) != 1 or meaning.what is not MeaningKind.option or (value := whole(words[0])) is None:
            return False
        return self.numbers.get(value, meaning.index) != meaning.index


def _how_many(words: Words, place: int, end: int) -> bool:
    """«unas tres», «dos solamente», «dos de esas» count; «la 2 solamente», «2 solamente» name one."""
    if place and (words[place - 1] in ABOUT or words[place - 1] in LEADS):
        return words[place - 1] in ABOUT
    if words[place].isdecimal() or words[end : end + 1] == ():
        return False
    return words[end] in ABOUT or words[end : end + 2] in _OF_THESE

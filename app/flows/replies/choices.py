"""Reading a reply to a question with options: yes or no, one of a list, a point of a scale.

It accepts a reply if every word of it is accounted for, if one option's own words are enough to tell it, or if a
clear answer comes first and what follows neither doubts nor contradicts it. Two options in one reply are never
weighed against each other: that is `ambiguous`.
"""

import re
from itertools import pairwise

from rapidfuzz.distance import OSA

from app.flows.replies import lexicon as lex
from app.flows.replies.asked import plain_words
from app.flows.replies.fold import COMMAS, Folded, clauses, is_word
from app.flows.replies.forms import (
    AMBIGUOUS,
    NO_MATCH,
    OUT_OF_RANGE,
    AnswerKind,
    Form,
    Option,
    Parsed,
    Reading,
)
from app.flows.replies.fuzzy import SHORTEST, mending
from app.flows.replies.kin import family
from app.flows.replies.lexicon import (
    CONCLUDES,
    CORRECTS,
    DENIALS,
    DETAILS,
    DETAILS_OF_YES,
    HABITS,
    IMPERFECTS,
    PARTLY,
    POLARITY,
    PRONOUNS,
    QUALIFIERS,
    RELATIONAL,
    VERBS,
    Words,
    word_list,
)
from app.flows.replies.missing import missing_answer, missing_code
from app.flows.replies.naming import FEWEST, Naming
from app.flows.replies.numbers import cardinal
from app.flows.replies.paraphrases import RULE as PARAPHRASE
from app.flows.replies.paraphrases import SCORE as PARAPHRASED
from app.flows.replies.paraphrases import Found
from app.flows.replies.patterns import heard
from app.flows.replies.phrases import FORGOTTEN, REASON, Meaning, MeaningKind, spelled_out
from app.flows.replies.scan import INDEFINITE, LEADS, Scan, Walker
from app.flows.replies.table import PIECE, compiled
from app.flows.replies.telling import Telling

_SOMEBODY = frozenset(word_list("le les lo la los las"))
_THEIR_WILL = frozenset(word_list("quiso quisieron"))
"""«no quiso darme su nombre» tells what somebody else did not want."""
_SEPARATORS = frozenset(",.;:-")
_SIGNED = re.compile(r"[+<>%$^=]\s*\d|\d\s*[+<>%^=]|^-\d")
_IN_A_WHILE = re.compile(r"en \d+")
"""«en 5» may be minutes."""
_RANGE = re.compile(r"\d\s*-\s*\d")
_PLAINLY = frozenset(
    word_list("si no nel simon claro nop sip nunca jamas tampoco siempre supuesto luego efectivamente obvio obviamente")
)
_CHANCES = frozenset(word_list("tiempo chance oportunidad modo manera"))
_ENDS = ((), (",",), (";",))
_CLITICS = frozenset(word_list("me nos lo la le se les"))
_NOBODY = frozenset(("nadie", "nada"))
_NONE_OF_IT = frozenset(word_list("ningun ninguna ninguno"))
_NEVER_IF = frozenset(word_list("simon sip nel nop nope nones afirmativo negativo"))
"""Unlike «si» and «no», these are nothing but answers."""
_NOT_SAID = ("no", "si")
"""In a reason these answer nothing: «sí, aunque no quería»."""
_OFTEN = frozenset(word_list("siempre nunca jamas"))
_WITHOUT = frozenset(word_list("novedad problema problemas bronca embargo duda"))
_SHORTEST_PREFIX = 10
_DISTINCT = 6
_LONG = 30
_CLAUSES = 3
_WORDY, _POLES = 4, 2
_LONGEST_STORY = 40
_HEARD = frozenset(map(heard, VERBS))
_HEARD_IN_NO = _HEARD | frozenset(map(heard, IMPERFECTS))
_HEARD_HABITS = frozenset(map(heard, HABITS))
"""Verbs as they sound: «tube» is «tuve»."""
_THE = frozenset(("la", "el"))
_ADDRESS = frozenset(
    word_list(
        "oficial jefe jefa we wey guey compa compadre carnal senor senorita lic licenciada comandante porfa porfavor"
    )
)
_AND = frozenset("y")
_OPTIONS = frozenset(word_list("opcion opc op inciso numero num respuesta"))
_ENUMERATES = (("y",), ("o",), (",",), ("-",), ("a",))
_EARLY = 2
"""An address so few words behind the beginning ends a first clause."""
_TURNS = frozenset(word_list("pero y bueno digo mejor casi que o u perdon ya no si aunque porque pues tampoco al"))
"""Behind these a denial may take back what was said."""
_NOTHING_MUCH = frozenset(
    word_list("grave del serio relevante importante fuerte raro nuevo especial fuera pesado complicado extraordinario")
)
_LONGEST_REPEATED = 6
_OF_ME = re.compile(r"(?:[oei]|amos|emos|imos)$")
_IF = frozenset(word_list("cuando mientras depende quien sabe"))


class Choices:
    """The options of one form, compiled, and how a reply picks one of them."""

    def __init__(self, form: Form, options: tuple[Option, ...], numbers: dict[int, int]) -> None:
        self.form = form
        self.options = options
        self.table = compiled(form, options)
        self.walker = Walker(form, self.table, numbers, len(options))
        self.telling = Telling(form, options, self.table, self.walker)
        listed = form.kind is AnswerKind.choice and len(options) >= FEWEST
        self.naming = Naming(form, self.table, [option.label for option in options]) if listed else None

    def read(self, folded: Folded) -> Reading:
        """Which option a reply means, or which missing code."""
        if (meaning := self.table.phrases.meanings.get(folded.words)) and not folded.has("?"):
            if meaning.what is MeaningKind.missing and not folded.has(*COMMAS):
                return self._coded(folded, meaning.code)
            apart = meaning.rule == "lexicon" and folded.has(*COMMAS)
            if meaning.what is MeaningKind.option and not apart and not self.walker.two_faced(folded.words, meaning):
                return self.parsed(meaning.index, meaning.rule, meaning.score)
        if not folded.has("?") and (named := self.synonym(folded.tokens)):
            return named
        if (code := missing_code(folded)) and not folded.has("?"):
            # «No venía al caso» may be an option of its own.
            owner = self.table.owners.get(code)
            return self._coded(folded, code) if owner is None else self.parsed(owner, "lexicon", 0.95)
        if _RANGE.search(folded.line) or (self.walker.letters and _IN_A_WHILE.fullmatch(folded.line)):
            return AMBIGUOUS
        if folded.has("?"):
            return NO_MATCH
        if _SIGNED.search(folded.line):
            return self.paraphrased(folded) or NO_MATCH
        found = self.attempt(spelled_out(folded.tokens), folded.accented)
        if isinstance(found, Parsed):
            return self._outweighed(folded, found) or found
        return self.paraphrased(folded) or self._repeats(folded) or found

    def _repeats(self, folded: Folded) -> Parsed | None:
        """«puedo», «tengo»: the question's own verb, said of oneself, is a yes where nothing else is said."""
        words = spelled_out(folded.words)
        yes = self.table.polar - self.table.noes
        if self.form.kind is not AnswerKind.yes_no or len(yes) != 1 or len(words) > _LONGEST_REPEATED:
            return None
        asked = {family(word) for word in plain_words(self.form.asked)}
        told = [word for word in words if not self.table.fills(word) or word in VERBS]
        if (
            not told
            or not all(family(word) in asked for word in told)
            or told[0] in self.form.asked
            or not _OF_ME.search(told[0])
            or _DONE.search(told[0])
        ):
            return None
        scan = self.walker.scan(words)
        if scan.options or scan.codes or scan.unsure or not _IF.isdisjoint(words):
            return None
        return self.parsed(min(yes), "fuzzy", 0.8)

    def _coded(self, folded: Folded, code: str) -> Reading:
        """A missing code; where the question has none, what it says in other words («no trato con la gente» is a no)."""
        if self.table.noes and folded.words in lex.FORGOT:
            return AMBIGUOUS  # forgotten now, or forgotten then?
        found = missing_answer(self.form, code)
        return found if isinstance(found, Parsed) else self.paraphrased(folded) or found

    def _outweighed(self, folded: Folded, found: Parsed) -> Parsed | None:
        """The third option that a reply paraphrases beside a «no» in it: «fue un saludo nada más, no había nada que decidir»."""
        if len(folded.words) < _WORDY or len(self.options) <= _POLES or found.key not in ("si", "no"):
            return None
        told = self.paraphrased(folded)
        return told if told is not None and told.key not in ("si", "no") else None

    def paraphrased(self, folded: Folded) -> Parsed | None:
        """The option that a reply names in other words, where nothing else in it points to another."""
        told = self.told(folded)
        index = told.taken
        if index is None and not told.named and not told.denied and self.naming is not None:
            index = self.naming.named(folded)
        return None if index is None else self.parsed(index, PARAPHRASE, PARAPHRASED)

    def told(self, folded: Folded, *, marks: bool = True) -> Found:
        """The options that a reply names in other words; see `Telling`."""
        return self.telling.told(folded, marks=marks)

    def attempt(self, tokens: Words, accented: bool = False) -> Reading:
        """Read tokens as they are, then as they may have been meant."""
        return mending(
            lambda words, slips: self._plainly(words, accented, slips),
            tokens,
            self.table.phrases,
            self.table.speller,
            self.table.kin.meant,
        )

    def synonym(self, tokens: Words) -> Parsed | None:
        """The option that tokens name without its words: «comandante» for Órdenes."""
        named = self.table.synonyms.get(_bare(tokens)) if self.table.synonyms else None
        return None if named is None else self.parsed(named, "synonym", 0.85)

    def parsed(self, index: int, rule: str, score: float) -> Parsed:
        """The answer that is an option."""
        option = self.options[index]
        return Parsed(option.value, option.key, option.label, rule, score)

    def index(self, found: Parsed) -> int:
        """The place of the option that an answer is."""
        return next(index for index, option in enumerate(self.options) if option.key == found.key)

    # --- one pass -----------------------------------------------------------------------------------------------

    def _plainly(self, tokens: Words, accented: bool, slips: bool) -> Reading:
        # Commas stay, so that no wording reaches across one: «no, se me pasó» is not «no se».
        words = clauses(tokens)
        scan = self.walker.scan(words, explicit=len(tokens) > 1 and tokens[1] in (")", "."))
        if scan.unknown is None:
            return self.settled(scan)
        return (
            self._part(words, slips)
            or self._prefix(plain := tuple(filter(is_word, words)))
            or self._mistyped(plain)
            or (None if slips else self._qualified(words))
            or self._led(tokens, words, scan, accented)
            or self._closing(tokens)
            or (AMBIGUOUS if scan.unsure or len(scan.options) > 1 else NO_MATCH)
        )

    def settled(self, scan: Scan) -> Reading:
        """The outcome of words that are all accounted for."""
        if not scan.unsure and (nearer := self._nearer(scan.options)) is not None:
            scan.options = {nearer}
        if scan.unsure or scan.everything or len(scan.options) + len(scan.codes) + scan.outside > 1:
            return AMBIGUOUS
        if scan.options:
            return self.parsed(min(scan.options), scan.rule, scan.score)
        if scan.codes:
            return missing_answer(self.form, min(scan.codes))
        return OUT_OF_RANGE if scan.outside else NO_MATCH

    def _nearer(self, options: set[int]) -> int | None:
        """«nel, no hubo chance»: beside a plain no, the option that says why not."""
        rest = options - self.table.noes
        if len(options) != _POLES or len(rest) != 1 or not self.table.labels[min(rest)].joined.startswith("no "):
            return None
        return min(rest)

    # --- replies with words that mean nothing to the question ----------------------------------------------------

    def _part(self, words: Words, slips: bool = False) -> Reading | None:
        """«actitud» for «Actitud de la persona», «2, lo escucho»: words of exactly one label, and no number but its own. With `slips` the
        label's first word must be there: «dejarlo que grabe» is not «Pedirle que deje de grabar»."""
        carriers, content, numbers = self.table.carriers, [], set()
        if tuple(filter(is_word, words)) in lex.STOCK:
            return None  # «nadie» is not «Nadie me dijo»
        for word in filter(is_word, words):
            if word in carriers:
                content.append(word)
            elif (number := cardinal((word,), 0)) and word not in INDEFINITE:
                numbers.add(self.walker.numbers.get(number[0]))
            elif not self.table.fills(word):
                return None
        if not any(len(word) >= SHORTEST for word in content):
            return None
        shared = frozenset.intersection(*(carriers[word] for word in content))
        chosen = [
            index
            for index in shared
            if _tells(content, label := self.table.labels[index].content)
            and (not slips or label[0] in content or len(content) == 1)
        ]
        if self.table.nones & set(chosen):
            return AMBIGUOUS
        chosen = [index for index in chosen if set(self.table.labels[index].content) == set(content)] or chosen
        if len(chosen) > 1 or (chosen and numbers - set(chosen)):
            return AMBIGUOUS
        return self.parsed(chosen[0], "label", 0.9) if chosen else None

    def _prefix(self, words: Words) -> Reading | None:
        """A label cut short, as the titles of buttons are."""
        joined = " ".join(words)
        if len(joined) < _SHORTEST_PREFIX:
            return None
        begun = [index for index, label in enumerate(self.table.labels) if label.joined.startswith(joined)]
        return self.parsed(begun[0], "label", 0.9) if len(begun) == 1 else None

    def _mistyped(self, words: Words) -> Reading | None:
        """A long label with a slip or two, of which each word may be another word («Pero de lo que empezó»)."""
        joined = " ".join(words)
        if len(joined) < _SHORTEST_PREFIX or not self.walker.letters:
            return None
        near = sorted(
            (OSA.distance(joined, label.joined, score_cutoff=4), index) for index, label in enumerate(self.table.labels)
        )
        if not near or near[0][0] > 1 + (len(joined) > _LONG) or (len(near) > 1 and near[1][0] - near[0][0] < _POLES):
            return None
        return self.parsed(near[0][1], "fuzzy", 0.8)

    def _qualified(self, words: Words) -> Reading | None:
        """«una revisión de rutina», «igual que antes»: an option's own words, and then of what kind it was or whose."""
        if not self.walker.letters:
            return None
        ends = [place for place in range(1, len(words)) if self._qualifies(words, place)]
        for end in ends[:_CLAUSES]:
            head = self.walker.scan(words[:end])
            found = self.settled(head) if head.unknown is None else self._part(words[:end])
            if not isinstance(found, Parsed) or found.missing is not None:
                if head.unknown is not None or head.unsure:
                    return None
                continue
            index = self.index(found)
            whole = head.unknown is None or set(self.table.labels[index].content) <= set(words[:end])
            if index in self.table.nones:
                return AMBIGUOUS
            if not whole or found.rule not in ("label", "alias") or index in self.table.polar or found.score == PIECE:
                return None
            stop = next((place for place in range(end, len(words)) if words[place] in COMMAS), len(words))
            if self.form.kind == AnswerKind.multi and stop < len(words):
                return None
            clear = not DENIALS & set(words[end:stop]) and self._agrees(words, end, index, counting=True)
            return self.parsed(index, found.rule, 0.8) if clear else AMBIGUOUS
        return None

    def _qualifies(self, words: Words, place: int) -> bool:
        word, table = words[place], self.table
        if word in QUALIFIERS or table.fills(words[place - 1]):
            return word in QUALIFIERS
        return (
            RELATIONAL.search(word) is not None and word not in table.carriers and (word,) not in table.phrases.meanings
        )

    def _led(self, tokens: Words, words: Words, scan: Scan, accented: bool) -> Reading | None:
        """An answer with an explanation behind it. In lists, where what is behind may be half of the answer, only «otro»."""
        if self.form.kind == AnswerKind.multi:
            found = self._clause(tokens, words)
            return found if isinstance(found, Parsed) and self.index(found) in self.table.others else None
        return self._clause(tokens, words) or self._statement(words, scan, accented) or self._concluded(words)

    def _clause(self, tokens: Words, words: Words) -> Reading | None:
        """«2, porque estaba nervioso»: a whole answer first, and then more words that do not take it back."""
        for end, reason in self._boundaries(tokens):
            degree = None if reason or words[end - 1] in _ADDRESS else self.table.synonyms.get(words[:end])
            if degree is not None:
                return (
                    self.parsed(degree, "synonym", 0.85)
                    if self._agrees(words, end, degree, counting=False)
                    else AMBIGUOUS
                )
            scan = self.walker.scan(words[:end])
            if scan.unknown not in (None, -1) or scan.unsure or scan.everything or scan.codes or scan.outside:
                return None
            if len(scan.options) == 1:
                index = min(scan.options)
                if index in self.table.nones and not reason:  # «nada, el clima»
                    return AMBIGUOUS
                other = self._part(words[end:])
                agrees = (not other or other == self.parsed(index, "label", 0.9)) and self._agrees(
                    words, end, index, counting=not reason
                )
                return self.parsed(index, scan.rule, min(scan.score, 0.9)) if agrees else AMBIGUOUS
        return None

    def _boundaries(self, tokens: Words) -> list[tuple[int, bool]]:
        """Where a first clause may end, as a count of words, and whether a reason follows."""
        found, count, inside = [], 0, 0
        for place, token in enumerate(tokens):
            if token in _SEPARATORS and count:
                found.append((count, False))
            if token in _ADDRESS and 0 < count <= _EARLY:
                found.append((count + 1, False))  # «sí, oficial, aquí andamos»
            elif token in _CLITICS and tokens[0] in POLARITY and tokens[:place] in self.table.wholly:
                found.append((count, False))  # «siempre nos felicita»
            elif place == 1 and tokens[0] in _OPTIONS and token.isdecimal() and tokens[2:3] not in _ENUMERATES:
                found.append((2, False))  # «opción 4 un robo a tienda»
            elif token in _AND and tokens[:place] == ("si",):
                found.append((count, False))  # «sí y hasta me contó»
            if token in COMMAS or is_word(token):
                if place >= inside and (meaning := self.table.phrases.at(tokens, place)):
                    inside = meaning[1]  # «siempre y cuando» is one wording
                    if count and meaning[0].what is MeaningKind.because:
                        found.append((count, True))
                count += 1
        return found[:_CLAUSES]

    def _statement(self, words: Words, scan: Scan, accented: bool) -> Reading | None:
        """«sí le expliqué», «no tuve contacto»: yes or no, and a verb that says it was so."""
        if scan.unknown is None or scan.unknown < 1 or len(scan.options) != 1 or not scan.options <= self.table.polar:
            return None
        head = self.walker.scan(words[: scan.unknown])
        if head.options != scan.options or scan.codes:
            return None
        behind_but = "no" in words and "pero" in words[: words.index("no")] and scan.options <= self.table.noes
        if behind_but or self._is_of_somebody(words):
            return None  # «le pregunté pero no me quiso decir»
        rest = [word for word in words[scan.unknown :] if word not in PRONOUNS | COMMAS]
        by_itself = (
            head.last in VERBS
            or head.last in ("no", "nadie")
            or words[0] in _NEVER_IF | _NONE_OF_IT
            or (accented and words[0] == "si")
        )
        verbs = _HEARD_IN_NO if scan.options <= self.table.noes else _HEARD
        if words[0] in _OFTEN:
            verbs = verbs | _HEARD_HABITS
        is_told = bool(rest) and (heard(rest[0]) in verbs or self._details(words, scan.options))
        by_verb = (is_told and _PLAINLY & set(words)) or (rest and words[0] in _PLAINLY and _tells_deed(rest))
        index = min(scan.options)
        if (
            not (by_itself or by_verb)
            or words[0] == "casi"
            or _is_twice_denied(words)
            or not self._agrees(words, 0, index, counting=False)
        ):
            return None
        return self.parsed(index, head.rule, 0.85)

    def _is_of_somebody(self, words: Words) -> bool:
        """Whether a denial tells of somebody: of what they did not want, or, where contact is asked about, of whom there was contact
        with («no le dije nada»)."""
        if "no" not in words[:-1]:
            return False
        denied = words[words.index("no") + 1]
        return denied in _THEIR_WILL or (denied in _SOMEBODY and "contacto" in self.form.asked)

    def _details(self, words: Words, options: set[int]) -> bool:
        """«sí con un señor», «no a nadie»: where, with whom or how much; «no a todos» is half a yes."""
        places = range(len(words))
        said = next(
            (found for place in places if (found := self.table.phrases.at(words, place)) and _chooses(found)), None
        )
        following = words[said[1]] if said and said[1] < len(words) else ""
        if options <= self.table.noes:
            if following == "de" and said is not None and words[said[1] - 1] in _CHANCES:
                return True  # «no hubo chance de revisar a nadie»
            return following in DETAILS - DETAILS_OF_YES and not PARTLY & set(words)
        return following in DETAILS

    def _concluded(self, words: Words) -> Reading | None:
        """«se enojó, la 3»: a story, and then the option's number with its article."""
        if len(words) < 4 or words[-2] not in LEADS or words[-3] not in COMMAS or not self.walker.letters:
            return None
        scan = self.walker.scan(words[-2:])
        if len(scan.options) != 1 or CORRECTS & set(words):
            return None
        index = min(scan.options)
        agrees = not scan.unsure and self._agrees(words[:-3], 0, index, counting=True)
        return self.parsed(index, scan.rule, 0.85) if agrees else AMBIGUOUS

    def _closing(self, tokens: Words) -> Reading | None:
        """«nadie se acercó, así que no», «me la mentó, se molestó más»: a story that says nothing else, and then the answer."""
        if self.form.kind is AnswerKind.multi or len(tokens) > _LONGEST_STORY:
            return None
        ends = [(place, place + 1) for place in range(len(tokens) - 1) if tokens[place] in _SEPARATORS]
        ends += [(place, end) for place in range(1, len(tokens)) if (end := _concluded(tokens, place)) is not None]
        start, end = max(ends, default=(0, 0))
        head, tail = clauses(tokens[:start]), clauses(tokens[end:])
        scan = self.walker.scan(tail)
        if not head or head[0] == "si" or scan.unknown is not None or not _is_one(scan) or _IF & set(head):
            return None
        index = min(scan.options)
        elsewhere = any(index not in self.table.carriers.get(word, (index,)) for word in head if word not in POLARITY)
        if elsewhere or index in self.table.nones or not self._agrees(head, 0, index, counting=True):
            return None
        return self.parsed(index, scan.rule, 0.8)

    def _agrees(self, words: Words, start: int, index: int, *, counting: bool) -> bool:
        """Whether nothing from `start` on doubts the option or means another."""
        if start < len(words) and words[start] in COMMAS:
            start += 1
        denies = words[-1] in DENIALS and not (index in self.table.noes and words[-1] in _NOBODY)
        if start and (denies or words[start : start + 2] == ("pero", "no")):
            return False
        at = self.table.phrases.at
        aside = 0
        reasoned = start < len(words) and (opening := at(words, start)) is not None and opening[0] is REASON
        for place in range(start, len(words)):
            if place < aside:
                continue  # «más que nada» is one wording
            word, found = words[place], at(words, place)
            if found and (found[0].what is MeaningKind.filler or (_chooses(found) and found[0].index == index)):
                aside = found[1]
            if (
                found
                and not (reasoned and word in _NOT_SAID)
                and self._contradicts(found[0], word, found[1] > place + 1, index)
                and not self._is_aside(words, place, found[1], index)
            ):
                return False
            if found and found[0].what is MeaningKind.option:
                continue
            if start and place == start and word in CORRECTS and not self._excuses(found, place, word, index):
                return False
            if (counting or words[place - 1] in _THE) and self._points_elsewhere(words, place, index):
                return False
        return True

    def _is_aside(self, words: Words, place: int, end: int, index: int) -> bool:
        """Whether a denial in the story behind a yes is about something else: «sí, en el malecón no te dejan ni comer»."""
        if index not in self.table.polar - self.table.noes or not 0 < place < end < len(words):
            return False
        before, after = words[place - 1], words[end]
        if words[place:end] == ("nada",):
            return after in _NOTHING_MUCH or before == "que"
        return before not in _TURNS | COMMAS and after not in VERBS | COMMAS and end == place + 1

    def _excuses(self, found: tuple[Meaning, int] | None, place: int, word: str, index: int) -> bool:
        """«perdón por la hora» behind an answer corrects nothing, nor does «ni siquiera me fijé» behind a no."""
        polite = found is not None and found[0].what is MeaningKind.filler and found[1] > place + 1
        return polite or (word == "ni" and index in self.table.noes)

    def _contradicts(self, meaning: Meaning, word: str, several: bool, index: int) -> bool:
        match meaning.what:
            case MeaningKind.option:
                return meaning.index != index
            case MeaningKind.missing:
                return several and not (meaning is FORGOTTEN and index in self.table.noes)
            case MeaningKind.hedge:
                return word not in CORRECTS
            case _:
                return False

    def _points_elsewhere(self, words: Words, place: int, index: int) -> bool:
        """Whether a number is another option's, or none's but said as if it were («1, la 7»)."""
        if words[place] in INDEFINITE or (number := cardinal(words, place)) is None:
            return False
        if (
            words[place] == "uno"
            and place
            and (words[place - 1] in QUALIFIERS or words[place + 1 : place + 2] not in _ENDS)
        ):
            return False  # «detuvimos a uno», «difícil, uno se acostumbra»
        value, end = number
        if words[end : end + 1] and words[end] in lex.UNITS and index in self.table.polar:
            return False
        meant = self.walker.numbers.get(value)
        named = meant is not None or not place or words[place - 1] in COMMAS | LEADS
        return named and not self.walker.followed(words, end) and meant != index


def _tells_deed(words: list[str]) -> bool:
    """«si me dieron», «no me han avisado»: deeds of others, or deeds that are done."""
    aux = words[0] in _HAVE
    return bool(words[aux:]) and (_DEED if not aux else _DONE).search(words[aux]) is not None


_HAVE = frozenset(word_list("he ha han hemos habia habian"))
_DEED = re.compile(r"(?:aron|ieron|jeron)$")
_DONE = re.compile(r"(?:[ai]do|icho|echo|isto|uesto|ierto|uelto|rito)$")


def _is_twice_denied(words: Words) -> bool:
    """«no hubo día sin contacto», «no hubo turno que no»: two negations in one clause."""
    stop = next((place for place, word in enumerate(words) if place and word in COMMAS), len(words))
    inner = words[1:stop]
    if words[0] in COMMAS or (words[0] not in _OFTEN and words[0] != "no"):
        return False
    said_no = any(pair == ("que", "no") for pair in pairwise(inner)) and "ya" not in inner
    return said_no or any(word == "sin" and after not in _WITHOUT for word, after in pairwise((*inner, "")))


def _bare(tokens: Words) -> Words:
    """Words and commas, without signs and without a last comma."""
    words = clauses(tokens)
    return words[:-1] if words and words[-1] in COMMAS else words


def _concluded(tokens: Words, place: int) -> int | None:
    """The place after a wording that sums up, if one begins here."""
    return next((place + len(said) for said in CONCLUDES if tokens[place : place + len(said)] == said), None)


def _chooses(found: tuple[Meaning, int]) -> bool:
    return found[0].what is MeaningKind.option


def _is_one(scan: Scan) -> bool:
    """Whether words mean one option and nothing else."""
    return not (scan.unsure or scan.everything or scan.codes or scan.outside) and len(scan.options) == 1


def _tells(content: list[str], label: Words) -> bool:
    """Whether the words are enough of a label: its first word, most of them or a long one, and every word that turns it
    round."""
    if label[0] in POLARITY and not set(label) <= set(content):
        return False  # «no le hice caso» is not «No venía al caso»
    if label[0] not in content and 2 * len(set(content)) < len(label) and max(map(len, content)) < _DISTINCT:
        return False
    for place, word in enumerate(label):
        turned = place == 0 or (place + 1 < len(label) and label[place + 1] in content)
        if word in POLARITY and turned and word not in content:
            return False
    return True

"""Reading several options at once: «1 y 3», «1,3», «auxilio y detención», «todas», «todas menos la 2».

Every part must be understood for the reply to be: half a list is not an answer.
"""

import re
from itertools import pairwise

from app.flows.replies.choices import Choices
from app.flows.replies.fold import Folded, is_word
from app.flows.replies.forms import (
    AMBIGUOUS,
    NO_MATCH,
    OUT_OF_RANGE,
    Parsed,
    Reading,
    Unparsed,
)
from app.flows.replies.fuzzy import SHORTEST
from app.flows.replies.lexicon import MEASURES, UNITS, Words, word_list
from app.flows.replies.naming import Naming
from app.flows.replies.numbers import cardinal
from app.flows.replies.paraphrases import RULE as PARAPHRASE
from app.flows.replies.paraphrases import SCORE as PARAPHRASED
from app.flows.replies.phrases import MeaningKind, spelled_out
from app.flows.replies.scan import ABOUT, LEADS

_BREAKS = frozenset(",;.:+-&)/")
_LINKS = frozenset(word_list("y e tambien ademas mas"))
_EXCEPT = frozenset(word_list("menos excepto salvo"))
_DIGIT_LIST = re.compile(r"\d{1,2}(?:[.,/]\d{1,2})+")
_RANGE = re.compile(r"(?:de |del )?(?:la |el )?(\d{1,2}) (?:a|al|a la) (\d{1,2})")
_FIRST = frozenset(word_list("primera primeras primero primeros"))
_THINGS = frozenset(word_list("las los nada mas cosas opciones solo solamente nomas de hice"))
_ENDS = _FIRST | frozenset(word_list("ultima ultimas ultimo ultimos"))
_SEQUENCE = re.compile(r"^primero (.+?)(?: ,)?(?: y)? (?:luego|despues) (.+)$")
_ONLY = re.compile(r"\b(?:nada|no) mas\b")
_LONGEST_STORY = 30
_DETAIL = frozenset(word_list("con en por para porque que a al como de del ya asi iba traia fue era"))
"""A clause that begins so tells where, with whom or why."""
_BECAUSE = frozenset(("porque", "pq", "xq", "pk"))
_SAID = frozenset(
    word_list("dije dijimos explique explicamos informe informamos comente mencione aclare indique avise")
)
_CLAUSES = frozenset(",;.")
_TELLS = frozenset(
    word_list(
        "los las le les lo la me nos se que porque para por ya es fue era son siempre cuando como asi pues desde hace soy estoy ando"
    )
)
_NOT_ASIDE = frozenset(word_list("no ni sin y e o u tambien ademas excepto menos salvo pero nunca perdon digo mejor"))
_EVERY = frozenset(word_list("todas todos todo"))
_NOT = frozenset(word_list("no ni"))
_LONGEST = 80
"""A reply of more tokens is a story, not a list."""
_DID_ALL = re.compile(
    r"(?:si |le |pues )*(?:(?=(?:las|los) \w+ (?:cosas|pasos|puntos|acciones))|(?:hice|hicimos|cumpli|cumplimos|aplique|aplicamos|realice|fueron) |(?=(?:las|los) \w+ (?:en|completas|como|de corrido)))(?:las|los) (\w+)(?: cosas| pasos| puntos| acciones)?(?: como \D*| en (?:el|ese|su) orden\D*| completas| siempre| de corrido)?$"
)
"""«hice las 4, como en el taller»."""
_DASHED = re.compile(r"^\d+ - \d+$")


class Several:
    """Reads which options of one form are chosen."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.fills = choices.table.fills
        self.count = len(choices.options)
        self.naming = Naming(choices.form, choices.table, [option.label for option in choices.options])
        self.keys = frozenset(option.key for option in choices.options)

    def read(self, folded: Folded) -> Reading:
        """The chosen options, in the order of the question."""
        if folded.has("?", "<", ">", "%", "^") or folded.line.startswith("-"):
            return NO_MATCH
        if len(folded.tokens) > _LONGEST:
            return Unparsed("too_long")
        line = _ONLY.sub("solo", " ".join(spelled_out(folded.tokens)))
        tokens = tuple(_SEQUENCE.sub(r"\1 , \2", line).split())
        if (reason := next((at for at, token in enumerate(tokens) if token in _BECAUSE), 0)) and self._are_numbers(
            tokens[:reason]
        ):
            tokens = tokens[:reason]  # «1, 3 y 4 porque ya no lo dejé hablar»
        alone = self._alone(tokens)
        found = self._listed(tokens) if alone is None else alone
        if not isinstance(found, Parsed):
            told = self._told(folded) if found in (NO_MATCH, AMBIGUOUS) else None
            if told is None:
                return self._with_asides(tokens) or found
            return self._chosen(told, PARAPHRASE, PARAPHRASED)
        if "y" in tokens and found.key in self.keys and (told := self._told(folded)) and len(told) > 1:
            return self._chosen(told, PARAPHRASE, PARAPHRASED)  # «le expliqué el motivo y lo que procedía» names two
        return found

    def _with_asides(self, tokens: Words) -> Parsed | None:
        """«el taller y los mensajes, los leo antes de salir»: the parts before the first that only tells more."""
        parts = _split(tokens, _CLAUSES)
        end = next((at for at, part in enumerate(parts) if at and self._is_aside(part)), None)
        if end is None or not all(self._is_aside(part) or self._is_noise(part) for part in parts[end:]):
            return None
        head = tuple([token for part in parts[:end] for token in (*part, ",")])
        found = self._alone(head) or self._listed(head)
        if not isinstance(found, Parsed) or found.missing is not None:
            return None
        others = {self.choices.options[index].key for index in self.choices.table.others}
        return None if others & set(str(found.key).split()) else found

    def _are_numbers(self, tokens: Words) -> bool:
        """Whether tokens are numbers of options and what stands between them."""
        numbers = [word for word in tokens if cardinal((word,), 0)]
        return bool(numbers) and all(
            word in numbers or word in _BREAKS | _LINKS | LEADS or self.fills(word) for word in tokens
        )

    def _told(self, folded: Folded) -> set[int] | None:
        """«le di las buenas tardes y le dije por qué lo paraba»: every clause names an option, denies one, or tells a detail."""
        words = tuple(filter(is_word, spelled_out(folded.tokens)))
        if len(words) > _LONGEST_STORY or any(word in ("o", "u") for word in words):
            return None
        named = self.choices.telling.paraphrases.named(folded)
        if named is None or not named.chosen - self._none():
            return None
        numbers = [place for place in range(len(words)) if words[place].isdecimal() and not named.covers(place)]
        if any(words[place + 1 : place + 2] == () or words[place + 1] not in UNITS for place in numbers):
            return None
        if any(word in _SAID and not named.covers(place) for place, word in enumerate(words)):
            return None  # «saludé y le dije de la grúa»: which of these was that?
        explained = all(
            named.covers_any(start, end)
            or all(self.fills(word) for word in words[start:end])
            or words[start] in _DETAIL
            or words[start + 1 : start + 2] == ("demas",)
            or not _NOT.isdisjoint(words[start:end])
            for start, end in named.clauses
        )
        if not explained:
            return None
        if _EXCEPT.isdisjoint(words):
            return set(named.chosen)
        every = set(range(self.count)) - self._none()
        return every - named.chosen if words[0] in _EVERY else None

    def _alone(self, tokens: Words) -> Reading | None:
        """Replies that are no list: a missing code, everything, everything but, a range, a single option."""
        if named := self.choices.synonym(tokens):
            return self._chosen({self.choices.index(named)}, named.rule, named.score)
        words = tuple(filter(is_word, tokens))
        if (done := _DID_ALL.match(" ".join(words))) and cardinal((done[1],), 0) == (self.count, 1):
            return self._everything(("todas",))
        scan = self.choices.walker.scan(words)
        if scan.codes and scan.unknown is None:
            return self.choices.settled(scan)
        if scan.everything:
            return self._everything(words)
        if words[:1] and words[0] in _EXCEPT and not _counts(words[1:]):
            return self._but(set(range(self.count)) - self._none(), words[1:])
        if _DASHED.match(" ".join(tokens)):
            return AMBIGUOUS
        if span := _RANGE.fullmatch(" ".join(words)):
            return self._chosen(set(range(int(span[1]) - 1, int(span[2]))), "multi", 0.9)
        if len(words) <= 6 and (ends := self._end(words)) is not None:
            return self._chosen(ends, "multi", 0.9)
        found = self.choices.attempt(tokens) if len(tokens) <= 12 and not _glued(words) else NO_MATCH
        if isinstance(found, Parsed) and found.missing is None:
            return self._chosen({self.choices.index(found)}, found.rule, found.score)
        return found if isinstance(found, Parsed) else None

    def _end(self, words: Words) -> set[int] | None:
        """«las dos primeras», «las últimas 2»."""
        rest = [word for word in words if word not in _ENDS | _THINGS]
        number = cardinal(tuple(rest), 0)
        if not _ENDS & set(words) or number is None or number[1] != len(rest) or not 1 < number[0] < self.count:
            return None
        return set(range(self.count)[: number[0]] if _FIRST & set(words) else range(self.count)[-number[0] :])

    def _everything(self, words: Words) -> Reading:
        """«todas», «ambas», «todas menos la 2»; an option that means none is never part of all."""
        every = set(range(self.count)) - self._none()
        cut = next((place for place, word in enumerate(words) if word in _EXCEPT), None)
        scan = self.choices.walker.scan(words if cut is None else words[:cut])
        if scan.unknown is not None or scan.options or scan.codes or scan.unsure:
            return NO_MATCH
        if cut is None:
            return self._chosen(every, "lexicon", 0.95)
        if _counts(words[cut + 1 :]):
            return AMBIGUOUS
        return self._but(every, words[cut + 1 :])

    def _but(self, every: set[int], words: Words) -> Reading:
        """«todas menos la 2», «menos la 3»: all but what is named."""
        left_out = self._segments(words)
        if not isinstance(left_out, set):
            return left_out
        return self._chosen(every - left_out, "multi", 0.9) if left_out else NO_MATCH

    def _none(self) -> set[int]:
        meaning = self.choices.table.phrases.meanings.get(("ninguna",))
        return {meaning.index} if meaning is not None and meaning.what is MeaningKind.option else set()

    def _listed(self, tokens: Words) -> Reading:
        """First by commas and line breaks, so that a label with «y» stays whole; then by «y» too."""
        found = self._segments(tokens[1:] if _is_list_of_numbers(tokens[1:]) and tokens[0] in ABOUT else tokens)
        return self._chosen(found, "multi", 0.95) if isinstance(found, set) else found

    def _segments(self, tokens: Words) -> set[int] | Unparsed:
        chosen: set[int] = set()
        parts = _split(_expanded(tokens), _BREAKS)
        if len(parts) > 2 * self.count:
            return NO_MATCH
        for part in parts:
            found = self._segment(part)
            if isinstance(found, Unparsed):
                return found
            chosen |= found
        return chosen

    def _is_noise(self, part: Words) -> bool:
        """Whether a part is courtesy and filler."""
        return self.choices.table.phrases.cover(part, MeaningKind.filler)

    def _is_aside(self, part: Words) -> bool:
        """«los leo antes de salir», «14 años en esto»: a part that tells more of what was named."""
        return (
            (part[0] in _TELLS or (cardinal(part, 0) is not None and part[1:2] != () and part[1] in MEASURES))
            and _NOT_ASIDE.isdisjoint(part)
            and not any(word in self.choices.table.carriers for word in part if len(word) >= SHORTEST)
        )

    def _segment(self, part: Words) -> set[int] | Unparsed:
        """The options of one part between commas: one, or several side by side."""
        one = self._one(part)
        if (thing := self.naming.thing(part)) is not None and not isinstance(one, set):
            return {thing}  # «mi compa»
        if one == NO_MATCH and self._is_noise(part):
            return set()  # «1 y 3, jefe» greets
        if named := self.choices.synonym(part):
            return {self.choices.index(named)}
        if isinstance(one, set) or (one == AMBIGUOUS and any(word in ("o", "u", "ni") for word in part)):
            return one
        chosen: set[int] = set()
        for words in _split(part, _LINKS):
            found = self._one(words)
            if (thing := self.naming.thing(words)) is not None and not isinstance(found, set):
                found = {thing}
            if isinstance(found, Unparsed) and (named := self.choices.synonym(words)):
                found = {self.choices.index(named)}
            if isinstance(found, Unparsed):
                found = self._word_by_word(words)
            if isinstance(found, Unparsed):
                return found
            chosen |= found
        return chosen

    def _one(self, words: Words) -> set[int] | Unparsed:
        if len(words) == 1 and (digits := self._digits(words[0])) is not None:
            return digits
        found = self.choices.attempt(words)
        if not isinstance(found, Parsed):
            return found
        return {self.choices.index(found)} if found.missing is None else AMBIGUOUS

    def _digits(self, word: str) -> set[int] | Unparsed | None:
        """«13» is one and three if there is no thirteenth option and the digits go up."""
        if not word.isdecimal() or len(word) < 2 or int(word[:3]) <= self.count:
            return None
        digits = [int(digit) for digit in word]
        climbing = all(low < high for low, high in pairwise(digits))
        return {d - 1 for d in digits} if climbing and digits[0] > 0 and digits[-1] <= self.count else OUT_OF_RANGE

    def _word_by_word(self, words: Words) -> set[int] | Unparsed:
        """«auxilio detención», «a b», «1 tiempo 2 riesgo»: every word is an option or noise, and a number the one of what
        it stands before («2 detenciones» counts)."""
        if len(words) > 2 * self.count or self.choices.walker.scan(words).unsure:
            return AMBIGUOUS
        chosen: set[int] = set()
        numbered: set[int] = set()
        for word in words:
            found = self._one((word,))
            if isinstance(found, set):
                is_number = cardinal((word,), 0) is not None
                if numbered and not is_number and numbered != found:
                    return AMBIGUOUS
                numbered = found if is_number else set()
                chosen |= found
            elif not self.fills(word) or len(words) == 1:
                return found
        return chosen

    def _chosen(self, indexes: set[int], rule: str, score: float) -> Reading:
        """The answer, if its number of options is allowed and none is not chosen beside others."""
        if not indexes:
            return NO_MATCH
        if not all(0 <= index < self.count for index in indexes):
            return OUT_OF_RANGE
        if len(indexes) > 1 and indexes & self._none():
            return AMBIGUOUS
        form = self.choices.form
        if form.minimum is not None and len(indexes) < form.minimum:
            return Unparsed("too_few")
        if form.maximum is not None and len(indexes) > form.maximum:
            return Unparsed("too_many")
        options = [self.choices.options[index] for index in sorted(indexes)]
        keys = " ".join(option.key for option in options)
        return Parsed(keys, keys, ", ".join(option.label for option in options), rule, score)


def _counts(words: Words) -> bool:
    """«todas menos una», «todas menos dos»: how many are left out, and not which."""
    number = cardinal(words, 0)
    return number is not None and not words[0].isdecimal() and number[1] == len(words)


def _is_list_of_numbers(tokens: Words) -> bool:
    """«1 y 3», «la 1, la 2»: behind «solo», these are options and no count."""
    numbers = [word for word in tokens if cardinal((word,), 0)]
    return len(numbers) > 1 and all(word in numbers or word in _BREAKS | _LINKS | LEADS | {"las"} for word in tokens)


def _glued(words: Words) -> bool:
    return len(words) == 1 and words[0].isdecimal() and len(words[0]) > 1


def _expanded(tokens: Words) -> Words:
    """«1,3» is one token of the fold and two parts of a list."""
    out: list[str] = []
    for token in tokens:
        if _DIGIT_LIST.fullmatch(token):
            for digit in re.split(r"[.,/]", token):
                out.extend((digit, ","))
        else:
            out.append(token)
    return tuple(out)


def _split(tokens: Words, breaks: frozenset[str]) -> list[Words]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in breaks:
            parts.append([])
        else:
            parts[-1].append(token)
    return [tuple(part) for part in parts if part]

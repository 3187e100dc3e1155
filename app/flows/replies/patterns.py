"""Patterns over a message's words, blind to accents, spelling by ear and letters held down («kiero» is «quiero»).

A pattern is written in words: `(a|b c)` is one of these, `?` behind a word or a group makes it optional, `suicid*` is any
word that begins so, `_` is any word, `#` a number, `~` up to three words, `^` and `$` the ends of the message and `!(a|b)`
none of these next. A pattern is tried only on a message that has the words that every match of it has: it is looked up by the rarest of
them, so that a message costs its own words only.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from app.flows.replies.fold import Folded, is_word, squeeze
from app.flows.replies.fuzzy import sound
from app.flows.replies.numbers import VOCABULARY
from app.flows.replies.phrases import spelled_out

_SHORT, _PREFIX = 3, 4
"""How much of a word a pattern for its beginning is looked up by."""
_HEAD, _TAIL = 140, 100
"""Of a longer message the first and the last words are looked at, so that no text takes long."""
_ENDINGS = frozenset(".,;:?")
_TOKEN = re.compile(r"!\(|[()|~^$#_]|\?|[a-zñ0-9👍👎🤷🤔]+\*?")
_NUMBER = "(?:\\d+|" + "|".join(sorted({squeeze(sound(word)) for word in VOCABULARY}, key=len, reverse=True)) + ") "
_MARKS = frozenset(("(", ")", "!(", "|", "~", "^", "$", "#", "_", "?"))
_SIGNS = {"(": "(?:", ")": ")", "|": "|", "!(": "(?!", "?": "?", "~": "(?:\\S+ ){0,3}?", "_": "\\S+ ", "#": _NUMBER}


@lru_cache(maxsize=20_000)
def heard(word: str) -> str:
    """A word as it is compared: by its sound, letters once."""
    return squeeze(sound(word))


@dataclass(frozen=True, slots=True)
class Line:
    """A message as patterns see it. `text` has every word followed by one space; `keys` are the words, and their beginnings
    behind a `*`; `breaks` are the places after which a sign ends a clause."""

    words: tuple[str, ...]
    text: str
    keys: frozenset[str]
    breaks: frozenset[int] = frozenset()

    def part(self, start: int, end: int) -> "Line":
        """The words from one place to another."""
        if (start, end) == (0, len(self.words)):
            return self
        return _line(self.words[start:end], frozenset(at - start for at in self.breaks if start <= at < end))


@lru_cache(maxsize=512)
def line_of(folded: Folded) -> Line:
    """The line of a folded message, with thumbs' shorthand spelt out. The last ones are kept, as in `fold`."""
    words: list[str] = []
    breaks = set()
    tokens = folded.tokens if len(folded.tokens) <= _HEAD + _TAIL else folded.tokens[:_HEAD] + folded.tokens[-_TAIL:]
    for token in spelled_out(tokens):
        if is_word(token):
            words.append(heard(token))
        elif token in _ENDINGS and words:
            breaks.add(len(words) - 1)
    return _line(tuple(words), frozenset(breaks))


def _line(words: tuple[str, ...], breaks: frozenset[int]) -> Line:
    text = " ".join(words) + " " if words else ""
    return Line(words, text, frozenset(chain.from_iterable(map(_keys_of, words))), breaks)


@lru_cache(maxsize=20_000)
def _keys_of(word: str) -> tuple[str, ...]:
    """A word and its beginnings, by which patterns are looked up."""
    return word, f"*{word[:_SHORT]}", f"*{word[:_PREFIX]}"


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found in a line: the pattern as it was written, and the places of its first word and after its last."""

    pattern: str
    start: int
    end: int


class _Pattern:
    """A pattern with its place among others."""

    def __init__(self, order: int, text: str) -> None:
        self.order, self.text = order, text
        needs = _needs(_TOKEN.findall(text))
        if not needs:
            raise ValueError(f"a pattern needs a word or a group that is not optional: {text}")
        self.keys, *self.others = needs

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """Raises ValueError if it cannot be."""
        try:
            return re.compile(_source(self.text))
        except re.error as error:
            raise ValueError(f"not a pattern: {self.text} ({error})") from None

    def fits(self, line: Line) -> bool:
        """Whether a line that has one of the pattern's keys has what else it needs."""
        return not any(map(line.keys.isdisjoint, self.others))


class Patterns:
    """Patterns of one meaning, in the order in which they are tried. They are taken apart when they are first looked for, and each is
    compiled when it is first tried: there are thousands, and most commands read no reply."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._written = tuple(patterns)

    def compile(self) -> None:
        """Compile all of them now. Raises ValueError for what is no pattern, and for one without a word to look it up by."""
        for pattern in chain.from_iterable(self._by_key.values()):
            pattern.compiled  # noqa: B018 - compiles it

    @cached_property
    def _by_key(self) -> dict[str, list[_Pattern]]:
        found: dict[str, list[_Pattern]] = {}
        for order, text in enumerate(self._written):
            pattern = _Pattern(order, text)
            for key in pattern.keys:
                found.setdefault(key, []).append(pattern)
        return found

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._by_key)

    def all_in(self, line: Line) -> list[Match]:
        """Every pattern's first place in a line."""
        return [match for pattern in self._tried(line) if (match := _match(pattern, line)) is not None]

    def first_in(self, line: Line) -> Match | None:
        """The first of the patterns that the line has."""
        if shared := self._known & line.keys:  # most lines have none
            for pattern in self._allowed(shared, line):
                if (match := _match(pattern, line)) is not None:
                    return match
        return None

    def _tried(self, line: Line) -> Collection[_Pattern]:
        """The patterns that the words of the line allow, in their order."""
        shared = self._known & line.keys
        return self._allowed(shared, line) if shared else ()

    def _allowed(self, shared: frozenset[str], line: Line) -> Collection[_Pattern]:
        """The same; `shared` are the keys of the patterns that the line has."""
        tried = {pattern.order: pattern for key in shared for pattern in self._by_key[key] if pattern.fits(line)}
        return [tried[order] for order in sorted(tried)] if len(tried) > 1 else tried.values()

    def spans(self, line: Line) -> dict[int, int]:
        """Every place where one of the patterns begins, with the number of words of the longest."""
        found: dict[int, int] = {}
        for pattern in self._tried(line):
            for match in pattern.compiled.finditer(line.text):
                start = line.text.count(" ", 0, match.start())
                found[start] = max(found.get(start, 0), match[0].count(" "))
        return found

    def without(self, line: Line) -> Line:
        """The line with the patterns' words cut out."""
        text = line.text
        for pattern in self._tried(line):
            text = pattern.compiled.sub("· ", text)
        return line if text == line.text else _line(tuple(text.split()), frozenset())


def _match(pattern: _Pattern, line: Line) -> Match | None:
    """A pattern's first place in a line."""
    match = pattern.compiled.search(line.text)
    if match is None:
        return None
    start = line.text.count(" ", 0, match.start())
    if line.words[start] == "no" and start in line.breaks:
        return None  # «no, estoy en turno» has no «no estoy»
    return Match(pattern.text, start, start + match[0].count(" "))


def lines(text: str) -> tuple[str, ...]:
    """Patterns written one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _source(pattern: str) -> str:
    out = ["(?<!\\S)"]
    for token in _TOKEN.findall(pattern):
        match token:
            case "^":
                out[0] = "^"
            case "$":
                out.append("$")
            case sign if sign in _SIGNS:
                out.append(_SIGNS[sign])
            case word if word.endswith("*"):
                out.append(f"(?:{heard(word[:-1])}\\S* )")
            case word:
                out.append(f"(?:{heard(word)} )")
    return "".join(out)


Need = frozenset[str]
"""Keys of which a line has at least one wherever a pattern is found."""


def _needs(tokens: Sequence[str]) -> list[Need]:
    """A need for each word and each group of a sequence that every match has, the rarest first."""
    found, place = list[Need](), 0
    while place < len(tokens):
        end = _closing(tokens, place) if tokens[place] in ("(", "!(") else place
        if tokens[end + 1 : end + 2] != ["?"] and (need := _need(tokens[place : end + 1])):
            found.append(need)
        place = end + 1
    return sorted(found, key=_frequency)


def _need(tokens: Sequence[str]) -> Need:
    """The keys of a word, or of the rarest need of each alternative of a group; none for a mark, and for a group that matches without a word."""
    if tokens[0] != "(":
        return Need() if tokens[0] in _MARKS else _keys(tokens[0])
    needs = [_needs(alternative) for alternative in _alternatives(tokens[1:-1])]
    return Need(chain.from_iterable(rarest for rarest, *_ in needs)) if all(needs) else Need()


def _alternatives(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """The parts of a group's inside between the `|` that are its own."""
    start = place = 0
    while place < len(tokens):
        if tokens[place] == "|":
            yield tokens[start:place]
            start = place + 1
        place = _closing(tokens, place) + 1 if tokens[place] in ("(", "!(") else place + 1
    yield tokens[start:]


def _closing(tokens: Sequence[str], place: int) -> int:
    depth = 0
    for at in range(place, len(tokens)):
        depth += (tokens[at] in ("(", "!(")) - (tokens[at] == ")")
        if depth == 0:
            return at
    raise ValueError("a group of a pattern does not end")


def _keys(word: str) -> Need:
    """The key of a word; none for a beginning that is too short for one."""
    if not word.endswith("*"):
        return Need((heard(word),))
    plain = heard(word[:-1])
    return Need((f"*{plain[:_PREFIX]}",)) if len(plain) >= _SHORT else Need()


def _frequency(need: Need) -> float:
    """About how often a line has one of some keys: the shorter a word, the more frequent."""
    return sum(4.0 ** -len(key) for key in need)

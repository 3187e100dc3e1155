"""Words for the people who run Trato, in English and in Spanish. Code has the English sentence with its facts; the Spanish one is in
`app/spanish/*.toml`, under the English one. Officers' texts are no business of this module: they are in flow files."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, reduce
from pathlib import Path
from string import Formatter
from typing import Self

ENGLISH, SPANISH = "en", "es"
LANGUAGES = (ENGLISH, SPANISH)

_CATALOGUE = Path(__file__).parent / "spanish"


class Sentence(str):
    """A sentence in English that can be said in Spanish, too: `Sentence("no flow is called {name}", name=name)`. It is the English
    text, wherever a text is wanted. A fact may be a sentence itself. `template` is a literal, so that a test finds one without its
    Spanish."""

    __slots__ = ("facts", "template")
    template: str
    facts: Mapping[str, object]

    def __new__(cls, template: str, /, **facts: object) -> Self:
        """Fill the facts into the template."""
        sentence = super().__new__(cls, template.format_map(facts))
        sentence.template, sentence.facts = template, facts
        return sentence

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.template,), dict(self.facts)

    def into(self, language: str) -> str:
        """The sentence in a language, `en` or `es`; in English where the catalogue lacks it."""
        if language != SPANISH:
            return str(self)
        facts = {name: into(fact, language) if isinstance(fact, str) else fact for name, fact in self.facts.items()}
        return catalogue().get(self.template, self.template).format_map(facts)


def into(text: str, language: str) -> str:
    """A text in a language: a sentence is translated, any other text stays as it is."""
    return text.into(language) if isinstance(text, Sentence) else text


def all_of(parts: Iterable[str]) -> str:
    """Parts of a sentence: «a and b»."""
    return reduce(lambda one, other: Sentence("{one} and {other}", one=one, other=other), parts)


def one_of(parts: Iterable[str]) -> str:
    """Parts of a sentence: «a or b»."""
    return reduce(lambda one, other: Sentence("{one} or {other}", one=one, other=other), parts)


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence: «a, b, c»."""
    return reduce(lambda one, other: Sentence("{one}, {other}", one=one, other=other), parts)


def in_turn(parts: Iterable[str]) -> str:
    """Parts of a sentence: «a; b; c»."""
    return reduce(lambda one, other: Sentence("{one}; {other}", one=one, other=other), parts)


def officers(number: int) -> str:
    """A number of officers, as a part of a sentence."""
    return Sentence("1 officer") if number == 1 else Sentence("{number} officers", number=number)


def messages(number: int) -> str:
    """A number of messages, as a part of a sentence."""
    return Sentence("1 message") if number == 1 else Sentence("{number} messages", number=number)


def known(text: str, file: str) -> str:
    """The sentence that an English text is by its words, among those of one file of the catalogue (its name without `.toml`), and its
    facts likewise: for a text that was stored, or that a library makes. Any other text stays as it is."""
    for template, shape in _shapes(file):
        if found := shape.fullmatch(text):
            return Sentence(template, **{name: known(fact, file) for name, fact in found.groupdict().items()})
    return text


def files(number: int) -> str:
    """A number of files, as a part of a sentence."""
    return Sentence("1 file") if number == 1 else Sentence("{number} files", number=number)


def rows(number: int) -> str:
    """A number of rows of a table, as a part of a sentence."""
    return Sentence("1 row") if number == 1 else Sentence("{number} rows", number=number)


def values(number: int) -> str:
    """A number of sealed values, as a part of a sentence."""
    return Sentence("1 value") if number == 1 else Sentence("{number} values", number=number)


def sealed_values(number: int) -> str:
    """The same, with the word that says so."""
    return Sentence("1 sealed value") if number == 1 else Sentence("{number} sealed values", number=number)


def dead_letters(number: int) -> str:
    """A number of items that could not be processed, as a part of a sentence."""
    return Sentence("1 dead letter") if number == 1 else Sentence("{number} dead letters", number=number)


@cache
def catalogue() -> Mapping[str, str]:
    """The Spanish of every English template."""
    return {key: text for file in sorted(_CATALOGUE.glob("*.toml")) for key, text in part(file.stem).items()}


@cache
def part(name: str) -> Mapping[str, str]:
    """The same of one file of the catalogue, by its name without `.toml`: for what needs no other."""
    return tomllib.loads((_CATALOGUE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _shapes(file: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The templates of a file as patterns: first those that begin with the most words of their own, then those that have most."""
    parsed = {template: list(Formatter().parse(template)) for template in part(file)}
    own = {template: [len(words) for words, *_ in parts] for template, parts in parsed.items()}
    in_order = sorted(parsed, key=lambda template: (own[template][0], sum(own[template])), reverse=True)
    return tuple((template, _pattern(parsed[template])) for template in in_order)


def _pattern(parts: Iterable[tuple[str, str | None, str | None, str | None]]) -> re.Pattern[str]:
    pattern = "".join(re.escape(own) + (f"(?P<{name}>.*?)" if name else "") for own, name, *_ in parts)
    return re.compile(pattern, re.DOTALL)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number of things in English: «1 message», «2 messages»."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"

"""The table of a question with options: every wording that means one of them, compiled once.

Put in from the surest to the least: labels, the author's other wordings, parts of labels joined by «o», the lexicon's
synonyms for options that are a yes, a no, a none…, the missing codes, and last what may be said around an answer.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.flows.replies import lexicon as lex
from app.flows.replies.fold import phrase
from app.flows.replies.forms import Form, Kind, Option
from app.flows.replies.fuzzy import SHORTEST, Speller
from app.flows.replies.lexicon import Words
from app.flows.replies.numbers import SMALL
from app.flows.replies.phrases import BECAUSE, FILLER, HEDGE, Meaning, Phrases, What

_GROUPS = (lex.YES, lex.NO, lex.DONT_KNOW, lex.NOT_APPLICABLE, lex.REFUSED, lex.NONE, lex.OTHER)
_OPENING = {("si",): lex.YES, ("no",): lex.NO}
MISSING = {"d": lex.DONT_KNOW, "n": lex.NOT_APPLICABLE, "r": lex.REFUSED}
MISSING_LABELS = {"d": "No sé", "n": "No aplica", "r": "Prefiero no decir"}

_ALTERNATIVES = re.compile(r"\s+[ou]\s+|/", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
_FILLING = frozenset(words[0] for words in lex.FILLERS if len(words) == 1)


@dataclass(frozen=True, slots=True)
class Label:
    """An option's label as words: all of them, and those that carry its meaning."""

    joined: str
    content: Words


@dataclass(frozen=True, slots=True)
class Table:
    """What a question with options knows of words. `polar` are the options that are a plain yes or no."""

    phrases: Phrases
    labels: tuple[Label, ...]
    carriers: dict[str, frozenset[int]]
    polar: frozenset[int]
    speller: Speller


def compiled(form: Form, options: Sequence[Option]) -> Table:
    """Compile the options of a form (for a scale: its points)."""
    phrases = Phrases()
    _claim(phrases, [(index, phrase(option.label)) for index, option in enumerate(options)], "label", 1.0)
    _claim(phrases, [(i, phrase(also)) for i, option in enumerate(options) for also in option.also], "alias", 1.0)
    parts = [(i, part) for i, option in enumerate(options) for part in _alternatives(option.label)]
    _claim(phrases, parts, "label", 0.95)
    groups = _groups(options)
    for index, group in groups:
        phrases.add(group, Meaning(What.option, index, rule="lexicon", score=0.95))
    own = phrases.vocabulary()
    if form.kind == Kind.multi:
        phrases.add(lex.ALL, Meaning(What.all))
    for code, wordings in MISSING.items():
        phrases.add(wordings, Meaning(What.missing, code=code, rule="missing"))
    if form.kind == Kind.scale:
        phrases.add(lex.APPROXIMATE, FILLER)
    phrases.add(lex.HEDGES, HEDGE)
    phrases.add(lex.BECAUSE, BECAUSE)
    phrases.add(lex.FILLERS, FILLER)
    labels = tuple(_label(option.label) for option in options)
    return Table(phrases, labels, _carriers(labels, options), _polar(groups), _speller(phrases, labels, own, len(options)))


def _claim(phrases: Phrases, wordings: list[tuple[int, Words]], rule: str, score: float) -> None:
    """Add wordings of one rank; one that two options claim means neither."""
    owners: defaultdict[Words, set[int]] = defaultdict(set)
    for index, words in wordings:
        owners[words].add(index)
    for words, indexes in owners.items():
        phrases.add([words], HEDGE if len(indexes) > 1 else Meaning(What.option, min(indexes), rule=rule, score=score))


def _alternatives(label: str) -> list[Words]:
    """«Auxilio o queja» is meant by either word; «Más o menos» and «1 o 2» by neither."""
    plain = _ASIDE.sub(" ", label)
    parts = [phrase(part) for part in _ALTERNATIVES.split(plain)]
    found = [words for words in parts if any(_carries(word) for word in words)]
    return [*found, phrase(plain)] if len(found) == len(parts) else [phrase(plain)]


def _carries(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha() and word not in lex.POLARITY and word not in _FILLING


def _groups(options: Sequence[Option]) -> list[tuple[int, frozenset[Words]]]:
    """Which options the lexicon's groups speak for: by the whole label, else by the only label that opens with
    «sí» or «no»."""
    labels = [phrase(option.label) for option in options]
    found = [(index, group) for group in _GROUPS for index, label in enumerate(labels) if label in group]
    for opening, group in _OPENING.items():
        opened = [index for index, label in enumerate(labels) if label[:1] == opening]
        if len(opened) == 1 and group not in [held for _, held in found]:
            found.append((opened[0], group))
    return found


def _polar(groups: list[tuple[int, frozenset[Words]]]) -> frozenset[int]:
    return frozenset(index for index, group in groups if group in (lex.YES, lex.NO))


def _label(label: str) -> Label:
    words = phrase(label)
    return Label(" ".join(words), tuple(word for word in words if word in lex.POLARITY or word not in _FILLING))


def _carriers(labels: tuple[Label, ...], options: Sequence[Option]) -> dict[str, frozenset[int]]:
    """Which options a word may point to. Labels with digits are only meant as a whole."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for index, label in enumerate(labels):
        if label.content != phrase(options[index].label) or not any(word.isdecimal() for word in label.content):
            for word in label.content:
                found[word].add(index)
    return {word: frozenset(indexes) for word, indexes in found.items()}


def _speller(phrases: Phrases, labels: tuple[Label, ...], own: set[str], count: int) -> Speller:
    """Mends towards labels from four letters on, towards the lexicon from five; what has a meaning stays."""
    plain = {word for label in labels for word in label.content}
    numbers = {word for word, value in SMALL.items() if value <= count}
    vocabulary = plain | {word for word in own | numbers if len(word) > SHORTEST or len(word) < SHORTEST}
    return Speller(vocabulary, (phrases.vocabulary() | lex.REAL_WORDS | set(SMALL) | lex.UNITS) - vocabulary)


def filling(word: str) -> bool:
    """Whether a word may stand beside an answer without meaning anything."""
    return word in _FILLING

"""Patterns: all of ours can be read, and the words that one needs never keep it from a line that it matches."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows import replies
from app.flows.replies import patterns
from app.flows.replies.fold import fold
from app.flows.replies.paraphrased import CONCEPTS, STATEMENTS
from app.flows.replies.patterns import Line, Patterns, heard, line_of
from tests.replies.questions import asked


def _ours() -> Iterator[Patterns]:
    for module in iter_modules(replies.__path__, "app.flows.replies."):
        for value in vars(import_module(module.name)).values():
            for one in value.values() if isinstance(value, dict) else [value]:
                if isinstance(one, Patterns):
                    yield one
    for known in (*CONCEPTS, *STATEMENTS):
        yield Patterns(known.sure + known.perhaps)


OURS = list(_ours())
SINGLE = [
    patterns._Pattern(order, text) for order, text in enumerate({text: None for one in OURS for text in one._written})
]
WORDS = sorted({word for one in SINGLE for word in patterns._TOKEN.findall(one.text) if word[0].isalpha()})


def test_every_pattern_of_ours_is_one() -> None:
    """They are compiled when they are first looked for."""
    for one in OURS:
        one.compile()
    assert len(OURS) > 100


@pytest.mark.parametrize("pattern", ["", "~", "(a)? b*", "(a", "^ $", "(a|_)", "!(hola)", "(hola|b?)"])
def test_a_pattern_that_cannot_be_looked_up_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        Patterns((pattern,)).compile()


def _missed(line: Line) -> list[str]:
    """The patterns that match a line and are not tried on it."""
    return [
        one.text
        for one in SINGLE
        if one.compiled.search(line.text) and (one.keys.isdisjoint(line.keys) or not one.fits(line))
    ]


def test_every_pattern_is_tried_on_a_message_that_it_matches() -> None:
    texts = [text for _, text, _, _ in asked()][::150]
    assert [(text, missed) for text in texts if (missed := _missed(line_of(fold(text))))] == []


@given(st.lists(st.sampled_from(WORDS).map(lambda word: heard(word.rstrip("*"))), max_size=40))
def test_every_pattern_is_tried_on_words_that_it_matches(words: list[str]) -> None:
    assert _missed(patterns._line(tuple(words), frozenset())) == []


def test_every_pattern_is_tried_on_what_it_stands_for() -> None:
    random, matched = Random(1), 0
    for one in SINGLE:
        for _ in range(10):
            line = patterns._line(tuple(_example(patterns._TOKEN.findall(one.text), random)), frozenset())
            if one.compiled.search(line.text):
                matched += 1
                assert not one.keys.isdisjoint(line.keys)
                assert one.fits(line), (one.text, line.text)
    assert matched > 9 * len(SINGLE)


def _example(tokens: Sequence[str], random: Random) -> list[str]:
    """Words that a pattern should match, unless a refusal of it hits them."""
    words, place = list[str](), 0
    while place < len(tokens):
        end = patterns._closing(tokens, place) if tokens[place] in ("(", "!(") else place
        is_optional = tokens[end + 1 : end + 2] == ["?"]
        if not is_optional or random.random() < 0.5:
            match tokens[place]:
                case "(":
                    words += _example(random.choice(list(patterns._alternatives(tokens[place + 1 : end]))), random)
                case "_" | "~":
                    words += ["uno"] * (1 if tokens[place] == "_" else random.randrange(3))
                case "#":
                    words.append("3")
                case word if word not in patterns._MARKS:
                    words.append(heard(word.rstrip("*")) + ("to" if word.endswith("*") else ""))
        place = end + 1
    return words

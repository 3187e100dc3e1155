"""A small linear model over a message's words, beside the patterns: how likely it speaks of a crisis, of a serious incident, or
of leaving, in words that no pattern knows.

Each feature of a message (pieces of its words, words beside each other, senses in their order, and
senses near words) adds its weight to each class.
`python -m tests.replies.train` writes the weights from the labelled messages in the repository. The same text always gets the
same shares. Linear in the number of words, of which only the first and the last are looked at.
"""

import json
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, starmap
from math import exp, sqrt
from pathlib import Path
from zlib import crc32, decompress

from app.flows.replies.patterns import Line
from app.flows.replies.senses import senses

CLASSES = ("crisis", "serious", "leave", "perhaps")
"""The classes of a message. A message of none of them has the score 0."""
BUCKETS = 1 << 17
WEIGHTS = Path(__file__).with_name("weights.bin")
_HEAD, _TAIL = 50, 30
_STEM = 5
_PIECES = (3, 4, 5)
_LONGEST_WORD = 24
_WINDOW = 8
_NEAR = 4
_KEPT = 1 << 15
_BITS = 32
"""Sums of several classes are joined to one number, so many bits apart: then one addition adds them all."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How likely a message is of a class, from 0 to 1; together with everything else they are 1."""

    crisis: float
    serious: float
    leave: float
    perhaps: float

    @property
    def danger(self) -> float:
        """The share of crisis and serious incident together."""
        return self.crisis + self.serious


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained weights: whole numbers of `unit` by bucket, two joined numbers for the four classes of each, and each class's bias."""

    unit: float
    bias: tuple[float, ...]
    rows: "array[int]"
    corpus: str


def features(words: tuple[str, ...]) -> Iterator[str]:
    """Every feature of a line's words, as often as it occurs."""
    for word in words:
        yield from _of_word(word)
    for group in _groups(words):
        yield from _of_group(group)
    meant = [senses(word) for word in words]
    for before, after in _sensed(meant):
        yield from _of_senses(before, after)
    for one, two in _near(words, meant):
        yield from _of_near(one, two)


def bucket(feature: str) -> int:
    """The row of a feature's weights."""
    return crc32(feature.encode()) % BUCKETS


def looked_at(line: Line) -> tuple[str, ...]:
    """The words of a line that the model sees."""
    words = line.words if len(line.words) <= _HEAD + _TAIL else line.words[:_HEAD] + line.words[-_TAIL:]
    return tuple(["#" if word.isdecimal() else word[:_LONGEST_WORD] for word in words])


def _of_word(word: str) -> Iterator[str]:
    yield word
    edged = f"<{word}>"
    for size in _PIECES:
        for start in range(len(edged) - size + 1):
            yield edged[start : start + size]
    for sense in senses(word):
        yield f"{sense}!"


def _groups(words: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Every three neighbours by their stems; the message's ends are words too."""
    stems = ("^", *[word[:_STEM] for word in words], "$", "")
    return zip(stems, stems[1:], stems[2:], strict=False)


def _of_group(group: tuple[str, str, str]) -> tuple[str, ...]:
    one, two, three = group
    return (f"{one} {two}", f"{one} _ {three}", f"{one} {two} {three}") if three else (f"{one} {two}",)


def _sensed(meant: list[tuple[str, ...]]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The senses of every two words that are near each other and have one; `meant` are the senses of each word."""
    return [
        (before, after)
        for place, before in enumerate(meant)
        if before
        for after in meant[place + 1 : place + _WINDOW]
        if after
    ]


def _of_senses(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    return [f"{one}>{two}" for one in before for two in after]


def _near(words: tuple[str, ...], meant: list[tuple[str, ...]]) -> list[tuple[str, str]]:
    """Every two words with at most two between them of which one has a sense."""
    return [
        (one, two)
        for reach in range(1, _NEAR)
        for one, two, its, others in zip(words, words[reach:], meant, meant[reach:], strict=False)
        if its or others
    ]


def _of_near(one: str, two: str) -> list[str]:
    """A word's senses with the stem of the other word."""
    return [f"{sense}~{two[:_STEM]}" for sense in senses(one)] + [f"{one[:_STEM]}~{sense}" for sense in senses(two)]


# -- weighing -----------------------------------------------------------------------------------------------------------


def shares_of(line: Line) -> Shares:
    """The share of each class for a message."""
    return _shares(looked_at(line))


@lru_cache(maxsize=256)
def _shares(words: tuple[str, ...]) -> Shares:
    """The last messages are kept: one is asked about more than once."""
    weights, meant = _weights(), [senses(word) for word in words]
    scored = chain(
        map(_word, words),
        map(_group, _groups(words)),
        starmap(_pair, _sensed(meant)),
        starmap(_neighbours, _near(words, meant)),
    )
    count, *totals = parted(sum(scored), 1 + len(CLASSES))
    scale = weights.unit / sqrt(count or 1)
    odds = [exp(min(bias + total * scale, 50.0)) for bias, total in zip(weights.bias, totals, strict=True)]
    whole = 1.0 + sum(odds)
    return Shares(*[odd / whole for odd in odds])


@lru_cache(maxsize=_KEPT)
def _word(word: str) -> int:
    return _sum(list(_of_word(word)))


@lru_cache(maxsize=_KEPT)
def _group(group: tuple[str, str, str]) -> int:
    return _sum(_of_group(group))


@lru_cache(maxsize=_KEPT)
def _pair(before: tuple[str, ...], after: tuple[str, ...]) -> int:
    return _sum(_of_senses(before, after))


@lru_cache(maxsize=_KEPT)
def _neighbours(one: str, two: str) -> int:
    return _sum(_of_near(one, two))


def _sum(found: list[str] | tuple[str, ...]) -> int:
    """How many features there are, and the sums of their weights by class, joined."""
    rows = _weights().rows
    starts = [2 * bucket(feature) for feature in found]
    first, second = sum([rows[start] for start in starts]), sum([rows[start + 1] for start in starts])
    return len(found) + (first << _BITS) + (second << 3 * _BITS)


def parted(joined: int, numbers: int) -> Iterator[int]:
    """The numbers that were joined, which may be negative."""
    half = 1 << (_BITS - 1)
    for _ in range(numbers):
        low = ((joined + half) & (2 * half - 1)) - half
        yield low
        joined = (joined - low) >> _BITS


@lru_cache(maxsize=1)
def _weights() -> Weights:
    return unpacked(WEIGHTS.read_bytes())


def unpacked(data: bytes) -> Weights:
    """The weights of a file: a line of JSON, then a signed byte a bucket and class, compressed."""
    head, _, body = data.partition(b"\n")
    said, weights = json.loads(head), array("b", decompress(body))
    rows = array("q", [one + (other << _BITS) for one, other in zip(weights[::2], weights[1::2], strict=True)])
    return Weights(said["unit"], tuple(said["bias"]), rows, said["corpus"])

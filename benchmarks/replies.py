"""`python -m benchmarks replies`: the time in which a reply is understood, with the act that is named first, over the labelled replies in
`tests/replies`. The floor does what every reading begins with, by the standard library: lower case, no accents, split into words."""

import gc
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

from app.flows.replies.fold import LONGEST
from app.flows.replies.understanding import understand
from tests.replies.blind.__main__ import AT
from tests.replies.questions import asked

_LONG = ("pues la verdad no me acuerdo bien pero creo que fue como a las 7 o 8 de la noche " * 40)[:LONGEST]

Reading = Callable[[], object]


@dataclass(frozen=True, slots=True)
class ReplyFigures:
    """Microseconds. Each text's best of the rounds counts; there are more texts than any cache of whole messages holds, so none is
    remembered from the round before. `longest` is a text as long as carriers deliver, to the slowest kind of question."""

    readings: int
    median: float
    p99: float
    maximum: float
    longest: float
    floor: float
    ratio: float


def measure(rounds: int, most: int | None = None) -> ReplyFigures:
    """Understand every labelled reply, or the first `most` of them, once in each round."""
    cases = list(asked())[:most]
    readings = [partial(understand, read, text, at, purpose=purpose) for read, text, at, purpose in cases]
    floors = [partial(_words, text) for _, text, _, _ in cases]
    longest = [partial(understand, read, _LONG, AT) for read in dict.fromkeys(read for read, *_ in cases)]
    readings[0]()  # the model's weights are read once
    gc.collect()
    gc.disable()
    try:
        times, floor, slow = _best(readings, rounds), _best(floors, rounds), _best(longest, rounds)
    finally:
        gc.enable()
    middle, lowest = median(times), median(floor)
    return ReplyFigures(len(times), middle, quantiles(times, n=100)[98], max(times), max(slow), lowest, middle / lowest)


def _best(work: Sequence[Reading], rounds: int) -> list[float]:
    """The shortest time of each piece of work, in microseconds. The rounds go through all of it, one after the other."""
    best = [float("inf")] * len(work)
    for _ in range(rounds):
        for place, run in enumerate(work):
            start = time.perf_counter_ns()
            run()
            best[place] = min(best[place], (time.perf_counter_ns() - start) / 1000)
    return best


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).split()

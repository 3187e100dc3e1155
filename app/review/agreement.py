"""Agreement between coders, by variable of the coding scheme, and the texts they disagree on. A variable that takes several codes
is measured code by code: given or not given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, repeat

from sqlalchemy import Connection

from app.exports.coding_status import FINAL
from app.exports.definitions import Definitions
from app.exports.statistics.agreement import cohen, fleiss, krippendorff
from app.review.coding import CodingScheme, codes_by_coder, coding_scheme

Unit = Mapping[str, str]
"""Each coder's value of one text."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement on one variable, or on one code of it. `texts`: the number that two or more have coded; `percent` of all
    pairs of coders that agree; `cohen` by pair of coders; `fleiss` of more than two, over texts that all of them coded. None:
    undefined. `disagreements` are response ids."""

    variable: str
    code: str | None
    coders: tuple[str, ...]
    texts: int
    percent: float | None
    cohen: dict[str, float | None]
    fleiss: float | None
    alpha: float | None
    disagreements: tuple[int, ...]


def agreement(tx: Connection, programme: str | None = None) -> list[Agreement]:
    """The agreement on each variable of a programme's coding scheme. Raises UsageError if it has none."""
    _, scheme = coding_scheme(Definitions(tx), programme)
    return measured(scheme, codes_by_coder(tx, scheme))


def measured(scheme: CodingScheme, given: Mapping[tuple[int, str], Unit]) -> list[Agreement]:
    """The same for a coding scheme and each coder's codes, by response and variable."""
    found = []
    for name, coding in scheme.items():
        units = {
            response: _without_final(by_coder) if FINAL in by_coder else by_coder
            for (response, variable), by_coder in given.items()
            if variable == name
        }
        if coding.multiple:
            found += [
                _of(name, code, units, lambda codes, code=code: str(int(code in codes.split())))  # type: ignore[misc]
                for code in coding.codes
            ]
        else:
            found.append(_of(name, None, units, lambda codes: codes))
    return found


def _without_final(by_coder: Unit) -> Unit:
    return {coder: codes for coder, codes in by_coder.items() if coder != FINAL}


def _of(name: str, code: str | None, given: Mapping[int, Unit], value: Callable[[str], str]) -> Agreement:
    kinds = Counter(tuple(unit.items()) for unit in given.values() if len(unit) > 1)
    alike = [({coder: value(codes) for coder, codes in kind}, number) for kind, number in kinds.items()]
    coders = tuple(sorted({coder for unit, _ in alike for coder in unit}))
    values = sorted({one for unit, _ in alike for one in unit.values()})
    place = {value: float(number) for number, value in enumerate(values)}
    numbers = [row for unit, times in alike for row in repeat([place[one] for one in unit.values()], times)]
    return Agreement(
        name,
        code,
        coders,
        kinds.total(),
        _percent(alike),
        {f"{a} {b}": _cohen(a, b, alike, values) for a, b in combinations(coders, 2)},
        _fleiss(coders, alike, values) if len(coders) > 2 else None,
        krippendorff(numbers) if numbers else None,
        tuple(sorted(text for text, unit in given.items() if len(set(map(value, unit.values()))) > 1)),
    )


_Alike = Sequence[tuple[Unit, int]]
"""Texts that have the same values from the same coders are one unit, with their number: what is computed takes a time that grows with the
codes, not with the texts."""


def _percent(alike: _Alike) -> float | None:
    agreed, pairs = 0, 0
    for unit, number in alike:
        for a, b in combinations(unit.values(), 2):
            agreed, pairs = agreed + number * (a == b), pairs + number
    return 100 * agreed / pairs if pairs else None


def _cohen(a: str, b: str, alike: _Alike, values: Sequence[str]) -> float | None:
    counts = Counter[tuple[str, str]]()
    for unit, number in alike:
        if a in unit and b in unit:
            counts[unit[a], unit[b]] += number
    return cohen([[counts[row, column] for column in values] for row in values]) if counts else None


def _fleiss(coders: Sequence[str], alike: _Alike, values: Sequence[str]) -> float | None:
    whole = [(list(unit.values()), number) for unit, number in alike if len(unit) == len(coders)]
    table = [row for given, times in whole for row in repeat([given.count(one) for one in values], times)]
    return fleiss(table) if table else None

"""Agreement between coders, by variable of the coding scheme, and the texts they disagree on. A variable that takes several codes
is measured code by code: given or not given."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

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
            response: {coder: codes for coder, codes in by_coder.items() if coder != FINAL}
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


def _of(name: str, code: str | None, given: Mapping[int, Unit], value: Callable[[str], str]) -> Agreement:
    units = {
        response: {coder: value(codes) for coder, codes in unit.items()}
        for response, unit in given.items()
        if len(unit) > 1
    }
    coders = tuple(sorted({coder for unit in units.values() for coder in unit}))
    values = sorted({one for unit in units.values() for one in unit.values()})
    place = {value: float(number) for number, value in enumerate(values)}
    numbers = [[place[one] for one in unit.values()] for unit in units.values()]
    return Agreement(
        name,
        code,
        coders,
        len(units),
        _percent(list(units.values())),
        {f"{a} {b}": _cohen(a, b, list(units.values()), values) for a, b in combinations(coders, 2)},
        _fleiss(coders, list(units.values()), values) if len(coders) > 2 else None,
        krippendorff(numbers) if numbers else None,
        tuple(response for response, unit in sorted(units.items()) if len(set(unit.values())) > 1),
    )


def _percent(units: Sequence[Unit]) -> float | None:
    pairs = [a == b for unit in units for a, b in combinations(unit.values(), 2)]
    return 100 * sum(pairs) / len(pairs) if pairs else None


def _cohen(a: str, b: str, units: Sequence[Unit], values: Sequence[str]) -> float | None:
    both = [(unit[a], unit[b]) for unit in units if a in unit and b in unit]
    counts = Counter(both)
    return cohen([[counts[row, column] for column in values] for row in values]) if both else None


def _fleiss(coders: Sequence[str], units: Sequence[Unit], values: Sequence[str]) -> float | None:
    whole = [list(unit.values()) for unit in units if len(unit) == len(coders)]
    return fleiss([[given.count(one) for one in values] for given in whole]) if whole else None

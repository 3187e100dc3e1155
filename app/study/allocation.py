"""Allocation of units to the arms of a study. Pure: the same units, shares and key give the same draw, in every release and on
every machine, for chance is SHA-256 and arithmetic is exact.

Units of a stratum stand in the order of the SHA-256 of `key|stratum|unit`. Each arm is to have its share of every stratum;
where that is no whole number it is rounded up or down, and so is the arm's share of all. Which of the two is drawn by Cox's
unbiased controlled rounding (The American Statistician 41, 1987): every unit has exactly its arm's share as probability,
no stratum and no arm is off by a whole unit, and leftovers of small strata do not add up. The arms then follow one after the
other along the order of the stratum.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain, repeat
from math import gcd

_PARTS = 1 << 64


@dataclass(frozen=True, slots=True)
class Unit:
    """An officer, or a whole cluster, in its stratum."""

    id: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Allocation:
    """The arm of each unit, and the number of units of each stratum beyond its last full block of shares (`misfits`)."""

    arms: Mapping[str, str]
    misfits: Mapping[str, int]


def draw(units: Iterable[Unit], shares: Mapping[str, int], key: str) -> Allocation:
    """Allocate units to arms by their shares; a unit given twice is drawn once. `key` is the seed with the scope of the draw."""
    strata: dict[str, list[str]] = {}
    for unit in sorted(set(units), key=lambda unit: (unit.stratum, unit.id)):
        strata.setdefault(unit.stratum, []).append(unit.id)
    size = sum(shares.values())
    wanted = [[Fraction(len(members) * share, size) for share in shares.values()] for members in strata.values()]
    arms: dict[str, str] = {}
    for (stratum, members), counts in zip(strata.items(), _rounded(wanted, _chance(key)), strict=True):
        ordered = sorted(members, key=partial(_place, f"{key}|{stratum}"))
        arms.update(zip(ordered, chain.from_iterable(map(repeat, shares, counts)), strict=True))
    block = size // gcd(*shares.values())  # 50 and 50 are blocks of two
    return Allocation(arms, {stratum: len(members) % block for stratum, members in strata.items()})


def _place(key: str, member: str) -> tuple[bytes, str]:
    return _digest(f"{key}|{member}"), member


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _chance(key: str) -> Iterator[Fraction]:
    """Numbers from 0 up to, not including, 1, without end."""
    place = 0
    while True:
        yield Fraction(int.from_bytes(_digest(f"{key}|{place}")[:8], "big"), _PARTS)
        place += 1


# -- controlled rounding ----------------------------------------------------------------------------------------------


def _rounded(wanted: Sequence[Sequence[Fraction]], chance: Iterator[Fraction]) -> list[list[int]]:
    """A table of numbers whose rows have whole sums, each rounded up or down: row sums stay, column sums are rounded as well, and
    the expected value of each number is the number."""
    parts = [[value % 1 for value in row] for row in wanted]
    parts.append([-sum(column, Fraction()) % 1 for column in zip(*parts, strict=True)])  # makes the columns' sums whole
    while cycle := _cycle(parts):
        rising, falling = cycle[::2], cycle[1::2]
        up = min(*(1 - parts[row][column] for row, column in rising), *(parts[row][column] for row, column in falling))
        down = min(
            *(parts[row][column] for row, column in rising), *(1 - parts[row][column] for row, column in falling)
        )
        step = up if next(chance) * (up + down) < down else -down  # nothing changes on average
        for place, (row, column) in enumerate(cycle):
            parts[row][column] += -step if place % 2 else step
    return [
        [int(value // 1) + int(part) for value, part in zip(whole, row, strict=True)]
        for whole, row in zip(wanted, parts[:-1], strict=True)
    ]


def _cycle(parts: Sequence[Sequence[Fraction]]) -> list[tuple[int, int]]:
    """A cycle of cells that are not whole numbers, each in the row or the column of the one before by turns; empty if all are
    whole. There is one as long as there is such a cell: no row or column can have it alone."""
    start = next((row for row, cells in enumerate(parts) if any(map(_broken, cells))), None)
    if start is None:
        return []
    row, column = start, next(place for place, cell in enumerate(parts[start]) if _broken(cell))
    walked, lines = [(row, column)], [("row", row), ("column", column)]
    while True:
        row = next(other for other, cells in enumerate(parts) if other != row and _broken(cells[column]))
        walked.append((row, column))
        if ("row", row) in lines:
            return walked[lines.index(("row", row)) :]
        lines.append(("row", row))
        column = next(other for other, cell in enumerate(parts[row]) if other != column and _broken(cell))
        walked.append((row, column))
        if ("column", column) in lines:
            return walked[lines.index(("column", column)) :]
        lines.append(("column", column))


def _broken(value: Fraction) -> bool:
    return value.denominator != 1

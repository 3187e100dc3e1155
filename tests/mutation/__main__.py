"""`python -m tests.mutation`: changes the core in one place at a time and looks whether the tests notice. Prints the share of
mutants that were noticed, and those that were not. Exit code 1 if the share is below the goal."""

import argparse
import os
import random
import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

from tests.mutation.modules import EQUIVALENT, MODULES
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.run import NONE_CHOSEN, ROOT, noticed, postgresql, scratch, tested

SLOWER, SHORTEST = 5, 60
"""A mutant hangs if its tests take so many times as long as without it, and longer than so many seconds."""


def main() -> int:
    """Read the arguments, try a sample, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="chooses the sample, and the tests' own examples")
    parser.add_argument("--most", type=int, default=200, help="the size of the sample")
    parser.add_argument("--only", nargs="+", default=[""], help="modules whose path contains one of these")
    parser.add_argument("--goal", type=float, default=95, help="the share in per cent that is enough")
    parser.add_argument("--list", action="store_true", help="only print the sample")
    given = parser.parse_args()
    chosen = _sample(given.seed, given.most, given.only)
    if given.list:
        sys.stdout.write("".join(f"{mutant}\n" for mutant in chosen))
        return 0
    with tempfile.TemporaryDirectory(prefix="trato-mutants-") as folder, postgresql() as url:
        os.environ["TEST_POSTGRES_URL"] = url
        with scratch(Path(folder)) as copy:
            survived = _tried(copy, chosen, given.seed)
    share = 100 * (1 - len(survived) / len(chosen)) if chosen else 100.0
    sys.stdout.write(f"\n{len(chosen) - len(survived)} of {len(chosen)} mutants noticed: {share:.1f} %\n")
    sys.stdout.write("".join(f"  {mutant}\n" for mutant in survived))
    return int(share < given.goal)


def _sample(seed: int, most: int, only: list[str]) -> list[Mutant]:
    """Choose as many of each module as of any other, as far as they go."""
    chance = random.Random(seed)
    paths = [path for path in MODULES if any(part in path for part in only)]
    found = [_mutants(path) for path in chance.sample(paths, len(paths))]
    for one in found:
        chance.shuffle(one)
    turns = [mutant for turn in zip_longest(*found) for mutant in turn if mutant is not None]
    return sorted(turns[:most], key=lambda mutant: (mutant.path, mutant.line))


def _mutants(path: str) -> list[Mutant]:
    found = mutants(path, (ROOT / path).read_text(encoding="utf-8"))
    return [mutant for mutant in found if (path, mutant.before, mutant.after) not in EQUIVALENT]


def _tried(copy: Path, chosen: list[Mutant], seed: int) -> list[Mutant]:
    """Give those that survive."""
    longest: dict[tuple[str, ...], float] = {}
    survived = []
    for mutant in chosen:
        tests = MODULES[mutant.path]
        if tests not in longest:
            longest[tests] = _longest(copy, tests, seed)
        how = noticed(copy, mutant, tests, seed, longest[tests])
        sys.stdout.write(f"{how or 'SURVIVED':8}  {mutant}\n")
        sys.stdout.flush()
        if not how:
            survived.append(mutant)
    return survived


def _longest(copy: Path, tests: tuple[str, ...], seed: int) -> float:
    began = time.monotonic()
    for choice in ("not postgres", "postgres"):
        code = tested(copy, tests, choice, seed, 1800)
        if code not in {0, NONE_CHOSEN}:
            raise SystemExit(f"without a mutant these tests already fail ({code}): {' '.join(tests)}")
    return max(SHORTEST, SLOWER * (time.monotonic() - began))


if __name__ == "__main__":
    sys.exit(main())

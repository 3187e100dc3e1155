"""`python -m tests.chaos`: a run at length, on SQLite or on a PostgreSQL of its own. Exit code 1 and the seed if anything was
lost, sent twice, out of order or against the rules."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import uvloop

from tests.chaos.conduct import Plan, Result, run
from tests.conftest import postgresql_server


def main() -> int:
    """Read the arguments, run, and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--officers", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600, help="how long things go wrong")
    parser.add_argument("--processes", type=int, default=1, help="more than one is for PostgreSQL")
    parser.add_argument("--shorter", type=float, default=1, help="divides Trato's waiting times")
    parser.add_argument("--calm", type=float, default=900, help="how long it may take to come to rest")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--spells", type=int, default=2, help="so many of each kind")
    parser.add_argument("--spell", type=float, default=5, help="how many seconds one lasts")
    parser.add_argument("--folder", type=Path, default=None, help="keeps logs and database here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trato-chaos-") as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with _database(folder, postgresql=given.postgresql) as url:
            result = uvloop.run(
                run(
                    Plan(
                        url,
                        folder,
                        given.seed,
                        given.officers,
                        given.processes,
                        given.kills,
                        given.seconds,
                        given.shorter,
                        given.calm,
                        given.postgresql,
                        given.spells,
                        given.spell,
                    )
                )
            )
    return _told(result)


@contextmanager
def _database(folder: Path, *, postgresql: bool) -> Iterator[str]:
    if postgresql:
        with postgresql_server() as url:
            yield url
    else:
        yield f"sqlite:///{folder}/trato.db"


def _told(result: Result) -> int:
    faults = result.faults
    print(json.dumps({**asdict(result), "faults": faults[:50], "fault_count": len(faults)}, indent=2))  # noqa: T201
    if faults:
        print(f"seed {result.seed}: {len(faults)} faults", file=sys.stderr)  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

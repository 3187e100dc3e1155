"""`python -m tests.edge`: the long assault. Prints what was found, and fails if anything was that must not be."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.acceptance.processes import Installation
from tests.edge.assault import assault
from tests.world import PROGRAMME


def main() -> int:
    """Attack one `trato serve` on a SQLite file."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.edge", description="Attack the edge of a real `trato serve`."
    )
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--slow", type=int, default=2_000, help="slow connections at the same time")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trato-edge-") as name:
        folder = Path(name)
        place = Installation(folder, f"sqlite:///{folder}/trato.db", PROGRAMME, more={"TRATO_ROLE": "web"})
        found = assault(place, given.requests, given.slow, given.seed)
    lines = [
        f"{found.requests} requests and {found.slow} slow connections, {given.slow} at a time, in {found.seconds:.0f} s",
        "answers: " + ", ".join(f"{status}: {count}" for status, count in sorted(found.answers.items())),
        f"good webhooks: {len(found.good)}, {found.good_refused} not answered",
        f"their times: median {found.percentile(0.5):.0f} ms, 99th percentile {found.percentile(0.99):.0f} ms, slowest {found.slowest_good:.0f} ms",
        f"stored beyond them: {found.stored}; loop blocked for at most {found.blocked_ms} ms; memory at most {found.memory_mb} MB",
        *(f"FAULT: {fault}" for fault in found.faults),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())

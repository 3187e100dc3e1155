"""`python -m tests.replies`: how well and how fast labelled replies are read. Exit code 1 if a file is read worse than it must
be. Without arguments, every file of this folder."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.replies.corpus import ENOUGH_RIGHT, FILES, TOO_MANY_WRONG, load, measured


def main(arguments: Sequence[str]) -> int:
    """Measure the files and print the figures. Raises UsageError for a file that is no corpus."""
    parser = argparse.ArgumentParser(prog="python -m tests.replies", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="files of labelled replies")
    parser.add_argument("--json", action="store_true", help="one line of JSON for each file")
    given = parser.parse_args(arguments)
    code = 0
    for file in given.files or FILES:
        found = measured(load(file))
        sys.stdout.write((json.dumps(found, ensure_ascii=False) if given.json else _told(file, found)) + "\n")
        if found["right"] < ENOUGH_RIGHT or found["wrongly_accepted"] > TOO_MANY_WRONG:
            code = 1
    return code


def _told(file: Path, found: dict[str, Any]) -> str:
    lines = [
        f"{wrong['section']}: «{wrong['text']}» → {wrong['got']}, expected {wrong['expected'] or 'unclear'}"
        for wrong in found["wrong"]
    ]
    lines.append(f"{file.stem:18}{'replies':>9}{'right':>9}{'wrongly accepted':>18}")
    for name, shares in [*found["kinds"].items(), ("total", found)]:
        lines.append(f"{name:18}{shares['replies']:9}{shares['right']:9.1%}{shares['wrongly_accepted']:18.2%}")
    times = found["microseconds"]
    lines.append(
        f"median {times['median']} µs · slowest {times['slowest']} µs · 300 characters "
        f"{times['of_300_characters']} µs · 1,600 characters {times['of_1600_characters']} µs"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

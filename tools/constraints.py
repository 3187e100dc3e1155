"""constraints.txt for plain pip, exported from uv.lock, which is the source of truth.

* `python tools/constraints.py` writes constraints.txt
* with `--check`: exit code 1 if it is not what uv.lock says
* with `--dev`: prints the requirements of tests and checks (pyproject's dev group)
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"
HEAD = "# Made from uv.lock by tools/constraints.py: do not edit. For plain pip: pip install -c constraints.txt .\n"


def exported() -> str:
    """The versions of every package in uv.lock, one a line."""
    uv = Path(sys.executable).with_name("uv")
    command = [
        str(uv),
        "export",
        "--frozen",
        "--quiet",
        "--all-groups",
        "--all-extras",
        "--no-hashes",
        "--no-emit-project",
        "--no-annotate",
        "--no-header",
    ]
    return HEAD + subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> int:
    """Write, compare or print."""
    if arguments == ["--dev"]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        print("\n".join(project["dependency-groups"]["dev"]))
        return 0
    if arguments == ["--check"]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != exported():
            print("constraints.txt is not what uv.lock says: run `make lock`", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(exported(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

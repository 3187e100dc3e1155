"""The versions of uv.lock, which is the source of truth, in the forms that plain pip reads: constraints.txt for whoever works on
Trato; ops/requirements.txt, with hashes, for what runs it; ops/build-requirements.txt, with hashes, for what builds its wheel.

* `python tools/constraints.py` writes them
* with `--check`: exit code 1 if one is not what uv.lock says
* with `--group NAME`: prints the requirements of a dependency group of pyproject.toml
"""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE = "# Made from uv.lock by tools/constraints.py: do not edit. "
FORMS = {
    "constraints.txt": (
        "For plain pip: pip install -c constraints.txt .",
        ["--all-groups", "--all-extras", "--no-hashes"],
    ),
    "ops/requirements.txt": (
        "What Trato needs to run, with its extras: pip install --require-hashes -r ops/requirements.txt",
        ["--no-dev", "--all-extras"],
    ),
    "ops/build-requirements.txt": ("What builds the wheel.", ["--only-group", "build"]),
}
"""The head of each file, and the options of `uv export` that make it."""


def exported(use: str, options: list[str]) -> str:
    """The versions of packages in uv.lock, one a line."""
    uv = Path(sys.executable).with_name("uv")
    common = ["--frozen", "--quiet", "--no-emit-project", "--no-annotate", "--no-header"]
    command = [str(uv), "export", *common, *options]
    made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return f"{MADE}{use}\n{made}"


def main(arguments: list[str]) -> int:
    """Write, compare or print."""
    match arguments:
        case ["--group", name]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
            print("\n".join(project["dependency-groups"][name]))
            return 0
        case ["--check"]:
            return max(_checked(name) for name in FORMS)
    for name, form in FORMS.items():
        (ROOT / name).write_text(exported(*form), encoding="utf-8")
    return 0


def _checked(name: str) -> int:
    file = ROOT / name
    if file.exists() and file.read_text(encoding="utf-8") == exported(*FORMS[name]):
        return 0
    print(f"{name} is not what uv.lock says: run `make lock`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

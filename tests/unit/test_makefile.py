"""The Makefile says clearly what a machine lacks. Each case is a folder with the Makefile and a Python that is made up."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

OLD = "#!/bin/sh\nexit 1\n"
"""A Python before 3.11, or a name that leads nowhere: it fails whatever it is asked."""

BARE = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n'
"""A Python without venv, as Debian has it."""

FULL_DISK = "#!/bin/sh\nif [ \"$1\" = -m ]; then echo 'No space left on device' >&2; exit 1; fi\nexit 0\n"
"""A Python that cannot make the folder."""

NO_INDEX = """#!/bin/sh
if [ "$2" = venv ]; then
    mkdir -p .venv/bin
    printf '#!/bin/sh\\necho no index today >&2\\n[ "$1" = -c ] && exit 0\\nexit 1\\n' > .venv/bin/python
    chmod +x .venv/bin/python
fi
exit 0
"""
"""A Python whose pip reaches no package index."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def _make(folder: Path, python: str | None, *arguments: str) -> "subprocess.CompletedProcess[str]":
    if python is not None:
        (folder / "python").write_text(python)
        (folder / "python").chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "LANG": "C"}
    return subprocess.run(
        ["make", *arguments, "PYTHON=./python"],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("target", ["demo", "test", "check"])
@pytest.mark.parametrize(
    ("python", "said"),
    [
        (None, "Trato needs Python 3.11 or newer, and none of these is one: ./python"),
        (OLD, "Trato needs Python 3.11 or newer, and none of these is one: ./python"),
        (BARE, "./python has no venv module: install it (Debian, Ubuntu: apt install python3-venv)"),
        (FULL_DISK, "./python could not make a virtual environment in .venv; its reason is above"),
        (NO_INDEX, "pip could not install the dependencies; its reason is above. It needs a package index (PyPI)"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder: Path, target: str, python: str | None, said: str) -> None:
    made = _make(folder, python, target)
    assert made.returncode != 0
    assert said in made.stderr.splitlines()
    assert "Traceback" not in made.stderr
    assert not (folder / ".venv" / ".installed").exists(), "the next try begins anew"


def test_without_a_target_it_says_what_there_is(folder: Path) -> None:
    made = _make(folder, None)
    assert made.returncode == 0
    assert made.stdout.startswith("make demo ")
    assert "make test " in made.stdout


def test_the_first_python_that_will_do_is_taken(folder: Path) -> None:
    (folder / "python").write_text(OLD)
    (folder / "python").chmod(0o755)
    (folder / "newer").write_text(NO_INDEX)
    (folder / "newer").chmod(0o755)
    made = subprocess.run(
        ["make", "demo", "PYTHON=./python ./bare ./newer"],
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert "no index today" in made.stderr, "it came as far as pip"

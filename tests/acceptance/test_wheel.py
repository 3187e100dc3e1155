"""The wheel works alone: it carries all files that Trato reads, and its metadata. At night it is installed where nothing else is, and
used in an empty folder."""

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path

import pytest

from app import __version__
from app.cli.main import COMMANDS
from tests.acceptance.papers import ROOT
from tests.acceptance.processes import free_port


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def _expected() -> Iterator[str]:
    """What git has of the package and of the folders that it carries."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "app", "flows", "schema", "docs/lints"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    yield from (name if name.startswith("app/") else f"app/shipped/{name}" for name in listed if (ROOT / name).exists())


def test_it_has_all_files_and_no_other(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == set(_expected())
    assert {"app/py.typed", "app/shipped/flows/principles.yaml", "app/shipped/docs/lints/pace.md"} <= names


def test_its_metadata(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel)
    text = inside.read(f"trato-{__version__}.dist-info/METADATA").decode()
    metadata = Parser().parsestr(text)
    assert (metadata["Name"], metadata["Version"], metadata["License-Expression"]) == (
        "trato",
        __version__,
        "Apache-2.0",
    )
    assert "Private :: Do Not Upload" in metadata.get_all("Classifier", [])
    assert inside.read(f"trato-{__version__}.dist-info/entry_points.txt").decode().split() == [
        "[console_scripts]",
        "trato",
        "=",
        "app.cli.main:run",
    ]


@pytest.mark.nightly
def test_it_works_where_nothing_else_is(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    binaries, folder = tmp_path / "venv" / "bin", tmp_path / "empty"
    _said(binaries / "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "ops/requirements.txt", at=tmp_path)
    _said(binaries / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, at=tmp_path)
    folder.mkdir()
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text("raise SystemExit('another app')", encoding="utf-8")
    owners = "from importlib.metadata import packages_distributions as found; print(*found()['app'])"
    assert _said(binaries / "python", "-I", "-c", owners, at=folder) == "trato\n", "one other distribution has an `app`"
    trato = binaries / "trato"
    assert _said(trato, "--version", at=folder) == f"trato {__version__}\n"
    assert "nothing to report" in _said(trato, "check", "--strict", at=folder)
    _said(trato, "init", "mi_programa", at=folder)
    mine = folder / "mi_programa"
    assert _said(trato, "check", "--strict", at=mine).endswith("1 file: nothing to report\n")
    assert "1 passed" in _said(trato, "test", at=mine)
    assert _said(trato, "check", "--explain", "pace", at=mine).startswith("# pace\n")
    for name in COMMANDS:
        _said(trato, name, "--help", at=mine)
    for place in (folder, mine):
        said = _said(trato, "demo", "--port", free_port(), "--seconds", "10", at=place)
        assert re.search(r"^Trato is running\. Console at http://127\.0\.0\.1:", said, re.MULTILINE), said
        assert (place / "var" / "demo" / "trato.db").exists()


def _said(*words: object, at: Path) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(at)}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=at,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout

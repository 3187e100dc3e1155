"""The wheel works alone: it carries all files that Trato reads, and its metadata. At night the steps of the image are followed in a
clean folder, and what they install is used in an empty one."""

import re
import shutil
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
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "app",
            "flows",
            "schema",
            "docs",
            ":!docs/images",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    yield from (name if name.startswith("app/") else f"app/shipped/{name}" for name in listed if (ROOT / name).exists())


def test_it_has_all_files_and_no_other(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == set(_expected())
    assert {
        "app/py.typed",
        "app/shipped/flows/principles.yaml",
        "app/shipped/docs/lints/pace.md",
        "app/shipped/docs/keys.md",
    } <= names


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


def _context(folder: Path) -> None:
    """What .dockerignore lets into the image, laid into a folder."""
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for place in (place for rule in rules if rule.startswith("!") for place in ROOT.glob(rule[1:])):
        target = folder / place.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        if place.is_dir():
            shutil.copytree(place, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, target)


def _steps(dockerfile: str) -> Iterator[str]:
    """The RUN lines of the first stage, whole."""
    stage = re.split(r"^FROM ", dockerfile, flags=re.MULTILINE)[1].replace("\\\n", "")
    yield from re.findall(r"^RUN (.*)$", stage, re.MULTILINE)


def test_the_image_copies_what_its_context_has(tmp_path: Path) -> None:
    _context(tmp_path)
    copies = re.findall(r"^COPY (?!--from)(.*) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(copies) > 4
    assert [source for line in copies for source in line.split() if not (tmp_path / source).exists()] == []


@pytest.mark.nightly
def test_what_the_image_installs_works_in_an_empty_folder(tmp_path: Path) -> None:
    build, folder = tmp_path / "build", tmp_path / "empty"
    _context(build)
    for step in _steps((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        local = step.replace("/opt/", f"{tmp_path}/opt/").replace("/wheel", f"{tmp_path}/wheel")
        _said("sh", "-ec", local.replace("python -m venv", f"{sys.executable} -m venv"), at=build)
    folder.mkdir()
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text("raise SystemExit('another app')", encoding="utf-8")
    binaries = tmp_path / "opt" / "trato" / "bin"
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

"""What the README says is so: its files are made and its commands run, in their order, in an empty folder; its tables and
.env.example say what the code says. `make demo` and `make test` are run by people and by continuous integration."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from app.cli.main import COMMANDS
from app.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.DOTALL)
_BIN = str(Path(sys.executable).parent)


def _blocks() -> Iterator[tuple[str | None, str, str]]:
    for match in _BLOCK.finditer(README):
        yield match["file"], match["kind"], match["body"]


def test_its_files_and_commands_work(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TRATO_")}
    environment |= {"PATH": f"{_BIN}{os.pathsep}{environment['PATH']}", "TRATO_PORT": str(_free_port())}
    run = []
    for file, kind, body in _blocks():
        if file is not None:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(body, encoding="utf-8")
        for line in body.splitlines() if kind == "sh" else []:
            _carry_out(line, environment, tmp_path)
            run.append(line.split()[1])
    assert run == [
        "check", "test", "play", "reply", "reply", "TRATO_FLOWS=mine", "roster", "roster", "plan", "serve", "status", "export",
    ]
    assert (tmp_path / "answers" / "responses.csv").read_text(encoding="utf-8").startswith("study_id,")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _carry_out(line: str, environment: dict[str, str], folder: Path) -> None:
    words = shlex.split(line)
    if words[0] == "export":
        environment.update([words[1].split("=", 1)])
    elif words == ["trato", "serve"]:
        _serve(environment, folder)
    else:
        done = subprocess.run(
            words, check=False, cwd=folder, env=environment, input="simón\nla uno\n", capture_output=True, text=True,
            timeout=60,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        assert done.stdout, line


def _serve(environment: dict[str, str], folder: Path) -> None:
    """It answers, and stops when it is asked to."""
    with subprocess.Popen(["trato", "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        try:
            _answers(f"http://127.0.0.1:{environment['TRATO_PORT']}/healthz", process)
        finally:
            process.terminate()
            process.communicate(timeout=30)
    assert process.returncode in (0, -signal.SIGTERM), "uvicorn stops in order, then ends by the signal it was sent"


def _answers(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while True:
        assert process.poll() is None, "trato serve ended by itself"
        assert time.monotonic() < end, f"nothing at {address}"
        try:
            with urlopen(address, timeout=5) as response:
                assert response.status == 200
                return
        except URLError:
            time.sleep(0.05)


@pytest.mark.parametrize("line", [line for _, kind, body in _blocks() if kind == "console" for line in body.splitlines()])
def test_what_it_tells_people_to_type_is_there(line: str) -> None:
    match line.removeprefix("$ ").split():
        case ["make", target, *_]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        case ["docker", *_]:
            assert (ROOT / "Dockerfile").is_file()
        case _:
            raise AssertionError(f"{line}: neither make nor docker; let a block `sh` be run by the test above")


def test_its_tests_are_run_by_make_test() -> None:
    assert "$ make test\n" in README


def test_its_list_of_commands_is_the_command_lines() -> None:
    listed = re.findall(r"^\| `trato ([\w-]+)` \| (.*) \|$", README, re.MULTILINE)
    assert listed == [(name, entry.help) for name, entry in COMMANDS.items()]


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case (start, end):
            return f"{start:%H:%M}-{end:%H:%M}"
        case float():
            return f"{value:g}"
        case _:
            return str(value)


SETTINGS = [
    (f"TRATO_{name.upper()}", _shown(field.default), field.description or "") for name, field in Settings.model_fields.items()
]


def test_its_list_of_settings_is_the_codes() -> None:
    listed = re.findall(r"^\| `(TRATO_\w+)` \| (?:`([^`]*)` )?\| (.*) \|$", README, re.MULTILINE)
    assert listed == SETTINGS


def test_env_example_has_every_setting_with_its_default() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = re.findall(r"^# (.*)\n# (TRATO_\w+)=(.*)$", example, re.MULTILINE)
    assert [(name, default, text) for text, name, default in listed] == SETTINGS
    assert not re.search(r"^[^#\n]", example, re.MULTILINE), "copied as it is, it changes nothing"


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")
)])
def test_links_within_the_repository_lead_somewhere(paper: str) -> None:
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (ROOT / paper).read_text(encoding="utf-8")):
        assert (ROOT / paper).parent.joinpath(link).exists(), link

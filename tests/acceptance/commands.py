"""Commands of Trato as processes of their own, without the second that its modules take to load: a server of the standard library loads
them once and forks for each command. Tests of documents, of the wheel and of `serve` start Python anew, as in life."""

import multiprocessing
import os
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["app.main", "app.cli.main"])
_STREAMS = ("typed", "said", "complained")


def command(
    arguments: tuple[str, ...], environment: dict[str, str], folder: Path, typed: str, timeout: float
) -> "CompletedProcess[str]":
    """`trato` with these arguments and exactly this environment, in a folder; `typed` is what it reads. Raises TimeoutExpired after so
    many seconds."""
    with TemporaryDirectory() as room:
        files = [Path(room) / name for name in _STREAMS]
        for file, text in zip(files, (typed, "", ""), strict=True):
            file.write_text(text, encoding="utf-8")
        process = _FORKING.Process(
            target=_run, args=(arguments, environment, str(folder), [str(file) for file in files])
        )
        process.start()
        try:
            process.join(timeout)
            if process.exitcode is None:
                raise TimeoutExpired(["trato", *arguments], timeout)
            said, complained = (file.read_text(encoding="utf-8") for file in files[1:])
            return CompletedProcess(["trato", *arguments], process.exitcode, said, complained)
        finally:
            _end(process)


def _end(process: ForkServerProcess) -> None:
    if process.exitcode is None:
        process.kill()
        process.join()
    process.close()


def _run(arguments: tuple[str, ...], environment: dict[str, str], folder: str, files: list[str]) -> None:
    """In the forked process: become the command."""
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDWR | (os.O_APPEND if number else 0))
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the rest of the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["trato", *arguments]
    from app.cli.main import run  # noqa: PLC0415 - it is loaded already; here it would keep the tests themselves from starting quickly

    run()

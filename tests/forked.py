"""Processes of Trato and of the carrier, without the seconds that their modules take to load: a server of the standard library loads them
once and forks for each. A few tests start Python anew, as in life: those of the wheel, of `make demo` and of the time that commands take to begin."""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory
from threading import Lock

TRATO = "app.cli.main:run"
CARRIER = "tests.carrier.__main__:main"

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.warmed"])
_STREAMS = ("typed", "said", "complained")


class Forked:
    """A running process, with the part of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        main: str,
        arguments: Sequence[str],
        environment: dict[str, str],
        folder: Path,
        streams: tuple[Path, Path, Path],
    ) -> None:
        """`main` is `module:function`; the environment is exactly this. The streams are files: what is typed, said and complained of."""
        given = (main, list(arguments), environment, str(folder), [str(stream) for stream in streams])
        self.args = [main, *arguments]
        self._asking = Lock()
        self._process = _FORKING.Process(target=_run, args=given)
        self._process.start()
        self.pid: int = self._process.pid or 0

    def poll(self) -> int | None:
        """The exit code, a signal as its negative number; None while it runs. Threads may ask at the same time."""
        with self._asking:
            return self._process.exitcode

    @property
    def returncode(self) -> int | None:
        """As `poll`."""
        return self.poll()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises TimeoutExpired after so many seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise TimeoutExpired(self.args, timeout or 0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def service(main: str, arguments: Sequence[str], environment: dict[str, str], folder: Path, log: Path) -> Forked:
    """A process that runs on; whatever it says goes to the end of its log."""
    return Forked(main, arguments, environment, folder, (Path(os.devnull), log, log))


def command(
    arguments: Sequence[str],
    environment: dict[str, str],
    folder: Path,
    typed: str,
    timeout: float,
    *,
    as_shown: bool = False,
) -> "CompletedProcess[str]":
    """`trato` with these arguments in a folder, and what it said; `typed` is what it reads. With `as_shown` its complaints stand
    among what it says, as on a terminal. Raises TimeoutExpired after so many seconds."""
    with TemporaryDirectory() as room:
        files = [Path(room) / name for name in _STREAMS]
        for file, text in zip(files, (typed, "", ""), strict=True):
            file.write_text(text, encoding="utf-8")
        process = Forked(TRATO, arguments, environment, folder, (files[0], files[1], files[1 if as_shown else 2]))
        try:
            code = process.wait(timeout)
            said, complained = (file.read_text(encoding="utf-8") for file in files[1:])
            return CompletedProcess(["trato", *arguments], code, said, complained)
        finally:
            process.kill()


def _run(main: str, arguments: list[str], environment: dict[str, str], folder: str, files: list[str]) -> None:
    """In the forked process: become what was asked for."""
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDWR | (os.O_APPEND | os.O_CREAT if number else 0), 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the rest of the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.umask(0o022)  # that of a user whose files others may read: what must be private is made so
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    module, _, name = main.partition(":")
    sys.argv = [module, *arguments]
    getattr(import_module(module), name)()

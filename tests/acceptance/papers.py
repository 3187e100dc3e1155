"""Papers whose examples are run. Owns the fenced blocks of a Markdown file, and the desk at which somebody follows them: an
empty folder and a terminal. Refuses an example that does not fit what came before it. A comment above a block, which
readers of the page do not see, says what becomes of it::

    <!-- file: mine/taller.yaml -->          the block is the file
    <!-- shown: mine/taller.yaml -->         the file is there already, and the same
    <!-- end of: mine/taller.yaml -->        it goes to the end of the file
    <!-- above flows: mine/taller.yaml -->   it goes above this key of the file
    <!-- change: mine/taller.yaml -->        lines with - are replaced by lines with +; … stands between two places
    <!-- try: mine/taller.yaml -->           the same, for the next commands only
    <!-- fails -->                           the last of these commands has exit code 1
    <!-- awaited -->                         what runs on, such as `trato demo`, says this in the end

A block `sh` is run, line by line. So is a block `console`, line by line where $ stands; below is what each command says, …
standing for anything, and what begins with > is typed.
"""

import os
import re
import shlex
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.acceptance.processes import free_port, until
from tests.forked import TRATO, Forked, command, service

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"(?:<!-- (?P<mark>[^\n]+) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.DOTALL)
_ENDLESS = (["trato", "serve"], ["trato", "demo"])


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `mark` is the comment above it, empty without one."""

    mark: str
    kind: str
    body: str


def blocks(paper: str) -> list[Block]:
    """The fenced blocks of a paper, in order."""
    return [Block(found["mark"] or "", found["kind"], found["body"]) for found in _BLOCK.finditer(paper)]


def changed(text: str, change: str) -> str:
    """A text with the changes of a block `diff`, each of which fits one place only."""
    for part in re.split(r"^…\n", change, flags=re.MULTILINE):
        lines = [line if line.strip() else " \n" for line in part.splitlines(keepends=True)]
        assert all(line[0] in "-+ " for line in lines), part
        old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in (" -", " +"))
        assert f"\n{text}".count(f"\n{old}") == 1, f"not at one place:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}").removeprefix("\n")
    return text


def shows(expected: str, said: str) -> bool:
    """Whether a paper's block is what was said: a line of … alone stands for any lines, another … for any part of its line."""
    return re.fullmatch(_pattern(expected), _trimmed(said), re.DOTALL) is not None


def _pattern(expected: str) -> str:
    lines = _trimmed(expected).splitlines(keepends=True)
    return "".join("(?:.*\n)?" if line == "…\n" else re.escape(line).replace("…", "[^\n]*") for line in lines)


def _trimmed(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.strip("\n").splitlines())


def _commands(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a block, each with what is shown below it."""
    if block.kind == "sh":
        yield from ((line, "") for line in block.body.splitlines())
        return
    for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        yield line, shown


@dataclass(slots=True)
class Desk:
    """Where a paper is followed. `typed` is given to commands of which the paper shows nothing."""

    folder: Path
    typed: str = ""
    done: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    _running: Forked | None = None
    _tried: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TRATO_")}
        self.environment["TRATO_PORT"] = str(free_port())

    def follow(self, paper: Sequence[Block]) -> None:
        """Do what a paper says, from its beginning to its end."""
        try:
            for block in paper:
                if block.kind in ("sh", "console"):
                    self._run(block)
                elif block.mark == "awaited":
                    self._await(block.body)
                elif block.mark:
                    self._write(*block.mark.split(": "), block.body)
            self._stop()
        finally:
            if self._running is not None:
                self._running.kill()
                self._running.wait()

    # -- files ----------------------------------------------------------------------------------------------------------

    def _write(self, what: str, name: str, body: str) -> None:
        file = self.folder / name
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        match what.split():
            case ["file"]:
                after = body
            case ["shown"]:
                assert body == before, f"{name} is another"
                after = before
            case ["end", "of"]:
                after = f"{before}\n{body}"
            case ["above", key]:
                assert before.count(f"\n{key}:\n") == 1, key
                after = before.replace(f"\n{key}:\n", f"\n{body}\n{key}:\n")
            case ["change" | "try" as verb]:
                after = changed(before, body)
                if verb == "try":
                    self._tried.setdefault(file, before)
            case _:
                raise AssertionError(f"{what}: no such mark")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(after, encoding="utf-8")

    # -- commands -------------------------------------------------------------------------------------------------------

    def _run(self, block: Block) -> None:
        commands = list(_commands(block))
        for place, (line, shown) in enumerate(commands, 1):
            self._stop()
            said = self._carry_out(line, shown, int(block.mark == "fails" and place == len(commands)))
            assert not shown or shows(shown, said), f"the paper shows\n{shown}\nafter {line}, which says\n{said}"
            self.done.append(line)
        for file, text in self._tried.items():
            file.write_text(text, encoding="utf-8")
        self._tried.clear()

    def _carry_out(self, line: str, shown: str, exit_code: int) -> str:
        words = shlex.split(line.replace("$(date +%F)", datetime.now(UTC).date().isoformat()))
        if words[0] == "export":
            self.environment.update([words[1].split("=", 1)])
            return ""
        if words[:2] in _ENDLESS:
            self._start(words)
            return ""
        typed = "".join(f"{answer[2:]}\n" for answer in shown.splitlines() if answer.startswith("> "))
        assert words[0] == "trato", line
        done = command(words[1:], self.environment, self.folder, typed or self.typed, timeout=60, as_shown=True)
        assert done.returncode == exit_code, f"{line}: {done.stdout}"
        assert done.stdout, line
        return done.stdout

    # -- what runs on ---------------------------------------------------------------------------------------------------

    def _await(self, shown: str) -> None:
        until(
            lambda: re.search(_pattern(shown), _trimmed(self._log.read_text(encoding="utf-8"))),
            f"it says {shown}",
            seconds=30,
        )

    @property
    def _log(self) -> Path:
        return self.folder / "said.log"

    def _start(self, words: list[str]) -> None:
        port = self.environment["TRATO_PORT"]
        more = ["--port", port] if words[1] == "demo" else []
        self._log.unlink(missing_ok=True)
        self._running = service(TRATO, [*words[1:], *more], self.environment, self.folder, self._log)
        until(lambda: self._answers(f"http://127.0.0.1:{port}/healthz"), shlex.join(words), seconds=30)

    def _answers(self, address: str) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, f"it ended by itself: {self._log.read_text(encoding='utf-8')}"
        try:
            with urlopen(address, timeout=5) as response:
                return bool(response.status == 200)
        except URLError:
            return False

    def _stop(self) -> None:
        """It stops when it is asked to."""
        if self._running is not None:
            self._running.terminate()
            code = self._running.wait(timeout=30)
            self._running = None
            assert code in (0, -signal.SIGTERM), "uvicorn stops in order, then ends by the signal it was sent"

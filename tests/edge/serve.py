"""`trato serve` that also notes, in a file, the longest time for which its event loop was blocked, and its memory: the time by which a
timer came too late, without the longest time in which the machine gave one of the process's threads no processor: one that waits for it
may hold the interpreter's lock."""

import asyncio
import json
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from app.cli.main import run
from app.web import connections

TICK = 0.01


class Watch:
    """The blocked time of one event loop."""

    def __init__(self, file: Path) -> None:
        self._file, self._blocked, self._looks = file, 0.0, 0

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look from now on."""
        self._due, self._starved = loop.time() + TICK, _without_processor()
        loop.call_later(TICK, self._look, loop)
        threading.Thread(target=self._write_on, daemon=True).start()  # a slow disk must not count as a blocked loop

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        late, starved = loop.time() - self._due, _without_processor()
        longest = max(seconds - self._starved.get(thread, 0.0) for thread, seconds in starved.items())
        self._blocked = max(self._blocked, late - longest)
        self._looks += 1
        self._due, self._starved = loop.time() + TICK, starved
        loop.call_later(TICK, self._look, loop)

    def _write_on(self) -> None:
        while True:
            self._write()
            time.sleep(0.2)

    def _write(self) -> None:
        memory = next(
            line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM")
        )
        found = {
            "blocked_ms": round(1000 * self._blocked, 1),
            "memory_mb": round(int(memory.split()[1]) / 1024, 1),
            "looks": self._looks,
        }
        whole = self._file.with_suffix(".new")
        whole.write_text(json.dumps(found), encoding="ascii")
        whole.rename(self._file)


def _without_processor() -> dict[str, float]:
    """The seconds in which each thread could have run, and had no processor."""
    found = {}
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has just ended
            found[thread.name] = int((thread / "schedstat").read_text("ascii").split()[1]) / 1e9
    return found


class Watched(connections.Connections):
    """The connections, whose first one begins the watch."""

    watch: Watch | None = None

    def join(self, connection: connections.Connection, now: float) -> None:
        """As the service has it."""
        if Watched.watch is not None:
            Watched.watch.begin(connection.loop)
            Watched.watch = None
        super().join(connection, now)


def main() -> None:
    """Run the service of `trato serve`, and write what was seen into the file that is named first."""
    Watched.watch = Watch(Path(sys.argv.pop(1)))
    connections.Connections = Watched  # type: ignore[misc]
    sys.argv.insert(1, "serve")
    run()

"""The other end of a benchmark: a server as a process of its own on this machine."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx

from app.errors import ExternalError


def python(module: str, *arguments: str) -> list[str]:
    """A command that runs a module of ours, or of somebody else's, with this Python."""
    return [sys.executable, "-m", module, *arguments]


@contextmanager
def server(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    """Start a server as a process of its own and stop it at the end. Gives its port."""
    port = _free_port()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [part.format(port=port) for part in command], env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        _wait(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise ExternalError("a server of the benchmark did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""One `trato serve` of a chaos run, and the commands that an operator gives beside it."""

import asyncio
import os
import resource
import time
from pathlib import Path
from subprocess import TimeoutExpired

import aiohttp

from app.settings import Settings
from tests.acceptance.processes import ROOT, SECRET, free_port
from tests.carrier import Account
from tests.chaos.control import Control
from tests.chaos.front import Front
from tests.forked import Forked, command, service

READY_SECONDS = 180
"""How long a process may take to begin, on a machine that is doing everything else as well."""

NO_ROOM = 4096
"""Bytes that a file may have while the disk is full: whatever is written behind them fails."""


class Process:
    """One `trato serve`, which may be killed and begins again."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        shorter: float,
        account: Account,
        carrier_port: int,
        front: Front,
        number: int,
    ) -> None:
        self.port = free_port()
        self.control = Control(folder / f"serve-{number}.control")
        self._folder, self._shorter, self._front, self._number = folder, shorter, front, number
        self._log = folder / f"serve-{number}.log"
        self._environment = self._settings(account, carrier_port, database_url)
        self._process: Forked | None = None

    def _settings(self, account: Account, carrier_port: int, database_url: str) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith("TRATO_")}
        return own | {
            "TRATO_DATABASE_URL": database_url,
            "TRATO_FLOWS": str(self._folder / "flows"),
            "TRATO_CHANNEL": "twilio",
            "TRATO_PUBLIC_URL": f"http://127.0.0.1:{self._front.port}",
            "TRATO_TWILIO_API_URL": f"http://127.0.0.1:{carrier_port}",
            "TRATO_TWILIO_ACCOUNT_SID": account.sid,
            "TRATO_TWILIO_AUTH_TOKEN": account.auth_token,
            "TRATO_TWILIO_API_KEY": account.api_key,
            "TRATO_TWILIO_API_SECRET": account.api_secret,
            "TRATO_TWILIO_FROM_SMS": account.sms,
            "TRATO_TWILIO_FROM_WHATSAPP": account.whatsapp,
            "TRATO_SECRET_KEY": SECRET,
            "TRATO_TICK_SECONDS": "0.5",
            "TRATO_PORT": str(self.port),
            "TRATO_SEND_RATE": "500",
            "TRATO_SEND_CONCURRENCY": "8",
            "TRATO_TEMPLATES": str(self._folder / "templates.json"),
            "TRATO_QUIET_HOURS": "21:00-09:00",
            "TRATO_SEEN_AFTER": str(Settings.model_fields["seen_after"].default / self._shorter),
        }

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Begin, and take part once ready. RuntimeError if it ends by itself."""
        words = [str(self._shorter), str(self._folder / f"serve-{self._number}.control")]
        self._process = await asyncio.to_thread(
            service, "tests.chaos.serve:main", words, self._environment, ROOT, self._log
        )
        await self.ready()
        self._front.backends.add(self.port)

    async def ready(self) -> None:
        """Wait until it can store messages. RuntimeError if it cannot, or has ended by itself."""
        end, said = time.monotonic() + READY_SECONDS, "it never answered"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as client:
            while time.monotonic() < end:
                if not self.lives:
                    raise RuntimeError(f"trato serve ended by itself: {self._log.read_text('utf-8')[-2000:]}")
                try:
                    async with client.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                        said = await answer.text()
                except (aiohttp.ClientError, TimeoutError) as error:
                    said = repr(error)
                await asyncio.sleep(0.05)
        log_ends = self._log.read_text("utf-8")[-2000:]
        raise RuntimeError(f"trato serve was not ready within {READY_SECONDS} seconds: {said}; its log ends {log_ends}")

    async def kill(self) -> None:
        """At once, in the middle of whatever it does. The front finds out by itself."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        self._front.backends.discard(self.port)

    async def stop(self) -> None:
        """In order."""
        if self._process is not None:
            self._process.terminate()
            try:
                await asyncio.to_thread(self._process.wait, 30)
            except TimeoutExpired:
                await self.kill()
        self._front.backends.discard(self.port)

    def fill_disk(self, *, full: bool) -> None:
        """Leave no room for any file that it writes, its log among them; or leave room again."""
        if self._process is not None and self.lives:
            hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (NO_ROOM if full else hard, hard))

    async def trato(self, *words: str) -> tuple[int, str, str]:
        """A command, as an operator gives it: exit code, standard output, standard error."""
        done = await asyncio.to_thread(command, words, self._environment, ROOT, "", 600)
        return done.returncode, done.stdout, done.stderr

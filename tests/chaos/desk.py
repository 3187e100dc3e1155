"""The persons who look after cases while everything goes wrong: two of them, who often reach for the same case. They use the use cases of
the command line, each in a transaction of its own, on the service's database."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from app.cases import acting, answering, closing, judging, owning, reading
from app.cases.answering import Words
from app.conversations.library import Library
from app.errors import ConflictError, ExternalError, UsageError
from app.people.actors import claimed
from app.sending.send_policy import Means, Rules
from app.store.cases import OF_SAFETY, Case, CaseOutcome
from app.store.database import Database
from app.store.vault import Vault
from tests.acceptance.processes import SECRET

ANA, BETO = claimed("ana"), claimed("beto")
WORDS = "Hola, {{ nombre }}. Le responde una persona del programa."
MOST_AT_ONCE = 12
"""Cases that are looked at before the list is read again."""


@dataclass(slots=True)
class Desk:
    """Handles cases until cancelled. `acts` counts the acts that succeeded, by name; `refused` those that another person or message had
    made impossible; `faults` are acts that must not have been possible."""

    database: Database
    chance: Random
    rules: Rules
    acts: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    _vault: Vault = field(default_factory=lambda: Vault(SECRET))
    _library: Library = field(default_factory=Library)

    async def run(self) -> None:
        """Look after the cases, the most urgent first."""
        while True:
            for case in (await self._open())[:MOST_AT_ONCE]:
                await self._handle(case)
            await asyncio.sleep(0.3)

    async def clear(self) -> None:
        """Close what is open, in the name of its owner."""
        for case in await self._open():
            await self._close(case, claimed(case.owner) if case.owner else ANA)

    async def _open(self) -> list[Case]:
        try:
            return await asyncio.to_thread(self._listed)
        except ExternalError:  # our connections are ended too
            return []

    def _listed(self) -> list[Case]:
        with self.database.reading() as tx:
            return reading.listed(tx)

    async def _handle(self, case: Case) -> None:
        """Two persons read the case and answer it at the same time; its owner then closes it, most times."""
        if case.owner is None:
            answered = await asyncio.gather(self._answer(case, ANA), self._answer(case, BETO))
            if all(answered):
                self.faults.append(f"two persons have answered case {case.id}, which can have one owner")
        person = claimed(case.owner) if case.owner else ANA
        match self.chance.random():
            case lot if lot < 0.1:
                await self._try("count", case, person)
            case lot if lot < 0.15:
                await self._try("out", case, person)
            case lot if lot < 0.25:
                await self._try("take", case, BETO if person == ANA else ANA)
            case lot if lot < 0.3:
                await self._try("snooze", case, person)
            case lot if lot < 0.8:
                await self._close(case, person)

    async def _answer(self, case: Case, person: str) -> bool:
        return await self._try("show", case, person) and await self._try("answer", case, person)

    async def _close(self, case: Case, person: str) -> None:
        await self._try("show", case, person)
        if not await self._try("close", case, person):
            await self._try("take", case, person)

    async def _try(self, act: str, case: Case, person: str) -> bool:
        try:
            await asyncio.to_thread(self._do, act, case, person)
        except (ConflictError, UsageError):
            self.refused += 1
            return False
        except ExternalError:
            return False
        self.acts[act] += 1
        return True

    def _do(self, act: str, case: Case, person: str) -> None:
        now = datetime.now(UTC)
        with self.database.transaction() as tx:
            library = self._library
            if not library.current:
                library.refresh(tx)
            match act:
                case "show":
                    reading.show(tx, case.id, now, person)
                case "answer":
                    answering.answer(tx, library, Means(self.rules), case.id, Words(WORDS), now, person)
                case "count":
                    judging.count(tx, library, case.id, "1", now, person)
                case "out":
                    acting.let_out(tx, library, case.id, self.rules.quiet, now, person)
                case "take":
                    owning.take(tx, case.id, now, person)
                case "snooze":
                    owning.snooze(tx, case.id, now + timedelta(minutes=2), now, person)
                case "close":
                    outcome = CaseOutcome.false_alarm if case.reason in OF_SAFETY else CaseOutcome.handled
                    closing.close(tx, library, self._vault, case.id, outcome, None, now, person)
                case _:
                    raise ValueError(act)

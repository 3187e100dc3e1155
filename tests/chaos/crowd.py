"""The officers of a chaos run: each reads what reaches the telephone and answers, or not; some twice, some late with a
quotation, some with BAJA, some with words that need a person. What they do is drawn from a source of each officer's own, so that it is the same in every run of
a seed however the messages race."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.carrier.book import Message, plain
from tests.chaos.remote import RemoteCarrier
from tests.chaos.world import Person

ANSWERS = (
    ("¿tuvo contacto", ("Sí", "simón", "1", "claro que sí", "no", "2")),
    ("¿Qué situación", ("1", "detensión", "la dos", "Otro")),
    ("últimos 5", ("3", "como 4", "ninguna", "cinco")),
    ("¿Cómo le fue?", ("Bien, se calmó", "Regular 😕", "Le expliqué y ya", "=SUMA(1)")),
)
OPENING = "HX"
NEEDS = ("ya no quiero vivir", "¿quién ve lo que contesto?", "esto es una falta de respeto, me voy a quejar")
"""What needs a person: a crisis, a question to us, a complaint."""


@dataclass(slots=True)
class Crowd:
    """Answers for everybody, in tasks of `group`: what goes wrong with one ends the run. `said` counts what the officers have
    sent."""

    carrier: RemoteCarrier
    group: asyncio.TaskGroup
    people: dict[str, Person]
    seed: int
    patience: float = 1.0
    said: int = 0
    left: set[str] = field(default_factory=set)
    _chances: dict[str, Random] = field(default_factory=dict)
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def run(self) -> None:
        """Look at the telephones until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(0.05)

    async def look(self) -> None:
        """Begin to answer what has come since the last look."""
        for message in await self.carrier.news():
            if message.direction != "inbound" and message.error_code is None:
                self._read(message)

    async def settle(self) -> None:
        """Until everybody has said what they were about to say."""
        while self._tasks:
            await asyncio.gather(*list(self._tasks))

    def unasked(self, person: Person) -> None:
        """Somebody writes without having been written to."""
        self._begin(self._say(person, "AYUDA"))

    async def unasked_by(self, people: Sequence[Person], seconds: float) -> None:
        """Some people write, one after the other, within this time."""
        for person in people:
            self.unasked(person)
            await asyncio.sleep(seconds / len(people))

    def _read(self, message: Message) -> None:
        person = self.people.get(plain(message.receiver))
        texts = _replies(message)
        if person is None or not texts or person.number in self.left:
            return
        chance = self._chances.setdefault(person.number, Random(f"{self.seed}/{person.number}"))
        text, mood = chance.choice(texts), chance.random()
        wait = chance.expovariate(1 / self.patience)
        self._begin(self._answer(person, message, text, mood, wait))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = self.group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, person: Person, message: Message, text: str, mood: float, wait: float) -> None:
        if mood < 0.08:  # does not answer
            return
        await asyncio.sleep(wait)
        if mood < 0.11:
            self.left.add(person.number)
            await self._say(person, "BAJA")
        elif mood < 0.16:
            await self._say(person, "este…")
            await self._say(person, text)
        elif mood < 0.22:
            await asyncio.sleep(3 * self.patience)
            await self._say(person, text, OriginalRepliedMessageSid=message.sid)
        elif mood < 0.25:
            await self._say(person, "AYUDA")
            await self._say(person, text)
        elif mood < 0.32:
            await self._say(person, NEEDS[int(mood * 1000) % len(NEEDS)])
        else:
            await self._say(person, text)

    async def _say(self, person: Person, text: str, **extra: str) -> None:
        sender = f"whatsapp:+521{person.number[3:]}" if person.channel == "whatsapp" else person.number
        self.said += 1
        await self.carrier.inject(sender, text, **extra)


def _replies(message: Message) -> Iterable[str]:
    if message.content_sid:
        return ANSWERS[0][1]
    return next((texts for part, texts in ANSWERS if part in message.body), ())

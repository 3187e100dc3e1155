"""Synthetic officers who answer: for the demo, for rehearsals before a launch, and for the analyst who writes code before
there is data. Pure but for the `Random` it is handed. Names, numbers and words are invented."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

FIRST = (
    "Alma",
    "Bruno",
    "Celia",
    "Darío",
    "Elena",
    "Fabián",
    "Gloria",
    "Hugo",
    "Inés",
    "Joel",
    "Karla",
    "Luis",
    "Marta",
    "Noé",
    "Olga",
    "Pablo",
    "Quetzalli",
    "Raúl",
    "Sara",
    "Tomás",
    "Úrsula",
    "Víctor",
    "Wendy",
    "Ximena",
    "Yair",
    "Zoe",
)
_YES = ("1", "Sí", "si", "Simón", "claro que sí", "sip", "👍")
_NO = ("2", "No", "nel", "no", "nop")
UNCLEAR = ("mmm", "al rato le digo", "?", "depende")
STORIES = (
    "Le expliqué el motivo de la revisión y se calmó.",
    "Dejé que me contara todo antes de decidir.",
    "Si la persona me alza la voz, entonces le hablo más despacio.",
    "Le dije qué seguía y me dio las gracias.",
)
SECTORS = ("norte", "sur", "centro")


@dataclass(frozen=True, slots=True)
class Character:
    """How one synthetic officer behaves: chances from 0 to 1, and the usual delay of an answer."""

    answers: float
    unclear: float
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic officer, as a row of a roster."""

    name: str
    phone: str
    sector: str
    supervisor_trained: bool
    character: Character


@dataclass(frozen=True, slots=True)
class Said:
    """An answer, and how long after the question it comes."""

    text: str
    after: timedelta


def cohort(size: int, chance: Random) -> list[Person]:
    """Invented officers with numbers that nobody has (+52 55 5555 nnnn)."""
    return [
        Person(
            name=FIRST[number % len(FIRST)],
            phone=f"+5255555{number:05d}",
            sector=chance.choice(SECTORS),
            supervisor_trained=chance.random() < 0.5,
            character=Character(
                answers=min(0.98, max(0.3, chance.gauss(0.8, 0.15))),
                unclear=chance.random() * 0.15,
                delay=timedelta(minutes=chance.expovariate(1 / 25)),
            ),
        )
        for number in range(101, 101 + size)
    ]


def reply(character: Character, options: int, *, open_question: bool, chance: Random) -> Said | None:
    """What this officer says to a question with so many numbered options (0: none), or None: no answer at all."""
    if chance.random() > character.answers:
        return None
    after = max(timedelta(seconds=20), character.delay * chance.uniform(0.3, 2.0))
    if options and chance.random() < character.unclear:
        return Said(chance.choice(UNCLEAR), after)
    if options == 2:
        return Said(chance.choice(_YES if chance.random() < 0.7 else _NO), after)
    if options:
        return Said(str(chance.randint(1, options)), after)
    return Said(chance.choice(STORIES) if open_question else str(chance.randint(0, 5)), after)

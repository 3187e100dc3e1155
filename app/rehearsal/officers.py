"""Invented officers for `trato demo` and `trato synth`: names, numbers that nobody has, and attributes. How they answer is in
`behaviour.py`. Pure but for the `Random` that is passed in."""

from dataclasses import dataclass
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
SECTORS = ("norte", "sur", "centro")


@dataclass(frozen=True, slots=True)
class InventedOfficer:
    """An invented officer, as a row of a roster."""

    name: str
    phone: str
    sector: str
    supervisor_trained: bool


def invent(size: int, chance: Random) -> list[InventedOfficer]:
    """This many officers, with the numbers from +52 55 5550 0101 on."""
    return [_officer(number, chance) for number in range(101, 101 + size)]


def _officer(number: int, chance: Random) -> InventedOfficer:
    officer = InventedOfficer(
        name=FIRST[number % len(FIRST)],
        phone=f"+5255555{number:05d}",
        sector=chance.choice(SECTORS),
        supervisor_trained=chance.random() < 0.5,
    )
    _skip(chance)
    return officer


def _skip(chance: Random) -> None:
    """Earlier releases drew three more numbers for each officer: a seed still gives the data that it gave then."""
    chance.gauss(0, 1)
    chance.random()
    chance.random()

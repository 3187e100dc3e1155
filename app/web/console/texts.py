"""The texts of the pages, in Spanish and in English, from one catalogue: the files of `catalogue/`, one a page."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("es", "en")
"""The first is the one for everybody who has not chosen."""

_CATALOGUE = Path(__file__).parent / "catalogue"


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every text by its key and language. Raises ValueError for a key that stands in two files."""
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(_CATALOGUE.glob("*.toml")):
        own = tomllib.loads(file.read_text(encoding="utf-8"))
        if twice := found.keys() & own.keys():
            raise ValueError(f"{file.name}: another file has {', '.join(sorted(twice))}, too")
        found |= own
    return found


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts in one language. A call gives the text of a key, with its facts filled in."""

    language: str = LANGUAGES[0]

    def __call__(self, key: str, **facts: object) -> str:
        """The text of a key. KeyError without one."""
        return catalogue()[key][self.language].format_map(facts)

    def counted(self, key: str, number: int) -> str:
        """The text of a number of things: `key.one` for one, else `key.many`."""
        return self(f"{key}.{'one' if number == 1 else 'many'}", number=number)

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in catalogue()

    def named(self, family: str, code: str) -> str:
        """The text of a code of the store; the code itself if this release has no text for it."""
        key = f"{family}.{code}"
        return self(key) if self.has(key) else code

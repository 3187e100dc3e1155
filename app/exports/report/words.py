"""The words of the report in Spanish and English, from `words.toml`. Titles, labels of options and principles come from the
programmes."""

import tomllib
from pathlib import Path
from typing import Literal

Language = Literal["es", "en"]

WORDS: dict[str, dict[Language, str]] = tomllib.loads(
    Path(__file__).with_name("words.toml").read_text(encoding="utf-8")
)


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values filled in. Raises KeyError for an unknown key."""
        text = WORDS[key][self.language]
        return text.format(**values) if values else text

    def reason(self, code: str) -> str:
        """The reason for which a flow was not sent; the code itself if the report has no words for it."""
        key = f"reason_{code}"
        return self(key) if key in WORDS else code.replace("_", " ")

"""The rule of a campaign that a nudge comes from. In the store and in exports it is a text: `consent`, `slots.0`,
`waves.baseline`, `followups.repaso`."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """The question for consent."""

    def __str__(self) -> str:
        return "consent"


@dataclass(frozen=True, slots=True)
class SlotRule:
    """A slot, by its position in the campaign from 0."""

    index: int

    def __str__(self) -> str:
        return f"slots.{self.index}"


@dataclass(frozen=True, slots=True)
class WaveRule:
    """A measurement wave, by its name."""

    name: str

    def __str__(self) -> str:
        return f"waves.{self.name}"


@dataclass(frozen=True, slots=True)
class FollowupRule:
    """A follow-up, by its code."""

    code: str

    def __str__(self) -> str:
        return f"followups.{self.code}"


Rule = ConsentRule | SlotRule | WaveRule | FollowupRule


@lru_cache(maxsize=1024)
def read_rule(text: str | None) -> Rule | None:
    """A stored rule; None for a nudge without one, and for a text that no rule has."""
    kind, _, name = (text or "").partition(".")
    match kind:
        case "consent":
            return ConsentRule()
        case "slots" if name.isdecimal():
            return SlotRule(int(name))
        case "waves":
            return WaveRule(name)
        case "followups":
            return FollowupRule(name)
        case _:
            return None

"""Faults as they happen in life: chances from 0 to 1 for every request, answer and callback, drawn from one seeded
source; a script for the next requests, where a test wants one thing exactly; and fates of single numbers."""

from dataclasses import dataclass, field, fields
from random import Random
from typing import Any

BEFORE = ("error_before", "drop_before", "too_many")
AFTER = ("error_after", "drop_after", "hang", "garbled")
KINDS = (*BEFORE, *AFTER)


@dataclass(slots=True)
class Faults:
    """Everything that can be set. Times are in seconds."""

    # requests to create a message
    error_before: float = 0.0  # 503, nothing created
    drop_before: float = 0.0  # the connection breaks, nothing created
    too_many: float = 0.0  # 429, nothing created
    error_after: float = 0.0  # created, then 500
    drop_after: float = 0.0  # created, then the connection breaks
    hang: float = 0.0  # created, then no answer for `hang_seconds`
    garbled: float = 0.0  # created, then 201 with half an answer
    hang_seconds: float = 60.0
    retry_after: int | None = None
    most_at_once: int = 0  # more requests than that at a time: 429; 0 is any number
    next: list[str] = field(default_factory=list)  # kinds for the next requests, in order; "ok" is none,
    # "elsewhere" a redirect, "blocked" a proxy's page, nothing created
    slow: float = 0.0  # every answer takes so long
    list_errors: float = 0.0  # 503 for lists
    # what becomes of messages to a number, by the number alone
    refused: dict[str, int] = field(default_factory=dict)  # 400 with this code; "sms +52…" on one channel only
    failed: dict[str, int] = field(default_factory=dict)  # taken, then undelivered with this code
    # calls to us: status callbacks, and webhooks of inbound messages
    callbacks_lost: float = 0.0
    callbacks_twice: float = 0.0
    callbacks_late: float = 0.0
    callbacks_shuffled: float = 0.0
    webhooks_lost: float = 0.0
    webhooks_twice: float = 0.0
    webhooks_late: float = 0.0
    late_seconds: float = 1.0
    step_seconds: float = 0.0  # between two statuses of a message
    read: bool = False  # WhatsApp messages are read in the end

    def change(self, changes: dict[str, Any]) -> None:
        """Set some. KeyError for one that there is not."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise KeyError(name)
            setattr(self, name, value)

    def of_request(self, chance: Random) -> str | None:
        """The fault of this request."""
        if self.next:
            kind = self.next.pop(0)
            return None if kind == "ok" else kind
        return next((kind for kind in KINDS if _happens(getattr(self, kind), chance)), None)

    def copies(self, kind: str, chance: Random) -> int:
        """How often a call (`callbacks`, `webhooks`) is made: 0, 1 or 2 times."""
        if _happens(getattr(self, f"{kind}_lost"), chance):
            return 0
        return 2 if _happens(getattr(self, f"{kind}_twice"), chance) else 1

    def delay(self, kind: str, chance: Random) -> float:
        """How long a call waits first."""
        return chance.uniform(0, self.late_seconds) if _happens(getattr(self, f"{kind}_late"), chance) else 0.0

    def order(self, statuses: list[str], chance: Random) -> list[str]:
        """The order in which the statuses of a message are told."""
        if _happens(self.callbacks_shuffled, chance):
            statuses = list(statuses)
            chance.shuffle(statuses)
        return statuses


def _happens(probability: float, chance: Random) -> bool:
    return probability > 0 and chance.random() < probability

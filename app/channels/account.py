"""The account of this installation at its carrier, as `trato doctor` looks at it and `trato twilio configure` sets it: whether it lets us
in, whether it has our numbers, and the addresses that it calls. A carrier words its own faults; each names its remedy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and its remedy, each a sentence. A warning has a cost, but stops no message."""

    text: str
    remedy: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """Whether the carrier lets us in. `at` is the carrier's time, to the second; None if it did not say."""

    faults: Sequence[Fault]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hook:
    """An address that the carrier calls for a sender: the one that is set there, "" if none is, and the one that ought to be."""

    kind: Literal["inbound", "fallback"]
    now: str
    wanted: str

    @property
    def is_right(self) -> bool:
        """Whether the right address is set."""
        return self.now == self.wanted


@dataclass(frozen=True, slots=True)
class Sender:
    """A number of ours, or a pool of numbers, at the carrier. `name` is its number or id as in the settings; `id` is the carrier's, None if
    the account does not have it. `overridden`: the carrier has something else set that it uses in the place of the addresses."""

    name: str
    channel: str
    id: str | None
    hooks: tuple[Hook, ...] = ()
    overridden: bool = False
    faults: tuple[Fault, ...] = ()

    @property
    def is_configured(self) -> bool:
        """Whether the carrier calls the right addresses."""
        return self.id is not None and not self.overridden and all(hook.is_right for hook in self.hooks)


class Account(Protocol):
    """One account at a carrier."""

    async def access(self) -> Access:
        """Ask for something small with each of our credentials. Raises ExternalError if the carrier does not answer."""
        ...

    async def probe(self) -> list[Fault]:
        """Call our own public address as the carrier does, signed. Nothing is stored."""
        ...

    async def senders(self) -> list[Sender]:
        """Our numbers and pools, as the carrier has them. Raises ExternalError."""
        ...

    async def configure(self, sender: Sender) -> None:
        """Set the addresses of a sender that the account has. Raises ExternalError."""
        ...

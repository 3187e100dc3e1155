"""Our own numbers: the number that a programme sends from, and the programme that owns a number. A programme may have its own;
numbers without a programme are shared by all programmes that have none. A number belongs to one programme only on each
channel: otherwise replies could not be routed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.channels.addresses import CHANNELS, address, canonical
from app.errors import ConfigurationError
from app.flows.tryouts import programme_of
from app.wording import Sentence, all_of

SHARED = ""
"""In place of a programme's code: all programmes that have no number of their own."""

ByProgramme = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Number:
    """One of our numbers, as an address of its channel."""

    address: str


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool of numbers that the carrier chooses from, by the carrier's id."""

    id: str


@dataclass(frozen=True, slots=True)
class OurNumbers:
    """`numbers` are canonical, by channel and programme; `pools` are by programme and send on every channel that has no
    number."""

    numbers: Mapping[tuple[str, str], str]
    pools: ByProgramme

    @classmethod
    def of(
        cls,
        by_channel: Mapping[str, ByProgramme | str | None],
        pools: ByProgramme | str | None = None,
        *,
        settings: Mapping[str, str] | None = None,
    ) -> "OurNumbers":
        """Numbers by channel and programme, and pools by programme; a single one is shared by all. `settings` are the names of
        the settings by channel, and of the pools under "", for errors. Raises ConfigurationError if two programmes have the
        same."""
        names = settings or {}
        for channel, given in (*by_channel.items(), ("", pools)):
            _refuse_duplicates(channel, _by_programme(given), names.get(channel, channel))
        numbers = {
            (channel, programme): canonical(channel, number)
            for channel, given in by_channel.items()
            for programme, number in _by_programme(given).items()
        }
        return cls(numbers, _by_programme(pools))

    @property
    def own(self) -> dict[str, frozenset[str]]:
        """The programmes that have a number of their own, by channel. Empty if all numbers are shared."""
        programmes = {programme for _, programme in self.numbers} | self.pools.keys()
        found = {
            channel: frozenset(
                one for one in programmes if one != SHARED and ((channel, one) in self.numbers or one in self.pools)
            )
            for channel in CHANNELS
        }
        return {channel: those for channel, those in found.items() if those}

    @property
    def channels(self) -> frozenset[str]:
        """The channels on which any programme may send."""
        return frozenset(CHANNELS) if self.pools else frozenset(channel for channel, _ in self.numbers)

    def origin(self, channel: str, programme: str = SHARED) -> Number | Pool | None:
        """Where a programme, or its tryout, sends from: its own number, else its own pool, else what is shared. None if there is nothing on
        this channel."""
        for owner in dict.fromkeys((programme_of(programme), SHARED)):
            if number := self.numbers.get((channel, owner)):
                return Number(address(channel, number))
            if pool := self.pools.get(owner):
                return Pool(pool)
        return None

    def owner(self, channel: str, number: str, pool: str | None = None) -> str | None:
        """The programme that owns a number of ours, or else the pool: SHARED if all programmes do; None if it is not ours."""
        known = {ours: programme for (of, programme), ours in self.numbers.items() if of == channel}
        found = known.get(canonical(channel, number)) if number else None
        return found if found is not None else {id_: programme for programme, id_ in self.pools.items()}.get(pool or "")

    def addresses(self) -> list[str]:
        """All numbers, as addresses of their channels."""
        return [address(channel, number) for (channel, _), number in self.numbers.items()]


def _by_programme(given: ByProgramme | str | None) -> dict[str, str]:
    return {SHARED: given} if isinstance(given, str) else dict(given or {})


def _refuse_duplicates(channel: str, by_programme: ByProgramme, setting: str) -> None:
    first: dict[str, str] = {}
    for programme, value in by_programme.items():
        plain = canonical(channel, value) if channel else value
        if (other := first.setdefault(plain, programme)) != programme:
            names = all_of(one or Sentence("all programmes") for one in (other, programme))
            raise ConfigurationError(
                Sentence(
                    "{setting}: {names} have the same: each takes its own, or all share one",
                    setting=setting,
                    names=names,
                )
            )

"""Our own numbers: which of them a programme sends by, and whose a number is that somebody has written to. Each programme may
have its own; one without a programme is for all that have none. Refuses the same number twice on a channel: nobody would know
whom an answer is for."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.channels.addresses import CHANNELS, address, canonical
from app.errors import ConfigurationError

SHARED = ""
"""Instead of a programme's code: all programmes that have none of their own."""

ByProgramme = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Senders:
    """`numbers` by channel and programme, canonical; `services` are Messaging Services by programme, which send on every
    channel that has no number."""

    numbers: Mapping[tuple[str, str], str]
    services: ByProgramme

    @classmethod
    def of(
        cls,
        sms: ByProgramme | str | None = None,
        whatsapp: ByProgramme | str | None = None,
        service: ByProgramme | str | None = None,
    ) -> "Senders":
        """The numbers that the settings name; a single one is for all. Raises ConfigurationError."""
        numbers = {
            (channel, programme): canonical(channel, number)
            for channel, given in (("sms", sms), ("whatsapp", whatsapp))
            for programme, number in _by_programme(given).items()
        }
        services = _by_programme(service)
        for channel in CHANNELS:
            _refuse_twins(
                {programme: number for (of, programme), number in numbers.items() if of == channel},
                f"TRATO_TWILIO_FROM_{channel.upper()}",
            )
        _refuse_twins(services, "TRATO_TWILIO_MESSAGING_SERVICE_SID")
        return cls(numbers, services)

    @property
    def own(self) -> dict[str, frozenset[str]]:
        """By channel, the programmes that do not share a number with others. Empty if all share."""
        programmes = {programme for _, programme in self.numbers} | self.services.keys()
        found = {
            channel: frozenset(
                one for one in programmes if one != SHARED and ((channel, one) in self.numbers or one in self.services)
            )
            for channel in CHANNELS
        }
        return {channel: those for channel, those in found.items() if those}

    @property
    def channels(self) -> frozenset[str]:
        """The channels on which any programme may send."""
        return frozenset(CHANNELS) if self.services else frozenset(channel for channel, _ in self.numbers)

    def sender(self, channel: str, programme: str = SHARED) -> tuple[str, str] | None:
        """How a message goes out, as a parameter and its value: the programme's own number before its service, and both before
        what is shared. None if there is no way on this channel."""
        for whose in dict.fromkeys((programme, SHARED)):
            if number := self.numbers.get((channel, whose)):
                return "From", address(channel, number)
            if service := self.services.get(whose):
                return "MessagingServiceSid", service
        return None

    def whose(self, channel: str, number: str, service: str | None = None) -> str | None:
        """The programme that a number of ours belongs to, or the service: SHARED if it is all programmes'; None if it is not
        ours."""
        known = {ours: programme for (of, programme), ours in self.numbers.items() if of == channel}
        found = known.get(canonical(channel, number)) if number else None
        return (
            found
            if found is not None
            else {sid: programme for programme, sid in self.services.items()}.get(service or "")
        )

    def addresses(self) -> list[str]:
        """All numbers, as the carrier writes them."""
        return [address(channel, number) for (channel, _), number in self.numbers.items()]


def _by_programme(given: ByProgramme | str | None) -> dict[str, str]:
    return {SHARED: given} if isinstance(given, str) else dict(given or {})


def _refuse_twins(by_programme: ByProgramme, setting: str) -> None:
    first: dict[str, str] = {}
    for programme, value in by_programme.items():
        if (twin := first.setdefault(value, programme)) != programme:
            names = " and ".join(one or "all programmes" for one in (twin, programme))
            raise ConfigurationError(f"{setting}: {names} have the same: each takes its own, or all share one")

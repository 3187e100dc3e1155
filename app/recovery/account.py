"""The carrier's account of what we sent since a backup: entries that are no message of the database yet, to be found by receiver and words."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from app.channels.base import ListedMessage, Outgoing

CLOSE = timedelta(minutes=2)
"""How near to its moment a message must be listed to be found by receiver and moment alone: a carrier words templates itself."""


class CarrierAccount:
    """The entries that are left, of each receiver the oldest first."""

    def __init__(self, entries: Iterable[ListedMessage], linked: Collection[str]) -> None:
        self.known = 0
        """The entries in the beginning."""
        self._of: dict[str, list[ListedMessage]] = defaultdict(list)
        for entry in sorted(entries, key=lambda entry: entry.at):
            if entry.message.sid not in linked:
                self._of[entry.to].append(entry)
                self.known += 1

    def find(self, message: Outgoing, now: datetime | None, but: Collection[str] = ()) -> ListedMessage | None:
        """The oldest entry that is this message, without those in `but`, by SID: same receiver, channel and words. One with a content, which
        the carrier may list in other words, is also found by its moment, `now`."""
        entries = [
            one for one in self._of.get(message.to, ()) if one.channel == message.channel and one.message.sid not in but
        ]
        same = next((one for one in entries if one.body == message.body), None)
        if same is not None or message.content_sid is None or now is None:
            return same
        return next((one for one in entries if abs(one.at - now) <= CLOSE), None)

    def went_by_sms(self, message: Outgoing, now: datetime, but: Collection[str] = ()) -> bool:
        """Whether a message for WhatsApp may have gone by SMS, because its receiver has no WhatsApp: the list has one there from then on."""
        return message.channel == "whatsapp" and any(
            one.channel == "sms" and one.at >= now - CLOSE and one.message.sid not in but
            for one in self._of.get(message.to, ())
        )

    def remove(self, sids: Collection[str]) -> None:
        """These entries are messages of the database now."""
        for receiver in list(self._of):
            self._of[receiver] = [one for one in self._of[receiver] if one.message.sid not in sids]

    def left(self, but: Collection[str]) -> dict[str, list[ListedMessage]]:
        """The entries that are left, without those in `but`, by receiver."""
        kept = {
            receiver: [one for one in entries if one.message.sid not in but] for receiver, entries in self._of.items()
        }
        return {receiver: entries for receiver, entries in kept.items() if entries}

"""A carrier to test against: a stateful stand-in for Twilio's messaging API. It refuses what Twilio refuses, answers as
Twilio answers, calls our webhooks with signed forms, keeps its own account of every message, and misbehaves when it is
told to. In a test it is an ASGI app (`Carrier`); for several processes, `python -m tests.carrier --port 9000 …`."""

from tests.carrier.app import Carrier
from tests.carrier.book import Account, Message
from tests.carrier.faults import Faults

__all__ = ["Account", "Carrier", "Faults", "Message"]

"""WhatsApp's window for free text. The one rule: sending, the simulated telephone, transcripts and the checks all ask here."""

from datetime import datetime, timedelta

WINDOW = timedelta(hours=24) - timedelta(minutes=10)
"""How long after an officer's message WhatsApp accepts free text: Meta's 24 hours, less a margin for transport. Outside it only an
approved template goes."""


def in_window(last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether WhatsApp accepts free text to a person whose last message came then; None: there was no message."""
    return last_inbound_at is not None and now - last_inbound_at < WINDOW

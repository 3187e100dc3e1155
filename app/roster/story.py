"""One officer's whole story, for the person who is asked about it. Without words unless they are asked for; the audit log keeps both."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.errors import UsageError
from app.store import addresses, audit, stories
from app.store.audit import Entry
from app.store.stories import Coming, Moment, Standing

MOST_COMING = 5


@dataclass(frozen=True, slots=True)
class Story:
    """An officer: how they stand, what has happened, what is planned, and who did what to them."""

    standing: Standing
    moments: list[Moment]
    coming: list[Coming]
    entries: list[Entry]


def of(tx: Connection, study_id: str, now: datetime, actor: str, *, words: bool = False) -> Story:
    """The story of an officer. Raises UsageError for an unknown study id."""
    contact = addresses.contact(tx, study_id)
    if contact is None:
        raise UsageError(
            f"no officer has the study id {study_id.strip().upper()}: `trato officers find` looks it up",
            "unknown_officer",
        )
    moments = stories.moments(tx, contact)
    entries = audit.about(tx, f"contact:{contact}")
    audit.record(tx, now, actor, "officers show", f"contact:{contact}", {"words": words, "moments": len(moments)})
    return Story(
        stories.standing(tx, contact),
        moments if words else [moment._replace(words="") for moment in moments],
        stories.coming(tx, contact, MOST_COMING),
        entries,
    )

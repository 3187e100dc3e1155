"""Putting a batch into the store, with what follows from it: what was learnt of officers' memory, and the nudges that follow
what happened. All in the batch's own transaction."""

from datetime import datetime

from sqlalchemy import Connection

from app.conversations.followups import follow
from app.conversations.library import Library
from app.conversations.memory import learn
from app.store import conversations
from app.store.conversations import Changes


def keep(tx: Connection, library: Library, changes: Changes, now: datetime) -> None:
    """Write the changes of a batch. The rows of its officers are locked."""
    learn(tx, library, changes.responses)
    conversations.write(tx, changes)
    follow(tx, library, changes, now)

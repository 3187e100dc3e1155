"""A programme under another code, with its officers: the way round the refusal of a renamed file."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.conversations.publishing import Draft
from app.errors import ConflictError, UsageError
from app.flows.language.nearby import unknown
from app.flows.tryouts import code_of
from app.store import audit, cohorts, heartbeat, programmes, tryouts, versions
from app.wording import Sentence

ACTION = "rename programme"
"""The action of audit entries."""


def new_code(tx: Connection, drafts: Sequence[Draft], old: str) -> str:
    """The code that the programme `old` gets: that of the one file with a code of its own. Raises UsageError if there is no such file,
    or the old one still has its own."""
    published = versions.current(tx)
    if old not in published:
        raise UsageError(unknown(Sentence("no programme {name} is published", name=old), old, published, stop=True))
    codes = {draft.code for draft in drafts if draft.code is not None}
    if old in codes:
        raise UsageError(
            Sentence(
                "{old} still has a file: its officers stay with it. Remove that file, or leave --renames out", old=old
            )
        )
    new = sorted(code for code in codes if not programmes.is_known(tx, code))
    if len(new) != 1:
        raise UsageError(
            Sentence(
                "{names} have a new code: --renames takes one file whose programme: is new here", names=", ".join(new)
            )
            if new
            else Sentence("no file has a new code: --renames takes one file whose programme: is new here")
        )
    return new[0]


def rename(tx: Connection, old: str, new: str, actor: str, now: datetime) -> int:
    """Move everything of `old` to the new code. Returns the number of officers. Raises ConflictError while the service runs: it would
    answer by the old code until its next tick; and while a tryout of it is under way."""
    if heartbeat.is_ticking(tx, now):
        raise ConflictError(Sentence("the service is running: stop `trato serve`, rename, and start it again"))
    if tryouts.find(tx, code_of(old)) is not None:
        raise ConflictError(Sentence("a tryout of {old} is under way: end it in the console first", old=old))
    officers = cohorts.officers_by_programme(tx).get(old, 0)
    programmes.rename(tx, old, new, now)
    audit.record(tx, now, actor, ACTION, new, {"from": old, "officers": officers})
    return officers

"""The end of a tryout: by a person, or by itself a day after its last message was due. What it stored is erased as an officer is, answers
included: ids and moments of messages stay, so that neither the carrier's list nor a repeated webhook brings one back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.conversations.library import Library
from app.custody.erasing import erase_contact
from app.errors import ConflictError, UsageError
from app.flows.tryouts import programme_of
from app.store import audit, cases, nudges, tryouts
from app.store.cases import CaseOutcome
from app.tryouts.starting import new_tryout_id
from app.wording import Sentence

EVERY_LOOK = timedelta(minutes=1)


def end(tx: Connection, library: Library, code: str, now: datetime, actor: str) -> None:
    """Stop a tryout and erase what it stored; its open cases are closed. Raises UsageError if there is none; ConflictError if a message is on
    its way to the carrier at this moment: then nothing may be kept of this transaction."""
    if tryouts.find(tx, code) is None:
        raise UsageError(Sentence("there is no such tryout"), "no_tryout")
    telephones = [key for key, _ in tryouts.telephones(tx, code)]
    for contact in telephones:
        if (case := cases.open_of(tx, contact)) is not None:
            cases.close(tx, case, CaseOutcome.gone, now)
        try:
            erase_contact(tx, library, contact, new_tryout_id, now, answers=True, suppress=False)
        except ConflictError as error:
            raise ConflictError(error.text, "tryout_sending") from None
    nudges.forget(tx, telephones)
    tryouts.remove(tx, code)
    detail = {"telephones": len(telephones)}
    audit.record(tx, now, actor, "tryout end", f"programme:{programme_of(code)}", detail)


@dataclass(frozen=True, slots=True)
class TryoutWatch:
    """The job that ends tryouts whose time is over."""

    library: Library

    def look(self, tx: Connection, now: datetime) -> int:
        """End those that can be ended at this moment. Returns 0: the next look comes to the others."""
        for code in tryouts.over(tx, now):
            try:
                with tx.begin_nested():
                    end(tx, self.library, code, now, "clock")
            except ConflictError:  # a message is on its way
                continue
        return 0

"""Holds: why messages to one officer wait until a person, or the officer, ends that. An officer may have several; the columns
`held_at` and `held_for` of the contact say since when, and why. This module is the one rule of what a hold stops: whoever says,
sends, plans or wakes asks it. All functions take a transaction and commit nothing."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select, update

from app.store.dialect import locks_rows
from app.store.records import ContactUpdate
from app.store.tables import CONTACT


class Hold(StrEnum):
    """Why an officer is on hold. The most serious first: it is the one that `trato status` names."""

    crisis = "crisis"  # until a person closes the case: see `cases`
    serious = "serious"  # a serious incident: until a person closes the case, or the officer's ALTA
    number = "number"  # the number may be somebody else's now: see `doubts`
    damaged = "damaged"  # a row that cannot be read: see `damage`
    loop = "loop"  # two machines answer each other
    person = "person"  # `trato pause --officer`


OF_SAFETY = frozenset({Hold.crisis, Hold.serious})
"""Holds that belong to a case, and end with it. `trato resume --officer` ends all others."""

SUPPORT, HELP, OPTED_OUT = "support", "help", "opted_out"
WHO, WHO_HELP, WHO_NO = "who", "who_help", "who_no"
"""Notices that name neither programme nor officer: all that goes to a number which may be somebody else's."""
PERSON = "person"
"""The kind of a message of ours that a person has written, and its name among the notices: holds are for automation."""
_AMID_CRISIS = frozenset({SUPPORT, HELP, OPTED_OUT, WHO_NO})
_IN_DOUBT = frozenset({WHO, WHO_HELP, WHO_NO})


_KNOWN = {hold.value: hold for hold in Hold}


def read(held_at: datetime | None, held_for: str | None) -> frozenset[Hold]:
    """The holds of a contact's row. One without a reason, or for a reason that this release does not know, is a person's."""
    if held_at is None:
        return frozenset()
    return frozenset(_KNOWN.get(word, Hold.person) for word in (held_for or Hold.person).split())


def columns(holds: Collection[Hold], since: datetime) -> ContactUpdate:
    """The columns of the row for these holds, which began at `since`."""
    return {"held_at": since, "held_for": " ".join(sorted(holds))} if holds else {"held_at": None, "held_for": None}


def lets_through(holds: Collection[Hold], notice: str | None, *, reply: bool) -> bool:
    """Whether a message may go out. `notice` is the name of a fixed notice, None for any other message; `reply` tells whether it
    answers something that the officer has just written.

    Nothing stops the text of support. To a number in doubt there is only the question whose it is. What a person writes is stopped by
    nothing else. Amid a crisis there are only the answers to AYUDA and BAJA besides, after a serious incident every reply, and nothing
    otherwise."""
    if Hold.number in holds and notice != SUPPORT:
        holds = frozenset(holds) - {Hold.number}
        if notice not in _IN_DOUBT:
            return False
    if not holds or notice in (SUPPORT, PERSON):
        return True
    if not OF_SAFETY.issuperset(holds):
        return False
    return notice in _AMID_CRISIS if Hold.crisis in holds else reply


def of(tx: Connection, contact: int) -> frozenset[Hold]:
    """The holds of an officer."""
    return _locked(tx, contact)[0]


def add(tx: Connection, contact: int, hold: Hold, now: datetime) -> bool:
    """Put an officer on hold. False if that hold was there."""
    holds, since = _locked(tx, contact)
    if hold in holds:
        return False
    _set(tx, contact, {*holds, hold}, since or now)
    return True


def lift(tx: Connection, contact: int, ended: Collection[Hold]) -> frozenset[Hold]:
    """End these holds of an officer; others stay. Returns those that there were."""
    holds, since = _locked(tx, contact)
    lifted = holds.intersection(ended)
    if lifted and since is not None:
        _set(tx, contact, holds - lifted, since)
    return lifted


def _locked(tx: Connection, contact: int) -> tuple[frozenset[Hold], datetime | None]:
    found = select(CONTACT.c.held_at, CONTACT.c.held_for).where(CONTACT.c.id == contact)
    held_at, held_for = tx.execute(found.with_for_update() if locks_rows(tx) else found).one()
    return read(held_at, held_for), held_at


def _set(tx: Connection, contact: int, holds: Collection[Hold], since: datetime) -> None:
    tx.execute(update(CONTACT).where(CONTACT.c.id == contact).values(**columns(holds, since)))

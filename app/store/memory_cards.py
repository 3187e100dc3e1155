"""Spaced repetition: the memory card of each officer and principle, and what choosing a review needs to know."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from app.flows.happenings import NO_KNOWLEDGE
from app.store.bulk import values_of
from app.store.dialect import upsert
from app.store.records import CardState
from app.store.tables import MEMORY_CARD, RESPONSE, SESSION

ANSWERED = ("ok", "superseded")
"""Statuses of answers that were valid when they were given."""


def assessed_principles(tx: Connection, sessions: Collection[int]) -> set[tuple[int, str]]:
    """The sessions of these that have shown already what is known of a principle, each with the principle."""
    found = (
        select(RESPONSE.c.session_id, RESPONSE.c.principle)
        .distinct()
        .where(
            RESPONSE.c.session_id.in_(list(sessions)),
            RESPONSE.c.correct.is_not(None),
            RESPONSE.c.principle.is_not(None),
            RESPONSE.c.status.in_(ANSWERED),
            or_(RESPONSE.c.missing.is_(None), RESPONSE.c.missing.in_([code for code in NO_KNOWLEDGE if code])),
        )
    )
    return {(row.session_id, row.principle) for row in tx.execute(found)}


def cards(tx: Connection, contacts: Collection[int]) -> dict[tuple[int, str], str]:
    """The cards of these officers, by (contact, principle)."""
    found = select(MEMORY_CARD.c.contact_id, MEMORY_CARD.c.principle, MEMORY_CARD.c.card).where(
        MEMORY_CARD.c.contact_id.in_(list(contacts))
    )
    return {(row.contact_id, row.principle): row.card for row in tx.execute(found)}


def save(tx: Connection, changed: Sequence[CardState]) -> None:
    """Store new cards, or new states of cards."""
    upsert(tx, MEMORY_CARD, [values_of(card) for card in changed], key=("contact_id", "principle"))


def due(tx: Connection, contact: int) -> dict[str, datetime]:
    """When each of an officer's principles is due again."""
    found = select(MEMORY_CARD.c.principle, MEMORY_CARD.c.due_at).where(MEMORY_CARD.c.contact_id == contact)
    return {row.principle: row.due_at for row in tx.execute(found)}


def last_started(tx: Connection, contact: int, flows: Collection[str]) -> dict[str, datetime]:
    """When each of these flows was last begun with an officer."""
    found = (
        select(SESSION.c.flow, func.max(SESSION.c.started_at).label("at"))
        .where(SESSION.c.contact_id == contact, SESSION.c.flow.in_(list(flows)))
        .group_by(SESSION.c.flow)
    )
    return {row.flow: row.at for row in tx.execute(found)}

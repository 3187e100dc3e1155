"""What is learnt of an officer's memory from answers whose question has a right one. Only from treatment: a measurement wave
gives no feedback, so it is no review. Only the first valid answer that a conversation gives on a principle: what comes after
it, a correction too, has read its feedback. Who refuses to answer shows nothing; who says «no sé» does not know."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.happenings import NO_KNOWLEDGE
from app.flows.language.definition import FlowKind
from app.flows.spacing import reviewed
from app.store import memory_cards
from app.store.conversations import Values

REVIEWS = (FlowKind.quiz, FlowKind.vignette)
"""Kinds of flows that ask for what was learnt."""


def learn(tx: Connection, library: Library, responses: Sequence[Values]) -> None:
    """Bring the cards of officers up to date with answers that are about to be written, whose officers are locked."""
    answers = [row for row in responses if row["correct"] is not None and _shows_memory(tx, library, row)]
    if not answers:
        return
    shown = memory_cards.assessed_principles(tx, {row["session_id"] for row in answers})
    cards = memory_cards.cards(tx, {row["contact_id"] for row in answers})
    changed: dict[tuple[int, str], Values] = {}
    for row in answers:
        if (session := (row["session_id"], row["principle"])) in shown:
            continue
        shown.add(session)
        key = row["contact_id"], row["principle"]
        memory = reviewed(cards.get(key), row["answered_at"], right=row["correct"], attempt=row["attempt"])
        cards[key] = memory.card
        changed[key] = {
            "contact_id": key[0],
            "principle": key[1],
            "card": memory.card,
            "due_at": memory.due_at,
            "reviewed_at": memory.reviewed_at,
        }
    memory_cards.save(tx, list(changed.values()))


def _shows_memory(tx: Connection, library: Library, row: Values) -> bool:
    if row["wave"] is not None or row["principle"] is None or row["status"] not in memory_cards.ANSWERED:
        return False
    if row["missing"] not in NO_KNOWLEDGE:
        return False
    return library.compiled(tx, row["flow_version_id"]).flows[row["flow"]].kind in REVIEWS

"""Spaced repetition: updates officers' memory cards from answers to questions with a correct option. Counts only treatment (a
measurement wave gives no feedback, so it is no review), and only the first valid answer on a principle in a conversation: later
ones, corrections too, have seen the feedback. A refusal says nothing; «no sé» means not known."""

from collections.abc import Sequence

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.happenings import NO_KNOWLEDGE
from app.flows.language.definition import FlowKind
from app.flows.spacing import reviewed
from app.store import memory_cards
from app.store.records import CardState, NewResponse

REVIEWS = (FlowKind.quiz, FlowKind.vignette)
"""Kinds of flows that test learning."""


def learn(tx: Connection, library: Library, responses: Sequence[NewResponse]) -> None:
    """Update officers' cards with answers that are about to be written. The officers are locked."""
    answers = [
        (answer, answer.principle, answer.correct)
        for answer in responses
        if answer.correct is not None and answer.principle is not None and _shows_memory(tx, library, answer)
    ]
    if not answers:
        return
    shown = memory_cards.assessed_principles(tx, {answer.session_id for answer, _, _ in answers})
    cards = memory_cards.cards(tx, {answer.contact_id for answer, _, _ in answers})
    changed: dict[tuple[int, str], CardState] = {}
    for answer, principle, correct in answers:
        if (session := (answer.session_id, principle)) in shown:
            continue
        shown.add(session)
        key = answer.contact_id, principle
        memory = reviewed(cards.get(key), answer.answered_at, right=correct, attempt=answer.attempt)
        cards[key] = memory.card
        changed[key] = CardState(*key, memory.card, memory.due_at, memory.reviewed_at)
    memory_cards.save(tx, list(changed.values()))


def _shows_memory(tx: Connection, library: Library, answer: NewResponse) -> bool:
    if answer.wave is not None or answer.status not in memory_cards.ANSWERED or answer.missing not in NO_KNOWLEDGE:
        return False
    return library.compiled(tx, answer.flow_version_id).flows[answer.flow].kind in REVIEWS

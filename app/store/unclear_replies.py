"""Replies that were not understood, and what the same officer answered to the same question in the end. All functions take a
transaction and change nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, select

from app.flows.replies.offers import DECLINED
from app.store import sealing
from app.store.sealing import INBOUND_BODY
from app.store.tables import COHORT, INBOUND, OUTBOUND, RESPONSE, with_officer
from app.store.tryouts import is_real


@dataclass(frozen=True, slots=True)
class UnclearReply:
    """A reply that was asked again, or went to a person. `answered` is the key of the option that the officer chose in the end, None
    if there was none. `body` is in the officer's own words."""

    contact_id: int
    programme: str
    flow: str
    step: str
    body: str
    to_person: bool
    answered: str | None


def unclear_replies(tx: Connection, programme: str | None = None, cohort: str | None = None) -> Iterator[UnclearReply]:
    """Replies in the order of their arrival, without those that cannot be opened and those of tryouts."""
    asked = (
        select(OUTBOUND.c.session_id, OUTBOUND.c.step, func.max(OUTBOUND.c.flow).label("flow"))
        .where(OUTBOUND.c.kind == "ask", OUTBOUND.c.session_id.is_not(None))
        .group_by(OUTBOUND.c.session_id, OUTBOUND.c.step)
        .subquery()
    )
    found = (
        RESPONSE.c.session_id == asked.c.session_id,
        RESPONSE.c.flow == asked.c.flow,
        RESPONSE.c.step == asked.c.step,
    )
    answer = select(RESPONSE.c.key).where(*found, RESPONSE.c.status == "ok").order_by(RESPONSE.c.id.desc()).limit(1)
    given_up = select(RESPONSE.c.id).where(
        *found, RESPONSE.c.status == "unclear", RESPONSE.c.inbound_id == INBOUND.c.id
    )
    rule = INBOUND.c.act_rule  # a no to an offer was understood
    query = (
        select(
            INBOUND.c.contact_id,
            COHORT.c.programme,
            asked.c.flow,
            asked.c.step,
            INBOUND.c.sid,
            INBOUND.c.body,
            given_up.exists(),
            answer.scalar_subquery(),
        )
        .select_from(
            with_officer(INBOUND).join(
                asked, and_(asked.c.session_id == INBOUND.c.session_id, asked.c.step == INBOUND.c.step)
            )
        )
        .where(INBOUND.c.outcome == "unclear", INBOUND.c.body.is_not(None), rule.is_(None) | (rule != DECLINED.rule))
        .where(is_real())
        .order_by(INBOUND.c.id)
    )
    if programme is not None:
        query = query.where(COHORT.c.programme == programme)
    if cohort is not None:
        query = query.where(COHORT.c.code == cohort)
    for contact, code, flow, step, sid, sealed, to_person, key in tx.execute(query):
        if body := sealing.readable(tx, INBOUND_BODY, sid, sealed):
            yield UnclearReply(contact, code, flow, step, body, bool(to_person), key)

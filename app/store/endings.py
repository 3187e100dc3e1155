"""The officers of a programme that ends. All functions take a transaction and commit nothing."""

from datetime import datetime

from sqlalchemy import Connection, or_, select

from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, OUTBOUND, SESSION, ContactStatus, with_officer

FAREWELL = "farewell"
"""The name of the notice that is a programme's last message."""


def without_farewell(tx: Connection, programme: str, since: datetime, now: datetime, most: int) -> list[int]:
    """Officers who agreed to take part, may be written to now, and have not had the last message since then."""
    told = (
        select(OUTBOUND.c.id)
        .where(
            OUTBOUND.c.contact_id == CONTACT.c.id,
            OUTBOUND.c.kind == "notice",
            OUTBOUND.c.step == FAREWELL,
            OUTBOUND.c.created_at >= since,
        )
        .exists()
    )
    found = (
        select(CONTACT.c.id)
        .select_from(CONTACT_WITH_COHORT)
        .where(
            COHORT.c.programme == programme,
            COHORT.c.paused_at.is_(None),
            CONTACT.c.status == ContactStatus.active,
            CONTACT.c.consented_at.is_not(None),
            CONTACT.c.held_at.is_(None),
            or_(CONTACT.c.paused_until.is_(None), CONTACT.c.paused_until <= now),
            ~told,
        )
        .order_by(CONTACT.c.id)
        .limit(most)
    )
    return list(tx.execute(found).scalars())


def in_conversation(tx: Connection, programme: str, most: int) -> list[int]:
    """Officers with an open conversation."""
    found = select(SESSION.c.contact_id).select_from(with_officer(SESSION))
    theirs = (COHORT.c.programme == programme, SESSION.c.ended_at.is_(None))
    return list(tx.execute(found.where(*theirs).order_by(SESSION.c.id).limit(most)).scalars())

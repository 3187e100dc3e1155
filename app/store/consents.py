"""Decisions on the privacy notice. They are appended, never changed: what counts is the latest."""

from sqlalchemy import Subquery, func, select

from app.store.tables import CONSENT


def first_consents() -> Subquery:
    """By officer, when consent was first given (`at`): it counts for what was measured then, even if withdrawn since."""
    given = select(CONSENT.c.contact_id, func.min(CONSENT.c.at).label("at")).where(CONSENT.c.granted)
    return given.group_by(CONSENT.c.contact_id).subquery("first_consent")

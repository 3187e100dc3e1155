"""Decisions on the privacy notice. They are appended, never changed: what counts is the latest."""

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, select

from app.store.tables import CONSENT, CONTACT


def first_consents() -> Subquery:
    """By officer, when consent was first given (`at`): it counts for what was measured then, even if withdrawn since."""
    given = select(CONSENT.c.contact_id, func.min(CONSENT.c.at).label("at")).where(CONSENT.c.granted)
    return given.group_by(CONSENT.c.contact_id).subquery("first_consent")


def has_declined() -> ColumnElement[bool]:
    """Whether a contact has said no or has withdrawn: nobody asks such an officer again but at the officer's own ALTA."""
    return and_(CONTACT.c.consented_at.is_(None), exists().where(CONSENT.c.contact_id == CONTACT.c.id))

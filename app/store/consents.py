"""Decisions on the privacy notice. They are appended, never changed: what counts is the latest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Subquery, and_, bindparam, exists, func, select, update

from app.store.bulk import insert_rows, portions
from app.store.tables import COHORT, CONSENT, CONTACT, CONTACT_WITH_COHORT, ContactStatus

PAPER = "paper"
"""The channel of a consent that was given on paper."""


@dataclass(frozen=True, slots=True)
class Decision:
    """An officer's decision on a version of the notice."""

    contact_id: int
    version: str
    granted: bool
    channel: str
    proof: str | None
    at: datetime

    @property
    def is_paper(self) -> bool:
        """Whether it was given on paper."""
        return self.channel == PAPER


@dataclass(frozen=True, slots=True)
class PaperConsent:
    """A consent given on paper. `proof` is where the paper is."""

    contact_id: int
    version: str
    proof: str | None
    at: datetime


def latest(tx: Connection, contacts: Collection[int]) -> dict[int, Decision]:
    """The latest decision of each of these officers who has decided anything."""
    columns = [CONSENT.c[name] for name in Decision.__slots__]
    found: dict[int, Decision] = {}
    for some in portions(contacts):
        last = select(func.max(CONSENT.c.id)).where(CONSENT.c.contact_id.in_(some)).group_by(CONSENT.c.contact_id)
        rows = tx.execute(select(*columns).where(CONSENT.c.id.in_(last)))
        found.update({row.contact_id: Decision(*row) for row in rows})
    return found


def add_papers(tx: Connection, papers: Sequence[tuple[PaperConsent, str | None]], text: str) -> None:
    """Append consents given on paper, each with the version of the notice that it covers, and bring the officers up to date."""
    if not papers:
        return
    rows = [
        {
            "contact_id": paper.contact_id,
            "session_id": None,
            "version": paper.version,
            "granted": True,
            "channel": PAPER,
            "text": text,
            "proof": paper.proof,
            "at": paper.at,
        }
        for paper, _ in papers
    ]
    insert_rows(tx, CONSENT, rows)
    consented = update(CONTACT).where(CONTACT.c.id == bindparam("contact"))
    tx.execute(
        consented.values(consented_at=bindparam("given"), consented_to=bindparam("to")),
        [{"contact": paper.contact_id, "given": paper.at, "to": to} for paper, to in papers],
    )


def first_consents() -> Subquery:
    """By officer, when consent was first given (`at`): it counts for what was measured then, even if withdrawn since. Of consents on
    paper the latest counts: it corrects those before."""
    later = CONSENT.alias("later")
    corrected = exists().where(
        later.c.contact_id == CONSENT.c.contact_id, later.c.channel == PAPER, later.c.id > CONSENT.c.id
    )
    counts = and_(CONSENT.c.granted, ~and_(CONSENT.c.channel == PAPER, corrected))
    given = select(CONSENT.c.contact_id, func.min(CONSENT.c.at).label("at")).where(counts)
    return given.group_by(CONSENT.c.contact_id).subquery("first_consent")


def has_declined() -> ColumnElement[bool]:
    """Whether a contact has said no or has withdrawn: nobody asks such an officer again but at the officer's own ALTA."""
    return and_(CONTACT.c.consented_at.is_(None), exists().where(CONSENT.c.contact_id == CONTACT.c.id))


def count_agreed_otherwise(tx: Connection, programme: str, versions: Collection[str]) -> int:
    """The number of active officers of a programme who have agreed to a notice, but to none of these versions."""
    wanted = (
        COHORT.c.programme == programme,
        CONTACT.c.status == ContactStatus.active,
        CONTACT.c.consented_at.is_not(None),
        CONTACT.c.consented_to.not_in(list(versions)),
    )
    return int(tx.execute(select(func.count()).select_from(CONTACT_WITH_COHORT).where(*wanted)).scalar_one())

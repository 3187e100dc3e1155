"""The final AAPOR disposition of each officer in each measurement wave, by `dispositions.final_disposition`. Reads a row for each
officer and wave; only counts leave this module."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from app.exports.report.sample import Sample
from app.exports.statistics.dispositions import Disposition, WaveHistory, final_disposition
from app.exports.statistics.suppression import Part, Share
from app.store.consents import first_consents
from app.store.failures import FAILED
from app.store.funnel import DELIVERED
from app.store.tables import (
    CONSENT,
    CONTACT,
    NUDGE,
    OUTBOUND,
    RESPONSE,
    SESSION,
    ContactStatus,
)

UNDERSTOOD = ("ok", "superseded", "extra")
STAYED = frozenset({Disposition.complete, Disposition.partial})


@dataclass(slots=True)
class Wave:
    """One wave: its dispositions, by arm too, and whether it was still open at the last moment of the data."""

    suffix: str
    opened: datetime
    open: bool = False
    counts: Counter[Disposition] = field(default_factory=Counter)
    arms: defaultdict[str, Counter[Disposition]] = field(default_factory=lambda: defaultdict(Counter))

    def lost(self) -> dict[str, Share]:
        """Attrition by arm: of the eligible, those who are neither complete nor partial. Officers are in one arm each, or in
        none (""), which comes last."""
        return {arm: _lost(self.arms[arm]) for arm in sorted(self.arms, key=lambda arm: (arm == "", arm))}

    def lost_of_all(self) -> Share:
        """Attrition of all arms together."""
        return _lost(self.counts)


def _lost(counts: Counter[Disposition]) -> Share:
    stayed = sum(counts[letter] for letter in STAYED)
    gone = sum(counts.values()) - stayed - counts[Disposition.not_eligible]
    return Share(Part(gone, gone), Part(stayed, stayed), gone + stayed)


def waves(tx: Connection, sample: Sample, now: datetime) -> list[Wave]:
    """The waves that have begun, in the order of their beginning. All flows of an officer's wave count, also those to come."""
    refusals = _refusals(tx, sample)
    found: dict[str, Wave] = {}
    for row in tx.execute(_query(sample)):
        if row.opens > now:
            continue
        wave = found.setdefault(row.wave, Wave(row.wave, row.opens))
        wave.opened = min(wave.opened, row.opens)
        wave.open = wave.open or row.closes > now
        letter = final_disposition(_history(row, refusals.get(row.contact_id)))
        wave.counts[letter] += 1
        wave.arms[row.arm or ""][letter] += 1
    return sorted(found.values(), key=lambda wave: (wave.opened, wave.suffix))


def _history(row: Row[Any], refused_at: datetime | None) -> WaveHistory:
    asked_for_consent = row.consented_at is None or row.consented_at > row.closes
    delivered, failed = (
        (row.consent_delivered, row.consent_failed) if asked_for_consent else (row.delivered, row.failed)
    )
    return WaveHistory(
        row.asked,
        row.completed or 0,
        answered=bool(row.answered),
        wrote=bool(row.wrote),
        refused=refused_at is not None and refused_at <= row.closes,
        delivered=bool(delivered),
        failed=bool(failed) or row.status == ContactStatus.blocked,
        enrolled_late=row.enrolled >= row.closes,
    )


def _query(sample: Sample) -> Select[Any]:
    own, arms = sample.officers(), sample.arms()
    messages = _messages(own)
    replied = (
        select(RESPONSE.c.session_id, func.max(case((RESPONSE.c.status.in_(UNDERSTOOD), 1), else_=0)).label("answered"))
        .where(RESPONSE.c.contact_id.in_(own))
        .group_by(RESPONSE.c.session_id)
        .subquery()
    )
    consents = (
        select(
            NUDGE.c.contact_id,
            *(func.max(messages.c[name]).label(f"consent_{name}") for name in ("delivered", "failed")),
        )
        .join(messages, messages.c.session_id == NUDGE.c.session_id)
        .where(NUDGE.c.slot == "consent", NUDGE.c.contact_id.in_(own))
        .group_by(NUDGE.c.contact_id)
        .subquery()
    )
    given = first_consents()
    consented_at = func.coalesce(given.c.at, CONTACT.c.consented_at).label("consented_at")
    consent = [consents.c[f"consent_{name}"] for name in ("delivered", "failed")]
    who = [NUDGE.c.contact_id, NUDGE.c.wave, arms.c.arm, CONTACT.c.status, consented_at]
    return (
        select(
            *who,
            CONTACT.c.created_at.label("enrolled"),
            func.min(NUDGE.c.planned_for).label("opens"),
            func.max(NUDGE.c.closes_at).label("closes"),
            func.count().label("asked"),
            func.count(case((SESSION.c.outcome == "completed", 1))).label("completed"),
            func.max(replied.c.answered).label("answered"),
            func.count(replied.c.session_id).label("wrote"),
            *(func.max(messages.c[name]).label(name) for name in ("delivered", "failed")),
            *consent,
        )
        .select_from(
            NUDGE.join(CONTACT, CONTACT.c.id == NUDGE.c.contact_id)
            .outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id)
            .outerjoin(messages, messages.c.session_id == NUDGE.c.session_id)
            .outerjoin(replied, replied.c.session_id == NUDGE.c.session_id)
            .outerjoin(consents, consents.c.contact_id == NUDGE.c.contact_id)
            .outerjoin(given, given.c.contact_id == NUDGE.c.contact_id)
            .outerjoin(arms, arms.c.contact_id == NUDGE.c.contact_id)
        )
        .where(
            NUDGE.c.wave.is_not(None),
            NUDGE.c.contact_id.in_(own),
            *sample.within(NUDGE.c.planned_for, NUDGE.c.contact_id),
        )
        .group_by(*who, CONTACT.c.created_at, *consent)
    )


def _messages(own: Select[Any]) -> Any:  # noqa: ANN401 - a subquery
    def ever(statuses: tuple[str, ...]) -> Any:  # noqa: ANN401
        return func.max(case((OUTBOUND.c.status.in_(statuses), 1), else_=0))

    return (
        select(OUTBOUND.c.session_id, ever(DELIVERED).label("delivered"), ever(FAILED).label("failed"))
        .where(OUTBOUND.c.session_id.is_not(None), OUTBOUND.c.contact_id.in_(own))
        .group_by(OUTBOUND.c.session_id)
        .subquery()
    )


def _refusals(tx: Connection, sample: Sample) -> dict[int, datetime]:
    """When an officer first said no: to the notice, if that is the latest word on it, or by opting out."""
    own = sample.officers()
    latest = select(func.max(CONSENT.c.id)).where(CONSENT.c.contact_id.in_(own)).group_by(CONSENT.c.contact_id)
    declined = select(CONSENT.c.contact_id, CONSENT.c.at).where(CONSENT.c.id.in_(latest), CONSENT.c.granted.is_(False))
    out = select(CONTACT.c.id, CONTACT.c.opted_out_at).where(
        CONTACT.c.id.in_(own), CONTACT.c.status == ContactStatus.opted_out
    )
    found: dict[int, datetime] = {}
    for query in (declined, out):
        for contact, at in tx.execute(query):
            if at is not None:
                found[contact] = min(at, found.get(contact, at))
    return found

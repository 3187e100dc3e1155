"""The final AAPOR disposition of each officer in each measurement wave, by `dispositions.final_disposition`. Reads a row for each
officer and wave; only counts leave this module."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, String, case, cast, func, select

from app.exports.report.reach import Reach
from app.exports.report.sample import Sample
from app.exports.source import SMALL_BATCH
from app.exports.statistics.dispositions import Disposition, WaveHistory, final_disposition
from app.exports.statistics.suppression import Part, Share
from app.store.consents import first_consents
from app.store.tables import (
    CONSENT,
    CONTACT,
    NUDGE,
    SESSION,
    ContactStatus,
)

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


def waves(tx: Connection, sample: Sample, reach: bytearray, now: datetime) -> list[Wave]:
    """The waves that have begun, in the order of their beginning. All flows of an officer's wave count, also those to come. `reach` is what
    became of conversations."""
    refusals, consents = _refusals(tx, sample), _consents(tx, sample, reach)
    found: dict[str, Wave] = {}
    for row in tx.execute(_query(sample), execution_options={"yield_per": SMALL_BATCH}):
        if row.opens > now:
            continue
        wave = found.setdefault(row.wave, Wave(row.wave, row.opens))
        wave.opened = min(wave.opened, row.opens)
        wave.open = wave.open or row.closes > now
        came = 0
        for session in (row.sessions or "").split():
            came |= reach[int(session)]
        letter = final_disposition(_history(row, came, consents.get(row.contact_id, 0), refusals.get(row.contact_id)))
        wave.counts[letter] += 1
        wave.arms[row.arm or ""][letter] += 1
    return sorted(found.values(), key=lambda wave: (wave.opened, wave.suffix))


def _history(row: Row[Any], came: int, consent: int, refused_at: datetime | None) -> WaveHistory:
    asked_for_consent = row.consented_at is None or row.consented_at > row.closes
    messages = consent if asked_for_consent else came
    return WaveHistory(
        row.asked,
        row.completed or 0,
        answered=bool(came & Reach.answered),
        wrote=bool(came & Reach.wrote),
        refused=refused_at is not None and refused_at <= row.closes,
        delivered=bool(messages & Reach.delivered),
        failed=bool(messages & Reach.failed) or row.status == ContactStatus.blocked,
        enrolled_late=row.enrolled >= row.closes,
    )


def _query(sample: Sample) -> Select[Any]:
    arms, given = sample.arms(), first_consents()
    consented_at = func.coalesce(given.c.at, CONTACT.c.consented_at).label("consented_at")
    each = (
        select(
            NUDGE.c.contact_id,
            NUDGE.c.wave,
            func.min(NUDGE.c.planned_for).label("opens"),
            func.max(NUDGE.c.closes_at).label("closes"),
            func.count().label("asked"),
            func.count(case((SESSION.c.outcome == "completed", 1))).label("completed"),
            func.aggregate_strings(cast(NUDGE.c.session_id, String), " ").label("sessions"),
        )
        .select_from(NUDGE.outerjoin(SESSION, SESSION.c.id == NUDGE.c.session_id))
        .where(
            NUDGE.c.wave.is_not(None),
            *sample.narrowed(NUDGE.c.contact_id),
            *sample.within(NUDGE.c.planned_for, NUDGE.c.contact_id),
        )
        .group_by(NUDGE.c.contact_id, NUDGE.c.wave)
        .subquery()
    )
    return (
        select(each, arms.c.arm, CONTACT.c.status, CONTACT.c.created_at.label("enrolled"), consented_at)
        .select_from(
            each.join(CONTACT, CONTACT.c.id == each.c.contact_id)
            .outerjoin(given, given.c.contact_id == CONTACT.c.id)
            .outerjoin(arms, arms.c.contact_id == CONTACT.c.id)
        )
        .where(CONTACT.c.id.in_(sample.officers()))
    )


def _consents(tx: Connection, sample: Sample, reach: bytearray) -> dict[int, int]:
    """By officer, what became of the questions for consent."""
    query = select(NUDGE.c.contact_id, NUDGE.c.session_id).where(
        NUDGE.c.slot == "consent", NUDGE.c.session_id.is_not(None), *sample.narrowed(NUDGE.c.contact_id)
    )
    found: dict[int, int] = {}
    for contact, session in tx.execute(query):
        found[contact] = found.get(contact, 0) | reach[session]
    return found


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

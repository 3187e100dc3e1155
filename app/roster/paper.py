"""Consent on paper, as a roster has it: recorded for officers who have decided nothing yet. Another date, version or proof in a later
roster corrects it, unless the officer has decided something since: the decision as corrected is appended, the audit log has both."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from app.conversations import republishing
from app.flows.language.definition import Programme
from app.flows.privacy import notices
from app.roster.changes import CONSENT, Changes, FieldChange
from app.roster.entries import Entry
from app.store import audit, consents, versions
from app.store.bulk import portions
from app.store.consents import Decision, PaperConsent

UNNAMED = "roster"
"""The version of a consent on paper whose roster names none."""
TEXT = "Consentimiento dado fuera de Trato, según el padrón."
CORRECTION = "consent correct"
"""The action of audit entries."""


@dataclass(frozen=True, slots=True)
class Papers:
    """The contacts whose consent on paper is new, and those of whom it is corrected."""

    given: frozenset[int]
    corrected: frozenset[int]


def record(
    tx: Connection,
    programme: Programme,
    entries: Mapping[int, Entry],
    enrolled: Collection[int],
    changes: Changes,
    now: datetime,
    actor: str,
) -> Papers:
    """Record and correct the consents of a roster's officers, by contact, and note what changes for those who were enrolled before.
    Their rows are locked."""
    current, known = _notices(tx, programme) if any(entry.consented_at for entry in entries.values()) else (None, set())
    given: set[int] = set()
    corrected: set[int] = set()
    for rows, latest in _differences(tx, entries, enrolled, changes):
        consents.add_papers(
            tx, [(row, row.version if row.version in known else current) for row in rows.values()], TEXT
        )
        given |= rows.keys() - latest.keys()
        corrected |= rows.keys() & latest.keys()
        for contact in sorted(rows.keys() & latest.keys()):
            audit.record(tx, now, actor, CORRECTION, f"contact:{contact}", _change(latest[contact], rows[contact]))
    return Papers(frozenset(given), frozenset(corrected))


def compare(tx: Connection, entries: Mapping[int, Entry], enrolled: Collection[int], changes: Changes) -> Papers:
    """The consents that `record` would store, without a write."""
    found = list(_differences(tx, entries, enrolled, changes))
    given = {contact for rows, latest in found for contact in rows.keys() - latest.keys()}
    corrected = {contact for rows, latest in found for contact in rows.keys() & latest.keys()}
    return Papers(frozenset(given), frozenset(corrected))


def _differences(
    tx: Connection, entries: Mapping[int, Entry], enrolled: Collection[int], changes: Changes
) -> Iterator[tuple[dict[int, PaperConsent], dict[int, Decision]]]:
    """The consents to store, by contact, with the latest decisions, some officers at a time; what changes is noted."""
    papers = [contact for contact, entry in entries.items() if entry.consented_at is not None]
    _note_kept(tx, [contact for contact in enrolled if entries[contact].consented_at is None], changes)
    for part in portions(papers, AT_ONCE):
        latest = consents.latest(tx, part)
        rows: dict[int, PaperConsent] = {}
        for contact in part:
            before = latest.get(contact)
            row = _row(contact, entries[contact], before)
            if before is None or (before.is_paper and before.granted and not _is_same(before, row)):
                rows[contact] = row
                if contact in enrolled:
                    changes.fields.append(_field(entries[contact], before, row))
            elif not before.granted:
                changes.refused += 1
        yield rows, latest


def _note_kept(tx: Connection, silent: Sequence[int], changes: Changes) -> None:
    """Note the officers who have consented and whose cell is empty or says no: a roster withdraws no consent."""
    for part in portions(silent, AT_ONCE) if changes.has_column(CONSENT) else ():
        if kept := sum(decision.granted for decision in consents.latest(tx, part).values()):
            changes.kept[CONSENT] += kept


AT_ONCE = 1_000
"""Consents that are recorded together."""


def _field(entry: Entry, before: Decision | None, row: PaperConsent) -> FieldChange:
    return FieldChange(
        row.contact_id,
        entry.row,
        CONSENT,
        None if before is None else f"{before.at:%Y-%m-%d} ({before.version})",
        f"{row.at:%Y-%m-%d} ({row.version})",
    )


def _row(contact: int, entry: Entry, before: Decision | None) -> PaperConsent:
    """The roster's cells; an empty cell changes nothing."""
    at = cast("datetime", entry.consented_at)
    version = entry.consent_version or (before.version if before else UNNAMED)
    proof = entry.consent_proof or (before.proof if before else None)
    return PaperConsent(contact, version, proof, at)


def _is_same(before: Decision, row: PaperConsent) -> bool:
    return (before.version, before.proof, before.at) == (row.version, row.proof, row.at)


def _change(before: Decision, row: PaperConsent) -> dict[str, object]:
    """The detail of an audit entry: the dates, the versions, and whether the proof has changed."""
    return {
        "before": {"at": before.at.isoformat(), "version": before.version},
        "after": {"at": row.at.isoformat(), "version": row.version},
        "proof_changed": before.proof != row.proof,
    }


def _notices(tx: Connection, programme: Programme) -> tuple[str | None, set[str]]:
    """The version of the notice in force, by the published programme or, before it is published, by the file; and all versions
    that the programme has had. A paper with a version of its own covers the notice in force."""
    published = versions.current(tx).get(programme.programme)
    in_force = (republishing.read(tx, published) if published is not None else None) or programme
    current = next((notice.version for notice in notices(in_force)), None)
    return current, republishing.known_notices(tx, programme.programme) | {one.version for one in notices(programme)}

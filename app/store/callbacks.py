"""The carrier's reports on messages that went out, which arrive late, twice and out of order. Each report is kept once and moves
its message on, never back. All functions take a transaction and commit nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, func, select, update

from app.store.bulk import insert_rows
from app.store.dialect import one_of
from app.store.tables import MESSAGE_EVENT, OUTBOUND, RANKS, MessageStatus

S = MessageStatus
_MOMENT = OUTBOUND.c.sent_at.type
"""The type to give to parameters inside SQL functions: without one, a moment would be written in the driver's own form."""

FAILURES = frozenset({S.failed, S.undelivered})


class Report(Protocol):
    """A carrier's report on one message."""

    @property
    def sid(self) -> str:
        """The carrier's id of the message."""

    @property
    def status(self) -> str | None:
        """A `MessageStatus`; None for a word that we do not know."""

    @property
    def word(self) -> str:
        """The carrier's own word where it differs from the status."""

    @property
    def uid(self) -> str | None:
        """Our own id, from the callback's URL."""

    @property
    def error_code(self) -> int | None:
        """The carrier's code of a failure."""

    @property
    def cause(self) -> str | None:
        """The meaning of that code."""


def advance(tx: Connection, reports: Sequence[Report], now: datetime) -> list[int]:
    """Keep the reports, each (message, word) once, and move the messages on, never back. If we crashed before storing the
    SID, finds the row by the uid in the callback's URL. Always in the order of the SIDs, so that two processes with reports
    on the same messages do not wait for each other. Returns the messages that are known to have failed from now on: each
    once, however often it is reported."""
    reports = sorted(reports, key=lambda report: report.sid)
    known = [(report, S(report.status)) for report in reports if report.status is not None]
    ids = _by_sid(tx, {report.sid for report in reports})
    if unlinked := [report for report, _ in known if report.sid not in ids]:
        _link(tx, unlinked, now)
        ids |= _by_sid(tx, {report.sid for report in unlinked})
    failing = _not_yet_failed(tx, {report.sid for report, status in known if status in FAILURES})
    insert_rows(
        tx,
        MESSAGE_EVENT,
        [
            {
                "outbound_id": ids.get(report.sid),
                "sid": report.sid,
                "status": (report.word or report.status or "")[:20],
                "error_code": report.error_code,
                "at": now,
            }
            for report in reports
        ],
        ignore=True,
    )
    rows = [_move(report, status, now) for report, status in known if report.sid in ids]
    if rows:
        tx.execute(_ADVANCE, rows)
    return failing


_LINK = (
    update(OUTBOUND)
    .where(OUTBOUND.c.uid == bindparam("its_uid"), OUTBOUND.c.sid.is_(None))
    .values(
        sid=bindparam("its_sid"),
        sent_at=func.coalesce(OUTBOUND.c.sent_at, bindparam("at", type_=_MOMENT)),
        lease_until=None,
        lease_owner=None,
    )
)
_ADVANCE = (
    update(OUTBOUND)
    .where(OUTBOUND.c.sid == bindparam("its_sid"), OUTBOUND.c.rank < bindparam("to_rank"))
    .values(
        status=bindparam("to_status"),
        rank=bindparam("to_rank"),
        error_code=func.coalesce(bindparam("code"), OUTBOUND.c.error_code),
        error_cause=func.coalesce(bindparam("why"), OUTBOUND.c.error_cause),
        delivered_at=func.coalesce(OUTBOUND.c.delivered_at, bindparam("delivered", type_=_MOMENT)),
        read_at=func.coalesce(OUTBOUND.c.read_at, bindparam("seen", type_=_MOMENT)),
    )
)


_BY_SID = select(OUTBOUND.c.sid, OUTBOUND.c.id).where(one_of(OUTBOUND.c.sid, "sids"))


def _link(tx: Connection, reports: Sequence[Report], now: datetime) -> None:
    rows = [{"its_uid": report.uid, "its_sid": report.sid, "at": now} for report in reports if report.uid]
    if rows:
        tx.execute(_LINK, rows)


def _not_yet_failed(tx: Connection, sids: set[str]) -> list[int]:
    """Locks their rows: another process with the same report waits, and then finds that they have failed."""
    if not sids:
        return []
    found = select(OUTBOUND.c.id).where(OUTBOUND.c.sid.in_(sids), OUTBOUND.c.rank < RANKS[S.failed])
    return list(tx.execute(found.order_by(OUTBOUND.c.sid).with_for_update()).scalars())


def _by_sid(tx: Connection, sids: set[str]) -> dict[str, int]:
    return dict(tx.execute(_BY_SID, {"sids": list(sids)}).all())


def _move(report: Report, status: MessageStatus, now: datetime) -> dict[str, Any]:
    return {
        "its_sid": report.sid,
        "to_status": status.value,
        "to_rank": RANKS[status],
        "code": report.error_code,
        "why": report.cause,
        "delivered": now if status in (S.delivered, S.read) else None,
        "seen": now if status is S.read else None,
    }


def contact_of(tx: Connection, sid: str) -> int | None:
    """The contact of a message, by the carrier's id of it."""
    return tx.execute(select(OUTBOUND.c.contact_id).where(OUTBOUND.c.sid == sid)).scalar_one_or_none()

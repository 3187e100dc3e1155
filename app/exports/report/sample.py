"""Which officers and which time a report is about, and the last moment of its data: the report's only date, so that the same data
gives the same bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select

from app.errors import UsageError
from app.exports import days
from app.exports.statistics.suppression import K, Part, hidden
from app.flows.language.nearby import did_you_mean
from app.store import cohorts, versions
from app.store.tables import Assignment, Cohort, Contact, InboundMessage, OutboundMessage, Session

_assignment = Assignment.__table__  # type: ignore[attr-defined]
_cohort = Cohort.__table__  # type: ignore[attr-defined]
_contact = Contact.__table__  # type: ignore[attr-defined]
_inbound = InboundMessage.__table__  # type: ignore[attr-defined]
_outbound = OutboundMessage.__table__  # type: ignore[attr-defined]
_session = Session.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Sample:
    """One programme, or one cohort of it. `since` and `until` bound the planned moment of a flow and the moment of an answer: days by
    the clock on each officer's wall, both included; None: from the beginning, to the end. `zones` are all in which officers are."""

    programme: str
    cohort: str | None = None
    since: date | None = None
    until: date | None = None
    zones: tuple[str, ...] = ()

    def officers(self) -> Select[Any]:
        """The ids of the officers."""
        query = select(_contact.c.id).join(_cohort, _cohort.c.id == _contact.c.cohort_id)
        query = query.where(_cohort.c.programme == self.programme)
        return query if self.cohort is None else query.where(_cohort.c.code == self.cohort)

    def arms(self) -> Subquery:
        """The arm of each officer who has been drawn: an officer is drawn once, and is in the arm in whatever campaign."""
        drawn = select(_assignment.c.contact_id, func.max(_assignment.c.arm).label("arm"))
        drawn = drawn.where(_assignment.c.arm.is_not(None), _assignment.c.contact_id.in_(self.officers()))
        return drawn.group_by(_assignment.c.contact_id).subquery()

    def within(self, moment: Any, contact: Any) -> list[Any]:  # noqa: ANN401 - any column of a moment, and its officer's
        """The conditions that a moment lies within the time of the sample."""
        return days.within(moment, days.zone_of(contact), self.since, self.until, self.zones)


def choose(
    tx: Connection,
    programme: str | None,
    cohort: str | None,
    since: date | None,
    until: date | None,
    k: int = K,
    *,
    alone: bool = False,
) -> Sample:
    """The sample that was asked for. A programme need not be named if there is one, or a cohort says which. Raises UsageError,
    also for a cohort whose report, taken from that of the programme, would leave fewer than k officers,
    unless it is the only one that its readers have (`alone`)."""
    cohorts.check(tx, cohort)
    known = sorted(versions.current(tx))
    if programme is not None and programme not in known:
        raise UsageError(f"there is no programme {programme!r}. {did_you_mean(programme, known)}".strip())
    if cohort is not None:
        own = tx.execute(select(_cohort.c.programme).where(_cohort.c.code == cohort)).scalar_one()
        if programme not in {None, own}:
            raise UsageError(f"the cohort {cohort!r} is of the programme {own!r}")
        if not alone and cohort in _telling(tx, own, k):
            raise UsageError(
                f"reports of {cohort!r} and of all {own!r} would tell, by subtraction, of a cohort of fewer than {k} officers: "
                "report the whole programme or a larger cohort, or say --alone if nobody is handed both"
            )
        return Sample(own, cohort, since, until, days.zones(tx))
    if programme is None and len(known) != 1:
        raise UsageError(
            f"name one of the programmes with --programme: {', '.join(known)}"
            if known
            else "nothing has been published yet: see `trato publish`"
        )
    return Sample(programme or known[0], None, since, until, days.zones(tx))


def _telling(tx: Connection, programme: str, k: int) -> set[str]:
    """The cohorts that would tell of a smaller one: programme less cohorts is a table with its total, and hides as any other."""
    count = func.count(_contact.c.id)
    query = (
        select(_cohort.c.code, count)
        .outerjoin(_contact, _contact.c.cohort_id == _cohort.c.id)
        .where(_cohort.c.programme == programme)
    )
    sizes = tx.execute(query.group_by(_cohort.c.code).order_by(_cohort.c.code)).all()
    parts = [Part(size, size) for _, size in sizes]
    return {sizes[place].code for place in hidden(parts, k, disjoint=True) if not parts[place].small(k)}


def last_moment(tx: Connection, sample: Sample) -> datetime | None:
    """When the last thing happened that is in the data; None if nothing has."""
    own = sample.officers()
    moments = (
        (_inbound.c.received_at, _inbound.c.contact_id),
        (_outbound.c.created_at, _outbound.c.contact_id),
        (_session.c.started_at, _session.c.contact_id),
        (_session.c.ended_at, _session.c.contact_id),
    )
    found = [
        tx.execute(select(func.max(moment)).where(contact.in_(own), *sample.within(moment, contact))).scalar_one()
        for moment, contact in moments
    ]
    return max((moment for moment in found if moment is not None), default=None)

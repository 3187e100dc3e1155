"""The officers and the period of a report, and the time of its last record. That is the only date in the report, so that the same data
gives the same bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, Subquery, func, select

from app.errors import UsageError
from app.exports import days
from app.exports.statistics.suppression import K, Part, hidden
from app.store import cohorts, versions
from app.store.damaged_rows import unreadable
from app.store.tables import (
    ASSIGNMENT,
    COHORT,
    CONTACT,
    CONTACT_WITH_COHORT,
    INBOUND,
    OUTBOUND,
    SESSION,
)
from app.wording import Sentence


@dataclass(frozen=True, slots=True)
class Sample:
    """One programme, or one cohort of it. `since` and `until` bound the planned moment of a flow and the moment of an answer: days in
    each officer's local time, both included; None: unbounded. `zones` are the time zones of all officers; `without` are the contact
    ids of damaged officers, who are left out. `with_late`: late answers count in scores and in what is reported from the field."""

    programme: str
    cohort: str | None = None
    since: date | None = None
    until: date | None = None
    zones: tuple[str, ...] = ()
    without: tuple[int, ...] = ()
    with_late: bool = False

    def officers(self) -> Select[Any]:
        """The ids of the officers."""
        query = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT)
        query = query.where(COHORT.c.programme == self.programme)
        if self.without:
            query = query.where(CONTACT.c.id.not_in(self.without))
        return query if self.cohort is None else query.where(COHORT.c.code == self.cohort)

    def narrowed(self, contact: Any) -> list[Any]:  # noqa: ANN401 - any column of an officer's id
        """The condition that makes a cohort's rows be found by their officers; none for a programme, of which it is faster to read all
        rows and to drop those of others."""
        return [] if self.cohort is None else [contact.in_(self.officers())]

    def arms(self) -> Subquery:
        """The arm of each randomised officer, with stratum and cluster: officers are randomised once, and keep the arm in every campaign."""
        names = ("arm", "stratum", "cluster")
        drawn = select(ASSIGNMENT.c.contact_id, *(func.max(ASSIGNMENT.c[name]).label(name) for name in names))
        drawn = drawn.where(ASSIGNMENT.c.arm.is_not(None), ASSIGNMENT.c.contact_id.in_(self.officers()))
        return drawn.group_by(ASSIGNMENT.c.contact_id).subquery()

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
    """The requested sample. The programme may be omitted if there is only one, or if a cohort is given. Raises UsageError, also for a
    cohort whose report, subtracted from that of the programme, would leave fewer than k officers, unless its readers get no other
    report (`alone`)."""
    cohorts.check(tx, cohort)
    versions.check(tx, programme)
    known = sorted(versions.current(tx))
    if cohort is not None:
        own = tx.execute(select(COHORT.c.programme).where(COHORT.c.code == cohort)).scalar_one()
        if programme not in {None, own}:
            raise UsageError(
                Sentence("the cohort {cohort!r} is of the programme {programme!r}", cohort=cohort, programme=own),
                "cohort_of_another",
                cohort=cohort,
                programme=own,
            )
        if not alone and cohort in _telling(tx, own, k):
            raise UsageError(
                Sentence(
                    "reports of {cohort!r} and of all {programme!r} would tell, by subtraction, of a "
                    "cohort of fewer than {k} officers: report the whole programme or a larger cohort, "
                    "or say --alone if nobody is handed both",
                    cohort=cohort,
                    programme=own,
                    k=k,
                ),
                "cohort_would_tell",
                cohort=cohort,
                k=k,
            )
        return Sample(own, cohort, since, until, days.zones(tx), tuple(unreadable(tx, own, cohort)))
    if programme is None and len(known) != 1:
        raise UsageError(
            Sentence("name one of the programmes with --programme: {names}", names=", ".join(known))
            if known
            else Sentence("nothing has been published yet: see `trato publish`"),
            "name_a_programme",
        )
    own = programme or known[0]
    return Sample(own, None, since, until, days.zones(tx), tuple(unreadable(tx, own)))


def _telling(tx: Connection, programme: str, k: int) -> set[str]:
    """The cohorts that would tell of a smaller one: programme less cohorts is a table with its total, and hides as any other."""
    count = func.count(CONTACT.c.id)
    query = (
        select(COHORT.c.code, count)
        .outerjoin(CONTACT, CONTACT.c.cohort_id == COHORT.c.id)
        .where(COHORT.c.programme == programme)
    )
    sizes = tx.execute(query.group_by(COHORT.c.code).order_by(COHORT.c.code)).all()
    parts = [Part(size, size) for _, size in sizes]
    return {sizes[place].code for place in hidden(parts, k, disjoint=True) if not parts[place].small(k)}


def last_moment(tx: Connection, sample: Sample) -> datetime | None:
    """When the last thing happened that is in the data; None if nothing has."""
    own = sample.officers()
    moments = (
        (INBOUND.c.received_at, INBOUND.c.contact_id),
        (OUTBOUND.c.created_at, OUTBOUND.c.contact_id),
        (SESSION.c.started_at, SESSION.c.contact_id),
        (SESSION.c.ended_at, SESSION.c.contact_id),
    )
    found = [
        tx.execute(select(func.max(moment)).where(contact.in_(own), *sample.within(moment, contact))).scalar_one()
        for moment, contact in moments
    ]
    return max((moment for moment in found if moment is not None), default=None)

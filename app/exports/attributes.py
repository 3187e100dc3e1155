"""The attributes of officers that exports carry: how many officers have a combination of them that few share, and which are suppressed
where that is asked for. They are judged together over all tables, whichever are written: a recipient of one table may get another
tomorrow. Refuses to judge moments, answers and messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.errors import UsageError
from app.exports.selection import officer_conditions
from app.exports.source import ZONE, Source
from app.exports.statistics import local_suppression
from app.exports.statistics.local_suppression import Combination
from app.exports.statistics.suppression import K
from app.exports.tables import officers
from app.flows.shifts import Shift
from app.store.tables import ASSIGNMENT, COHORT, CONTACT, CONTACT_WITH_COHORT, RANDOMISATION, SESSION, with_officer
from app.wording import Sentence
from app.wording import officers as officers_of

PLAIN = ("cohort", "language", "timezone", "shift", "stratum", "cluster", "scope")
"""The attributes beside the roster's own. Several of one officer, such as the strata of two studies, are one value."""

LAST = ("cohort", "scope")
"""Suppressed only where nothing else is left: most analyses need the cohort, and `scope` has it too."""

MOST_K = 100
"""The largest k that may be asked for."""

Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Combinations:
    """The combinations of a selection's officers: how many officers have one that fewer than `k` share. `suppressed`: by study id the
    attributes that do not leave; None: nothing was to be suppressed."""

    attributes: tuple[str, ...]
    k: int
    officers: int
    rare: int
    suppressed: Mapping[str, frozenset[str]] | None = field(repr=False)

    @property
    def as_json(self) -> dict[str, Any]:
        """The same without officers."""
        counts = {"attributes": list(self.attributes), "k": self.k, "officers": self.officers, "rare": self.rare}
        if self.suppressed is None:
            return counts
        values = sum(map(len, self.suppressed.values()))
        return {**counts, "suppressed_officers": len(self.suppressed), "suppressed_values": values}

    def __str__(self) -> str:
        return str(self.said())

    def said(self) -> str:
        """The same in words."""
        among = Sentence(
            "{rare} of {officers} officers stand in combinations of attributes of fewer than {k}",
            rare=self.rare,
            officers=self.officers,
            k=self.k,
        )
        names = ", ".join(self.attributes)
        if self.suppressed is None:
            return Sentence("{among} ({names})", among=among, names=names)
        counts = self.as_json
        return Sentence(
            "{among}: {values} values of {officers} officers are suppressed ({names})",
            among=among,
            values=counts["suppressed_values"],
            officers=counts["suppressed_officers"],
            names=names,
        )


def combinations(source: Source) -> Combinations:
    """The combinations of the selected officers, suppressed if the selection has a `k`. Raises UsageError if a programme has fewer
    officers than that."""
    wanted, found = source.selection.k, _told(source)
    names = (*PLAIN, *sorted({name for _, told in found.values() for name in told}.difference(PLAIN)))
    people: dict[str, dict[str, Combination]] = {}
    for study_id, (programme, told) in sorted(found.items()):
        people.setdefault(programme, {})[study_id] = tuple(map(told.get, names))
    suppressed = None
    if wanted is not None:
        suppressed = {
            study_id: frozenset(names[place] for place in places)
            for programme, those in people.items()
            for study_id, places in zip(those, _blanks(programme, list(those.values()), wanted, names), strict=True)
            if places
        }
    k = wanted or K
    rare = sum(local_suppression.rare(those.values(), k) for those in people.values())
    return Combinations(names, k, len(found), rare, suppressed)


def _blanks(programme: str, people: Sequence[Combination], k: int, names: Sequence[str]) -> list[frozenset[int]]:
    if len(people) < k:
        raise UsageError(
            Sentence(
                "k is {k}, and {programme} has {officers} here: nothing hides them; choose a smaller k, or another programme or cohort",
                k=k,
                programme=programme,
                officers=officers_of(len(people)),
            ),
            "few_officers",
            programme=programme,
            officers=len(people),
        )
    return local_suppression.blanks(people, k, last=[names.index(name) for name in LAST])


def _told(source: Source) -> dict[str, tuple[str, Told]]:
    """By study id the programme and the attributes, without those that the officer does not have."""
    names, contact = officers.names(source), CONTACT.c
    columns = (contact.study_id, COHORT.c.programme, COHORT.c.code, contact.language, ZONE, contact.shift)
    query = (
        select(*columns, contact.attributes, COHORT.c.dates, contact.dates.label("own"))
        .select_from(CONTACT_WITH_COHORT)
        .where(*officer_conditions(source.selection))
    )
    found: dict[str, tuple[str, Told]] = {}
    for study_id, programme, cohort, language, zone, shift, *facts in _all(source, query):
        told = {names[fact]: value for fact, value in officers.facts(facts).items()}
        found[study_id] = programme, {"cohort": cohort, "language": language, "timezone": zone, **told}
        _add(found, study_id, "shift", _hours(shift, zone))
    _add_shifts(source, found)
    _add_assignments(source, found)
    return found


def _add_shifts(source: Source, found: Mapping[str, tuple[str, Told]]) -> None:
    """Shifts as they were when a conversation began: `self_reports` has them."""
    query = select(CONTACT.c.study_id, SESSION.c.shift, ZONE).select_from(with_officer(SESSION)).distinct()
    for study_id, shift, zone in _all(
        source, query.where(*officer_conditions(source.selection), SESSION.c.shift.is_not(None))
    ):
        _add(found, study_id, "shift", _hours(shift, zone))


def _add_assignments(source: Source, found: Mapping[str, tuple[str, Told]]) -> None:
    given = ASSIGNMENT.c
    query = (
        select(CONTACT.c.study_id, given.campaign, given.stratum, given.cluster, RANDOMISATION.c.scope)
        .select_from(with_officer(ASSIGNMENT).outerjoin(RANDOMISATION, RANDOMISATION.c.id == given.randomisation_id))
        .where(*officer_conditions(source.selection))
    )
    for study_id, campaign, *values in _all(source, query):
        for name, value in zip(("stratum", "cluster", "scope"), values, strict=True):
            _add(found, study_id, name, None if value is None else f"{campaign} {value}")


def _hours(shift: str | None, zone: str) -> str | None:
    return None if shift is None else Shift.from_json(shift, zone).hours


def _add(found: Mapping[str, tuple[str, Told]], study_id: str, name: str, value: str | None) -> None:
    if value is not None:
        told = found[study_id][1]
        told[name] = told.get(name, frozenset()) | {value}


def _all(source: Source, query: Any) -> Iterator[Any]:  # noqa: ANN401 - a select
    return (row for batch in source.read(query) for row in batch)

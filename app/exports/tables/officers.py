"""The table `officers`: one row for each officer, by study id. What the roster told of them for strata stands in columns `attr_…`,
the anchors of campaigns in `date_…`; a name or a number in none."""

import json
from collections.abc import Container, Iterator
from itertools import chain, count
from typing import Any

from sqlalchemy import Integer, Select, case, cast, func, select

from app.exports.columns import OFFICERS, Column, Kind
from app.exports.selection import officer_conditions
from app.exports.source import WHO, ZONE, Batch, Row, Source, utc
from app.flows.language.nearby import slug
from app.store.dialect import bytewise
from app.store.tables import COHORT, CONSENT, CONTACT, CONTACT_WITH_COHORT

_LONGEST_NAME = 32

Fact = tuple[str, str]
"""`attr` or `date`, and what the roster calls it."""


def columns(source: Source) -> tuple[Column, ...]:
    """The fixed columns, and one for each attribute and anchor that any officer has."""
    roster = _Codes(source)
    return (*OFFICERS, *(_column(name, fact, roster) for fact, name in names(source).items()))


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table, in the order of its key."""
    wanted, roster = list(names(source)), _Codes(source)
    for batch in source.table(_query(source), OFFICERS + _RAW):
        for row in batch:
            programme, known = row[_PROGRAMME], facts(row[-3:])
            row[-3:] = [roster.cell(programme, fact, known.get(fact)) for fact in wanted]
        yield batch


_PROGRAMME = [column.name for column in OFFICERS].index("programme")
_RAW = (Column("attributes", "JSON"), Column("shared", "JSON"), Column("dates", "JSON"))


def _query(source: Source) -> Select[Any]:
    contact = CONTACT.c
    latest = select(CONSENT.c.contact_id, func.max(CONSENT.c.id).label("id")).group_by(CONSENT.c.contact_id).subquery()
    return (
        select(
            *WHO,
            contact.language,
            contact.timezone,
            contact.channel,
            contact.status,
            case((contact.consented_at.is_not(None), 1), else_=0),
            CONSENT.c.version,
            utc(contact.consented_at),
            utc(contact.opted_out_at),
            utc(contact.paused_until),
            cast(contact.held_at.is_not(None), Integer),
            cast(contact.shift.is_not(None), Integer),
            utc(contact.created_at),
            utc(contact.created_at),
            contact.attributes,
            COHORT.c.dates,
            contact.dates,
            ZONE,
        )
        .select_from(
            CONTACT_WITH_COHORT.outerjoin(latest, latest.c.contact_id == contact.id).outerjoin(
                CONSENT, CONSENT.c.id == latest.c.id
            )
        )
        .where(*officer_conditions(source.selection))
        .order_by(bytewise(contact.study_id))
    )


def names(source: Source) -> dict[Fact, str]:
    """The columns of all that the roster gave, `attr_…` before `date_…`. No two have one name, however alike the roster's are."""
    found: set[Fact] = set()
    query = (
        select(CONTACT.c.attributes, COHORT.c.dates, CONTACT.c.dates)
        .select_from(CONTACT_WITH_COHORT)
        .where(*officer_conditions(source.selection))
        .distinct()
    )
    for batch in source.read(query):
        for row in batch:
            found.update(facts(row))
    named: dict[str, Fact] = {}
    for fact in sorted(found):
        named[free_name("_".join((fact[0], slug(fact[1]))), named)] = fact
    return {fact: name for name, fact in sorted(named.items())}


def free_name(name: str, taken: Container[str]) -> str:
    """A name as Stata can have it, with a number at its end if it is taken."""
    tries = chain([name[:_LONGEST_NAME]], (f"{name[: _LONGEST_NAME - 3]}_{number}" for number in range(2, 100)))
    return next(one for one in tries if one not in taken)


def facts(raw: Row) -> dict[Fact, Any]:
    """An officer's facts, of the JSON of attributes, of the cohort's dates, and of the officer's own."""
    attributes, shared, dates = map(json.loads, raw)
    return {
        **{("attr", name): None if value is None else str(value) for name, value in attributes.items()},
        **{("date", name): value for name, value in {**shared, **dates}.items()},
    }


class _Codes:
    """The labels and the numbers that programmes declare for what the roster tells. A value that none declares, of an officer who was
    enrolled before, has a number after the highest, in the order of the alphabet."""

    def __init__(self, source: Source) -> None:
        self.labels: dict[str, str] = {}
        self._declared: dict[str, dict[tuple[str, str], int]] = {}
        for programme in source.definitions.all_current(source.selection.programme):
            for name, field in programme.fields.items():
                if field.label is not None:
                    self.labels[name] = field.label
                if field.codes:
                    codes = {(programme.programme, value): number for value, number in field.codes.items()}
                    self._declared.setdefault(name, {}).update(codes)
        self._others = self._undeclared(source) if self._declared else {}

    def _undeclared(self, source: Source) -> dict[str, dict[str, int]]:
        query = (
            select(COHORT.c.programme, CONTACT.c.attributes)
            .select_from(CONTACT_WITH_COHORT)
            .where(*officer_conditions(source.selection))
            .distinct()
        )
        found: dict[str, set[str]] = {name: set() for name in self._declared}
        for batch in source.read(query):
            for programme, told in batch:
                for name, value in json.loads(told).items():
                    if value is not None and name in found and (programme, str(value)) not in self._declared[name]:
                        found[name].add(str(value))
        highest = {name: max(numbers.values()) for name, numbers in self._declared.items()}
        return {name: dict(zip(sorted(those), count(highest[name] + 1))) for name, those in found.items()}

    def values(self, name: str) -> dict[int, str]:
        """The labels of the numbers of an attribute; empty if no programme gives it any."""
        found: dict[int, dict[str, None]] = {}
        for (_, value), number in sorted(self._declared.get(name, {}).items()):
            found.setdefault(number, {})[value] = None
        others = {number: value for value, number in self._others.get(name, {}).items()}
        return {**{number: " / ".join(values) for number, values in sorted(found.items())}, **others}

    def cell(self, programme: str, fact: Fact, value: Any) -> Any:  # noqa: ANN401 - text or number
        """A fact as it is exported."""
        prefix, name = fact
        if prefix == "date" or value is None or name not in self._declared:
            return value
        number = self._declared[name].get((programme, value))
        return self._others[name][value] if number is None else number


def _column(name: str, fact: Fact, roster: _Codes) -> Column:
    prefix, told = fact
    if prefix == "date":
        return Column(name, f"Anchor of campaigns: {told}"[:80], Kind.date, attribute=name)
    label, values = roster.labels.get(told, f"From the roster: {told}"[:80]), roster.values(told)
    return Column(name, label, Kind.number if values else Kind.text, values, attribute=name)

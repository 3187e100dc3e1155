"""The table `officers`: one row for each officer, by study id. What the roster told of them for strata stands in columns `attr_…`,
the anchors of campaigns in `date_…`; a name or a number in none."""

import json
from collections.abc import Container, Iterator
from itertools import chain
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
    return (*OFFICERS, *(_column(name, fact) for fact, name in names(source).items()))


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table, in the order of its key."""
    wanted = list(names(source))
    for batch in source.table(_query(source), OFFICERS + _RAW):
        yield [[*row[:-3], *map(facts(row[-3:]).get, wanted)] for row in batch]


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


def _column(name: str, fact: Fact) -> Column:
    prefix, told = fact
    label = f"{'From the roster' if prefix == 'attr' else 'Anchor of campaigns'}: {told}"[:80]
    return Column(name, label, Kind.text, attribute=name)

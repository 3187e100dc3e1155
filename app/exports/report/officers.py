"""Officers as a group: status counts, and the balance of the arms in the roster. Attributes are read officer by officer; only counts and
moments leave this module."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from app.exports.report.sample import Sample
from app.exports.statistics import balance
from app.exports.statistics.balance import Moments
from app.exports.statistics.proportions import Test, independence
from app.exports.statistics.suppression import Part, Share
from app.store.tables import CONSENT, CONTACT, ContactStatus

MOST_LEVELS = 12
"""A non-numeric attribute with more values than this is not compared."""

STATUSES = ("taking_part", "not_answered", "declined", "opted_out", "blocked")


def standing(sample: Sample) -> ColumnElement[str]:
    """An officer's current status. The query must contain the table contact."""
    latest = (
        select(func.max(CONSENT.c.id)).where(CONSENT.c.contact_id.in_(sample.officers())).group_by(CONSENT.c.contact_id)
    )
    declined = select(CONSENT.c.contact_id).where(CONSENT.c.id.in_(latest), CONSENT.c.granted.is_(False))
    return case(
        (CONTACT.c.status == ContactStatus.opted_out, "opted_out"),
        (CONTACT.c.status == ContactStatus.blocked, "blocked"),
        (CONTACT.c.id.in_(declined), "declined"),
        (CONTACT.c.consented_at.is_(None), "not_answered"),
        else_="taking_part",
    )


def status_counts(tx: Connection, sample: Sample) -> dict[str | None, dict[str, Part]]:
    """Officers by their current status, all ("") and by arm; if there are arms, None has the officers without one. Each officer has one
    status; a withdrawn consent counts as declined."""
    arms = sample.arms()
    each = (
        select(standing(sample).label("standing"), arms.c.arm)
        .select_from(CONTACT.outerjoin(arms, arms.c.contact_id == CONTACT.c.id))
        .where(CONTACT.c.id.in_(sample.officers()))
        .subquery()
    )
    found: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for name, arm, count in tx.execute(
        select(each.c.standing, each.c.arm, func.count()).group_by(each.c.standing, each.c.arm)
    ):
        for group in ("", arm):
            found[group][name] += count
    if found.keys() == {"", None}:
        del found[None]
    return {group: {name: Part(counts[name], counts[name]) for name in STATUSES} for group, counts in found.items()}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw said of an officer; the stratum and the cluster are empty if there was none."""

    contact_id: int
    arm: str
    stratum: str
    cluster: str


def drawn_by_study_id(tx: Connection, sample: Sample) -> dict[str, Drawn]:
    """The draws of officers, by their study ids."""
    arms = sample.arms()
    query = select(CONTACT.c.study_id, CONTACT.c.id, arms.c.arm, arms.c.stratum, arms.c.cluster)
    return {
        study_id: Drawn(contact, arm, stratum or "", cluster or "")
        for study_id, contact, arm, stratum, cluster in tx.execute(query.join(arms, arms.c.contact_id == CONTACT.c.id))
    }


def opt_outs(parts: dict[str, Part]) -> Share:
    """Opt-outs of all officers."""
    gone = parts["opted_out"].count
    stayed = sum(part.count for part in parts.values()) - gone
    return Share(Part(gone, gone), Part(stayed, stayed), gone + stayed)


@dataclass(frozen=True, slots=True)
class Covariate:
    """One attribute of the roster in the arms: means where it is a number (`levels` is empty), else the count of each level."""

    name: str
    arms: dict[str, Moments]
    levels: dict[str, dict[str, int]] = field(default_factory=dict)
    test: Test | None = None
    normalised_difference: float | None = None


def covariates(tx: Connection, sample: Sample) -> list[Covariate]:
    """The attributes by arm, in the order of their names; none if there are no arms."""
    arms = sample.arms()
    rows = tx.execute(select(arms.c.arm, CONTACT.c.attributes).join(CONTACT, CONTACT.c.id == arms.c.contact_id))
    values: defaultdict[str, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for arm, attributes in rows:
        for name, value in json.loads(attributes).items():
            values[name][arm].append(value)
    found = (_covariate(name, dict(sorted(arms.items()))) for name, arms in sorted(values.items()))
    return [covariate for covariate in found if covariate is not None]


def places(tx: Connection, sample: Sample) -> dict[tuple[str, str], Counter[str]]:
    """Officers by arm of each value of an attribute, if there are arms; without attributes of numbers, and those that nearly everybody
    has a value of their own of."""
    arms = sample.arms()
    rows = tx.execute(select(arms.c.arm, CONTACT.c.attributes).join(CONTACT, CONTACT.c.id == arms.c.contact_id))
    found: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for arm, attributes in rows:
        for name, value in json.loads(attributes).items():
            if value is not None:
                found[name][str(value)][arm] += 1
    return {
        (name, value): counts
        for name, values in found.items()
        if 1 < len(values) <= sum(counts.total() for counts in values.values()) / 2
        and not all(_number(value) is not None for value in values)
        for value, counts in values.items()
    }


def _covariate(name: str, arms: dict[str, list[Any]]) -> Covariate | None:
    seen = {str(value) for values in arms.values() for value in values}
    numbers = {
        arm: [number for value in values if (number := _number(value)) is not None] for arm, values in arms.items()
    }
    if len(seen) > 2 and all(len(numbers[arm]) == len(values) for arm, values in arms.items()):
        moments = {arm: Moments.of(values) for arm, values in numbers.items()}
        return Covariate(name, moments, {}, balance.analysis_of_variance(moments), _largest_difference(moments))
    if len(seen) > MOST_LEVELS:
        return None
    levels = {
        level: {arm: sum(str(value) == level for value in values) for arm, values in arms.items()}
        for level in sorted(seen)
    }
    shares = [{arm: Moments.of_share(counts[arm], len(arms[arm])) for arm in arms} for counts in levels.values()]
    normalised_difference = [distance for share in shares if (distance := _largest_difference(share)) is not None]
    table = [[counts[arm] for counts in levels.values()] for arm in arms]
    return Covariate(
        name,
        {arm: Moments(len(values), 0.0, 0.0) for arm, values in arms.items()},
        levels,
        independence(table),
        max(normalised_difference, default=None),
    )


def _largest_difference(arms: dict[str, Moments]) -> float | None:
    """The largest normalised difference between two arms."""
    pairs = [
        abs(distance)
        for one in arms.values()
        for other in arms.values()
        if one.n and other.n and (distance := balance.normalised_difference(one, other)) is not None
    ]
    return max(pairs, default=None)


def _number(value: object) -> float | None:
    """The value as a number, even if the roster had it as text."""
    if isinstance(value, bool):
        return None
    try:
        return float(str(value))
    except ValueError:
        return None

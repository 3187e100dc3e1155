"""Changes of a whole cohort: the dates from which its campaigns count, and its zone. Officers with a date or a zone of their own keep
it; the nudges of the others are planned anew, and flows that have started continue."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.language.nearby import did_you_mean
from app.roster.cells import as_zone
from app.roster.dates import as_date
from app.store import audit, cohorts, contacts, nudges
from app.store.cohorts import Group
from app.wording import Sentence

FARTHEST = timedelta(days=731)
"""From today. A date beyond it is a mistyped year."""


@dataclass(frozen=True, slots=True)
class CohortChange:
    """A cohort after a change. `officers`: the number whose plan is made anew; `own`: of those with a value of their own; `begun`:
    of flows started by the earlier date."""

    cohort: Group
    officers: int
    own: int
    begun: int = 0


def anchors(programme: Programme) -> list[str]:
    """The dates from which campaigns of a programme count, by name."""
    return sorted({campaign.anchor for campaign in programme.campaigns.values()} | {"workshop_date"})


def dates(texts: Mapping[str, str], programme: Programme, today: date) -> dict[str, str | None]:
    """Dates as people write them, by the name of the anchor, in ISO form; None for a date to remove. Raises UsageError."""
    own = anchors(programme)
    found: dict[str, str | None] = {}
    for name, text in texts.items():
        if name not in own:
            near = did_you_mean(name, own)
            raise UsageError(
                Sentence(
                    "no campaign of {programme} counts from {name!r}. {near} There is: {names}",
                    programme=programme.programme,
                    name=name,
                    near=near,
                    names=", ".join(own),
                ),
                "bad_date",
                name=name,
            )
        try:
            found[name] = as_date(text) if text else None
        except ValueError as error:
            raise UsageError(
                Sentence("{name}: {fault}", name=name, fault=error.args[0]), "bad_date", name=name
            ) from None
        if text and abs(date.fromisoformat(found[name] or "") - today) > FARTHEST:
            raise UsageError(
                Sentence("{name}: is more than two years away: is the year right?", name=name), "bad_date", name=name
            )
    return found


def set_dates(
    tx: Connection, code: str, wanted: Mapping[str, str | None], programme: Programme, now: datetime, actor: str
) -> CohortChange:
    """Set dates of a cohort, or remove them. Raises UsageError if there is no such cohort."""
    group = cohorts.find(tx, code)
    if group.programme != programme.programme:
        raise UsageError(
            Sentence("the cohort {code} belongs to the programme {programme}", code=code, programme=group.programme),
            "no_cohort",
        )
    new = {name: value for name, value in {**group.dates, **wanted}.items() if value is not None}
    changed = {name for name in wanted if group.dates.get(name) != new.get(name)}
    members = cohorts.members(tx, group.id)
    touched = [member.id for member in members if not changed <= member.dates.keys()]
    if changed:
        begun = cohorts.started_flows(
            tx, touched, [name for name, one in programme.campaigns.items() if one.anchor in changed]
        )
        cohorts.change(tx, group.id, dates=json.dumps(new, sort_keys=True))
        _anew(tx, touched)
        audit.record(
            tx, now, actor, "cohort date", f"cohort:{group.id}", {name: new.get(name) for name in sorted(changed)}
        )
        return CohortChange(cohorts.find(tx, code), len(touched), len(members) - len(touched), begun)
    return CohortChange(group, 0, 0)


def set_zone(tx: Connection, code: str, text: str, now: datetime, actor: str) -> CohortChange:
    """Set the zone of a cohort, and of its officers who had the same. Raises UsageError."""
    try:
        zone = as_zone(text)
    except ValueError as error:
        raise UsageError(Sentence("{value!r} {fault}", value=text, fault=error.args[0]), "bad_zone") from None
    group = cohorts.find(tx, code)
    if zone == group.timezone:
        return CohortChange(group, 0, 0)
    members = cohorts.members(tx, group.id)
    touched = [member.id for member in members if member.timezone == group.timezone]
    contacts.lock(tx, touched)
    cohorts.change(tx, group.id, timezone=zone)
    cohorts.change_zone(tx, group.id, group.timezone, zone)
    nudges.lay_out_anew(tx, touched)
    audit.record(tx, now, actor, "cohort zone", f"cohort:{group.id}", {"from": group.timezone, "to": zone})
    return CohortChange(cohorts.find(tx, code), len(touched), len(members) - len(touched))


def _anew(tx: Connection, officers: list[int]) -> None:
    contacts.lock(tx, officers)
    nudges.lay_out_anew(tx, officers)

"""The roster of enrolled officers as a sheet that `trato roster import` reads back without a change. It has names and numbers, and no study
id: this file alone does not connect a name with answers."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.flows.language.definition import Programme
from app.flows.shifts import Shift
from app.roster import cells, identities, paper, people, rows
from app.roster.enrolment import AT_ONCE
from app.store import consents, enrolment
from app.store.bulk import portions
from app.store.consents import Decision
from app.store.damaged_rows import sound_part
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT
from app.store.vault import Vault

MOST_IN_XLSX = 20_000
"""Officers of a workbook; a CSV file has as many as there are."""

_FIXED = ("name", "phone", "channel", "cohort", "timezone", "language")
_LAST = (*rows.SHIFT, "consent", *rows.PAPER)


def contacts(tx: Connection, programme: str, cohort: str | None) -> list[int]:
    """The officers of a programme, or of one cohort of it, who have not been erased."""
    wanted = [COHORT.c.programme == programme, CONTACT.c.erased_at.is_(None)]
    if cohort:
        wanted.append(COHORT.c.code == cohort)
    found = select(CONTACT.c.id).select_from(CONTACT_WITH_COHORT).where(*wanted)
    return list(tx.execute(found.order_by(COHORT.c.code, CONTACT.c.id)).scalars())


def headers(programme: Programme) -> list[str]:
    """The headers, as the import knows them."""
    names = rows.column_names(programme)
    return [names.names[name][0] for name in _FIXED] + [*names.more] + [names.names[name][0] for name in _LAST]


def cells_of(tx: Connection, vault: Vault, programme: Programme, ids: Sequence[int]) -> Iterator[list[str]]:
    """A row for each of these officers who has a number in use and a name, as far as these can be opened."""
    more = rows.column_names(programme).more
    for part in portions(ids, AT_ONCE):
        profiles, codes = enrolment.profiles(tx, part), enrolment.cohort_codes(tx, part)
        numbers, decisions = people.numbers_of(tx, vault, part), consents.latest(tx, part)
        sealed = enrolment.identities(tx, part)
        named = {contact: identities.opened(vault, contact, one) for contact, one in sealed.items()}
        for contact in part:
            name = named.get(contact, {}).get(identities.NAME)
            if not name or contact not in numbers:
                continue
            profile = profiles[contact]
            own = {
                **sound_part("attributes", profile.attributes),
                **sound_part("dates", profile.dates),
                **named[contact],
            }
            yield [
                name,
                numbers[contact][0],
                profile.channel,
                codes[contact],
                profile.timezone,
                profile.language,
                *(str(own.get(column, "")) for column in more),
                *_shift(profile.shift, profile.timezone),
                *_consent(decisions.get(contact), profile.timezone),
            ]


def _shift(stored: str | None, zone: str) -> tuple[str, str]:
    try:
        shift = Shift.from_json(stored or "", zone)
    except (ValueError, KeyError, TypeError):
        return "", ""
    return shift.hours, f"{shift.anchor:%Y-%m-%d %H:%M}"


def _consent(decision: Decision | None, zone: str) -> tuple[str, str, str]:
    """A consent on paper, if its cells say the same again: the import takes a date for noon of the officer's zone."""
    if decision is None or not decision.granted or not decision.is_paper:
        return "", "", ""
    day = f"{decision.at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
    if cells.noon(day, zone) != decision.at:
        return "", "", ""
    return day, "" if decision.version == paper.UNNAMED else decision.version, decision.proof or ""

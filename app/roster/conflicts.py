"""Conflicts of a roster with the officers who are enrolled already, each with its row and column. Stores nothing."""

from collections.abc import Collection, Iterator, Mapping
from operator import itemgetter

from rapidfuzz import fuzz
from sqlalchemy import Connection

from app.flows.language.definition import Programme
from app.roster.enrolment import AT_ONCE, enrolled_contacts, stored_names
from app.roster.rows import Roster
from app.sheets.columns import folded
from app.sheets.faults import Fault
from app.sheets.spellings import key
from app.store import addresses, enrolment, suppression
from app.store.bulk import portions
from app.store.vault import Vault
from app.wording import Sentence


def conflicts(
    tx: Connection, vault: Vault, programme: Programme, roster: Roster, *, rename: bool = False, naming: bool = False
) -> list[Fault]:
    """Conflicts of the roster with enrolled officers: cohorts and officers of other programmes, numbers of officers with quite
    another name. `rename`: these are the same people with a new name. `naming`: faults name study ids and other programmes, for the command
    line; without it no fault connects a name with a study id."""
    known = enrolment.cohort_programmes(tx)
    programmes = {code: known[code] for code in {entry.cohort for entry in roster.entries} & known.keys()}
    enrolled = enrolled_contacts(tx, vault, roster.entries)
    others = enrolment.programmes(tx, list(enrolled.values()))
    faults = []
    for entry in roster.entries:
        if programmes.get(entry.cohort, programme.programme) != programme.programme:
            text = Sentence("this cohort belongs to the programme {programme}", programme=programmes[entry.cohort])
            faults.append(Fault(entry.row, roster.columns.get("cohort", ""), text))
        elif (other := others.get(enrolled.get(entry.number, -1), programme.programme)) != programme.programme:
            faults.append(
                Fault(
                    entry.row,
                    roster.columns.get("phone", ""),
                    Sentence("this number takes part in the programme {other}", other=other)
                    if naming
                    else Sentence("this number takes part in another programme"),
                )
            )
    faults += _spelled_otherwise(roster, known)
    faults += _erased(tx, roster, naming=naming)
    if not rename:
        own = {number: contact for number, contact in enrolled.items() if others.get(contact) == programme.programme}
        faults += _renamed(tx, vault, roster, own, naming=naming)
    return sorted([*faults, *_replaced(tx, vault, roster, enrolled, naming=naming)])


def _erased(tx: Connection, roster: Roster, *, naming: bool) -> Iterator[Fault]:
    """Numbers of people who were erased: they are not brought back by a roster."""
    erased = suppression.among(tx, {entry.number for entry in roster.entries})
    for entry in roster.entries:
        if entry.number in erased:
            yield Fault(entry.row, roster.columns.get("phone", ""), suppression.REFUSAL if naming else _ERASED)


_ERASED = Sentence(
    "this number is of somebody who was erased: leave it out, or, if it is another person's by now, ask whoever administers Trato"
)


def spelling_warnings(tx: Connection, programme: Programme, roster: Roster) -> Iterator[Fault]:
    """Warnings of attribute values that officers of the programme have in another spelling. To be read before the roster is stored."""
    names = {name for entry in roster.entries for name in entry.attributes}
    stored = enrolment.attribute_values(tx, programme.programme, names) if names else {}
    for name in sorted(names):
        first = {
            str(entry.attributes[name]): entry.row for entry in reversed(roster.entries) if name in entry.attributes
        }
        known = {key(value): value for value in stored.get(name, ())}
        for value, row in sorted(first.items(), key=itemgetter(1)):
            other = known.get(key(value))
            if other is not None and value not in stored[name]:
                text = Sentence(
                    "{value!r} may be {other!r}, which officers of the programme have: write it so",
                    value=value,
                    other=other,
                )
                yield Fault(row, roster.columns[name], text)


def _spelled_otherwise(roster: Roster, known: Collection[str]) -> Iterator[Fault]:
    """New cohorts that are probably one that exists."""
    first = {entry.cohort: entry.row for entry in reversed(roster.entries) if entry.cohort not in known}
    existing = {key(code): code for code in known}
    for code, row in first.items():
        if (other := existing.get(key(code))) is not None:
            text = Sentence(
                "{code!r} is probably the cohort {other!r}, which exists: write it so", code=code, other=other
            )
            yield Fault(row, roster.columns.get("cohort", ""), text)


def _renamed(
    tx: Connection, vault: Vault, roster: Roster, enrolled: Mapping[str, int], *, naming: bool
) -> Iterator[Fault]:
    """Numbers that now belong to somebody else, or are mistyped: the answers of one officer must not become another's."""
    for part in portions([entry for entry in roster.entries if entry.number in enrolled], AT_ONCE):
        names = stored_names(tx, vault, [enrolled[entry.number] for entry in part])
        others = [entry for entry in part if not _alike(names.get(enrolled[entry.number], ""), entry.name)]
        ids = addresses.study_ids(tx, [enrolled[entry.number] for entry in others]) if naming else {}
        for entry in others:
            text = (
                Sentence(
                    "this number is officer {officer}'s, who has another name: correct the number, or, if it is the same person, give --rename",
                    officer=ids[enrolled[entry.number]],
                )
                if naming
                else Sentence(
                    "this number is an officer's who has another name: correct the number, or, if it is the same person, say so among the options"
                )
            )
            yield Fault(entry.row, roster.columns.get("phone", ""), text)


_ALIKE = 75


def _alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: they share a word, or are nearly the same. A lost name may be anybody's."""
    first, second = folded(one), folded(other)
    shared = {word for word in first.split() if len(word) > 2} & set(second.split())
    return not first or bool(shared - _PARTICLES) or fuzz.ratio(first, second) >= _ALIKE


_PARTICLES = frozenset({"del", "las", "los", "san", "maria", "jose"})
"""Words that many names have."""


def _replaced(
    tx: Connection, vault: Vault, roster: Roster, enrolled: Mapping[str, int], *, naming: bool
) -> Iterator[Fault]:
    """Officers whom the roster has with a number that they gave up. Somebody with another name may have it by now."""
    for part in portions([entry for entry in roster.entries if entry.number not in enrolled], AT_ONCE):
        by_lookup = {lookup: entry for entry in part for lookup in vault.lookups(entry.number)}
        former = addresses.former_owners(tx, list(by_lookup))
        names = stored_names(tx, vault, {contact for owners in former.values() for contact in owners})
        ids = addresses.study_ids(tx, names) if naming else {}
        for lookup, owners in former.items():
            entry = by_lookup[lookup]
            for contact in owners:
                if folded(names.get(contact, "")) == folded(entry.name):
                    text = (
                        Sentence(
                            "officer {officer} has another number now: write that one, or leave the row out",
                            officer=ids[contact],
                        )
                        if naming
                        else Sentence("this officer has another number now: write that one, or leave the row out")
                    )
                    yield Fault(entry.row, roster.columns.get("phone", ""), text)

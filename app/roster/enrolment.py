"""Enrols a roster without mistakes in one transaction: names and numbers are sealed, study ids are random, and an officer who is
enrolled already, found by the keyed hash of the number, gets the roster's values; a value that the roster does not have stays.
Statements are for many officers at a time, except for changed officers."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from rapidfuzz import fuzz
from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.conversations.library import Library
from app.conversations.sessions import Turn
from app.flows.language.definition import Programme
from app.roster import numbers
from app.roster.rows import Entry, Roster
from app.sheets.columns import folded
from app.sheets.faults import Fault
from app.store import addresses, audit, contacts, conversations, enrolment, nudges, strangers
from app.store.bulk import portions
from app.store.conversations import Changes
from app.store.enrolment import Profile, StoredCohort
from app.store.vault import Vault

ROSTER_CONSENT = "roster"
"""The version of consent given on paper."""
PAPER = "Consentimiento dado fuera de Trato, según el padrón."
AT_ONCE = 1_000

T = TypeVar("T")
NewId = Callable[[], str]
Values = dict[str, Any]


@dataclass(slots=True)
class RosterImport:
    """Counts of an import, or of its dry run. `undated`: officers without a date, of their own or of their cohort, from which the
    campaign counts: only consent can be planned for them."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    undated: int = 0
    cohorts: list[str] = field(default_factory=list)


def conflicts(tx: Connection, vault: Vault, programme: Programme, read: Roster, *, rename: bool = False) -> list[Fault]:
    """Conflicts of the roster with enrolled officers: cohorts and officers of other programmes, numbers of officers with quite
    another name. `rename`: these are the same people with a new name."""
    programmes = {code: group.programme for code, group in _cohorts(tx, read.entries).items()}
    known = _known(tx, vault, read.entries)
    enrolled = enrolment.programmes(tx, list(known.values()))
    faults = []
    for entry in read.entries:
        if programmes.get(entry.cohort, programme.programme) != programme.programme:
            text = f"this cohort belongs to the programme {programmes[entry.cohort]}"
            faults.append(Fault(entry.row, read.columns.get("cohort", ""), text))
        elif (other := enrolled.get(known.get(entry.number, -1), programme.programme)) != programme.programme:
            faults.append(
                Fault(entry.row, read.columns.get("phone", ""), f"this number takes part in the programme {other}")
            )
    if not rename:
        faults += _of_another_name(tx, vault, read, known)
    return sorted([*faults, *_replaced(tx, vault, read, known)])


def _of_another_name(tx: Connection, vault: Vault, read: Roster, known: Mapping[str, int]) -> Iterator[Fault]:
    """Numbers that now belong to somebody else, or are mistyped: the answers of one officer must not become another's."""
    for part in portions([entry for entry in read.entries if entry.number in known], AT_ONCE):
        names = _names(tx, vault, [known[entry.number] for entry in part])
        others = [entry for entry in part if not _alike(names.get(known[entry.number], ""), entry.name)]
        ids = addresses.study_ids(tx, [known[entry.number] for entry in others])
        for entry in others:
            text = f"this number is officer {ids[known[entry.number]]}'s, who has another name: correct the number, or, if it is the same person, give --rename"
            yield Fault(entry.row, read.columns.get("phone", ""), text)


_ALIKE = 75


def _alike(one: str, other: str) -> bool:
    """Whether two names may be one person's: they share a word, or are nearly the same. A lost name may be anybody's."""
    first, second = folded(one), folded(other)
    shared = {word for word in first.split() if len(word) > 2} & set(second.split())
    return not first or bool(shared - _PARTICLES) or fuzz.ratio(first, second) >= _ALIKE


_PARTICLES = frozenset({"del", "las", "los", "san", "maria", "jose"})
"""Words that many names have."""


def _replaced(tx: Connection, vault: Vault, read: Roster, known: Mapping[str, int]) -> Iterator[Fault]:
    """Officers whom the roster still has with a number that they gave up. Somebody of another name may have it by now."""
    for part in portions([entry for entry in read.entries if entry.number not in known], AT_ONCE):
        by_lookup = {vault.lookup(entry.number): entry for entry in part}
        once = addresses.former_owners(tx, list(by_lookup))
        names = _names(tx, vault, {contact for those in once.values() for contact in those})
        ids = addresses.study_ids(tx, names)
        for lookup, those in once.items():
            entry = by_lookup[lookup]
            for contact in those:
                if folded(names.get(contact, "")) == folded(entry.name):
                    text = f"officer {ids[contact]} has another number now: write that one, or leave the row out"
                    yield Fault(entry.row, read.columns.get("phone", ""), text)


def _names(tx: Connection, vault: Vault, wanted: Collection[int]) -> dict[int, str]:
    sealed = enrolment.identities(tx, wanted)
    return {
        contact: json.loads(vault.open(one, f"identity:{contact}")).get("nombre", "") for contact, one in sealed.items()
    }


def take_over(
    tx: Connection,
    vault: Vault,
    programme: Programme,
    entries: Sequence[Entry],
    campaign: str | None,
    new_id: NewId,
    now: datetime,
    actor: str = "roster",
) -> RosterImport:
    """Add the officers of a checked roster, or bring them up to date. `new_id` gives random study ids. One whose number
    belongs to somebody already keeps their study id, answers and choices; one who follows the campaign goes on with it."""
    done = RosterImport()
    cohorts = _cohorts_made(tx, programme, entries, done, now)
    known = _known(tx, vault, entries)
    there = [(known[entry.number], entry) for entry in entries if entry.number in known]
    changed = _bring_up_to_date(tx, vault, there, cohorts)
    added = _add(tx, vault, [entry for entry in entries if entry.number not in known], cohorts, new_id, now)
    changed |= _record_consents(tx, [*there, *added])
    done.added = len(added)
    done.updated = sum(contact in changed for contact, _ in there)
    done.unchanged = len(there) - done.updated
    if campaign is not None:
        officers = [contact for contact, _ in (*there, *added)]
        enrolment.follow(tx, officers, campaign, now)
        done.undated = enrolment.count_undated(tx, officers, programme.campaigns[campaign].anchor)
    detail = {"added": done.added, "updated": done.updated, "unchanged": done.unchanged}
    audit.record(tx, now, actor, "roster import", programme.programme, detail)
    return done


def _cohorts(tx: Connection, entries: Sequence[Entry]) -> dict[str, StoredCohort]:
    """The cohorts of a roster that exist, by code."""
    return enrolment.cohorts(tx, {entry.cohort for entry in entries})


def _cohorts_made(
    tx: Connection, programme: Programme, entries: Sequence[Entry], done: RosterImport, now: datetime
) -> dict[str, StoredCohort]:
    """The cohorts of a roster. The zone of a new one is that of its officers, if the roster has one and the same for all."""
    found = _cohorts(tx, entries)
    zones: dict[str, set[str]] = {}
    for entry in entries:
        zones.setdefault(entry.cohort, set()).add(entry.timezone)
    for code in [code for code in zones if code not in found]:
        zone = zones[code].pop() if len(zones[code]) == 1 else programme.timezone
        found[code] = enrolment.add_cohort(tx, code, programme.programme, zone, now)
        done.cohorts.append(code)
    return found


def _known(tx: Connection, vault: Vault, entries: Sequence[Entry]) -> dict[str, int]:
    """The contacts that these numbers belong to already."""
    found: dict[str, int] = {}
    for part in portions(entries, AT_ONCE):
        by_lookup = {vault.lookup(entry.number): entry.number for entry in part}
        found.update({by_lookup[lookup]: contact for lookup, contact in contacts.owners(tx, list(by_lookup)).items()})
    return found


# -- new officers -----------------------------------------------------------------------------------------------------


def _add(
    tx: Connection,
    vault: Vault,
    entries: Sequence[Entry],
    cohorts: Mapping[str, StoredCohort],
    new_id: NewId,
    now: datetime,
) -> list[tuple[int, Entry]]:
    added: list[tuple[int, Entry]] = []
    for part in portions(entries, AT_ONCE):
        by_id = dict(zip(_study_ids(tx, len(part), new_id), part, strict=True))
        rows = [
            {
                "study_id": study_id,
                "cohort_id": cohorts[entry.cohort].id,
                "language": entry.language,
                "timezone": entry.timezone if "timezone" in entry.stated else cohorts[entry.cohort].timezone,
                "channel": entry.channel,
                "status": "active",
                "attributes": _json(entry.attributes),
                "dates": _json(entry.dates),
                "shift": entry.shift.to_json() if entry.shift else None,
                "created_at": now,
            }
            for study_id, entry in by_id.items()
        ]
        made = [(key, by_id[study_id]) for study_id, key in enrolment.add_contacts(tx, rows)]
        enrolment.add_identities(tx, [(key, _sealed(vault, key, entry.name)) for key, entry in made])
        enrolment.add_addresses(
            tx, [_address_row(vault, key, entry, channel, now) for key, entry in made for channel in CHANNELS]
        )
        _recognise(tx, {vault.lookup(entry.number): key for key, entry in made}, now)
        added.extend(made)
    return added


def _recognise(tx: Connection, new: Mapping[str, int], now: datetime) -> None:
    """Some may have written before they were enrolled."""
    turn = Turn(tx, Library(), Changes(), now)
    for lookup in sorted(strangers.among(tx, list(new))):
        numbers.recognise(turn, contacts.officers(tx, [new[lookup]])[new[lookup]], lookup)
    conversations.write(tx, turn.changes)


def _study_ids(tx: Connection, count: int, new_id: NewId) -> list[str]:
    """New ids, none of them given to anybody."""
    ids: dict[str, None] = {}  # in the order of chance, not of the roster or the alphabet
    while len(ids) < count:
        drawn = dict.fromkeys(new_id() for _ in range(count - len(ids)))
        taken = enrolment.taken_study_ids(tx, drawn)
        ids.update(dict.fromkeys(name for name in drawn if name not in taken))
    return list(ids)


def _address_row(vault: Vault, contact: int, entry: Entry, channel: str, now: datetime) -> Values:
    return {
        "contact_id": contact,
        "channel": channel,
        "lookup": vault.lookup(entry.number),
        "sealed": vault.seal(entry.number, f"address:{contact}"),
        "created_at": now,
    }


def _sealed(vault: Vault, contact: int, name: str) -> bytes:
    return vault.seal(_json({"nombre": name}), f"identity:{contact}")


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


# -- officers who are there already -----------------------------------------------------------------------------------


def _bring_up_to_date(
    tx: Connection, vault: Vault, there: Sequence[tuple[int, Entry]], cohorts: Mapping[str, StoredCohort]
) -> set[int]:
    """Gives the contacts that had changed."""
    changed = set()
    contacts.lock(tx, [contact for contact, _ in there])
    for part in portions(there, AT_ONCE):
        ids = [contact for contact, _ in part]
        profiles, sealed = enrolment.profiles(tx, ids), enrolment.identities(tx, ids)
        for contact, entry in part:
            profile = profiles[contact]
            columns = _change_columns(tx, contact, profile, _wanted(entry, cohorts[entry.cohort], profile))
            named = contact in sealed and _rename(tx, vault, contact, sealed[contact], entry.name)
            if columns or named:
                changed.add(contact)
    return changed


def _wanted(entry: Entry, cohort: StoredCohort, profile: Profile) -> Values:
    """The columns as the roster has them: what it does not say, and cells that are empty, change nothing. But who goes to the
    cohort of another zone goes to that zone, unless their own was not their cohort's."""
    said = {name: getattr(entry, name) for name in entry.stated}
    if cohort.id != profile.cohort_id and profile.timezone == profile.cohort_timezone:
        said.setdefault("timezone", cohort.timezone)
    if entry.shift is not None:
        said["shift"] = entry.shift.to_json()
    return {
        **said,
        "cohort_id": cohort.id,
        "attributes": _json({**json.loads(profile.attributes), **entry.attributes}),
        "dates": _json({**json.loads(profile.dates), **entry.dates}),
    }


def _change_columns(tx: Connection, contact: int, profile: Profile, wanted: Values) -> bool:
    changed = {name: value for name, value in wanted.items() if getattr(profile, name) != value}
    if changed:
        contacts.change(tx, contact, **changed)
    if changed.keys() & {"dates", "timezone", "cohort_id", "shift"}:
        nudges.lay_out_anew(tx, [contact])
    return bool(changed)


def _rename(tx: Connection, vault: Vault, contact: int, sealed: bytes, name: str) -> bool:
    if json.loads(vault.open(sealed, f"identity:{contact}")).get("nombre") == name:
        return False
    enrolment.replace_identity(tx, contact, _sealed(vault, contact, name))
    return True


def _record_consents(tx: Connection, officers: Sequence[tuple[int, Entry]]) -> set[int]:
    """Store consent given on paper, once, of officers who have decided nothing yet. Returns these contacts."""
    given = {contact: entry.consented_at for contact, entry in officers if entry.consented_at is not None}
    new = given.keys() - enrolment.decided(tx, given)
    rows = [
        {
            "contact_id": contact,
            "session_id": None,
            "version": ROSTER_CONSENT,
            "granted": True,
            "channel": "paper",
            "text": PAPER,
            "at": at,
        }
        for contact, at in given.items()
        if contact in new
    ]
    enrolment.add_consents(tx, rows)
    return new

"""Enrols a roster without mistakes in one transaction: names and numbers are sealed, study ids are random, and an officer who is
enrolled already, found by the keyed hash of the number, gets the roster's values; a value that the roster does not have stays.
Statements are for many officers at a time, except for changed officers."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.channels.addresses import CHANNELS
from app.conversations.library import Library
from app.conversations.sessions import Turn
from app.errors import UsageError
from app.flows.language.definition import Programme
from app.flows.language.vocabulary import is_zone
from app.roster import identities, numbers, paper, repair
from app.roster.changes import NAME, NUMBER, FieldChange
from app.roster.changes import Changes as RosterChanges
from app.roster.entries import Entry
from app.store import addresses, audit, contacts, conversations, damage, enrolment, keys, lookups, nudges, strangers
from app.store.bulk import portions
from app.store.conversations import Changes
from app.store.damaged_rows import sound_part
from app.store.enrolment import Profile, StoredCohort
from app.store.vault import Vault
from app.wording import Sentence

AT_ONCE = 1_000
"""Rows of a roster that are looked up together."""

NewId = Callable[[], str]
Values = dict[str, Any]


@dataclass(slots=True)
class RosterImport:
    """Counts of an import, or of its dry run, and what changes. `undated`: officers without a date, of their own or of their cohort,
    from which the campaign counts: only consent can be planned for them. `corrected`: officers whose consent on paper has another
    date, version or proof now. `absent`: officers of the same cohorts who are not in the roster. `study_ids` are of the officers
    in `changes`; `enrolled` are the contacts, by row, who were enrolled before, `changed` those of them with a change."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    undated: int = 0
    corrected: int = 0
    absent: int = 0
    cohorts: list[str] = field(default_factory=list)
    changes: RosterChanges = field(default_factory=RosterChanges)
    study_ids: dict[int, str] = field(default_factory=dict)
    enrolled: dict[int, int] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)


def campaign_of(programme: Programme, code: str | None, option: str = "") -> str | None:
    """The campaign that the officers of a roster will follow; None if the programme has none that is open to everybody. `option` is the
    way to choose one. Raises UsageError."""
    campaigns = programme.open_campaigns
    if code is None and len(campaigns) <= 1:
        return next(iter(campaigns), None)
    if code in campaigns:
        return code
    names = ", ".join(campaigns)
    if code is None:
        text = Sentence("choose a campaign{option}: {names}", option=option, names=names)
    elif code in programme.campaigns:
        text = Sentence("{code} belongs to an arm of the study: `trato randomize` assigns it", code=code)
    else:
        text = Sentence(
            "the programme has no campaign {code}; it has: {names}", code=code, names=names or Sentence("none")
        )
    raise UsageError(text, "choose_campaign")


def enrol(
    tx: Connection,
    vault: Vault,
    programme: Programme,
    entries: Sequence[Entry],
    campaign: str | None,
    new_id: NewId,
    now: datetime,
    actor: str = "roster",
    columns: Collection[str] = (),
) -> RosterImport:
    """Add the officers of a checked roster, or update those who are enrolled by their number: they keep study id, answers and
    choices, and continue their campaign. `new_id` makes random study ids; `columns` are the meanings of the roster's columns.
    Raises ConfigurationError if the vault's key is not the database's: then everybody would be enrolled once more."""
    keys.check(tx, vault)
    done = RosterImport(changes=RosterChanges(frozenset(columns)))
    cohorts = _cohorts_made(tx, programme, entries, done, now)
    for some in portions(entries, AT_ONCE):
        lookups.adopt(tx, lookups.moved(vault, [entry.number for entry in some]))
    ids = enrolled_contacts(tx, vault, entries)
    enrolled = [(ids[entry.number], entry) for entry in entries if entry.number in ids]
    changed = _update(tx, vault, enrolled, cohorts, done.changes, now)
    added = _add(tx, vault, [entry for entry in entries if entry.number not in ids], cohorts, new_id, now)
    before = {contact for contact, _ in enrolled}
    papers = paper.record(tx, programme, dict((*enrolled, *added)), before, done.changes, now, actor)
    changed |= papers.given | papers.corrected
    done.corrected = len(papers.corrected)
    done.absent = enrolment.count_members(tx, [cohort.id for cohort in cohorts.values()]) - len(entries)
    done.added = len(added)
    done.enrolled = {entry.row: contact for contact, entry in enrolled}
    done.changed = changed & set(done.enrolled.values())
    done.updated = len(done.changed)
    done.unchanged = len(enrolled) - done.updated
    if campaign is not None:
        officers = [contact for contact, _ in (*enrolled, *added)]
        for part in portions(officers, AT_ONCE):
            enrolment.follow(tx, part, campaign, now)
        done.undated = enrolment.count_undated(tx, officers, programme.campaigns[campaign].anchor)
    for part in portions({change.contact_id for change in done.changes.fields}, AT_ONCE):
        done.study_ids.update(addresses.study_ids(tx, part))
    detail = {
        "added": done.added,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "consents_corrected": done.corrected,
    }
    audit.record(tx, now, actor, "roster import", programme.programme, detail)
    return done


def _cohorts_made(
    tx: Connection, programme: Programme, entries: Sequence[Entry], done: RosterImport, now: datetime
) -> dict[str, StoredCohort]:
    found, new = _cohorts(tx, programme, entries)
    for code, zone in new.items():
        found[code] = enrolment.add_cohort(tx, code, programme.programme, zone, now)
        done.cohorts.append(code)
    return found


def _cohorts(
    tx: Connection, programme: Programme, entries: Sequence[Entry]
) -> tuple[dict[str, StoredCohort], dict[str, str]]:
    """The cohorts of a roster that exist, and the zones of the new ones: that of the officers, if the roster has one and the same for
    all."""
    found = enrolment.cohorts(tx, {entry.cohort for entry in entries})
    zones: dict[str, set[str]] = {}
    for entry in entries:
        zones.setdefault(entry.cohort, set()).add(entry.timezone)
    new = {code: some for code, some in zones.items() if code not in found}
    return found, {code: some.pop() if len(some) == 1 else programme.timezone for code, some in new.items()}


def enrolled_contacts(tx: Connection, vault: Vault, entries: Sequence[Entry]) -> dict[str, int]:
    """The enrolled contacts with these numbers, by number."""
    return contacts.by_number(tx, vault, [entry.number for entry in entries])


def stored_names(tx: Connection, vault: Vault, ids: Collection[int]) -> dict[int, str]:
    """The names of enrolled officers, by contact; empty for one that cannot be opened."""
    sealed = enrolment.identities(tx, ids)
    return {contact: identities.opened(vault, contact, one).get(identities.NAME, "") for contact, one in sealed.items()}


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
        enrolment.add_identities(tx, [(key, identities.sealed(vault, key, _identity(entry))) for key, entry in made])
        enrolment.add_addresses(
            tx, [_address_row(vault, key, entry, channel, now) for key, entry in made for channel in CHANNELS]
        )
        _recognise(tx, {vault.lookup(entry.number): key for key, entry in made}, now)
        added.extend(made)
    return added


def _recognise(tx: Connection, new: Mapping[str, int], now: datetime) -> None:
    """Give new officers the messages that they sent before they were enrolled."""
    turn = Turn(tx, Library(), Changes(), now)
    for lookup in sorted(strangers.among(tx, list(new))):
        numbers.recognise(turn, contacts.officers(tx, [new[lookup]])[new[lookup]], lookup)
    conversations.write(tx, turn.changes)


def _study_ids(tx: Connection, count: int, new_id: NewId) -> list[str]:
    """New ids that nobody has."""
    ids: dict[str, None] = {}  # in random order, not of the roster or the alphabet
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


def _identity(entry: Entry) -> dict[str, str]:
    return {identities.NAME: entry.name, **entry.identity}


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


# -- enrolled officers ----------------------------------------------------------------------------------------------


def _update(
    tx: Connection,
    vault: Vault,
    enrolled: Sequence[tuple[int, Entry]],
    cohorts: Mapping[str, StoredCohort],
    changes: RosterChanges,
    now: datetime,
) -> set[int]:
    """Update enrolled officers and note what changes; returns those with a change. Damaged officers whom this has repaired are on
    hold no longer."""
    changed = set()
    contacts.lock(tx, [contact for contact, _ in enrolled])
    for part in portions(enrolled, AT_ONCE):
        for found in differences(tx, vault, part, cohorts, changes):
            _change_columns(tx, found)
            if found.identity is not None:
                enrolment.replace_identity(tx, found.contact, identities.sealed(vault, found.contact, found.identity))
            for address in found.lost:
                sealed = vault.seal(found.entry.number, f"address:{found.contact}")
                enrolment.replace_address(tx, address, sealed)
            if found.is_changed:
                changed.add(found.contact)
        for contact in damage.damaged(tx).keys() & {contact for contact, _ in part}:
            repair.settle(tx, contact, now)
    return changed


@dataclass(frozen=True, slots=True)
class Difference:
    """An enrolled officer and the roster's row: the stored columns and those of the roster, the identity if it changes, and the addresses whose
    number cannot be opened and is sealed again."""

    contact: int
    entry: Entry
    profile: Profile
    wanted: Values
    identity: dict[str, str] | None
    lost: tuple[int, ...]

    @property
    def columns(self) -> Values:
        """The columns that change."""
        return {name: value for name, value in self.wanted.items() if getattr(self.profile, name) != value}

    @property
    def is_changed(self) -> bool:
        """Whether the import changes anything of the officer but a consent."""
        return self.identity is not None or bool(self.lost) or bool(self.columns)


def differences(
    tx: Connection,
    vault: Vault,
    enrolled: Sequence[tuple[int, Entry]],
    cohorts: Mapping[str, StoredCohort],
    changes: RosterChanges,
) -> Iterator[Difference]:
    """Compare some enrolled officers with the roster, and note what changes. Stores nothing."""
    ids = [contact for contact, _ in enrolled]
    profiles, sealed = enrolment.profiles(tx, ids), enrolment.identities(tx, ids)
    lost, before = _lost(tx, vault, dict(enrolled)), enrolment.cohort_codes(tx, ids)
    for contact, entry in enrolled:
        profile = profiles[contact]
        wanted = _columns(entry, cohorts[entry.cohort], profile)
        changes.of_profile(contact, entry, profile, wanted, before[contact])
        changes.of_empty_cells(entry, profile)
        # Without a sealed identity, it has been deleted for good.
        stored = identities.opened(vault, contact, sealed[contact]) if contact in sealed else None
        new = {} if stored is None else {name: one for name, one in _identity(entry).items() if stored.get(name) != one}
        for name in new:
            changes.fields.append(FieldChange(contact, entry.row, NAME if name == identities.NAME else name))
        own = tuple(lost.get(contact, ()))
        if own:
            changes.fields.append(FieldChange(contact, entry.row, NUMBER))
        identity = {**stored, **new} if stored is not None and new else None
        yield Difference(contact, entry, profile, wanted, identity, own)


def _lost(tx: Connection, vault: Vault, entries: Mapping[int, Entry]) -> dict[int, list[int]]:
    """The addresses with the roster's numbers whose seal cannot be opened, by contact."""
    found: dict[int, list[int]] = {}
    for one in enrolment.sealed_addresses(tx, entries):
        known = vault.lookups(entries[one.contact_id].number)
        if one.lookup in known and not vault.opens(one.sealed, f"address:{one.contact_id}"):
            found.setdefault(one.contact_id, []).append(one.id)
    return found


def _columns(entry: Entry, cohort: StoredCohort, profile: Profile) -> Values:
    """The columns by the roster; missing columns and empty cells change nothing. An officer who moves to a cohort with another zone
    gets that zone, unless they had a zone of their own. What is damaged counts as missing: a damaged zone becomes the cohort's."""
    stated = {name: getattr(entry, name) for name in entry.stated}
    moves = cohort.id != profile.cohort_id and profile.timezone == profile.cohort_timezone
    if moves or not is_zone(profile.timezone):
        stated.setdefault("timezone", cohort.timezone)
    if entry.shift is not None:
        stated["shift"] = entry.shift.to_json()
    return {
        **stated,
        "cohort_id": cohort.id,
        "attributes": _json({**sound_part("attributes", profile.attributes), **entry.attributes}),
        "dates": _json({**sound_part("dates", profile.dates), **entry.dates}),
    }


def _change_columns(tx: Connection, found: Difference) -> None:
    changed = found.columns
    if changed:
        contacts.change(tx, found.contact, **changed)
    if changed.keys() & {"dates", "timezone", "cohort_id", "shift"}:
        nudges.lay_out_anew(tx, [found.contact])


# -- before an import -------------------------------------------------------------------------------------------------


def compare(
    tx: Connection,
    vault: Vault,
    programme: Programme,
    entries: Sequence[Entry],
    columns: Collection[str],
    told: Callable[[int], None] = lambda _: None,
) -> RosterImport:
    """The effect that `enrol` would have, without a write, so that nobody waits for it. `told` gets the number of entries compared so far."""
    keys.check(tx, vault)
    found = RosterImport(changes=RosterChanges(frozenset(columns)))
    cohorts, new = _cohorts(tx, programme, entries)
    cohorts |= {code: StoredCohort(0, programme.programme, zone) for code, zone in new.items()}
    found.cohorts = list(new)
    ids = enrolled_contacts(tx, vault, entries)
    for number, part in enumerate(portions([entry for entry in entries if entry.number in ids], AT_ONCE)):
        told(number * AT_ONCE)
        known = [(ids[entry.number], entry) for entry in part]
        found.enrolled |= {entry.row: contact for contact, entry in known}
        found.changed |= {
            one.contact for one in differences(tx, vault, known, cohorts, found.changes) if one.is_changed
        }
        papers = paper.compare(tx, dict(known), {contact for contact, _ in known}, found.changes)
        found.changed |= papers.given | papers.corrected
    return found

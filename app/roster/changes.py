"""The fields of enrolled officers that a roster changes, and the stored values that it does not: what an import says, so that nothing
is lost in silence. Names and numbers are said to change and are never repeated."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.roster.entries import Entry
from app.store.damaged_rows import sound_part
from app.store.enrolment import Profile

NAME, NUMBER, CONSENT = "name", "number", "consent"
_NESTED = ("attributes", "dates")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an officer before and after; both are None where a value is not to be shown."""

    contact_id: int
    row: int
    field: str
    before: str | None = None
    after: str | None = None


@dataclass(slots=True)
class Changes:
    """The changes of an import, in the order of the roster, whose columns have the meanings `columns`. `kept`: by field, officers whose
    cell is empty and who have a value, which stays. `refused`: the number of officers whose consent on paper is not recorded, for
    they have declined since."""

    columns: Collection[str] = ()
    fields: list[FieldChange] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    def of_profile(
        self, contact: int, entry: Entry, profile: Profile, wanted: Mapping[str, object], cohort: str
    ) -> None:
        """Note the columns that differ. `wanted` are the roster's, `cohort` is the code of the officer's cohort so far."""
        for name, value in sorted(wanted.items()):
            stored = getattr(profile, name)
            if stored == value:
                continue
            if name == "cohort_id":
                self._note(contact, entry, "cohort", cohort, entry.cohort)
            elif name == "shift":
                self._note(contact, entry, name, _shift(stored), _shift(str(value)))
            elif name in _NESTED:
                before, after = sound_part(name, stored), json.loads(str(value))
                for key in sorted(after):
                    self._note(contact, entry, key, before.get(key), after[key])
            else:
                self._note(contact, entry, name, stored, value)

    def of_empty_cells(self, entry: Entry, profile: Profile) -> None:
        """Note stored values for which the roster has a column and no value."""
        stored = {**sound_part("attributes", profile.attributes), **sound_part("dates", profile.dates)}
        self.kept.update(
            name for name in stored.keys() & self.columns if name not in entry.attributes and name not in entry.dates
        )
        if profile.shift is not None and entry.shift is None and self.has_column("shift"):
            self.kept["shift"] += 1

    def has_column(self, name: str) -> bool:
        """Whether the roster has a column of this meaning."""
        return name in self.columns

    def _note(self, contact: int, entry: Entry, name: str, before: object, after: object) -> None:
        if before != after:
            self.fields.append(FieldChange(contact, entry.row, name, _shown(before), _shown(after)))


def by_officer(changes: Sequence[FieldChange]) -> Iterator[tuple[int, int, list[FieldChange]]]:
    """The changes of each officer, as (contact, row, changes)."""
    groups: dict[int, list[FieldChange]] = {}
    for change in changes:
        groups.setdefault(change.contact_id, []).append(change)
    return ((contact, some[0].row, some) for contact, some in groups.items())


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _shift(stored: str | None) -> str | None:
    """A stored shift as people write one."""
    try:
        data = json.loads(stored or "null")
        return None if data is None else f"{data['on']}x{data['off']} from {data['from']}"
    except (ValueError, TypeError, KeyError):
        return None

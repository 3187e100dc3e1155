"""The measurement waves of each programme, numbered from 1 in the order of their days: the suffixes, which are words, sort by the
alphabet. A wave that a later version adds between others renumbers those after it; the numbers are labelled with the suffixes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Integer, and_, case, cast, null

from app.exports.columns import WAVE_NUMBER, Column
from app.exports.definitions import Definitions
from app.exports.numbering import versions_in_use
from app.flows.language import definition as d


class WaveOrder:
    """The numbers of the waves of all programmes, or of one."""

    def __init__(self, tx: Connection, definitions: Definitions, programme: str | None) -> None:
        days: dict[str, dict[str, int]] = {}
        for version in (*versions_in_use(tx, definitions), *definitions.all_current()):
            if programme in {None, version.programme}:
                days.setdefault(version.programme, {}).update(_days(version))
        self._numbers = {
            (code, suffix): number
            for code, waves in days.items()
            for number, suffix in enumerate(sorted(waves, key=lambda suffix, of=waves: (of[suffix], suffix)), 1)  # type: ignore[misc]
        }

    def number(self, programme: str, wave: str | None) -> int | None:
        """The number of a wave; None for none, and for one of a version that is not readable any more."""
        return None if wave is None else self._numbers.get((programme, wave))

    def in_sql(self, programme: ColumnElement[str], wave: ColumnElement[str]) -> ColumnElement[int]:
        """The same in a query."""
        if not self._numbers:
            return cast(null(), Integer)
        cases = [(and_(programme == code, wave == suffix), number) for (code, suffix), number in self._numbers.items()]
        return case(*cases)

    def ordered(self, waves: Iterable[str]) -> list[str]:
        """Suffixes in the order of their numbers; those without one last."""
        places: dict[str, int] = {}
        for (_, suffix), number in self._numbers.items():
            places[suffix] = min(number, places.get(suffix, number))
        return sorted(waves, key=lambda wave: (places.get(wave, len(self._numbers) + 1), wave))

    def labelled(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The columns of a table, with the suffixes as labels of the numbers."""
        texts: dict[int, dict[str, None]] = {}
        for (_, suffix), number in self._numbers.items():
            texts.setdefault(number, {})[suffix] = None
        labels = {number: " / ".join(suffixes) for number, suffixes in texts.items()}
        return tuple(replace(column, values=labels) if column.name == WAVE_NUMBER else column for column in columns)


def _days(programme: d.Programme) -> dict[str, int]:
    """The first day of each wave of a programme, by suffix."""
    found: dict[str, int] = {}
    for campaign in programme.campaigns.values():
        for wave in campaign.waves.values():
            found[wave.suffix] = min(wave.day, found.get(wave.suffix, wave.day))
    return found

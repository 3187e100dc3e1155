"""Shifts: so many hours on duty, so many off, again and again from one moment on. A shift is by the clock on the wall of the
officer's zone: when clocks are changed it still begins at seven. Knows no weekday, for shifts do not. Pure; moments in and
out are aware, those given out in UTC. What officers write of a shift is read in `replies/shifts.py`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS_ON = range(4, 73)
HOURS_OFF = range(8, 169)
"""What a shift may be. Mexican forces work 12x24, 24x24, 24x48, 12x36, 12x12, 8x16 and more."""

_HOUR = timedelta(hours=1)
_WRITTEN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours on duty and off, and when one turn begins: `anchor`, without a zone, by the clock of `timezone` (IANA)."""

    on: int
    off: int
    anchor: datetime
    timezone: str

    def to_json(self) -> str:
        """The shift as it is stored, without the zone: that is the officer's."""
        return json.dumps({"on": self.on, "off": self.off, "from": f"{self.anchor:{_WRITTEN}}"})

    @classmethod
    def from_json(cls, text: str, timezone: str) -> "Shift":
        """Read what `to_json` wrote."""
        data = json.loads(text)
        return cls(data["on"], data["off"], datetime.strptime(data["from"], _WRITTEN), timezone)  # noqa: DTZ007 - the wall's


def is_possible(on: int, off: int) -> bool:
    """Whether somebody can work so."""
    return on in HOURS_ON and off in HOURS_OFF


def on_duty(shift: Shift, at: datetime) -> bool:
    """Whether the officer works at this moment."""
    return any(start <= at < end for start, end in _turns(shift, at))


def next_start(shift: Shift, after: datetime) -> datetime:
    """When the next turn begins, after that moment."""
    return min(start for start, _ in _turns(shift, after) if start > after)


def last_end(shift: Shift, before: datetime) -> datetime:
    """When the latest turn ended, at that moment or before."""
    return max(end for _, end in _turns(shift, before) if end <= before)


def _turns(shift: Shift, at: datetime) -> list[tuple[datetime, datetime]]:
    """The turns around a moment, enough of them that one begins after it and one has ended before."""
    zone, hours = ZoneInfo(shift.timezone), shift.on + shift.off
    passed = at.astimezone(zone).replace(tzinfo=None) - shift.anchor
    first = shift.anchor + (passed // (hours * _HOUR) - 2) * hours * _HOUR
    begins = [first + number * hours * _HOUR for number in range(5)]
    return [(_moment(begin, zone), _moment(begin + shift.on * _HOUR, zone)) for begin in begins]


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """In UTC: two moments of one zone are compared, and subtracted, by what the clocks showed."""
    return wall.replace(tzinfo=zone).astimezone(UTC)

"""Shifts: hours on duty and off, repeated from one moment on, and the exceptions to them. A shift follows local time
in the officer's zone: when the clocks change it still begins at seven. Weekdays play no part. Pure; moments in and
out are aware, results in UTC. `replies/shifts.py` reads the shifts that officers write."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS_ON = range(4, 73)
HOURS_OFF = range(8, 169)
"""Limits of a shift, in hours. Mexican forces work 12x24, 24x24, 24x48, 12x36, 12x12, 8x16 and more."""

LONGEST_SHIFT = timedelta(days=4)
"""How far around a moment to look for turns: with an extra one beside it, none is longer."""

LEAVE, ON, OFF = "leave", "on", "off"
"""Kinds of exceptions: on leave; an extra shift; a day off."""

Span = tuple[datetime, datetime]
"""From a moment (inclusive) to another (exclusive)."""

_HOUR = timedelta(hours=1)
_LONG_AGO = timedelta(weeks=6)
_WRITTEN = "%Y-%m-%dT%H:%M"
_FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 - the wall's


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours on duty and off, and the start of one shift: `anchor`, local time in `timezone` (IANA), without an
    offset."""

    on: int
    off: int
    anchor: datetime
    timezone: str

    @property
    def hours(self) -> str:
        """The hours on and off: `24x48`."""
        return f"{self.on}x{self.off}"

    def to_json(self) -> str:
        """The shift as stored, without the zone, which is the officer's."""
        return json.dumps({"on": self.on, "off": self.off, "from": f"{self.anchor:{_WRITTEN}}"})

    @classmethod
    def from_json(cls, text: str, timezone: str) -> "Shift":
        """Read the JSON of `to_json`."""
        data = json.loads(text)
        return cls(data["on"], data["off"], datetime.strptime(data["from"], _WRITTEN), timezone)  # noqa: DTZ007 - the wall's


@dataclass(frozen=True, slots=True)
class ShiftException:
    """A time in which an officer does not work as usual."""

    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """An officer's working hours as far as they are known."""

    shift: Shift | None = None
    changes: tuple[ShiftException, ...] = ()


UNKNOWN = Duty()
"""The duty of an officer about whom nothing is known."""


def is_possible(on: int, off: int) -> bool:
    """Whether a shift of these hours is allowed."""
    return on in HOURS_ON and off in HOURS_OFF


def usual(shift: Shift) -> Shift:
    """The same shift, counted from its first start in 2020, so that equal shifts compare equal."""
    return replace(shift, anchor=_FIRST + (shift.anchor - _FIRST) % ((shift.on + shift.off) * _HOUR))


def next_start(shift: Shift, after: datetime) -> datetime:
    """The first start of a shift after a moment."""
    return min(
        start for start, _ in shift_spans(shift, after, after + 2 * (shift.on + shift.off) * _HOUR) if start > after
    )


def shift_spans(shift: Shift, since: datetime, until: datetime) -> list[Span]:
    """The shifts that end after one moment and begin before another, in order."""
    zone, cycle = ZoneInfo(shift.timezone), (shift.on + shift.off) * _HOUR
    passed = since.astimezone(zone).replace(tzinfo=None) - shift.anchor
    begin, found = shift.anchor + (passed // cycle - 1) * cycle, []
    while (start := _moment(begin, zone)) < until:
        if (end := _moment(begin + shift.on * _HOUR, zone)) > since:
            found.append((start, end))
        begin += cycle
    return found


def worked(duty: Duty, since: datetime, until: datetime) -> list[Span]:
    """The time that an officer really works, as far as known: the regular shifts without days off, with extra shifts,
    without leave. Adjacent shifts are joined. Shifts at the edges of the period may be cut."""
    found = [] if duty.shift is None else shift_spans(duty.shift, since, until)
    if not duty.changes:
        return found
    found = without(found, (_span(change) for change in duty.changes if change.kind == OFF))
    found += [
        _span(change)
        for change in duty.changes
        if change.kind == ON and change.ends_at > since and change.starts_at < until
    ]
    return without(_joined(found), leaves(duty))


def last_worked(duty: Duty, before: datetime) -> datetime | None:
    """The end of the latest shift that was really worked, as far as known, before a moment. None if there was none in
    six weeks."""
    return max((end for _, end in worked(duty, before - _LONG_AGO, before) if end <= before), default=None)


def leaves(duty: Duty) -> list[Span]:
    """The officer's leave."""
    return [_span(change) for change in duty.changes if change.kind == LEAVE]


def without(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """The spans minus the cuts."""
    left = list(spans)
    for begin, end in cuts:
        left = [
            piece
            for span in left
            for piece in ((span[0], min(span[1], begin)), (max(span[0], end), span[1]))
            if piece[0] < piece[1]
        ]
    return left


def _span(change: ShiftException) -> Span:
    return change.starts_at, change.ends_at


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment: Python compares and subtracts two moments of one zone by local time."""
    return wall.replace(tzinfo=zone).astimezone(UTC)

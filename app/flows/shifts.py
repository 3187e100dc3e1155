"""Shifts: so many hours on duty, so many off, again and again from one moment on; and the times in which it is otherwise. A
shift is by the clock on the wall of the officer's zone: when clocks are changed it still begins at seven. Knows no weekday,
for shifts do not. Pure; moments in and out are aware, those given out in UTC. What officers write of a shift is read in
`replies/shifts.py`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS_ON = range(4, 73)
HOURS_OFF = range(8, 169)
"""What a shift may be. Mexican forces work 12x24, 24x24, 24x48, 12x36, 12x12, 8x16 and more."""

LONGEST_SHIFT = timedelta(days=4)
"""How far around a moment to look for turns: with an extra one beside it, none is longer."""

LEAVE, ON, OFF = "leave", "on", "off"
"""Kinds of changes: away altogether; an extra turn; no work, whatever the shift says."""

Span = tuple[datetime, datetime]
"""From a moment, up to but without another."""

_HOUR = timedelta(hours=1)
_LONG_AGO = timedelta(weeks=6)
_WRITTEN = "%Y-%m-%dT%H:%M"
_FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 - the wall's


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


@dataclass(frozen=True, slots=True)
class Change:
    """A time in which an officer's turns are not as usual."""

    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """All that is known of when an officer works."""

    shift: Shift | None = None
    changes: tuple[Change, ...] = ()


UNKNOWN = Duty()
"""Of whom nothing is known."""


def is_possible(on: int, off: int) -> bool:
    """Whether somebody can work so."""
    return on in HOURS_ON and off in HOURS_OFF


def usual(shift: Shift) -> Shift:
    """The same turns, counted from the first that begins in 2020: so shifts that are the same are equal."""
    return replace(shift, anchor=_FIRST + (shift.anchor - _FIRST) % ((shift.on + shift.off) * _HOUR))


def next_start(shift: Shift, after: datetime) -> datetime:
    """When the next turn begins, after that moment."""
    return min(start for start, _ in turns(shift, after, after + 2 * (shift.on + shift.off) * _HOUR) if start > after)


def turns(shift: Shift, since: datetime, until: datetime) -> list[Span]:
    """The turns that end after one moment and begin before another, in order."""
    zone, cycle = ZoneInfo(shift.timezone), (shift.on + shift.off) * _HOUR
    passed = since.astimezone(zone).replace(tzinfo=None) - shift.anchor
    begin, found = shift.anchor + (passed // cycle - 1) * cycle, []
    while (start := _moment(begin, zone)) < until:
        if (end := _moment(begin + shift.on * _HOUR, zone)) > since:
            found.append((start, end))
        begin += cycle
    return found


def worked(duty: Duty, since: datetime, until: datetime) -> list[Span]:
    """The turns that an officer really works, as far as they are known: those of the shift without what is off, with what is
    extra, without leave. Turns that meet are one. Of those that lie around the edges only a part may be given."""
    found = [] if duty.shift is None else turns(duty.shift, since, until)
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
    """When the latest turn that was really worked, as far as is known, had ended by a moment. None if none had for six weeks."""
    return max((end for _, end in worked(duty, before - _LONG_AGO, before) if end <= before), default=None)


def leaves(duty: Duty) -> list[Span]:
    """When the officer is away."""
    return [_span(change) for change in duty.changes if change.kind == LEAVE]


def without(spans: Iterable[Span], cuts: Iterable[Span]) -> list[Span]:
    """What the cuts leave of spans."""
    left = list(spans)
    for begin, end in cuts:
        left = [
            piece
            for span in left
            for piece in ((span[0], min(span[1], begin)), (max(span[0], end), span[1]))
            if piece[0] < piece[1]
        ]
    return left


def _span(change: Change) -> Span:
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
    """In UTC: two moments of one zone are compared, and subtracted, by what the clocks showed."""
    return wall.replace(tzinfo=zone).astimezone(UTC)

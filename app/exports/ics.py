"""A calendar of events for any calendar application: iCalendar, RFC 5545. The same events give the same bytes, so that two plans can be
compared: each event is stamped with its own time, and nobody is invited."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE = 75
"""Octets of one line, by the standard; a longer one goes on in the next, behind a space."""


@dataclass(frozen=True, slots=True)
class Event:
    """One moment. `uid` never changes, whatever becomes of the event, and `cancelled` says that it will not be."""

    uid: str
    at: datetime
    title: str
    text: str
    cancelled: bool = False


def calendar(name: str, events: Iterable[Event]) -> str:
    """The calendar, its lines ended by CR and LF. Moments are written in UTC."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Trato//trato plan//ES",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
    ]
    for event in events:
        lines += _event(event)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(event: Event) -> list[str]:
    at = f"{event.at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"DTSTAMP:{at}",
        f"DTSTART:{at}",
        "DURATION:PT15M",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(event.text)}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of no more octets than a line may have, never within a letter."""
    piece, size = "", 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + octets
    yield piece

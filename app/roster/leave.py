"""Leave, extra shifts and days off of an officer. Days are in the officer's local time, and the last one is included. Leave may have
no end yet: the same entry with an end closes it. Entries of one officer never overlap. A change plans the officer's nudges anew."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.errors import UsageError
from app.flows.shifts import LEAVE
from app.roster.dates import DayNumber, as_date, as_moment
from app.sheets.columns import folded
from app.store import audit, contacts, nudges, shift_changes
from app.store.shift_changes import Officer, StoredChange
from app.wording import Sentence

KINDS = {
    "leave": "leave",
    "vacaciones": "leave",
    "licencia": "leave",
    "permiso": "leave",
    "incapacidad": "leave",
    "ausencia": "leave",
    "on": "on",
    "extra": "on",
    "turno extra": "on",
    "doble turno": "on",
    "refuerzo": "on",
    "off": "off",
    "descanso": "off",
    "libre": "off",
    "franco": "off",
    "dia libre": "off",
}
"""Words for leave, an extra shift and a day off."""

LONGEST = timedelta(days=400)
OPEN = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of leave that has none yet."""

_NO_END = frozenset(
    {"", "abierta", "abierto", "indefinida", "indefinido", "sin fin", "sin fecha", "pendiente", "por definir", "open"}
)
_MIDNIGHT = "T00:00"
_HOUR = re.compile(r"[T ]00:00")


@dataclass(frozen=True, slots=True)
class Time:
    """A time of leave, of an extra shift or off: from a moment up to, but not including, another."""

    kind: str
    starts_at: datetime
    ends_at: datetime


def as_kind(text: str) -> str:
    """The kind of a word. Raises ValueError."""
    if (kind := KINDS.get(folded(text))) is None:
        raise ValueError(
            Sentence("must be leave (vacaciones, licencia, incapacidad), on (turno extra) or off (descanso)")
        )
    return kind


def as_wall(text: str) -> str:
    """A local day or hour in ISO form. Midnight is the whole day, as spreadsheets write one (`0:00`, `00:00:00`, `12:00:00 a. m.`),
    unless it is written as `trato leave list` shows an hour, `00:00`. Raises ValueError."""
    try:
        moment = as_moment(text)
    except ValueError:
        pass
    else:
        is_day = moment.endswith(_MIDNIGHT) and not _HOUR.fullmatch(text[-len(_MIDNIGHT) :])
        return moment.removesuffix(_MIDNIGHT) if is_day else moment
    try:
        return as_date(text)
    except DayNumber:
        raise
    except ValueError:
        raise ValueError(
            Sentence("must be a date such as 2026-03-02, or a date and an hour such as 2026-03-02 07:00")
        ) from None


def as_end(text: str) -> str:
    """The same for the end of leave; "" for a word that means that it has none yet. Raises ValueError."""
    return "" if folded(text) in _NO_END else as_wall(text)


def time_of(kind: str, first: str, last: str, timezone: str) -> Time:
    """The time between two days or hours in ISO form; the last day is included. Leave whose last day is "" is open. Raises
    ValueError."""
    zone = ZoneInfo(timezone)
    starts_at = datetime.fromisoformat(first).replace(tzinfo=zone).astimezone(UTC)
    if not last:
        if kind != LEAVE:
            raise ValueError(Sentence("has no end: only leave may have none"))
        return Time(kind, starts_at, OPEN)
    ends = datetime.fromisoformat(last)
    if "T" not in last:
        ends += timedelta(days=1)
    found = Time(kind, starts_at, ends.replace(tzinfo=zone).astimezone(UTC))
    if found.ends_at <= found.starts_at:
        raise ValueError(Sentence("ends before it begins"))
    if found.ends_at - found.starts_at > LONGEST:
        raise ValueError(Sentence("is longer than {days} days: is the year right?", days=LONGEST.days))
    return found


def local_days(time: Time | StoredChange, timezone: str) -> tuple[str, str | None]:
    """The first and the last day of a time in a zone, or their hours where those are not whole days. No last day if it is open."""
    zone = ZoneInfo(timezone)
    starts = time.starts_at.astimezone(zone).replace(tzinfo=None)
    if time.ends_at == OPEN:
        return f"{starts:%Y-%m-%d}" if starts == _midnight(starts) else f"{starts:%Y-%m-%d %H:%M}", None
    ends = time.ends_at.astimezone(zone).replace(tzinfo=None)
    if starts == _midnight(starts) and ends == _midnight(ends):
        return f"{starts:%Y-%m-%d}", f"{ends - timedelta(days=1):%Y-%m-%d}"
    return f"{starts:%Y-%m-%d %H:%M}", f"{ends:%Y-%m-%d %H:%M}"


def in_words(time: Time | StoredChange, timezone: str) -> str:
    """The days of a time, for a person."""
    first, last = local_days(time, timezone)
    return (
        Sentence("from {first} to {last}", first=first, last=last)
        if last
        else Sentence("from {first} without an end", first=first)
    )


def _midnight(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0)


def ended(time: Time, others: Collection[StoredChange]) -> StoredChange | None:
    """The open leave that a time closes: it begins at the same moment and has an end. None if there is none."""
    return next(
        (
            one
            for one in others
            if one.ends_at == OPEN != time.ends_at and (one.kind, one.starts_at) == (time.kind, time.starts_at)
        ),
        None,
    )


def clash(time: Time, others: Collection[StoredChange], timezone: str) -> str | None:
    """The mistake that a time overlaps with one that is stored, unless it closes that one; None if it does not."""
    closed = ended(time, others)
    for other in others:
        if other is not closed and time.starts_at < other.ends_at and other.starts_at < time.ends_at:
            days = in_words(other, timezone)
            return Sentence(
                "overlaps with {kind} {days}: remove that first, or write only what is new", kind=other.kind, days=days
            )
    return None


# -- one officer ------------------------------------------------------------------------------------------------------


def add(tx: Connection, study_id: str, kind: str, first: str, last: str, now: datetime, actor: str) -> Time:
    """Store a time of an officer; days and hours as people write them, an open end as "". Raises UsageError."""
    whose = _whose(tx, study_id)
    wall = _option("--from", as_wall, first), _option("--to", as_wall, last) if last else ""
    try:
        time = time_of(_option("--kind", as_kind, kind), *wall, whose.timezone)
    except ValueError as error:
        raise UsageError(Sentence("the time {fault}", fault=error.args[0]), "bad_leave") from None
    contacts.lock(tx, [whose.id])
    stored = shift_changes.by_officer(tx, [whose.id]).get(whose.id, ())
    if overlap := clash(time, stored, whose.timezone):
        raise UsageError(Sentence("the time {fault}", fault=overlap), "leave_overlaps")
    if (closed := ended(time, stored)) is not None:
        shift_changes.remove(tx, closed.id)
    keep(tx, [(whose, time)], now)
    audit.record(tx, now, actor, "leave add", f"contact:{whose.id}", _detail(time))
    return time


def remove(tx: Connection, study_id: str, first: str, now: datetime, actor: str) -> StoredChange:
    """Delete the time of an officer that begins on a day, or at an hour of it. Raises UsageError."""
    whose = _whose(tx, study_id)
    wall = _option("--from", as_wall, first)
    contacts.lock(tx, [whose.id])
    zone = ZoneInfo(whose.timezone)
    found = [
        one
        for one in shift_changes.by_officer(tx, [whose.id]).get(whose.id, ())
        if f"{one.starts_at.astimezone(zone):%Y-%m-%dT%H:%M}".startswith(wall)
    ]
    if len(found) != 1:
        why = (
            Sentence("several begin on that day: give the hour, too")
            if found
            else Sentence("nothing of this officer begins then: `trato leave list` shows what there is")
        )
        raise UsageError(why, "no_leave")
    shift_changes.remove(tx, found[0].id)
    nudges.lay_out_anew(tx, [whose.id])
    audit.record(tx, now, actor, "leave remove", f"contact:{whose.id}", _detail(found[0]))
    return found[0]


def _whose(tx: Connection, study_id: str) -> Officer:
    wanted = study_id.strip().upper()
    if (whose := shift_changes.by_study_id(tx, [wanted]).get(wanted)) is None:
        raise UsageError(
            Sentence("there is no officer {wanted}: `trato officers find` tells the study id", wanted=wanted),
            "unknown_officer",
        )
    return whose


def _option(option: str, convert: Callable[[str], str], text: str) -> str:
    try:
        return convert(text.strip())
    except ValueError as error:
        raise UsageError(Sentence("{option} {fault}", option=option, fault=error.args[0]), "bad_leave") from None


def keep(tx: Connection, times: Sequence[tuple[Officer, Time]], now: datetime) -> None:
    """Store times of officers, and plan these officers' nudges anew."""
    shift_changes.add(
        tx,
        [
            {
                "contact_id": whose.id,
                "kind": time.kind,
                "starts_at": time.starts_at,
                "ends_at": time.ends_at,
                "created_at": now,
            }
            for whose, time in times
        ],
    )
    nudges.lay_out_anew(tx, {whose.id for whose, _ in times})


def _detail(time: Time | StoredChange) -> dict[str, str | None]:
    ends = None if time.ends_at == OPEN else time.ends_at.isoformat()
    return {"kind": time.kind, "from": time.starts_at.isoformat(), "to": ends}

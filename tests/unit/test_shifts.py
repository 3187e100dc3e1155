"""Shifts: by the clock on the wall, whatever is done to clocks; and read as officers write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.flows.engine import commands
from app.flows.replies.keywords import Keyword, Name
from app.flows.replies.shifts import ImpossibleShift, UnreadableShift, read_shift
from app.flows.shifts import Duty, Shift, last_worked, next_start, shift_spans, without

CDMX, TIJUANA = "America/Mexico_City", "America/Tijuana"
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo(CDMX))
"""Monday, 2 March 2026."""


wall = datetime.fromisoformat
"""A moment as the clock on the wall shows it."""


def _on_duty(shift: Shift, at: datetime) -> bool:
    return any(start <= at < end for start, end in shift_spans(shift, at, at + timedelta(seconds=1)))


def _last_end(shift: Shift, at: datetime) -> datetime:
    found = last_worked(Duty(shift), at)
    assert found is not None
    return found


def local(text: str, zone: str = CDMX) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("on", "off", "at", "works", "starts", "ended"),
    [
        (24, 48, "2026-03-02 07:00", True, "2026-03-05 07:00", "2026-02-28 07:00"),
        (24, 48, "2026-03-02 06:59", False, "2026-03-02 07:00", "2026-02-28 07:00"),
        (24, 48, "2026-03-03 07:00", False, "2026-03-05 07:00", "2026-03-03 07:00"),
        (24, 24, "2026-03-10 08:00", True, "2026-03-12 07:00", "2026-03-09 07:00"),
        (12, 24, "2026-03-03 20:00", True, "2026-03-05 07:00", "2026-03-02 19:00"),
        (12, 36, "2026-03-04 12:00", True, "2026-03-06 07:00", "2026-03-02 19:00"),
        (12, 12, "2026-02-01 18:59", True, "2026-02-02 07:00", "2026-01-31 19:00"),
        (8, 16, "2026-03-02 15:00", False, "2026-03-03 07:00", "2026-03-02 15:00"),
    ],
)
def test_turns_around_a_moment(on: int, off: int, at: str, works: bool, starts: str, ended: str) -> None:
    shift = Shift(on, off, wall("2026-03-02 07:00"), CDMX)
    assert _on_duty(shift, local(at)) is works
    assert (next_start(shift, local(at)), _last_end(shift, local(at))) == (local(starts), local(ended))


def test_seven_in_the_morning_stays_seven_when_clocks_are_changed() -> None:
    shift = Shift(24, 24, wall("2026-03-06 07:00"), TIJUANA)  # clocks go forward on 8 March 2026, at two
    starts = [
        next_start(shift, local("2026-03-07 00:00", TIJUANA)),
        next_start(shift, local("2026-03-08 12:00", TIJUANA)),
    ]
    assert [f"{start.astimezone(ZoneInfo(TIJUANA)):%d %H:%M}" for start in starts] == ["08 07:00", "10 07:00"]
    assert starts[1] - starts[0] == timedelta(hours=48)
    night = Shift(12, 12, wall("2026-03-07 19:00"), TIJUANA)
    assert _last_end(night, local("2026-03-08 08:00", TIJUANA)) - local("2026-03-07 19:00", TIJUANA) == timedelta(
        hours=11
    )
    lost = Shift(24, 24, wall("2026-03-06 02:30"), TIJUANA)  # that hour is left out on the 8th
    assert next_start(lost, local("2026-03-07 12:00", TIJUANA)) == local("2026-03-08 03:30", TIJUANA)


@given(
    st.integers(4, 72), st.integers(8, 168), st.datetimes(wall("2026-01-01 00:00"), wall("2027-01-01 00:00")),
    st.datetimes(wall("2025-01-01 00:00"), wall("2028-01-01 00:00")),
    st.sampled_from([CDMX, TIJUANA, "America/Cancun", "America/Ciudad_Juarez", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_turns_follow_one_another(on: int, off: int, anchor: datetime, at: datetime, zone: str) -> None:
    shift = Shift(on, off, anchor.replace(second=0, microsecond=0), zone)
    assert Shift.from_json(shift.to_json(), zone) == shift
    moment, second = at.replace(tzinfo=UTC), timedelta(seconds=1)
    start, end = next_start(shift, moment), _last_end(shift, moment)
    assert end <= moment < start
    assert _on_duty(shift, start)
    assert _on_duty(shift, end - second)
    assert not _on_duty(shift, end)
    assert not _on_duty(shift, start - second)
    assert next_start(shift, end) <= start
    assert abs(start - end - timedelta(hours=off if not _on_duty(shift, moment) else on + 2 * off)) <= timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("text", "hours", "anchor"),
    [
        ("24x48 hoy 7", "24x48", "2026-03-02 07:00"),
        ("12 x 36 desde mañana a las 19:00", "12x36", "2026-03-03 19:00"),
        ("24 por 48 entro el lunes 7am", "24x48", "2026-03-09 07:00"),
        ("24 por 48 entré el lunes 7am", "24x48", "2026-02-23 07:00"),
        ("24x24 entro el martes a las 8", "24x24", "2026-03-03 08:00"),
        ("24x48 entro a las 7 el próximo viernes", "24x48", "2026-03-06 07:00"),
        ("24/48 hoy 7am", "24x48", "2026-03-02 07:00"),
        ("24*48 mañana 7 hrs", "24x48", "2026-03-03 07:00"),
        ("24 - 48 desde el martes a las 7 am", "24x48", "2026-03-03 07:00"),
        ("24×48 pasado mañana 7", "24x48", "2026-03-04 07:00"),
        ("24 hrs x 48 hrs de descanso, entro mañana 8", "24x48", "2026-03-03 08:00"),
        ("24 de trabajo por 48 de descanso, entro el 5 de marzo a las 8", "24x48", "2026-03-05 08:00"),
        ("veinticuatro por cuarenta y ocho hoy a las siete", "24x48", "2026-03-02 07:00"),
        ("de 24 por 48 hoy 7 y media", "24x48", "2026-03-02 07:30"),
        ("24x48 a las 8 del 5 de marzo", "24x48", "2026-03-05 08:00"),
        ("24x48 el 5 a las 7", "24x48", "2026-03-05 07:00"),
        ("24x48 entré el 28 a las 7", "24x48", "2026-02-28 07:00"),
        ("24x48 5/3 7", "24x48", "2026-03-05 07:00"),
        ("24x48 lunes 9 de marzo 7", "24x48", "2026-03-09 07:00"),
        ("24x48 mañana por la mañana 7", "24x48", "2026-03-03 07:00"),
        ("24x48 7am mañana", "24x48", "2026-03-03 07:00"),
        ("24x48 a partir del miércoles 7:00 por favor", "24x48", "2026-03-04 07:00"),
        ("24x48 ayer 7", "24x48", "2026-03-01 07:00"),
        ("12x24 hoy a las 7 de la noche", "12x24", "2026-03-02 19:00"),
        ("12x12 7 de la noche", "12x12", "2026-03-02 19:00"),
        ("12x12 hoy al mediodía", "12x12", "2026-03-02 12:00"),
        ("24x48 hoy 1900", "24x48", "2026-03-02 19:00"),
        ("8x16 6am", "8x16", "2026-03-02 06:00"),
        ("8 horas desde mañana 6am", "8x16", "2026-03-03 06:00"),
    ],
)
def test_shifts_as_officers_write_them(text: str, hours: str, anchor: str) -> None:
    on, off = map(int, hours.split("x"))
    assert read_shift(text, NOW, CDMX) == Shift(on, off, wall(anchor), CDMX)


@pytest.mark.parametrize("text", ["24x48", "24x48 hoy", "24x48 7am", "24x48 mañana", "24x48 7 de la mañana"])
def test_a_day_or_an_hour_is_missing(text: str) -> None:
    assert read_shift(text, NOW, CDMX) == UnreadableShift(stray=False)


@pytest.mark.parametrize(
    "text",
    ["24x48 no me acuerdo", "24x48, el señor no quiso bajar del carro", "de noche", "3", "", "24x48 " + "hoy " * 20],
)
def test_what_is_no_shift(text: str) -> None:
    assert read_shift(text, NOW, CDMX) == UnreadableShift(stray=True)


@pytest.mark.parametrize(
    ("text", "on", "off"), [("24x0 hoy 7", 24, 0), ("99x99", 99, 99), ("0x24 hoy 7", 0, 24), ("2x22 hoy 7", 2, 22)]
)
def test_impossible_hours(text: str, on: int, off: int) -> None:
    assert read_shift(text, NOW, CDMX) == ImpossibleShift(on, off)


@given(st.text(max_size=60), st.sampled_from(["", "24x48 ", "8 horas "]))
def test_no_text_raises(text: str, before: str) -> None:
    read_shift(before + text, NOW, CDMX)


@pytest.mark.parametrize(
    ("on", "off", "possible"),
    [(4, 8, True), (72, 168, True), (3, 24, False), (73, 24, False), (24, 7, False), (24, 169, False)],
)
def test_the_limits_of_a_shift(on: int, off: int, possible: bool) -> None:
    assert isinstance(read_shift(f"{on}x{off} hoy 7", NOW, CDMX), Shift if possible else ImpossibleShift)


def test_what_is_cut_out_leaves_no_empty_pieces() -> None:
    hour = [NOW + timedelta(hours=count) for count in range(5)]
    assert without([(hour[0], hour[2])], [(hour[0], hour[2])]) == []
    assert without([(hour[0], hour[4])], [(hour[1], hour[2])]) == [(hour[0], hour[1]), (hour[2], hour[4])]
    assert without([(hour[0], hour[2])], [(hour[2], hour[4])]) == [(hour[0], hour[2])]


def test_today_is_the_officers_own() -> None:
    night = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # Monday, half past ten at night in Mexico City
    found = read_shift("24x48 mañana 7", night, CDMX)
    assert isinstance(found, Shift)
    assert found.anchor == wall("2026-03-03 07:00")


def test_what_is_told() -> None:
    known = Shift(24, 48, wall("2026-03-02 07:00"), CDMX)

    def told(argument: str, shift: Shift | None, *, asked: bool = False) -> tuple[str, dict[str, object]] | None:
        found = commands.shift(Keyword(Name.TURNO, argument=argument), shift, NOW, CDMX, asked=asked)
        return None if found is None else (found.notice, dict(found.values))

    assert told("", None) == ("shift_none", {})
    assert told("", known) == ("shift", {"turno": "24 x 48", "entra": "jueves 5 de marzo a las 7:00"})
    assert told("24x48 hoy 7", None) == ("shift", {"turno": "24 x 48", "entra": "lunes 2 de marzo a las 7:00"})
    assert told("24x0", known) == ("shift_impossible", {"turno": "24 x 0"})
    assert told("24x48 quién sabe", known) == ("shift_unclear", {})
    assert told("24x48 quién sabe", known, asked=True) is None
    assert told("24x48", known, asked=True) == ("shift_unclear", {})

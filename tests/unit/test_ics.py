"""A plan as iCalendar: read back by the rules of RFC 5545, line by line."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.exports.ics import Event, calendar

AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def read_back(text: str) -> list[dict[str, str]]:
    """The events of a calendar as their properties: unfolded, unescaped."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    assert (lines[:2], lines[-1]) == (["BEGIN:VCALENDAR", "VERSION:2.0"], "END:VCALENDAR")
    events: list[dict[str, str]] = []
    for line in lines[1:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and name != "END":
            assert name not in events[-1]
            events[-1][name] = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT")
    return events


def test_an_event_has_what_the_standard_asks_for() -> None:
    (event,) = read_back(calendar("laurel", [Event("w01.1@x", AT, "Reporte, voz", "uno\ndos; tres", cancelled=True)]))
    assert event == {
        "UID": "w01.1@x",
        "DTSTAMP": "20260302T160000Z",
        "DTSTART": "20260302T160000Z",
        "DURATION": "PT15M",
        "SUMMARY": "Reporte, voz",
        "DESCRIPTION": "uno\ndos; tres",
        "STATUS": "CANCELLED",
        "TRANSP": "TRANSPARENT",
    }


def test_moments_are_in_utc() -> None:
    local = AT.astimezone(timezone(timedelta(hours=-6)))
    assert calendar("x", [Event("u", local, "t", "")]) == calendar("x", [Event("u", AT, "t", "")])


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    (event,) = read_back(calendar("x", [Event("u", AT, text, text * 3)]))
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (text, text * 3)


@pytest.mark.parametrize("title", ["ñ" * 40, "x" * 66, "x" * 67, "x" * 68, "🚓" * 50])
def test_long_lines_are_folded_between_letters(title: str) -> None:
    (event,) = read_back(calendar("x", [Event("u", AT, title, "")]))
    assert event["SUMMARY"] == title

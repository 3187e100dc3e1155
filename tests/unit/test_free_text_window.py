"""WhatsApp's window for free text: one rule for sending, transcripts, the simulated telephone and the checks."""

from datetime import UTC, datetime, timedelta

import pytest

from app.flows.free_text_window import in_window

HEARD = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(("minutes", "open_"), [(0, True), (1429, True), (1430, False), (1436, False), (1440, False)])
def test_ten_minutes_are_kept_for_transport(minutes: int, open_: bool) -> None:
    assert in_window(HEARD, HEARD + timedelta(minutes=minutes)) is open_


def test_who_has_never_written_has_none() -> None:
    assert not in_window(None, HEARD)

"""Decisions on a message at the moment of sending: tables and properties, without any database."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.causes import Cause, ErrorClass
from app.flows.free_text_window import WINDOW
from app.sending.send_policy import (
    GIVE_UP_AFTER,
    HANDOVER,
    LONGEST_DELAY,
    PAUSED_AGAIN,
    Cancel,
    Decision,
    Fail,
    Redirect,
    Rules,
    Send,
    Wait,
    backoff,
    decide,
    is_worth_another_try,
    validity,
)
from app.store.delivery import Place, Receiver
from app.store.outbox import Claimed

NOON = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # 12:00 in Mexico City
NIGHT = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # 23:00
EVENING = datetime(2026, 3, 3, 2, 58, tzinfo=UTC)  # 20:58: it might arrive at 21:00
MORNING = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)  # 09:00
CITY = "America/Mexico_City"
HOURS = (time(21), time(9))
RULES = Rules(HOURS, {"apertura": "HX1"})

REPLY = Claimed(
    id=1,
    uid="u" * 32,
    contact_id=7,
    reply_to_id=None,
    session_id=3,
    step="explico",
    kind="ask",
    channel="whatsapp",
    body="{{nombre}}, ¿explicó el motivo?",
    options="[]",
    plain=None,
    template=None,
    variables="[]",
    media=None,
    priority=0,
    attempts=1,
    created_at=NOON,
    expires_at=None,
    lease_until=None,
)
NUDGE = replace(REPLY, priority=1, template="apertura", variables='["{{nombre}}", "hoy"]')
JUST_WROTE, LONG_SILENT = timedelta(minutes=5), timedelta(days=3)


def receiver(
    heard: timedelta | None = JUST_WROTE, *, channels: str = "whatsapp sms", now: datetime = NOON, **more: object
) -> Receiver:
    places = tuple(
        Place(number, channel, b"", now - heard if heard is not None and channel == "whatsapp" else None, None)
        for number, channel in enumerate(channels.split(), 1)
    )
    base = Receiver(7, "active", CITY, None, cohort_paused=False, identity=None, places=places)
    return replace(base, **more)  # type: ignore[arg-type]


def kind(decision: Decision) -> object:
    return (decision.place.channel, decision.content_sid) if isinstance(decision, Send) else decision


@pytest.mark.parametrize(
    ("message", "to", "now", "expected"),
    [
        (REPLY, receiver(), NOON, ("whatsapp", None)),
        (replace(REPLY, created_at=NIGHT), receiver(now=NIGHT), NIGHT, ("whatsapp", None)),
        (REPLY, receiver(now=NIGHT), NIGHT, Wait(MORNING)),
        (NUDGE, receiver(now=EVENING), EVENING, Wait(MORNING)),
        (NUDGE, receiver(now=NIGHT), NIGHT, Wait(MORNING)),
        (NUDGE, receiver(LONG_SILENT), NOON, ("whatsapp", "HX1")),
        (NUDGE, receiver(), NOON, ("whatsapp", None)),
        (REPLY, receiver(LONG_SILENT), NOON, Redirect("sms")),
        (REPLY, receiver(None), NOON, Redirect("sms")),
        (REPLY, receiver(WINDOW), NOON, Redirect("sms")),
        (REPLY, receiver(WINDOW - timedelta(seconds=1)), NOON, ("whatsapp", None)),
        (REPLY, receiver(LONG_SILENT, channels="whatsapp"), NOON, Fail(ErrorClass.change)),
        (replace(NUDGE, template="otra"), receiver(LONG_SILENT, channels="whatsapp"), NOON, Fail(ErrorClass.change)),
        (replace(REPLY, channel="sms"), receiver(), NOON, ("sms", None)),
        (replace(REPLY, channel="sms"), receiver(channels="whatsapp"), NOON, Redirect("whatsapp")),
        (replace(REPLY, channel="sms"), receiver(LONG_SILENT, channels="whatsapp"), NOON, Fail(ErrorClass.change)),
        (REPLY, receiver(channels=""), NOON, Fail(ErrorClass.change)),
        (replace(NUDGE, error_cause="template_refused"), receiver(LONG_SILENT), NOON, Redirect("sms")),
        (replace(NUDGE, error_cause=Cause.template_refused), receiver(LONG_SILENT), NOON, Redirect("sms")),
        (replace(NUDGE, error_cause=Cause.template_refused, channel="sms"), receiver(LONG_SILENT), NOON, ("sms", None)),
        (
            replace(NUDGE, error_cause=Cause.template_refused),
            receiver(LONG_SILENT, channels="whatsapp"),
            NOON,
            Fail(ErrorClass.change),
        ),
        (replace(NUDGE, error_cause=Cause.template_refused), receiver(), NOON, Redirect("sms")),
        (
            replace(NUDGE, error_cause=Cause.template_refused, created_at=NOON - timedelta(hours=1)),
            receiver(),
            NOON,
            ("whatsapp", None),
        ),
        (REPLY, receiver(status="opted_out"), NOON, Cancel("opted_out")),
        (replace(REPLY, kind="notice"), receiver(status="opted_out"), NOON, ("whatsapp", None)),
        (replace(REPLY, kind="notice", priority=1), receiver(status="opted_out"), NOON, Cancel("opted_out")),
        (replace(REPLY, kind="notice"), receiver(status="blocked"), NOON, Cancel("blocked")),
        (REPLY, receiver(cohort_paused=True), NOON, Wait(NOON + PAUSED_AGAIN)),
        (NUDGE, receiver(paused_until=NOON + timedelta(days=2)), NOON, Wait(NOON + timedelta(days=2))),
        (REPLY, receiver(paused_until=NOON + timedelta(days=2)), NOON, ("whatsapp", None)),
        (NUDGE, receiver(paused_until=NOON), NOON, ("whatsapp", None)),
    ],
)
def test_what_is_decided(message: Claimed, to: Receiver, now: datetime, expected: object) -> None:
    assert kind(decide(message, to, RULES, now)) == expected


def test_an_address_that_whatsapp_does_not_have_is_passed_over() -> None:
    places = (Place(1, "whatsapp", b"", NOON, NOON), Place(2, "sms", b"", None, None))
    assert decide(REPLY, receiver(places=places), RULES, NOON) == Redirect("sms")


def test_how_long_the_carrier_may_keep_a_message() -> None:
    assert validity(REPLY, CITY, RULES, NOON) is None
    assert (
        validity(replace(REPLY, expires_at=NOON + timedelta(hours=2)), CITY, RULES, NOON)
        == timedelta(hours=2) - HANDOVER
    )
    assert validity(replace(REPLY, expires_at=NOON + timedelta(days=2)), CITY, RULES, NOON) == timedelta(hours=10)
    assert validity(replace(REPLY, expires_at=NOON - timedelta(days=2)), CITY, RULES, NOON) == timedelta(seconds=6)
    assert validity(NUDGE, CITY, RULES, NOON) == timedelta(hours=9) - HANDOVER
    assert validity(REPLY, CITY, RULES, NOON + timedelta(hours=1)) == timedelta(hours=8) - HANDOVER, (
        "an answer that comes late"
    )
    assert validity(NUDGE, CITY, Rules((time(9), time(9))), NOON) is None


@given(st.integers(0, 50), st.one_of(st.none(), st.floats(0, 1e9)), st.integers())
def test_backoff_grows_within_bounds_and_waits_as_long_as_asked(attempts: int, asked: float | None, seed: int) -> None:
    pause = backoff(attempts, asked, Random(seed))
    assert timedelta(seconds=2.5) <= pause <= 2 * LONGEST_DELAY
    assert pause >= timedelta(seconds=min(asked or 0, 600))
    assert pause == backoff(attempts, asked, Random(seed))


@pytest.mark.parametrize(
    ("cause", "attempts", "age", "expected"),
    [
        (Cause.passing, 7, timedelta(0), True),
        (Cause.passing, 8, timedelta(0), False),
        (Cause.rate_limited, 500, timedelta(hours=23), True),
        (Cause.rate_limited, 1, GIVE_UP_AFTER, False),
        (Cause.unexplained, 1, timedelta(0), True),
        (Cause.unexplained, 2, timedelta(0), False),
        (Cause.carrier_unreachable, 500, timedelta(hours=23), True),
        (Cause.carrier_unreachable, 1, GIVE_UP_AFTER, False),
    ],
)
def test_how_often_a_message_is_tried(cause: Cause, attempts: int, age: timedelta, expected: bool) -> None:
    assert is_worth_another_try(replace(REPLY, attempts=attempts), cause, NOON + age) is expected

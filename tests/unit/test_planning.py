"""Planning: when which flow is due, by example and for random campaigns, officers and zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.campaign import Campaign
from app.scheduler.planning import Officer, Planned, Situation, Skip, Start, Wait, decide, plan

QUIET = (time(21), time(9))
NOW = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)


def campaign(**changes: object) -> Campaign:
    return Campaign.model_validate(
        {
            "title": "Seguimiento", "anchor": "workshop_date", "consent": "permiso",
            "window": {"from": "10:00", "to": "19:00"},
            "slots": [
                {"weeks": "1-4", "per_week": 2, "from": ["a", "b", "c"]},
                {"weeks": "5-12", "per_week": 1, "from": ["d"]},
                {"weeks": "13-16", "every": "2w", "from": ["e"]},
            ],
            "waves": {"baseline": {"suffix": "bl", "day": 0, "flows": ["q1", "q2"]}},
            **changes,
        }
    )


def officer(**changes: object) -> Officer:
    return Officer(**{
        "study_id": "A1B2C3D4", "timezone": "America/Mexico_City", "anchor": date(2026, 3, 2),
        "enrolled_at": datetime(2026, 3, 1, tzinfo=UTC), **changes,
    })


def test_a_whole_campaign() -> None:
    planned = plan(campaign(), officer(), QUIET)
    by_slot = {item.slot: item.flow for item in planned}
    assert by_slot["consent"] == "permiso"
    assert (by_slot["baseline.1"], by_slot["baseline.2"]) == ("q1", "q2")
    assert [by_slot.get(f"w{week:02d}.1") for week in (2, 3, 4, 5, 12)] == ["c", "b", "a", "d", "d"]
    assert [slot for slot in by_slot if slot.startswith("w1") and slot > "w13"] == ["w13.1", "w15.1"]
    assert "w01.1" not in by_slot, "a day of measurement is for measuring only"


def test_without_an_anchor_only_consent_is_asked() -> None:
    assert [item.slot for item in plan(campaign(), officer(anchor=None), QUIET)] == ["consent"]


def test_who_has_consented_is_not_asked_again() -> None:
    assert "consent" not in {item.slot for item in plan(campaign(), officer(consented=True), QUIET)}


def test_who_is_enrolled_late_gets_no_burst() -> None:
    late = officer(enrolled_at=datetime(2026, 4, 20, 18, 0, tzinfo=UTC))
    planned = plan(campaign(), late, QUIET)
    assert all(item.due_at >= late.enrolled_at for item in planned)
    assert not [item for item in planned if item.wave]


def test_a_window_within_the_quiet_hours_plans_nothing() -> None:
    assert plan(campaign(window={"from": "22:00", "to": "23:00"}), officer(), QUIET) == []


ZONES = st.sampled_from(["America/Mexico_City", "America/Tijuana", "America/Cancun", "America/Hermosillo", "America/Ojinaga"])
ANCHORS = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(ZONES, ANCHORS, st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=8, max_size=8))
@settings(max_examples=60, deadline=None)
def test_every_moment_is_within_the_window_and_the_same_every_time(zone: str, anchor: date, study_id: str) -> None:
    one = officer(timezone=zone, anchor=anchor, study_id=study_id, enrolled_at=datetime(2024, 12, 1, tzinfo=UTC))
    planned = plan(campaign(), one, QUIET)
    assert planned == plan(campaign(), one, QUIET)
    assert len({item.slot for item in planned}) == len(planned)
    for item in planned:
        local = item.due_at.astimezone(ZoneInfo(zone))
        assert time(10) <= local.time() <= time(19)
        assert item.closes_at > item.due_at


# -- deciding ---------------------------------------------------------------------------------------------------------


def situation(**changes: object) -> Situation:
    return Situation(**{
        "status": "active", "timezone": "America/Mexico_City", "consented": True, "paused_until": None,
        "cohort_paused": False, "session_open": False, "begun": (), "ignored": 0, **changes,
    })


def nudge(**changes: object) -> Planned:
    return Planned(**{"slot": "w02.1", "flow": "a", "due_at": NOW, "closes_at": NOW + timedelta(hours=48), **changes})


def at(hour: int, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=ZoneInfo("America/Mexico_City")).astimezone(UTC)


def test_the_way_is_free() -> None:
    assert decide(campaign(), nudge(), situation(), QUIET, NOW) == Start()


def test_reasons_not_to_begin() -> None:
    def decided(now: datetime = NOW, **changes: object) -> object:
        return decide(campaign(), nudge(), situation(**changes), QUIET, now)

    assert decided(status="opted_out") == Skip("opted_out")
    assert decided(NOW + timedelta(hours=48)) == Skip("too_late")
    assert decided(consented=False) == Wait(NOW + timedelta(minutes=30), "no_consent")
    assert decided(cohort_paused=True) == Wait(NOW + timedelta(minutes=30), "cohort_paused")
    assert decided(paused_until=NOW + timedelta(hours=5)) == Wait(NOW + timedelta(hours=5), "paused")
    assert decided(session_open=True) == Wait(NOW + timedelta(minutes=30), "session_open")
    assert decided(begun=(NOW - timedelta(hours=3),)) == Wait(NOW + timedelta(hours=21), "gap")
    week = tuple(NOW - timedelta(days=days) for days in (6, 4, 2))
    assert decided(begun=week) == Wait(NOW + timedelta(days=1), "cap")
    assert decided(begun=week, ignored=3) == Skip("ignored")
    assert decided(ignored=3, begun=(NOW - timedelta(days=15),)) == Start()
    assert decided(at(20)) == Wait(at(10, 3), "quiet_hours")
    assert decided(at(8)) == Wait(at(10), "quiet_hours")


def test_what_would_wait_beyond_its_closing_is_skipped_with_the_reason() -> None:
    closing = nudge(closes_at=NOW + timedelta(hours=10))
    assert decide(campaign(), closing, situation(begun=(NOW - timedelta(hours=3),)), QUIET, NOW) == Skip("gap")
    assert decide(campaign(), closing, situation(consented=False), QUIET, NOW + timedelta(hours=9, minutes=45)) == Skip("no_consent")


@given(
    ZONES,
    st.integers(0, 364 * 24 * 60),
    st.lists(st.floats(0, 10), max_size=5),
    st.booleans(), st.booleans(), st.booleans(), st.integers(0, 5), st.floats(0, 72),
)
@settings(max_examples=300, deadline=None)
def test_a_nudge_begins_only_when_it_may_and_comes_to_an_end(
    zone: str, minutes: int, days: list[float], consented: bool, paused: bool, is_open: bool, ignored: int, left: float
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    begun = tuple(now - timedelta(days=ago) for ago in days)
    one = nudge(due_at=now, closes_at=now + timedelta(hours=left))
    how = situation(timezone=zone, consented=consented, cohort_paused=paused, session_open=is_open, begun=begun, ignored=ignored)
    decision = decide(campaign(), one, how, QUIET, now)
    local = now.astimezone(ZoneInfo(zone)).time()
    match decision:
        case Start():
            assert (consented, paused, is_open) == (True, False, False)
            assert now < one.closes_at
            assert time(10) <= local < time(19)
            assert sum(moment > now - timedelta(days=7) for moment in begun) < 3
        case Wait(until, reason):
            assert now < until < one.closes_at
            assert reason
        case Skip(reason):
            assert reason

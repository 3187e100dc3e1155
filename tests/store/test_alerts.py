"""Alerts: one for one cause, however often it comes about."""

from datetime import timedelta

from app.store import alerts
from app.store.database import Database
from tests.conftest import StillClock
from tests.together import together


def test_one_cause_is_one_alert_that_counts(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        assert alerts.ring(tx, "sender_refused", "sender:twilio:sms", clock(), {"code": 20003})
        first = clock()
        clock.advance(minutes=1)
        assert not alerts.ring(tx, "sender_refused", "sender:twilio:sms", clock())
        assert alerts.ring(tx, "loop", "contact:1", clock())
        found = {(one.kind, one.subject): one for one in alerts.open_alerts(tx)}
    assert set(found) == {("sender_refused", "sender:twilio:sms"), ("loop", "contact:1")}
    one = found["sender_refused", "sender:twilio:sms"]
    assert (one.times, one.first_at, one.last_at) == (2, first, first + timedelta(minutes=1))


def test_what_was_seen_to_may_come_about_again(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        assert not alerts.close(tx, "loop", "contact:1", clock())
        alerts.ring(tx, "loop", "contact:1", clock())
        assert alerts.close(tx, "loop", "contact:1", clock())
        assert len(alerts.open_alerts(tx)) == 0
        assert alerts.ring(tx, "loop", "contact:1", clock())
        assert len(alerts.open_alerts(tx)) == 1


def test_all_alerts_of_a_subject_are_closed_and_no_others(database: Database, clock: StillClock) -> None:
    with database.transaction() as tx:
        for kind, subject in (("loop", "contact:1"), ("stuck", "contact:1"), ("loop", "contact:12")):
            alerts.ring(tx, kind, subject, clock(), {"palabra": "sí"})
        first = clock()
        clock.advance(minutes=1)
        alerts.close_all(tx, "contact:1", clock())
        assert [(one.kind, one.subject, one.detail) for one in alerts.open_alerts(tx)] == [
            ("loop", "contact:12", '{"palabra": "sí"}')
        ]
        assert alerts.subjects(tx, "loop") == ["contact:12"]
        assert alerts.open_since(tx, "loop", "contact:12") == first
        assert alerts.open_since(tx, "loop", "contact:1") is None
        assert alerts.open_since(tx, "stuck", "contact:12") is None


def test_many_processes_find_out_at_once(database: Database, clock: StillClock) -> None:
    def ring(_: int) -> None:
        with database.transaction() as tx:
            alerts.ring(tx, "sender_refused", "sender:twilio:sms", clock())

    together(6, ring)
    with database.transaction() as tx:
        assert len(alerts.open_alerts(tx)) == 1

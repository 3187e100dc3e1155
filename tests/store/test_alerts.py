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


def test_many_processes_find_out_at_once(database: Database, clock: StillClock) -> None:
    def ring(_: int) -> None:
        with database.transaction() as tx:
            alerts.ring(tx, "sender_refused", "sender:twilio:sms", clock())

    together(6, ring)
    with database.transaction() as tx:
        assert len(alerts.open_alerts(tx)) == 1

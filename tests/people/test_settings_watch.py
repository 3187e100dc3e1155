"""Changes of settings: the audit log has their names, nothing has their values. On both databases."""

import json

from sqlalchemy import select

from app.people import settings_watch
from app.store.database import Database
from app.store.tables import AuditEntry, StateValue
from app.store.vault import Vault
from tests.conftest import StillClock


def test_a_change_of_settings_is_kept_by_name(database: Database, vault: Vault, clock: StillClock) -> None:
    starts = [
        {"quiet_hours": "21-9", "smtp_password": "hush", "port": "1"},
        {"quiet_hours": "21-9", "smtp_password": "hush", "port": "2"},
        {"quiet_hours": "22-9", "smtp_password": "other", "port": "2"},
        {"quiet_hours": "22-9", "port": "2", "silent_days": "9"},
    ]
    for settings in starts:
        with database.transaction() as tx:
            settings_watch.look(tx, vault, settings, clock.advance(minutes=1))
    with database.reading() as tx:
        rows = tx.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id)).all()
        kept = str(tx.execute(select(StateValue.value)).all()) + str(rows)
    assert [(action, json.loads(detail)["settings"]) for action, detail in rows] == [
        ("settings change", ["quiet_hours", "smtp_password"]),
        ("settings change", ["silent_days", "smtp_password"]),
    ]
    assert "hush" not in kept
    assert "other" not in kept

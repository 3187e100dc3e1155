"""Changes of the settings of an installation, which come from its environment: the audit log gets the names of those that differ from
the last start. Their values are kept as keyed hashes only."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from app.store import audit, state_values
from app.store.vault import Vault

_NAME = "settings"
NOT_COMPARED = ("role", "host", "port", "actor")
"""These differ between the processes of one installation."""


def look(tx: Connection, vault: Vault, settings: Mapping[str, str], now: datetime) -> None:
    """Compare the settings with those of the last start, and keep them for the next."""
    before = json.loads(state_values.read(tx, _NAME) or "null")
    found = {
        name: [one[:16] for one in vault.lookups(f"setting {name} {value}")]
        for name, value in settings.items()
        if name not in NOT_COMPARED
    }
    now_set = {name: hashes[0] for name, hashes in found.items()}
    if before == now_set:
        return
    state_values.write(tx, _NAME, json.dumps(now_set, sort_keys=True), now)
    if before is not None:
        changed = sorted(name for name in before | now_set if before.get(name) not in found.get(name, ()))
        if not changed:  # only the key that they are hashed with
            return
        audit.record(tx, now, "serve", "settings change", "settings", {"settings": changed})

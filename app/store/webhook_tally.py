"""The count of the carrier's webhooks: how many were genuine, how many forged. Nothing of a forged one is kept but that it came. All
functions take a transaction and commit nothing."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from app.store import alerts, state_values
from app.store.dialect import insert_ignore
from app.store.tables import STATE_VALUE

_NAME = "webhooks"
ALL_FORGED = "webhooks_forged"
"""The kind of the alert for webhooks that are all refused although they name our account: `TRATO_PUBLIC_URL` or
`TRATO_TWILIO_AUTH_TOKEN` is probably wrong. Its subject is one for the installation."""
_SUBJECT = "webhooks"
ENOUGH = 3
"""So many of them in a row ring the alert: a carrier tries a message several times."""


@dataclass(frozen=True, slots=True)
class WebhookTally:
    """The counts in all. `in_a_row`: those that were refused although they name our account, since the last genuine one."""

    genuine: int = 0
    forged: int = 0
    in_a_row: int = 0
    last_genuine: str | None = None
    last_forged: str | None = None

    @property
    def all_forged(self) -> bool:
        """Whether the carrier's own webhooks seem to be refused."""
        return self.in_a_row >= ENOUGH


def read(tx: Connection) -> WebhookTally:
    """The counts."""
    return _parsed(state_values.read(tx, _NAME))


def add(tx: Connection, genuine: int, forged: int, naming_us: int, now: datetime) -> None:
    """Count some more, of which `naming_us` are forged but name our account; ring or close the alert."""
    insert_ignore(tx, STATE_VALUE, [{"name": _NAME, "value": "{}", "updated_at": now}])
    locked = select(STATE_VALUE.c.value).where(STATE_VALUE.c.name == _NAME).with_for_update()
    before = _parsed(tx.execute(locked).scalar_one())
    after = replace(
        before,
        genuine=before.genuine + genuine,
        forged=before.forged + forged,
        in_a_row=0 if genuine else before.in_a_row + naming_us,
        last_genuine=now.isoformat() if genuine else before.last_genuine,
        last_forged=now.isoformat() if forged else before.last_forged,
    )
    state_values.write(tx, _NAME, json.dumps(asdict(after)), now)
    if genuine:
        alerts.close(tx, ALL_FORGED, _SUBJECT, now)
    elif naming_us and after.all_forged:
        alerts.ring(tx, ALL_FORGED, _SUBJECT, now)


def _parsed(value: str | None) -> WebhookTally:
    return WebhookTally(**json.loads(value or "{}"))

"""The receivers and times of alerts: compares the alerts with what has been delivered, so that nothing depends on the moment at which
an alert was rung, and a restart or a second process changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.conversations.library import Library
from app.flows.language.definition import Programme
from app.store import alert_deliveries
from app.store.alert_deliveries import OPENED, OVER, DeliveryKey, DeliveryState, KnownAlert

CALLS = frozenset({"case_waits", "danger_waits"})
"""Kinds that call one person after another, once for each time that the alert has rung."""
URGENT = frozenset({"crisis", "serious", "danger_waits"})
"""Kinds that go out at once and one by one, even if they were closed in between."""
_NO_END = frozenset(
    {"address_disputed", "carrier_differs", "clock", "content", "damaged", "officer_unreadable", "template"}
)
"""Kinds whose end is no news: the receivers brought it about themselves."""

SETTLING = timedelta(minutes=1)
"""How long other alerts wait: many of one cause go out together, and one that ends by itself within it does not go out."""
REMEMBERED = timedelta(days=1)
"""How long after its end an alert, or its end, may still be delivered for the first time."""

Receivers = Mapping[str | None, frozenset[str]]
"""Receivers (`email:…`, `webhook:…`) by programme; None: of alerts that concern no programme alone."""


@dataclass(frozen=True, slots=True)
class Announcer:
    """Plans the deliveries. `operators` are the addresses of the settings."""

    library: Library
    operators: tuple[str, ...] = ()

    def announce(self, tx: Connection, now: datetime) -> None:
        """Plan the deliveries that are missing, and drop those that are no longer wanted."""
        receivers = self.receivers(now)
        alerts = alert_deliveries.recent(tx, now - REMEMBERED)
        known = alert_deliveries.states(tx, [alert.id for alert in alerts])
        wanted = {
            key: when
            for alert in alerts
            for key, when in _wanted(alert, self._named(alert, receivers, now), known, now).items()
        }
        missing = {key: when for key, when in wanted.items() if known.get(key) in (None, DeliveryState.dropped)}
        alert_deliveries.plan(tx, missing)
        waiting = [key for key, state in known.items() if state is DeliveryState.waiting]
        alert_deliveries.drop(tx, [key for key in waiting if key not in wanted], now)

    def receivers(self, now: datetime) -> Receivers:
        """All receivers, by programme. Of one that is over, those who hear of a crisis afterwards."""
        named: dict[str | None, frozenset[str]] = {}
        for code, version in self.library.current.items():
            definition = self.library.programmes[version].definition
            hook = () if definition.alerts.webhook is None else (f"webhook:{definition.alerts.webhook}",)
            people = _afterwards(definition, now) or definition.alerts.email
            named[code] = frozenset((*(f"email:{address}" for address in people), *hook))
        operators = frozenset(f"email:{address}" for address in self.operators)
        named[None] = operators or frozenset(receiver for those in named.values() for receiver in those)
        return named

    def _named(self, alert: KnownAlert, receivers: Receivers, now: datetime) -> list[tuple[str, str]]:
        """The receivers of an alert's opening, each with the event: a person who is called again gets it again."""
        everybody = self._of(alert, receivers)
        if alert.kind not in CALLS:
            return [(OPENED, receiver) for receiver in everybody]
        chain = self._chain(alert.programme, now) or [everybody]
        return [
            (OPENED if call < len(chain) else f"{OPENED}.{call // len(chain) + 1}", receiver)
            for call in range(alert.times)
            for receiver in chain[call % len(chain)]
        ]

    def _chain(self, programme: str | None, now: datetime) -> list[frozenset[str]]:
        """The people of a programme's chain, one after the other; of a case whose programme is not known, everybody's."""
        current = self.library.current
        known = [current[programme]] if programme in current else list(current.values())
        definitions = [self.library.programmes[version].definition for version in known]
        chains = [_afterwards(one, now) or one.alerts.chain for one in definitions]
        steps = max(map(len, chains), default=0)
        return [frozenset(f"email:{chain[step]}" for chain in chains if step < len(chain)) for step in range(steps)]

    def timezone(self, programme: str | None) -> str | None:
        """The time zone of a programme; None if it is not published."""
        version = self.library.current.get(programme or "")
        return None if version is None else self.library.programmes[version].definition.timezone

    def _of(self, alert: KnownAlert, receivers: Receivers) -> frozenset[str]:
        """The receivers of an alert. A crisis of somebody whose programme is not known concerns everybody."""
        parts = [alert.programme, *alert.subject.split(":")]
        programme = next((part for part in parts if part is not None and part in self.library.current), None)
        if programme is None and alert.kind in URGENT:
            return frozenset(receiver for those in receivers.values() for receiver in those)
        return receivers[programme]


def _afterwards(programme: Programme, now: datetime) -> list[str]:
    """The receivers for a programme that takes no answers any more; nobody yet, if it does."""
    over_at, ends = programme.takes_no_answer_from, programme.ends
    return [] if over_at is None or ends is None or now < over_at else ends.afterwards


def _wanted(
    alert: KnownAlert, receivers: Sequence[tuple[str, str]], known: Mapping[DeliveryKey, DeliveryState], now: datetime
) -> dict[DeliveryKey, tuple[bool, datetime]]:
    """The deliveries of an alert, each with whether it is urgent and when it is due."""
    urgent = alert.kind in URGENT
    found: dict[DeliveryKey, tuple[bool, datetime]] = {}
    for event, receiver in receivers:
        opened = DeliveryKey(alert.id, event, receiver)
        if alert.closed_at is None or urgent:
            found[opened] = (urgent, alert.first_at if urgent else alert.first_at + SETTLING)
        if alert.closed_at is not None and alert.kind not in _NO_END and known.get(opened) is DeliveryState.sent:
            found[DeliveryKey(alert.id, OVER, receiver)] = (False, now)
    return found


KEPT, EVERY_CLEAN_UP = timedelta(days=90), timedelta(hours=6)
"""How long after the end of its alert a delivery is kept, with the address it went to; and how often old ones are looked for."""


def clean_up(tx: Connection, now: datetime) -> int:
    """Delete old deliveries: a job."""
    alert_deliveries.forget(tx, now - KEPT)
    return 0

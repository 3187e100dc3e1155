"""The measures of one process, for Prometheus: what it has done since it started, and how long that took. The rooms add to them; nobody reads
them but `web/metrics.py`, which has those of the database beside them. No label holds a name, a number, a text or a study id: only words of
ours, of which there are few."""

from prometheus_client import CollectorRegistry, Counter, Histogram

PROCESS = CollectorRegistry()

_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_SLOW = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 90.0)
_LONG = (10.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)

WEBHOOKS = Counter(
    "trato_webhooks",
    "Requests to the carrier's addresses, by kind and HTTP status of the answer",
    ["kind", "status"],
    registry=PROCESS,
)
WEBHOOK_SECONDS = Histogram(
    "trato_webhook_seconds",
    "From a webhook's head to its answer, which comes after the commit",
    ["kind"],
    buckets=_QUICK,
    registry=PROCESS,
)
INBOUND_LAG_SECONDS = Histogram(
    "trato_inbound_lag_seconds",
    "Age of messages that no webhook brought, or that had to wait, when they were stored",
    buckets=_LONG,
    registry=PROCESS,
)
BATCH_ITEMS = Histogram(
    "trato_ledger_batch_items",
    "Items of one transaction of the ledger",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
    registry=PROCESS,
)
BATCH_SECONDS = Histogram(
    "trato_ledger_batch_seconds",
    "Time of one transaction of the ledger with its commit",
    buckets=_QUICK,
    registry=PROCESS,
)
SENDS = Counter(
    "trato_sends",
    "Answers of the carrier to our messages: accepted, rejected (with the cause) or ambiguous",
    ["channel", "outcome", "cause"],
    registry=PROCESS,
)
SEND_SECONDS = Histogram(
    "trato_send_seconds", "Time of one request to send", ["channel"], buckets=_SLOW, registry=PROCESS
)
DELIVERY_REPORTS = Counter(
    "trato_delivery_reports",
    "Reports of the carrier on messages that it had accepted, by status and cause",
    ["status", "cause"],
    registry=PROCESS,
)
SIGN_INS_REFUSED = Counter(
    "trato_sign_ins_refused", "Sign-ins that were refused: wrong, or too many before", ["reason"], registry=PROCESS
)
TICK_SECONDS = Histogram("trato_tick_seconds", "Time of one tick of the clock", buckets=_SLOW, registry=PROCESS)

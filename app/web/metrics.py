"""The measures of an installation for Prometheus, on a port of their own: those of this process, and what waits in the database. A thread of
its own answers, so that they can be read while the service is busy. Nothing in them is about one officer."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from app.errors import AppError, ConfigurationError
from app.measures import PROCESS
from app.store import gauges
from app.store.gauges import COUNTERS, HELP
from app.store.ledger import Ledger

log = structlog.get_logger(__name__)

PREFIX = "trato_"
OWN = {
    "database_up": "1 if the database answers",
    "ledger_waiting": "Items that wait for a transaction of this process",
    "tick_age_seconds": "Seconds since the last tick of this process",
}
"""The measures of this process that are looked up, and not counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Measures(Collector):
    """All measures at the moment of a look. `silent` gives the seconds since the last tick (None before the first); None without a clock."""

    ledger: Ledger
    silent: Callable[[], float | None] | None

    def collect(self) -> Iterator[Metric]:
        """As Prometheus asks."""
        yield InfoMetricFamily(PREFIX + "build", "The release", {"version": version("trato")})
        yield from PROCESS.collect()
        yield _gauge("ledger_waiting", self.ledger.waiting)
        if self.silent is not None and (age := self.silent()) is not None:
            yield _gauge("tick_age_seconds", age)
        try:
            with self.ledger.database.reading() as tx:
                found = list(gauges.read(tx, self.ledger.clock()))
        except AppError:
            found = None
        yield _gauge("database_up", found is not None)
        yield from _families(found or ())

    def describe(self) -> Iterable[Metric]:
        """Nothing: the names are known when they are collected."""
        return ()


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, OWN[name], value=value)


def _families(found: Iterable[gauges.Gauge]) -> Iterator[Metric]:
    by_name: dict[str, list[gauges.Gauge]] = {}
    for one in found:
        by_name.setdefault(one.name, []).append(one)
    for name, ones in by_name.items():
        make = CounterMetricFamily if name in COUNTERS else GaugeMetricFamily
        family = make(PREFIX + name, HELP[name], labels=list(ones[0].labels))
        for one in ones:
            family.add_metric(list(one.labels.values()), one.value)
        yield family


@contextmanager
def serving(measures: Measures, host: str, port: int | None) -> Iterator[None]:
    """Answer Prometheus during the body; without a port, nobody. Raises ConfigurationError if the port is in use."""
    if port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(measures)
    ProcessCollector(registry=registry)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}:{port} ({os.strerror(error.errno or 0)}): set another TRATO_METRICS_PORT"
        ) from None
    log.info("measures for Prometheus", host=host, port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

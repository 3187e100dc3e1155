"""The measures for Prometheus: true, without anybody in them, documented, and known to the rules and the dashboard."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from ruamel.yaml import YAML
from sqlalchemy import insert, select

from app.errors import ConfigurationError
from app.measures import PROCESS
from app.store import alerts, heartbeat, leases, sweeps, webhook_tally
from app.store.database import Database
from app.store.gauges import COUNTERS, HELP
from app.store.ledger import Ledger
from app.store.tables import CASE, CONTACT
from app.store.vault import Vault
from app.web.metrics import OWN, PREFIX, Measures, serving
from tests.acceptance.processes import free_port
from tests.conftest import StillClock
from tests.sending.wire import ALMA, BRUNO, Run, Wire, wired

OPS = Path(__file__).parents[2] / "ops"
PAGE = (OPS.parent / "docs" / "watching.md").read_text(encoding="utf-8")
RULES = OPS / "prometheus" / "trato.rules.yml"


@pytest.fixture
def run(database: Database, vault: Vault, clock: StillClock) -> Run:
    return wired(database, vault, clock)


def measured(ledger: Ledger) -> dict[str, float]:
    """Each sample with its labels as Prometheus reads it."""
    registry = CollectorRegistry()
    registry.register(Measures(ledger, lambda: 3.0))
    lines = generate_latest(registry).decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))
    }


def _grown(before: dict[str, float], after: dict[str, float], sample: str) -> float:
    return after.get(sample, 0.0) - before.get(sample, 0.0)


def test_the_measures_are_true_and_name_nobody(run: Run) -> None:
    async def work(wire: Wire) -> None:
        now = wire.clock()
        with wire.database.transaction() as tx:
            leases.acquire(tx, heartbeat.TICKS, "one", now + timedelta(minutes=1), now)
            sweeps.advance(tx, now - timedelta(minutes=7), now)
            alerts.ring(tx, "damaged", f"contact:{wire.alma}", now)
            webhook_tally.add(tx, 5, 2, 1, now)
            case = {"contact_id": wire.alma, "reason": "crisis", "opened_at": now - timedelta(hours=1)}
            tx.execute(insert(CASE), {**case, "last_at": now, "waiting_since": now})
        wire.heard(wire.alma, timedelta(hours=22, minutes=30))
        wire.queue("hola", to=wire.bruno, due_at=now - timedelta(seconds=90))
        wire.queue("luego", to=wire.bruno, due_at=now + timedelta(days=1), priority=1)
        before = measured(wire.ledger)
        due = 'trato_outbox_due{channel="whatsapp",class="reply"}'
        assert before[due] == 1
        assert before['trato_outbox_due{channel="whatsapp",class="nudge"}'] == 0, "it is due tomorrow"
        assert before['trato_outbox_oldest_seconds{channel="whatsapp",class="reply"}'] == 90
        assert before['trato_cases_open{reason="crisis"}'] == before['trato_cases_unowned{reason="crisis"}'] == 1
        assert before['trato_cases_oldest_seconds{reason="crisis"}'] == 3600
        assert (before["trato_case_windows_closing"], before["trato_sweep_age_seconds"]) == (1, 420)
        assert (before["trato_webhooks_genuine_total"], before["trato_webhooks_forged_total"]) == (5, 2)
        assert (before["trato_webhooks_refused_in_a_row"], before['trato_alerts_open{kind="damaged"}']) == (0, 1)
        assert (before["trato_clock_ticking"], before["trato_database_up"], before["trato_tick_age_seconds"]) == (
            1,
            1,
            3,
        )

        wire.carrier.faults.refused = {ALMA: 63010}
        wire.queue("se lo niegan", to=wire.alma)
        await wire.send()
        await wire.carrier.inject(f"whatsapp:{BRUNO}", "¿Qué dice mi palabra secreta?")
        after = measured(wire.ledger)
        assert after[due] == 0
        assert _grown(before, after, 'trato_sends_total{cause="",channel="whatsapp",outcome="accepted"}') == 1
        assert _grown(before, after, 'trato_sends_total{cause="passing",channel="whatsapp",outcome="rejected"}') >= 1
        assert _grown(before, after, 'trato_webhooks_total{kind="inbound",status="200"}') == 1
        assert _grown(before, after, 'trato_webhook_seconds_count{kind="inbound"}') == 1
        assert _grown(before, after, 'trato_delivery_reports_total{cause="",status="delivered"}') == 1
        assert _grown(before, after, "trato_ledger_batch_items_sum") >= 4
        assert _grown(before, after, "trato_ledger_batch_seconds_count") >= 1

        text = " ".join(after)
        with wire.database.reading() as tx:
            studies = list(tx.execute(select(CONTACT.c.study_id)).scalars())
        for personal in (*studies, "5555550101", "Alma", "secreta", "contact:"):
            assert personal not in text
        known = (
            {f"{PREFIX}{name}" for name in (*HELP, *OWN)}
            | {metric.name for metric in PROCESS.collect()}
            | {"trato_build"}
        )
        found = {re.sub(r"\{.*", "", sample) for sample in after}
        endings = r"_(total|bucket|sum|count|created|info)$"
        assert {re.sub(endings, "", name) for name in found} <= {re.sub(endings, "", name) for name in known}

    run(work)


def test_what_was_late_is_measured(run: Run) -> None:
    async def work(wire: Wire) -> None:
        before = measured(wire.ledger)
        await wire.carrier.inject(f"whatsapp:{ALMA}", "hola", deliver=False, ago=timedelta(minutes=2))
        intake = wire.carrier.caller.client._transport.app._intake  # type: ignore[attr-defined]
        since, until = wire.clock() - timedelta(minutes=3), wire.clock() + timedelta(minutes=1)
        async for page in wire.channel.list_inbound(since, until):
            for one in page.messages:
                await intake.message(one)
                await intake.message(one)
        after = measured(wire.ledger)
        assert _grown(before, after, "trato_inbound_lag_seconds_count") == 3, "each once: two of before, and this one"
        assert _grown(before, after, "trato_inbound_lag_seconds_sum") == pytest.approx(120, abs=2)

    run(work)


def test_they_are_read_over_http_from_a_port_of_their_own(
    sqlite_template: Path, vault: Vault, clock: StillClock
) -> None:
    database = Database(f"sqlite:///{sqlite_template}")
    measures, port = Measures(Ledger(database, vault, clock, {}), None), free_port()
    with serving(measures, "127.0.0.1", port):
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics")
        assert "trato_database_up 1.0" in answer.text
        assert "process_resident_memory_bytes" in answer.text
        assert "trato_tick_age_seconds" not in answer.text, "without a clock there is no tick"
        with (
            pytest.raises(ConfigurationError, match=f"127.0.0.1:{port}.*TRATO_METRICS_PORT"),
            serving(measures, "127.0.0.1", port),
        ):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")
    database.close()
    with serving(measures, "127.0.0.1", None):
        pass


def test_a_database_that_is_away_is_a_measure_and_no_failure(vault: Vault, clock: StillClock) -> None:
    database = Database(f"postgresql://u@127.0.0.1:{free_port()}/x")
    found = measured(Ledger(database, vault, clock, {}))
    assert found["trato_database_up"] == 0
    assert not any(name.startswith("trato_outbox") for name in found)
    database.close()


# -- documents, rules and dashboard ------------------------------------------------------------------------------------------


def names() -> Iterator[str]:
    """Every measure as Prometheus names it, without the parts of histograms."""
    for metric in PROCESS.collect():
        yield f"{metric.name}_total" if metric.type == "counter" else metric.name
    yield from (f"{PREFIX}{name}_total" if name in COUNTERS else f"{PREFIX}{name}" for name in (*HELP, *OWN))
    yield "trato_build_info"


def test_every_measure_is_documented_and_nothing_else() -> None:
    assert set(re.findall(r"^\| `(trato_\w+)` \|", PAGE, re.MULTILINE)) == set(names())


def test_the_rules_and_the_dashboard_ask_for_measures_that_exist() -> None:
    rules = YAML(typ="safe").load(RULES)["groups"][0]["rules"]
    panels = json.loads((OPS / "grafana" / "trato.json").read_text(encoding="utf-8"))["panels"]
    asked = [rule["expr"] for rule in rules] + [target["expr"] for panel in panels for target in panel["targets"]]
    used = {re.sub(r"_(bucket|sum|count)$", "", name) for text in asked for name in re.findall(r"trato_\w+", text)}
    assert used - set(names()) == set()
    assert all(rule["annotations"].keys() == {"summary", "remedy"} for rule in rules)
    assert len({panel["id"] for panel in panels}) == len(panels)
    shown = {
        name for panel in panels for target in panel["targets"] for name in re.findall(r"trato_\w+", target["expr"])
    }
    lacking = set(names()) - {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    assert lacking <= {"trato_build_info", "trato_webhooks_genuine_total", "trato_webhooks_refused_in_a_row"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_promtool_takes_the_rules_and_they_ring() -> None:
    for words in (["check", "rules", str(RULES)], ["test", "rules", str(OPS / "prometheus" / "trato.test.yml")]):
        done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

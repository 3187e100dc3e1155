"""The benchmarks run, and what they print is what was measured; how fast that is, is no matter of tests."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import app


def test_sending_is_measured_against_the_bare_loop_at_its_best(empty_url: str) -> None:
    given = ["--database", empty_url] if empty_url.startswith("postgresql") else []
    ran = CliRunner().invoke(app, ["send", "--messages", "50", "--concurrency", "3", "--json", *given])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert (found["messages"], found["concurrency"], found["database"]) == (50, 3, "postgresql" if given else "sqlite")
    assert found["trato"]["requests"] == found["bare"]["requests"] == 250
    assert found["trato"]["refused"] == 0
    assert found["ratio"] == pytest.approx(found["trato"]["per_second"] / found["bare"]["per_second"])
    assert 0 < found["trato"]["p50_ms"] <= found["trato"]["p99_ms"]


@pytest.mark.nightly
def test_every_page_of_the_console_is_measured_on_a_database_that_is_made_once(tmp_path: Path) -> None:
    given = ["--officers", "100", "--messages", "3000", "--folder", str(tmp_path), "--rounds", "2", "--json"]
    first = CliRunner().invoke(app, ["console", *given])
    assert first.exit_code == 0, first.output
    found = json.loads(first.stdout)
    made = (tmp_path / "force.json").read_text()
    assert found["failed"] == [], "an address that a page has leads nowhere"
    assert {one.partition("?")[0] for one in found["unseen"]} <= {
        "/console/cases/{case}/files",
        "/console/cases/{case}/files/{file}",
        "/console/publish/{code}/transcripts/{file}",
    }
    assert all(0 < one["p50"] <= one["p95"] for one in found["pages"])
    assert CliRunner().invoke(app, ["console", *given, "--only", "/console/roster"]).exit_code == 0
    assert (tmp_path / "force.json").read_text() == made


def test_reading_replies_is_measured_against_the_words_of_the_same_texts() -> None:
    ran = CliRunner().invoke(app, ["replies", "--rounds", "2", "--most", "300", "--json"])
    assert ran.exit_code == 0, ran.output
    found = json.loads(ran.stdout)
    assert found["readings"] == 300
    assert 0 < found["floor"] < found["median"] <= found["p99"] <= found["maximum"]
    assert found["ratio"] == pytest.approx(found["median"] / found["floor"])
    assert found["longest"] > found["median"]

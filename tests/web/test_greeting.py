"""What `trato serve` says on a terminal."""

from pathlib import Path

from app.cli.serve import greeting
from app.main import build
from app.people import accounts
from app.settings import Settings
from tests.world import flows_folder


def test_it_says_where_it_listens_what_it_runs_and_what_is_missing(tmp_path: Path) -> None:
    settings = Settings.load(
        database_url=f"sqlite:///{tmp_path}/trato.db",
        flows=flows_folder(tmp_path / "flows"),
        secret_key="a secret that only tests have",
        port=8123,
        public_url="https://trato.example.org",
        channel="simulator",
    )
    service = build(settings)
    first, second, third, fourth = greeting(service)
    assert first.endswith(
        "listens at http://127.0.0.1:8123: web, clock and sender, carrier simulator. Ctrl+C stops it."
    )
    assert "http://127.0.0.1:8123/phone; others reach it at https://trato.example.org" in second
    assert third.startswith("no account yet: `trato user add")
    assert fourth.startswith("programme prueba: missing: safety (launch-help-lines, ")
    assert "roster (officers); campaign (nobody)" in fourth
    with service.database.transaction() as tx:
        accounts.add(tx, "ana", None, service.clock(), "test")
    assert len(list(greeting(service))) == 3
    service.database.close()

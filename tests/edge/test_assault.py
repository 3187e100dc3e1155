"""A short assault: nothing forged is stored, nothing answers 500, and good webhooks get their answer beside slow connections."""

from pathlib import Path

from tests.acceptance.processes import Installation
from tests.edge.assault import assault
from tests.world import PROGRAMME


def test_strangers_store_nothing_and_keep_nobody_waiting(tmp_path: Path) -> None:
    """On SQLite alone: the edge is the same in front of both databases."""
    place = Installation(tmp_path, f"sqlite:///{tmp_path}/trato.db", PROGRAMME, more={"TRATO_ROLE": "web"})
    found = assault(place, requests=1_500, slow=600, seed=1)
    assert found.faults == []
    assert found.requests == 1_500
    assert {400, 403, 404, 405, 413, 421, 431} <= found.answers.keys()
    assert found.slow >= 600
    assert found.percentile(0.95) < 2_000
    assert "Traceback" not in place.log

"""A short chaos run on each database: SQLite with its one process, PostgreSQL with three. CHAOS_SEED takes another seed; a
long run is `make chaos`."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.chaos.conduct import Plan, run


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what is torn down in the middle of a call may complain
def test_nothing_is_lost_and_nothing_is_twice(database_url: str, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED", "1"))
    processes = 1 if database_url.startswith("sqlite") else 3
    result = asyncio.run(run(Plan(database_url, tmp_path, seed, officers=40, processes=processes, kills=6, seconds=12)))
    assert not result.faults, f"CHAOS_SEED={seed}: " + "\n".join(result.faults[:20])
    assert result.kills >= 6
    assert result.outages == 1
    assert result.inbound > 25, "the officers have answered"
    assert result.completed > 2

"""A short chaos run on each database: SQLite with its one process, PostgreSQL with three and a server of its own, which restarts.
CHAOS_SEED takes another seed; a long run is `make chaos`."""

import asyncio
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.chaos.conduct import POISON, Plan, run
from tests.chaos.poison import KINDS
from tests.conftest import postgresql_server


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what is torn down in the middle of a call may complain
@pytest.mark.parametrize("processes", [1, pytest.param(3, marks=pytest.mark.postgres)], ids=["sqlite", "postgresql"])
def test_nothing_is_lost_and_nothing_is_twice(processes: int, tmp_path: Path) -> None:
    seed = int(os.environ.get("CHAOS_SEED", "1"))
    on_postgresql = processes > 1
    with postgresql_server() if on_postgresql else nullcontext(f"sqlite:///{tmp_path}/trato.db") as url:
        plan = Plan(
            url,
            tmp_path,
            seed,
            40,
            processes,
            kills=6,
            seconds=8,
            restarts=on_postgresql,
            spell_seconds=1.0,
            each_swept=False,
        )
        result = asyncio.run(run(plan))
    assert not result.faults, f"CHAOS_SEED={seed}: " + "\n".join(result.faults[:20])
    assert result.kills >= 6
    assert result.outages == 1
    assert result.spells.keys() > {"clock back", "clock forward", POISON}
    assert result.damaged.keys() == set(KINDS)
    assert result.inbound > 25, "the officers have answered"
    assert result.completed > 2
    assert result.cases.keys() >= {"show", "answer", "close"}, "persons have looked after cases meanwhile"

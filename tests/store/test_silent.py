"""Silent messages among millions of others: looked for through their index, on both databases."""

from datetime import timedelta

from sqlalchemy import Connection

from app.store import silent
from app.store.database import Database
from tests.conftest import StillClock
from tests.store.explained import plans


def test_they_are_found_without_going_through_all_messages(database: Database, clock: StillClock) -> None:
    def look(tx: Connection) -> None:
        day = timedelta(days=1)
        silent.to_ask(tx, clock(), after=day / 2, steps=((day, day / 6), (3 * day, day / 2)), limit=5)
        silent.give_up(tx, clock())

    found = plans(database, look)
    assert len(found) == 2
    for plan in found:
        assert "ix_outbound_silent" in plan

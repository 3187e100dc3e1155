"""Silent messages among millions of others: looked for through their index, on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, text

from app.store import silent
from app.store.database import Database
from tests.conftest import StillClock


def test_they_are_found_without_going_through_all_messages(database: Database, clock: StillClock) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    with database.transaction() as tx:
        event.listen(tx, "before_cursor_execute", note)
        day = timedelta(days=1)
        silent.to_ask(tx, clock(), after=day / 2, steps=((day, day / 6), (3 * day, day / 2)), limit=5)
        silent.give_up(tx, clock())
        event.remove(tx, "before_cursor_execute", note)
        if not database.is_sqlite:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        plans = [
            "\n".join(map(str, tx.exec_driver_sql(explain + statement, parameters))) for statement, parameters in asked
        ]
    assert len(plans) == 2
    for plan in plans:
        assert "ix_outbound_silent" in plan

"""The plans of a database for the statements of a piece of work: through indexes, or through whole tables."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event, text

from app.store.database import Database

GROWING = (
    "contact",
    "assignment",
    "nudge",
    "session",
    "inbound_message",
    "case",
    "case_message",
    "outbound_message",
    "message_event",
    "response",
)
"""The tables that grow with a study."""
_WHOLE = re.compile(r'(?:Seq Scan on|SCAN) "?(\w+)"?(?: AS \w+)?(?: USING (?:COVERING )?INDEX (\w+))?')


def plans(database: Database, work: Callable[[Connection], object]) -> list[str]:
    """The plan of each statement of `work`, which runs."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    with database.transaction() as tx:
        event.listen(tx, "before_cursor_execute", note)
        work(tx)
        event.remove(tx, "before_cursor_execute", note)
        if not database.is_sqlite:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        return [
            "\n".join(map(str, tx.exec_driver_sql(explain + statement, parameters))) for statement, parameters in asked
        ]


def scanned(plan: str, *, partial: frozenset[str]) -> set[str]:
    """The growing tables that a plan goes through from end to end. Going through one of the `partial` indexes is no such thing."""
    return {table for table, index in _WHOLE.findall(plan) if table in GROWING and index not in partial}

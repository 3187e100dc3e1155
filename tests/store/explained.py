"""The plans of a database for the statements of a piece of work: through indexes, or through whole tables."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
    "audit_entry",
)
"""The tables that grow with a study."""
_WHOLE = re.compile(r'(?:Seq Scan on|SCAN) "?(\w+)"?(?: AS \w+)?(?: USING (?:COVERING )?INDEX (\w+))?')
_OF_COHORTS = re.compile(r"SEARCH contact USING (?:COVERING )?INDEX ix_contact_cohort_id")
_OF_OFFICERS = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX \w+ \(contact_id=\?")

Asked = list[tuple[str, Any]]
"""Statements with their parameters."""


@contextmanager
def noted(database: Database) -> Iterator[Asked]:
    """The statements of the block, as they come."""
    asked: Asked = []

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def plans(database: Database, work: Callable[[Connection], object]) -> list[str]:
    """The plan of each statement of `work`, which runs."""
    with database.transaction() as tx:
        with noted(database) as asked:
            work(tx)
        return explained(database, tx, asked)


def explained(database: Database, tx: Connection, asked: Asked) -> list[str]:
    """The plan of each of these statements."""
    if not database.is_sqlite:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    return ["\n".join(map(str, tx.exec_driver_sql(explain + statement, parameters))) for statement, parameters in asked]


def scanned(plan: str, *, partial: frozenset[str]) -> set[str]:
    """The growing tables that a plan goes through from end to end. Going through one of the `partial` indexes is no such thing."""
    return {table for table, index in _WHOLE.findall(plan) if table in GROWING and index not in partial}


def by_officers(plan: str) -> set[str]:
    """The growing tables that a plan of SQLite goes through from the officers of cohorts to the rows of each of them: of the cohorts of a
    programme that is the whole table."""
    officers = _OF_COHORTS.search(plan)
    return set() if officers is None else {one for one in _OF_OFFICERS.findall(plan, officers.end()) if one in GROWING}

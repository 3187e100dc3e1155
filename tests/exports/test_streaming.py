"""Exports and the report read rows in batches as the database gives them, never all at once. On both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from app.exports import source as sources
from app.exports.report import conversations, planned_flows, reach
from app.exports.report.planned_flows import Reached
from app.exports.report.programme import summary
from app.exports.report.sample import choose
from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.statistics.suppression import Part, Share
from app.store.tables import SESSION
from tests.exports.field import Field


@contextmanager
def batches(field: Field) -> Iterator[list[int | None]]:
    """The number of rows that each query takes at a time; None takes all."""
    found: list[int | None] = []

    def note(*given: Any) -> None:
        found.append(given[4].execution_options.get("yield_per"))

    event.listen(field.tx.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(field.tx.engine, "before_cursor_execute", note)


def test_a_query_is_read_in_batches(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "BATCH", 2)
    for _ in range(5):
        field.talk("reporte", "no")
    with batches(field) as found:
        rows = list(Source(field.tx, Selection()).read(select(SESSION.c.id)))
    assert found == [2]
    assert [len(batch) for batch in rows] == [2, 2, 1]


def test_the_report_reads_conversations_in_batches(field: Field, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        field.plan("reporte", session_id=field.talk("reporte", "no"), slot=f"w{number:02}.1")
    at_once = counted(field)
    for module in (conversations, reach):
        monkeypatch.setattr(module, "SMALL_BATCH", 2)
    assert [len(ids) for (ids,) in conversations.columns(field.tx, select(SESSION.c.id))] == [2, 2, 1]
    assert counted(field) == at_once
    assert sum(part.count for part in at_once[0].values()) == 5


def counted(field: Field) -> tuple[dict[Reached, Part], list[dict[str, Share]]]:
    sample = choose(field.tx, None, None, None, None)
    talks = conversations.conversations(field.tx, sample, reach.reached(field.tx, sample))
    found = planned_flows.flow_counts(field.tx, sample, summary("prueba", {}), talks, field.clock())
    return found.asking.all(), [rates.all() for rates in found.rates.values()]

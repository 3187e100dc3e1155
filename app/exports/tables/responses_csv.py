"""The table `responses` as lines of CSV, quickly: the one table that may have millions of rows. What needs no looking at is put
together by the database; only what somebody typed, numbers and moments are looked at here. The same lines, by a test, that
`formats.as_csv` makes of the table's rows."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select

from app.exports import media
from app.exports.formats.as_csv import quoted, safe
from app.exports.source import BATCH, Source
from app.exports.tables import responses as table
from app.exports.wallclock import WallClock
from app.exports.wanted import Wanted
from app.store.dialect import batches, comma_text, stored_text

_KEPT = 50_000
"""Cells whose form is remembered: answers are the same few words again and again."""


class _Cells(dict[Any, str]):
    """The cells of texts."""

    def __missing__(self, value: str | None) -> str:
        cell = "" if value is None else quoted(str(safe(value)))
        if len(self) < _KEPT:
            self[value] = cell
        return cell


class _Numbers(dict[Any, str]):
    """The cells of numbers: whole ones without a point."""

    def __missing__(self, number: float) -> str:
        cell = str(int(number) if number.is_integer() else number)
        if len(self) < _KEPT:
            self[number] = cell
        return cell


class _Scores(dict[Any, str]):
    """The cells of numbers as they are."""

    def __missing__(self, number: float) -> str:
        cell = self[number] = str(number)
        return cell


def lines(source: Source) -> Iterator[list[str]]:
    """The table's lines, in batches and in the order of its key."""
    cells, numbers, scores, clock = _Cells(), _Numbers(), _Scores(), WallClock()
    for batch in batches(source.tx, _query(source.wanted), BATCH):
        found = []
        # One loop without calls: this is where the time of an export goes.
        for (study, cohort, where, raw, value, label, missing, score, how, planned, asked, answered, drawn, stored, number,
             zone) in batch:
            if number is not None:
                shown = last = numbers[number]
            elif missing[0] != ",":
                shown = last = "." + missing.partition(",")[0]
            else:
                shown, last = cells[value], ""
            hours, asked_time, answered_time = clock[zone], asked[13:19], answered[13:19]
            asked_hour, answered_hour = asked[:13], answered[:13]
            asked_local, answered_local = hours[asked_hour], hours[answered_hour]
            found.append(
                f"{study},{cells[cohort]},{where},{cells[raw]},{shown},{cells[label]},{missing},{scores[score]},{how},"
                f"{f'{planned[:10]}T{planned[11:19]}Z' if planned else ''},"
                f"{asked_hour[:10]}T{asked[11:19]}Z,{answered_hour[:10]}T{answered[11:19]}Z,"
                f"{asked_local + asked_time if asked_local else hours.exactly(asked)},"
                f"{answered_local + answered_time if answered_local else hours.exactly(answered)},"
                f"{drawn},{cells[media.names(study, int(where.split(',')[1]), stored)] if stored else ''},{last}\n"
            )
        yield found


def _query(wanted: Wanted) -> Select[Any]:
    """The table's query with what stands together put together: 16 columns instead of 35."""
    whole = table.query(wanted)
    by_name = dict(zip((*table.NAMES, "zone"), whole.selected_columns, strict=True))
    response = table.RESPONSE

    def together(first: str, last: str) -> ColumnElement[str]:
        names = table.NAMES[table.NAMES.index(first) : table.NAMES.index(last) + 1]
        return comma_text(*(by_name[name] for name in names))

    return whole.with_only_columns(
        by_name["study_id"], by_name["cohort"], together("programme", "kind"), by_name["raw"], by_name["value"],
        by_name["label"], together("missing", "rule"), by_name["score"], together("attempt", "channel"),
        stored_text(table.NUDGE.c.planned_for), stored_text(response.c.asked_at), stored_text(response.c.answered_at),
        together("variant", "files"), by_name["media"], by_name["number"], by_name["zone"],
    )

"""The table `responses` as lines of CSV, quickly: the one table that may have millions of rows. What needs no looking at is put
together by the database; only what somebody typed, numbers and moments are looked at here. The same lines, by a test, that
`formats.as_csv` makes of the table's rows. Refuses what is not told as it is stored: pseudonyms, suppressed attributes."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from app.exports import media
from app.exports.disclosure import HOUR
from app.exports.formats.as_csv import quoted, safe
from app.exports.free_text import SealedWords, opened, sealed
from app.exports.local_times import Hours, LocalTimes
from app.exports.recall import of_late_answers
from app.exports.selection import officer_conditions
from app.exports.source import BATCH, WHO, ZONE, Source
from app.exports.tables import responses as table
from app.store.answer_words import AnswerWords
from app.store.dialect import batches, comma_text, stored_text
from app.store.tables import CONTACT, CONTACT_WITH_COHORT, NUDGE, RESPONSE

_VARIABLE = table.NAMES.index("variable") - table.NAMES.index("response_id")
"""The place of the variable among the cells that the database puts together first."""

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
    cells, numbers, scores = _Cells(), _Numbers(), _Scores()
    officers, lags, numbered = _officers(source, cells), of_late_answers(source), _numbered(source)
    exact = source.selection.exact_times
    for batch in batches(source.tx, _query(source), BATCH):
        found = []
        # One loop without calls: this is where the time of an export goes.
        for (
            contact,
            where,
            raw,
            value,
            label,
            missing,
            score,
            how,
            planned,
            asked,
            answered,
            drawn,
            stored,
            number,
            misconception,
            words,
            reviewed,
            inbound,
        ) in batch:
            who, hours = officers[contact]
            if words is not None or reviewed is not None:
                of = SealedWords(words, reviewed, inbound)
                raw, value, label = _opened(source, where, missing, of, value, label)  # noqa: PLW2901 - what the store has sealed
            if number is not None:
                shown = last = numbers[number]
            elif missing[0] != ",":
                shown = last = "." + missing.partition(",")[0]
            else:
                shown, last = cells[value], ""
                if where.endswith(",choice"):
                    last = numbered(who, where, value)
            # A flag that is 1, which only a late answer's row must have: the search costs less than a look-up for every row.
            lag = lags.get(int(where.partition(",")[0]), "") if lags and ",1," in how else ""
            asked_hour, answered_hour = asked[:13], answered[:13]
            planned_time, asked_time, answered_time = HOUR, HOUR, HOUR
            if exact:
                planned_time, asked_time, answered_time = planned and planned[13:19], asked[13:19], answered[13:19]
            asked_local, answered_local = hours[asked_hour], hours[answered_hour]
            found.append(
                f"{who},{where},{cells[raw]},{shown},{cells[label]},{missing},{scores[score]},{how},"
                f"{f'{planned[:10]}T{planned[11:13]}{planned_time}Z' if planned else ''},"
                f"{asked_hour[:10]}T{asked[11:13]}{asked_time}Z,{answered_hour[:10]}T{answered[11:13]}{answered_time}Z,"
                f"{asked_local + asked_time if asked_local else _local(hours, asked, exact=exact)},"
                f"{answered_local + answered_time if answered_local else _local(hours, answered, exact=exact)},"
                f"{drawn},{cells[_files(who, where, stored)] if stored else ''},{last},{lag},{misconception}\n"
            )
        yield found


def _numbered(source: Source) -> Callable[[str, str, str | None], str]:
    """The cell of the number of an option that the programme gives none."""

    def cell(who: str, where: str, value: str | None) -> str:
        numbers = source.numbering.of(who.rpartition(",")[2], where.split(",", _VARIABLE + 1)[_VARIABLE])
        return "" if value is None else str(numbers.get(value, ""))

    return cell


def _local(hours: Hours, moment: str, *, exact: bool) -> str:
    """A moment in a zone whose hours do not begin with those of UTC."""
    local = hours.exactly(moment)
    return local if exact else local[:13] + HOUR


def _opened(
    source: Source, where: str, missing: str, found: SealedWords, value: str | None, label: str | None
) -> AnswerWords:
    response, is_text = int(where.partition(",")[0]), where.endswith(",text") and missing.startswith(",")
    return opened(source.tx, found, response, value, label, is_text=is_text)


def _files(who: str, where: str, stored: str) -> str | None:
    return media.names(who.partition(",")[0], int(where.partition(",")[0]), stored)


def _officers(source: Source, cells: _Cells) -> dict[int, tuple[str, Hours]]:
    """The first three cells of each officer, and the hours of the zone: they are few, and joining them is not free."""
    clock = LocalTimes()
    query = (
        select(CONTACT.c.id, *WHO, ZONE).select_from(CONTACT_WITH_COHORT).where(*officer_conditions(source.selection))
    )
    return {
        contact: (f"{study_id},{cells[cohort]},{programme}", clock[zone])
        for batch in source.read(query)
        for contact, study_id, cohort, programme, zone in batch
    }


def _query(source: Source) -> Select[Any]:
    """The table's cells with what stands together put together, and the officer's key for the first three."""
    cells, response = table.cells(source), RESPONSE.c

    def together(first: str, last: str) -> ColumnElement[str]:
        names = table.NAMES[table.NAMES.index(first) : table.NAMES.index(last) + 1]
        return comma_text(*(cells[name] for name in names))

    return table.chosen(
        source.selection,
        response.contact_id,
        together("response_id", "kind"),
        cells["raw"],
        cells["value"],
        cells["label"],
        together("missing", "rule"),
        cells["score"],
        together("attempt", "channel"),
        stored_text(NUDGE.c.planned_for),
        stored_text(response.asked_at),
        stored_text(response.answered_at),
        together("variant", "files"),
        cells["media"],
        cells["number"],
        together("misconception", "corrected"),
        *sealed(source.selection),
        with_officers=False,
    )

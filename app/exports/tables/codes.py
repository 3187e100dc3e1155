"""The table `codes`: one row for each response that was coded by a variable of the code book, with what coders agree on or what
the final one says, else nothing. What coders looked at is not in it."""

from collections.abc import Iterator
from functools import cached_property
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Connection, Select, select

from app.exports.columns import CODES
from app.exports.settling import FINAL, settled
from app.exports.source import BATCH, WHO, ZONE, Batch, Source, utc
from app.exports.wanted import of_response
from app.flows.language.definition import Coding
from app.flows.loader import load
from app.store import versions
from app.store.dialect import bytewise
from app.store.tables import RESPONSE, TEXT_CODE, with_officer

_NAMES = [column.name for column in CODES]
_KEY = _NAMES.index("response_id"), _NAMES.index("variable")
_PROGRAMME, _VALUE, _CODER = _NAMES.index("programme"), _NAMES.index("value"), _NAMES.index("said")


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the answer."""
    books = _Books(source.tx)
    each = (row for batch in source.table(_query(source), CODES) for row in batch)
    coded = (_row(list(group), books) for _, group in groupby(each, lambda row: (row[_KEY[0]], row[_KEY[1]])))
    while batch := list(islice(coded, BATCH)):
        yield batch


def _row(given: list[Any], books: "_Books") -> list[Any]:
    said = {row[_CODER]: row[_VALUE] for row in given}
    value, how = settled(said)
    row = given[0]
    row[_VALUE : _CODER + 1] = [
        value,
        books.meaning(row[_PROGRAMME], row[_KEY[1]], value),
        how.value,
        len(said.keys() - {FINAL}),
        "; ".join(f"{coder}={codes}" for coder, codes in said.items()),
    ]
    return list(row)


def _query(source: Source) -> Select[Any]:
    """A row for each coder, with the coder's name and codes where the table has `said` and `value`."""
    response, code = RESPONSE.c, TEXT_CODE.c
    cells = {
        "study_id": WHO[0],
        "cohort": WHO[1],
        "programme": WHO[2],
        "response_id": response.id,
        "variable": code.variable,
        "of": response.variable,
        "value": code.codes,
        "label": code.codes,
        "how": code.codes,
        "coders": response.id,
        "said": code.coder,
        "answered_at": utc(response.answered_at),
        "answered_local": utc(response.answered_at),
    }
    found = [cells[name] if name in cells else response[name] for name in _NAMES]
    return (
        select(*(cell.label(f"c{place}") for place, cell in enumerate(found)), ZONE)
        .select_from(with_officer(TEXT_CODE.join(RESPONSE, response.id == code.response_id), RESPONSE))
        .where(*of_response(source.wanted))
        .order_by(response.id, bytewise(code.variable), bytewise(code.coder))
    )


class _Books:
    """The code books as they are now."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def meaning(self, programme: str, variable: str, value: str | None) -> str | None:
        """What codes mean; None if there are none, or the book has them no more."""
        coding = self._all.get(programme, {}).get(variable)
        return (
            None
            if coding is None or not value
            else "; ".join(coding.codes[code] for code in value.split() if code in coding.codes) or None
        )

    @cached_property
    def _all(self) -> dict[str, dict[str, Coding]]:
        found = {}
        for code, version in versions.current(self._tx).items():
            stored = versions.read(self._tx, version)
            programme = load(stored.source, stored.programme).programme
            found[code] = dict(programme.codes) if programme is not None else {}
        return found

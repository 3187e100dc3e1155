"""The table `codes`: one row for each response that was coded by a variable of the code book, with what coders agree on or what
the final one says, else nothing. What coders looked at is not in it."""

from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Select, select

from app.exports.coding_status import FINAL, settle_codes
from app.exports.columns import CODES
from app.exports.selection import response_conditions
from app.exports.source import BATCH, WHO, ZONE, Batch, Source, utc
from app.flows.language.definition import Coding
from app.store.dialect import bytewise
from app.store.tables import RESPONSE, TEXT_CODE, with_officer

_NAMES = [column.name for column in CODES]
_KEY = _NAMES.index("response_id"), _NAMES.index("variable")
_PROGRAMME, _VALUE, _CODER = _NAMES.index("programme"), _NAMES.index("value"), _NAMES.index("said")


def rows(source: Source) -> Iterator[Batch]:
    """The rows of the table in the order of its key. `since` and `until` are of the answer."""
    schemes = {one.programme: one.codes for one in source.definitions.all_current()}
    each = (row for batch in source.table(_query(source), CODES) for row in batch)
    coded = (_row(list(group), schemes) for _, group in groupby(each, lambda row: (row[_KEY[0]], row[_KEY[1]])))
    while batch := list(islice(coded, BATCH)):
        yield batch


def _row(given: list[Any], schemes: Mapping[str, Mapping[str, Coding]]) -> list[Any]:
    said = {row[_CODER]: row[_VALUE] for row in given}
    value, how = settle_codes(said)
    row = given[0]
    row[_VALUE : _CODER + 1] = [
        value,
        _label(schemes.get(row[_PROGRAMME], {}).get(row[_KEY[1]]), value),
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
        "wave_number": source.waves.in_sql(WHO[2], response.wave),
    }
    found = [cells[name] if name in cells else response[name] for name in _NAMES]
    return (
        select(*(cell.label(f"c{place}") for place, cell in enumerate(found)), ZONE)
        .select_from(with_officer(TEXT_CODE.join(RESPONSE, response.id == code.response_id), RESPONSE))
        .where(*response_conditions(source.selection))
        .order_by(response.id, bytewise(code.variable), bytewise(code.coder))
    )


def _label(coding: Coding | None, value: str | None) -> str | None:
    """The labels of codes; None if there are none, or the current coding scheme no longer has them."""
    if coding is None or not value:
        return None
    return "; ".join(coding.codes[code] for code in value.split() if code in coding.codes) or None

"""A coder's sheet, read: all of its codes are stored or, if there is a fault in one row, none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from app.exports.definitions import Definitions
from app.flows.language.nearby import did_you_mean
from app.people.actors import claimed
from app.review.coding import CodingScheme, codes_by_coder, coding_scheme, mark, mistake, together
from app.review.response_rows import response_rows
from app.sheets import hand_sheet
from app.sheets.columns import ColumnNames, Columns
from app.sheets.faults import Fault
from app.sheets.reader import Reader, Row
from app.store import audit, free_text
from app.store.free_text import AssignedCodes, FreeText
from app.wording import Sentence

_FIXED = ("response_id", "question", "text", "said", "mark")
_NEEDED = ("response_id", "text", "mark")
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(slots=True)
class CodeImport:
    """Counts of an import, or of its dry run; only faults if there are any. `open`: texts without any code."""

    coded: int = 0
    unchanged: int = 0
    open: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_table(
    tx: Connection, table: Sequence[Sequence[str]], coder: str, now: datetime, programme: str | None = None
) -> CodeImport:
    """Store a coder's codes from a table whose first row has the headers. An empty cell changes nothing. Raises UsageError if
    there is no such coding scheme."""
    _, scheme = coding_scheme(Definitions(tx), programme)
    columns, faults = _columns(table[0] if table else [], scheme)
    if faults:
        return CodeImport(faults=faults)
    reader, stored, result = Reader(columns), codes_by_coder(tx, scheme), CodeImport()
    rows = list(response_rows(reader, table))
    texts = {text.id: text for text in free_text.texts(tx, ids={response for _, response in rows})}
    new = []
    for row, response in rows:
        if (text := _as_exported(row, texts.get(response), coder)) is None:
            continue
        coded = list(_coded(row, text, coder, scheme))
        changed = [one for one in coded if stored.get((response, one.variable), {}).get(coder) != one.codes]
        result.open += not coded
        result.unchanged += len(coded) - len(changed)
        new += changed
    if reader.faults:
        return CodeImport(faults=sorted(reader.faults))
    result.coded = len(new)
    if new:
        free_text.save_codes(tx, new, now)
        audit.record(tx, now, claimed(coder), "text code", "text_code", {"codes": len(new)})
    return result


def _columns(headers: Sequence[str], scheme: CodingScheme) -> tuple[Columns, list[Fault]]:
    names = ColumnNames({name: (name.replace("_", " "),) for name in _FIXED}, tuple(scheme))
    columns = Columns.of(headers, names)
    faults = [*columns.faults, *(fault for name in _NEEDED for fault in columns.missing(name, names))]
    if not faults and not any(name in columns.positions for name in scheme):
        faults = [Fault(1, "", Sentence("there is no column of the code book: {names}", names=", ".join(scheme)))]
    for header in columns.ignored:
        near = did_you_mean(header, scheme)
        faults += [Fault(1, header, Sentence("is no variable of the code book. {hint}", hint=near))] if near else []
    return columns, faults


def _as_exported(row: Row, text: FreeText | None, coder: str) -> FreeText | None:
    """The text of a row if it is as it was exported for this coder; else None and a fault."""
    if text is None:
        row.fault("response_id", Sentence("there is no such text"))
    elif text.readable is None:
        row.fault("response_id", Sentence("this text is now withheld: delete the row"))
    elif row.text("mark") != mark(text, coder):
        row.fault(
            "mark",
            Sentence(
                "is not of this text as it is now, or was not made for coder {coder}: export the sheet again",
                coder=coder,
            ),
        )
    elif not hand_sheet.is_still(row.text("text"), text.readable):
        row.fault("text", Sentence("was edited: leave it as it was"))
    else:
        return text
    return None


def _coded(row: Row, text: FreeText, coder: str, scheme: CodingScheme) -> Iterator[AssignedCodes]:
    """The codes of one row."""
    for name, coding in scheme.items():
        words = [word for word in _BETWEEN.split(row.text(name).lower()) if word]
        if words and (wrong := mistake(coding, text, words)):
            row.fault(name, wrong)
        elif words:
            yield AssignedCodes(text.id, name, coder, together(coding, words))

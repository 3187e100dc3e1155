"""The rows of a filled-in sheet by the response that each is of."""

from collections.abc import Iterator, Sequence

from app.sheets.reader import Reader, Row
from app.wording import Sentence

COLUMN = "response_id"


def response_rows(reader: Reader, table: Sequence[Sequence[str]]) -> Iterator[tuple[Row, int]]:
    """The rows below the header with their response ids. A row without one, or with that of an earlier row, is a fault instead."""
    first: dict[int, int] = {}
    for row in reader.rows(table):
        response = row.converted(COLUMN, row.text(COLUMN), as_response_id, 0)
        if not response:
            continue
        if (twin := first.setdefault(response, row.number)) != row.number:
            row.fault(COLUMN, Sentence("is in row {row} already", row=twin))
        else:
            yield row, response


def as_response_id(text: str) -> int:
    """A response id, above 0. Raises ValueError."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19 and int(text)):
        raise ValueError(Sentence("is not a response id"))
    return int(text)

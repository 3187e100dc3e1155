"""JSON Lines: one object a row, with every column, null where a cell is empty."""

from pathlib import Path

import orjson

from app.exports.formats import Sheet


def write(path: Path, sheet: Sheet) -> None:
    """Write a sheet as JSON Lines."""
    names = [column.name for column in sheet.columns]
    with path.open("wb") as file:
        for batch in sheet.batches:
            file.writelines(
                orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE) for row in batch
            )

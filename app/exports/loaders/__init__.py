"""Scripts that load an export, with labels and missing codes: `load.do` for Stata, `load.R` for R without packages, `load.py`
for pandas. They apply the new names and values of a codebook that somebody has filled in. Rendered from the columns of the tables, so that they fit the files beside them."""

import json
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.exports.columns import MISSING_CODES, Column, Kind
from app.exports.metadata import WrittenTable
from app.exports.writers import WrittenFile, write_text


def write_loaders(folder: Path, tables: Sequence[WrittenTable]) -> list[WrittenFile]:
    """Write the scripts for which there are files: Stata's needs .dta or CSV, R's CSV, Python's CSV or Parquet."""
    endings = {file.name.rpartition(".")[2] for table in tables for file in table.files}
    scripts: dict[str, str | None] = {
        "load.do": next((ending for ending in ("dta", "csv") if ending in endings), None),
        "load.R": "csv" if "csv" in endings else None,
        "load.py": next((ending for ending in ("parquet", "csv") if ending in endings), None),
    }
    return [
        write_text(folder, name, render(name, tables, ending)) for name, ending in scripts.items() if ending is not None
    ]


def render(script: str, tables: Sequence[WrittenTable], ending: str) -> str:
    """The text of a script that reads the files with this ending."""
    return (
        _environment()
        .get_template(f"{script}.j2")
        .render(
            tables=tables,
            ending=ending,
            missing=[code[1:] for code in MISSING_CODES],
            numbers=_columns(tables, Kind.integer, Kind.number),
            days=_columns(tables, Kind.date),
            utc=_columns(tables, Kind.utc),
            local=_columns(tables, Kind.local),
            extended={table.name: [column.name for column in table.columns if column.extended] for table in tables},
            variables={
                table.name: {column.name: column.variable for column in table.columns if column.variable}
                for table in tables
            },
            keys={table.name: list(table.key) for table in tables},
        )
    )


def _columns(tables: Sequence[WrittenTable], *kinds: Kind) -> dict[str, list[str]]:
    return {table.name: [column.name for column in table.columns if column.kind in kinds] for table in tables}


def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - scripts, not HTML
        loader=PackageLoader("app.exports", "loaders"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"stata": _stata_text, "value_labels": _value_labels, "quoted": _quoted}
    return environment


def _value_labels(column: Column) -> list[tuple[object, str]]:
    """The values of a column and their labels, with the missing codes as Stata writes them."""
    return [*sorted(column.values.items()), *column.missing.items()]


def _stata_text(text: str) -> str:
    """A quoted text on one line, without characters that Stata reads as a quote, a macro or the bounds of a block."""
    text = " ".join(text.split()).replace("{", "(").replace("}", ")")
    return '`"' + text.replace("`", "'").replace("$", "\\$").replace('"', "'") + "\"'"


def _quoted(text: str) -> str:
    """A text between double quotes, as R and JSON write it."""
    return json.dumps(text, ensure_ascii=False)

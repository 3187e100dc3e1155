"""The files that describe the tables: the codebook as CSV, XLSX and HTML, and the Frictionless descriptor `datapackage.json`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from app import __version__
from app.exports import codebook
from app.exports.attributes import Combinations
from app.exports.columns import CODEBOOK, EXTENDED, MISSING_CODES, SUPPRESSED, SUPPRESSION, VERSION, Column, Kind
from app.exports.formats import Batch, Sheet, columns_in
from app.exports.formats.as_csv import write as write_csv
from app.exports.formats.as_xlsx import write_book
from app.exports.source import Source
from app.exports.writers import WrittenFile, digest, replacing, write_json, write_text

COLUMNS = (
    Column("table", "Table"),
    Column("column", "Column"),
    Column("kind", "Kind of its cells"),
    Column("label", "Label", Kind.text),
    Column("values", "Labels of its values", Kind.text),
    Column("key", "1 if it belongs to the table's key", Kind.integer),
)
"""The sheet of the codebook that describes the columns of the tables."""


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table that was written, with its files, one for each format."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    files: tuple[WrittenFile, ...]


def write_codebook(
    folder: Path, source: Source, tables: Sequence[WrittenTable], combinations: Combinations, *, bom: bool
) -> list[WrittenFile]:
    """Write the codebook in its three forms."""
    questions = list(codebook.rows(source))
    count = sum(map(len, questions))
    about = "one question of one version"
    with replacing(folder / "codebook.csv") as partial:
        write_csv(partial, Sheet("codebook", about, (), CODEBOOK, questions, bom))
    with replacing(folder / "codebook.xlsx") as partial:
        write_book(
            partial,
            [
                Sheet("codebook", about, (), CODEBOOK, questions),
                Sheet("columns", "one column", (), COLUMNS, [list(_columns(tables))]),
            ],
        )
    page = write_text(folder, "codebook.html", _page(questions, tables, combinations))
    return [*(WrittenFile(name, count, digest(folder / name)) for name in ("codebook.csv", "codebook.xlsx")), page]


def _columns(tables: Sequence[WrittenTable]) -> Iterator[tuple[object, ...]]:
    for table in tables:
        for column in table.columns:
            yield (
                table.name,
                column.name,
                column.kind.value,
                column.label,
                _values(column),
                int(column.name in table.key),
            )


def _values(column: Column) -> str:
    labels = [f"{value}={text}" for value, text in (*sorted(column.values.items()), *column.codes.items())]
    return "; ".join([*labels, *(f"{code}={text}" for code, text in column.missing.items())])


_STYLE = (
    "body{font:16px/1.4 sans-serif;margin:2rem;color:#222;background:#fff}table{border-collapse:collapse;margin:1rem 0}"
    "th,td{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#eee}"
    "caption{text-align:left;font-weight:bold;padding:.3rem 0}"
)


def _page(questions: Sequence[Batch], tables: Sequence[WrittenTable], combinations: Combinations) -> str:
    """One page that needs nothing else."""
    rows = [row for batch in questions for row in batch]
    parts = [
        '<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Codebook</title>',
        f"<style>{_STYLE}</style></head><body><h1>Codebook</h1>",
        f"<p lang=en>Trato {escape(__version__)}, columns {escape(VERSION)}. Missing codes: ",
        escape("; ".join(f"{code} {text}" for code, text in EXTENDED.items())),
        f".</p><p lang=en>{escape(str(combinations))}.",
        f" {SUPPRESSED}: {SUPPRESSION}." if combinations.suppressed else "",
        "</p>",
        _html_table("Questions", [column.name for column in CODEBOOK], rows),
        *(
            _html_table(
                f"{table.name}: {table.about}",
                ["column", "kind", "label", "values"],
                [row[1:5] for row in _columns([table])],
            )
            for table in tables
        ),
        "</body></html>\n",
    ]
    return "".join(parts)


def _html_table(caption: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{'' if cell is None else escape(str(cell))}</td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead><tbody>\n{body}</tbody></table>"


# -- Frictionless ---------------------------------------------------------------------------------------------------

_TYPES = {
    Kind.code: "string",
    Kind.text: "string",
    Kind.integer: "integer",
    Kind.number: "number",
    Kind.date: "date",
    Kind.utc: "datetime",
    Kind.local: "datetime",
}
_FORMATS = {Kind.utc: "%Y-%m-%dT%H:%M:%SZ", Kind.local: "%Y-%m-%d %H:%M:%S"}
_TABULAR = frozenset({"csv", "xlsx", "jsonl"})
_MEDIA_TYPES = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "dta": "application/x-stata-dta",
    "sav": "application/x-spss-sav",
}


def write_descriptor(folder: Path, tables: Sequence[WrittenTable], caution: str) -> WrittenFile:
    """Write `datapackage.json`, with a resource for each file of each table."""
    resources = [_resource(table, file) for table in tables for file in table.files]
    package = {
        "name": "trato-export",
        "title": "Trato export",
        "description": caution,
        "version": VERSION,
        "resources": resources,
    }
    return write_json(folder, "datapackage.json", package)


def _resource(table: WrittenTable, file: WrittenFile) -> dict[str, Any]:
    ending = file.name.rpartition(".")[2]
    name = table.name if file == table.files[0] else f"{table.name}-{ending}"
    found: dict[str, Any] = {
        "name": name.replace("_", "-"),
        "path": file.name,
        "format": ending,
        "mediatype": _MEDIA_TYPES[ending],
        "title": table.name,
        "description": f"One row is {table.about}.",
        "hash": f"sha256:{file.sha256}",
    }
    if ending not in _TABULAR or (
        ending == "jsonl" and not file.rows
    ):  # frictionless takes no lines at all for a fault
        return {**found, "type": "file"}  # else frictionless would read it as a table, and of Parquet it cannot
    schema = {
        "fields": [_field(column) for column in columns_in(ending, table.columns)],
        "primaryKey": list(table.key),
        "missingValues": ["", *(MISSING_CODES if ending == "csv" else ())],
    }
    return {**found, "profile": "tabular-data-resource", "encoding": "utf-8", "schema": schema}


def _field(column: Column) -> dict[str, Any]:
    found: dict[str, Any] = {"name": column.name, "type": _TYPES[column.kind], "title": column.label}
    if column.kind in _FORMATS:
        found["format"] = _FORMATS[column.kind]
    if labels := _values(column):
        found["description"] = labels
    return found

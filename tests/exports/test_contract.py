"""The contract of exported columns: under one version no column is renamed, dropped or given another kind."""

import json
from pathlib import Path

from app.exports.attributes import PLAIN
from app.exports.columns import CONTRACT, VERSION, Kind

_RECORDED = Path(__file__).parent / "contract.json"
"""The contract as first published under its version. After raising VERSION: `python -m tests.exports.test_contract`."""


def _contract() -> dict[str, dict[str, str]]:
    return {table: {column.name: column.kind.value for column in columns} for table, columns in CONTRACT.items()}


def test_a_renamed_or_dropped_column_needs_a_new_version() -> None:
    recorded = json.loads(_RECORDED.read_text(encoding="utf-8"))
    assert recorded["version"] == VERSION
    for table, columns in recorded["tables"].items():
        assert columns.items() <= _contract()[table].items(), table


def test_numbers_of_rows_are_pseudonyms_for_recipients_and_attributes_are_suppressed() -> None:
    """A new column of these kinds has to say so."""
    for table, columns in CONTRACT.items():
        for column in columns:
            if column.name.endswith("_id") and column.kind is Kind.integer:
                assert column.row_of, (table, column.name)
            if column.name in PLAIN or column.kind is Kind.local:
                assert column.attribute, (table, column.name)


if __name__ == "__main__":
    _RECORDED.write_text(json.dumps({"version": VERSION, "tables": _contract()}, indent=1) + "\n", encoding="utf-8")

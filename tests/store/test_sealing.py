"""The list of sealed columns is whole."""

from sqlalchemy import LargeBinary

from app.store.sealing import SEALED
from app.store.tables import metadata


def test_every_column_of_bytes_is_in_the_list_of_sealed_columns() -> None:
    of_bytes = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert {(one.table.name, one.column.name) for one in SEALED} == of_bytes
    assert len({one.name for one in SEALED}) == len(SEALED)
    assert all(one.key.table is one.column.table for one in SEALED)

"""Sealed columns: their list is whole, a value opens in its own row only, and one that does not open is seen."""

import pytest
from sqlalchemy import LargeBinary

from app.errors import ConfigurationError
from app.store import sealing
from app.store.database import Database
from app.store.sealing import INBOUND_BODY, OUTBOUND_BODY, SEALED, UNREADABLE
from app.store.tables import metadata
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import World


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> World:
    with database.transaction() as tx:
        return World(tx, vault, clock)


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


def test_a_text_opens_as_the_value_of_its_own_row_and_column_only(database: Database) -> None:
    with database.reading() as tx:
        sealed = sealing.seal(tx, INBOUND_BODY, "SM1", "me amenazaron")
        assert sealed is not None
        assert b"amenazaron" not in sealed
        assert sealing.open_text(tx, INBOUND_BODY, "SM1", sealed) == "me amenazaron"
        assert [sealing.readable(tx, *where, sealed) for where in ((INBOUND_BODY, "SM2"), (OUTBOUND_BODY, "SM1"))] == [
            None
        ] * 2
        assert sealing.shown(tx, INBOUND_BODY, "SM2", sealed) == UNREADABLE
        assert (sealing.seal(tx, INBOUND_BODY, "SM1", ""), sealing.open_text(tx, INBOUND_BODY, "SM1", None)) == (
            None,
            "",
        )


def test_without_a_key_nothing_is_sealed(database_url: str) -> None:
    database = Database(database_url)
    with database.reading() as tx, pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY is not set"):
        sealing.seal(tx, INBOUND_BODY, "SM1", "hola")
    database.close()

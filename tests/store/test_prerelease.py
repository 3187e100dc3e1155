"""A database made before the first release is upgraded without a loss."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, text

from app.errors import ConfigurationError
from app.store.database import Database
from app.store.migrations.first_release import KEY
from app.store.migrations.prerelease import LAST
from app.store.schema_version import HEAD
from app.store.tables import MEMORY_CARD, STATE_VALUE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.store.test_schema import schema
from tests.world import enrol


def as_before_the_release(tx: Connection) -> None:
    """The tables that were otherwise then: two had other names, a message had no cause of its error and no act, and numbers were not probed."""
    op = Operations(MigrationContext.configure(tx))
    op.drop_column("outbound_message", "error_cause")
    op.drop_index("ix_contact_damaged", "contact")
    op.drop_column("contact", "damage")
    op.drop_column("contact", "held_for")
    for table in ("web_session", "api_token", "sign_in_failure", "account_role", "account"):
        op.drop_table(table)
    unprotect(tx)
    op.drop_index("ix_audit_entry_subject", "audit_entry")
    op.drop_table("audit_link")
    op.drop_column("contact", "person_wrote_at")
    op.drop_column("response", "judged")
    op.drop_index("ix_outbound_given_up", "outbound_message")
    op.drop_table("case_message")
    op.drop_table("case")
    op.drop_column("contact", "consented_to")
    op.drop_column("consent", "proof")
    op.drop_column("inbound_message", "act")
    op.drop_column("inbound_message", "act_rule")
    op.drop_column("session", "opening")
    op.drop_column("response", "misconception")
    op.drop_column("bucket", "probes")
    op.drop_column("address", "confirmed_at")
    op.drop_column("bucket", "refused")
    op.drop_index("ix_outbound_sent", "outbound_message")
    op.drop_table("memory_card")
    op.drop_table("state_value")
    op.drop_table("deferred_message")
    op.drop_table("schema_support")
    op.drop_table("alert_delivery")
    op.create_table(
        "review",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("principle", sa.String(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_review_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("contact_id", "principle", name=op.f("uq_review_contact_id_principle")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": LAST})


def unprotect(tx: Connection) -> None:
    """The audit log could be changed then."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("DROP FUNCTION append_only CASCADE"))
    else:
        for name in ("audit_entry_no_update", "audit_entry_no_delete"):
            tx.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.parametrize("cards", [["respect", "voice"], []])
def test_a_database_from_before_the_release_keeps_every_row(
    database: Database, vault: Vault, clock: StillClock, cards: list[str]
) -> None:
    now = clock()
    with database.transaction() as tx:
        fresh = schema(tx)
        alma = enrol(tx, vault, now, "+525555550101")
        kept = [
            {
                "id": 40 + place,
                "contact_id": alma,
                "principle": principle,
                "card": '{"stability": 2.5}',
                "due_at": now + timedelta(days=place),
                "reviewed_at": now,
            }
            for place, principle in enumerate(cards)
        ]
        stopped = {"name": "stopped", "value": "1", "updated_at": now}
        if kept:
            tx.execute(insert(MEMORY_CARD), kept)
        tx.execute(insert(STATE_VALUE), stopped)
        tx.execute(text("CREATE TEMPORARY TABLE cards AS SELECT * FROM memory_card"))
        tx.execute(text("CREATE TEMPORARY TABLE states AS SELECT * FROM state_value"))
        as_before_the_release(tx)
        tx.execute(text("INSERT INTO review SELECT * FROM cards"))
        tx.execute(text("INSERT INTO setting SELECT * FROM states"))
        tx.execute(text("DROP TABLE cards"))
        tx.execute(text("DROP TABLE states"))
    with pytest.raises(ConfigurationError, match=f"{LAST}.*trato db upgrade"):
        database.check()

    database.upgrade()

    assert database.current() == HEAD
    with database.transaction() as tx:
        assert schema(tx) == fresh
        assert [dict(row) for row in tx.execute(select(MEMORY_CARD).order_by(MEMORY_CARD.c.id)).mappings()] == kept
        assert [dict(row) for row in tx.execute(select(STATE_VALUE)).mappings()] == [stopped]
        new = {"contact_id": alma, "principle": "trust", "card": "{}", "due_at": now, "reviewed_at": now}
        key = tx.execute(insert(MEMORY_CARD).returning(MEMORY_CARD.c.id), new).scalar_one()
        assert key not in {row["id"] for row in kept}


def test_a_version_before_that_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0002_channel'"))
    with pytest.raises(ConfigurationError, match=f"0002_channel.*{LAST}"):
        database.upgrade()
    assert database.current() == "0002_channel"

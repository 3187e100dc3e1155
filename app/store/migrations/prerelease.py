"""Converts a database made before the first release, whose three migrations the first release's one replaced. Its tables are the
same but for two that have other names now, and columns and an index that are new."""

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from app.errors import ConfigurationError

LAST = "0003_campaigns"
"""The last version before the first release, the only one that is converted."""
OLDER = ("0001_foundation", "0002_channel")
FIRST_RELEASE = "0001_first_release"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def convert(tx: Connection) -> None:
    """Bring a database at the last version before the first release to the first release's. Does nothing to any other. Raises
    ConfigurationError for one at a version before that."""
    if not inspect(tx).has_table("alembic_version"):
        return
    version = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if version in OLDER:
        raise ConfigurationError(
            f"the database is at version {version}: upgrade it to {LAST} with the code of that version"
        )
    if version != LAST:
        return
    op = Operations(MigrationContext.configure(tx))
    _memory_cards(tx, op)
    _state_values(tx, op)
    _deferred_messages(op)
    _schema_support(op)
    op.add_column("outbound_message", sa.Column("error_cause", sa.String(), nullable=True))
    _alert_deliveries(op)
    _damage(op)
    _cases(tx, op)
    _consents(tx, op)
    op.add_column("inbound_message", sa.Column("act", sa.String(), nullable=True))
    op.add_column("inbound_message", sa.Column("act_rule", sa.String(), nullable=True))
    sent = sa.text("sent_at IS NOT NULL")
    op.create_index(
        "ix_outbound_sent", "outbound_message", ["sent_at"], unique=False, sqlite_where=sent, postgresql_where=sent
    )
    op.add_column("address", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bucket", sa.Column("probes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("bucket", sa.Column("refused", sa.String(), server_default="[]", nullable=False))
    tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": FIRST_RELEASE})


def _cases(tx: Connection, op: Operations) -> None:
    """Messages that waited for a person had no reason then: their reason becomes `unclear`."""
    op.create_table(
        "case",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("lookup", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_case_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    for name, column in (("uq_case_open", "contact_id"), ("uq_case_open_stranger", "lookup")):
        op.create_index(
            name,
            "case",
            [column],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    op.create_table(
        "case_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("inbound_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_message_case_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_message.id"], name=op.f("fk_case_message_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_message")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_case_message_inbound_id")),
    )
    op.create_index(op.f("ix_case_message_case_id"), "case_message", ["case_id"], unique=False)
    op.add_column("contact", sa.Column("held_for", sa.String(), nullable=True))
    for owner, reason in (("contact_id", "unclear"), ("lookup", "unknown_number")):
        whose = f"contact_id IS {'NOT ' if owner == 'contact_id' else ''}NULL AND needs_person"
        tx.execute(
            text(
                f'INSERT INTO "case" ({owner}, reason, opened_at, last_at) '  # noqa: S608 - our own words
                f"SELECT {owner}, '{reason}', min(received_at), max(received_at) FROM inbound_message "
                f"WHERE {whose} GROUP BY {owner} ORDER BY min(id)"
            )
        )
    tx.execute(
        text(
            'INSERT INTO case_message (case_id, inbound_id) SELECT "case".id, inbound_message.id FROM inbound_message '
            'JOIN "case" ON "case".contact_id = inbound_message.contact_id '
            'OR inbound_message.contact_id IS NULL AND "case".lookup = inbound_message.lookup '
            "WHERE needs_person ORDER BY inbound_message.id"
        )
    )


def _consents(tx: Connection, op: Operations) -> None:
    """The version that a consent covers is that of the decision. It stays unknown where consent was on paper."""
    op.add_column("consent", sa.Column("proof", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("consented_to", sa.String(), nullable=True))
    latest = "SELECT max(id) FROM consent WHERE contact_id = contact.id AND channel <> 'paper'"
    version = f"SELECT version FROM consent WHERE id = ({latest})"  # noqa: S608 - our own words
    tx.execute(text(f"UPDATE contact SET consented_to = ({version}) WHERE consented_at IS NOT NULL"))  # noqa: S608


def _alert_deliveries(op: Operations) -> None:
    op.create_table(
        "alert_delivery",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_delivery_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_delivery")),
        sa.UniqueConstraint("alert_id", "event", "receiver", name=op.f("uq_alert_delivery_alert_id_event_receiver")),
    )
    waiting = sa.text("sent_at IS NULL AND dropped_at IS NULL")
    op.create_index(
        "ix_alert_delivery_waiting", "alert_delivery", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def _damage(op: Operations) -> None:
    op.add_column("contact", sa.Column("damage", sa.Text(), nullable=True))
    damaged = sa.text("damage IS NOT NULL")
    op.create_index("ix_contact_damaged", "contact", ["id"], sqlite_where=damaged, postgresql_where=damaged)


def _memory_cards(tx: Connection, op: Operations) -> None:
    """Copied rather than renamed: SQLite cannot rename the constraints of a table."""
    op.create_table(
        "memory_card",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("principle", sa.String(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_memory_card_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_card")),
        sa.UniqueConstraint("contact_id", "principle", name=op.f("uq_memory_card_contact_id_principle")),
    )
    columns = "id, contact_id, principle, card, due_at, reviewed_at"
    tx.execute(text(f"INSERT INTO memory_card ({columns}) SELECT {columns} FROM review"))  # noqa: S608 - our own words
    op.drop_table("review")
    if tx.dialect.name == "postgresql":
        counted = "pg_get_serial_sequence('memory_card', 'id'), (SELECT max(id) FROM memory_card)"
        tx.execute(text(f"SELECT setval({counted})"))


def _state_values(tx: Connection, op: Operations) -> None:
    op.create_table(
        "state_value",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state_value")),
    )
    columns = "name, value, updated_at"
    tx.execute(text(f"INSERT INTO state_value ({columns}) SELECT {columns} FROM setting"))  # noqa: S608 - our own words
    op.drop_table("setting")


def _deferred_messages(op: Operations) -> None:
    op.create_table(
        "deferred_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_message")),
        sa.UniqueConstraint("sid", name=op.f("uq_deferred_message_sid")),
    )
    op.create_index(op.f("ix_deferred_message_contact_id"), "deferred_message", ["contact_id"], unique=False)


def _schema_support(op: Operations) -> None:
    op.create_table(
        "schema_support",
        sa.Column("oldest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name=op.f("pk_schema_support")),
    )

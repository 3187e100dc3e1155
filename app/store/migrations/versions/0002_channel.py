"""Files of messages, alerts, officers on hold, replaced numbers, prices, variants, SMS without accents, messages said again,
pauses that the carrier asks for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002_channel"
down_revision: str | None = "0001_foundation"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "alert",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_open",
        "alert",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "media",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("inbound_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_message.id"], name=op.f("fk_media_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("inbound_id", "position", name=op.f("uq_media_inbound_id_position")),
    )
    op.create_index(
        "ix_media_waiting",
        "media",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.add_column("inbound_message", sa.Column("kind", sa.String(), nullable=False, server_default="text"))
    op.add_column("inbound_message", sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dead_letter", sa.Column("sid", sa.String(), nullable=True))
    op.drop_index("ix_outbound_message_contact_id", "outbound_message")
    op.create_index(
        "ix_outbound_message_contact_id_created_at", "outbound_message", ["contact_id", "created_at"], unique=False
    )
    op.add_column("contact", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("session", sa.Column("variant", sa.String(), nullable=True))
    with op.batch_alter_table("address") as address:
        address.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
        address.drop_constraint("uq_address_lookup_channel", type_="unique")
    op.create_index(
        "uq_address_in_use",
        "address",
        ["lookup", "channel"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.add_column("outbound_message", sa.Column("price", sa.String(), nullable=True))
    op.add_column("outbound_message", sa.Column("price_unit", sa.String(), nullable=True))
    op.add_column("outbound_message", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbound_message", sa.Column("plain", sa.Boolean(), nullable=True))
    op.add_column("bucket", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("outbound_message") as table:
        table.add_column(sa.Column("origin_id", KEY, nullable=True))
        table.add_column(sa.Column("resend", sa.Integer(), server_default="0", nullable=False))
        table.create_foreign_key(op.f("fk_outbound_message_origin_id"), "outbound_message", ["origin_id"], ["id"])
    op.create_index(
        "uq_outbound_resend",
        "outbound_message",
        ["origin_id", "resend"],
        unique=True,
        sqlite_where=sa.text("origin_id IS NOT NULL"),
        postgresql_where=sa.text("origin_id IS NOT NULL"),
    )
    op.create_index(
        "ix_outbound_silent",
        "outbound_message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('accepted', 'sent')"),
        postgresql_where=sa.text("status IN ('accepted', 'sent')"),
    )

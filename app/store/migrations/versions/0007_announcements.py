"""One-off messages to many officers."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.migrations import first_release

revision: str = "0007_announcements"
down_revision: str | None = "0006_accepted_transcripts"
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "announcement",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("cohort", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("officers", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index(op.f("ix_announcement_programme"), "announcement", ["programme"], unique=False)
    op.create_table(
        "announcement_officer",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("announcement_id", KEY, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("outbound_id", KEY, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name=op.f("fk_announcement_officer_announcement_id")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_announcement_officer_contact_id")),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_message.id"], name=op.f("fk_announcement_officer_outbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_officer")),
        sa.UniqueConstraint(
            "announcement_id", "contact_id", name=op.f("uq_announcement_officer_announcement_id_contact_id")
        ),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_announcement_officer_outbound_id")),
    )
    op.create_index(op.f("ix_announcement_officer_contact_id"), "announcement_officer", ["contact_id"], unique=False)

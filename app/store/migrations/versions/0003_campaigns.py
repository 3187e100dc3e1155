"""Studies, draws, changes of shifts, spaced repetition, follow-ups, reviews and codes of free text."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003_campaigns"
down_revision: str | None = "0002_channel"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "randomisation",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("seed", KEY, nullable=False),
        sa.Column("design", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.String(), nullable=False),
        sa.Column("release", sa.String(), nullable=False),
        sa.Column("officers", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_randomisation")),
        sa.UniqueConstraint("programme", "scope", name=op.f("uq_randomisation_programme_scope")),
    )
    op.create_table(
        "shift_change",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_shift_change_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_change")),
        sa.UniqueConstraint("contact_id", "starts_at", name=op.f("uq_shift_change_contact_id_starts_at")),
    )
    op.create_table(
        "draw",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("nudge_id", KEY, nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("eligible", sa.Text(), nullable=False),
        sa.Column("seed", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["nudge_id"], ["nudge.id"], name=op.f("fk_draw_nudge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw")),
        sa.UniqueConstraint("nudge_id", name=op.f("uq_draw_nudge_id")),
    )
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
        "text_review",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_text_review_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_review")),
        sa.UniqueConstraint("response_id", name=op.f("uq_text_review_response_id")),
    )
    op.create_table(
        "text_code",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("coder", sa.String(), nullable=False),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_text_code_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_code")),
        sa.UniqueConstraint("response_id", "variable", "coder", name=op.f("uq_text_code_response_id_variable_coder")),
    )
    op.add_column("nudge", sa.Column("origin", sa.String(), nullable=False, server_default="plan"))
    op.add_column("nudge", sa.Column("rule", sa.String(), nullable=True))
    op.add_column("session", sa.Column("shift", sa.Text(), nullable=True))
    op.add_column("inbound_message", sa.Column("programme", sa.String(), nullable=True))
    op.add_column("outbound_message", sa.Column("sender", sa.String(), nullable=True))
    with op.batch_alter_table("assignment") as table:
        table.add_column(sa.Column("randomisation_id", KEY, nullable=True))
        table.add_column(sa.Column("stratum", sa.String(), nullable=True))
        table.add_column(sa.Column("cluster", sa.String(), nullable=True))
        table.alter_column("campaign", existing_type=sa.String(), nullable=True)
        table.create_foreign_key(op.f("fk_assignment_randomisation_id"), "randomisation", ["randomisation_id"], ["id"])
    drawn = sa.text("randomisation_id IS NOT NULL")
    op.create_index(
        "uq_assignment_drawn", "assignment", ["contact_id"], unique=True, sqlite_where=drawn, postgresql_where=drawn
    )
    op.create_index("ix_assignment_to_plan", "assignment", ["campaign", "planned_version_id", "id"])

"""Corrections of answers, which exports apply."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.migrations import first_release

revision: str = "0009_corrections"
down_revision: str | None = "0008_tryouts"
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "correction",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("missing", sa.String(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("misconception", sa.String(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_correction_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_response_id"), "correction", ["response_id"], unique=False)

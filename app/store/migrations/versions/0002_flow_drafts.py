"""Drafts of flow files, the versions that were files, and an index for the answers to each question."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002_flow_drafts"
down_revision: str | None = "0001_first_release"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version."""
    op.add_column("flow_version", sa.Column("filed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.create_table(
        "flow_draft",
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("base_id", KEY, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["flow_version.id"], name=op.f("fk_flow_draft_base_id")),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_flow_draft")),
    )
    columns = ["flow_version_id", "flow", "step", "status"]
    op.create_index("ix_response_of_question", "response", columns, unique=False)

"""Tryouts: a programme on telephones of its team."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.migrations import first_release

revision: str = "0008_tryouts"
down_revision: str | None = "0007_announcements"
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "tryout",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("flow_version_id", KEY, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("press", sa.String(), nullable=False),
        sa.Column("pace_seconds", sa.Integer(), nullable=False),
        sa.Column("of_draft", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_version_id"], ["flow_version.id"], name=op.f("fk_tryout_flow_version_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_tryout")),
        sa.UniqueConstraint("flow_version_id", name=op.f("uq_tryout_flow_version_id")),
    )

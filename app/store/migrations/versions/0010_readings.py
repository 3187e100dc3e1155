"""Replies that people read blind, for the error of the reader."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.migrations import first_release

revision: str = "0010_readings"
down_revision: str | None = "0009_corrections"
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "sampled_reply",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_sampled_reply_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sampled_reply")),
        sa.UniqueConstraint("response_id", name=op.f("uq_sampled_reply_response_id")),
    )
    op.create_table(
        "reading",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_reading_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.UniqueConstraint("response_id", "reader", name=op.f("uq_reading_response_id_reader")),
    )

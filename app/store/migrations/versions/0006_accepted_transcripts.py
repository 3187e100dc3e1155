"""Transcripts that were accepted in the console, with the draft and with the version that they belong to."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006_accepted_transcripts"
down_revision: str | None = "0005_uploads"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    for table in ("flow_version", "flow_draft"):
        op.add_column(table, sa.Column("transcripts", sa.Text(), nullable=False, server_default="{}"))

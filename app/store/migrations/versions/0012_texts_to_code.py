"""The index of officers' words has all that the list of texts to code asks of an answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012_texts_to_code"
down_revision: str | None = "0011_counts_of_days"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    words = sa.text("words IS NOT NULL OR rule = 'audio'")
    asked = ["id", "kind", "status", "rule", "variable", "step", "contact_id"]
    op.drop_index("ix_response_text", "response")
    op.create_index("ix_response_text", "response", asked, sqlite_where=words, postgresql_where=words)

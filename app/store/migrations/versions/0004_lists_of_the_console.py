"""Indexes of the lists of the console: open and closed cases, the flows of a day, conversations without an answer, messages that failed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004_lists_of_the_console"
down_revision: str | None = "0003_password_links"

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INDEXES = (
    ("ix_case_open", "case", ["opened_at"], "closed_at IS NULL"),
    ("ix_case_closed", "case", ["closed_at", "id"], "closed_at IS NOT NULL"),
    ("ix_nudge_planned_for", "nudge", ["planned_for", "id"], None),
    ("ix_session_expired", "session", ["ended_at", "id"], "outcome = 'expired'"),
    ("ix_outbound_failed", "outbound_message", ["created_at", "id"], "status IN ('failed', 'undelivered', 'expired')"),
)


def upgrade() -> None:
    """Go to this version."""
    for name, table, columns, where in _INDEXES:
        only = None if where is None else sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)

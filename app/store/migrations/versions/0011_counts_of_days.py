"""The counts of days that the clock keeps; indexes of officers' texts, of replies, of failures and of the audit log."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.store.migrations import first_release

revision: str = "0011_counts_of_days"
down_revision: str | None = "0010_readings"
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COUNTS = "planned begun sent delivered read replied completed skipped goes waits will_not"


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "day_count",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS.split()),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_day_count_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_count")),
        sa.UniqueConstraint(
            "begins_at", "ends_at", "cohort_id", "flow", name=op.f("uq_day_count_begins_at_ends_at_cohort_id_flow")
        ),
    )
    words = sa.text("words IS NOT NULL OR rule = 'audio'")
    op.create_index(
        "ix_response_text", "response", ["id", "kind", "status", "rule"], sqlite_where=words, postgresql_where=words
    )
    replies = sa.text("reply_to_id IS NOT NULL")
    op.create_index(
        "ix_outbound_reply", "outbound_message", ["reply_to_id"], sqlite_where=replies, postgresql_where=replies
    )
    failed = sa.text("status IN ('failed', 'undelivered', 'expired')")
    counted = ["created_at", "id", "contact_id", "status", "error_cause", "origin_id", "resend"]
    op.drop_index("ix_outbound_failed", "outbound_message")
    op.create_index(
        "ix_outbound_failed", "outbound_message", counted, sqlite_where=failed, postgresql_where=failed
    )
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor", "id"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "id"])

"""Links by which people set their own passwords."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003_password_links"
down_revision: str | None = "0002_flow_drafts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    op.add_column("account", sa.Column("link", sa.String(), nullable=True))
    op.add_column("account", sa.Column("link_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index("uq_account_link", "account", ["link"], unique=True)

"""The schema of the first release."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations

from app.store.migrations import first_release

revision: str = "0001_first_release"
down_revision: str | None = None
KEY = first_release.KEY

branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Go to this version."""
    here = Operations(op.get_context())
    op.create_table(
        "alert",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "uq_alert_open",
        "alert",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    first_release.alert_delivery(here)
    op.create_table(
        "audit_entry",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    first_release.audit_link(here)
    first_release.account(here)
    first_release.sign_in(here)
    op.create_table(
        "bucket",
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_code", sa.Integer(), nullable=True),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.String(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("sender", name=op.f("pk_bucket")),
    )
    op.create_table(
        "cohort",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("dates", sa.Text(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
        sa.UniqueConstraint("code", name=op.f("uq_cohort_code")),
    )
    op.create_index(op.f("ix_cohort_programme"), "cohort", ["programme"], unique=False)
    op.create_table(
        "dead_letter",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
    )
    first_release.deferred_message(here)
    op.create_table(
        "flow_version",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flow_version")),
        sa.UniqueConstraint("programme", "hash", name=op.f("uq_flow_version_programme_hash")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
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
    first_release.schema_support(here)
    first_release.state_value(here)
    op.create_table(
        "campaign_version",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("flow_version_id", KEY, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_version_id"], ["flow_version.id"], name=op.f("fk_campaign_version_flow_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_version")),
        sa.UniqueConstraint("flow_version_id", "code", name=op.f("uq_campaign_version_flow_version_id_code")),
    )
    op.create_table(
        "contact",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("study_id", sa.String(), nullable=False),
        sa.Column("cohort_id", KEY, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_for", sa.String(), nullable=True),
        sa.Column("person_wrote_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("damage", sa.Text(), nullable=True),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("dates", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consented_to", sa.String(), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_contact_cohort_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("study_id", name=op.f("uq_contact_study_id")),
    )
    op.create_index(op.f("ix_contact_cohort_id"), "contact", ["cohort_id"], unique=False)
    op.create_index(
        "ix_contact_damaged",
        "contact",
        ["id"],
        unique=False,
        sqlite_where=sa.text("damage IS NOT NULL"),
        postgresql_where=sa.text("damage IS NOT NULL"),
    )
    op.create_table(
        "programme",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("flow_version_id", KEY, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_version_id"], ["flow_version.id"], name=op.f("fk_programme_flow_version_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_programme")),
    )
    op.create_table(
        "address",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("lookup", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_address_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_index(op.f("ix_address_contact_id"), "address", ["contact_id"], unique=False)
    op.create_index(
        "uq_address_in_use",
        "address",
        ["lookup", "channel"],
        unique=True,
        sqlite_where=sa.text("retired_at IS NULL"),
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("planned_version_id", KEY, nullable=True),
        sa.Column("arm", sa.String(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("randomisation_id", KEY, nullable=True),
        sa.Column("stratum", sa.String(), nullable=True),
        sa.Column("cluster", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_assignment_contact_id")),
        sa.ForeignKeyConstraint(
            ["planned_version_id"], ["campaign_version.id"], name=op.f("fk_assignment_planned_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["randomisation_id"], ["randomisation.id"], name=op.f("fk_assignment_randomisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("contact_id", "campaign", name=op.f("uq_assignment_contact_id_campaign")),
    )
    op.create_index("ix_assignment_to_plan", "assignment", ["campaign", "planned_version_id", "id"], unique=False)
    op.create_index(
        "uq_assignment_drawn",
        "assignment",
        ["contact_id"],
        unique=True,
        sqlite_where=sa.text("randomisation_id IS NOT NULL"),
        postgresql_where=sa.text("randomisation_id IS NOT NULL"),
    )
    op.create_table(
        "identity",
        sa.Column("contact_id", KEY, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_identity_contact_id")),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_identity")),
    )
    first_release.memory_card(here)
    op.create_table(
        "session",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("flow_version_id", KEY, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=True),
        sa.Column("variant", sa.String(), nullable=True),
        sa.Column("opening", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_session_contact_id")),
        sa.ForeignKeyConstraint(["flow_version_id"], ["flow_version.id"], name=op.f("fk_session_flow_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_contact_id"), "session", ["contact_id"], unique=False)
    op.create_index(
        "ix_session_wake",
        "session",
        ["wake_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_session_open",
        "session",
        ["contact_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
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
        "consent",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_contact_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_consent_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_contact_id"), "consent", ["contact_id"], unique=False)
    op.create_table(
        "inbound_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("lookup", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("characters", sa.Integer(), server_default="0", nullable=False),
        sa.Column("media", sa.LargeBinary(), nullable=True),
        sa.Column("button", sa.String(), nullable=True),
        sa.Column("quoted_sid", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), server_default="text", nullable=False),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=True),
        sa.Column("act_rule", sa.String(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("programme", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caught_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_inbound_message_contact_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_inbound_message_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint("sid", name=op.f("uq_inbound_message_sid")),
    )
    op.create_index(op.f("ix_inbound_message_contact_id"), "inbound_message", ["contact_id"], unique=False)
    op.create_index(
        "ix_inbound_needs_person",
        "inbound_message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("needs_person"),
        postgresql_where=sa.text("needs_person"),
    )
    op.create_index(
        "ix_inbound_stranger",
        "inbound_message",
        ["lookup"],
        unique=False,
        sqlite_where=sa.text("contact_id IS NULL"),
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    op.create_table(
        "nudge",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("campaign_version_id", KEY, nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), server_default="plan", nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("wave", sa.String(), nullable=True),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("planned_for", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_version.id"], name=op.f("fk_nudge_campaign_version_id")
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_nudge_contact_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_nudge_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
        sa.UniqueConstraint("contact_id", "campaign", "slot", name=op.f("uq_nudge_contact_id_campaign_slot")),
    )
    op.create_index(op.f("ix_nudge_contact_id"), "nudge", ["contact_id"], unique=False)
    op.create_index(
        "ix_nudge_due",
        "nudge",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'planned'"),
        postgresql_where=sa.text("status = 'planned'"),
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
    first_release.custody(here)
    first_release.case(here)
    op.create_table(
        "media",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("inbound_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_message.id"], name=op.f("fk_media_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("inbound_id", "position", name=op.f("uq_media_inbound_id_position")),
    )
    op.create_index(
        "ix_media_waiting",
        "media",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "outbound_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("origin_id", KEY, nullable=True),
        sa.Column("resend", sa.Integer(), server_default="0", nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("reply_to_id", KEY, nullable=True),
        sa.Column("session_id", KEY, nullable=True),
        sa.Column("flow", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("characters", sa.Integer(), server_default="0", nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=True),
        sa.Column("template", sa.String(), nullable=True),
        sa.Column("variables", sa.LargeBinary(), nullable=True),
        sa.Column("media", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(), nullable=True),
        sa.Column("sender", sa.String(), nullable=True),
        sa.Column("sid", sa.String(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("price", sa.String(), nullable=True),
        sa.Column("price_unit", sa.String(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("error_class", sa.String(), nullable=True),
        sa.Column("error_cause", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_outbound_message_contact_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["outbound_message.id"], name=op.f("fk_outbound_message_origin_id")),
        sa.ForeignKeyConstraint(["reply_to_id"], ["inbound_message.id"], name=op.f("fk_outbound_message_reply_to_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_outbound_message_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound_message")),
        sa.UniqueConstraint("uid", name=op.f("uq_outbound_message_uid")),
    )
    op.create_index(
        "ix_outbound_due",
        "outbound_message",
        ["channel", "priority", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "ix_outbound_message_contact_id_created_at", "outbound_message", ["contact_id", "created_at"], unique=False
    )
    op.create_index(
        "ix_outbound_sent",
        "outbound_message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NOT NULL"),
        postgresql_where=sa.text("sent_at IS NOT NULL"),
    )
    given_up = sa.text("error_class IN ('unclear', 'stop_contact', 'destination')")
    op.create_index(
        "ix_outbound_given_up",
        "outbound_message",
        ["id"],
        unique=False,
        sqlite_where=given_up,
        postgresql_where=given_up,
    )
    op.create_index(
        "ix_outbound_silent",
        "outbound_message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('accepted', 'sent')"),
        postgresql_where=sa.text("status IN ('accepted', 'sent')"),
    )
    op.create_index(
        "uq_outbound_in_flight",
        "outbound_message",
        ["contact_id"],
        unique=True,
        sqlite_where=sa.text("status = 'sending'"),
        postgresql_where=sa.text("status = 'sending'"),
    )
    op.create_index(
        "uq_outbound_message_sid",
        "outbound_message",
        ["sid"],
        unique=True,
        sqlite_where=sa.text("sid IS NOT NULL"),
        postgresql_where=sa.text("sid IS NOT NULL"),
    )
    op.create_index(
        "uq_outbound_resend",
        "outbound_message",
        ["origin_id", "resend"],
        unique=True,
        sqlite_where=sa.text("origin_id IS NOT NULL"),
        postgresql_where=sa.text("origin_id IS NOT NULL"),
    )
    first_release.case_message(here)
    op.create_table(
        "response",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("session_id", KEY, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("inbound_id", KEY, nullable=False),
        sa.Column("flow_version_id", KEY, nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("wave", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("principle", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("missing", sa.String(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("misconception", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_response_contact_id")),
        sa.ForeignKeyConstraint(["flow_version_id"], ["flow_version.id"], name=op.f("fk_response_flow_version_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_message.id"], name=op.f("fk_response_inbound_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_response_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("session_id", "step", "inbound_id", name=op.f("uq_response_session_id_step_inbound_id")),
    )
    op.create_index(op.f("ix_response_contact_id"), "response", ["contact_id"], unique=False)
    op.create_table(
        "message_event",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("outbound_id", KEY, nullable=True),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["outbound_id"], ["outbound_message.id"], name=op.f("fk_message_event_outbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_event")),
        sa.UniqueConstraint("sid", "status", name=op.f("uq_message_event_sid_status")),
    )
    op.create_index(op.f("ix_message_event_outbound_id"), "message_event", ["outbound_id"], unique=False)
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
    op.create_table(
        "text_review",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("response_id", KEY, nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_text_review_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_review")),
        sa.UniqueConstraint("response_id", name=op.f("uq_text_review_response_id")),
    )

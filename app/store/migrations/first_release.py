"""Tables of the first release that a database from before it does not have: made by its migration, and by `prerelease`. Frozen with
that release."""

import sqlalchemy as sa
from alembic.operations import Operations

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def alert_delivery(op: Operations) -> None:
    """Deliveries of alerts to people."""
    op.create_table(
        "alert_delivery",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("alert_id", KEY, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_delivery_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_delivery")),
        sa.UniqueConstraint("alert_id", "event", "receiver", name=op.f("uq_alert_delivery_alert_id_event_receiver")),
    )
    waiting = sa.text("sent_at IS NULL AND dropped_at IS NULL")
    op.create_index(
        "ix_alert_delivery_waiting", "alert_delivery", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def deferred_message(op: Operations) -> None:
    """Messages of officers whose row another transaction held."""
    op.create_table(
        "deferred_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deferred_message")),
        sa.UniqueConstraint("sid", name=op.f("uq_deferred_message_sid")),
    )
    op.create_index(op.f("ix_deferred_message_contact_id"), "deferred_message", ["contact_id"], unique=False)


def custody(op: Operations) -> None:
    """Numbers of erased officers, the secret that they are hashed with, and what the carrier has to delete."""
    op.create_table(
        "suppressed_number",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressed_number")),
        sa.UniqueConstraint("digest", name=op.f("uq_suppressed_number_digest")),
    )
    op.create_table(
        "installation_secret",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation_secret")),
        sa.UniqueConstraint("name", name=op.f("uq_installation_secret_name")),
    )
    op.create_table(
        "carrier_deletion",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sid", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carrier_deletion")),
        sa.UniqueConstraint("sid", name=op.f("uq_carrier_deletion_sid")),
    )
    waiting = sa.text("done_at IS NULL")
    op.create_index(
        "ix_carrier_deletion_waiting", "carrier_deletion", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )


def schema_support(op: Operations) -> None:
    """The oldest schema version whose release may serve."""
    op.create_table(
        "schema_support",
        sa.Column("oldest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("oldest", name=op.f("pk_schema_support")),
    )


def state_value(op: Operations) -> None:
    """Values that the service keeps by name."""
    op.create_table(
        "state_value",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state_value")),
    )


def memory_card(op: Operations) -> None:
    """Spaced repetition."""
    op.create_table(
        "memory_card",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("principle", sa.String(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_memory_card_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_card")),
        sa.UniqueConstraint("contact_id", "principle", name=op.f("uq_memory_card_contact_id_principle")),
    )


def case(op: Operations) -> None:
    """Matters that need a person."""
    op.create_table(
        "case",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=True),
        sa.Column("lookup", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_case_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    for name, column in (("uq_case_open", "contact_id"), ("uq_case_open_stranger", "lookup")):
        op.create_index(
            name,
            "case",
            [column],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
    ours = sa.text("closed_at IS NULL AND contact_id IS NULL AND lookup IS NULL")
    op.create_index("uq_case_open_ours", "case", ["reason"], unique=True, sqlite_where=ours, postgresql_where=ours)


def case_message(op: Operations) -> None:
    """The messages of a case."""
    op.create_table(
        "case_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("inbound_id", KEY, nullable=True),
        sa.Column("outbound_id", KEY, nullable=True),
        sa.Column("letter_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_message_case_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_message.id"], name=op.f("fk_case_message_inbound_id")),
        sa.ForeignKeyConstraint(["outbound_id"], ["outbound_message.id"], name=op.f("fk_case_message_outbound_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["dead_letter.id"], name=op.f("fk_case_message_letter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_message")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_case_message_inbound_id")),
        sa.UniqueConstraint("outbound_id", name=op.f("uq_case_message_outbound_id")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_case_message_letter_id")),
    )
    op.create_index(op.f("ix_case_message_case_id"), "case_message", ["case_id"], unique=False)


def account(op: Operations) -> None:
    """People who sign in, and their roles."""
    op.create_table(
        "account",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("directory", sa.String(), nullable=True),
        sa.Column("totp_step", KEY, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("directory", name=op.f("uq_account_directory")),
    )
    op.create_table(
        "account_role",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
        sa.UniqueConstraint("account_id", "role", "programme", name=op.f("uq_account_role_account_id_role_programme")),
    )


def sign_in(op: Operations) -> None:
    """Signed-in browsers, tokens of programs, and failures of both."""
    op.create_table(
        "web_session",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_web_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_index(op.f("ix_web_session_account_id"), "web_session", ["account_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"], unique=False)
    op.create_table(
        "sign_in_failure",
        sa.Column("lookup", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_sign_in_failure")),
    )


def audit_link(op: Operations) -> None:
    """The hash chain of the audit log. Neither it nor the log can be changed: the database refuses."""
    op.create_table(
        "audit_link",
        sa.Column("position", KEY, autoincrement=False, nullable=False),
        sa.Column("entry_id", KEY, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_link_entry_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_link_entry_id")),
    )
    op.create_index(op.f("ix_audit_entry_subject"), "audit_entry", ["subject"], unique=False)
    for statement in append_only(op.get_bind().dialect.name, ("audit_entry", "audit_link")):
        op.execute(statement)


def append_only(dialect: str, tables: tuple[str, ...]) -> list[str]:
    """Statements that make a database refuse every change of rows of these tables but their insertion."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in tables
            for change in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    return [refuse] + [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        for table in tables
    ]

"""Converts a database made before the first release, whose three migrations the first release's one replaced. Its tables are the
same but for two that have other names now; some tables, columns and an index are new, and texts are sealed: see `clear_texts`."""

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect, text

from app.errors import ConfigurationError
from app.store import keys, sealing
from app.store.migrations import clear_texts, first_release
from app.store.schema_version import LAST, SEALING

OLDER = ("0001_foundation", "0002_channel")
FIRST_RELEASE = "0001_first_release"


def convert(tx: Connection) -> None:
    """Give a database at the last version before the first release the tables of the first release, at the version `SEALING`. Does
    nothing to any other. Raises ConfigurationError for one at a version before that, and if there is no key, or another one, to seal
    its texts with."""
    version = version_of(tx)
    if version in OLDER:
        raise ConfigurationError(
            f"the database is at version {version}: upgrade it to {LAST} with the code of that version"
        )
    if version != LAST:
        return
    if not keys.opens_numbers(tx, sealing.vault_of(tx)):
        raise ConfigurationError(keys.OTHER_KEY)
    op = Operations(MigrationContext.configure(tx))
    _memory_cards(tx, op)
    _state_values(tx, op)
    first_release.deferred_message(op)
    first_release.schema_support(op)
    op.add_column("outbound_message", sa.Column("error_cause", sa.String(), nullable=True))
    first_release.alert_delivery(op)
    _damage(op)
    _cases(tx, op)
    _consents(tx, op)
    op.add_column("inbound_message", sa.Column("act", sa.String(), nullable=True))
    op.add_column("inbound_message", sa.Column("act_rule", sa.String(), nullable=True))
    op.add_column("session", sa.Column("opening", sa.Integer(), nullable=True))
    op.add_column("response", sa.Column("misconception", sa.String(), nullable=True))
    sent = sa.text("sent_at IS NOT NULL")
    op.create_index(
        "ix_outbound_sent", "outbound_message", ["sent_at"], unique=False, sqlite_where=sent, postgresql_where=sent
    )
    op.add_column("address", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bucket", sa.Column("probes", sa.Integer(), server_default="0", nullable=False))
    first_release.account(op)
    first_release.sign_in(op)
    first_release.audit_link(op)
    first_release.custody(op)
    op.add_column("contact", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("bucket", sa.Column("refused", sa.String(), server_default="[]", nullable=False))
    clear_texts.set_aside(tx, op)
    _set_version(tx, SEALING)


def finish(tx: Connection) -> None:
    """Bring a database all of whose texts are sealed to the version of the first release."""
    if version_of(tx) == SEALING:  # else another process has
        clear_texts.finish(Operations(MigrationContext.configure(tx)))
        _set_version(tx, FIRST_RELEASE)


def version_of(tx: Connection) -> str | None:
    """The version of a database; None if it has none yet."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    version: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return version


def _set_version(tx: Connection, version: str) -> None:
    tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def _cases(tx: Connection, op: Operations) -> None:
    """Messages that waited for a person had no reason then: their reason becomes `unclear`."""
    first_release.case(op)
    first_release.case_message(op)
    op.add_column("contact", sa.Column("held_for", sa.String(), nullable=True))
    op.add_column("contact", sa.Column("person_wrote_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("response", sa.Column("judged", sa.Text(), nullable=True))
    given_up = sa.text("error_class IN ('unclear', 'stop_contact', 'destination')")
    op.create_index(
        "ix_outbound_given_up", "outbound_message", ["id"], sqlite_where=given_up, postgresql_where=given_up
    )
    for owner, reason in (("contact_id", "unclear"), ("lookup", "unknown_number")):
        whose = f"contact_id IS {'NOT ' if owner == 'contact_id' else ''}NULL AND needs_person"
        tx.execute(
            text(
                f'INSERT INTO "case" ({owner}, reason, opened_at, last_at, waiting_since) '  # noqa: S608 - our own words
                f"SELECT {owner}, '{reason}', min(received_at), max(received_at), min(received_at) FROM inbound_message "
                f"WHERE {whose} GROUP BY {owner} ORDER BY min(id)"
            )
        )
    tx.execute(
        text(
            'INSERT INTO case_message (case_id, inbound_id) SELECT "case".id, inbound_message.id FROM inbound_message '
            'JOIN "case" ON "case".contact_id = inbound_message.contact_id '
            'OR inbound_message.contact_id IS NULL AND "case".lookup = inbound_message.lookup '
            "WHERE needs_person ORDER BY inbound_message.id"
        )
    )


def _consents(tx: Connection, op: Operations) -> None:
    """The version that a consent covers is that of the decision. It stays unknown where consent was on paper."""
    op.add_column("consent", sa.Column("proof", sa.Text(), nullable=True))
    op.add_column("contact", sa.Column("consented_to", sa.String(), nullable=True))
    latest = "SELECT max(id) FROM consent WHERE contact_id = contact.id AND channel <> 'paper'"
    version = f"SELECT version FROM consent WHERE id = ({latest})"  # noqa: S608 - our own words
    tx.execute(text(f"UPDATE contact SET consented_to = ({version}) WHERE consented_at IS NOT NULL"))  # noqa: S608


def _damage(op: Operations) -> None:
    op.add_column("contact", sa.Column("damage", sa.Text(), nullable=True))
    damaged = sa.text("damage IS NOT NULL")
    op.create_index("ix_contact_damaged", "contact", ["id"], sqlite_where=damaged, postgresql_where=damaged)


def _memory_cards(tx: Connection, op: Operations) -> None:
    """Copied rather than renamed: SQLite cannot rename the constraints of a table."""
    first_release.memory_card(op)
    columns = "id, contact_id, principle, card, due_at, reviewed_at"
    tx.execute(text(f"INSERT INTO memory_card ({columns}) SELECT {columns} FROM review"))  # noqa: S608 - our own words
    op.drop_table("review")
    if tx.dialect.name == "postgresql":
        counted = "pg_get_serial_sequence('memory_card', 'id'), (SELECT max(id) FROM memory_card)"
        tx.execute(text(f"SELECT setval({counted})"))


def _state_values(tx: Connection, op: Operations) -> None:
    first_release.state_value(op)
    columns = "name, value, updated_at"
    tx.execute(text(f"INSERT INTO state_value ({columns}) SELECT {columns} FROM setting"))  # noqa: S608 - our own words
    op.drop_table("setting")

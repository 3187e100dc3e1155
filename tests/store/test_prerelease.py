"""A database made before the first release is upgraded without a loss."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, insert, select, text

from app.errors import ConfigurationError
from app.store import files
from app.store.database import Database
from app.store.migrations import clear_texts
from app.store.migrations.first_release import KEY
from app.store.schema_version import HEAD, LAST, SEALING
from app.store.tables import (
    MEMORY_CARD,
    RESPONSE,
    STATE_VALUE,
    Consent,
    InboundMessage,
    OutboundMessage,
    Response,
    Session,
    TextReview,
    metadata,
)
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.store.test_schema import schema
from tests.world import enrol, stored

CLEAR = {
    "inbound_message": ("body", "media"),
    "outbound_message": ("body", "variables"),
    "session": ("state",),
    "consent": ("text",),
    "text_review": ("text",),
    "response": ("raw",),
}
"""Columns whose texts were in clear."""


def as_before_the_release(tx: Connection) -> None:
    """The tables that were otherwise then: two had other names, a message had no cause of its error and no act, and numbers were not probed."""
    op = Operations(MigrationContext.configure(tx))
    since_the_release(op)
    op.drop_column("outbound_message", "error_cause")
    op.drop_index("ix_contact_damaged", "contact")
    op.drop_column("contact", "damage")
    op.drop_column("contact", "held_for")
    op.drop_column("contact", "erased_at")
    for table in ("suppressed_number", "installation_secret", "carrier_deletion"):
        op.drop_table(table)
    for table in ("web_session", "api_token", "sign_in_failure", "account_role", "account"):
        op.drop_table(table)
    unprotect(tx)
    op.drop_index("ix_audit_entry_subject", "audit_entry")
    op.drop_table("audit_link")
    op.drop_column("contact", "person_wrote_at")
    op.drop_column("response", "judged")
    op.drop_index("ix_outbound_given_up", "outbound_message")
    op.drop_table("case_message")
    op.drop_table("case")
    op.drop_column("contact", "consented_to")
    op.drop_column("consent", "proof")
    op.drop_column("inbound_message", "act")
    op.drop_column("inbound_message", "act_rule")
    op.drop_column("session", "opening")
    op.drop_column("response", "misconception")
    op.drop_column("bucket", "probes")
    op.drop_column("address", "confirmed_at")
    op.drop_column("bucket", "refused")
    op.drop_index("ix_outbound_sent", "outbound_message")
    op.drop_table("memory_card")
    op.drop_table("state_value")
    op.drop_table("deferred_message")
    op.drop_table("schema_support")
    op.drop_table("alert_delivery")
    for table, columns in CLEAR.items():
        for column in columns:
            op.drop_column(table, column)
            op.add_column(table, sa.Column(column, sa.Text(), server_default="", nullable=False))
    op.drop_column("response", "words")
    op.drop_column("inbound_message", "characters")
    op.drop_column("outbound_message", "characters")
    op.add_column("media", sa.Column("url", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "review",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", KEY, nullable=False),
        sa.Column("principle", sa.String(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_review_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("contact_id", "principle", name=op.f("uq_review_contact_id_principle")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    tx.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": LAST})


def since_the_release(op: Operations) -> None:
    """Undo the migrations after that of the release."""
    op.drop_table("day_count")
    op.drop_index("ix_response_text", "response")
    op.drop_index("ix_outbound_reply", "outbound_message")
    op.drop_index("ix_audit_entry_actor", "audit_entry")
    op.drop_index("ix_audit_entry_action", "audit_entry")
    op.drop_table("reading")
    op.drop_table("sampled_reply")
    op.drop_table("correction")
    op.drop_table("tryout")
    op.drop_table("announcement_officer")
    op.drop_table("announcement")
    op.drop_table("upload_part")
    op.drop_table("upload")
    op.drop_index("ix_nudge_planned_for", "nudge")
    op.drop_index("ix_session_expired", "session")
    op.drop_index("ix_outbound_failed", "outbound_message")
    op.drop_table("flow_draft")
    op.drop_column("flow_version", "filed")
    op.drop_column("flow_version", "transcripts")
    op.drop_index("ix_response_of_question", "response")


def unprotect(tx: Connection) -> None:
    """The audit log could be changed then."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("DROP FUNCTION append_only CASCADE"))
    else:
        for name in ("audit_entry_no_update", "audit_entry_no_delete"):
            tx.execute(text(f"DROP TRIGGER {name}"))


@pytest.mark.parametrize("cards", [["respect", "voice"], []])
def test_a_database_from_before_the_release_keeps_every_row(
    database: Database, vault: Vault, clock: StillClock, cards: list[str]
) -> None:
    now = clock()
    with database.transaction() as tx:
        fresh = schema(tx)
        alma = enrol(tx, vault, now, "+525555550101")
        kept = [
            {
                "id": 40 + place,
                "contact_id": alma,
                "principle": principle,
                "card": '{"stability": 2.5}',
                "due_at": now + timedelta(days=place),
                "reviewed_at": now,
            }
            for place, principle in enumerate(cards)
        ]
        stopped = {"name": "stopped", "value": "1", "updated_at": now}
        if kept:
            tx.execute(insert(MEMORY_CARD), kept)
        tx.execute(insert(STATE_VALUE), stopped)
        tx.execute(text("CREATE TEMPORARY TABLE cards AS SELECT * FROM memory_card"))
        tx.execute(text("CREATE TEMPORARY TABLE states AS SELECT * FROM state_value"))
        as_before_the_release(tx)
        tx.execute(text("INSERT INTO review SELECT * FROM cards"))
        tx.execute(text("INSERT INTO setting SELECT * FROM states"))
        tx.execute(text("DROP TABLE cards"))
        tx.execute(text("DROP TABLE states"))
    with pytest.raises(ConfigurationError, match=f"{LAST}.*trato db upgrade"):
        database.check()

    database.upgrade()

    assert database.current() == HEAD
    with database.transaction() as tx:
        assert schema(tx) == fresh
        assert [dict(row) for row in tx.execute(select(MEMORY_CARD).order_by(MEMORY_CARD.c.id)).mappings()] == kept
        assert [dict(row) for row in tx.execute(select(STATE_VALUE)).mappings()] == [stopped]
        new = {"contact_id": alma, "principle": "trust", "card": "{}", "due_at": now, "reviewed_at": now}
        key = tx.execute(insert(MEMORY_CARD).returning(MEMORY_CARD.c.id), new).scalar_one()
        assert key not in {row["id"] for row in kept}


def test_a_version_before_that_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0002_channel'"))
    with pytest.raises(ConfigurationError, match=f"0002_channel.*{LAST}"):
        database.upgrade()
    assert database.current() == "0002_channel"


def _talk(tx: Connection, contact: int, now: datetime) -> None:
    """What an officer wrote and got, as it was stored then: three answers, of which one is nothing but its option."""
    row = {"contact": contact, "now": str(now.replace(tzinfo=None)) + ".000000", "yes": True, "no": False}
    if tx.dialect.name == "postgresql":
        row["now"] = str(now)
    given = [("contacto", "yes_no", "sí", "1", "Sí", "si"), ("otra", "yes_no", f"sí, {WORDS[0]}", "1", "Sí", "si")]
    given.append(("historia", "text", f" {WORDS[1]} ", WORDS[1], WORDS[1], None))
    for statement in (
        "INSERT INTO flow_version (id, programme, hash, source, published_at) VALUES (1, 'prueba', 'h', '', :now)",
        (
            "INSERT INTO session (id, contact_id, flow_version_id, flow, channel, state, started_at) "
            f"VALUES (1, :contact, 1, 'f', 'sms', '{WORDS[2]}', :now)"
        ),
        (
            "INSERT INTO outbound_message (id, uid, contact_id, kind, channel, body, options, variables, priority, due_at, status, "
            "rank, attempts, created_at) "
            f"VALUES (1, 'u1', :contact, 'say', 'sms', '{WORDS[3]}', '[]', '[]', 0, :now, 'sent', 3, 1, :now)"
        ),
        f"INSERT INTO consent (contact_id, version, granted, text, channel, at) VALUES (:contact, 'v', :no, '{WORDS[4]}', 'sms', :now)",
    ):
        tx.execute(text(statement), row)
    for place, (step, kind, raw, value, label, key) in enumerate(given, 1):
        own = row | {
            "id": place,
            "sid": f"SM{place}",
            "step": step,
            "kind": kind,
            "raw": raw,
            "value": value,
            "label": label,
        }
        own |= {"key": key, "sealed": b"x", "media": f'[["{WORDS[5]}", "image/jpeg"]]' if place == 3 else "[]"}
        tx.execute(
            text(
                "INSERT INTO inbound_message (id, sid, contact_id, lookup, channel, body, media, sealed, outcome, needs_person, "
                "received_at) VALUES (:id, :sid, :contact, 'x', 'sms', :raw, :media, :sealed, 'answer', :no, :now)"
            ),
            own,
        )
        tx.execute(
            text(
                "INSERT INTO response (id, session_id, contact_id, inbound_id, flow_version_id, flow, step, variable, kind, raw, "
                "value, key, label, rule, score, attempt, status, late, asked_at, answered_at) VALUES (:id, 1, :contact, :id, 1, "
                "'f', :step, :step, :kind, :raw, :value, :key, :label, 'x', 1.0, 1, 'ok', :no, :now, :now)"
            ),
            own,
        )
    tx.execute(
        text(
            "INSERT INTO media (inbound_id, position, url, content_type, status, attempts, due_at) "
            f"VALUES (3, 1, '{WORDS[5]}', 'image/jpeg', 'waiting', 0, :now)"
        ),
        row,
    )
    tx.execute(
        text(
            f"INSERT INTO text_review (response_id, decision, text, by, at) VALUES (3, 'redact', '{WORDS[6]}', 'eva', :now)"
        ),
        row,
    )


WORDS = tuple(f"palabra inconfundible {number}" for number in range(7))


def test_texts_that_were_in_clear_are_sealed_in_steps_that_may_be_interrupted(
    database: Database, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as tx:
        fresh = schema(tx)
        alma = enrol(tx, vault, clock(), "+525555550101")
        as_before_the_release(tx)
        _talk(tx, alma, clock())
    monkeypatch.setattr(clear_texts, "AT_ONCE", 2)
    whole, done = clear_texts._seal_answers, []

    def killed(tx: Connection, after: int) -> int | None:
        done.append(after)
        if len(done) == 2:
            raise KeyboardInterrupt
        return whole(tx, after)

    monkeypatch.setattr(clear_texts, "_seal_answers", killed)
    with pytest.raises(KeyboardInterrupt):
        database.upgrade()
    assert database.current() == SEALING
    with pytest.raises(ConfigurationError, match=f"{SEALING}.*trato db upgrade"):
        database.check()
    database.unlock(Vault("another secret that only tests have"))
    with pytest.raises(ConfigurationError, match="not the key of this database"):
        database.upgrade()
    database.unlock(vault)
    database.upgrade()

    assert done == [0, 2, 0, 3]
    assert database.current() == HEAD
    with database.transaction() as tx:
        assert schema(tx) == fresh
        assert stored(tx, Response, "raw", "value", "label") == [
            ("sí", "1", "Sí"),
            (f"sí, {WORDS[0]}", "1", "Sí"),
            (f" {WORDS[1]} ", WORDS[1], WORDS[1]),
        ]
        assert tx.execute(select(RESPONSE.c.raw, RESPONSE.c.value, RESPONSE.c.label)).all() == [
            ("sí", "1", "Sí"),
            (None, "1", "Sí"),
            (None, None, ""),
        ]
        assert stored(tx, InboundMessage, "body", "characters", "media")[1:] == [
            (f"sí, {WORDS[0]}", 27, None),
            (f" {WORDS[1]} ", 25, f'[["{WORDS[5]}", "image/jpeg"]]'),
        ]
        assert stored(tx, OutboundMessage, "body", "characters", "variables") == [(WORDS[3], 23, None)]
        assert stored(tx, Session, "state") == [(WORDS[2],)]
        assert stored(tx, Consent, "text") == [(WORDS[4],)]
        assert stored(tx, TextReview, "text") == [(WORDS[6],)]
        assert [file.url for file in files.claim(tx, clock(), clock(), 1, timedelta(1))] == [WORDS[5]]
    assert not any(word in found for found in _on_disk(database) for word in (b"inconfundible",))


def _on_disk(database: Database) -> list[bytes]:
    """What lies in the files of the database, or all that PostgreSQL gives out of it."""
    if database.is_sqlite:
        path = Path(database.url.database or "")
        return [file.read_bytes() for file in path.parent.glob(f"{path.name}*")]
    with database.reading() as tx:
        return [str(tx.execute(select(table)).all()).encode() for table in metadata.sorted_tables]

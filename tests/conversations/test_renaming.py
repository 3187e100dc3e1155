"""A programme under another code, with its officers, by `trato publish --renames`, on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import insert, select
from typer.testing import CliRunner

from app.cli import main
from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.errors import ConflictError, UsageError
from app.exports.definitions import Definitions
from app.store import heartbeat, leases, versions
from app.store.conversations import Changes, write
from app.store.database import Database
from app.store.tables import Account, AccountRole, AuditEntry, Bucket, Cohort, Response
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, flows_folder, message, officer

ALMA = "+525555550101"
RENAMED = PROGRAMME.replace("programme: prueba", "programme: otra")
Trato = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one programme."""
    return flows_folder(tmp_path / "flows")


@pytest.fixture
def trato(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Trato:
    """The command line on a database, with that folder of flows."""
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(folder))
    return lambda *words: CliRunner().invoke(main.app, ["publish", *words])


@pytest.fixture
def alma(database: Database, vault: Vault, clock: StillClock, trato: Trato, folder: Path) -> int:
    """An officer of the published programme, amid a conversation; its file has another code now."""
    assert trato().exit_code == 0
    with database.transaction() as tx:
        contact = enrol(tx, vault, clock(), ALMA)
        library = Library()
        library.refresh(tx)
        changes = Changes()
        begin(Turn(tx, library, changes, clock()), officer(tx, contact), "reporte")
        write(tx, changes)
        tx.execute(insert(Bucket), {"sender": "simulator:prueba:sms", "tokens": 1, "at": clock(), "paused_at": clock()})
    (folder / "prueba.yaml").write_text(RENAMED, encoding="utf-8")
    return contact


def pairs(database: Database, *columns: Any) -> list[Any]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(*columns))]


def rows(database: Database, *columns: Any) -> list[Any]:
    with database.reading() as tx:
        return list(tx.execute(select(*columns)).scalars())


def test_the_refusal_names_the_way_which_moves_officers_history_and_open_conversations(
    database: Database, vault: Vault, clock: StillClock, trato: Trato, alma: int
) -> None:
    assert "trato publish --renames prueba" in trato().stderr
    done = trato("--renames", "prueba")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "The programme prueba is called otra now: 1 officer moves with their history." in done.stdout
    assert rows(database, Cohort.programme) == ["otra"]
    assert rows(database, Bucket.sender) == ["simulator:otra:sms"]
    with database.transaction() as tx:
        library = Library()
        library.refresh(tx)
        assert list(library.current) == ["otra"]
        assert [one.programme for one in versions.history(tx)] == ["otra", "otra"]
        assert officer(tx, alma).programme == "otra"
        arrive(tx)
        assert [one.outcome for one in receive(tx, library, [message(vault, ALMA, "sí")], clock())] == ["answer"]
        version = tx.execute(select(Response.flow_version_id)).scalar_one()
        found = Definitions(tx).version(version)
        assert found is not None
        assert (found.programme, library.compiled(tx, version).programme) == ("otra", "otra")
    [detail] = [
        json.loads(one)
        for action, one in pairs(database, AuditEntry.action, AuditEntry.detail)
        if action == "rename programme"
    ]
    assert detail == {"from": "prueba", "officers": 1}
    assert trato("--renames", "prueba").exit_code != 0, "once"
    assert trato().exit_code == 0
    assert trato("--rollback").exit_code == 0


def test_a_dry_run_renames_nothing(database: Database, trato: Trato, alma: int) -> None:
    shown = trato("--renames", "prueba", "--dry-run")
    assert (shown.exit_code, "1 officer moves" in shown.stdout) == (0, True)
    assert rows(database, Cohort.programme) == ["prueba"]
    assert "rename programme" not in rows(database, AuditEntry.action)


def test_a_role_for_the_new_code_is_not_given_twice(
    database: Database, clock: StillClock, trato: Trato, alma: int
) -> None:
    with database.transaction() as tx:
        account = tx.execute(
            insert(Account).returning(Account.id), {"name": "ana", "created_at": clock(), "totp_step": 0}
        ).scalar_one()
        roles = [{"account_id": account, "role": "researcher", "programme": code} for code in ("prueba", "otra")]
        tx.execute(insert(AccountRole), [{**role, "given_at": clock()} for role in roles])
    assert trato("--renames", "prueba").exit_code == 0
    assert rows(database, AccountRole.programme) == ["otra"]


@pytest.mark.parametrize(
    ("renames", "source", "said"),
    [
        ("pruba", RENAMED, "no programme pruba is published"),
        ("prueba", PROGRAMME, "prueba still has a file"),
    ],
)
def test_what_cannot_be_renamed_is_said(
    database: Database, trato: Trato, folder: Path, alma: int, renames: str, source: str, said: str
) -> None:
    (folder / "prueba.yaml").write_text(source, encoding="utf-8")
    refused = trato("--renames", renames)
    assert isinstance(refused.exception, UsageError)
    assert said in str(refused.exception)
    assert rows(database, Cohort.programme) == ["prueba"]


def test_nothing_is_renamed_while_the_service_runs(
    database: Database, clock: StillClock, trato: Trato, alma: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.publish.system_clock", clock)
    with database.transaction() as tx:
        leases.acquire(
            tx, name=heartbeat.TICKS, owner="a process", until=clock() + heartbeat.LONGEST_LEASE, now=clock()
        )
    assert isinstance(trato("--renames", "prueba").exception, ConflictError)
    assert rows(database, Cohort.programme) == ["prueba"]

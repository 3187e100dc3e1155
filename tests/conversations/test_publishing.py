"""`trato publish`: through one gate and back again, on both databases; a restart never undoes a roll-back."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, update
from typer.testing import CliRunner

from app.cli import main
from app.conversations import publishing
from app.conversations.library import Library
from app.errors import UsageError
from app.main import publish_folder
from app.store import alerts, versions
from app.store.database import Database
from app.store.tables import AuditEntry, Contact
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, TALK, enrol, flows_folder

SECOND = PROGRAMME.replace("text: Gracias.", "text: Muchas gracias.")

Trato = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one programme and one transcript of it."""
    return flows_folder(tmp_path / "flows", talk=TALK)


@pytest.fixture
def trato(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Trato:
    """The command line on a database, with that folder of flows."""
    monkeypatch.setenv("TRATO_DATABASE_URL", database_url)
    monkeypatch.setenv("TRATO_SECRET_KEY", "a secret that only tests have")
    monkeypatch.setenv("TRATO_FLOWS", str(folder))
    monkeypatch.setenv("TRATO_LANG", "es")
    return lambda *words: CliRunner().invoke(main.app, ["publish", *words])


def _draft(folder: Path, source: str, talk: str = TALK) -> None:
    flows_folder(folder, source, talk)


def _passing(source: str) -> str:
    return TALK.replace("< Gracias.", "< Muchas gracias.") if source == SECOND else TALK


def _in_use(database_url: str) -> list[str]:
    database = Database(database_url)
    try:
        with database.reading() as tx:
            return [versions.read(tx, version).source for version in versions.current(tx).values()]
    finally:
        database.close()


def test_published_changed_and_rolled_back(trato: Trato, folder: Path, database_url: str) -> None:
    first = trato()
    assert (first.exit_code, first.stdout.splitlines()[-1]) == (0, "Publicado.")
    assert trato().stdout.splitlines()[-1] == "No había nada nuevo que publicar."
    _draft(folder, SECOND, _passing(SECOND))
    second = trato()
    assert second.exit_code == 0
    assert "conversación reporte" in second.stdout
    assert "  paso fin, cambia: texto" in second.stdout
    assert "    - Gracias.\n    + Muchas gracias." in second.stdout
    assert _in_use(database_url) == [SECOND]
    back = trato("--rollback")
    assert back.exit_code == 0
    assert _in_use(database_url) == [PROGRAMME]
    assert isinstance(trato("--rollback").exception, UsageError)
    assert [line.split()[4:6] for line in trato("--list").stdout.splitlines()[1:]] == [["UTC", "0"], ["UTC", "en"]]


def test_a_dry_run_publishes_nothing(trato: Trato, folder: Path, database_url: str) -> None:
    trato()
    _draft(folder, SECOND, _passing(SECOND))
    assert trato("--dry-run").exit_code == 0
    assert _in_use(database_url) == [PROGRAMME]


@pytest.mark.parametrize(
    ("source", "talk", "said"),
    [
        (SECOND, TALK, "FALLÓ sin_contacto ("),
        (PROGRAMME.replace("go: {no: fin}", "go: {no: fon}"), TALK, "[unknown-step]"),
        (SECOND, TALK.replace("flow: reporte", "flow: reportes"), "[unknown-flow]"),
        ("a: [", TALK, "[yaml-syntax]"),
    ],
)
def test_what_fails_the_gate_leaves_the_last_good_version(
    trato: Trato, folder: Path, database_url: str, source: str, talk: str, said: str
) -> None:
    trato()
    _draft(folder, source, talk)
    result = trato()
    assert result.exit_code == 1
    assert said in result.stderr
    assert _in_use(database_url) == [PROGRAMME]


def test_a_failed_transcript_is_told_in_spanish(trato: Trato, folder: Path) -> None:
    trato()
    _draft(folder, SECOND, TALK)
    said = trato().stderr.splitlines()
    assert said[0].startswith("FALLÓ sin_contacto (")
    assert re.fullmatch(r"  línea \d+: después de > .*", said[1])


def test_all_or_nothing(trato: Trato, folder: Path, database_url: str) -> None:
    (folder / "otra.yaml").write_text("programme: otra\n", encoding="utf-8")
    assert trato().exit_code == 1
    assert _in_use(database_url) == []
    assert trato(str(folder / "prueba.yaml")).exit_code == 0
    assert _in_use(database_url) == [PROGRAMME]


def test_warnings_count_when_strict(trato: Trato, folder: Path) -> None:
    unused = PROGRAMME.replace("answers:\n", "answers:\n  nadie: {si: Sí, no: 'No'}\n")
    _draft(folder, unused)
    refused = trato("--strict")
    assert refused.exit_code == 1
    assert "[unused-answer]" in refused.stderr
    assert trato().exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "abc"], "--to goes with --rollback"),
        (["--list", "flows"], "take no files"),
        (["--rollback"], "nothing is published yet"),
        (["--rollback", "--programme", "otro"], "no version of otro has been published"),
    ],
)
def test_wrong_use_is_said(trato: Trato, words: list[str], said: str) -> None:
    result = trato(*words)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_a_restart_does_not_undo_a_roll_back(database: Database, clock: StillClock, folder: Path) -> None:
    def restart() -> str:
        with database.transaction() as tx:
            publish_folder(tx, folder, clock())
            return versions.read(tx, versions.current(tx)["prueba"]).source

    assert restart() == PROGRAMME
    clock.advance(hours=1)
    _draft(folder, SECOND, _passing(SECOND))
    assert restart() == SECOND
    with database.transaction() as tx:
        publishing.roll_back(tx, Library(), "prueba", None, "test", clock())
    assert restart() == PROGRAMME


def test_a_restart_takes_no_draft_that_fails(database: Database, clock: StillClock, folder: Path) -> None:
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        _draft(folder, SECOND)
        publish_folder(tx, folder, clock())
        assert versions.read(tx, versions.current(tx)["prueba"]).source == PROGRAMME


def test_a_version_is_found_by_the_beginning_of_its_hash(database: Database, clock: StillClock, folder: Path) -> None:
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        digest = versions.history(tx)[0].hash
        assert publishing.stored(tx, "prueba", digest[:6]).programme is not None
        with pytest.raises(UsageError, match="no published version is called prueba@zz"):
            publishing.stored(tx, "prueba", "zz")


OTHER_NOTICE = PROGRAMME.replace("¿Acepta participar?", "¿Acepta participar y que se guarden sus datos?")
SAME_NOTICE = (
    PROGRAMME.replace("text: ¿Acepta participar?", "text: >-\n          ¿Acepta\n          participar?"),
    PROGRAMME.replace("text: ¿Acepta participar?", "text: {es-MX: ¿Acepta participar?, en: Do you agree?}"),
)
NOTICE = "the notice aviso_1 was published with another text"


def test_it_says_how_many_are_asked_again(
    database: Database, vault: Vault, clock: StillClock, trato: Trato, folder: Path
) -> None:
    trato()
    with database.transaction() as tx:
        for number, version in (("+525555550101", "aviso_1"), ("+525555550102", "aviso_1"), ("+525555550103", None)):
            contact = enrol(tx, vault, clock(), number)
            tx.execute(update(Contact).where(Contact.id == contact).values(consented_to=version))
    _draft(folder, OTHER_NOTICE.replace("aviso_1", "aviso_2"))
    assert "2 oficiales aceptaron otra versión del aviso: se les pregunta de nuevo" in trato("--dry-run").stdout
    _draft(folder, SECOND, _passing(SECOND))
    assert "aceptaron" not in trato("--dry-run").stdout


def test_a_notice_keeps_its_text(trato: Trato, folder: Path, database_url: str) -> None:
    trato()
    _draft(folder, OTHER_NOTICE)
    refused = trato()
    assert refused.exit_code == 1
    assert "prueba.yaml:26:18 [notice-text] permiso → steps[0] → consent: " + NOTICE in refused.stderr
    assert "version of its own" in refused.stderr
    assert _in_use(database_url) == [PROGRAMME]
    _draft(folder, OTHER_NOTICE.replace("aviso_1", "aviso_2"))
    assert trato("--reason", "aviso nuevo", "--yes").exit_code == 0
    _draft(folder, OTHER_NOTICE.replace("participar y", "participar ya y").replace("aviso_1", "aviso_2"))
    assert "[notice-text]" in trato().stderr
    _draft(folder, OTHER_NOTICE)  # a text of two versions ago
    assert NOTICE in trato().stderr


@pytest.mark.parametrize("source", SAME_NOTICE)
def test_a_notice_laid_out_otherwise_or_translated_is_the_same(trato: Trato, folder: Path, source: str) -> None:
    trato()
    _draft(folder, source)
    assert trato().exit_code == 0


def test_what_is_said_before_the_question_is_part_of_the_notice(trato: Trato, folder: Path) -> None:
    says = "    steps:\n      - say: aviso\n        text: Sus datos se guardan un año.\n      - ask: acepta"
    source = PROGRAMME.replace("    steps:\n      - ask: acepta", says)
    _draft(folder, source)
    assert trato().exit_code == 0
    _draft(folder, source.replace("un año", "dos años"))
    assert NOTICE in trato().stderr


def test_a_restart_publishes_no_notice_with_another_text(database: Database, clock: StillClock, folder: Path) -> None:
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        _draft(folder, OTHER_NOTICE)
        publish_folder(tx, folder, clock())
        assert len(versions.history(tx)) == 1


def test_a_programme_with_officers_is_not_renamed(
    database: Database, vault: Vault, clock: StillClock, trato: Trato, folder: Path
) -> None:
    trato()
    renamed = PROGRAMME.replace("programme: prueba", "programme: otra")
    _draft(folder, renamed, TALK.replace("programme: prueba", "programme: otra"))
    assert trato("--dry-run").exit_code == 0  # nobody is enrolled
    with database.transaction() as tx:
        enrol(tx, vault, clock(), "+525555550101")
    refused = trato()
    assert (refused.exit_code, "[renamed-programme]" in refused.stderr) == (1, True)
    assert "this is the programme prueba under another name, and its 1 officer would get nothing more" in refused.stderr
    (folder / "prueba_2.yaml").write_text(PROGRAMME, encoding="utf-8")  # a copy for other officers
    assert trato().exit_code == 0


SWAPPED = PROGRAMME.replace(
    "{si: {label: Sí, value: 1}, no: {label: No, value: 0}}", "{no: {label: No, value: 0}, si: {label: Sí, value: 1}}"
)
SWAPPED_TALK = TALK.replace("1 Sí\n        2 No", "1 No\n        2 Sí")


def _publications(database_url: str) -> list[dict[str, object]]:
    database = Database(database_url)
    try:
        with database.reading() as tx:
            found = select(AuditEntry.detail).where(AuditEntry.action == "publish").order_by(AuditEntry.id)
            return [json.loads(detail) for detail in tx.execute(found).scalars()]
    finally:
        database.close()


def test_a_change_of_the_data_takes_a_reason_and_a_yes(trato: Trato, folder: Path, database_url: str) -> None:
    trato()
    _draft(folder, SWAPPED, SWAPPED_TALK)
    bare = trato()
    assert (bare.exit_code, "--reason" in bare.stderr, "<< cambia los datos" in bare.stdout) == (1, True, True)
    assert "Publicarlo pide --reason" in trato("--dry-run").stdout
    unasked = trato("--reason", "el orden del papel")
    assert (unasked.exit_code, "faltó el sí" in unasked.stderr) == (1, True)
    assert trato("--reason", "   ", "--yes").exit_code == 1
    told = json.loads(trato("--json").stdout)[0]
    assert (told["published"], told["data_changes"]) == (False, ["answers/si_no"])
    assert _in_use(database_url) == [PROGRAMME]
    done = trato("--reason", "el orden del papel", "--yes")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "Publicado.")
    assert _publications(database_url)[-1] | {"version": ""} == {
        "version": "",
        "reason": "el orden del papel",
        "data": ["answers/si_no"],
    }


@pytest.mark.parametrize(("typed", "published"), [("y\n", True), ("n\n", False)])
def test_the_yes_may_be_typed(trato: Trato, folder: Path, database_url: str, typed: str, published: bool) -> None:
    trato()
    _draft(folder, SWAPPED, SWAPPED_TALK)
    result = CliRunner().invoke(main.app, ["publish", "--reason", "el orden del papel"], input=typed)
    assert (result.exit_code == 0, _in_use(database_url) == [SWAPPED]) == (published, published)


def test_a_change_of_words_takes_no_reason(trato: Trato, folder: Path, database_url: str) -> None:
    trato()
    _draft(folder, SECOND, _passing(SECOND))
    assert trato().exit_code == 0
    assert list(_publications(database_url)[-1]) == ["version"]


def test_a_restart_publishes_no_change_of_the_data(
    database: Database, clock: StillClock, folder: Path, trato: Trato
) -> None:
    def ringing() -> list[str]:
        with database.reading() as tx:
            return [f"{one.kind} {one.subject}" for one in alerts.open_alerts(tx)]

    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
    _draft(folder, SWAPPED, SWAPPED_TALK)
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        assert len(versions.history(tx)) == 1
    assert ringing() == ["file_not_published programme:prueba"]
    trato("--reason", "el orden del papel", "--yes")
    assert ringing() == []


def test_a_file_as_it_was_is_held_back_no_more(database: Database, clock: StillClock, folder: Path) -> None:
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        _draft(folder, PROGRAMME + "nonsense: 1\n")
        publish_folder(tx, folder, clock())
        assert alerts.open_alerts(tx) == []  # whose file that is cannot be read from it
        _draft(folder, OTHER_NOTICE)
        publish_folder(tx, folder, clock())
        assert [one.kind for one in alerts.open_alerts(tx)] == ["file_not_published"]
        _draft(folder, PROGRAMME)
        publish_folder(tx, folder, clock())
        assert alerts.open_alerts(tx) == []


def test_no_draft_that_changes_the_data_is_released_without_a_reason(
    database: Database, clock: StillClock, folder: Path
) -> None:
    with database.transaction() as tx:
        publish_folder(tx, folder, clock())
        _draft(folder, SWAPPED, SWAPPED_TALK)
        [draft] = publishing.drafts([folder])
        with pytest.raises(ValueError, match="without a reason"):
            publishing.release(tx, draft, "test", clock())

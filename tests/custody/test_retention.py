"""What a programme keeps for a time only goes when that is over, on both databases."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from app.cli import main
from app.custody import retention
from app.custody.retention import KINDS, RetentionJob
from app.flows.language.retention import Retention
from app.flows.loader import load
from app.store import audit
from app.store.database import Database
from app.store.tables import CARRIER_DELETION, CASE, DEAD_LETTER, INBOUND, MEDIA, OUTBOUND
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.custody.test_erasing import OTHER, SECRET, WORDS, Office
from tests.world import OTHER_PROGRAMME, PROGRAMME, flows_folder, published

TERMS = "languages: [en]\nretention: {forms: 10d, files: 20d, messages: 30d, notes: 40d, carrier: 50d}"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    office = Office(database, vault, clock)
    with database.transaction() as tx:
        office.library = published(tx, clock(), PROGRAMME.replace("languages: [en]", TERMS))
        tx.execute(update(INBOUND).values(needs_person=False))
        tx.execute(update(CASE).values(closed_at=clock()))
        tx.execute(update(OUTBOUND).values(status="delivered", sid=OUTBOUND.c.uid))
    return office


def worked(office: Office) -> None:
    """A whole pass of the job, as the clock makes it."""
    job = RetentionJob(office.library)
    for _ in range(200):
        with office.database.transaction() as tx:
            if not job.step(tx, office.clock()):
                break
    else:
        raise AssertionError("the pass does not end")
    with office.database.transaction() as tx:
        assert job.step(tx, office.clock()) == 0  # and none is due before tomorrow


def kept(office: Office) -> dict[str, int]:
    return {
        "forms": office.count(INBOUND, func.length(INBOUND.c.sealed) > 0),
        "files": office.count(MEDIA, MEDIA.c.sealed.is_not(None)),
        "in": office.count(INBOUND, INBOUND.c.body.is_not(None)),
        "out": office.count(OUTBOUND, OUTBOUND.c.body.is_not(None)),
        "carrier": office.count(CARRIER_DELETION),
    }


def test_each_kind_goes_when_its_time_is_over_and_not_before(office: Office) -> None:
    before = kept(office)
    assert (before["forms"], before["files"], before["in"], before["carrier"]) == (1, 1, 1, 0)
    assert before["out"] > 0
    for days, expected in (
        (9, before),
        (11, {**before, "forms": 0}),
        (21, {**before, "forms": 0, "files": 0}),
        (31, {**before, "forms": 0, "files": 0, "in": 0, "out": 0}),
        (51, {"forms": 0, "files": 0, "in": 0, "out": 0, "carrier": 1 + before["out"]}),
    ):
        start = office.clock.at
        office.clock.advance(days=days)
        worked(office)
        assert kept(office) == expected, days
        office.clock.at = start
    assert WORDS not in "\n".join(line for line in office.everything().splitlines() if "SMdead" not in line)
    assert office.count(INBOUND, INBOUND.c.sid == "SM1") == 1  # the row stays, and its id with it
    with office.database.reading() as tx:
        entries = audit.about(tx, "programme:prueba")
    assert {(one.actor, one.detail["kind"]) for one in entries} >= {
        ("clock", kind) for kind in ("forms", "files", "messages")
    }


def test_an_open_case_and_what_is_not_sent_wait(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(INBOUND).values(needs_person=True))
        tx.execute(update(OUTBOUND).values(status="unknown"))
        tx.execute(update(CASE).values(closed_at=None))
    before = kept(office)
    office.clock.advance(days=100)
    worked(office)
    assert kept(office) == before


def test_a_dead_letter_that_was_processed_goes_with_the_forms_that_are_kept_longest(office: Office) -> None:
    def full() -> int:
        return office.count(DEAD_LETTER, func.length(DEAD_LETTER.c.sealed) > 0)

    with office.database.transaction() as tx:
        first = tx.execute(select(func.min(DEAD_LETTER.c.id))).scalar_one()
        tx.execute(update(DEAD_LETTER).where(DEAD_LETTER.c.id == first).values(replayed_at=office.clock()))
        office.library = published(tx, office.clock(), OTHER_PROGRAMME)
    office.clock.advance(days=100)
    worked(office)
    assert full() == 2  # the other programme has no term
    with office.database.transaction() as tx:
        terms = TERMS.replace("forms: 10d", "forms: 101d")
        office.library = published(tx, office.clock(), OTHER_PROGRAMME.replace("languages: [en]", terms))
    worked(office)
    assert full() == 2
    office.clock.advance(days=2)
    worked(office)
    assert full() == 1  # the one that waits for a person stays
    with office.database.reading() as tx:
        (entry,) = audit.about(tx, "programme:*")
    assert entry.detail == {"kind": "forms", "table": "dead_letter", "rows": 1}


def test_another_programme_keeps_its_own(office: Office) -> None:
    with office.database.transaction() as tx:
        office.library = published(tx, office.clock(), OTHER_PROGRAMME)
        with_terms = {term.programme for term in retention.terms(tx, office.library)}
    assert with_terms == {"prueba"}
    office.say("SM2", "otras palabras", OTHER)
    office.clock.advance(days=9)
    worked(office)
    assert "otras palabras" in office.everything()


def test_small_steps_come_to_the_end(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 1)
    for number in range(5):
        office.say(f"SMx{number}", "otras palabras", OTHER)
    with office.database.transaction() as tx:
        tx.execute(update(INBOUND).values(needs_person=False))
    office.clock.advance(days=11)
    worked(office)
    assert kept(office)["forms"] == 0


def test_every_key_has_its_tables() -> None:
    assert set(KINDS) == set(Retention.model_fields)


def test_a_term_that_is_too_short_is_a_mistake() -> None:
    loaded = load(PROGRAMME.replace("languages: [en]", "languages: [en]\nretention: {forms: 1d}"), "prueba.yaml")
    assert loaded.programme is None
    assert "must be ≥ 8d, got" in str(loaded.problems[0])


def test_the_command_counts_and_changes_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRATO_DATABASE_URL", office.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRATO_FLOWS", str(flows_folder(tmp_path / "flows")))
    monkeypatch.setenv("TRATO_SECRET_KEY", SECRET)
    before = office.everything()
    shown = CliRunner().invoke(main.app, ["retention", "--json"])
    assert shown.exit_code == 0, shown.output
    terms = {(one["kind"], one["table"]): (one["days"], one["rows"]) for one in json.loads(shown.stdout)["terms"]}
    assert terms["forms", "inbound_message"] == (10, 1)  # written in March 2026, by the clock of the tests
    assert terms["files", "media"] == (20, 1)
    assert office.everything() == before
    with office.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(CARRIER_DELETION)).scalar_one() == 0

"""While nothing of ours runs, officers write: afterwards it is all there, once, and nobody is treated as if they had not."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.store import sealing
from app.store.sealing import SESSION_STATE
from app.store.tables import OUTBOUND, SESSION, InboundMessage, Media, Session, StateValue
from tests.acceptance.processes import LOCAL, Installation, until
from tests.acceptance.test_serve import ALMA, BRUNO, OPENING, PROGRAMME, STRANGER, enrol
from tests.carrier.app import SAMPLES
from tests.conftest import postgresql_by_night
from tests.world import stored

DAYS = 24 * 3600


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    templates = tmp_path / "templates.json"
    templates.write_text(f'{{"reporte_apertura": "{OPENING}"}}', encoding="utf-8")
    contents = {OPENING: "{{1}}, ¿tuvo contacto con ciudadanía?"}
    return Installation(tmp_path, database_url, PROGRAMME, {"TRATO_TEMPLATES": str(templates)}, contents)


def bodies(place: Installation) -> list[str]:
    database = place.opened()
    with database.reading() as tx:
        found = [body for (body,) in stored(tx, InboundMessage, "body")]
    database.close()
    return found


def all_accepted(place: Installation) -> bool:
    """Whether the carrier's answers to everything that was sent are stored."""
    database = place.opened()
    with database.reading() as tx:
        waiting = tx.execute(select(OUTBOUND.c.id).where(OUTBOUND.c.sid.is_(None))).first()
    database.close()
    return waiting is None


def begin_earlier(place: Installation) -> None:
    """As if everything so far had happened two days ago."""
    database = place.opened()
    with database.transaction() as tx:
        for table, column in (
            ("session", "started_at"),
            ("outbound_message", "created_at"),
            ("outbound_message", "sent_at"),
        ):
            back = (
                f"datetime({column}, '-2 days') || '.000000'" if database.is_sqlite else f"{column} - interval '2 days'"
            )
            tx.exec_driver_sql(f"UPDATE {table} SET {column} = {back} WHERE {column} IS NOT NULL")
        for key, contact, state in stored(
            tx, Session, "id", "contact_id", "state", where=[SESSION.c.state.is_not(None)]
        ):
            content = json.loads(state)
            for name in ("asked", "since", "wake"):
                content[name] -= 2 * DAYS
            tx.execute(
                update(Session)
                .where(Session.id == key)
                .values(state=sealing.seal(tx, SESSION_STATE, contact, json.dumps(content)))
            )
        tx.execute(
            update(StateValue).where(StateValue.name == "swept_until").values(value="2026-01-01T00:00:00.000000+00:00")
        )
    database.close()


@postgresql_by_night
def test_what_came_while_nothing_ran_is_found_at_the_start(place: Installation) -> None:
    enrol(place)
    with place.carrier():
        with place.serving() as process:
            place.gets(ALMA, "¿tuvo contacto")
            place.gets(BRUNO, "¿tuvo contacto")
            until(lambda: all_accepted(place), "the answers of the carrier are stored")
            process.kill()
            process.wait()
        begin_earlier(place)
        assert place.types(ALMA, "Simón", channel="sms", ago=30 * 3600)["webhook_answers"][-1] == 0, "nobody was there"
        place.types(ALMA, "la dos", channel="sms", ago=29 * 3600)
        place.types(BRUNO, "Sí", ago=600, extra={"ButtonText": "Sí"})
        place.types(STRANGER, "¿quién es?", channel="sms", ago=20 * 3600)
        with place.serving():
            place.gets(ALMA, "¿Qué situación fue?")
            place.gets(BRUNO, "¿Qué situación fue?")
            assert bodies(place) == ["Simón", "la dos", "¿quién es?", "Sí"]
            assert place.reached(STRANGER) == [], "not after a day"
            place.types(ALMA, "la detención", channel="sms")
            place.gets(ALMA, "últimos 5")
            swept = place.trato("sweep", "--since", "2026-01-01", "--json")
            assert swept.returncode == 0, swept.stderr
            found = json.loads(swept.stdout)
            assert (found["new"], found["set_aside"]) == (0, 0)
            assert found["found"] == found["duplicate"] >= 4
        rows = [
            (row["variable"], row["raw"], row["value"], row["status"], row["late"])
            for row in place.export("--with-text")
        ]
        assert ("contact_any", "Simón", "1", "ok", "0") in rows
        assert ("contact_any", "la dos", "0", "extra", "1") in rows
        assert ("contact_any", "Sí", "1", "ok", "0") in rows
        assert ("situation", "la detención", "detencion", "ok", "0") in rows
        for text in ("Simón", "detención", ALMA[3:]):
            assert text not in place.log


def test_the_command_sweeps_while_the_service_does_not_run_and_says_what_it_cannot(place: Installation) -> None:
    enrol(place)
    with place.carrier():
        place.types(ALMA, "hola", channel="sms", ago=600)
        swept = place.trato("sweep")
        assert (swept.returncode, swept.stderr) == (0, "")
        assert "1 found, 1 new, 0 known" in swept.stdout
        assert "1 found, 0 new, 1 known" in place.trato("sweep", "--since", "2026-01-01T00:00").stdout
        LOCAL.put(f"{place.carrier_url}/control/faults", json={"list_errors": 1.0})
        failed = place.trato("sweep")
        assert (failed.returncode, failed.stdout) == (4, "")
        assert "HTTP 503" in failed.stderr
        assert place.trato("sweep", "--since", "yesterday").returncode == 2


@postgresql_by_night
def test_a_photo_is_fetched_kept_and_copied_out(place: Installation) -> None:
    enrol(place)
    with place.carrier(), place.serving():
        place.gets(ALMA, "¿tuvo contacto")
        place.types(ALMA, "sí", channel="sms", media=["image/jpeg"])
        place.gets(ALMA, "¿Qué situación fue?")

        def stored() -> bool:
            database = place.opened()
            with database.reading() as tx:
                statuses = list(tx.execute(select(Media.status)).scalars())
            database.close()
            return statuses == ["stored"]

        until(stored, "the photo is here")
        (row,) = place.export("--with-media")
        assert (row["raw"], row["files"]) == ("sí", "1")
        assert (place.folder / "out" / "media" / row["media"]).read_bytes() == SAMPLES["image/jpeg"]

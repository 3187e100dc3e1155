"""The machine is lost, as an operator lives it: `trato backup`, a conversation, SIGKILL, the database gone, `trato restore`, `trato serve`.
It takes the two minutes for which the carrier's list may be behind."""

import json
import time
from pathlib import Path

import pytest

from tests.acceptance.processes import LOCAL, Installation, until
from tests.acceptance.test_serve import ALMA, BRUNO, OPENING, PROGRAMME, enrol

pytestmark = pytest.mark.nightly


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    templates = tmp_path / "templates.json"
    templates.write_text(f'{{"reporte_apertura": "{OPENING}"}}', encoding="utf-8")
    more = {"TRATO_TEMPLATES": str(templates), "TRATO_BACKUP_KEY": "another secret that only tests have"}
    contents = {OPENING: "{{1}}, ¿tuvo contacto con ciudadanía? Responda sí o no."}
    return Installation(tmp_path, f"sqlite:///{tmp_path}/trato.db", PROGRAMME, more, contents)


def test_a_conversation_goes_on_where_the_lost_machine_left_it(place: Installation) -> None:
    enrol(place)
    made = place.trato("backup", "--to", str(place.folder / "kept"), "--json")
    assert made.returncode == 0, made.stderr
    file = json.loads(made.stdout)["file"]
    with place.carrier():
        with place.serving() as process:
            place.gets(ALMA, "¿tuvo contacto")
            place.gets(BRUNO, "¿tuvo contacto")
            place.types(ALMA, "Simón", channel="sms")
            place.gets(ALMA, "¿Qué situación fue?")
            time.sleep(2)  # a busy machine has not stored yet that it went out
            place.types(ALMA, "la detención", channel="sms")
            place.gets(ALMA, "últimos 5")
            process.kill()
            process.wait()
        place.types(BRUNO, "Sí")  # nobody is there
        before = {number: place.reached(number) for number in (ALMA, BRUNO)}
        for lost in place.folder.glob("trato.db*"):
            lost.unlink()
        done = place.trato("restore", file)
        assert done.returncode == 0, done.stderr
        assert "HELD after a restore" in place.trato("status").stdout
        with place.serving(180):  # ready only once the list is read, which Twilio may have whole after two minutes only
            until(lambda: len(place.reached(BRUNO)) > len(before[BRUNO]), "the answer to Bruno")
            assert place.reached(ALMA) == before[ALMA]
            assert place.reached(BRUNO)[: len(before[BRUNO])] == before[BRUNO]
            assert "¿Qué situación fue?" in place.reached(BRUNO)[-1]
            place.types(ALMA, "3", channel="sms")
            place.gets(ALMA, "¿Cómo le fue?")
            assert "held_after_restore" not in LOCAL.get(f"{place.url}/readyz").json()["detail"]
        rows = [(row["variable"], row["raw"], row["value"], row["status"]) for row in place.export("--with-text")]
        assert ("contact_any", "Simón", "1", "ok") in rows
        assert ("situation", "la detención", "detencion", "ok") in rows
        assert ("contact_any", "Sí", "1", "ok") in rows
        assert ("last_five", "3", "3", "ok") in rows
        sent = [item["sid"] for number in (ALMA, BRUNO) for item in place.sent(number)]
        assert len(sent) == len(set(sent))

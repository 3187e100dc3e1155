"""A number that says that it is not the officer's, over HTTP with signed webhooks: what is asked, what a yes and a no do, and what
never goes there. On both databases."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.processes import Installation
from tests.acceptance.test_consent import PROGRAMME, ZONE
from tests.conftest import postgresql_by_night

ALMA, BRUNO = "+525555550101", "+525555550102"
ASKED = "¿Lo sigue usando la misma persona?"


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    return Installation(tmp_path, database_url, PROGRAMME)


@postgresql_by_night
def test_a_number_in_doubt_is_asked_whose_it_is_and_gets_nothing_else(place: Installation) -> None:
    roster = place.folder / "roster.csv"
    today = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    rows = [f"{name},{number},c-1,{today},sms" for name, number in (("Alma", ALMA), ("Bruno", BRUNO))]
    roster.write_text("\n".join(["nombre,telefono,cohorte,fecha_taller,canal", *rows, ""]), encoding="utf-8")
    done = place.trato("roster", "import", str(roster))
    assert done.returncode == 0, done.stderr
    with place.carrier(), place.serving():
        for number, denial in ((ALMA, "no es mi número"), (BRUNO, "se equivocó de número")):
            place.gets(number, "¿Acepta participar?")
            place.types(number, denial, channel="sms")
            place.gets(number, ASKED)
        place.types(ALMA, "¿quién es?", channel="sms")
        place.gets(ALMA, "Solo queremos saber")
        place.types(ALMA, "2", channel="sms")
        place.gets(ALMA, "No le escribiremos más.")
        place.types(BRUNO, "1", channel="sms")
        place.gets(BRUNO, "Gracias por confirmar.")
        place.types(BRUNO, "sí", channel="sms")
        place.gets(BRUNO, "Gracias por participar.")
        cases = place.trato("cases").stdout
        assert cases.count("number") == 2, cases
        after = [one["body"] for one in place.sent(ALMA)][1:]
        assert len(after) == 3
        assert not [text for text in after if "Alma" in text or "participar" in text or "programa" in text.casefold()]

"""A researcher corrects one answer where it is read, through the application, on both databases."""

import re

import httpx
import pytest
from sqlalchemy import select

from app.people.roles import Role
from app.store import corrections
from app.store.database import Database
from app.store.tables import RESPONSE
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import BRUNO
from tests.exports.test_labels import SOURCE
from tests.web.console.desk import Office, alert, bruno_tells, words
from tests.world import OTHER_PROGRAMME, published

STORY = "Le expliqué todo a la señora"
WHY = "Escribió después que no"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """Bruno has answered yes, and told a story; Inés is researcher, Ana coordinator, and Leo researcher of another programme."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        bruno_tells(desk, STORY)
        published(desk.tx, clock(), OTHER_PROGRAMME)
    made.hire("ines", Role.researcher)
    made.hire("ana", Role.coordinator)
    made.hire("leo", Role.researcher, "otro")
    return made


def path_of(office: Office, variable: str) -> str:
    with office.database.reading() as tx:
        found = tx.execute(select(RESPONSE.c.id).where(RESPONSE.c.variable == variable)).scalar_one()
    return f"/console/officers/{office.bruno}/answers/{found}"


def log(office: Office) -> list[tuple[str, str, str, str, str | None]]:
    with office.database.reading() as tx:
        return [(one.old, one.new, one.why, one.by, one.undone_by) for one in corrections.stored(tx)]


def correct(office: Office, path: str, **fields: str) -> httpx.Response:
    return office.ask("ines", "POST", path, data={"old": "1", "why": WHY, **fields})


def test_an_answer_is_corrected_where_it_is_read_and_taken_back(office: Office) -> None:
    conversation, path = f"/console/officers/{office.bruno}", path_of(office, "contact_any")
    before = office.ask("ines", "GET", conversation).text
    assert re.findall(r'href="([^"]+/answers/\d+)"', before) == [path], "a text is reviewed, not corrected"
    page = office.see("ines", path)
    assert "¿Tuvo contacto con ciudadanía?" in page
    assert "En los datos: 1" in page
    assert "simón" not in page
    done = correct(office, path, new="0")
    assert done.headers["location"] == f"{path}?done=answer_corrected"
    assert log(office) == [("1", "0", WHY, "ines", None)]
    page = office.see("ines", path)
    assert "En los datos: 0 · el oficial respondió: 1" in page
    assert f"1 → 0 · ines: {WHY}" in page
    assert "en los datos: 0" in office.see("ines", conversation)
    stale = correct(office, path, new=".o")
    assert (stale.status_code, alert(stale)) == (
        409,
        "Mientras tanto otra persona la corrigió: es 0 ahora. No se cambió nada; léala aquí y repita.",
    )
    same = correct(office, path, old="0", new="0")
    assert (same.status_code, alert(same)) == (409, "Los datos ya tienen 0. No se cambió nada.")
    back = office.ask("ines", "POST", f"{path}/take-back", data={"number": "1"})
    assert back.headers["location"] == f"{path}?done=taken_back"
    assert log(office) == [("1", "0", WHY, "ines", "ines")]
    again = office.ask("ines", "POST", f"{path}/take-back", data={"number": "1"})
    assert again.status_code == 409
    assert "En los datos: 1" in office.see("ines", path)
    subject = f"response:{path.rpartition('/')[2]}"
    assert office.audited("corrections add") == office.audited("corrections undo") == [("ines", subject)]


def test_a_value_that_the_question_cannot_have_is_refused_in_words_and_what_was_typed_stays(office: Office) -> None:
    path = path_of(office, "contact_any")
    refused = correct(office, path, new="7")
    assert (refused.status_code, alert(refused)) == (400, "No se corrigió: debe ser uno de 1, 0.")
    assert f'value="{WHY}"' in refused.text
    office.cookies["ines"]["trato-language"] = "en"
    assert alert(correct(office, path, new="7")) == "Not corrected: must be one of 1, 0."
    assert alert(correct(office, path, new="0", why=" ")) == "Not corrected: needs a reason of at most 500 characters."
    text = path_of(office, "story")
    assert "Not corrected: is a text" in words(office.ask("ines", "GET", text))
    assert alert(correct(office, text, new="otra cosa")).startswith("Not corrected: is a text")
    assert log(office) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_kind_of_question_has_its_form(database: Database, vault: Vault, clock: StillClock) -> None:
    office = Office(database, vault, clock)
    with office.desk() as desk:
        hours = "\n      - ask: horas\n        text: ¿Cuántas?\n        answer: {number: {min: 0, max: 24}}\n        records: horas\n"
        desk.library = published(
            desk.tx, desk.clock(), SOURCE.replace("\n      - ask: lado\n", f"{hours}      - ask: lado\n")
        )
        desk.begin(desk.bruno, "medida")
        desk.talk(BRUNO, "1 y 3", "8", "Del sur", "2 de marzo", "19:30", "algo")
    office.hire("ines", Role.researcher)
    paths = {name: path_of(office, name) for name in ("barreras", "horas", "lado", "dia", "hora")}
    assert "1 No hubo tiempo 2 Había riesgo 3 Otro" in office.see("ines", paths["barreras"])
    assert "Un número, dentro del rango de la pregunta · .o otra cosa" in office.see("ines", paths["horas"])
    assert "Un día como 2026-03-02 · .d no sabe · .o otra cosa" in office.see("ines", paths["dia"])
    assert "Una hora como 19:30" in office.see("ines", paths["hora"])
    ticked = {"old": "1 3", "new:1": "yes", "new:2": "yes", "new": ""}
    assert correct(office, paths["barreras"], **ticked).status_code == 303
    assert correct(office, paths["dia"], old="", new="2026-02-28").status_code == 303
    refused = correct(office, paths["horas"], old="", new="25")
    assert alert(refused) == "No se corrigió: está fuera del rango de la pregunta."
    assert [(one[0], one[1]) for one in log(office)] == [("1 3", "1 2"), ("2026-03-02", "2026-02-28")]


def test_only_researchers_of_the_programme_read_and_correct_and_only_that_officers_answers(office: Office) -> None:
    path = path_of(office, "contact_any")
    number = path.rpartition("/")[2]
    assert "/answers/" not in office.ask("ana", "GET", f"/console/officers/{office.bruno}").text
    for name in ("ana", "leo"):
        assert office.ask(name, "GET", path).status_code == 403
        assert office.ask(name, "POST", path, data={"new": "0", "why": WHY}).status_code == 403
        assert office.ask(name, "POST", f"{path}/take-back", data={"number": "1"}).status_code == 403
    for other in (f"{office.alma}/answers/{number}", f"{office.bruno}/answers/9999", f"{office.bruno}/answers/x"):
        assert office.ask("ines", "GET", f"/console/officers/{other}").status_code == 404
        assert correct(office, f"/console/officers/{other}", new="0").status_code == 404
    assert correct(office, path, new="0").status_code == 303
    other_text = f"{path_of(office, 'story')}/take-back"
    assert office.ask("ines", "POST", other_text, data={"number": "1"}).status_code == 400
    assert [one[4] for one in log(office)] == [None]

"""Datos, through the application, on both databases: the data of each role, the audit log, and refusals."""

import io
import json
from csv import DictReader
from functools import partial
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from app.exports.selection import Selection
from app.exports.tables import TABLES
from app.people.roles import Role
from app.store.database import Database
from app.store.tables import AUDIT_ENTRY, Contact
from app.store.vault import Vault
from app.web import downloads
from app.web.console.data import STREAM
from app.web.console.texts import Texts
from tests.conftest import StillClock
from tests.web.console.desk import Office, alert, bruno_tells, words
from tests.world import OTHER_PROGRAMME, published

EXPORT = "/console/data/export"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office, and Bruno, who has answered yes and told a story."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        bruno_tells(desk, "una señora de la colonia")
    made.hire("ines", Role.researcher)
    made.hire("ana", Role.coordinator)
    return made


def kept(office: Office, action: str) -> dict[str, object]:
    """The detail of the only entry of an action."""
    with office.database.reading() as tx:
        found = tx.execute(select(AUDIT_ENTRY.c.detail).where(AUDIT_ENTRY.c.action == action)).scalar_one()
    return json.loads(found)  # type: ignore[no-any-return]


def test_a_researcher_downloads_the_tables_without_a_word_that_nobody_has_reviewed(office: Office) -> None:
    assert "Descargar datos" in office.see("ines", "/console/data")
    done = office.ask("ines", "POST", EXPORT, data={"csv": "yes", "jsonl": "yes", "until": "2030-01-01"})
    assert done.headers["content-disposition"] == f'attachment; filename="trato-{office.clock():%Y-%m-%d}.zip"'
    packed = ZipFile(io.BytesIO(done.content))
    assert {"responses.csv", "responses.jsonl", "codebook.html", "manifest.json", "load.R"} <= set(packed.namelist())
    rows = list(DictReader(packed.read("responses.csv").decode().splitlines()))
    assert [(row["study_id"], row["variable"], row["value"]) for row in rows] == [
        (office.bruno, "contact_any", "1"),
        (office.bruno, "story", ""),
    ]
    assert not [name for name in packed.namelist() if "señora".encode() in packed.read(name)]
    detail = kept(office, "export")
    assert (detail["responses.csv"], detail["until"], detail["exact_times"]) == (2, "2030-01-01", False)


def test_a_recipient_gets_pseudonyms_and_one_table_alone(office: Office) -> None:
    chosen = {"csv": "yes", "table": "responses", "recipient": "UNAM"}
    packed = ZipFile(io.BytesIO(office.ask("ines", "POST", EXPORT, data=chosen).content))
    assert "officers.csv" not in packed.namelist()
    assert office.bruno not in packed.read("responses.csv").decode()
    assert kept(office, "export")["recipient"] == "UNAM"


def test_rare_attributes_are_suppressed_on_request(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(update(Contact).where(Contact.study_id == office.bruno).values(attributes='{"sector": "norte"}'))
    packed = ZipFile(io.BytesIO(office.ask("ines", "POST", EXPORT, data={"csv": "yes", "least": "2"}).content))
    rows = DictReader(packed.read("officers.csv").decode().splitlines())
    assert {row["attr_sector"] for row in rows} == {".k"}
    assert kept(office, "export")["k"] == 2


def test_the_script_hears_of_the_progress_and_gets_the_same_file(office: Office) -> None:
    done = office.ask("ines", "POST", EXPORT, data={"csv": "yes"}, headers={"Accept": STREAM})
    assert done.headers["content-type"] == STREAM
    rest = done.content
    line: dict[str, object] = {}
    while "size" not in line:
        head, _, rest = rest.partition(b"\n")
        line = json.loads(head)
    assert line["size"] == len(rest)
    assert line["told"] == "Oficiales cuyos datos comparten menos de 5: 2 de 2."
    assert "responses.csv" in ZipFile(io.BytesIO(rest)).namelist()
    broken = office.ask("ines", "POST", EXPORT, data={"csv": "yes", "table": "x"}, headers={"Accept": STREAM})
    assert "there is no table 'x'" in json.loads(broken.content.splitlines()[-1])["error"]


def test_a_cancelled_archive_stops_and_leaves_nothing(office: Office) -> None:
    progress = downloads.Progress(cancelled=True)
    make = partial(downloads.archive, office.database, downloads.Wanted(Selection(), ["csv"]))
    assert make(progress) is None
    made = make(downloads.Progress())
    assert made is not None
    made.content.close()


def test_a_mistake_in_the_form_comes_back_with_what_was_typed(office: Office) -> None:
    refused = office.ask("ines", "POST", EXPORT, data={"recipient": "UNAM"})
    assert (refused.status_code, alert(refused)) == (400, "Elija al menos un formato.")
    assert 'value="UNAM"' in refused.text
    days = {"csv": "yes", "since": "2026-03-02", "until": "2026-03-01"}
    assert alert(office.ask("ines", "POST", EXPORT, data=days)) == "El último día es antes del primero."
    late = {"csv": "yes", "until": "9999-12-31"}
    assert alert(office.ask("ines", "POST", EXPORT, data=late)) == "Escriba el día así: 2026-03-02, y revise el año."
    assert alert(office.ask("ines", "POST", EXPORT, data={"csv": "yes", "least": "1"})).startswith("Pida que comp")
    few = alert(office.ask("ines", "POST", EXPORT, data={"csv": "yes", "least": "50"}))
    assert few.startswith("prueba tiene aquí 2 oficiales")
    assert alert(office.ask("ines", "POST", EXPORT, data={"csv": "yes", "cohort": "x"})) == "No existe esa cohorte."
    assert office.audited("export") == []


def test_the_report_is_a_page_with_a_policy_of_its_own(office: Office) -> None:
    page = office.ask("ines", "GET", "/console/data/report?k=5")
    assert page.status_code == 200
    assert "menos de 5" in words(page)
    assert "unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert kept(office, "export")["k"] == 5
    refused = office.ask("ines", "GET", "/console/data/report?k=1")
    assert (refused.status_code, alert(refused)[:27]) == (400, "Las cifras se ocultan de me")


def test_data_are_for_researchers_of_their_programme(office: Office) -> None:
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
    office.hire("otto", Role.researcher, "otro")
    for name in ("ana", "otto"):
        assert office.ask(name, "POST", EXPORT, data={"csv": "yes"}).status_code == 403
        assert office.ask(name, "GET", "/console/data/report?k=5").status_code == 403
    assert office.ask("ana", "GET", "/console/data").status_code == 403
    page = office.see("otto", "/console/data")
    assert "otro" in page
    assert "prueba" not in page
    other = {"csv": "yes", "programme": "prueba"}
    assert office.ask("otto", "POST", EXPORT, data=other).status_code == 403
    packed = ZipFile(io.BytesIO(office.ask("otto", "POST", EXPORT, data={**other, "programme": "otro"}).content))
    assert office.bruno not in packed.read("officers.csv").decode()
    assert [who for who, _ in office.audited("export")] == ["otto"]


def test_every_table_has_a_text() -> None:
    assert [one.name for one in TABLES if not Texts().has(f"table.{one.name}")] == []

"""Padrón, through the application, on both databases: the list, cohorts, and a table from the upload to the import."""

import asyncio
import io
import re
from dataclasses import asdict, replace
from typing import Any

import httpx
import pytest
import xlsxwriter
from sqlalchemy import func, select, update
from starlette.requests import Request

from app.custody import erasing
from app.people.roles import Role
from app.roster import numbers
from app.roster.uploads import LISTS, Cancelled, Choices, commit
from app.sheets import table_files
from app.sheets.remedies import CONTROLS
from app.store import audit, contacts, shift_changes, uploads
from app.store.database import Database
from app.store.tables import ADDRESS, COHORT, CONTACT, SHIFT_CHANGE, UPLOAD, UPLOAD_PART
from app.store.uploads import UploadKind, UploadStatus
from app.store.vault import Vault
from app.web import forms
from app.web.console import work
from app.web.console.texts import LANGUAGES, Texts
from app.wording import into
from tests.conftest import StillClock
from tests.web.console.desk import Office, alert, words
from tests.world import enrol

HEADER = "nombre,teléfono,cohorte,fecha_taller"
CARLA = "Carla Núñez,55 5555 0103,norte,2026-02-02"


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with Alma and Bruno, and people of several roles. A page waits until its work is done, however slow the machine."""
    monkeypatch.setattr(work, "PATIENCE", 120)
    made = Office(database, vault, clock)
    with made.desk():
        pass
    made.hire("ana", Role.coordinator)
    made.hire("eva", Role.coordinator)
    made.hire("ines", Role.researcher)
    return made


def send(office: Office, *lines: str, kind: str = "roster", name: str = "lista.csv", **fields: str) -> httpx.Response:
    """Upload a table, with the headers of a roster unless it has its own."""
    content = "\n".join(lines if kind == "leave" else (HEADER, *lines)).encode()
    return post(office, content, name, kind=kind, **fields)


def post(office: Office, content: bytes, name: str, who: str = "ana", **fields: str) -> httpx.Response:
    return office.ask(who, "POST", "/console/roster/import", data=fields, files={"file": (name, content)})


def form(office: Office, word: str, kind: str = "roster", who: str = "ana", **fields: Any) -> httpx.Response:
    """Send a form of the page of an upload as it is now."""
    page = office.ask(who, "GET", f"/console/roster/import/{kind}").text
    found = re.search(r'name="revision" value="([^"]*)"', page)
    data = {"revision": found[1] if found else "", **fields}
    return office.ask(who, "POST", f"/console/roster/import/{kind}/{word}", data=data)


def look(office: Office, state: str = "", kind: str = "roster") -> str:
    return office.see("ana", f"/console/roster/import/{kind}?state={state}")


def count(office: Office, table: Any) -> int:
    with office.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_list_is_looked_at_row_by_row_mended_and_imported_whole(office: Office) -> None:
    sent = send(office, CARLA, "Dora,123,norte,", "Alma,55 5555 0101,norte,2026-02-02", cohort="")
    assert sent.headers["location"] == "/console/roster/import/roster"
    page = look(office)
    assert "Con error 1 Cambian 1 Nuevas 1 Iguales 0" in page
    assert "Dora" in page
    assert "teléfono: el número es demasiado corto" in page
    assert "Carla Núñez +525555550103 norte" in look(office, "new")
    changed = look(office, "changed")
    assert "cohorte: prueba-1 → norte" in changed
    assert "Alma" not in changed, "a study id does not stand beside a name"
    refused = form(office, "commit")
    assert (refused.status_code, alert(refused)) == (409, "Todavía hay algo que corregir. Nada entró.")
    assert count(office, CONTACT) == 2
    assert form(office, "cells", **{"c-3-2": "55 5555 0104"}).status_code == 303
    assert "Con error 0 Cambian 1 Nuevas 2 Iguales 0" in look(office)
    assert form(office, "commit").status_code == 303
    assert "Listo 2 nuevas, 1 con cambios, 0 iguales." in look(office)
    assert count(office, CONTACT) == 4
    assert office.audited("roster import") == [("ana", "prueba")]
    assert count(office, UPLOAD_PART) == 0, "nothing of the list is left"


def test_a_row_can_be_left_out(office: Office) -> None:
    send(office, CARLA, "Dora,123,norte,")
    assert form(office, "cells", **{"out-3": "yes"}).status_code == 303
    assert "Con error 0 Cambian 0 Nuevas 1" in look(office)


def test_a_form_mends_cells_of_the_table_only(office: Office) -> None:
    send(office, CARLA, "Dora,123,norte,")
    forged = {f"c-{place}": "x" for place in ("3-9999999", "3-5", "3-0", "1-1", "4-1")} | {
        "out-1": "yes",
        "out-4": "yes",
    }
    form(office, "cells", **{"c-3-2": "55 5555 0104", **forged})
    with office.database.reading() as tx:
        found = uploads.find(tx, "ana", UploadKind.roster, office.clock())
    assert found is not None
    chosen = Choices.read(found.choices)
    assert (chosen.cells, chosen.left_out) == ({"3:2": "55 5555 0104"}, [])


def test_a_cell_beside_the_headers_takes_no_memory(office: Office) -> None:
    send(office, CARLA, "Dora,123,norte,")
    with office.database.transaction() as tx:
        found = uploads.find(tx, "ana", UploadKind.roster, office.clock())
        assert found is not None
        beside = asdict(Choices("lista.csv", cells={"3:2": "55 5555 0104", "3:5": "x", "3:9999999": "x"}))
        uploads.change(tx, found.id, office.clock(), choices={**found.choices, "choices": beside})
    form(office, "cells")
    assert "Con error 0 Cambian 0 Nuevas 2" in look(office)


def test_two_files_are_in_memory_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    really, under, most = forms.with_file, 0, 0

    async def noted(request: Request) -> tuple[dict[str, str], forms.SentFile | None]:
        nonlocal under, most
        under, most = under + 1, max(most, under + 1)
        await asyncio.sleep(0.05)
        under -= 1
        return await really(request)

    monkeypatch.setattr(forms, "with_file", noted)
    nothing = {"data": {"kind": "roster"}, "files": {"x": ("", b"")}}
    answers = office.ask_at_once(5, "ana", "POST", "/console/roster/import", **nothing)
    assert [one.status_code for one in answers] == [400] * 5
    assert most == 2


def test_columns_the_cohort_and_hidden_rows_are_chosen(office: Office) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["quien", "a donde", "otra cosa"])
        sheet.write_row(1, 0, ["Carla Núñez", "55 5555 0103", "x"])
        sheet.write_row(2, 0, ["Dora Paz", "55 5555 0104", "x"])
        sheet.set_row(2, None, None, {"hidden": True})
    post(office, stream.getvalue(), "lista.xlsx", kind="roster")
    page = look(office)
    assert "Antes de importar" in page
    assert "elija en «Filas ocultas o tachadas»" in page
    assert "o escriba una en «Cohorte de las filas que no lo dicen»" in page
    assert "--" not in page, "an option of a command"
    chosen = {"m-0": "name", "m-1": "phone", "m-2": "-", "hidden": "skip", "cohort": "sur"}
    assert form(office, "choices", **chosen).status_code == 303
    assert "Con error 0 Cambian 0 Nuevas 1" in look(office)
    assert "Carla Núñez +525555550103 sur" in look(office, "new")


def test_the_controls_that_sentences_name_are_those_of_the_page() -> None:
    for language in LANGUAGES:
        named = " ".join(into(one, language) for one in (CONTROLS.sheet, CONTROLS.hidden, CONTROLS.cohort))
        for label in ("upload.sheet", "upload.columns", "upload.hidden", "import.cohort"):
            assert re.search(f"[«“]{re.escape(Texts(language)(label))}[»”]", named), label


def test_what_somebody_else_changed_meanwhile_refuses_the_import_and_is_shown(office: Office) -> None:
    send(office, CARLA)
    with office.database.transaction() as tx:
        enrol(tx, office.vault, office.clock(), "+525555550103", name="Carla Núñez")
    before = count(office, CONTACT)
    assert form(office, "commit").status_code == 303
    page = look(office)
    assert "Alguien cambió el padrón desde que usted revisó la lista. Nada entró" in page
    assert "Cambian 1 Nuevas 0" in page
    assert count(office, CONTACT) == before
    assert office.audited("roster import") == []
    assert form(office, "commit").status_code == 303
    assert "Listo 0 nuevas, 1 con cambios" in look(office)


def test_a_form_of_an_older_page_does_nothing(office: Office) -> None:
    send(office, CARLA)
    old = office.ask("ana", "POST", "/console/roster/import/roster/commit", data={"revision": "7:x"})
    assert (old.status_code, alert(old)[:13]) == (409, "La lista camb")
    assert count(office, CONTACT) == 2


def test_everybody_has_a_list_of_their_own_and_it_goes_by_itself(office: Office) -> None:
    send(office, CARLA)
    assert office.ask("eva", "GET", "/console/roster/import/roster").status_code == 404
    with office.database.reading() as tx:
        sealed = [*tx.execute(select(UPLOAD.c.sealed)).scalars(), *tx.execute(select(UPLOAD_PART.c.sealed)).scalars()]
    assert sealed
    assert not [one for one in sealed if b"Carla" in one or b"5555" in one]
    with office.database.transaction() as tx:
        tx.execute(update(UPLOAD).values(expires_at=office.clock()))
    assert office.ask("ana", "GET", "/console/roster/import/roster").status_code == 404
    with office.database.transaction() as tx:
        assert uploads.expire(tx, office.clock()) == 1
    assert count(office, UPLOAD_PART) == 0


def test_a_list_is_discarded_and_a_file_that_is_none_is_said(office: Office) -> None:
    post(office, b"PK\x03\x04 nothing", "lista.xlsx", kind="roster")
    assert "Esta lista no se puede leer" in look(office)
    assert form(office, "discard").headers["location"] == "/console/roster/import?done=upload_discarded"
    nothing = office.ask("ana", "POST", "/console/roster/import", data={"kind": "roster"}, files={"x": ("", b"")})
    assert (nothing.status_code, alert(nothing)) == (400, "Elija un archivo.")
    large = post(office, b"x" * 25_200_000, "lista.csv", kind="roster")
    assert (large.status_code, alert(large)[:22]) == (413, "El archivo pasa de 25 ")


def test_leave_is_imported_likewise(office: Office) -> None:
    send(office, "folio,desde,hasta,tipo", f"{office.bruno},2026-03-09,2026-03-15,vacaciones", "X,1,2,3", kind="leave")
    page = look(office, kind="leave")
    assert "Con error 1 Cambian 0 Nuevas 1" in page
    assert count(office, SHIFT_CHANGE) == 0
    form(office, "cells", kind="leave", **{"out-3": "yes"})
    assert "2 Vacaciones o licencia 2026-03-09 2026-03-15" in look(office, "new", "leave")
    assert form(office, "commit", kind="leave").status_code == 303
    assert "Listo 1 nuevas, 0 con cambios, 0 iguales." in look(office, kind="leave")
    assert count(office, SHIFT_CHANGE) == 1
    assert office.audited("leave import") == [("ana", "shift_change")]
    assert office.audited("leave check") == [("ana", "programme:prueba")] * 2


def test_leave_of_a_number_that_is_somebody_elses_by_now_is_not_imported(office: Office) -> None:
    send(office, "celular,desde,hasta", "5555550102,2026-03-09,2026-03-15", kind="leave")
    with office.database.transaction() as tx:
        alma = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.study_id != office.bruno)).scalar_one()
        numbers.change(tx, office.vault, office.bruno, "+525555550177", office.clock())
        numbers.change(tx, office.vault, alma, "+525555550102", office.clock())
    form(office, "commit", kind="leave")
    assert "Nada entró" in look(office, kind="leave")
    assert count(office, SHIFT_CHANGE) == 0


def test_no_page_of_an_upload_tells_whose_study_id_is_whose(office: Office) -> None:
    with office.database.transaction() as tx:
        enrol(tx, office.vault, office.clock(), "+525555550109", name="Dora Paz", programme="otra")
        numbers.change(tx, office.vault, office.bruno, "+525555550177", office.clock())
        ids = [*tx.execute(select(CONTACT.c.study_id)).scalars()]
    alma, moved, other = "Alma,55 5555 0101,norte,", "Bruno,55 5555 0102,norte,", "Eva Ríos,55 5555 0109,norte,"
    send(office, alma, "Carla Núñez,55 5555 0177,norte,", moved, other)
    wrong = look(office, "wrong")
    assert "este número es de un oficial que tiene otro nombre" in wrong
    assert "este oficial tiene ahora otro número" in wrong
    assert wrong.count("este número participa en otro programa") == 1
    assert wrong.count("que tiene otro nombre") == 1, "nothing more is said of an officer of another programme"
    pages = [office.ask("ana", "GET", f"/console/roster/import/roster?state={state}").text for state in LISTS]
    send(office, "folio,celular,desde,hasta", ",5555550101,2026-03-09,2026-03-15", kind="leave")
    pages += [office.ask("ana", "GET", f"/console/roster/import/leave?state={state}").text for state in LISTS]
    assert not [one for one in ids for page in pages if one in page]
    with office.database.reading() as tx:
        (noted,) = audit.entries(tx, action="leave check", limit=9)
        assert (noted.actor, noted.subject, noted.detail) == ("ana", "programme:prueba", {"rows": 1})
        assert audit.entries(tx, action="roster check", limit=9)[-1].detail == {"rows": 4}


def test_a_table_of_leave_reaches_nobody_of_another_programme(office: Office) -> None:
    with office.database.transaction() as tx:
        other = enrol(tx, office.vault, office.clock(), "+525555550109", programme="otra")
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == other)).scalar_one()
    rows = (
        f"{study_id},,2026-03-09,2026-03-15",
        ",5555550109,2026-03-09,2026-03-15",
        "NADIE000,,2026-03-09,2026-03-15",
    )
    send(office, "folio,celular,desde,hasta", *rows, kind="leave", programme="prueba")
    page = look(office, kind="leave")
    assert "Con error 3 Cambian 0 Nuevas 0" in page
    assert page.count("nadie con esta clave o este número participa") == 3


def test_the_check_of_leave_locks_and_writes_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "lock", None)
    monkeypatch.setattr(shift_changes, "add", None)
    send(office, "folio,desde,hasta", f"{office.bruno},2026-03-09,2026-03-15", kind="leave")
    assert "Con error 0 Cambian 0 Nuevas 1" in look(office, kind="leave")


def test_the_list_of_officers_is_filtered_and_has_no_name(office: Office) -> None:
    page = office.see("ana", "/console/roster")
    assert "2 oficiales" in page
    assert office.bruno in page
    assert "Bruno" not in page
    assert "Nadie está así." in office.see("ana", "/console/roster?standing=opted_out")
    assert office.ask("ines", "GET", "/console/roster").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_roster_is_taken_with_a_reason_and_reads_back_without_a_change(office: Office, kind: str) -> None:
    assert alert(office.ask("ana", "POST", "/console/roster/export", data={"format": kind})).startswith(
        "Escriba por qué"
    )
    taken = office.ask("ana", "POST", "/console/roster/export", data={"format": kind, "reason": "revisar"})
    assert taken.status_code == 200
    table = table_files.read_table(f"padron.{kind}", taken.content)
    assert [row[0] for row in table[1:]] == ["Alma", "Bruno"]
    assert not [row for row in table if office.bruno in row]
    assert office.audited("roster export") == [("ana", "programme:prueba")]
    assert office.ask("ines", "POST", "/console/roster/export", data={"format": kind, "reason": "x"}).status_code == 403
    post(office, taken.content, f"padron.{kind}", kind="roster")
    assert "Con error 0 Cambian 0 Nuevas 0 Iguales 2" in look(office)


def test_dates_and_zones_of_cohorts_are_written_down(office: Office) -> None:
    with office.database.reading() as tx:
        code = tx.execute(select(COHORT.c.code)).scalars().first()
    dated = office.ask("ana", "POST", "/console/roster/cohorts/date", data={"code": code, "workshop_date": "2/3/2026"})
    assert dated.headers["location"] == "/console/roster/cohorts?done=cohort_dated"
    assert 'value="2026-03-02"' in office.ask("ana", "GET", "/console/roster/cohorts").text
    wrong = office.ask(
        "ana", "POST", "/console/roster/cohorts/date", data={"code": code, "workshop_date": "2062-01-01"}
    )
    assert (wrong.status_code, alert(wrong)[:22]) == (400, "«workshop_date» no es ")
    assert (
        office.ask("ana", "POST", "/console/roster/cohorts/zone", data={"code": code, "zone": "Tijuana"}).status_code
        == 303
    )
    zone = office.ask("ana", "POST", "/console/roster/cohorts/zone", data={"code": code, "zone": "Atlántida"})
    assert alert(zone).startswith("Esa zona horaria no existe")


def test_a_number_is_found_by_its_hash_without_opening_anybody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    really = Vault.open

    def noted(self: Vault, sealed: bytes, context: str) -> str:
        opened.append(context)
        return really(self, sealed, context)

    monkeypatch.setattr(Vault, "open", noted)
    found = office.ask("ana", "POST", "/console/officers/find", data={"wanted": "55 5555 0102", "reason": "llamar"})
    assert office.bruno in words(found)
    assert {one for one in opened if one.startswith("identity:")} == {"identity:2"}
    with office.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(ADDRESS)).scalar_one() > 2


def test_an_import_that_is_stopped_has_imported_nothing(office: Office) -> None:
    send(office, CARLA)
    with office.database.reading() as tx:
        found = uploads.find(tx, "ana", UploadKind.roster, office.clock())
    assert found is not None
    programme = office.library.programmes[office.library.current["prueba"]].definition

    def told(percent: int) -> None:
        if percent > 90:  # all is written, and nothing committed
            raise Cancelled

    with office.database.transaction() as tx:
        uploads.change(tx, found.id, office.clock(), status=UploadStatus.importing)
    busy = replace(found, status=UploadStatus.importing)
    with pytest.raises(Cancelled):
        commit(office.database, office.vault, busy, programme, office.clock(), "ana", told)
    assert count(office, CONTACT) == 2
    assert "Importando" in look(office)
    assert form(office, "discard").status_code == 303
    assert count(office, UPLOAD) == 0


def test_nothing_of_an_upload_is_left_when_somebody_is_erased(office: Office) -> None:
    send(office, CARLA)
    with office.database.transaction() as tx:
        erasing.erase(tx, office.library, office.bruno, "asked", lambda: "NEWSTUDY", office.clock(), "ana")
    assert count(office, UPLOAD) == count(office, UPLOAD_PART) == 0


def test_two_people_who_import_the_same_list_enrol_nobody_twice(office: Office) -> None:
    send(office, CARLA)
    post(office, f"{HEADER}\n{CARLA}".encode(), "lista.csv", who="eva", kind="roster")
    assert form(office, "commit", who="eva").status_code == 303
    assert form(office, "commit").status_code == 303
    assert "Cambian 0 Nuevas 0 Iguales 1" in look(office)
    assert count(office, CONTACT) == 3

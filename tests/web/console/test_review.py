"""Textos, through the application, on both databases: a review, and two coders who are blind to each other."""

import re
from collections.abc import Iterable

import httpx
import pytest

from app.people.roles import Role
from app.store import free_text
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.review.test_coding import CODED
from tests.review.texts import Desk
from tests.web.console.desk import Office, alert, words

TEXTS = ("Juana, de la <b>esquina</b>, gritaba", "No hubo tiempo", "Era peligroso")


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with three texts that nobody has read, and people who review and code."""
    made = Office(database, vault, clock)
    with database.transaction() as tx:
        Desk(tx, vault, clock, CODED).tells(*TEXTS)
    for name in ("rita", "saul", "tere"):
        made.hire(name, Role.reviewer)
    return made


def mark(page: httpx.Response, path: str) -> str:
    """The fingerprint in the form of a text."""
    found = re.search(rf'action="{path}".*?name="mark" value="([^"]+)"', page.text, re.DOTALL)
    assert found is not None
    return found[1]


def stories(office: Office) -> list[free_text.FreeText]:
    with office.database.reading() as tx:
        return [one for one in free_text.texts(tx) if one.variable == "story"]


def review(office: Office, text: int, decision: str, redacted: str = "") -> httpx.Response:
    page = office.ask("rita", "GET", "/console/review")
    fields = {"decision": decision, "redacted": redacted, "mark": mark(page, f"/console/review/{text}")}
    return office.ask("rita", "POST", f"/console/review/{text}", data=fields)


def code(office: Office, name: str, text: int, tema: str, menciona: Iterable[str] = ("jefe",), at: str = "") -> int:
    """Code a text in the console. Returns the status."""
    path = f"/console/coding{at}"
    page = office.ask(name, "GET", path)
    fields = {"mark": mark(page, f"{path}/{text}"), "code:tema": tema}
    fields |= {f"code:menciona:{one}": "yes" for one in menciona}
    return office.ask(name, "POST", f"{path}/{text}", data=fields).status_code


def disagreement(office: Office) -> tuple[int, int]:
    """Two texts that everybody may read. Rita and Saúl have coded the first, each otherwise."""
    first, second, _ = (one.id for one in stories(office))
    review(office, first, "ok")
    review(office, second, "ok")
    code(office, "rita", first, "riesgo")
    code(office, "saul", first, "otro")
    return first, second


def test_texts_are_read_decided_on_and_the_audit_log_keeps_both(office: Office) -> None:
    page = office.ask("rita", "GET", "/console/review")
    assert TEXTS[0] in words(page)
    assert "<b>esquina" not in page.text
    assert office.audited("text show") == [("rita", "text_review")]
    first, second, third = (one.id for one in stories(office))
    assert review(office, first, "redact", "[alguien] gritaba").headers["location"] == "/console/review?done=reviewed"
    assert review(office, second, "ok").status_code == 303
    assert review(office, third, "withhold").status_code == 303
    assert [one.readable for one in stories(office)] == ["[alguien] gritaba", TEXTS[1], None]
    assert "No hay textos sin revisar." in office.see("rita", "/console/review")
    assert "tachado, por rita" in office.see("rita", "/console/review?which=reviewed")
    assert office.audited("text review") == [("rita", "text_review")] * 3


def test_an_empty_redaction_and_a_slower_reviewer_are_refused(office: Office) -> None:
    first = stories(office)[0].id
    empty = review(office, first, "redact")
    assert (empty.status_code, alert(empty)[:27]) == (400, "Escriba lo que sí se puede ")
    seen = mark(office.ask("saul", "GET", "/console/review"), f"/console/review/{first}")
    review(office, first, "withhold")
    slower = office.ask("saul", "POST", f"/console/review/{first}", data={"decision": "ok", "mark": seen})
    assert (slower.status_code, alert(slower)[:30]) == (409, "El texto cambió, o alguien dec")
    assert office.ask("saul", "POST", "/console/review/999", data={"decision": "ok"}).status_code == 404
    assert stories(office)[0].readable is None


def test_two_coders_are_blind_to_each_other_until_both_have_coded(office: Office) -> None:
    first, second, third = (one.id for one in stories(office))
    review(office, first, "ok")
    review(office, second, "ok")
    review(office, third, "withhold")
    assert code(office, "rita", first, "riesgo") == 303
    assert code(office, "rita", second, "tiempo") == 303
    assert "No le falta ningún texto" in office.see("rita", "/console/coding")
    page = office.ask("saul", "GET", "/console/coding")
    assert "Faltan 2 textos." in words(page)
    assert re.search(r"\brita\b", page.text) is None
    assert code(office, "saul", first, "otro", ("jefe", "colega")) == 303
    assert code(office, "saul", second, "tiempo") == 303
    settling = office.see("rita", "/console/coding/settle")
    assert "rita eligió: riesgo" in settling
    assert "saul eligió: otro" in settling
    assert TEXTS[1] not in settling
    assert "tema 2 50 %" in settling
    path = f"/console/coding/{first}"
    again = office.ask("saul", "POST", path, data={"mark": "x", "code:tema": "riesgo"})
    assert (again.status_code, alert(again)[:14]) == (409, "El texto cambi")
    office.ask("tere", "POST", "/console/coding/settle", data={"programme": "prueba"})
    assert code(office, "tere", first, "riesgo", ["jefe"], "/settle") == 303
    assert "No hay desacuerdos" in office.see("rita", "/console/coding/settle")
    with office.database.reading() as tx:
        settled = [one for one in free_text.assigned_codes(tx, ["tema"], first) if one.coder == "final"]
    assert [one.codes for one in settled] == ["riesgo"]


def test_a_coder_who_has_not_coded_a_text_does_not_see_what_others_disagree_on(office: Office) -> None:
    _, second = disagreement(office)
    code(office, "tere", second, "tiempo")
    assert "No hay desacuerdos" in office.see("tere", "/console/coding/settle")
    assert "eligió" in office.see("rita", "/console/coding/settle")


def test_who_has_seen_the_codes_to_settle_them_codes_no_text_any_more(office: Office) -> None:
    first, _ = disagreement(office)
    path, chosen = f"/console/coding/{first}", {"code:tema": "riesgo", "code:menciona:jefe": "yes"}
    seen = {"mark": mark(office.ask("tere", "GET", "/console/coding"), path)}
    page = office.see("tere", "/console/coding/settle")
    assert "Falta 1 texto." in page
    assert "No voy a codificar: ver los desacuerdos" in page
    assert "rita eligió" not in page
    assert TEXTS[0] not in page
    assert "Faltan 2 textos." in office.see("tere", "/console/coding"), "to look at the page costs nothing"
    assert office.ask("tere", "POST", "/console/coding/settle", data={"programme": "nada"}).status_code == 400
    begun = office.ask("tere", "POST", "/console/coding/settle", data={"programme": "prueba"})
    assert begun.headers["location"] == "/console/coding/settle?programme=prueba"
    assert office.audited("text settle") == [("tere", "programme:prueba")]
    assert "rita eligió: riesgo" in office.see("tere", "/console/coding/settle")
    assert "ya no codifica sus textos" in office.see("tere", "/console/coding")
    refused = office.ask("tere", "POST", path, data={**seen, **chosen})
    assert (refused.status_code, alert(refused)[:29]) == (409, "Usted resuelve los desacuerdo")
    with office.database.reading() as tx:
        assert {one.coder for one in free_text.assigned_codes(tx, ["tema"], first)} == {"rita", "saul"}


def test_only_those_who_have_coded_a_text_or_code_none_settle_it(office: Office) -> None:
    first, second, _ = (one.id for one in stories(office))
    review(office, first, "ok")
    review(office, second, "ok")
    code(office, "rita", first, "riesgo")
    code(office, "saul", first, "otro")
    path = f"/console/coding/settle/{first}"
    sent = {"mark": mark(office.ask("rita", "GET", "/console/coding/settle"), path), "programme": "prueba"}
    sent |= {"code:tema": "tiempo", "code:menciona:jefe": "yes"}
    refused = office.ask("tere", "POST", path, data=sent)
    assert (refused.status_code, alert(refused)[:29]) == (409, "Ese texto lo acuerda quien ya")
    code(office, "tere", second, "tiempo")
    assert office.ask("tere", "POST", path, data=sent).status_code == 409, "a coder, but not of this text"
    with office.database.reading() as tx:
        assert {one.coder for one in free_text.assigned_codes(tx, ["tema"], first)} == {"rita", "saul"}
    code(office, "tere", first, "tiempo")
    assert office.ask("tere", "POST", path, data=sent).status_code == 303
    with office.database.reading() as tx:
        assert "final" in {one.coder for one in free_text.assigned_codes(tx, ["tema"], first)}


def test_texts_are_for_reviewers(office: Office) -> None:
    first = stories(office)[0].id
    office.hire("ana", Role.coordinator)
    office.hire("ines", Role.researcher)
    for name in ("ana", "ines"):
        for path in ("/console/review", "/console/coding", "/console/coding/settle"):
            assert office.ask(name, "GET", path).status_code == 403
            assert office.ask(name, "POST", f"{path}/{first}").status_code == 403
    assert office.audited("text show") == []

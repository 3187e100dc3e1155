"""Pendientes and the page of a case, through the application, on both databases: the view of each role, the audit log, and refusals."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.cases import opening
from app.conversations.inbound import receive
from app.main import GUEST
from app.people.roles import Role
from app.store import dead_letters
from app.store.cases import CaseOutcome
from app.store.database import Database
from app.store.files import sealed_for
from app.store.tables import CASE, CASE_MESSAGE, CONSENT, CONTACT, INBOUND, MEDIA, OUTBOUND, Response
from app.store.vault import Vault
from tests.cases.world import CRISIS, FALSE_ALARM, Desk
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, BRUNO, STRANGER
from tests.web.console.desk import HERE, Office, alert, words
from tests.world import OTHER_PROGRAMME, arrive, enrol, message, published

HOSTILE = '<script>alert(1)</script> & "x" \''


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock) -> Office:
    """An office with a crisis (case 3), a reply to a question that was not understood (case 1) and an unknown number (case 2)."""
    made = Office(database, vault, clock)
    with made.desk() as desk:
        desk.begin(desk.bruno)
        desk.talk(BRUNO, "quién sabe", HOSTILE)
        desk.say(STRANGER, "¿quién es?")
        desk.say(ALMA, CRISIS)
    made.hire("ana", Role.coordinator)
    made.hire("luz", Role.guardian)
    made.hire("ines", Role.researcher)
    return made


def test_the_list_has_the_most_urgent_first_a_band_for_danger_and_no_word_of_anybody(office: Office) -> None:
    answer = office.ask("ana", "GET", "/console")
    page = words(answer)
    alma, bruno = office.alma, office.bruno
    assert f"1 caso en peligro sin cerrar Crisis · {alma}" in page
    assert "Emergencias 911 (24 horas)" in page
    listed = page[page.index("Mostrar") :]
    assert listed.index(alma) < listed.index(bruno) < listed.index("Número …0199")
    assert "Se le preguntó: ¿Tuvo contacto con ciudadanía?" in listed
    assert not [word for word in ("vivir", "script", "quién sabe", "Alma") if word in page]
    assert office.audited("case show") == []
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_words_are_shown_after_opening_as_text_and_the_audit_log_keeps_it(office: Office) -> None:
    answer = office.ask("ana", "GET", "/console/cases/1")
    assert HOSTILE in words(answer)
    assert "<script>alert" not in answer.text
    assert "¿Tuvo contacto con ciudadanía?" in words(answer)
    assert office.audited("case show") == [("ana", "case:1")]


def test_a_guardian_sees_every_case_listed_and_reads_only_those_of_danger(office: Office) -> None:
    page = office.see("luz", "/console")
    assert page.count("lo lee coordinación") == 2
    assert CRISIS in office.see("luz", "/console/cases/3")
    for refused in (office.ask("luz", "GET", "/console/cases/1"), office.do("luz", 1, "take")):
        assert refused.status_code == 403
        assert alert(refused).startswith("luz no puede ver esto.")
    assert office.ask("ines", "GET", "/console").status_code == 403
    assert office.audited("case show") == [("luz", "case:3")]


def test_who_works_for_another_programme_sees_nothing_of_this_one(office: Office) -> None:
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
    office.hire("leo", Role.coordinator, "otro")
    assert "No hay nada pendiente." in office.see("leo", "/console")
    assert office.ask("leo", "GET", "/console/cases/3").status_code == 403
    office.hire("mar", Role.coordinator, "prueba")
    page = office.see("mar", "/console")
    assert office.alma in page
    assert "Número" not in page.partition("Mostrar")[2], (
        "an unknown number that wrote to nobody's own number is for those of all"
    )


def test_an_answer_goes_into_the_outbox_and_the_case_is_the_persons(office: Office) -> None:
    office.see("ana", "/console/cases/3")
    done = office.do("ana", 3, "answer", text="Estoy con usted, {{ nombre }}.")
    assert (done.status_code, done.headers["location"]) == (303, "/console/cases/3?done=answered")
    assert office.woken == 1
    page = office.see("ana", "/console/cases/3?done=answered")
    assert "Su respuesta va en camino." in page
    assert "lo tiene ana" in page
    with office.database.reading() as tx:
        kinds = tx.execute(select(OUTBOUND.c.kind).where(OUTBOUND.c.kind == "person")).scalars().all()
    assert kinds == ["person"]


def test_what_was_typed_stays_when_the_answer_is_refused(office: Office) -> None:
    office.see("ana", "/console/cases/1")
    typed = "Hola, {{ apellido }} <b>"
    refused = office.do("ana", 1, "answer", text=typed)
    assert (refused.status_code, alert(refused)) == (
        400,
        "La única variable de una respuesta es nombre, entre dos llaves.",
    )
    assert "Hola, {{ apellido }} &lt;b&gt;</textarea>" in refused.text


def test_who_was_slower_gets_one_message_and_nothing_is_done(office: Office) -> None:
    for name in ("ana", "luz"):
        office.see(name, "/console/cases/3")
    assert office.do("luz", 3, "take").status_code == 303
    late = office.do("ana", 3, "close", outcome="handled")
    assert (late.status_code, alert(late)) == (409, "luz fue más rápido y tiene el caso. No se hizo nada.")
    assert "Lo tiene luz." in words(late)
    assert office.do("luz", 3, "close", outcome="false_alarm").headers["location"] == "/console?done=closed"
    again = office.do("luz", 3, "answer", text="Hola.")
    assert (again.status_code, alert(again)) == (409, "Otra persona ya cerró el caso. No se hizo nada.")
    with office.database.reading() as tx:
        assert tx.execute(select(CASE.c.outcome).where(CASE.c.id == 3)).scalar_one() == CaseOutcome.false_alarm
        sent = tx.execute(select(OUTBOUND.c.kind, OUTBOUND.c.step).where(OUTBOUND.c.step == "false_alarm")).all()
    assert len(sent) == 1, FALSE_ALARM


def test_a_message_that_came_meanwhile_is_read_first(office: Office) -> None:
    office.see("ana", "/console/cases/3")
    office.clock.advance(minutes=1)
    with office.database.transaction() as tx:
        receive(tx, office.library, [message(office.vault, ALMA, "ya estoy mejor")], office.clock())
    refused = office.do("ana", 3, "answer", text="Hola.")
    assert refused.status_code == 409
    assert alert(refused).startswith("Mientras tanto llegó algo que usted no había leído.")
    assert "ya estoy mejor" in words(refused)
    assert office.do("ana", 3, "answer", text="Hola.").status_code == 303


def test_the_window_closes_and_the_officer_leaves_while_somebody_writes(office: Office) -> None:
    page = office.see("ana", "/console/cases/2")
    assert "WhatsApp acepta texto libre por 23 h 50 min" in page
    office.clock.advance(minutes=50)
    office.see("ana", "/console/cases/2")
    office.at(office.clock() + timedelta(hours=23, minutes=20))
    office.hire("eva", Role.coordinator)
    office.see("eva", "/console/cases/2")
    refused = office.do("eva", 2, "answer", text="¿Quién es usted?")
    assert refused.status_code == 409
    assert alert(refused).startswith("Pasaron las 24 horas de WhatsApp")
    office.see("eva", "/console/cases/1")
    assert office.do("eva", 1, "out").status_code == 303
    refused = office.do("eva", 1, "answer", text="Hola.")
    assert (refused.status_code, alert(refused)) == (
        409,
        "Está de baja: no se le puede escribir. Si hace falta llamarle, vea su número.",
    )


def test_a_session_that_ended_does_nothing_and_leads_back(office: Office) -> None:
    office.see("ana", "/console/cases/3")
    office.clock.advance(hours=2)
    refused = office.ask(
        "ana", "POST", "/console/cases/3/take", headers={"Referer": f"{HERE}/console/cases/3", "Host": "inside"}
    )
    assert (refused.status_code, alert(refused)) == (
        401,
        "Su sesión terminó y no se hizo nada. Entre otra vez y repítalo.",
    )
    assert 'name="next" value="/console/cases/3"' in refused.text
    with office.database.reading() as tx:
        assert tx.execute(select(CASE.c.owner)).scalars().all() == [None, None, None]


def test_asking_for_news_is_no_use_of_the_session(office: Office) -> None:
    first = office.ask("ana", "GET", "/console/news").json()
    assert first["open"] == 3
    office.do("ana", 1, "take")
    assert office.ask("ana", "GET", "/console/news").json()["cases"] != first["cases"]
    for _ in range(5):
        office.clock.advance(minutes=13)
        last = office.ask("ana", "GET", "/console/news").status_code
    assert last == 401


def test_a_reply_counts_as_the_answer_that_was_meant(office: Office) -> None:
    office.see("ana", "/console/cases/1")
    assert office.do("ana", 1, "count", question="2", meant="1").headers["location"] == "/console/cases/1?done=counted"
    with office.database.reading() as tx:
        found = tx.execute(select(Response.step, Response.key, Response.rule).where(Response.rule == "person")).all()
    assert [tuple(row) for row in found] == [("contacto", "si", "person")]
    again = office.do("ana", 1, "count", question="2", meant="2")
    assert (again.status_code, alert(again)[:38]) == (409, "Esa pregunta ya tiene una respuesta qu")
    assert office.do("ana", 1, "count", question="2", meant="2", instead="yes").status_code == 303


def test_consent_is_accepted_or_refused(office: Office) -> None:
    with office.database.transaction() as tx:
        tx.execute(CONTACT.update().values(consented_at=None))
        desk = Desk.__new__(Desk)
        desk.tx, desk.vault, desk.clock, desk.library = tx, office.vault, office.clock, office.library
        office.library.refresh(tx)
        contact = enrol(tx, office.vault, office.clock(), "+525555550103", name="Celia", consented=False)
        desk.begin(contact, "permiso")
        desk.talk("+525555550103", "pues tal vez", "ya le dije")
        number = desk.case_id(contact)
    assert "¿Acepta participar?" in office.see("ana", f"/console/cases/{number}")
    assert office.do("ana", number, "consent", decided="yes").headers["location"].endswith("done=judged")
    with office.database.reading() as tx:
        proofs = tx.execute(select(CONSENT.c.granted, CONSENT.c.proof).where(CONSENT.c.contact_id == contact)).all()
    assert [tuple(row) for row in proofs] == [(True, f"case {number}, judged by ana")]


def test_name_and_number_take_a_reason_and_are_kept(office: Office) -> None:
    assert alert(office.do("ana", 3, "who", reason=" ")) == "Escriba por qué lo necesita, en una línea."
    assert office.audited("case who") == []
    page = words(office.do("ana", 3, "who", reason="llamarle"))
    assert "Alma" in page
    assert ALMA in page
    assert office.audited("case who") == [("ana", "case:3")]
    assert ALMA not in office.see("ana", "/console/cases/3")


def test_an_unknown_number_is_given_to_its_officer(office: Office) -> None:
    office.see("ana", "/console/cases/2")
    assert alert(office.do("ana", 2, "identify", study_id="NOBODY")) == "Ningún oficial tiene esa clave de estudio."
    bruno = office.bruno
    assert office.do("ana", 2, "identify", study_id=bruno).headers["location"] == "/console?done=identified"
    assert "Número identificado" in office.see("ana", "/console?which=closed")


def test_an_act_on_a_case_does_not_reach_into_another_programme(office: Office) -> None:
    carla = "+525555550303"
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
        contact = enrol(tx, office.vault, office.clock(), carla, programme="otro")
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == contact)).scalar_one()
        tx.execute(update(INBOUND).where(INBOUND.c.contact_id.is_(None)).values(programme="prueba"))
    office.hire("leo", Role.coordinator, "prueba")
    for choice in ("", "take", "swap"):
        refused = office.do("leo", 1, "number", number=carla, other=choice)
        assert (refused.status_code, alert(refused)[:37]) == (400, "Alguien de otro programa tiene ese nú")
        assert study_id not in refused.text
    office.see("leo", "/console/cases/2")
    assert office.do("leo", 2, "identify", study_id=study_id).status_code == 403
    assert office.audited("number") == []
    office.see("ana", "/console/cases/2")
    assert office.do("ana", 2, "identify", study_id=study_id).status_code == 303


def test_whose_account_a_number_perhaps_is_is_told_of_own_programmes_only(office: Office) -> None:
    carla, new, account = "+525555550303", "+525555550177", "MX.1a2B3c4D"
    with office.database.transaction() as tx:
        library = published(tx, office.clock(), OTHER_PROGRAMME)
        contact = enrol(tx, office.vault, office.clock(), carla, programme="otro")
        study_id = tx.execute(select(CONTACT.c.study_id).where(CONTACT.c.id == contact)).scalar_one()
        for number in (carla, new):
            arrive(tx)
            receive(tx, library, [message(office.vault, number, "hola", also=(account,))], office.clock())
        tx.execute(update(INBOUND).where(INBOUND.c.contact_id.is_(None)).values(programme="prueba"))
        case = tx.execute(select(func.max(CASE.c.id)).where(CASE.c.contact_id.is_(None))).scalar_one()
    office.hire("leo", Role.coordinator, "prueba")
    assert f"la cuenta de WhatsApp de {study_id}" in office.see("ana", f"/console/cases/{case}")
    assert study_id not in office.ask("leo", "GET", f"/console/cases/{case}").text


def test_snoozing_pausing_assigning_and_another_number(office: Office) -> None:
    assert alert(office.do("ana", 3, "snooze", wait="4h")).startswith("Un caso en peligro no se pospone")
    assert office.do("ana", 1, "snooze", wait="4h").headers["location"] == "/console?done=snoozed"
    bruno = office.bruno
    assert bruno in office.see("ana", "/console?which=snoozed")
    assert bruno not in office.see("ana", "/console?which=open").partition("Mostrar")[2]
    assert office.do("ana", 1, "pause").status_code == 303
    assert "Alguien lo puso en pausa." in office.see("ana", "/console/cases/1")
    assert office.do("ana", 1, "resume").status_code == 303
    assert alert(office.do("ana", 1, "number", number="12")) == "Ese número no existe. Escriba diez dígitos."
    taken = office.do("ana", 1, "number", number="55 5555 0101")
    assert alert(taken).startswith(f"Ese número es del oficial {office.alma}.")
    assert office.do("ana", 1, "number", number="55 5555 0177").status_code == 303
    assert (
        alert(office.do("ana", 1, "assign", person="nadie"))
        == "Nadie tiene una cuenta con ese nombre. No se hizo nada."
    )
    assert office.do("ana", 1, "assign", person="luz").status_code == 303
    assert "Lo tiene luz." in office.see("ana", "/console/cases/1")
    assert office.do("ana", 1, "take").status_code == 303
    assert office.do("ana", 1, "release").status_code == 303
    assert office.see("ana", "/console?which=nobodys").count("nadie lo tiene") >= 1


def test_lists_are_filtered_sorted_and_cut_on_the_server(office: Office) -> None:
    page = office.see("ana", "/console?reason=unknown_number").partition("Mostrar")[2]
    assert ("Número …0199" in page, office.alma in page) == (True, False)
    oldest = office.see("ana", "/console?order=oldest").partition("Mostrar")[2]
    assert oldest.index(office.bruno) < oldest.index(office.alma)
    assert "Usted no tiene ningún caso." in office.see("ana", "/console?which=mine")
    for nonsense in ("which=x", "order=1", "reason=%00", "page=0", "page=99999999999", "page=-1", "done=nope"):
        assert office.ask("ana", "GET", f"/console?{nonsense}").status_code == 200
    assert office.ask("ana", "GET", "/console/cases/99").status_code == 404
    assert office.ask("ana", "GET", "/console/cases/x").status_code == 404


def test_a_page_of_somebody_else_changes_nothing(office: Office) -> None:
    forged = office.ask("ana", "POST", "/console/cases/3/take", headers={"Origin": "https://evil.example"})
    assert forged.status_code == 403
    with office.database.reading() as tx:
        assert tx.execute(select(CASE.c.owner).where(CASE.c.id == 3)).scalar_one() is None


def test_english_is_chosen_and_stays(office: Office) -> None:
    done = office.ask("ana", "POST", "/language", data={"to": "en", "next": "/console"})
    assert (done.status_code, done.headers["location"], done.cookies["trato-language"]) == (303, "/console", "en")
    office.cookies["ana"]["trato-language"] = "en"
    assert "Serious" in office.see("ana", "/console")
    assert "To do" in office.see("ana", "/console")


def test_the_first_page_is_the_one_that_the_caller_may_open(
    office: Office, database: Database, vault: Vault, clock: StillClock
) -> None:
    def first(name: str | None) -> str:
        return office.ask(name, "GET", "/").headers["location"]

    assert [first(one) for one in ("ana", "luz", None)] == ["/console", "/console", "/sign-in"]
    office.guest = GUEST
    assert first(None) == "/sign-in", "with accounts nobody is a guest"


def test_where_there_is_no_account_the_first_page_is_the_phones_and_the_demos_the_console(
    database: Database, vault: Vault, clock: StillClock
) -> None:
    office = Office(database, vault, clock)
    with office.desk() as desk:
        desk.say(ALMA, CRISIS)
    assert office.ask(None, "GET", "/").headers["location"] == "/phone"
    assert office.ask(None, "GET", "/console").status_code == 401
    office.guest = GUEST
    assert office.ask(None, "GET", "/").headers["location"] == "/console"
    assert office.ask(None, "POST", "/console/cases/1/take").status_code == 303
    assert office.ask(None, "POST", "/console/cases/1/take", headers={"Origin": "x"}).status_code == 403
    office.guest, office.simulated = None, False
    assert office.ask(None, "GET", "/").headers["location"] == "/sign-in"


def test_a_closed_case_keeps_its_note_and_takes_nothing_more(office: Office) -> None:
    office.see("ana", "/console/cases/3")
    assert office.do("ana", 3, "close", outcome="handled", note="Ya la acompañan.").status_code == 303
    answer = office.ask("ana", "GET", "/console/cases/3")
    assert "cerrado: Atendido, hoy, 10:" in words(answer)
    assert "Ya la acompañan." in words(answer)
    assert 'action="/console/cases/' not in answer.text
    assert "ana: lo cerró" in words(answer)


def test_what_could_not_be_processed_is_a_case_without_anybody(office: Office) -> None:
    with office.database.transaction() as tx:
        dead_letters.save(tx, office.vault, "inbound", {"Body": "secreto"}, "ValueError at a.py:1", office.clock())
        opening.look(tx, office.clock())
    page = office.see("ana", "/console/cases/4")
    assert "Mensajes sin procesar" in page
    assert "ValueError at a.py:1" in page
    assert not [one for one in ("secreto", "Contestarle", "Nombre y número") if one in page]
    assert office.do("ana", 4, "close", outcome="nothing_to_do").status_code == 303
    assert alert(office.do("ana", 3, "close")) == "Elija cómo terminó."


def test_a_voice_note_can_be_heard_and_the_audit_log_keeps_it(office: Office) -> None:
    with office.database.transaction() as tx:
        inbound = tx.execute(select(CASE_MESSAGE.c.inbound_id).where(CASE_MESSAGE.c.case_id == 1)).scalars().first()
        now = office.clock()
        row = {
            "inbound_id": inbound,
            "position": 0,
            "url": "x",
            "content_type": "audio/ogg",
            "status": "stored",
            "attempts": 1,
        }
        key = tx.execute(MEDIA.insert().returning(MEDIA.c.id), {**row, "due_at": now}).scalar_one()
        tx.execute(MEDIA.update().values(sealed=office.vault.seal_bytes(b"OggS voice", sealed_for(key))))
    answer = office.ask("ana", "GET", "/console/cases/1/files")
    assert '<audio controls preload="none" src="/console/cases/1/files/1_1_0.ogg">' in answer.text
    heard = office.ask("ana", "GET", "/console/cases/1/files/1_1_0.ogg")
    assert (heard.content, heard.headers["content-disposition"]) == (b"OggS voice", "attachment")
    assert (heard.headers["content-type"], heard.headers["x-content-type-options"]) == ("audio/ogg", "nosniff")
    assert office.audited("case files") == [("ana", "case:1")] * 2
    assert office.ask("luz", "GET", "/console/cases/1/files").status_code == 403
    assert alert(office.ask("ana", "GET", "/console/cases/1/files/9_9_9.ogg")) == "No existe ese archivo."

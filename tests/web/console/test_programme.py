"""Programa and Publicar, through the application, on both databases: texts change byte for byte in a draft, nobody's words are overwritten
unseen, and what is published is what was seen."""

import html
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.conversations import drafting
from app.main import publish_folder
from app.people.roles import ROUTES, Permission, Role
from app.store import alerts, drafts, versions
from app.store.database import Database
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import BRUNO
from tests.web.console.desk import WITH_HELP, Office, alert, words
from tests.world import OTHER_PROGRAMME, TALK, flows_folder, published

HOSTILE = '<script>alert(1)</script> & "x"'
TEXT, NOTICE = "flows.reporte.steps.historia.text|es-MX", "notices.help|es-MX"
FLOW, REST, PUBLISH = (
    f"/console/{path}" for path in ("programme/prueba/texts/reporte", "programme/prueba/texts", "publish/prueba")
)
COMMENTED = WITH_HELP.replace("text: ¿Qué pasó?", "text:   '¿Qué pasó?'   # lo cuenta quien quiere")


@pytest.fixture
def office(database: Database, vault: Vault, clock: StillClock, tmp_path: Path) -> Office:
    """An office with a programme whose file has comments, a conversation under way, and an example conversation."""
    made = Office(database, vault, clock)
    made.flows = flows_folder(tmp_path / "flows", COMMENTED, TALK)
    with made.desk() as desk:
        desk.begin(desk.bruno)
        desk.talk(BRUNO, "sí")
    with database.transaction() as tx:
        publish_folder(tx, made.flows, clock())
    for name in ("ana", "eva"):
        made.hire(name, Role.coordinator)
    return made


def form(answer: httpx.Response) -> dict[str, str]:
    """The fields of the last form of a page as a browser has them, but for ticks and buttons."""
    text = answer.text[answer.text.rindex('class="texts"') if 'class="texts"' in answer.text else 0 :]
    found = re.findall(
        r'<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>|<input type="hidden" name="([^"]*)" value="([^"]*)"',
        text,
        re.DOTALL,
    )
    return {html.unescape(area or hidden): html.unescape(said or value) for area, said, hidden, value in found}


def change(office: Office, name: str, path: str = FLOW, **texts: str) -> httpx.Response:
    """Change texts on a page, and save."""
    fields = form(office.ask(name, "GET", path))
    assert texts.keys() <= fields.keys()
    return office.ask(name, "POST", path, data={**fields, **texts})


def publish(office: Office, name: str, **fields: str) -> httpx.Response:
    """Publish the draft as the page shows it."""
    page = office.ask(name, "GET", PUBLISH).text
    seen = {
        key: re.search(
            rf'name="{key}" value="(\w+)">\n  <input type="hidden" name="over"|name="{key}" value="(\w+)"', page
        )
        for key in ("was", "over")
    }
    found = {key: next(filter(None, match.groups())) for key, match in seen.items() if match}
    return office.ask(name, "POST", PUBLISH, data={**found, **fields})


def current(office: Office) -> str:
    with office.database.reading() as tx:
        return versions.read(tx, versions.current(tx)["prueba"]).source


def draft(office: Office) -> str:
    with office.database.reading() as tx:
        return drafting.working(tx, "prueba").source


def test_the_list_has_the_conversations_by_principle(office: Office) -> None:
    page = office.see("ana", "/console/programme/prueba")
    assert "Dar voz Reporte Reporte · 2 preguntas · reporte" in page
    assert "Sin principio Consentimiento Consentimiento · 1 pregunta" in page
    assert office.ask("ana", "GET", "/console/programme").headers["location"] == "/console/programme/prueba"


def test_the_diagram_counts_the_answers_to_each_question(office: Office) -> None:
    page = office.see("ana", "/console/programme/prueba/flows/reporte")
    assert "¿Tuvo contacto con ciudadanía? Contestaron 1; no se entendió 0." in page
    assert page.count("Contestaron") == 1


def test_a_text_changes_byte_for_byte_in_the_draft_alone(office: Office) -> None:
    said = change(office, "ana", **{TEXT: f"¿Qué hizo?\r\n{HOSTILE}"})
    assert said.headers["location"] == f"{FLOW}?done=draft_saved"
    assert current(office) == COMMENTED
    before, _, after = COMMENTED.partition("'¿Qué pasó?'")
    assert draft(office).startswith(before)
    assert draft(office).endswith(after)
    page = office.ask("ana", "GET", FLOW)
    assert "<script>alert" not in page.text
    assert form(page)[TEXT] == f"¿Qué hizo?\n{HOSTILE}"
    assert (office.flows / "prueba.yaml").read_text(encoding="utf-8") == COMMENTED
    assert office.audited("draft save") == [("ana", "prueba")]


def test_what_is_published_is_no_draft(office: Office) -> None:
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    change(office, "ana", **{TEXT: "¿Qué pasó?"})
    with office.database.reading() as tx:
        assert drafts.read(tx, "prueba") is None


def test_two_people_change_different_texts_at_once(office: Office) -> None:
    fields = form(office.ask("eva", "GET", FLOW))
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    title = "flows.reporte.title|es-MX"
    assert office.ask("eva", "POST", FLOW, data={**fields, title: "Reporte nuevo"}).status_code == 303
    found = form(office.ask("ana", "GET", FLOW))
    assert (found[TEXT], found[title]) == ("¿Y qué pasó?", "Reporte nuevo")


def test_two_people_change_the_same_text_and_the_second_sees_both(office: Office) -> None:
    fields = form(office.ask("eva", "GET", FLOW))
    change(office, "ana", **{TEXT: "Lo de Ana"})
    said = office.ask("eva", "POST", FLOW, data={**fields, TEXT: "Lo de Eva"})
    assert said.status_code == 409
    assert alert(said).startswith("Otra persona cambió mientras tanto lo mismo que usted.")
    assert "Ahora dice: Lo de Ana" in words(said)
    assert "Lo de Ana" in draft(office)
    assert office.ask("eva", "POST", FLOW, data=form(said)).status_code == 303
    assert "Lo de Eva" in draft(office)


@pytest.mark.parametrize(
    ("go", "said"),
    [
        ("{no: end}", "Otra persona cambió mientras tanto"),
        ("{no: nowhere}", "mientras tanto otra persona dejó un error"),
    ],
)
def test_what_somebody_else_has_removed_is_not_lost(office: Office, go: str, said: str) -> None:
    fields = form(office.ask("eva", "GET", FLOW))
    with office.database.transaction() as tx:
        short = COMMENTED.replace("      - say: fin\n        text: Gracias.\n", "").replace("{no: fin}", go)
        drafting.save(tx, "prueba", short, drafting.working(tx, "prueba").hash, office.clock(), "ana")
    answer = office.ask("eva", "POST", FLOW, data={**fields, "flows.reporte.steps.fin.text|es-MX": "Muy amable."})
    assert answer.status_code == 409
    assert said in alert(answer)
    assert "su lugar ya no está aquí: Muy amable." in words(answer)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No puede quedar vacío."),
        ("¿Qué pasó, {{ apellido }}?", "apellido"),
    ],
)
def test_a_text_with_an_error_is_not_saved_and_stays_typed(office: Office, text: str, said: str) -> None:
    answer = change(office, "ana", **{TEXT: text})
    assert answer.status_code == 400
    assert alert(answer) == "No se guardó nada: corrija lo que se indica."
    error = re.search(r'class="error"[^>]*>(.*?)</p>', answer.text)
    assert error is not None
    assert said in error[1]
    assert form(answer)[TEXT] == text
    assert draft(office) == COMMENTED


def test_texts_outside_conversations_have_a_page_of_their_own(office: Office) -> None:
    assert TEXT not in form(office.ask("ana", "GET", REST))
    assert change(office, "ana", REST, **{NOTICE: "Otra ayuda."}).status_code == 303
    assert draft(office) == COMMENTED.replace("Ayuda del programa.", "Otra ayuda.")


def test_a_draft_is_given_up_or_downloaded(office: Office) -> None:
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    file = office.ask("ana", "GET", "/console/programme/prueba/file")
    assert file.text == draft(office)
    assert file.headers["content-disposition"] == 'attachment; filename="prueba.yaml"'
    wrong = office.ask("ana", "POST", "/console/programme/prueba/give-up", data={"was": "another"})
    assert alert(wrong).startswith("Mientras tanto otra persona cambió el borrador")
    with office.database.reading() as tx:
        was = drafting.working(tx, "prueba").hash
    office.ask("ana", "POST", "/console/programme/prueba/give-up", data={"was": was})
    assert draft(office) == COMMENTED
    assert office.audited("draft give up") == [("ana", "prueba")]


# -- the whole file -------------------------------------------------------------------------------------------------------

YAML = "/console/programme/prueba/yaml"


def seen(office: Office) -> str:
    """The hash of the text that the page of the file shows."""
    return re.findall(r'name="was" value="(\w{64})"', office.ask("eva", "GET", YAML).text)[-1]


def test_the_file_is_changed_as_it_is_and_may_have_errors(office: Office) -> None:
    page = office.ask("ana", "GET", YAML)
    shown = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert shown is not None
    assert html.unescape(shown[1]) == COMMENTED
    broken = COMMENTED.replace("principle: voz", "principle: vos")
    said = office.ask("ana", "POST", YAML, data={"was": seen(office), "source": broken.replace("\n", "\r\n")})
    assert said.headers["location"] == f"{YAML}?done=draft_saved"
    assert draft(office) == broken
    assert "El borrador tiene un error." in office.see("ana", "/console/programme/prueba")
    assert "Un error impide publicar Línea" in office.see("ana", PUBLISH)
    assert office.ask("ana", "GET", FLOW).headers["location"] == "/console/programme/prueba"
    assert "Esta es la versión publicada" in office.see("ana", "/console/programme/prueba/flows/reporte")
    assert alert(publish(office, "ana")) == "No se publicó nada: el borrador tiene errores."


def test_two_people_change_the_file_and_the_second_sees_the_difference(office: Office) -> None:
    was = seen(office)
    office.ask("ana", "POST", YAML, data={"was": was, "source": COMMENTED.replace("¿Qué pasó?", "Lo de Ana")})
    mine = COMMENTED.replace("¿Qué pasó?", HOSTILE)
    said = office.ask("eva", "POST", YAML, data={"was": was, "source": mine})
    assert said.status_code == 409
    assert "-        text:   'Lo de Ana'   # lo cuenta quien quiere" in html.unescape(said.text)
    assert "<script>alert" not in said.text
    assert "Lo de Ana" in draft(office)
    again = re.findall(r'name="was" value="(\w{64})"', said.text)[-1]
    assert office.ask("eva", "POST", YAML, data={"was": again, "source": mine}).status_code == 303
    assert draft(office) == mine


def test_an_unsaved_text_is_checked_with_the_correction_of_what_has_one(office: Office) -> None:
    text = COMMENTED.replace("principle: voz", "principle: vos").replace("text: Gracias.", 'text: "{nombre}"')
    answer = office.ask("ana", "POST", "/console/programme/prueba/check", data={"source": text})
    first, *more = [one for one in answer.json()["problems"] if one["correction"]]
    line = text.split("\n")[first["line"] - 1]
    assert line == "    principle: vos"
    assert (first["code"], first["text"], first["hint"]) == ("unknown-principle", first["text"], "¿Quiso decir voz?")
    assert first["correction"] == {"line": first["line"], "column": 16, "length": 3, "text": "voz"}
    assert [one["correction"]["text"] for one in more] == ["{{ nombre }}"]
    assert draft(office) == COMMENTED
    assert office.ask("ana", "GET", "/console/schema").json()["properties"]["flows"]


def test_another_programme_is_no_draft_of_this_one(office: Office) -> None:
    office.ask(
        "ana",
        "POST",
        YAML,
        data={"was": seen(office), "source": COMMENTED.replace("programme: prueba", "programme: otro")},
    )
    assert "este es un borrador del programa prueba. Escriba programme: prueba." in office.see("ana", PUBLISH)
    too_long = office.ask("ana", "POST", YAML, data={"was": seen(office), "source": "x" * 750_001})
    assert alert(too_long) == "El texto es demasiado largo para un archivo de conversaciones."


# -- the phone ------------------------------------------------------------------------------------------------------------


def played(office: Office, moves: list[tuple[str, str]], **fields: str) -> dict[str, Any]:
    """The conversation on the phone beside an editor."""
    sent = {"flow": "reporte", "moves": json.dumps(moves), **fields}
    answer = office.ask("ana", "POST", "/console/programme/prueba/play", data=sent)
    assert answer.status_code == 200, alert(answer)
    found: dict[str, Any] = answer.json()
    return found


def test_the_phone_plays_the_unsaved_text(office: Office) -> None:
    typed = {**form(office.ask("ana", "GET", FLOW)), TEXT: f"¿Qué hizo? {HOSTILE}"}
    opening = played(office, [], **typed)
    assert [line["text"] for line in opening["lines"]] == [
        "Alma, una pregunta.",
        "¿Tuvo contacto con ciudadanía?\n1 Sí\n2 No",
    ]
    assert opening["options"] == [{"key": "si", "label": "Sí"}, {"key": "no", "label": "No"}]
    *_, reply, question = played(office, [("press", "si")], **typed)["lines"]
    assert reply == {"mine": True, "text": "Sí", "understood": "Se guarda contact_any: Sí = 1 (regla button)"}
    assert question["text"] == f"¿Qué hizo? {HOSTILE}"
    ended = played(office, [("say", "no"), ("wait", "")], source=COMMENTED.replace("text: Gracias.", "text: Adiós."))[
        "lines"
    ]
    assert [line["text"] for line in ended[2:]] == ["no", "Adiós.", "Pasa el tiempo.", "La conversación terminó."]
    assert draft(office) == COMMENTED


def test_what_cannot_be_played_is_said(office: Office) -> None:
    wrong = "El texto tiene un error: así no se puede probar."
    assert played(office, [], source=COMMENTED.replace("principle: voz", "principle: vos")) == {"wrong": wrong}
    assert played(office, [], **{**form(office.ask("ana", "GET", FLOW)), TEXT: ""}) == {"wrong": wrong}
    assert played(office, [], source=COMMENTED, flow="nada") == {"wrong": "El programa no tiene esa conversación."}
    for moves in ("no", '["x"]', "{}", "[1]"):
        sent = {"flow": "reporte", "moves": moves, "source": COMMENTED}
        assert office.ask("ana", "POST", "/console/programme/prueba/play", data=sent).status_code in {200, 400}
    gone = played(office, [("press", "quizas"), ("jump", ""), ("say", "x" * 5000)], source=COMMENTED)["lines"]
    assert len(gone[-2]["text"]) <= 1600


# -- publishing -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_published_as_it_was_seen(office: Office) -> None:
    assert "No hay nada nuevo que publicar." in office.see("ana", PUBLISH)
    change(office, "ana", **{TEXT: f"¿Qué hizo? {HOSTILE}"})
    page = office.ask("ana", "GET", PUBLISH)
    assert "Conversación reporte Paso historia, cambia: texto − ¿Qué pasó? + ¿Qué hizo?" in words(page)
    assert "Una conversación en curso termina con la versión anterior: Reporte (1)." in words(page)
    assert "<script>alert" not in page.text
    new = draft(office)
    assert publish(office, "ana").headers["location"] == f"{PUBLISH}?done=published"
    assert current(office) == new
    assert "hoy, " in office.see("ana", PUBLISH)
    assert office.audited("publish")[-1] == ("ana", "prueba")
    assert office.library.programmes[office.library.current["prueba"]].definition.flows["reporte"]


def test_a_change_of_the_data_needs_a_tick_and_a_reason(office: Office) -> None:
    swapped = COMMENTED.replace(
        "{si: {label: Sí, value: 1}, no: {label: No, value: 0}}",
        "{si: {label: Sí, value: 2}, no: {label: No, value: 1}}",
    )
    with office.database.transaction() as tx:
        drafting.save(tx, "prueba", swapped, drafting.working(tx, "prueba").hash, office.clock(), "ana")
    page = office.see("ana", PUBLISH)
    assert page.count("Cambia los datos: lo de antes y lo de después no se compara igual.") == 2
    ticks = {"data-1": "yes", "data-2": "yes"}
    assert alert(publish(office, "ana", reason="los del papel", **{"data-1": "yes"})).startswith(
        "No se publicó nada. Faltan 1 marcas"
    )
    assert alert(publish(office, "ana", **ticks)) == "No se publicó nada: escriba por qué cambian los datos."
    assert current(office) == COMMENTED
    assert publish(office, "ana", reason="los del papel", **ticks).status_code == 303
    assert current(office) == swapped
    assert "ana en uso «los del papel»" in office.see("ana", PUBLISH)


def test_a_draft_with_many_changes_of_the_data_is_published(office: Office) -> None:
    change(office, "ana", **{TEXT: "¿Qué hizo?"})
    ticks = {f"data-{number}": "yes" for number in range(1, 2001)}
    assert publish(office, "ana", **ticks).headers["location"] == f"{PUBLISH}?done=published"


def test_examples_that_no_longer_hold_are_shown_before_and_after_and_are_in_the_way(office: Office) -> None:
    change(office, "ana", **{"flows.reporte.steps.fin.text|es-MX": "Muchas gracias."})
    page = office.see("ana", PUBLISH)
    assert (
        "Una conversación de ejemplo ya no va así Reporte · sin_contacto Antes < Gracias. Ahora < Muchas gracias."
        in page
    )
    assert "Corrija lo que se indica arriba" in page
    assert alert(publish(office, "ana")) == "No se publicó nada: el borrador tiene errores."
    assert current(office) == COMMENTED


def accept(office: Office, **fields: str) -> httpx.Response:
    """Accept the example as it goes with the draft that the page shows."""
    shown = {"was": seen(office), "file": "prueba.yaml", "transcript": "sin_contacto"}
    return office.ask("ana", "POST", f"{PUBLISH}/accept", data={**shown, **fields})


def test_an_example_is_accepted_with_the_draft_and_stays_so_with_its_version(office: Office) -> None:
    change(office, "ana", **{"flows.reporte.steps.fin.text|es-MX": "Muchas gracias."})
    for wrong, status in (({"was": "0" * 64}, 409), ({"file": "../prueba.yaml"}, 400), ({"transcript": "nada"}, 400)):
        assert accept(office, **wrong).status_code == status
    assert accept(office).headers["location"] == f"{PUBLISH}?done=accepted"
    assert office.audited("draft accept") == [("ana", "prueba")]
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    assert publish(office, "ana").status_code == 303
    file = office.flows / "transcripts" / "prueba.yaml"
    assert file.read_text(encoding="utf-8") == TALK, "no file is written"
    assert office.ask("ana", "GET", f"{PUBLISH}/transcripts/prueba.yaml").text == TALK.replace(
        "< Gracias.", "< Muchas gracias."
    )
    change(office, "ana", **{TEXT: "¿Qué más?"})
    assert "Así está bien" not in office.see("ana", PUBLISH)
    file.write_text(TALK.replace("< Gracias.", "< Mil gracias."), encoding="utf-8")
    assert "Antes < Mil gracias. Ahora < Muchas gracias." in office.see("ana", PUBLISH), (
        "a file that has changed since counts"
    )


def test_all_examples_whose_lines_differ_are_accepted_at_once(office: Office) -> None:
    file = office.flows / "transcripts" / "prueba.yaml"
    file.write_text(TALK + TALK[TALK.index("  sin_contacto") :].replace("sin_contacto", "otra_vez"), encoding="utf-8")
    change(office, "ana", **{"flows.reporte.steps.fin.text|es-MX": "Muchas gracias."})
    assert "Las 2 están bien así" in office.see("ana", PUBLISH)
    assert accept(office, file="", transcript="").status_code == 303
    assert publish(office, "ana").status_code == 303


def test_an_example_whose_answers_differ_is_not_accepted_by_a_click(office: Office) -> None:
    file = office.flows / "transcripts" / "prueba.yaml"
    file.write_text(f"{TALK}    expect: {{contact_any: 1}}\n", encoding="utf-8")
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    page = office.see("ana", PUBLISH)
    assert "Aquí cambia también qué se guarda o cómo termina" in page
    assert "Así está bien" not in page


def test_of_two_who_publish_at_once_the_second_is_told(office: Office) -> None:
    change(office, "ana", **{TEXT: "Lo de Ana"})
    page = office.ask("eva", "GET", PUBLISH)
    seen = {key: re.findall(rf'name="{key}" value="(\w{{64}})"', page.text)[-1] for key in ("was", "over")}
    change(office, "ana", **{TEXT: "Lo de Ana, mejor"})
    said = office.ask("eva", "POST", PUBLISH, data=seen)
    assert said.status_code == 409
    assert alert(said).startswith("Mientras tanto otra persona cambió el borrador, o publicó.")
    assert current(office) == COMMENTED
    assert publish(office, "ana").status_code == 303
    assert office.ask("eva", "POST", PUBLISH, data=seen).status_code == 409


def test_a_draft_that_began_before_another_publication_says_so(office: Office) -> None:
    change(office, "ana", **{TEXT: "Lo de Ana"})
    (office.flows / "prueba.yaml").write_text(COMMENTED.replace("Ayuda del programa.", "Otra."), encoding="utf-8")
    with office.database.transaction() as tx:
        publish_folder(tx, office.flows, office.clock())
    page = office.see("ana", PUBLISH)
    assert "Mientras tanto se publicó otra versión" in page
    assert "− Otra. + Ayuda del programa." in page
    assert alert(publish(office, "ana")).startswith("No se publicó nada. Marque que quita también")
    assert publish(office, "ana", outdated="yes").status_code == 303
    assert "Ayuda del programa." in current(office)


def test_an_earlier_version_is_one_click_away(office: Office) -> None:
    change(office, "ana", **{TEXT: "¿Y qué pasó?"})
    publish(office, "ana")
    page = office.ask("ana", "GET", PUBLISH)
    to, over = (re.findall(rf'name="{key}" value="(\w{{64}})"', page.text)[0] for key in ("to", "over"))
    back = office.ask("ana", "POST", f"{PUBLISH}/roll-back", data={"to": to, "over": over})
    assert back.status_code == 303, alert(back)
    assert current(office) == COMMENTED
    again = office.ask("eva", "POST", f"{PUBLISH}/roll-back", data={"to": to, "over": over})
    assert alert(again).startswith("Mientras tanto otra persona")
    assert office.audited("rollback") == [("ana", "prueba")]


def test_a_start_publishes_no_file_over_a_version_of_the_console(office: Office) -> None:
    def restart() -> list[str]:
        with office.database.transaction() as tx:
            publish_folder(tx, office.flows, office.clock())
            return [one.kind for one in alerts.open_alerts(tx) if one.subject == "programme:prueba"]

    change(office, "ana", **{TEXT: "Lo de Ana"})
    publish(office, "ana")
    made = current(office)
    file = office.flows / "prueba.yaml"
    assert restart() == []
    file.write_text(COMMENTED.replace("Ayuda del programa.", "Otra."), encoding="utf-8")
    assert restart() == ["file_not_published"]
    assert current(office) == made
    file.write_text(made, encoding="utf-8")
    assert restart() == []
    file.write_text(made.replace("Ayuda del programa.", "Otra."), encoding="utf-8")
    restart()
    assert "Otra." in current(office), "the file has the console's version in it now"


def test_only_who_may_publish_a_programme_sees_it(office: Office) -> None:
    with office.database.transaction() as tx:
        published(tx, office.clock(), OTHER_PROGRAMME)
    office.hire("ines", Role.researcher)
    office.hire("leo", Role.coordinator, "otro")
    routes = [
        route for route, permission in ROUTES.items() if "/console/p" in route and permission is Permission.programme
    ]
    assert len(routes) > 10
    for route in routes:
        method, path = route.split()
        path = path.replace("{code}", "prueba").replace("{flow}", "reporte")
        assert office.ask("ines", method, path).status_code == 403
        if "prueba" in path:
            assert office.ask("leo", method, path).status_code == 403
    assert office.ask("ana", "GET", "/console/programme/nada").status_code == 404
    assert office.ask("ana", "GET", "/console/programme/prueba/texts/nada").status_code == 404

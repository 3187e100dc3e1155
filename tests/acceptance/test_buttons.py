"""WhatsApp as officers know it, over HTTP: opened by a template, answered by pressing, asked with buttons and lists; and the
command that ties an environment's contents to their names."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.channels.interactive import CONTENTS
from tests.acceptance.processes import LOCAL, Installation, midday_zone, until
from tests.conftest import postgresql_by_night

ALMA, BRUNO, CELIA = "+525555550101", "+525555550102", "+525555550103"
ZONE = midday_zone()
OPENING = "HX" + "ab" * 16
PROGRAMME = f"""
programme: prueba
title: Programa de prueba
timezone: {ZONE}
sms: {{plain: true}}
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: "Pausa de {{{{ dias }}}} días."
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
principles:
  voz: {{label: Dar voz}}
flows:
  todo:
    title: Todo
    kind: report
    principle: voz
    steps:
      - ask: contacto
        text: "Buen día, {{{{ nombre }}}}. ¿Tuvo contacto con ciudadanía?"
        answer: yes_no
        records: contact_any
        level: behaviour
        template: reporte_apertura
        variables: ["{{{{ nombre }}}}"]
      - ask: escucho
        text: "{{{{ nombre }}}}, ¿dejó que la persona contara su versión?"
        answer: {{choice: {{si: Sí, no: "No", nc: No venía al caso}}}}
        records: applied
        level: behaviour
      - ask: situacion
        text: ¿Qué situación fue?
        answer: {{choice: {{auxilio: Auxilio o queja, infraccion: Infracción o revisión, vecinal: Conflicto vecinal,
                          detencion: Detención, otro: Otro}}}}
        records: situation
        level: behaviour
      - say: fin
        text: Gracias, {{{{ nombre }}}}.
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    window: {{from: "00:05", to: "23:55"}}
    spread: 1m
    slots:
      - {{weeks: 1-2, per_week: 1, from: [todo]}}
    waves:
      hoy: {{suffix: bl, day: 0, flows: [todo]}}
"""
APPROVED: dict[str, Any] = {
    "types": {
        "twilio/quick-reply": {
            "body": "Buen día, {{1}}. ¿Tuvo contacto con ciudadanía?",
            "actions": [{"title": "Sí", "id": "si"}, {"title": "No", "id": "no"}],
        }
    }
}


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    contents = tmp_path / "contents.json"
    contents.write_text(json.dumps({"reporte_apertura": OPENING}), encoding="utf-8")
    return Installation(tmp_path, database_url, PROGRAMME, {"TRATO_TEMPLATES": str(contents)}, {OPENING: APPROVED})


def enrol(place: Installation) -> None:
    today = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    roster = place.folder / "roster.csv"
    people = f"Alma,{ALMA},c-1,{today},sms\nBruno,{BRUNO},c-1,{today},whatsapp\nCelia,{CELIA},c-1,{today},whatsapp\n"
    roster.write_text("nombre,telefono,cohorte,fecha_taller,canal\n" + people, encoding="utf-8")
    done = place.trato("roster", "import", str(roster))
    assert done.returncode == 0, done.stdout + done.stderr
    database = place.opened()
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE contact SET created_at = '2026-01-01 00:00:00.000000'")
    database.close()


def last(place: Installation, number: str, part: str) -> dict[str, Any]:
    place.gets(number, part)
    return next(item for item in reversed(place.sent(number)) if part in item["body"])


def refused(place: Installation) -> object:
    return LOCAL.get(f"{place.carrier_url}/control/messages", timeout=10).json()["refused"]


@postgresql_by_night
def test_officers_press_and_choose_and_type_and_all_of_it_is_data(place: Installation) -> None:
    enrol(place)
    with place.carrier():
        made = place.trato("templates", "--create-content")
        assert made.returncode == 0, made.stderr
        with place.serving():
            # By SMS: numbered lines, without accents where the alphabet lacks them.
            assert last(place, ALMA, "contacto")["body"] == "Buen dia, Alma. ¿Tuvo contacto con ciudadania?\n1 Si\n2 No"
            place.types(ALMA, "1", channel="sms")
            place.gets(ALMA, "Alma, ¿dejo que la persona contara su version?\n1 Si\n2 No\n3 No venia al caso")

            # A template opens; its button carries the option's key and quotes the question.
            opened = last(place, BRUNO, "Bruno. ¿Tuvo contacto")
            assert (opened["content_sid"], opened["shape"]) == (OPENING, "twilio/quick-reply")
            pressed = place.presses(BRUNO, "Sí")
            assert (pressed["form"]["ButtonPayload"], pressed["form"]["OriginalRepliedMessageSid"]) == (
                "si",
                opened["sid"],
            )

            # Within the conversation: buttons that carry session and step, and do not repeat themselves in the text.
            asked = last(place, BRUNO, "Bruno, ¿dejó que")
            assert asked["body"] == "Bruno, ¿dejó que la persona contara su versión?"
            assert [title for _, title in asked["buttons"]] == ["Sí", "No", "No venía al caso"]
            assert place.presses(BRUNO, "No venía al caso")["form"]["ButtonPayload"].endswith(":escucho:nc")

            # Five options: a list, chosen by its id.
            listed = last(place, BRUNO, "¿Qué situación fue?")
            assert (listed["shape"], listed["body"], len(listed["buttons"])) == (
                "twilio/list-picker",
                "¿Qué situación fue?",
                5,
            )
            assert json.loads(listed["form"]["ContentVariables"])["4"] == "1"
            assert place.presses(BRUNO, "Detención")["form"]["ListId"].endswith(":situacion:detencion")
            place.gets(BRUNO, "Gracias, Bruno.")

            # The same found by a sweep has only its words; and a number that is typed means its option, shown or not.
            place.gets(CELIA, "Celia. ¿Tuvo contacto")
            place.presses(CELIA, "Sí", bare=True)
            place.gets(CELIA, "Celia, ¿dejó que")
            place.types(CELIA, "3")
            place.gets(CELIA, "¿Qué situación fue?")
            place.presses(CELIA, "Auxilio o queja", bare=True)
            place.gets(CELIA, "Gracias, Celia.")
            place.presses(BRUNO, "Sí")  # an old button: late, never another question's answer

            rows = until(lambda: _rows(place, 8), "eight answers")
        assert refused(place) == []
    told = {(row["variable"], row["raw"], row["value"], row["rule"], row["late"]) for row in rows}
    assert {
        ("contact_any", "1", "1", "number", "0"),
        ("contact_any", "Sí", "1", "button", "0"),
        ("applied", "No venía al caso", "nc", "button", "0"),
        ("situation", "Detención", "detencion", "button", "0"),
        ("contact_any", "Sí", "1", "label", "0"),
        ("applied", "3", "nc", "number", "0"),
        ("situation", "Auxilio o queja", "auxilio", "label", "0"),
        ("applied", "Sí", "si", "button", "1"),
    } == told


def _rows(place: Installation, count: int) -> list[dict[str, str]]:
    rows = place.export()
    return rows if len(rows) >= count else []


@postgresql_by_night
def test_the_contents_of_an_environment_are_made_once_and_checked(place: Installation) -> None:
    path = Path(place.more["TRATO_TEMPLATES"])
    path.chmod(0o640)
    with place.carrier():
        found = place.trato("templates", "--check")
        assert (found.returncode, found.stderr) == (0, "")
        assert "warning: trato_botones_3: not in the map: 1 question goes out as numbered text" in found.stdout
        assert "warning: trato_quien: not in the map: what it asks goes by SMS, or not at all." in found.stdout
        assert " notices.who (" in found.stdout
        assert f"reporte_apertura  {OPENING}  approved UTILITY" in found.stdout
        assert (
            "    Buen día, {{1}}. ¿Tuvo contacto con ciudadanía?\n    {{1}} = {{ nombre }}\n    buttons: Sí (id si), No (id no)"
            in found.stdout
        )

        assert place.trato("templates", "--create-content").returncode == 0
        first = json.loads(path.read_text(encoding="utf-8"))
        assert first.keys() == {"reporte_apertura", *CONTENTS}
        assert path.stat().st_mode & 0o777 == 0o640
        again = place.trato("templates", "--create-content", "--json")
        assert json.loads(again.stdout) == {name: first[name] for name in CONTENTS}
        assert json.loads(path.read_text(encoding="utf-8")) == first
        # A map that was lost, or another environment's: what the account has is taken, and nothing is made twice.
        path.write_text(json.dumps({"reporte_apertura": OPENING, "trato_lista_4": "HX" + "f" * 32}), encoding="utf-8")
        wrong = place.trato("templates", "--check")
        assert wrong.returncode == 1
        assert "wrong: trato_lista_4: its HX… is no content of this account" in wrong.stdout
        assert place.trato("templates", "--create-content").returncode == 0
        assert json.loads(path.read_text(encoding="utf-8")) == first

        for status, said in (
            ("rejected", "is rejected by WhatsApp (TAG_CONTENT_MISMATCH)"),
            ("pending", "waits for WhatsApp's approval"),
        ):
            changed = {**APPROVED, "status": status, "reason": "TAG_CONTENT_MISMATCH"}
            LOCAL.put(f"{place.carrier_url}/control/contents", json={OPENING: changed}).raise_for_status()
            checked = place.trato("templates", "--check", "--json")
            assert checked.returncode == 1
            faults = [one for one in json.loads(checked.stdout)["findings"] if not one["warning"]]
            assert faults == [{"name": "reporte_apertura", "text": said, "warning": False}]
        assert refused(place) == []
        del place.more["TRATO_TEMPLATES"]
        printed = place.trato("templates", "--create-content")
        assert json.loads(printed.stdout) == {name: first[name] for name in CONTENTS}
        checked = place.trato("templates", "--check")
        assert (checked.returncode, "wrong: reporte_apertura: not in the map" in checked.stdout) == (1, True)
    for done in (found, again, wrong, checked, printed):
        assert place.account.api_secret not in done.stdout + done.stderr
        assert place.account.auth_token not in done.stdout + done.stderr
    place.more["TRATO_TEMPLATES"] = str(path)
    gone = place.trato("templates", "--check")
    assert (gone.returncode, gone.stderr) == (4, "trato: Twilio's Content API does not answer: ConnectError\n")
    place.more["TRATO_TWILIO_API_KEY"], place.more["TRATO_TWILIO_API_SECRET"] = "SKwrong", "wrong"
    with place.carrier():
        strange = place.trato("templates", "--create-content")
        assert (strange.returncode, strange.stderr) == (
            4,
            "trato: Twilio's Content API refuses: HTTP 401, code 20003\n",
        )


def test_the_simulator_approves_of_all(place: Installation) -> None:
    place.more |= {"TRATO_CHANNEL": "simulator"}
    shown = place.trato("templates", "--check", "--json")
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert [(one["name"], one["approval"]["status"]) for one in told["templates"]] == [
        ("reporte_apertura", "approved"),
        ("trato_quien", "approved"),
    ]
    assert told["findings"] == []
    made = place.trato("templates", "--create-content")
    assert (made.returncode, made.stderr.count("\n")) == (2, 1)

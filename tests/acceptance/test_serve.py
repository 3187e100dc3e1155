"""From a roster to a response in a CSV file, with `trato serve` and the carrier as processes of their own."""

import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import func, select

from app.store.tables import DeadLetter, InboundMessage, OutboundMessage
from app.web.connections import LARGEST_HEAD
from tests.acceptance.processes import LOCAL, Installation, free_port, midday_zone, running, until
from tests.forked import TRATO
from tests.world import stored

ALMA, BRUNO, CELIA, STRANGER = "+525555550101", "+525555550102", "+525555550103", "+525555550199"
ZONE = midday_zone()
OPENING = "HX0123456789abcdef0123456789abcdef"
PROGRAMME = f"""
programme: prueba
title: Programa de prueba
timezone: {ZONE}
fields: [sector]
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: "Pausa de {{{{ dias }}}} días."
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
principles:
  voz: {{label: Dar voz}}
answers:
  si_no: {{si: {{label: Sí, value: 1}}, no: {{label: "No", value: 0}}}}
flows:
  todo:
    title: Todo
    kind: report
    principle: voz
    steps:
      - ask: contacto
        text: "{{{{ nombre }}}}, ¿tuvo contacto con ciudadanía?"
        answer: si_no
        records: contact_any
        level: behaviour
        template: reporte_apertura
        variables: ["{{{{ nombre }}}}"]
      - ask: situacion
        text: ¿Qué situación fue?
        answer: {{choice: {{auxilio: Auxilio o queja, detencion: Detención, otro: Otro}}}}
        records: situation
      - ask: veces
        text: De sus últimos 5 contactos, ¿en cuántos?
        answer: {{number: {{min: 0, max: 5}}}}
        records: last_five
      - ask: historia
        text: ¿Cómo le fue?
        answer: text
        records: story
      - ask: foto
        text: Mande una foto de su libreta.
        answer: {{media: {{types: [image]}}}}
        records: photo
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
ROSTER = f"""Nombre,Teléfono,Cohorte,fecha_taller,canal,sector
Alma Ficticia,{ALMA[3:]},prueba-1,{{day}},sms,norte
Bruno Ficticio,{BRUNO},prueba-1,{{day}},whatsapp,sur
Celia Ficticia,{CELIA},prueba-1,{{day}},sms,sur
"""


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    templates = tmp_path / "templates.json"
    templates.write_text(f'{{"reporte_apertura": "{OPENING}"}}', encoding="utf-8")
    contents = {OPENING: "{{1}}, ¿tuvo contacto con ciudadanía? Responda sí o no."}
    return Installation(tmp_path, database_url, PROGRAMME, {"TRATO_TEMPLATES": str(templates)}, contents)


def enrol(place: Installation) -> None:
    """Import the roster a little before the flows are due: the wave's day is today, its hour has passed for all but now."""
    roster = place.folder / "roster.csv"
    roster.write_text(ROSTER.format(day=datetime.now(ZoneInfo(ZONE)).date().isoformat()), encoding="utf-8")
    done = place.trato("roster", "import", str(roster), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    _make_due(place)


def _make_due(place: Installation) -> None:
    """The clock's turn: let the officers have been enrolled before the day began, as they would have been."""
    database = place.opened()
    with database.transaction() as tx:
        tx.exec_driver_sql("UPDATE contact SET created_at = '2026-01-01 00:00:00.000000'")
    database.close()


def test_real_input_end_to_end(place: Installation) -> None:
    enrol(place)
    with place.carrier(), place.serving():
        assert place.gets(ALMA, "¿tuvo contacto").startswith(
            "Alma Ficticia, ¿tuvo contacto con ciudadanía?\n1 Sí\n2 No"
        )
        place.gets(BRUNO, "Bruno Ficticio, ¿tuvo contacto con ciudadanía? Responda")

        place.types(ALMA, "Simón", channel="sms")
        place.gets(ALMA, "¿Qué situación fue?")
        place.types(ALMA, unicodedata.normalize("NFD", "la detención"), channel="sms")
        place.gets(ALMA, "últimos 5")
        place.types(ALMA, "como 4", channel="sms")
        place.gets(ALMA, "¿Cómo le fue?")
        place.types(ALMA, "Le expliqué el motivo y se calmó 👍🏽", channel="sms")
        place.gets(ALMA, "foto")
        place.types(ALMA, "", channel="sms", media=["image/jpeg"])
        place.gets(ALMA, "Gracias, Alma Ficticia.")

        place.types(BRUNO, "No", extra={"ButtonText": "No", "ButtonPayload": "t1:999999:contacto:no"})
        place.types(BRUNO, "")
        place.gets(BRUNO, "solo se puede leer texto")
        place.types(BRUNO, "depende")
        place.gets(BRUNO, "No entendí.")
        place.types(BRUNO, "nel")
        place.gets(BRUNO, "¿Qué situación fue?")
        place.types(
            BRUNO,
            "Auxilio o queja",
            extra={"ButtonText": "Auxilio o queja", "ButtonPayload": _payload(place, "auxilio")},
        )
        place.gets(BRUNO, "últimos 5")

        place.types(CELIA, "BAJA", channel="sms")
        place.gets(CELIA, "Ya no le escribiremos.")
        place.types(STRANGER, "¿quién es?", channel="sms")
        place.gets(STRANGER, "programa de capacitación")
        place.types(STRANGER, "¿quién?", channel="sms")

        rows = {(row["variable"], row["raw"]): row for row in place.export("--with-text")}
        assert rows["contact_any", "Simón"]["value"] == "1"
        assert rows["contact_any", "Simón"]["label"] == "Sí"
        assert (rows["contact_any", "Simón"]["wave"], rows["contact_any", "Simón"]["level"]) == ("bl", "behaviour")
        detained = next(row for (variable, _), row in rows.items() if variable == "situation")
        assert (detained["value"], unicodedata.normalize("NFC", detained["raw"])) == ("detencion", "la detención")
        assert rows["last_five", "como 4"]["value"] == "4"
        assert rows["story", "Le expliqué el motivo y se calmó 👍🏽"]["status"] == "ok"
        assert [row for (variable, _), row in rows.items() if variable == "photo"]
        assert rows["contact_any", "nel"]["value"] == "0"
        assert rows["situation", "Auxilio o queja"]["rule"] == "button"
        assert ("contact_any", "No") not in rows, "a button of no question of his is no answer"
        for row in rows.values():
            assert row["asked_at"] <= row["answered_at"] <= datetime.now(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert all(not row["raw"] for row in place.export() if row["variable"] == "story"), "free text is withheld"
        assert len(place.reached(STRANGER)) == 1

        until(lambda: _all_delivered(place), "the carrier's callbacks are kept")
        answers = [answer for item in place.messages() for answer in item["webhook_answers"]]
        assert set(answers) == {200}
        _nothing_personal(place)


def _payload(place: Installation, key: str) -> str:
    """The carrier's message for the button under the last question that Bruno got."""
    database = place.opened()
    with database.reading() as tx:
        session = (
            tx.execute(
                select(OutboundMessage.session_id)
                .where(OutboundMessage.step == "situacion")
                .order_by(OutboundMessage.id.desc())
            )
            .scalars()
            .first()
        )
    database.close()
    return f"t1:{session}:situacion:{key}"


def _all_delivered(place: Installation) -> bool:
    database = place.opened()
    with database.reading() as tx:
        statuses = set(tx.execute(select(OutboundMessage.status)).scalars())
    database.close()
    return statuses <= {"delivered", "cancelled"}


def _nothing_personal(place: Installation) -> None:
    """Neither the log nor the stored messages say who anybody is."""
    for part in ("Ficticia", "Alma", "5555550101", "calmó", "Simón"):
        assert part not in place.log
    database = place.opened()
    with database.reading() as tx:
        bodies = [body for (body,) in stored(tx, OutboundMessage, "body")]
    database.close()
    assert any("{{nombre}}" in body for body in bodies)
    assert not [body for body in bodies if "Alma" in body]


def test_forgeries_and_second_deliveries_change_nothing(place: Installation) -> None:
    enrol(place)
    with place.carrier(), place.serving():
        place.gets(ALMA, "¿tuvo contacto")
        form = {
            "MessageSid": "SM" + "0" * 32,
            "From": ALMA,
            "To": place.account.sms,
            "AccountSid": place.account.sid,
            "Body": "1",
        }
        for body, headers in (
            (form, {}),
            (form, {"X-Twilio-Signature": "bm8="}),
            ("garbage \x00 \xff", {"X-Twilio-Signature": "é"}),
            ("{not json", {"X-Twilio-Signature": "x", "Content-Type": "application/json"}),
            ("", {}),
        ):
            for path in ("/twilio/inbound", "/twilio/fallback", "/twilio/status?m=x", "/twilio/inbound?bodySHA256=x"):
                given = {"data": body} if isinstance(body, dict) else {"content": body.encode("latin-1")}
                answer = LOCAL.post(
                    place.url + path, headers={name: value.encode() for name, value in headers.items()}, **given
                )  # type: ignore[arg-type]
                assert (answer.status_code, answer.content) == (403, b"")
        assert "Traceback" not in place.log
        assert _count(place, InboundMessage) == _count(place, DeadLetter) == 0

        LOCAL.put(f"{place.carrier_url}/control/faults", json={"webhooks_twice": 1.0, "callbacks_twice": 1.0})
        place.types(ALMA, "1", channel="sms")
        place.gets(ALMA, "¿Qué situación fue?")
        LOCAL.post(f"{place.carrier_url}/control/settle", timeout=20)
        assert len(place.export()) == _count(place, InboundMessage) == 1
        assert len([text for text in place.reached(ALMA) if "situación" in text]) == 1


def test_a_kill_after_the_answer_loses_nothing_and_sends_nothing_twice(place: Installation) -> None:
    enrol(place)
    with place.carrier():
        with place.serving():
            place.gets(ALMA, "¿tuvo contacto")
        # Only the edge runs: what is answered with 200 is durable, and the next question waits in the outbox.
        place.more["TRATO_ROLE"] = "web"
        with place.serving() as process:
            assert place.types(ALMA, "sí", channel="sms")["webhook_answers"] == [200]
            process.kill()
            process.wait()
        place.more["TRATO_ROLE"] = "all"
        with place.serving():
            place.gets(ALMA, "¿Qué situación fue?")
            place.types(ALMA, "1", channel="sms")
            place.gets(ALMA, "últimos 5")
            assert [row["raw"] for row in place.export()] == ["sí", "1"]
        texts = place.reached(ALMA)
        assert len(texts) == len(set(texts))


def test_a_broken_file_keeps_the_last_good_version(place: Installation) -> None:
    with place.serving():
        pass
    flows = place.folder / "flows" / "prueba.yaml"
    flows.write_text(PROGRAMME.replace("answer: si_no", "answer: si_noo", 1), encoding="utf-8")
    checked = place.trato("check", str(flows))
    assert checked.returncode == 1
    assert "si_no" in checked.stdout
    with place.serving():
        assert "si_noo" in place.log


def test_bad_settings_and_a_taken_port_are_one_clear_line(place: Installation) -> None:
    place.more["TRATO_QUIET_HOURS"] = "tonight"
    refused = place.trato("serve")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert refused.stderr.count("\n") == 1
    assert "TRATO_QUIET_HOURS" in refused.stderr
    place.more["TRATO_QUIET_HOURS"] = "21:00-09:00"
    with place.serving():
        taken = place.trato("serve")
        assert taken.returncode == 3
        assert f"{place.port}" in taken.stderr
        assert taken.stderr.count("\n") == 1


def _count(place: Installation, table: type) -> int:
    database = place.opened()
    with database.reading() as tx:
        count: int = tx.execute(select(func.count()).select_from(table)).scalar_one()
    database.close()
    return count


def test_the_demo_comes_up_and_answers(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/phone"

    def mine() -> list[dict[str, str]]:
        try:
            number = LOCAL.get(f"{url}/api/phones", timeout=2).json()["mine"]
            found: list[dict[str, str]] = LOCAL.get(f"{url}/api/phones/{number}", timeout=2).json()["messages"]
        except httpx.HTTPError:
            return []
        return found

    with running(TRATO, ["demo", "--port", str(port), "--folder", str(tmp_path / "demo")], {}, tmp_path / "demo.log"):
        until(mine, "the first message on one's own phone", 60)
        number = LOCAL.get(f"{url}/api/phones").json()["mine"]
        LOCAL.post(f"{url}/api/phones/{number}", json={"text": "simón"}).raise_for_status()
        until(lambda: [message for message in mine() if not message["mine"]][1:], "an answer")
        page = LOCAL.get(url)
        assert "Teléfono de prueba" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'self'")
        assert (
            LOCAL.get(url, headers={"X-Long": "x" * 3 * LARGEST_HEAD}).status_code == 431
        )  # the bounds of `trato serve`

"""The whole way of a case, with `trato serve`, the carrier and a mail server as processes and threads of their own: a crisis that a person
reads, answers and closes; an unclear consent accepted by hand; a stranger given to an officer; two people at one case."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.store.tables import CONSENT, Consent
from tests.acceptance.processes import Installation, free_port, midday_zone, until
from tests.alerting.servers import Post, Web, in_a_thread
from tests.conftest import postgresql_by_night
from tests.world import stored

ALMA, BRUNO, CELIA, NEW = "+525555550101", "+525555550102", "+525555550103", "+525555550177"
ZONE = midday_zone()
GUARD, SECOND = "guardia@example.org", "segunda@example.org"
PROGRAMME = f"""
programme: prueba
title: Programa de prueba
timezone: {ZONE}
alerts: {{email: [{GUARD}], chain: [{SECOND}], waits: {{crisis: 1m}}}}
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: "Pausa de {{{{ dias }}}} días."
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
  support: Llame a la línea de apoyo.
flows:
  permiso:
    title: Permiso
    kind: consent
    steps:
      - ask: acepta
        text: ¿Acepta participar?
        answer: yes_no
        consent: aviso_1
        template: permiso
      - say: gracias
        text: Gracias por participar.
campaigns:
  seguimiento:
    title: Seguimiento
    anchor: workshop_date
    consent: permiso
    window: {{from: "00:05", to: "23:55"}}
    spread: 1m
"""


class Team:
    """The people of a programme, each with a terminal."""

    def __init__(self, place: Installation) -> None:
        self.place = place

    def run(self, person: str, *words: str, code: int = 0) -> str:
        self.place.more["TRATO_ACTOR"] = person
        done = self.place.trato(*words)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def cases(self) -> dict[str, int]:
        """The open cases: their numbers by reason."""
        listed = json.loads(self.run("ana", "cases", "list", "--json"))["cases"]
        return {one["reason"]: one["case"] for one in listed}

    def case(self, reason: str) -> str:
        return str(until(lambda: self.cases().get(reason), f"a case {reason}", 40))

    def study_id(self, name: str) -> str:
        found: dict[str, Any] = json.loads(self.run("ana", "officers", "find", "--reason", "called", name, "--json"))
        return str(found["officers"][0]["study_id"])


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    mail = {
        "TRATO_SMTP_HOST": "127.0.0.1",
        "TRATO_SMTP_PORT": str(free_port()),
        "TRATO_SMTP_SECURITY": "none",
        "TRATO_SMTP_FROM": "trato@example.org",
    }
    place = Installation(tmp_path, database_url, PROGRAMME, mail)
    roster = tmp_path / "roster.csv"
    today = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    rows = [f"{name},{number},c-1,{today},sms" for name, number in (("Alma", ALMA), ("Bruno", BRUNO), ("Celia", CELIA))]
    roster.write_text("\n".join(["nombre,telefono,cohorte,fecha_taller,canal", *rows]) + "\n", encoding="utf-8")
    done = place.trato("roster", "import", str(roster))
    assert done.returncode == 0, done.stderr
    return place


@postgresql_by_night
def test_a_case_from_the_phone_to_its_end(place: Installation) -> None:
    post, team = Post(), Team(place)
    with in_a_thread(post, Web(), int(place.more["TRATO_SMTP_PORT"])), place.carrier(), place.serving():
        case = _a_crisis_is_known(place, team, post)
        _an_unclear_consent(place, team)
        _a_stranger(place, team)
        until(lambda: post.to(SECOND), "nobody has taken it: the next one is called", 120)
        _a_crisis_is_handled(place, team, case)
    assert team.cases() == {}
    assert not [word for mail in post.received for word in ("vivir", "Bruno", BRUNO[3:]) if word in mail.get_content()]


def _a_crisis_is_known(place: Installation, team: Team, post: Post) -> str:
    place.gets(BRUNO, "¿Acepta participar?")
    place.types(BRUNO, "ya no quiero vivir")
    place.gets(BRUNO, "Llame a la línea de apoyo.")
    until(lambda: post.to(GUARD), "the e-mail to the guardian", 60)
    return team.case("crisis")


def _a_crisis_is_handled(place: Installation, team: Team, case: str) -> None:
    shown = team.run("luz", "cases", "show", case)
    assert "ya no quiero vivir" in shown
    said = team.run("luz", "cases", "answer", case, "Hola {{ nombre }}, soy Luz. ¿Le puedo llamar?")
    assert "goes by whatsapp, as free text" in said
    place.gets(BRUNO, "Hola Bruno, soy Luz.")
    assert f"case {case} is luz's" in team.run("eva", "cases", "close", case, "--outcome", "handled", code=2)
    place.types(BRUNO, "sí, gracias")
    until(lambda: len(json.loads(team.run("luz", "cases", "show", case, "--json"))["said"]) == 2, "his reply")
    assert "closed as handled" in team.run(
        "luz", "cases", "close", case, "--outcome", "handled", "--note", "Se le llamó."
    )
    assert "was closed at" in team.run("luz", "cases", "answer", case, "Otra cosa.", code=2)


def _an_unclear_consent(place: Installation, team: Team) -> None:
    place.gets(ALMA, "¿Acepta participar?")
    place.types(ALMA, "xyzzy", channel="sms")
    place.gets(ALMA, "No entendí.")
    alma = team.study_id("alma")
    seen = "clarification permiso.acepta by sms: delivered"
    until(lambda: seen in team.run("ana", "officers", "show", alma), "the clarification is there", 30)
    place.types(ALMA, "plugh", channel="sms")
    case = team.case("consent")
    team.run("ana", "cases", "show", case)
    assert "counts for permiso.acepta as Sí" in team.run("ana", "cases", "consent", case, "--accept")
    team.run("ana", "cases", "close", case, "--outcome", "handled")
    database = place.opened()
    with database.reading() as tx:
        found = stored(tx, Consent, "granted", "text", "proof", where=[CONSENT.c.proof.is_not(None)])
    database.close()
    assert found == [(True, "¿Acepta participar?", f"case {case}, judged by ana")]


def _a_stranger(place: Installation, team: Team) -> None:
    place.types(NEW, "xyzzy, cambié de teléfono", channel="sms")
    case = team.case("unknown_number")
    assert NEW[-4:] in team.run("ana", "cases", "list")
    team.run("ana", "cases", "show", case)
    celia = team.study_id("celia")
    assert f"officer {celia} has the number" in team.run("ana", "cases", "identify", case, celia)
    assert f"case {case} was closed" in team.run("eva", "cases", "identify", case, celia, code=2)
    place.types(NEW, "AYUDA", channel="sms")
    place.gets(NEW, "Ayuda del programa.")
    assert "one for sms is retired" in team.run("ana", "officers", "show", celia)

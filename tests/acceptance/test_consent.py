"""Consent over HTTP, with signed webhooks: asked, withdrawn, asked again by ALTA and given; and the notice that it names."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.store.tables import AuditEntry, Consent
from tests.acceptance.processes import Installation, midday_zone, until
from tests.world import stored

ALMA = "+525555550101"
ZONE = midday_zone()
PROGRAMME = f"""
programme: prueba
title: Programa de prueba
timezone: {ZONE}
notices:
  help: Ayuda del programa.
  opted_out: Ya no le escribiremos.
  opted_in: Bienvenida de nuevo.
  paused: "Pausa de {{{{ dias }}}} días."
  nothing_open: Por ahora no hay preguntas.
  unclear: No entendí.
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


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Installation:
    return Installation(tmp_path, database_url, PROGRAMME)


def _decisions(place: Installation) -> list[tuple[str, bool, str]]:
    database = place.opened()
    try:
        with database.reading() as tx:
            found = stored(tx, Consent, "version", "granted", "text")
            assert tx.execute(select(AuditEntry.detail).where(AuditEntry.action == "withdraw")).scalars().all() == [
                '{"channel": "sms", "version": "aviso_1"}'
            ]
            return [(version, granted, text) for version, granted, text in found]
    finally:
        database.close()


def test_an_officer_leaves_and_comes_back_and_is_asked_again(place: Installation) -> None:
    roster = place.folder / "roster.csv"
    today = datetime.now(ZoneInfo(ZONE)).date().isoformat()
    roster.write_text(f"nombre,telefono,cohorte,fecha_taller,canal\nAlma,{ALMA},c-1,{today},sms\n", encoding="utf-8")
    done = place.trato("roster", "import", str(roster))
    assert done.returncode == 0, done.stderr
    with place.carrier(), place.serving():
        place.gets(ALMA, "¿Acepta participar?")
        place.types(ALMA, "ya no quiero que me escriban", channel="sms")
        place.gets(ALMA, "Ya no le escribiremos.")
        place.types(ALMA, "ALTA", channel="sms")
        until(lambda: sum("¿Acepta participar?" in text for text in place.reached(ALMA)) == 2, "the question again")
        place.types(ALMA, "sí", channel="sms")
        place.gets(ALMA, "Gracias por participar.")
        assert not [one for one in place.sent(ALMA) if "Bienvenida" in one["body"]]
    assert _decisions(place) == [
        ("aviso_1", False, "ya no quiero que me escriban"),
        ("aviso_1", True, "¿Acepta participar?"),
    ]


def test_a_notice_with_another_text_needs_another_version(place: Installation) -> None:
    assert place.trato("publish").returncode == 0
    file = next((place.folder / "flows").glob("*.yaml"))
    file.write_text(PROGRAMME.replace("¿Acepta participar?", "¿Acepta participar un año?"), encoding="utf-8")
    refused = place.trato("publish")
    assert (refused.returncode, "[notice-text]" in refused.stderr) == (1, True)

"""Pressed buttons as they come back, and which messages carry what can be pressed: on both databases."""

import json

import pytest
from sqlalchemy import select

from app.store.tables import ADDRESS, OUTBOUND, OutboundMessage, Response
from tests.conversations.talking import ALMA, World
from tests.world import PROGRAMME, published

MORE = """
  varios:
    title: Varios
    kind: survey
    steps:
      - ask: causas
        text: ¿Qué lo dificultó?
        answer: {multi: {tiempo: Tiempo, riesgo: Riesgo}}
        level: behaviour
      - ask: acuerdo
        text: ¿Qué tan de acuerdo está?
        answer: {scale: {min: 1, max: 3, labels: {1: Nada, 2: Algo, 3: Mucho}}}
        level: behaviour
      - ask: extremos
        text: ¿Qué tan seguro está?
        answer: {scale: {min: 1, max: 5, labels: {1: Nada, 5: Mucho}}}
        level: behaviour
"""


def last(world: World) -> OutboundMessage:
    table = OUTBOUND
    return world.tx.execute(select(table).order_by(table.c.id.desc())).first()  # type: ignore[return-value]


def keys(world: World) -> list[str | None]:
    return [option.get("key") for option in json.loads(last(world).options)]


def test_only_what_is_a_whole_answer_can_be_pressed(world: World) -> None:
    world.library = published(world.tx, world.clock(), PROGRAMME.replace("campaigns:", MORE[1:] + "campaigns:"))
    world.begin(world.alma, "varios")
    assert keys(world) == [None, None]
    world.say(ALMA, "1 y 2")
    assert keys(world) == ["1", "2", "3"]
    world.say(ALMA, "depende")
    assert (last(world).kind, keys(world)) == ("clarification", [None, None, None])
    world.say(ALMA, "Algo")
    assert keys(world) == [None, None]


@pytest.mark.parametrize(
    ("button", "body", "value"), [("si", "Acepto", "1"), ("no", "Paso", "0"), ("otra_cosa", "Sí", "1")]
)
def test_a_templates_button_means_the_option_whose_key_it_carries_else_its_title(
    world: World, button: str, body: str, value: str
) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, body, button=button) == ["answer"]
    assert world.rows(Response, "value") == [(value,)]


def test_a_templates_button_that_says_baja_is_obeyed_and_ours_never_is(world: World) -> None:
    session = world.begin(world.alma)
    assert world.say(ALMA, "Baja", button=f"t1:{session}:contacto:si") == ["answer"]
    assert world.say(ALMA, "BAJA", button="salir") == ["keyword"]
    assert world.sent(world.alma)[-1] == "Ya no le escribiremos."


@pytest.mark.parametrize("title", ["Sí, claro", "Of course", "OF COURSE"])
def test_titles_are_in_the_officers_language_and_understood_in_any(world: World, title: str) -> None:
    labels = (
        "{si: {label: {es-MX: 'Sí, claro', en: Of course}, value: 1}, no: {label: {es-MX: Nunca, en: Never}, value: 0}}"
    )
    source = PROGRAMME.replace("{si: {label: Sí, value: 1}, no: {label: No, value: 0}}", labels)
    world.library = published(world.tx, world.clock(), source)
    world.begin(world.alma)
    assert [option["label"] for option in json.loads(last(world).options)] == ["Sí, claro", "Nunca"]
    world.say(ALMA, "IDIOMA en", "atras")
    assert [option["label"] for option in json.loads(last(world).options)] == ["Of course", "Never"]
    assert keys(world) == ["si", "no"]
    assert world.say(ALMA, title) == ["answer"]
    assert world.rows(Response, "key") == [("si",)]


def test_a_message_by_a_channel_makes_it_reachable_again(world: World) -> None:
    table = ADDRESS
    world.say(ALMA, "hola")
    world.tx.execute(table.update().values(unreachable_at=world.clock()))
    world.say(ALMA, "hola", channel="sms")
    world.say(ALMA, "hola")
    found = world.tx.execute(select(table.c.contact_id, table.c.channel).where(table.c.unreachable_at.is_(None)))
    assert sorted(found) == [(world.alma, "sms"), (world.alma, "whatsapp")]


@pytest.mark.parametrize("plain", [True, False])
def test_what_a_programme_says_of_sms_goes_with_each_message(world: World, plain: bool) -> None:
    source = PROGRAMME.replace("principles:", f"sms: {{plain: {str(plain).lower()}}}\nprinciples:", 1)
    world.library = published(world.tx, world.clock(), source)
    world.begin(world.alma)
    world.say(ALMA, "AYUDA")
    assert [row[0] for row in world.rows(OutboundMessage, "plain")] == [plain or None] * 3

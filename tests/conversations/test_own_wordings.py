"""A programme's own wordings of crises, incidents and leaving, with its help lines and its contact, as officers meet them."""

import pytest

from app.store import alerts
from app.store.tables import Contact, Response
from tests.conversations.talking import ALMA, STRANGER, World
from tests.world import PROGRAMME, published

OWN = PROGRAMME.replace(
    "  help: Ayuda del programa.\n",
    """  help: "Ayuda del programa: {{ contacto }}."
  support: "{{ nombre }}, llame: {{ lineas_ayuda }}. Se lee {{ horario_lectura }}."
""",
).replace(
    "notices:\n",
    """contact: {name: Oficina, telephone: 55 0000 0000}
help_lines: [{name: Emergencias, telephone: "911", hours: 24 horas}]
reading_hours: de 9 a 18 horas
safety: {crisis: [ando en el hoyo], serious: [me cobran la renta]}
leave: [cierro la libreta]
notices:
""",
    1,
)


@pytest.mark.parametrize("new", [True, False], ids=["published in mid-conversation", "from the start"])
def test_they_are_found_in_every_conversation(world: World, new: bool) -> None:
    world.begin(world.alma) if new else None
    world.library = published(world.tx, world.clock(), OWN)
    world.begin(world.alma) if not new else None
    assert world.say(ALMA, "la verdad ando en el hoyo") == ["crisis"]
    assert world.sent(world.alma)[-1] == "{{nombre}}, llame: Emergencias: 911 (24 horas). Se lee de 9 a 18 horas."
    assert world.say(ALMA, "aquí me cobran la renta") == ["serious"]
    assert world.say(ALMA, "cierro la libreta") == ["keyword"]
    assert world.rows(Contact, "status")[0] == ("opted_out",)
    assert world.rows(Response, "id") == []


def test_ayuda_names_a_person_and_a_telephone(world: World) -> None:
    world.library = published(world.tx, world.clock(), OWN)
    world.say(ALMA, "AYUDA")
    assert world.sent(world.alma) == ["Ayuda del programa: Oficina, 55 0000 0000."]


def test_without_them_the_same_words_are_no_alarm(world: World) -> None:
    world.begin(world.alma)
    assert "crisis" not in world.say(ALMA, "la verdad ando en el hoyo")
    world.say(STRANGER, "ando en el hoyo")
    assert alerts.open_alerts(world.tx) == []

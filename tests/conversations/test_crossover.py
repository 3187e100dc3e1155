"""Measurements that are crossed over, openings that take turns, and misconceptions: drawn or counted for each officer, kept with the
session, exported."""

import csv
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from app.conversations.inbound import receive
from app.conversations.library import Library
from app.conversations.sessions import Turn, begin
from app.exports.package import write
from app.exports.selection import Selection
from app.flows.variants import crossed, first_of
from app.store import conversations
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import OUTBOUND, SESSION, OutboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published, stored

ITEM = """
      - ask: {form}{number}
        when: {{var: variant, is: {form}}}
        text: ¿Qué conviene en {form}{number}?
        answer:
          choice:
            explicar: {{label: Explicarle la falta, misconception: explicar_basta}}
            oir: Pedirle que le cuente
        records: know_{form}{number}
        level: knowledge
        principle: voz
        correct: oir"""


def part(number: int) -> str:
    questions = "".join(ITEM.format(form=form, number=number) for form in "ab")
    return f"""
  saber_{number}:
    title: Saber {number}
    kind: quiz
    variants: [a, b]
    crossover: forma
    steps:{questions}
"""


CROSSED = PROGRAMME.replace(
    "\ncampaigns:\n",
    f"""{part(1)}{part(2)}
  mitad:
    title: La mitad
    kind: survey
    variants: [una, otra]
    steps:
      - {{call: una, flow: opina_1, when: {{var: variant, is: una}}}}
      - {{call: otra, flow: opina_2, when: {{var: variant, is: otra}}}}
  opina_1:
    title: Opina 1
    kind: survey
    steps:
      - {{ask: uno, text: Uno., answer: {{scale: {{min: 1, max: 5}}}}, records: att_1, level: internal}}
      - {{ask: dos, text: Dos., answer: {{scale: {{min: 1, max: 5}}}}, records: att_2, level: internal, reverse: true}}
  opina_2:
    title: Opina 2
    kind: survey
    steps:
      - {{ask: tres, text: Tres., answer: {{scale: {{min: 1, max: 5}}}}, records: att_3, level: internal}}
      - {{ask: cuatro, text: Cuatro., answer: {{scale: {{min: 1, max: 5}}}}, records: att_4, level: internal, reverse: true}}
  abre:
    title: Abre
    kind: report
    steps:
      - {{ask: hubo, opening: calle, text: ¿Habló con alguien?, answer: yes_no}}
  abre_tambien:
    title: Abre también
    kind: report
    steps:
      - {{ask: hubo, opening: calle, text: ¿Habló con alguien?, answer: yes_no}}
misconceptions: {{explicar_basta: Explicar sustituye a escuchar}}
openings:
  calle:
    - {{text: Una de calle., template: calle_1}}
    - {{text: "Antes de descansar, {{{{ nombre }}}}:", template: calle_2, variables: ["{{{{ nombre }}}}"]}}
    - {{text: Al salir de turno., template: calle_3}}
scores:
  saber: {{title: Saber, level: knowledge, kind: share_right, items: [know_a1, know_a2, know_b1, know_b2]}}
  actitud: {{title: Actitud, level: internal, kind: mean, items: [att_1, att_2, att_3, att_4]}}
campaigns:
""",
).replace(
    "    slots:\n",
    """    waves:
      antes: {suffix: bl, day: -7, flows: [saber_1, saber_2]}
      media: {suffix: md, day: 30, flows: [mitad]}
      final: {suffix: el, day: 60, flows: [saber_1, saber_2]}
    slots:
""",
)


class World:
    """One transaction with a published programme."""

    def __init__(self, tx: Connection, vault: Vault, now: datetime) -> None:
        self.tx, self.vault, self.now = tx, vault, now
        self.library: Library = published(tx, now, CROSSED)

    def enrol(self, number: str) -> int:
        return enrol(self.tx, self.vault, self.now, number)

    def begin(self, contact: int, flow: str, wave: str | None = None, occasion: str = "seguimiento/x.1") -> Any:
        """Begin a flow in place of the open one. The session as it is stored."""
        self.tx.execute(SESSION.update().where(SESSION.c.ended_at.is_(None)).values(ended_at=self.now, state=None))
        changes = Changes()
        turn = Turn(self.tx, self.library, changes, self.now)
        session = begin(turn, officer(self.tx, contact), flow, wave=wave, occasion=occasion)
        conversations.write(self.tx, changes)
        return self.tx.execute(select(SESSION).where(SESSION.c.id == session)).one()

    def says(self, number: str, *texts: str) -> None:
        for text in texts:
            arrive(self.tx)
            receive(self.tx, self.library, [message(self.vault, number, text)], self.now)

    def exported(self, folder: Path, table: str) -> list[dict[str, str]]:
        write(self.tx, folder, Selection())
        with (folder / f"{table}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Any:
    with database.transaction() as tx:
        yield World(tx, vault, clock())


def test_the_rotation_goes_on_from_wave_to_wave() -> None:
    assert [crossed(("a", "b"), 1, place, {}, "w") for place in range(3)] == ["b", "a", "b"]
    assert crossed(("a", "b"), 0, 0, {"bl": "b"}, "bl") == "b", "what an officer had in this wave stays"
    assert crossed(("a", "b"), 0, 0, {"bl": "a"}, "el") == "b", (
        "no form comes back, whatever the file says of waves now"
    )
    assert crossed(("a", "b", "c"), 2, 1, {"bl": "a"}, "md") == "b"
    assert crossed(("a", "b"), 0, 2, {"bl": "a", "el": "b"}, "fu") == "a", (
        "once all were had, the rotation begins again"
    )


def test_half_of_the_officers_begin_with_each_form() -> None:
    first = Counter(first_of(2, f"K{number:05}", "prueba", "forma") for number in range(4000))
    assert 1900 < first[0] < 2100


def test_an_officer_has_one_form_in_a_wave_and_the_other_in_the_next(world: World) -> None:
    orders = Counter()
    for number in range(16):
        contact = world.enrol(f"+5255555501{number:02}")
        had = [
            world.begin(contact, flow, wave, f"seguimiento/{wave}.{flow}").variant
            for wave in ("bl", "el")
            for flow in ("saber_1", "saber_2")
        ]
        assert had in (["a", "a", "b", "b"], ["b", "b", "a", "a"])
        orders[had[0]] += 1
    assert set(orders) == {"a", "b"}


def test_openings_take_turns_over_all_flows_that_share_them(world: World) -> None:
    contact = world.enrol("+525555550101")
    had = [world.begin(contact, flow) for flow in ("abre", "abre_tambien", "abre", "abre")]
    numbers = [session.opening for session in had]
    assert sorted(numbers[:3]) == [1, 2, 3]
    assert numbers == [(numbers[0] - 1 + place) % 3 + 1 for place in range(4)]
    sent = [
        one
        for session in had
        for one in stored(
            world.tx,
            OutboundMessage,
            "template",
            "body",
            where=[OUTBOUND.c.session_id == session.id, OUTBOUND.c.kind == "ask"],
        )
    ]
    assert [template for template, _ in sent] == [f"calle_{number}" for number in numbers]
    words = {1: "Una de calle.", 2: "Antes de descansar, {{nombre}}:", 3: "Al salir de turno."}
    assert [body for _, body in sent] == [f"{words[number]}\n¿Habló con alguien?" for number in numbers]
    assert world.begin(contact, "reporte").opening is None


def test_what_was_drawn_and_answered_is_exported_and_scored(world: World, tmp_path: Path) -> None:
    number = "+525555550101"
    contact = world.enrol(number)
    form = world.begin(contact, "saber_1", "bl").variant
    world.says(number, "2")
    assert world.begin(contact, "saber_2", "bl").variant == form
    world.says(number, "1")
    half = world.begin(contact, "mitad", "md").variant
    world.says(number, "5", "2")
    opening = world.begin(contact, "abre").opening
    answers = {row["variable"]: row for row in world.exported(tmp_path, "responses")}
    assert list(answers) == [
        f"know_{form}1",
        f"know_{form}2",
        *(("att_1", "att_2") if half == "una" else ("att_3", "att_4")),
    ]
    assert [answers[f"know_{form}{place}"]["misconception"] for place in (1, 2)] == ["", "explicar_basta"]
    assert [answers[f"know_{form}{place}"]["correct"] for place in (1, 2)] == ["1", "0"]
    assert {row["variant"] for row in answers.values()} == {form, half}
    with (tmp_path / "scores.csv").open(encoding="utf-8") as file:
        scores = {row["score"]: row for row in csv.DictReader(file)}
    # Two items of the form that was drawn, one right; the half of the attitudes that was asked: 5 and 6 - 2.
    assert [scores["saber"][name] for name in ("wave", "n_items", "n_answered", "value", "se")] == [
        "bl",
        "2",
        "2",
        "0.5",
        "0.5",
    ]
    assert [scores["actitud"][name] for name in ("wave", "n_items", "n_answered", "value")] == ["md", "2", "2", "4.5"]
    with (tmp_path / "sessions.csv").open(encoding="utf-8") as file:
        sessions = {row["flow"]: row for row in csv.DictReader(file)}
    assert (sessions["abre"]["opening"], sessions["mitad"]["opening"]) == (str(opening), "")


def test_the_codebook_says_what_each_wrong_answer_shows(world: World, tmp_path: Path) -> None:
    world.exported(tmp_path, "responses")
    with (tmp_path / "codebook.csv").open(encoding="utf-8") as file:
        shown = {row["variable"]: row["misconceptions"] for row in csv.DictReader(file)}
    assert shown["know_a1"] == "1=explicar_basta: Explicar sustituye a escuchar"
    assert shown["att_1"] == ""
    described = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    (table,) = (one for one in described["resources"] if one["name"] == "responses")
    (column,) = (one for one in table["schema"]["fields"] if one["name"] == "misconception")
    assert column["description"] == "explicar_basta=Explicar sustituye a escuchar"
    assert '"Explicar sustituye a escuchar" = "explicar_basta"' in (tmp_path / "load.R").read_text(encoding="utf-8")
    assert 'notes misconception: `"explicar_basta=Explicar sustituye a escuchar"\'' in (tmp_path / "load.do").read_text(
        encoding="utf-8"
    )


def test_a_form_left_half_way_is_not_measured_by_the_items_of_the_other(world: World, tmp_path: Path) -> None:
    number = "+525555550101"
    contact = world.enrol(number)
    form = world.begin(contact, "saber_1", "bl").variant
    world.says(number, "2")
    assert world.begin(contact, "saber_2", "bl").variant == form  # never answered
    (row,) = world.exported(tmp_path, "scores")
    assert [row[name] for name in ("n_items", "n_answered", "value", "reason")] == ["2", "1", ".m", "too_few"]
    with (tmp_path / "responses_wide.csv").open(encoding="utf-8") as file:
        (wide,) = csv.DictReader(file)
    other = "b" if form == "a" else "a"
    assert [wide[f"know_{name}_bl"] for name in (f"{form}1", f"{form}2", f"{other}1", f"{other}2")] == [
        "2",
        ".m",
        ".s",
        ".s",
    ]

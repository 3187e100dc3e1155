"""Variants of a flow: drawn for each officer and occasion, kept with the session, exported with the answers."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from app.conversations.inbound import receive
from app.conversations.sessions import Turn, begin, drawn
from app.exports.package import write
from app.exports.selection import Selection
from app.flows.engine import engine
from app.flows.engine.compiled import bind
from app.flows.engine.engine import Contact, Reply
from app.flows.engine.events import MessageCreated, Sprint
from app.flows.engine.state import State
from app.flows.loader import load
from app.flows.transcripts.runner import play
from app.flows.transcripts.scripts import read_script
from app.store import conversations
from app.store.conversations import Changes
from app.store.database import Database
from app.store.tables import Contact as ContactRow
from app.store.tables import Session
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.world import PROGRAMME, arrive, enrol, message, officer, published

VARIED = PROGRAMME.replace(
    """
campaigns:
""",
    """
  consejo:
    title: Consejo
    kind: tip
    variants: [directo, historia]
    steps:
      - say: directo
        when: {var: variant, is: directo}
        text: Salude primero.
      - say: historia
        when: {var: variant, is: historia}
        text: Una oficial saludó primero.
      - ask: util
        text: ¿Le sirve lo {{ variant }}?
        answer: yes_no
        records: util
campaigns:
""",
)
BOOK = bind(load(VARIED, "prueba.yaml").programme, "v1")  # type: ignore[arg-type]
SOMEBODY = Contact("es-MX", "America/Mexico_City", {"nombre": "Alma"})


def texts(sprint: Sprint) -> list[str]:
    return [event.text for event in sprint.events if isinstance(event, MessageCreated)]


def test_each_variant_says_its_own_and_remembers_which_it_is(clock: StillClock) -> None:
    one = engine.start(BOOK, "consejo", SOMEBODY, clock(), "historia")
    assert texts(one)[0] == "Una oficial saludó primero."
    assert texts(engine.start(BOOK, "consejo", SOMEBODY, clock()))[0] == "Salude primero.", "without a draw, the first"
    assert one.state is not None
    again = engine.resume(BOOK, State.from_json(one.state.to_json()), SOMEBODY, Reply("este…"), clock())
    assert again.state is not None
    assert again.state.variables["variant"] == "historia"
    with pytest.raises(ValueError, match="otro"):
        engine.start(BOOK, "consejo", SOMEBODY, clock(), "otro")


def test_a_draw_is_even_and_can_be_made_again() -> None:
    names = [f"K{number:05}" for number in range(4000)]
    first = [drawn(("a", "b", "c", "d"), name, "consejo", "seguimiento/w01.1") for name in names]
    assert first == [drawn(("a", "b", "c", "d"), name, "consejo", "seguimiento/w01.1") for name in names]
    assert all(900 < count < 1100 for count in Counter(first).values())
    second = [drawn(("a", "b", "c", "d"), name, "consejo", "seguimiento/w01.2") for name in names]
    assert 850 < sum(one == other for one, other in zip(first, second, strict=True)) < 1150, "occasions are drawn apart"


def test_the_variant_is_kept_with_the_session_and_exported(
    database: Database, vault: Vault, clock: StillClock, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        library = published(tx, clock(), VARIED)
        contact = enrol(tx, vault, clock(), "+525555550101")
        changes = Changes()
        session = begin(
            Turn(tx, library, changes, clock()), officer(tx, contact), "consejo", occasion="seguimiento/w01.1"
        )
        conversations.write(tx, changes)
        kept = tx.execute(select(Session.variant).where(Session.id == session)).scalar_one()
        study_id = tx.execute(select(ContactRow.study_id)).scalar_one()
        assert kept == drawn(("directo", "historia"), study_id, "consejo", "seguimiento/w01.1")
        arrive(tx)
        receive(tx, library, [message(vault, "+525555550101", "sí")], clock())
        write(tx, tmp_path, Selection())
    header, row = (tmp_path / "responses.csv").read_text("utf-8").splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["variant"] == kept


SCRIPT = """
transcripts:
  cuenta:
    flow: consejo
    variant: historia
    talk: |
      < Una oficial saludó primero.
      < ¿Le sirve lo historia?
        1 Sí
        2 No
"""


def test_a_transcript_names_its_variant() -> None:
    script = read_script(SCRIPT, "consejo.yaml", {"prueba": BOOK})
    assert not script.problems
    assert play(script.transcripts[0], BOOK).passed
    (problem,) = read_script(
        SCRIPT.replace("variant: historia", "variant: istoria"), "consejo.yaml", {"prueba": BOOK}
    ).problems
    assert (problem.code, problem.line, problem.hint) == ("unknown-variant", 5, "Did you mean historia?")

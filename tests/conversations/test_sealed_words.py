"""Words that cannot be opened are seen as such, and stop nothing but what needs them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.exports.selection import Selection
from app.exports.source import Source
from app.exports.tables import responses
from app.store import cases, conversations, files, questions, stories
from app.store.sealing import SEALED, UNREADABLE
from app.store.tables import (
    INBOUND,
    MEDIA,
    Contact,
    InboundMessage,
    OutboundMessage,
    Response,
    Session,
)
from tests.conversations.talking import ALMA, BRUNO, World
from tests.world import stored


def damage(world: World, model: Any, column: str, *where: Any) -> None:
    """Put something into a sealed column that was never sealed for it."""
    assert any(one.column is model.__table__.c[column] for one in SEALED)
    world.tx.execute(update(model).where(*where).values({column: b"\x01" + bytes(40)}))


def exported(world: World, *, with_text: bool = False) -> Sequence[Sequence[Any]]:
    places = [responses.NAMES.index(name) for name in ("variable", "raw", "value")]
    rows = [row for batch in responses.rows(Source(world.tx, Selection(with_text=with_text))) for row in batch]
    return [[row[place] for place in places] for row in rows]


def test_what_an_officer_writes_is_nowhere_in_clear(world: World) -> None:
    world.begin(world.alma)
    world.talk(ALMA, "sí, a Juana", "Le expliqué a Juana")
    for table in (model.__table__ for model in (InboundMessage, OutboundMessage, Response, Session)):
        for row in world.tx.execute(table.select()).all():
            assert "Juana" not in str(tuple(value for value in row if not isinstance(value, bytes)))
            assert not any(b"Juana" in value for value in row if isinstance(value, bytes))
    assert stored(world.tx, Response, "raw", "value") == [
        ("sí, a Juana", "1"),
        ("Le expliqué a Juana", "Le expliqué a Juana"),
    ]


def test_a_damaged_state_stops_its_officer_alone_and_a_baja_is_obeyed(world: World) -> None:
    world.begin(world.alma)
    world.begin(world.bruno)
    damage(world, Session, "state", Session.contact_id == world.alma)
    with pytest.raises(ValueError):
        world.say(ALMA, "sí")
    assert world.say(BRUNO, "sí") == ["answer"]
    assert world.say(ALMA, "BAJA") == ["keyword"]
    assert world.rows(Contact, "status") == [("opted_out",), ("active",)]


def test_damaged_words_of_an_answer_leave_a_hole_in_the_export_and_stop_no_message(world: World) -> None:
    world.begin(world.alma)
    world.talk(ALMA, "sí, a Juana", "Le expliqué a Juana")
    damage(world, Response, "words", Response.variable == "story")
    assert exported(world, with_text=True) == [["contact_any", "sí, a Juana", "1"], ["story", "", None]]
    assert questions.last_answer(world.tx, world.alma) is None
    world.clock.advance(minutes=2)
    assert world.say(ALMA, "no, me equivoqué") != []


def test_damaged_messages_are_shown_as_such(world: World) -> None:
    world.begin(world.alma)
    world.say(ALMA, "¿quién me escribe?")
    world.say(ALMA, "no sé qué decir", "quién sabe")
    damage(world, InboundMessage, "body", INBOUND.c.contact_id == world.alma)
    damage(world, OutboundMessage, "body")
    words = {moment.words for moment in stories.moments(world.tx, world.alma) if moment.kind in ("in", "out")}
    assert words == {UNREADABLE}
    since = world.clock() - timedelta(hours=1)
    assert {one.body for one in conversations.heard_since(world.tx, world.alma, since, 9)} == {None}
    case = cases.open_of(world.tx, world.alma)
    assert case is not None
    assert {one.body for one in cases.messages(world.tx, case)} == {UNREADABLE}


def test_a_file_whose_address_is_damaged_is_given_to_be_given_up(world: World) -> None:
    world.say(ALMA, "", media=(("https://api.twilio.com/m0", "image/jpeg"), ("https://api.twilio.com/m1", "audio/ogg")))
    now, later = world.clock(), world.clock() + timedelta(minutes=5)
    found = files.claim(world.tx, now, later, 9, timedelta(hours=6))
    assert [file.url for file in found] == ["https://api.twilio.com/m0", "https://api.twilio.com/m1"]
    damage(world, InboundMessage, "media")
    world.tx.execute(update(MEDIA).values(due_at=now))
    assert [file.url for file in files.claim(world.tx, now, later, 9, timedelta(hours=6))] == [None, None]

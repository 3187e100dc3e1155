"""What comes before every answer: a crisis, a serious incident, a clear wish to leave."""

from collections.abc import Iterator

import pytest

from app.store.database import Database
from app.store.tables import Contact, InboundMessage
from app.store.vault import Vault
from tests.conftest import StillClock
from tests.conversations.talking import ALMA, World


@pytest.fixture
def world(database: Database, vault: Vault, clock: StillClock) -> Iterator[World]:
    with database.transaction() as tx:
        yield World(tx, vault, clock)


@pytest.mark.parametrize(
    ("text", "outcome"), [("no, ya no quiero vivir", "crisis"), ("sí, y mi comandante me acosa", "serious")]
)
def test_safety_is_never_an_answer_and_a_person_sees_it(world: World, text: str, outcome: str) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, text) == [outcome]
    assert world.responses() == []
    assert world.rows(InboundMessage, "needs_person") == [(True,)]


def test_a_wish_to_leave_in_any_words_is_obeyed(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "por favor ya no me escriban") == ["keyword"]
    assert world.rows(Contact, "status")[0] == ("opted_out",)
    assert world.responses() == []


def test_what_only_sounds_like_it_is_read_as_ever(world: World) -> None:
    world.begin(world.alma)
    assert world.say(ALMA, "no") == ["answer"]

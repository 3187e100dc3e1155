"""A message that only says that something was wrong announces a correction: the next one says what counts."""

import pytest

from app.flows.engine.before import is_what_counts
from app.flows.replies.bubbles import announces


@pytest.mark.parametrize(
    "text", ["no", "perdón", "me equivoqué", "no espere", "ay no", "digo", "dedazo", "ups", "no, perdón"]
)
def test_what_only_says_that_something_was_wrong_announces(text: str) -> None:
    assert announces(text)


@pytest.mark.parametrize(
    "text", ["", "sí", "no, comercio", "perdón, la 2", "gracias", "no tuve", "perdón la tardanza", "😅", "2"]
)
def test_what_says_more_or_something_else_does_not(text: str) -> None:
    assert not announces(text)


def test_what_comes_behind_counts_unless_it_announces_too() -> None:
    assert is_what_counts("perdón", "comercio", "calle")
    assert is_what_counts("me equivoqué", "no", "sí")
    assert not is_what_counts("perdón", "ay no", "calle")
    assert not is_what_counts(None, "comercio", "calle")


def test_an_answer_of_no_announces_nothing() -> None:
    assert not is_what_counts("no", "sí", "no"), "«no» answered one question, «sí» the next"

"""The labels of variables in the data: the author's own, or else the beginning of the question on one line."""

from app.flows.engine.compiled import items, plain
from app.flows.language import definition as d
from app.flows.language.vocabulary import Text

LONGEST_LABEL = 80
"""Characters of a variable label in Stata."""


def cut(text: str, most: int) -> str:
    """A text of so many characters at most."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def one_line(text: Text, language: str) -> str:
    """A text in a language, on one line."""
    return " ".join(plain(text, language).split())


def question_label(programme: d.Programme, flow: d.Flow, ask: d.Ask) -> str:
    """The line that stands for a question of a flow: its item in a `repeat` with a text of its own, else the whole question."""
    return one_line(items(flow).get(ask.ask, ask.text), programme.language)

"""Options of a question as WhatsApp shows them: up to three as buttons, up to ten as a list. Owns the limits, the check
whether a question is within them, and the payload of a button. Other questions get numbered lines: a title is never cut, for
two options may begin alike."""

from collections.abc import Sequence
from enum import StrEnum

BUTTONS, BUTTON = 3, 20
"""WhatsApp's quick replies: how many without an approved template, and how many characters each."""

ITEMS, ITEM = 10, 24
"""WhatsApp's list: how many items, and how many characters each."""

BODY = 1024
"""Characters of the text above buttons or a list."""


class Shape(StrEnum):
    """How options are shown to be pressed."""

    buttons = "buttons"
    list = "list"


def shape(text: str, labels: Sequence[str]) -> Shape | None:
    """How a question with these options can be shown; None if only as numbered lines: too many options, too long, or
    two that look the same."""
    titles = [title(label) for label in labels]
    alike = len({one.casefold() for one in titles}) < len(titles)
    if alike or not all(titles) or not text.strip() or length(text) > BODY:
        return None
    longest = max(map(length, titles), default=0)
    if 0 < len(titles) <= BUTTONS:
        return Shape.buttons if longest <= BUTTON else None
    return Shape.list if BUTTONS < len(titles) <= ITEMS and longest <= ITEM else None


def title(label: str) -> str:
    """A label as a title: on one line."""
    return " ".join(label.split())


def length(text: str) -> int:
    """The length in UTF-16 units, in which an emoji counts twice: WhatsApp does not document how it counts, and this
    is the strictest way."""
    return sum(2 if character > "\uffff" else 1 for character in text)


def payload(session: int, step: str, key: str) -> str:
    """The payload of an option's button: session, step and option, so that pressing it later still finds its question."""
    return f"t1:{session}:{step}:{key}"


def read_payload(button: str) -> tuple[int, str, str] | None:
    """(session, step, option) of a payload of ours; None for any other."""
    version, _, rest = button.partition(":")
    session, _, rest = rest.partition(":")
    step, _, key = rest.partition(":")
    return (int(session), step, key) if version == "t1" and session.isdecimal() and len(session) < 19 and key else None

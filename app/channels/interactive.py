"""WhatsApp's buttons and lists. A question with options goes out with a generic content, one for each number of options, whose
variables are text, titles and ids, so that a new wording needs no new content. Contents exist once in each environment,
are valid within the 24 hours of a conversation only, and need no approval. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.flows.engine.buttons import BUTTONS, ITEMS, Shape, shape, title

LONGEST_ID = 200
"""Characters of a button's id."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option that can be pressed: `payload` comes back, `number` can be typed instead."""

    payload: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Content:
    """A generic content for `count` options."""

    name: str
    shape: Shape
    count: int

    def variables(self, text: str, options: Sequence[Option]) -> tuple[str, ...]:
        """The values of its variables, in order: the text, then those of each option."""
        return (one_line(text), *(value for option in options for value in self.values(option)))

    def values(self, option: Option) -> tuple[str, ...]:
        """Title and id. A list has room for the number too, below the title, for those who prefer to type it."""
        pair = (title(option.label), option.payload)
        return pair if self.shape is Shape.buttons else (*pair, str(option.number))


CONTENTS: Mapping[str, Content] = {
    content.name: content
    for content in (
        *(Content(f"trato_botones_{count}", Shape.buttons, count) for count in range(1, BUTTONS + 1)),
        *(Content(f"trato_lista_{count}", Shape.list, count) for count in range(BUTTONS + 1, ITEMS + 1)),
    )
}
"""Every generic content, by its name in the environment's map."""

_FOR = {(content.shape, content.count): content for content in CONTENTS.values()}


def content_for(text: str, options: Sequence[Option]) -> Content | None:
    """The content for a question, or None if its options must be written out: by `shape`, and because a variable takes no line
    break and an id has a longest length."""
    found = shape(text, [option.label for option in options])
    if (
        found is None
        or len(text.strip().splitlines()) > 1
        or any(len(option.payload) > LONGEST_ID for option in options)
    ):
        return None
    return _FOR[found, len(options)]


def one_line(value: str) -> str:
    """Without the line breaks, tabs and runs of spaces that WhatsApp refuses in a variable."""
    return " ".join(value.split())

"""WhatsApp's buttons and lists, as Twilio sends them: only by a Content resource. The resources are generic, one for each
number of options, with text, titles and ids as variables, so that a wording changes without a new resource; they are made
once for each environment, are for the 24 hours of a conversation alone, and need no approval. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.flows.engine.buttons import BUTTONS, ITEMS, Shape, shape, title

LONGEST_ID = 200
"""Characters of what a button carries."""

OPENER = "Ver opciones"
"""What is pressed to see a list."""

LANGUAGE = "es"


@dataclass(frozen=True, slots=True)
class Option:
    """An option as it is pressed: `payload` is what comes back, `number` what may be typed instead."""

    payload: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Content:
    """A generic content, for so many options."""

    name: str
    shape: Shape
    count: int

    def resource(self) -> dict[str, object]:
        """What is posted to Twilio to make it. The samples stand where a value is missing; none ever is."""
        size = len(self._values(Option("", "", 0)))
        marks = [[f"{{{{{2 + size * place + value}}}}}" for value in range(size)] for place in range(self.count)]
        samples = {str(number): f"valor {number}" for number in range(1, 2 + size * self.count)}
        if self.shape is Shape.buttons:
            types: dict[str, object] = {
                "twilio/quick-reply": {
                    "body": "{{1}}",
                    "actions": [{"title": mark[0], "id": mark[1]} for mark in marks],
                }
            }
        else:
            items = [{"item": mark[0], "id": mark[1], "description": mark[2]} for mark in marks]
            types = {"twilio/list-picker": {"body": "{{1}}", "button": OPENER, "items": items}}
        return {"friendly_name": self.name, "language": LANGUAGE, "variables": samples, "types": types}

    def variables(self, text: str, options: Sequence[Option]) -> tuple[str, ...]:
        """The values of its variables, in order: the text, then those of each option."""
        return (one_line(text), *(value for option in options for value in self._values(option)))

    def _values(self, option: Option) -> tuple[str, ...]:
        """Title and id; in a list the number too, for whoever would rather type it: an item has room for it below its title."""
        pair = (title(option.label), option.payload)
        return pair if self.shape is Shape.buttons else (*pair, str(option.number))


CONTENTS: Mapping[str, Content] = {
    content.name: content
    for content in (
        *(Content(f"trato_botones_{count}", Shape.buttons, count) for count in range(1, BUTTONS + 1)),
        *(Content(f"trato_lista_{count}", Shape.list, count) for count in range(BUTTONS + 1, ITEMS + 1)),
    )
}
"""Every generic content, by the name that the environment's map has it under."""

_FOR = {(content.shape, content.count): content for content in CONTENTS.values()}


def content_for(text: str, options: Sequence[Option]) -> Content | None:
    """The content with which a question goes out, or None if its options must be written out: as `shape` says, and because
    Twilio takes no line break within a variable (error 21656)."""
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

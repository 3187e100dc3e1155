"""One message to one open question: what it does, and what it answers if it is an answer."""

from dataclasses import dataclass
from datetime import datetime

from app.flows.replies.acts import NO_EXTRA, Act, ActKind, Extra, Purpose, act_of
from app.flows.replies.forms import Reading
from app.flows.replies.reader import Reader


@dataclass(frozen=True, slots=True)
class Understood:
    """A message understood. `outcome` is the reader's reading, to be recorded only where `is_answer` is true."""

    act: Act
    outcome: Reading

    @property
    def is_answer(self) -> bool:
        """Whether the reading may be recorded."""
        return self.act.kind is ActKind.answer


def understand(
    reader: Reader,
    text: str,
    at: datetime,
    media: tuple[str, ...] = (),
    purpose: Purpose = Purpose.fact,
    extra: Extra = NO_EXTRA,
) -> Understood:
    """Read a message to an open question, and name what it does. `at` is the moment it came, aware, in the officer's zone."""
    outcome = reader.read(text, at, media)
    return Understood(act_of(text, outcome, kind=reader.form.kind, purpose=purpose, extra=extra), outcome)

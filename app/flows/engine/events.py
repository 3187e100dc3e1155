"""Events of one engine step. The engine has no side effects: it returns these in order, and
`conversations/sessions.py` applies them to the store. All are frozen and hold plain values only."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.flows.engine.state import State
from app.flows.replies.forms import Value
from app.flows.replies.message import Act


class SessionOutcome(StrEnum):
    """How a session ended."""

    completed = "completed"
    expired = "expired"  # the officer did not answer in time
    stopped = "stopped"  # the officer or a coordinator stopped it, or another session replaced it
    failed = "failed"  # the flow itself is at fault: see the Failure event before it


@dataclass(frozen=True, slots=True)
class OfferedOption:
    """One option as offered to the officer: `number` is the number to type, from 1."""

    number: int
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class MessageCreated:
    """A message to send. `text` is without the options; a channel shows those as buttons or numbered lines.

    `template` names the approved WhatsApp template to use outside the 24 h window, `variables` its values in
    order. `options` is empty for a statement; one of them is the whole answer if the message is `pressable`.
    """

    flow: str
    step: str
    text: str
    options: tuple[OfferedOption, ...] = ()
    template: str | None = None
    variables: tuple[str, ...] = ()
    media: str | None = None
    kind: str = "say"  # say, ask, clarification, offer, aside, reminder, feedback, notice
    pressable: bool = False


@dataclass(frozen=True, slots=True)
class ResponseRecorded:
    """An answer as understood. `value` is for analysis, `label` for reading, `raw` is the original text.

    `missing` is an extended missing code (`d` don't know, `n` not applicable, `r` refused) or None. `rule` and
    `score` record how the text was matched. `status` is `ok` or `unclear` (kept raw, for a person). `variable` is the
    name in the export; `correct` is set for items with a key, `misconception` for options that have one.
    """

    flow: str
    step: str
    variable: str
    kind: str
    raw: str
    value: Value
    key: str | None
    label: str
    missing: str | None
    rule: str
    score: float
    asked_at: datetime
    level: str | None = None
    principle: str | None = None
    correct: bool | None = None
    misconception: str | None = None
    attempt: int = 1
    status: str = "ok"


@dataclass(frozen=True, slots=True)
class ResponseSuperseded:
    """The officer went back to this question: its last response is kept, but no longer counts."""

    flow: str
    step: str


@dataclass(frozen=True, slots=True)
class ReplyUnclear:
    """A reply that could not be understood; the question was repeated."""

    flow: str
    step: str
    raw: str
    reason: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ReplySetAside:
    """A reply that was no attempt to answer: a greeting, a question to us, a sticker. The question stays open as it was."""

    flow: str
    step: str
    raw: str
    act: Act


@dataclass(frozen=True, slots=True)
class ConsentRecorded:
    """The officer answered the consent question of privacy notice `version`, shown as `text`."""

    version: str
    granted: bool
    text: str


@dataclass(frozen=True, slots=True)
class PersonNeeded:
    """A person should look at this: the reply was still unclear after the clarification, or says what no programme can decide.
    `reason` is the reader's, or the act."""

    flow: str
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last event of a session."""

    outcome: SessionOutcome


@dataclass(frozen=True, slots=True)
class Failure:
    """The flow is at fault (a loop without a wait, a missing value). Followed by SessionEnded(failed)."""

    code: str
    flow: str
    step: str
    text: str


Event = (
    MessageCreated
    | ResponseRecorded
    | ResponseSuperseded
    | ReplyUnclear
    | ReplySetAside
    | ConsentRecorded
    | PersonNeeded
    | SessionEnded
    | Failure
)


@dataclass(frozen=True, slots=True)
class Sprint:
    """The result of one `start` or `resume`: the new state (None once ended), the events, and the steps walked."""

    state: State | None
    events: tuple[Event, ...] = ()
    path: tuple[str, ...] = field(default=())

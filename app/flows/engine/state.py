"""The state of a conversation: small, immutable, JSON in and out. Everything else is in the compiled programme."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import orjson

from app.flows.replies.forms import Value

FORMAT = 1
"""The format of the JSON below. Raise it, and read the old one, when it changes: sessions outlive releases."""


STRAY = "stray"
"""The last reply that shared nothing with its question, among the notices of `State.told`."""


def has_strayed(told: Mapping[str, datetime], asked_at: datetime) -> bool:
    """Whether a reply to the open question shared nothing with it: the first one uses no try."""
    last = told.get(STRAY)
    return last is not None and last >= asked_at


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """An answer as conditions and texts see it."""

    key: str | None
    value: Value
    label: str
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow being walked. The last frame is the current one; those below wait at a `call` step.

    `trail` are the questions answered in this frame, in order, to go back by, and the called flows that have returned.
    """

    flow: str
    step: str
    arguments: dict[str, str | int | float | bool] = field(default_factory=dict)
    answers: dict[str, SessionAnswer] = field(default_factory=dict)
    trail: "tuple[str | Returned, ...]" = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """A called flow that has returned, as it stood after its last answer. `step` is the call."""

    step: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class State:
    """A session that waits for a reply to the last frame's step.

    `asked_at` is when the question was first asked, `since` when the officer last got a message that waits,
    `attempts` the number of unclear replies to it. `wake_at` is the next moment at which the engine acts without a
    reply. At `until`, if set, the session ends whatever its state, as in a measurement wave. `told` says when each notice was
    last given in reply to what was no answer, and when a reply last shared nothing with its question. `offer` is the reading of the last unclear reply that the officer has been asked to
    confirm; once `offered`, no other is proposed to this question.
    """

    frames: tuple[Frame, ...]
    asked_at: datetime
    since: datetime
    wake_at: datetime
    attempts: int = 0
    reminded: bool = False
    variables: dict[str, str | int | float | bool] = field(default_factory=dict)
    until: datetime | None = None
    told: dict[str, datetime] = field(default_factory=dict)
    offer: SessionAnswer | None = None
    offered: bool = False

    @property
    def flow(self) -> str:
        """The flow of the open question."""
        return self.frames[-1].flow

    @property
    def step(self) -> str:
        """The open question."""
        return self.frames[-1].step

    def to_json(self) -> str:
        """The state as compact JSON, with the keys in a fixed order."""
        return orjson.dumps(
            {
                "v": FORMAT,
                "frames": [_frame_out(frame) for frame in self.frames],
                "asked": self.asked_at.timestamp(),
                "since": self.since.timestamp(),
                "wake": self.wake_at.timestamp(),
                "tries": self.attempts,
                "reminded": self.reminded,
                "vars": self.variables,
                **({} if self.until is None else {"until": self.until.timestamp()}),
                **({"told": {name: at.timestamp() for name, at in self.told.items()}} if self.told else {}),
                **({"offer": _answer_out(self.offer)} if self.offer else {}),
                **({"offered": True} if self.offered else {}),
            }
        ).decode()

    @staticmethod
    def from_json(text: str) -> "State":
        """Read the JSON of `to_json`. ValueError if it has another format."""
        return _read(text)


@lru_cache(maxsize=8)
def _read(text: str) -> State:
    """The last states are kept: one message asks for its session's more than once."""
    data = orjson.loads(text)
    if data.get("v") != FORMAT:
        raise ValueError(f"session state of format {data.get('v')}, expected {FORMAT}")
    return State(
        frames=tuple([_frame_in(frame) for frame in data["frames"]]),
        asked_at=_moment(data["asked"]),
        since=_moment(data["since"]),
        wake_at=_moment(data["wake"]),
        attempts=data["tries"],
        reminded=data["reminded"],
        variables=data["vars"],
        until=_moment(data["until"]) if "until" in data else None,
        told={name: _moment(at) for name, at in data.get("told", {}).items()},
        offer=SessionAnswer(*data["offer"]) if "offer" in data else None,
        offered=data.get("offered", False),
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _answer_out(given: SessionAnswer) -> list[object]:
    return [given.key, given.value, given.label, given.missing]


def _frame_out(frame: Frame) -> list[object]:
    answers = {step: _answer_out(given) for step, given in frame.answers.items()}
    trail = [one if isinstance(one, str) else [one.step, _frame_out(one.frame)] for one in frame.trail]
    return [frame.flow, frame.step, frame.arguments, answers, trail]


def _frame_in(data: list[object]) -> Frame:
    flow, step, arguments, answers, trail = data
    given = {name: SessionAnswer(*one) for name, one in answers.items()}  # type: ignore[attr-defined]
    passed = tuple([one if isinstance(one, str) else Returned(one[0], _frame_in(one[1])) for one in trail])  # type: ignore[attr-defined]
    return Frame(flow, step, arguments, given, passed)  # type: ignore[arg-type]

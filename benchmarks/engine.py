"""`python -m benchmarks engine`: how many turns of conversation a second, with the state reloaded from JSON for each, as a
session in the store is. Walks every flow of a programme over and over, answering each question with an option or a
value that it accepts, as one officer after the other would."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.errors import ConfigurationError
from app.flows.engine.compiled import Ask, CompiledProgramme, bind
from app.flows.engine.engine import Contact, Reply, resume, start
from app.flows.engine.state import State
from app.flows.loader import load_folder
from app.flows.replies.forms import AnswerKind, Form

_AT = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)

GOFLOW, FLOW_RUNNER, RAPIDPRO = 3_500, 4_000, 1_750
"""Turns a second of goflow, @floip/flow-runner and rapidpro-flows, measured once on a machine of two cores with their own
state reloaded each turn. Other machines differ: compare the ratio to the JSON floor of the same run."""


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """Turns a second; the floor is reading and writing the same states as JSON, and nothing else."""

    turns: int
    turns_per_second: float
    json_per_second: float
    ratio_to_json: float
    ratio_to_best_peer: float


def measure(folder: Path, seconds: float) -> EngineFigures:
    """Run for about so many seconds. Raises ConfigurationError if the folder holds no valid programme."""
    loaded = [item for item in load_folder(folder) if item.programme is not None]
    if not loaded or loaded[0].programme is None:
        raise ConfigurationError(f"{folder} holds no valid programme: see `trato check`")
    compiled = bind(loaded[0].programme, "bench")
    contact = Contact(
        loaded[0].programme.language,
        loaded[0].programme.timezone,
        {"nombre": "{{nombre}}", **dict.fromkeys(loaded[0].programme.fields, "x")},
    )
    states: list[str] = []
    turns, began = 0, time.perf_counter()
    while (taken := time.perf_counter() - began) < seconds:
        for flow in compiled.flows:
            turns += _walk(compiled, flow, contact, states)
    per_second = turns / taken
    floor = _json_floor(states)
    return EngineFigures(turns, per_second, floor, per_second / floor, per_second / max(GOFLOW, FLOW_RUNNER, RAPIDPRO))


def _walk(compiled: CompiledProgramme, flow: str, contact: Contact, states: list[str]) -> int:
    """One conversation from its start to its end. Gives the turns taken, the start being one."""
    sprint, turns = start(compiled, flow, contact, _AT), 1
    while sprint.state is not None and turns < 60:
        text = sprint.state.to_json()
        if len(states) < 2000:
            states.append(text)
        state = State.from_json(text)
        step = compiled.flows[state.flow].steps[compiled.flows[state.flow].index[state.step]]
        answer = _answer(step.form, turns) if isinstance(step, Ask) else Reply("1")
        sprint = resume(compiled, state, contact, answer, _AT)
        turns += 1
    return turns


def _answer(form: Form, turn: int) -> Reply:
    match form.kind:
        case AnswerKind.media:
            return Reply("", None, ("image/jpeg",))
        case AnswerKind.text:
            return Reply("Le expliqué el motivo y se calmó")
        case AnswerKind.date:
            return Reply("ayer")
        case AnswerKind.time:
            return Reply("a las 7 de la noche")
        case AnswerKind.yes_no | AnswerKind.choice | AnswerKind.multi | AnswerKind.number | AnswerKind.scale if (
            form.options
        ):
            return Reply(form.options[turn % len(form.options)].label)
        case AnswerKind.yes_no | AnswerKind.choice | AnswerKind.multi | AnswerKind.number | AnswerKind.scale:
            return Reply(str(int(form.minimum or 1)))


def _json_floor(states: list[str]) -> float:
    began = time.perf_counter()
    for _ in range(3):
        for text in states:
            json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    return 3 * len(states) / (time.perf_counter() - began)

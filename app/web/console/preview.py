"""The phone beside the editors: plays a conversation of the unsaved text with an invented officer. The browser sends the text and all that the
officer did; the conversation is played anew each time, and nothing is kept. It is `trato play`: the service's rules, without the service."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from anyio.to_thread import run_sync
from starlette.responses import JSONResponse, Response

from app.conversations import drafting
from app.errors import UsageError
from app.flows.engine.compiled import CompiledProgramme, bind
from app.flows.engine.events import ResponseRecorded
from app.flows.transcripts.player import DEFAULT_START, Bubble, InventedOfficer, NoSuchButton, RehearsalPhone, moment
from app.flows.transcripts.replay import INVENTED
from app.web.console import rendering, text_form, yaml_editor
from app.web.console.programme import HERE, Opened, open_text
from app.web.console.texts import Texts
from app.web.console.visit import Handler, Visit

LIMITS = {f"POST {HERE}/{{code}}/play": (yaml_editor.LARGEST, 2000)}
_MOST_MOVES = 100
_LONGEST = 1600


@dataclass(frozen=True, slots=True)
class PhoneMove:
    """What the officer does: `say` a text, `press` the button of an option, or `wait` until the next thing is due."""

    kind: str
    text: str


@dataclass(slots=True)
class PlayedTalk:
    """A conversation as it was played: its messages, and the buttons that can be pressed now."""

    lines: list[dict[str, object]] = field(default_factory=list)
    options: list[dict[str, str]] = field(default_factory=list)


async def play(visit: Visit) -> Response:
    """The conversation, or why the text cannot be played."""
    found = await visit.read(lambda tx: open_text(visit, tx))
    moves, flow = _moves(visit.fields.get("moves", "")), visit.fields.get("flow", "")

    def work() -> dict[str, object]:
        source = _source(visit, found)
        compiled = None if source is None else _compiled(source, found.code)
        if compiled is None:
            return {"wrong": visit.t("play.wrong")}
        if flow not in compiled.flows:
            return {"wrong": visit.t("error.no_flow")}
        made = _played(visit.t, compiled, flow, moves)
        return {"lines": made.lines, "options": made.options}

    said = await run_sync(work, limiter=yaml_editor.AT_ONCE)
    return JSONResponse(said, headers=rendering.HEADERS)


def _moves(text: str) -> list[PhoneMove]:
    """The moves as the page sends them: pairs of kind and text. Raises UsageError."""
    try:
        found = [PhoneMove(str(kind), str(said)[:_LONGEST]) for kind, said in json.loads(text or "[]")]
    except (ValueError, TypeError):
        raise UsageError("the moves cannot be read", "bad_moves") from None
    return found[:_MOST_MOVES]


def _source(visit: Visit, found: Opened) -> str | None:
    """The unsaved text: the whole file, or what was typed into fields of it."""
    if "source" in visit.fields:
        return visit.fields["source"].replace("\r\n", "\n")
    context = found.loaded.context
    if found.programme is None or context is None:
        return None
    shown = text_form.fields(context, visit.fields.get("flow"))
    return text_form.edited(visit.t, found.working.source, shown, visit.fields).source


@lru_cache(maxsize=8)
def _compiled(source: str, code: str) -> CompiledProgramme | None:
    loaded = drafting.read_text(source, f"{code}.yaml")
    return None if loaded.programme is None else bind(loaded.programme, "draft")


def _played(t: Texts, compiled: CompiledProgramme, flow: str, moves: list[PhoneMove]) -> PlayedTalk:
    """The conversation from its start through all moves. A button that the text has no longer counts as nothing."""
    definition = compiled.definition
    person = InventedOfficer({"nombre": INVENTED}, {}, definition.language, definition.timezone)
    phone = RehearsalPhone(compiled, person, moment(DEFAULT_START, definition.timezone))
    made = PlayedTalk([_ours(one) for one in phone.start(flow)])
    for move in moves:
        had = len(phone.responses)
        if move.kind != "wait":
            made.lines.append({"mine": True, "text": _shown(phone, move), "understood": ""})
        else:
            made.lines.append({"aside": True, "text": t("play.waited")})
        said = _moved(phone, move)
        made.lines[-1]["understood"] = "; ".join(_understood(t, one) for one in phone.responses[had:])
        made.lines += [_ours(one) for one in said]
    ask = phone.asked()
    if ask is not None and ask.pressable:
        made.options = [{"key": option.key, "label": option.label} for option in ask.form.options]
    if phone.outcome is not None:
        made.lines.append({"aside": True, "text": t(f"ended.{phone.outcome}")})
    return made


def _moved(phone: RehearsalPhone, move: PhoneMove) -> list[Bubble]:
    try:
        match move.kind:
            case "say":
                return phone.send(move.text)
            case "press":
                return phone.press(move.text)
            case _:
                return phone.wait_until_due() if phone.state is not None else phone.wait(timedelta(days=1))
    except NoSuchButton:
        return []


def _shown(phone: RehearsalPhone, move: PhoneMove) -> str:
    """What the officer's bubble says: of a button, its label."""
    ask = phone.asked()
    labels = {option.key: option.label for option in ask.form.options} if ask is not None else {}
    return labels.get(move.text, move.text) if move.kind == "press" else move.text


def _ours(bubble: Bubble) -> dict[str, object]:
    return {"mine": False, "text": bubble.text}


def _understood(t: Texts, response: ResponseRecorded) -> str:
    """What is stored of an answer, and by which rule."""
    if response.status != "ok":
        return t("play.unclear", variable=response.variable)
    value = f".{response.missing}" if response.missing else response.value
    return t("play.stored", variable=response.variable, label=response.label, value=value, rule=response.rule)


HANDLERS: dict[str, Handler] = {f"POST {HERE}/{{code}}/play": play}
"""The handler of the phone, by its route."""

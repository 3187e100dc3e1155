"""`/phone`: simulated telephones in a page, for trying a programme before anyone real is written to. Talks to the
simulator only; exists only where the simulator is the carrier."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from app.channels.simulator import Note, Phone, Simulator
from app.clock import Clock, PacedClock

_PAGE = (Path(__file__).parent / "pages" / "phone.html").read_text(encoding="utf-8")
_POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"}
WINDOW = timedelta(hours=24)
LONGEST_JUMP_HOURS = 24 * 7 * 4


class Typed(BaseModel):
    """What somebody sends from a phone."""

    text: Annotated[str, Field(max_length=1600)]
    channel: Literal["whatsapp", "sms"] = "whatsapp"
    button: Annotated[str, Field(max_length=200)] | None = None


class Jump(BaseModel):
    """How far the clock is moved on."""

    hours: Annotated[float, Field(gt=0, le=LONGEST_JUMP_HOURS)]


def router(simulator: Simulator, clock: Clock, mine: str | None = None) -> APIRouter:
    """The page and what it asks for. `mine` is the number that the page opens with."""
    routes = APIRouter(prefix="/phone")

    def label(phone: Phone) -> str:
        return f"Su teléfono {phone.number}" if phone.number == mine else phone.number

    @routes.get("", response_class=HTMLResponse, include_in_schema=False)
    async def page() -> HTMLResponse:
        return HTMLResponse(_PAGE, headers=_POLICY)

    @routes.get("/api/phones")
    async def phones() -> dict[str, object]:
        listed = [
            {"number": phone.number, "label": label(phone), "messages": len(phone.notes)}
            for phone in sorted(simulator.phones.values(), key=lambda phone: (phone.number != mine, phone.number))
        ]
        return {"now": clock(), "mine": mine, "phones": listed}

    @routes.get("/api/phones/{number}")
    async def conversation(number: str) -> dict[str, object]:
        phone = _existing(simulator, number)
        return {
            "number": phone.number,
            "label": label(phone),
            "version": phone.version,
            "window": _window(phone, clock()),
            "messages": [_shown(note) for note in phone.notes],
        }

    @routes.post("/api/phones/{number}")
    async def type_text(number: str, typed: Typed) -> dict[str, str]:
        phone = _existing(simulator, number)
        message = await simulator.type(phone.number, typed.text, channel=typed.channel, button=typed.button)
        return {"sid": message.sid}

    @routes.post("/api/clock")
    async def jump(by: Jump) -> dict[str, datetime]:
        if not isinstance(clock, PacedClock):
            raise HTTPException(409, "Este reloj es el real: no se puede adelantar.")
        return {"now": clock.advance(timedelta(hours=by.hours))}

    return routes


def _existing(simulator: Simulator, number: str) -> Phone:
    phone = simulator.phones.get(number)
    if phone is None:
        raise HTTPException(404, "No existe ese teléfono.")
    return phone


def _shown(note: Note) -> dict[str, object]:
    options = [{"label": title, "payload": payload} for payload, title in note.buttons]
    return {
        "mine": note.mine, "text": note.text, "channel": note.channel, "at": note.at, "status": note.status,
        "options": options,
    }


def _window(phone: Phone, now: datetime) -> str:
    """Whether free text may go to this phone by WhatsApp, in words."""
    last = max((note.at for note in phone.notes if note.mine and note.channel == "whatsapp"), default=None)
    if last is None or now - last > WINDOW:
        return "WhatsApp: fuera de la ventana de 24 h, sólo plantillas"
    left = WINDOW - (now - last)
    return f"WhatsApp: ventana abierta {int(left.total_seconds() // 3600)} h más"

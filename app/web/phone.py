"""`/phone`: a page with simulated phones, for trying a programme before it writes to real people. Available only with the
simulator as the carrier."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from app.channels import simulator_faults
from app.channels.addresses import BadNumber, parse_number
from app.channels.base import File
from app.channels.interactive import CONTENTS
from app.channels.simulator import Note, Phone, Simulator
from app.clock import Clock, PacedClock
from app.flows.free_text_window import WINDOW, in_window
from app.flows.segments import Segments, measure
from app.people.actors import EVERY_PROGRAMME, Actor
from app.people.roles import Permission
from app.rehearsal.officer_view import OfficerStatus, OfficerView
from app.store import audit
from app.store.dialogue import Understood
from app.store.ledger import Ledger
from app.web.console.rendering import texts_for
from app.web.console.texts import Texts

_PAGE = (Path(__file__).parent / "pages" / "phone.html").read_text(encoding="utf-8")
_POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"}
LONGEST_JUMP_HOURS = 24 * 7 * 4
LONGEST_DELAY_SECONDS = 30
MOST_PHONES = 5_000
A_MOMENT = timedelta(seconds=1)
"""Added when the clock is moved to a due time, so that the item is due."""

_FILES = {
    "photo": ("simulator:foto.jpg", File(b"\xff\xd8\xff\xe0 a photograph", "image/jpeg")),
    "voice": ("simulator:nota.ogg", File(b"OggS a voice", "audio/ogg")),
}
_MOST_UNDERSTOOD = 200
"""The latest messages of a phone beside which the page says what was understood."""

_PLACE = (19.4326, -99.1332)

T = TypeVar("T")


class Strict(BaseModel):
    """A request body of the page. Unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid")


class PhoneMessage(Strict):
    """A message from a phone. `quoted` is the SID of the message it quotes; a reaction is an emoji with a quotation."""

    text: Annotated[str, Field(max_length=1600)] = ""
    channel: Literal["whatsapp", "sms"] = "whatsapp"
    button: Annotated[str, Field(max_length=200)] | None = None
    quoted: Annotated[str, Field(max_length=64)] | None = None
    kind: Literal["text", "photo", "voice", "location"] = "text"


class Jump(Strict):
    """How far to move the clock: by hours, or to the next nudge or the next time-out of the phone `number`."""

    hours: Annotated[float, Field(gt=0, le=LONGEST_JUMP_HOURS)] | None = None
    to: Literal["next", "timeout"] | None = None
    number: str = ""


class FaultChanges(Strict):
    """Faults to inject from now on; omitted ones stay as they are."""

    delay: Annotated[float, Field(ge=0, le=LONGEST_DELAY_SECONDS)] | None = None
    duplicated: bool | None = None
    reordered: bool | None = None
    refuse_with: Annotated[int, Field(ge=0, le=99999)] | None = None
    fail_with: Annotated[int, Field(ge=0, le=99999)] | None = None
    lost_answers: bool | None = None
    outage: bool | None = None


class NewPhone(Strict):
    """A new phone: an unknown sender, unless the number is an officer's."""

    number: Annotated[str, Field(max_length=40)]


def router(
    simulator: Simulator,
    clock: Clock,
    officers: OfficerView,
    mine: str | None = None,
    *,
    permitted: Callable[[Request], Awaitable[None]],
    ledger: Ledger,
) -> APIRouter:
    """The page and its JSON endpoints. `mine` is the number that the page opens with; `permitted` lets in those who may. The audit log
    keeps by the ledger who saw names."""
    handlers = _Handlers(simulator, clock, officers, mine, ledger)
    routes = APIRouter(prefix="/phone", dependencies=[Depends(permitted)])
    routes.add_api_route("", _page, response_class=HTMLResponse, include_in_schema=False)
    for method, path, handler in (
        ("GET", "/api/phones", handlers.phones),
        ("POST", "/api/phones", handlers.add),
        ("GET", "/api/names", handlers.names),
        ("GET", "/api/phones/{number}", handlers.conversation),
        ("POST", "/api/phones/{number}", handlers.type_text),
        ("GET", "/api/phones/{number}/transcript", handlers.transcript),
        ("POST", "/api/clock", handlers.jump),
        ("GET", "/api/faults", handlers.faults),
        ("POST", "/api/faults", handlers.set_faults),
    ):
        routes.add_api_route(path, handler, methods=[method])
    return routes


async def _page() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers=_POLICY)


@dataclass(frozen=True, slots=True)
class _Handlers:
    """The page's JSON endpoints."""

    simulator: Simulator
    clock: Clock
    officers: OfficerView
    mine: str | None
    ledger: Ledger

    async def phones(self, request: Request) -> dict[str, object]:
        found = sorted(self.simulator.phones.values(), key=lambda phone: (phone.number != self.mine, phone.number))
        listed = [{"number": one.number, "label": self._label(one), "messages": len(one.notes)} for one in found]
        return {
            "now": self.clock(),
            "mine": self.mine,
            "movable": isinstance(self.clock, PacedClock),
            "phones": listed,
            "names": _may_identify(request),
        }

    async def names(self, request: Request) -> dict[str, str]:
        """The names of officers by number, for who may see them: of everybody as long as there is no account."""
        actor: Actor | None = getattr(request.state, "actor", None)
        own = None if actor is None else actor.programmes(Permission.identify)
        scope = None if own is None or EVERY_PROGRAMME in own else own
        found = await _read(lambda: self.officers.names(list(self.simulator.phones), scope))
        if actor is not None:
            now, who, detail = self.clock(), actor.label, {"officers": len(found)}
            await self.ledger.run(lambda tx: audit.record(tx, now, who, "phone names", "identity", detail))
        return found

    async def add(self, new: NewPhone) -> dict[str, str]:
        if len(self.simulator.phones) >= MOST_PHONES:
            raise HTTPException(409, "Ya hay demasiados teléfonos.")
        try:
            return {"number": self.simulator.phone(parse_number(new.number)).number}
        except BadNumber:
            raise HTTPException(422, "Ese número no existe. Escriba diez dígitos.") from None

    async def conversation(self, request: Request, number: str) -> dict[str, object]:
        phone, t = self._existing(number), texts_for(request)
        standing = await _read(lambda: self.officers.status(phone.number))
        sids = [note.sid for note in phone.notes if note.mine][-_MOST_UNDERSTOOD:]
        understood = await _read(lambda: self.officers.understood(phone.number, sids))
        notes = sorted([*phone.notes, *phone.lost.values()], key=lambda note: note.at)
        return {
            "number": phone.number,
            "label": self._label(phone),
            "version": phone.version,
            "window": _window(phone, self.clock()),
            "standing": None if standing is None else asdict(standing),
            "sms": _last_sms(phone),
            "held": [] if standing is None else [t(f"hold.{one}") for one in standing.held],
            "messages": [
                _note_json(phone, note) | {"understood": [_told(t, one) for one in understood.get(note.sid, ())]}
                for note in notes
            ],
        }

    async def type_text(self, number: str, typed: PhoneMessage) -> dict[str, str]:
        phone = self._existing(number)
        if typed.kind == "text" and not typed.text.strip():
            raise HTTPException(422, "Escriba un mensaje.")
        file = _FILES.get(typed.kind)
        if file is not None:
            self.simulator.files[file[0]] = file[1]
        message = await self.simulator.type(
            phone.number,
            typed.text,
            channel=typed.channel,
            button=typed.button,
            quoted=typed.quoted,
            media=((file[0], file[1].content_type),) if file else (),
            place=_PLACE if typed.kind == "location" else None,
        )
        return {"sid": message.sid}

    async def transcript(self, number: str) -> Response:
        phone = self._existing(number)
        try:
            found = await _read(lambda: self.officers.transcript(phone.number))
        except ValueError:
            raise HTTPException(409, "Esta conversación no se puede guardar como transcripción.") from None
        if found is None:
            raise HTTPException(404, "En este teléfono todavía no hay una conversación.")
        headers = {"Content-Disposition": f'attachment; filename="{found[0]}"'}
        return Response(found[1], media_type="application/yaml; charset=utf-8", headers=headers)

    async def jump(self, by: Jump) -> dict[str, datetime]:
        if not isinstance(self.clock, PacedClock):
            raise HTTPException(409, "Este reloj es el real: no se puede adelantar.")
        if by.to is None:
            return {"now": self.clock.advance(timedelta(hours=by.hours or 1))}
        phone = self._existing(by.number)
        moment = _moment(await _read(lambda: self.officers.status(phone.number)), by.to)
        return {"now": self.clock.advance(max(moment - self.clock(), timedelta()) + A_MOMENT)}

    async def faults(self) -> dict[str, object]:
        return {**asdict(self.simulator.faults), **simulator_faults.listed()}

    async def set_faults(self, changed: FaultChanges) -> dict[str, object]:
        changes = changed.model_dump(exclude_none=True)
        for code in ("refuse_with", "fail_with"):
            if code in changes:
                changes[code] = changes[code] or None  # 0 removes the fault
        return asdict(self.simulator.set_faults(**changes))

    def _label(self, phone: Phone) -> str:
        return f"Su teléfono {phone.number}" if phone.number == self.mine else phone.number

    def _existing(self, number: str) -> Phone:
        phone = self.simulator.phones.get(number)
        if phone is None:
            raise HTTPException(404, "No existe ese teléfono.")
        return phone


async def _read(work: Callable[[], T]) -> T:
    """Query the database in a thread, so that the page delays no message."""
    return await asyncio.to_thread(work)


def _may_identify(request: Request) -> bool:
    actor: Actor | None = getattr(request.state, "actor", None)
    return actor is None or actor.may_somewhere(Permission.identify)


def _told(t: Texts, one: Understood) -> str:
    """What was understood of a reply, and by which rule, in words."""
    if one.status == "unclear":
        return t("officer.not_understood", variable=one.variable)
    answer = one.label or one.value or t("officer.a_text")
    more = f" = {one.value}" if one.value and one.label and one.value != one.label else ""
    late = f" · {t('became.late')}" if one.late else ""
    return f"{t('officer.understood', variable=one.variable, answer=answer)}{more} · {t('officer.by_rule', rule=one.rule)}{late}"


def _moment(standing: OfficerStatus | None, to: str) -> datetime:
    moment = None if standing is None else standing.next_at if to == "next" else standing.wakes_at
    if moment is None:
        raise HTTPException(
            409, "No hay nada planeado para este teléfono." if to == "next" else "No hay una pregunta abierta."
        )
    return moment


def _note_json(phone: Phone, note: Note) -> dict[str, object]:
    quoted = next((one.text for one in phone.notes if note.quoted and one.sid == note.quoted), None)
    return {
        "sid": note.sid,
        "mine": note.mine,
        "text": note.text,
        "channel": note.channel,
        "at": note.at,
        "status": note.status,
        "options": [{"label": title, "payload": payload} for payload, title in note.buttons],
        "quoted": quoted,
        "template": None if note.content in CONTENTS else note.content,
        "files": [kind for _, kind in note.media],
        "place": note.place is not None,
        "segments": measure(note.text).segments if note.channel == "sms" else None,
        "code": note.code,
        "reason": simulator_faults.text_of(note.code),
    }


def _last_sms(phone: Phone) -> dict[str, object] | None:
    """Segments and encoding of our latest SMS to this phone; None if there is none."""
    last = next((note for note in reversed(phone.notes) if not note.mine and note.channel == "sms"), None)
    if last is None:
        return None
    found: Segments = measure(last.text)
    return {
        "segments": found.segments,
        "encoding": found.encoding,
        "characters": len(last.text),
        "forced_by": found.forced_by,
    }


def _window(phone: Phone, now: datetime) -> str:
    """The state of WhatsApp's 24-hour window for this phone, in Spanish."""
    last = max((note.at for note in phone.notes if note.mine and note.channel == "whatsapp"), default=None)
    if last is None or not in_window(last, now):
        return "WhatsApp: fuera de la ventana de 24 h, sólo plantillas"
    minutes = int((WINDOW - (now - last)).total_seconds() // 60)
    return f"WhatsApp: ventana abierta {minutes // 60} h {minutes % 60} min más"

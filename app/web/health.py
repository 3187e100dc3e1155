"""Liveness and readiness of this process for machines, and its state in three lines for everybody, without data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.web.console import rendering
from app.web.console.rendering import texts_for


@dataclass(frozen=True, slots=True)
class State:
    """The readiness of a process: what it needs to store a message, and what else to know, which makes it no less ready."""

    checks: Mapping[str, bool]
    detail: Mapping[str, object] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether every check passes."""
        return all(self.checks.values())


Look = Callable[[], Awaitable[State]]


def routes(look: Look) -> list[Route]:
    """`/healthz`: 200 while the process responds. `/readyz`: 200 if a message can be stored, else 503; the body has each check
    and what else is wrong. `/status`: a page for everybody that says whether messages are received, and sent."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        state = await look()
        body = {
            "status": "ok" if state.ready else "unavailable",
            "checks": dict(state.checks),
            "detail": dict(state.detail),
        }
        return JSONResponse(body, status_code=200 if state.ready else 503)

    async def status(request: Request) -> Response:
        state = await look()
        sends = state.ready and not state.detail.get("stopped") and state.detail.get("clock") == "ticking"
        facts = {"receives": state.ready, "sends": sends}
        return rendering.page("status.html", texts_for(request), 200 if state.ready else 503, **facts)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/status", status)]

"""Liveness and readiness of this process."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


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
    and what else is wrong."""

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

    return [Route("/healthz", healthz), Route("/readyz", readyz)]

"""Liveness and readiness of this process."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.errors import AppError

Checks = dict[str, Callable[[], None]]
"""Checks by name; each raises AppError on failure."""


def routes(checks: Checks) -> list[Route]:
    """`/healthz`: 200 while the process responds. `/readyz`: 200 if every check passes, else 503; the body has each result."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        results = {name: await run_in_threadpool(_passes, check) for name, check in checks.items()}
        ready = all(results.values())
        body = {"status": "ok" if ready else "unavailable", "checks": results}
        return JSONResponse(body, status_code=200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _passes(check: Callable[[], None]) -> bool:
    try:
        check()
    except AppError:
        return False
    return True

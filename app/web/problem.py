"""What an interface for programs says when it cannot do what it was asked: `application/problem+json`, by RFC 9457. Never what
was sent, which may be somebody's data."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.errors import AppError, ExternalError, UsageError


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    """One answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let an application answer so whatever is raised in it."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(AppError, _known)
    app.add_exception_handler(Exception, _fault)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was installed
    return problem(error.status_code, error.detail, **dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    wrong = (f"{'.'.join(map(str, item['loc'][1:])) or 'the request'}: {item['msg']}" for item in error.errors())
    return problem(422, "; ".join(wrong))


async def _known(_: Request, error: Exception) -> JSONResponse:
    status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, ExternalError) else 500
    return problem(status, str(error) if status != 500 else "a setting of this installation is wrong")


async def _fault(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "a fault of Trato itself; its log has the place")

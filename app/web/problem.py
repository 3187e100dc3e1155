"""Error responses of the API: `application/problem+json`, RFC 9457. They never repeat request data, which may be personal."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.errors import AppError, ExternalError, UsageError
from app.people.actors import Forbidden


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    """An error response."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Install handlers that turn every exception of an application into an error response."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(AppError, _known)
    app.add_exception_handler(Exception, _fault)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - installed for this type
    return problem(error.status_code, error.detail, **dict(error.headers or {}))


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    wrong = (f"{'.'.join(map(str, item['loc'][1:])) or 'the request'}: {item['msg']}" for item in error.errors())
    return problem(422, "; ".join(wrong))


async def _known(_: Request, error: Exception) -> JSONResponse:
    match error:
        case UsageError():
            status = 400
        case Forbidden():
            status = 403
        case ExternalError():
            status = 503
        case _:
            status = 500
    return problem(status, str(error) if status != 500 else "this installation is misconfigured; see its log")


async def _fault(_: Request, __: Exception) -> JSONResponse:
    return problem(500, "internal error; see the log")

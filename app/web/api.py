"""The interface for programs, below `/api/v1`: the tables of an export, and the review of free text. It does what the command line does, by the same
services, in threads of its own, so that no webhook waits for it. What it has not been told who may see, nobody sees: without
tokens it is not there, and only reviewers read what has not been reviewed."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Annotated, Any, BinaryIO

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, FastAPI, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from app import __version__
from app.clock import Clock
from app.exports import columns
from app.exports.selection import Selection
from app.flows.language.definition import Level
from app.review import redaction
from app.store import audit
from app.store.database import Database
from app.store.ledger import Ledger
from app.web import downloads, problem
from app.web.guard import Guard

MOST_TEXTS = 500
EXPORTS_AT_ONCE = 1
"""Tables that are made at a time: whoever asks for another waits."""

_PIECE = 64 * 1024
_UNDER_WAY: dict[int | str, dict[str, Any]] = {
    401: {"description": "no token"},
    403: {"description": "not for this token"},
}


class Filters(BaseModel):
    """Which rows, as `trato export` has them. Days are by the clock of each officer, both included."""

    model_config = ConfigDict(extra="forbid")

    programme: str | None = None
    cohort: str | None = None
    level: Level | None = None
    since: date | None = None
    until: date | None = None

    def selection(self) -> Selection:
        """The same for the export; never free text that has not been reviewed."""
        return Selection(self.programme, self.cohort, self.level and self.level.value, self.since, self.until)

    @model_validator(mode="after")
    def _in_order(self) -> "Filters":
        if self.since is not None and self.until is not None and self.until < self.since:
            raise PydanticCustomError("days", "until must not be before since")
        return self


class Queue(BaseModel):
    """Which texts."""

    model_config = ConfigDict(extra="forbid")

    programme: str | None = None
    cohort: str | None = None
    reviewed: bool | None = Field(
        False, description="false: those that wait for a review; true: those that have had one"
    )
    after: int = Field(0, ge=0, lt=2**63, description="texts after this response: `next` of the page before")
    limit: int = Field(100, ge=1, le=MOST_TEXTS)


class Decision(BaseModel):
    """What a reviewer decides of one text."""

    model_config = ConfigDict(extra="forbid")

    decision: str = Field(examples=["ok", "redact", "withhold"])
    redacted_text: str = Field("", max_length=redaction.LONGEST)
    mark: str = Field(max_length=100, description="`mark` of the text as it was seen")


@dataclass(frozen=True, slots=True)
class Api:
    """What the interface works with."""

    database: Database
    ledger: Ledger
    clock: Clock
    reviewers: Collection[str]
    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(EXPORTS_AT_ONCE))

    async def export(self, request: Request, file: str, filters: Annotated[Filters, Query()]) -> Response:
        """A table as TABLE.csv or TABLE.jsonl, whole. Free text is in it only once it has been reviewed. The ETag is of the content:
        304 if nothing in it has changed."""
        try:
            made = await run_sync(downloads.make, self.database, file, filters.selection(), limiter=self.limiter)
        except downloads.NoTable as error:
            raise HTTPException(404, str(error)) from None
        etag = f'"{columns.VERSION}-{made.sha256[:32]}"'
        same = _names(etag, request.headers.get("if-none-match", ""))
        detail = {
            **filters.model_dump(mode="json"),
            "format": made.format,
            "rows": 0 if same else made.rows,
            "unchanged": same,
        }
        who = f"api {request.state.who}"
        try:
            await self.ledger.run(lambda tx: audit.record(tx, self.clock(), who, "api export", made.table, detail))
        except BaseException:
            made.content.close()
            raise
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if same:
            made.content.close()
            return Response(status_code=304, headers=headers)
        headers |= {"Content-Length": str(made.size), "Content-Disposition": f'attachment; filename="{file}"'}
        return StreamingResponse(_pieces(made.content), headers=headers, media_type=made.media_type)

    async def texts(self, request: Request, wanted: Annotated[Queue, Query()]) -> dict[str, Any]:
        """Texts that wait for a review, in the order in which they were answered. For reviewers."""
        who = self._reviewer(request)
        found = await run_sync(self._queue, wanted)
        detail = {**wanted.model_dump(), "rows": len(found)}
        await self.ledger.run(lambda tx: audit.record(tx, self.clock(), who, "api texts", "text_review", detail))
        return {"texts": found, "next": found[-1]["response_id"] if len(found) == wanted.limit else None}

    async def review(
        self, request: Request, response: Annotated[int, Path(ge=1, lt=2**63)], decision: Annotated[Decision, Body()]
    ) -> dict[str, bool]:
        """Decide on one text. For reviewers. `changed` is false if this was decided already; 409 if the text has changed since it
        was seen, or somebody else has decided meanwhile."""
        who = self._reviewer(request)
        try:
            changed = await self.ledger.run(partial(self._decide, response, decision, who))
        except LookupError:
            raise HTTPException(404, "there is no such text") from None
        except redaction.Refused as refused:
            column = "decision" if refused.column == "reviewed" else refused.column
            raise HTTPException(409 if refused.conflict else 422, f"{column} {refused}") from None
        return {"changed": changed}

    def _queue(self, wanted: Queue) -> list[dict[str, Any]]:
        with self.database.reading() as tx:
            rows = redaction.listed(
                tx,
                programme=wanted.programme,
                cohort=wanted.cohort,
                reviewed=wanted.reviewed,
                after=wanted.after,
                limit=wanted.limit,
            )
        return [dict(zip(redaction.HEADERS, row, strict=True)) | {"response_id": int(row[0])} for row in rows]

    def _decide(self, response: int, decision: Decision, who: str, tx: Connection) -> bool:
        return redaction.review(
            tx, response, decision.mark, decision.decision, decision.redacted_text, who, self.clock()
        )

    def _reviewer(self, request: Request) -> str:
        if request.state.who not in self.reviewers:
            raise HTTPException(403, "this token may not read what has not been reviewed (TRATO_API_REVIEWERS)")
        return f"api {request.state.who}"


def _names(etag: str, header: str) -> bool:
    """Whether If-None-Match names this content."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


async def _pieces(content: BinaryIO) -> AsyncIterator[bytes]:
    """A file, piece by piece; it is gone afterwards, also if whoever asked for it has left."""
    with content:
        while piece := await run_sync(content.read, _PIECE):
            yield piece


def api(
    database: Database, ledger: Ledger, clock: Clock, tokens: Mapping[str, str], reviewers: Collection[str]
) -> ASGIApp:
    """The interface, to be mounted; its description is at `/openapi.json`."""
    app = FastAPI(title="Trato", version=__version__, docs_url=None, redoc_url=None)
    routes = Api(database, ledger, clock, reviewers)
    router = APIRouter(responses=_UNDER_WAY)
    router.add_api_route("/exports/{file}", routes.export, response_class=StreamingResponse, response_model=None)
    router.add_api_route("/texts", routes.texts)
    router.add_api_route("/texts/{response}/review", routes.review, methods=["POST"])
    app.include_router(router)
    problem.install(app)
    return Guard(app, tokens)

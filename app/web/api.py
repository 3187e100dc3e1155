"""The HTTP API below `/api/v1`: export tables and the review of free text. It uses the same functions as the command line, and
runs them in threads, so that no webhook waits for them. A token sees the programmes in which its account has the role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from app import __version__
from app.clock import Clock
from app.exports import columns, days
from app.exports.attributes import MOST_K
from app.exports.selection import Selection
from app.flows.language.definition import Level
from app.people.actors import Actor, Forbidden, refusal
from app.people.roles import ROUTES, Permission
from app.review import free_text
from app.store import audit
from app.store.database import Database
from app.store.ledger import Ledger
from app.web import downloads, problem
from app.web.request_ids import NO_TELEMETRY

PREFIX = "/api/v1"
MOST_TEXTS = 500
MOST_LEFT_OUT = 200
"""Study ids in a header."""

_AUTH_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"description": "no valid token"},
    403: {"description": "not for this token"},
    429: {"description": "too many requests without a valid token"},
}


class Filters(BaseModel):
    """Filters for rows, as in `trato export`. Days are in each officer's local time, both included."""

    model_config = ConfigDict(extra="forbid")

    programme: str | None = None
    cohort: str | None = None
    level: Level | None = None
    since: date | None = Field(None, ge=days.FIRST, le=days.LAST)
    until: date | None = Field(None, ge=days.FIRST, le=days.LAST)
    k: int | None = Field(None, ge=2, le=MOST_K, description="suppress attributes of officers in combinations of fewer")

    def selection(self) -> Selection:
        """The same filters for the export, always without unreviewed free text."""
        level = self.level and self.level.value
        return Selection(self.programme, self.cohort, level, self.since, self.until, k=self.k)

    @model_validator(mode="after")
    def _in_order(self) -> "Filters":
        if self.since is not None and self.until is not None and self.until < self.since:
            raise PydanticCustomError("days", "until must not be before since")
        return self


class TextQuery(BaseModel):
    """Filters for a page of texts."""

    model_config = ConfigDict(extra="forbid")

    programme: str | None = None
    cohort: str | None = None
    reviewed: bool | None = Field(False, description="false: texts waiting for a review; true: reviewed texts")
    after: int = Field(0, ge=0, lt=2**63, description="only texts after this response id: `next` of the previous page")
    limit: int = Field(100, ge=1, le=MOST_TEXTS)


class ReviewDecision(BaseModel):
    """A reviewer's decision on one text."""

    model_config = ConfigDict(extra="forbid")

    decision: str = Field(examples=["ok", "redact", "withhold"])
    redacted_text: str = Field("", max_length=free_text.LONGEST)
    mark: str = Field(max_length=100, description="the `mark` that came with the text")


@dataclass(frozen=True, slots=True)
class Api:
    """The request handlers, with their dependencies."""

    database: Database
    ledger: Ledger
    clock: Clock
    limiter: CapacityLimiter

    async def export(self, request: Request, file: str, filters: Annotated[Filters, Query()]) -> Response:
        """A whole table, as TABLE.csv or TABLE.jsonl. Free text is included only once reviewed. The ETag identifies the content:
        304 if it has not changed. Trato-Left-Out has the study ids of damaged officers, who are not in the table, and is absent if
        nobody is damaged. Trato-Rare-Combinations says how many officers stand in combinations of attributes that fewer share than `k`, or
        than five."""
        actor: Actor = request.state.actor
        actor.require(Permission.answers, filters.programme)
        try:
            made = await run_sync(downloads.make, self.database, file, filters.selection(), limiter=self.limiter)
        except downloads.UnknownTable as error:
            raise HTTPException(404, str(error)) from None
        etag = f'"{columns.VERSION}-{made.sha256[:32]}"'
        same = _matches(etag, request.headers.get("if-none-match", ""))
        detail = {
            **filters.model_dump(mode="json"),
            "format": made.format,
            "rows": 0 if same else made.rows,
            "unchanged": same,
            **({"left_out": len(made.left_out)} if made.left_out else {}),
        }
        try:
            await self.ledger.run(
                lambda tx: audit.record(tx, self.clock(), actor.label, "api export", made.table, detail)
            )
        except BaseException:
            made.content.close()
            raise
        among = f"{made.combinations.rare} of {made.combinations.officers}; k={made.combinations.k}"
        headers = {
            "ETag": etag,
            "Cache-Control": "private, no-cache",
            "Trato-Rare-Combinations": among,
            **_left_out(made.left_out),
        }
        if same:
            made.content.close()
            return Response(status_code=304, headers=headers)
        headers |= {"Content-Length": str(made.size), "Content-Disposition": f'attachment; filename="{file}"'}
        return StreamingResponse(downloads.pieces(made.content), headers=headers, media_type=made.media_type)

    async def texts(self, request: Request, wanted: Annotated[TextQuery, Query()]) -> dict[str, Any]:
        """Texts to review, in the order in which they were answered."""
        actor: Actor = request.state.actor
        actor.require(Permission.free_text, wanted.programme)
        found = await run_sync(self._queue, wanted)
        detail = {**wanted.model_dump(), "rows": len(found)}
        await self.ledger.run(
            lambda tx: audit.record(tx, self.clock(), actor.label, "api texts", "text_review", detail)
        )
        return {"texts": found, "next": found[-1]["response_id"] if len(found) == wanted.limit else None}

    async def review(
        self,
        request: Request,
        response: Annotated[int, Path(ge=1, lt=2**63)],
        decision: Annotated[ReviewDecision, Body()],
    ) -> dict[str, bool]:
        """Store a decision on one text. `changed` is false if the same decision was stored before. 409 if the text
        has changed since it was read, or somebody else has decided meanwhile."""
        try:
            changed = await self.ledger.run(partial(self._decide, response, decision, request.state.actor))
        except LookupError:
            raise HTTPException(404, "no such text") from None
        except free_text.Refused as refused:
            column = "decision" if refused.column == "reviewed" else refused.column
            raise HTTPException(409 if refused.conflict else 422, f"{column} {refused}") from None
        return {"changed": changed}

    def _queue(self, wanted: TextQuery) -> list[dict[str, Any]]:
        with self.database.reading() as tx:
            rows = free_text.sheet_rows(
                tx,
                programme=wanted.programme,
                cohort=wanted.cohort,
                reviewed=wanted.reviewed,
                after=wanted.after,
                limit=wanted.limit,
            )
        return [dict(zip(free_text.HEADERS, row, strict=True)) | {"response_id": int(row[0])} for row in rows]

    def _decide(self, response: int, decision: ReviewDecision, actor: Actor, tx: Connection) -> bool:
        actor.require(Permission.free_text, free_text.programme_of(tx, response))
        return free_text.review(
            tx, response, decision.mark, decision.decision, decision.redacted_text, actor.label, self.clock()
        )


def _left_out(study_ids: Sequence[str]) -> dict[str, str]:
    """The header with the officers who are left out: so many that it stays within what clients take, and how many more."""
    if not study_ids:
        return {}
    more = len(study_ids) - MOST_LEFT_OUT
    return {"Trato-Left-Out": ", ".join(study_ids[:MOST_LEFT_OUT]) + (f", and {more} more" if more > 0 else "")}


def _matches(etag: str, header: str) -> bool:
    """Whether an If-None-Match header contains this ETag."""
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}


def api(database: Database, ledger: Ledger, clock: Clock, limiter: CapacityLimiter) -> FastAPI:
    """The API as an application to mount behind its guard; its schema is at `/openapi.json`. `limiter`: how many exports at once."""
    app = FastAPI(title="Trato", version=__version__, docs_url=None, redoc_url=None, telemetry=NO_TELEMETRY)
    routes = Api(database, ledger, clock, limiter)
    router = APIRouter(responses=_AUTH_ERRORS, dependencies=[Depends(_permitted)])
    router.add_api_route("/exports/{file}", routes.export, response_class=StreamingResponse, response_model=None)
    router.add_api_route("/texts", routes.texts)
    router.add_api_route("/texts/{response}/review", routes.review, methods=["POST"])
    app.include_router(router)
    problem.install(app)
    return app


async def _permitted(request: Request) -> None:
    """The account has the permission of the route in some programme; in which, the handler looks."""
    actor: Actor = request.state.actor
    permission = ROUTES[f"{request.method} {PREFIX}{request.scope['route'].path}"]
    if not actor.may_somewhere(permission):
        raise Forbidden(refusal(actor.label, permission))

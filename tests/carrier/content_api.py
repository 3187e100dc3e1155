"""Twilio's Content API over HTTP: create, fetch, list, approvals. And, for whoever conducts a test, contents as if they had
been made before, and the press of a button."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.carrier.contents import Content
from tests.carrier.rules import Refusal

if TYPE_CHECKING:
    from tests.carrier.app import Carrier

Endpoint = Callable[[Request], Awaitable[Response]]
_UNKNOWN = Refusal(404, 20404, "The requested resource was not found")


class ContentApi:
    """The endpoints of one carrier. `knows` says whether a request has its credentials."""

    def __init__(self, carrier: "Carrier", knows: Callable[[Request], bool]) -> None:
        self.carrier, self.knows = carrier, knows

    def routes(self) -> list[Route]:
        one = "/v1/Content/{sid}"
        return [
            Route("/v1/Content", self._guarded(self._create), methods=["POST"]),
            Route("/v1/Content", self._guarded(self._list), methods=["GET"]),
            Route(one, self._of_one(self._fetch), methods=["GET"]),
            Route(f"{one}/ApprovalRequests", self._of_one(self._approvals), methods=["GET"]),
            Route(f"{one}/ApprovalRequests/whatsapp", self._of_one(self._submit), methods=["POST"]),
            Route("/control/contents", self._control_contents, methods=["PUT"]),
            Route("/control/press", self._control_press, methods=["POST"]),
        ]

    def _guarded(self, handle: Endpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await handle(request) if self.knows(request) else _refused(Refusal(401, 20003, "Authenticate"))

        return endpoint

    def _of_one(self, handle: Callable[[Request, Content], Awaitable[Response]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            content = self.carrier.book.shelf.contents.get(request.path_params["sid"])
            return _refused(_UNKNOWN) if content is None else await handle(request, content)

        return self._guarded(endpoint)

    async def _create(self, request: Request) -> Response:
        made = self.carrier.book.shelf.make(await request.json())
        if isinstance(made, Refusal):
            self.carrier.book.refused.append((made.code, made.message))
            return _refused(made)
        return JSONResponse(self._shown(request, made), 201)

    async def _list(self, request: Request) -> Response:
        size, start = int(request.query_params.get("PageSize", "50")), int(request.query_params.get("PageToken", "0"))
        contents = list(self.carrier.book.shelf.contents.values())
        more = (
            f"{_base(request)}/v1/Content?PageSize={size}&PageToken={start + size}"
            if start + size < len(contents)
            else None
        )
        meta = {"key": "contents", "page_size": size, "next_page_url": more, "url": str(request.url)}
        page = [self._shown(request, content) for content in contents[start : start + size]]
        return JSONResponse({"contents": page, "meta": meta})

    async def _fetch(self, request: Request, content: Content) -> Response:
        return JSONResponse(self._shown(request, content))

    async def _approvals(self, request: Request, content: Content) -> Response:
        return JSONResponse(content.approvals(self.carrier.account.sid, _base(request)))

    async def _submit(self, request: Request, content: Content) -> Response:
        wrong = self.carrier.book.shelf.submit(content, await request.json())
        return _refused(wrong) if wrong else JSONResponse(content.approval, 201)

    def _shown(self, request: Request, content: Content) -> dict[str, object]:
        return content.resource(self.carrier.account.sid, _base(request))

    async def _control_contents(self, request: Request) -> Response:
        """{"HX…": text or types}: approved contents. With more than that: {"HX…": {"types", "status", "category", …}}."""
        for sid, given in (await request.json()).items():
            more: dict[str, Any] = given if isinstance(given, dict) and "types" in given else {"types": given}
            self.carrier.book.shelf.put(sid, **more)
        return Response(status_code=204)

    async def _control_press(self, request: Request) -> Response:
        """{"number", "title", "deliver", "bare"}: the answer comes after the webhook."""
        message = await self.carrier.press(**(await request.json()))
        return JSONResponse(message.record(), 201)


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _refused(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body(), refusal.status)

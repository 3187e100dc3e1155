"""The carrier's HTTP side: Twilio's Messages resource, its Content API, and `/control` for whoever conducts a test."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.carrier import calls, rules
from tests.carrier.account_api import AccountApi
from tests.carrier.book import Account, Book, Message, plain, segments
from tests.carrier.content_api import ContentApi
from tests.carrier.faults import BEFORE, Faults
from tests.carrier.rules import Refusal

T = TypeVar("T")
ROOT = "/2010-04-01/Accounts/{account}"
PRICE = 0.0079
SAMPLES = {
    "image/gif": base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAA="),
    "image/jpeg": b"\xff\xd8\xff\xe0 a photograph",
    "image/png": b"\x89PNG\r\n\x1a\n a picture",
    "image/webp": b"RIFF\0\0\0\0WEBP a sticker",
    "audio/ogg": b"OggS a voice",
    "video/mp4": b"\0\0\0\x18ftypmp42 a film",
    "application/pdf": b"%PDF-1.7 a paper",
    "text/vcard": b"BEGIN:VCARD",
}


def _machine_clock() -> datetime:
    return datetime.now(UTC)


class _Break(Response):
    """No answer: the connection breaks. In a server's process it is cut off; within one process there is none, and the
    client sees what it would see."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(scope["carrier.send"], "__self__", None), "transport", None)
        if transport is None:
            raise httpx.RemoteProtocolError("the connection broke")
        transport.abort()
        await asyncio.sleep(0)  # let the server notice, or it would complain of a missing answer


class Carrier:
    """The fake carrier as an ASGI app. `client` makes the calls to us: over a real network, or into an app in this
    process (`httpx.AsyncClient(transport=httpx.ASGITransport(app))`)."""

    def __init__(
        self,
        account: Account | None = None,
        *,
        client: calls.Client | None = None,
        clock: Callable[[], datetime] = _machine_clock,
        seed: int = 0,
    ) -> None:
        self.account = account or Account()
        self.book = Book(self.account, clock, seed)
        self.faults = Faults()
        self.caller = calls.Caller(self.account, client or httpx.AsyncClient())
        self.seed = seed
        self.busy = 0
        self.posts: list[tuple[datetime, str | None]] = []  # every request to create a message: when, and its fault
        self.orphans: list[str] = []  # files whose message was deleted before them: nobody can delete those any more
        self._tasks: set[asyncio.Task[None]] = set()
        self.at_twilio = AccountApi(self, self._knows)
        self._app = Starlette(routes=self._routes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As a server calls it."""
        await self._app({**scope, "carrier.send": send}, receive, send)

    @property
    def messages(self) -> list[Message]:
        """Every message, in the order in which they came to be."""
        return list(self.book.messages.values())

    def sent_to(self, number: str) -> list[Message]:
        """The messages to a number, on either channel."""
        wanted = plain(number)
        return [one for one in self.messages if one.direction != "inbound" and plain(one.receiver) == wanted]

    async def inject(
        self,
        sender: str,
        body: str = "",
        *,
        media: list[str] | None = None,
        deliver: bool = True,
        ago: timedelta = timedelta(),
        **extra: str,
    ) -> Message:
        """Somebody sends us a message. Returns once the webhook has been called as the faults allow.

        `media` are content types. `extra` are fields of the form, such as ButtonPayload. With `deliver=False` the
        webhook is not called: the message can only be found in the list, as one that came so long `ago`.
        """
        message = self.book.receive(sender, body, ago=ago)
        folder = f"/2010-04-01/Accounts/{self.account.sid}/Messages/{message.sid}/Media"
        message.media = [(f"{folder}/{self.book.sid('ME')}", kind) for kind in media or []]
        message.form = calls.inbound_form(self.account, message, extra)
        if deliver:
            await self.deliver(message)
        return message

    async def press(self, number: str, title: str, *, deliver: bool = True, bare: bool = False) -> Message:
        """Somebody presses a button, or chooses from a list, of the last message that had one with this title. With `bare`
        it can only be found in the list, or comes without what the button carries."""
        shown = next(one for one in reversed(self.sent_to(number)) if title in [label for _, label in one.buttons])
        extra = {} if bare else calls.pressed(shown, title)
        return await self.inject(f"whatsapp:{number.replace('+52', '+521', 1)}", title, deliver=deliver, **extra)

    async def deliver(self, message: Message) -> None:
        """Call the webhook for a message, as the faults allow."""
        for _ in range(self.faults.copies("webhooks", self.book.random)):
            await calls.later(self.faults.delay("webhooks", self.book.random))
            answers = await self.caller.post(self.account.webhook, message.form, fallback=self.account.fallback)
            message.webhook_answers.extend(answers)

    async def settle(self) -> None:
        """Wait until every call that is under way has been made."""
        while self._tasks:
            await asyncio.gather(*list(self._tasks))

    def reset(self) -> None:
        """Forget everything, and draw the same chances again."""
        self.book = Book(self.account, self.book.clock, self.seed)
        self.faults = Faults()

    # -- Twilio's Messages resource ----------------------------------------------------------------------------------

    def _routes(self) -> list[Route]:
        messages = f"{ROOT}/Messages"
        return [
            Route(f"{messages}.json", self._guarded(self._create), methods=["POST"]),
            Route(f"{messages}.json", self._guarded(self._list), methods=["GET"]),
            Route(f"{messages}/{{sid}}/Media.json", self._guarded(self._list_media), methods=["GET"]),
            Route(f"{messages}/{{sid}}/Media/{{media}}", self._guarded(self._media), methods=["GET"]),
            Route(f"{messages}/{{sid}}.json", self._guarded(self._read), methods=["GET"]),
            Route(f"{messages}/{{sid}}/Media/{{media}}", self._guarded(self._delete_media), methods=["DELETE"]),
            Route(f"{messages}/{{sid}}.json", self._guarded(self._delete), methods=["DELETE"]),
            Route("/store/{media}", self._store, methods=["GET"]),
            Route("/control/inbound", self._control_inbound, methods=["POST"]),
            Route("/control/faults", self._control_faults, methods=["GET", "PUT"]),
            Route("/control/messages", self._control_messages, methods=["GET"]),
            Route("/control/settle", self._control_settle, methods=["POST"]),
            Route("/control/reset", self._control_reset, methods=["POST"]),
            *ContentApi(self, self._knows).routes(),
            *self.at_twilio.routes(),
        ]

    def _guarded(self, handle: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if not self._knows(request):
                return _refused(Refusal(401, 20003, "Authenticate"))
            if request.path_params["account"] != self.account.sid:
                return _refused(Refusal(404, 20404, "The requested resource was not found"))
            return await handle(request)

        return endpoint

    def _knows(self, request: Request) -> bool:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return False
        given = base64.b64decode(encoded).decode()
        return given in (
            f"{self.account.sid}:{self.account.auth_token}",
            f"{self.account.api_key}:{self.account.api_secret}",
        )

    async def _create(self, request: Request) -> Response:
        body = await request.body()
        self.busy += 1
        try:
            too_many = 0 < self.faults.most_at_once < self.busy
            await calls.later(self.faults.slow)
        finally:
            self.busy -= 1
        fault = "too_many" if too_many else self.faults.of_request(self.book.random)
        self.posts.append((self.book.clock(), fault))
        if fault == "elsewhere":
            return RedirectResponse("https://login.example/", 302)
        if fault == "blocked":
            return Response("<html>blocked</html>", 403, media_type="text/html")
        if fault in BEFORE:
            return self._fail(fault)
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        form = dict(pairs)
        wrong = rules.check(pairs) or self.book.refuse(form)
        if wrong is not None:
            self.book.refused.append((wrong.code, wrong.message))
            return _refused(wrong)
        by_channel = "whatsapp" if form["To"].startswith("whatsapp:") else "sms"
        code = self.faults.refused.get(plain(form["To"]), self.faults.refused.get(f"{by_channel} {plain(form['To'])}"))
        if code is not None:
            return _refused(Refusal(400, code, "refused for this number"))
        message = self.book.create(form)
        self._later(self._live(message))
        if fault is not None:
            return await self._fail_after(fault, message)
        return JSONResponse(message.resource(self.account.sid), 201)

    def _fail(self, fault: str) -> Response:
        if fault == "drop_before":
            return _Break()
        if fault == "too_many":
            headers = {} if self.faults.retry_after is None else {"Retry-After": str(self.faults.retry_after)}
            return _refused(Refusal(429, 20429, "Too Many Requests"), headers)
        return _refused(Refusal(503, 20503, "Service unavailable"))

    async def _fail_after(self, fault: str, message: Message) -> Response:
        if fault == "error_after":
            return _refused(Refusal(500, 20500, "Internal Server Error"))
        if fault == "garbled":
            return Response(json.dumps(message.resource(self.account.sid))[:40], 201, media_type="application/json")
        if fault == "hang":
            await calls.later(self.faults.hang_seconds)
        return _Break()

    async def _live(self, message: Message) -> None:
        """Take a message through its statuses, telling each as it comes; in a jumble, where the faults say so."""
        steps = ["queued", *calls.life(message, self.faults)]
        order = self.faults.order(steps, self.book.random)
        for status, told in zip(steps, order, strict=True):
            await calls.later(self.faults.step_seconds)
            self._reach(message, status)
            if message.callback is not None:
                await self._tell(message, told)

    def _reach(self, message: Message, status: str) -> None:
        if status != message.status:
            message.status = status
            message.history.append(status)
        if status in ("sent", "failed"):
            message.sent = self.book.now()
        if status in ("delivered", "undelivered"):
            message.price = f"-{PRICE * segments(message.body):.5f}"

    async def _tell(self, message: Message, status: str) -> None:
        """Call back as often as the faults let it: at once, or on a way of its own if it is to be late."""
        for _ in range(self.faults.copies("callbacks", self.book.random)):
            delay = self.faults.delay("callbacks", self.book.random)
            call = calls.tell(self.caller, message, status, delay)
            if delay:
                self._later(call)
            else:
                await call

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _list(self, request: Request) -> Response:
        query = request.query_params
        if (wrong := rules.check_list(query.multi_items())) is not None:
            self.book.refused.append((wrong.code, wrong.message))
            return _refused(wrong)
        if self.faults.list_errors and self.book.random.random() < self.faults.list_errors:
            return _refused(Refusal(503, 20503, "Service unavailable"))
        found = self.book.listed(query)
        return _page(request, "messages", found, lambda message: message.sid, self._resource)

    async def _read(self, request: Request) -> Response:
        message = self.book.messages.get(request.path_params["sid"])
        if message is None:
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        return JSONResponse(self._resource(message))

    async def _delete(self, request: Request) -> Response:
        """Twilio deletes a message once it has come to its end, and never its files with it."""
        message = self.book.messages.get(request.path_params["sid"])
        if message is None:
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        if self.faults.list_errors and self.book.random.random() < self.faults.list_errors:
            return _refused(Refusal(503, 20503, "Service unavailable"))
        if message.status in ("queued", "sending"):
            return _refused(Refusal(409, 20009, "Cannot delete message because its status is not final"))
        del self.book.messages[message.sid]
        self.orphans.extend(path for path, _ in message.media)
        return Response(status_code=204)

    async def _delete_media(self, request: Request) -> Response:
        message = self.book.messages.get(request.path_params["sid"])
        wanted = request.path_params["media"]
        kept = [one for one in message.media if not one[0].endswith(f"/{wanted}")] if message else []
        if message is None or len(kept) == len(message.media):
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        message.media = kept
        return Response(status_code=204)

    def _resource(self, message: Message) -> dict[str, object]:
        return message.resource(self.account.sid)

    async def _list_media(self, request: Request) -> Response:
        message = self.book.messages.get(request.path_params["sid"])
        if message is None:
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        items: list[dict[str, object]] = [
            {
                "account_sid": self.account.sid,
                "content_type": kind,
                "parent_sid": message.sid,
                "sid": path.rpartition("/")[2],
                "uri": f"{path}.json",
            }
            for path, kind in message.media
        ]
        return _page(request, "media_list", items, lambda item: item["sid"], lambda item: item)

    async def _media(self, request: Request) -> Response:
        """Twilio sends whoever may have a file on to where it is kept."""
        wanted = request.path_params["media"]
        if not any(path.endswith(wanted) for message in self.messages for path, _ in message.media):
            return _refused(Refusal(404, 20404, "The requested resource was not found"))
        return RedirectResponse(request.url.replace(path=f"/store/{wanted}"), 307)

    async def _store(self, request: Request) -> Response:
        if "authorization" in request.headers:
            self.book.refused.append((400, "credentials were given away"))
            return Response(status_code=400)
        wanted = request.path_params["media"]
        kind = next(kind for message in self.messages for path, kind in message.media if path.endswith(wanted))
        return Response(SAMPLES.get(kind, b"a file"), media_type=kind)

    # -- for whoever conducts the test -------------------------------------------------------------------------------

    async def _control_inbound(self, request: Request) -> Response:
        """{"from", "body", "media", "deliver", "ago", "extra", "wait"}: `ago` is in seconds; `wait` (the default) answers after
        the webhook."""
        wanted: dict[str, Any] = await request.json()
        message = await self.inject(
            wanted["from"],
            wanted.get("body", ""),
            media=wanted.get("media"),
            deliver=False,
            ago=timedelta(seconds=wanted.get("ago", 0)),
            **wanted.get("extra", {}),
        )
        if wanted.get("deliver", True):
            if wanted.get("wait", True):
                await self.deliver(message)
            else:
                self._later(self.deliver(message))
        return JSONResponse(message.record(), 201)

    async def _control_faults(self, request: Request) -> Response:
        if request.method == "PUT":
            self.faults.change(await request.json())
        return JSONResponse({name: getattr(self.faults, name) for name in Faults.__slots__})

    async def _control_messages(self, request: Request) -> Response:
        """All of them, or with `since` those after so many."""
        since = int(request.query_params.get("since", "0"))
        messages = [message.record() for message in islice(self.book.messages.values(), since, None)]
        return JSONResponse({"messages": messages, "refused": self.book.refused, "pending": len(self._tasks)})

    async def _control_settle(self, _: Request) -> Response:
        await self.settle()
        return JSONResponse({"pending": len(self._tasks)})

    async def _control_reset(self, _: Request) -> Response:
        self.reset()
        return Response(status_code=204)


def _refused(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse(refusal.body(), refusal.status, headers=headers)


def _page(
    request: Request, name: str, items: Sequence[T], key: Callable[[T], object], shown: Callable[[T], dict[str, object]]
) -> Response:
    """One page of a list, with the address of the next. Only what is on the page is made ready to be shown."""
    query = dict(request.query_params)
    size, number = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    start = size * number
    following = None
    if start + size < len(items):
        more = {**query, "PageSize": str(size), "Page": str(number + 1), "PageToken": f"PA{key(items[start + size])}"}
        following = f"{request.url.path}?{urlencode(more)}"
    page = [shown(item) for item in items[start : start + size]]
    return JSONResponse(
        {
            name: page,
            "page": number,
            "page_size": size,
            "start": start,
            "end": start + len(page) - 1,
            "next_page_uri": following,
            "previous_page_uri": None,
            "uri": request.url.path,
        }
    )

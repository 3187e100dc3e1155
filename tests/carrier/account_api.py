"""What Twilio has of an account: its telephone numbers, WhatsApp senders and Messaging Services, each with the addresses that it calls.
Refuses parameters that Twilio's own description does not have. `/control/account` changes the fields of one as a person would in
Twilio's console."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.carrier.rules import Refusal

if TYPE_CHECKING:
    from tests.carrier.app import Carrier

Endpoint = Callable[[Request], Awaitable[Response]]
Resource = dict[str, Any]
_UNKNOWN = Refusal(404, 20404, "The requested resource was not found")
_NUMBER = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsApplicationSid": "sms_application_sid",
    "StatusCallback": "status_callback",
    "FriendlyName": "friendly_name",
}
_SERVICE = {
    "InboundRequestUrl": "inbound_request_url",
    "InboundMethod": "inbound_method",
    "FallbackUrl": "fallback_url",
    "FallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "UseInboundWebhookOnNumber": "use_inbound_webhook_on_number",
    "FriendlyName": "friendly_name",
}
_HOOK = {
    "callback_url",
    "callback_method",
    "fallback_url",
    "fallback_method",
    "status_callback_url",
    "status_callback_method",
}


class AccountApi:
    """The endpoints of one carrier. `knows` says whether a request has its credentials. `resources` are by SID."""

    def __init__(self, carrier: "Carrier", knows: Callable[[Request], bool]) -> None:
        self.carrier, self.knows = carrier, knows
        account = carrier.account
        number = "PN" + "d4" * 16
        sender = "XE" + "e5" * 16
        self.resources: dict[str, Resource] = {
            number: {"sid": number, "phone_number": account.sms, "sms_url": None, "sms_method": "POST"},
            sender: {"sid": sender, "sender_id": f"whatsapp:{account.whatsapp}", "status": "ONLINE", "webhook": None},
            account.service: {"sid": account.service, "inbound_request_url": None, "inbound_method": "POST"},
        }

    def routes(self) -> list[Route]:
        numbers = "/2010-04-01/Accounts/{account}/IncomingPhoneNumbers"
        return [
            Route(f"{numbers}.json", self._guarded(self._numbers), methods=["GET"]),
            Route(f"{numbers}/{{sid}}.json", self._of_one(self._change_number), methods=["POST"]),
            Route("/v2/Channels/Senders", self._guarded(self._senders), methods=["GET"]),
            Route("/v2/Channels/Senders/{sid}", self._of_one(self._change_sender), methods=["POST"]),
            Route("/v1/Services/{sid}", self._of_one(self._service), methods=["GET", "POST"]),
            Route("/control/account", self._control_account, methods=["GET", "PUT"]),
        ]

    def _guarded(self, handle: Endpoint) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await handle(request) if self.knows(request) else _refused(Refusal(401, 20003, "Authenticate"))

        return endpoint

    def _of_one(self, handle: Callable[[Request, Resource], Awaitable[Response]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            found = self.resources.get(request.path_params["sid"])
            return _refused(_UNKNOWN) if found is None else await handle(request, found)

        return self._guarded(endpoint)

    async def _numbers(self, request: Request) -> Response:
        wanted = request.query_params.get("PhoneNumber", "")
        found = [one for one in self.resources.values() if one.get("phone_number", "?").startswith(wanted)]
        return JSONResponse({"incoming_phone_numbers": found, "next_page_uri": None})

    async def _change_number(self, request: Request, number: Resource) -> Response:
        return await self._change(request, number, _NUMBER)

    async def _service(self, request: Request, service: Resource) -> Response:
        if request.method == "GET":
            return JSONResponse(service)
        return await self._change(request, service, _SERVICE)

    async def _change(self, request: Request, resource: Resource, names: dict[str, str]) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if unknown := form.keys() - names.keys():
            return self._refuse(f"unknown parameters {unknown}")
        values = {"true": True, "false": False, "": None}
        resource |= {names[name]: values.get(value, value) for name, value in form.items()}
        return JSONResponse(resource)

    async def _senders(self, request: Request) -> Response:
        if request.query_params.get("Channel") != "whatsapp":
            return self._refuse("Channel is required")
        found = [one for one in self.resources.values() if "sender_id" in one]
        start = int(request.query_params.get("PageToken", "0"))
        base = str(request.base_url).rstrip("/")
        more = f"{base}/v2/Channels/Senders?Channel=whatsapp&PageToken={start + 1}" if start + 1 < len(found) else None
        return JSONResponse({"senders": found[start : start + 1], "meta": {"key": "senders", "next_page_url": more}})

    async def _change_sender(self, request: Request, sender: Resource) -> Response:
        change = await request.json()
        if change.keys() != {"webhook"} or change["webhook"].keys() - _HOOK:
            return self._refuse("unknown fields")
        sender["webhook"] = {**(sender["webhook"] or {}), **change["webhook"]}
        return JSONResponse(sender, 202)

    def _refuse(self, text: str) -> Response:
        self.carrier.book.refused.append((20001, text))
        return _refused(Refusal(400, 20001, text))

    async def _control_account(self, request: Request) -> Response:
        """PUT {"SID": fields, or null if the account loses it}; GET all of them."""
        if request.method == "PUT":
            for sid, fields in (await request.json()).items():
                if fields is None:
                    self.resources.pop(sid, None)
                else:
                    self.resources.setdefault(sid, {"sid": sid}).update(fields)
        return JSONResponse(self.resources)


def _refused(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body(), refusal.status)

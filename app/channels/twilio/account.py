"""A Twilio account, as `trato doctor` looks at it and `trato twilio configure` sets it: credentials, numbers, WhatsApp senders and
Messaging Services, with the addresses that Twilio calls for them. Changes these addresses and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from app.channels.account import Access, Fault, Hook, Sender
from app.channels.addresses import canonical
from app.channels.our_numbers import OurNumbers
from app.channels.twilio import forms, hosts, signature
from app.errors import ExternalError
from app.wording import Sentence

OVERRIDES = "#rc=5&rp=all"
"""Twilio calls the address five times more, after any failure: by default once, and only if no connection could be made."""

_FOUND, _UNAUTHORISED, _FORBIDDEN, _MISSING = 200, 401, 403, 404
_ONLINE = ("ONLINE", "ONLINE:UPDATING")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of ours for messages: where Twilio posts them, and where it does so if that fails."""

    inbound: str
    fallback: str


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """See Account. `tokens` sign the webhooks; `credentials` are for requests."""

    sid: str
    tokens: Sequence[str]
    credentials: tuple[str, str]
    numbers: OurNumbers
    addresses: Addresses
    api_url: str
    client: httpx.AsyncClient

    async def access(self) -> Access:
        """See Account. A wrong token is found by a request, too: it opens the account as the key does."""
        answer = await self._ask("GET", self._messages, self.credentials)
        faults = [] if answer.status_code == _FOUND else [_refused(answer)]
        opened = [
            (await self._ask("GET", self._messages, (self.sid, token))).status_code == _FOUND for token in self.tokens
        ]
        if not any(opened):
            faults.append(Fault(_NO_TOKEN, _TAKE_TOKEN))
        elif not all(opened):
            faults.append(Fault(_OLD_TOKEN, _DROP_TOKEN, warning=True))
        return Access(faults, forms.moment(answer.headers.get("Date")))

    async def probe(self) -> list[Fault]:
        """See Account. A signed GET without a query, which Twilio never sends."""
        address = self.addresses.inbound
        headers = {signature.HEADER: signature.sign(address, [], self.tokens[0])}
        try:
            answer = await self.client.get(address, headers=headers, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return [
                Fault(Sentence("no answer from {address}: {kind}", address=address, kind=type(error).__name__), _REACH)
            ]
        if answer.status_code == 204:
            return []
        if answer.status_code == _FORBIDDEN:
            return [
                Fault(Sentence("the service at {address} refuses our own signature", address=address), _SAME_SETTINGS)
            ]
        return [Fault(Sentence("{address} answers HTTP {status}", address=address, status=answer.status_code), _REACH)]

    async def senders(self) -> list[Sender]:
        """See Account."""
        found = [await self._service(pool) for pool in dict.fromkeys(self.numbers.pools.values())]
        at_whatsapp = await self._whatsapp_senders() if "whatsapp" in {one for one, _ in self.numbers.numbers} else []
        for channel, number in dict.fromkeys((channel, own) for (channel, _), own in self.numbers.numbers.items()):
            found.append(await self._number(number) if channel == "sms" else self._of_whatsapp(number, at_whatsapp))
        return found

    async def configure(self, sender: Sender) -> None:
        """See Account."""
        wanted = {hook.kind: hook.wanted for hook in sender.hooks}
        inbound, fallback = wanted["inbound"], wanted["fallback"]
        if sender.channel == "whatsapp":
            hook = {
                "callback_url": inbound,
                "callback_method": "POST",
                "fallback_url": fallback,
                "fallback_method": "POST",
            }
            await self._post(f"{self._messaging}/v2/Channels/Senders/{sender.id}", json={"webhook": hook})
        elif sender.channel == "sms":
            form = {
                "SmsUrl": inbound,
                "SmsMethod": "POST",
                "SmsFallbackUrl": fallback,
                "SmsFallbackMethod": "POST",
                "SmsApplicationSid": "",
            }
            await self._post(f"{self._account}/IncomingPhoneNumbers/{sender.id}.json", data=form)
        else:
            form = {
                "InboundRequestUrl": inbound,
                "InboundMethod": "POST",
                "FallbackUrl": fallback,
                "FallbackMethod": "POST",
                "UseInboundWebhookOnNumber": "false",
            }
            await self._post(f"{self._messaging}/v1/Services/{sender.id}", data=form)

    # -- one sender ----------------------------------------------------------------------------------------------------

    async def _number(self, number: str) -> Sender:
        query = urlencode({"PhoneNumber": number})
        content = await self._read(f"{self._account}/IncomingPhoneNumbers.json?{query}") or {}
        listed = [one for one in content.get("incoming_phone_numbers") or () if isinstance(one, dict)]
        entry = next((one for one in listed if canonical("sms", _text(one, "phone_number")) == number), None)
        if entry is None:
            return _absent(number, "sms")
        hooks = self._hooks(
            _posted(entry, "sms_url", "sms_method"), _posted(entry, "sms_fallback_url", "sms_fallback_method")
        )
        return Sender(number, "sms", _text(entry, "sid"), hooks, overridden=bool(entry.get("sms_application_sid")))

    async def _service(self, pool: str) -> Sender:
        entry = await self._read(f"{self._messaging}/v1/Services/{pool}")
        if entry is None:
            return _absent(pool, "")
        hooks = self._hooks(
            _posted(entry, "inbound_request_url", "inbound_method"), _posted(entry, "fallback_url", "fallback_method")
        )
        return Sender(pool, "", pool, hooks, overridden=entry.get("use_inbound_webhook_on_number") is True)

    async def _whatsapp_senders(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        url: object = f"{self._messaging}/v2/Channels/Senders?{urlencode({'Channel': 'whatsapp', 'PageSize': 100})}"
        while isinstance(url, str) and url.startswith(f"{self._messaging}/"):  # credentials go nowhere else
            page = await self._read(url) or {}
            found += [one for one in page.get("senders") or () if isinstance(one, dict)]
            meta = page.get("meta")
            url = meta.get("next_page_url") if isinstance(meta, dict) else None
        return found

    def _of_whatsapp(self, number: str, listed: Sequence[Mapping[str, Any]]) -> Sender:
        entry = next((one for one in listed if canonical("whatsapp", _text(one, "sender_id")) == number), None)
        if entry is None:
            return _absent(number, "whatsapp")
        hook = entry.get("webhook")
        hook = hook if isinstance(hook, dict) else {}
        hooks = self._hooks(
            _posted(hook, "callback_url", "callback_method"), _posted(hook, "fallback_url", "fallback_method")
        )
        status = _text(entry, "status")
        faults = (
            ()
            if status in _ONLINE
            else (
                Fault(
                    Sentence("{number} on WhatsApp is {status} at Twilio", number=number, status=status or "?"),
                    _ONLINE_AGAIN,
                ),
            )
        )
        return Sender(number, "whatsapp", _text(entry, "sid"), hooks, faults=faults)

    def _hooks(self, inbound: str, fallback: str) -> tuple[Hook, ...]:
        """A fallback on another machine, at the same path, is as right as ours."""
        ours = self.addresses.fallback
        elsewhere = urlsplit(fallback).scheme == "https" and urlsplit(fallback).path == urlsplit(ours).path
        return Hook("inbound", inbound, self.addresses.inbound + OVERRIDES), Hook(
            "fallback", fallback, fallback if elsewhere else ours
        )

    # -- requests ------------------------------------------------------------------------------------------------------

    @property
    def _account(self) -> str:
        return f"{self.api_url}/2010-04-01/Accounts/{self.sid}"

    @property
    def _messages(self) -> str:
        return f"{self._account}/Messages.json?PageSize=1"

    @property
    def _messaging(self) -> str:
        return hosts.of("messaging", self.api_url)

    async def _read(self, url: str) -> dict[str, Any] | None:
        """An object; None if the account does not have it."""
        answer = await self._ask("GET", url, self.credentials)
        return None if answer.status_code == _MISSING else _object(answer)

    async def _post(self, url: str, **body: Mapping[str, object]) -> None:
        _object(await self._ask("POST", url, self.credentials, **body))

    async def _ask(self, method: str, url: str, credentials: tuple[str, str], **body: Any) -> httpx.Response:  # noqa: ANN401
        auth = httpx.BasicAuth(*credentials)
        try:
            return await self.client.request(method, url, auth=auth, follow_redirects=False, **body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ExternalError(Sentence("Twilio does not answer: {kind}", kind=type(error).__name__)) from None


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The answer's JSON object. Raises ExternalError for any other answer."""
    if answer.status_code in (_UNAUTHORISED, _FORBIDDEN):
        fault = _refused(answer)
        raise ExternalError(Sentence("{fault}: {remedy}", fault=fault.text, remedy=fault.remedy))
    try:
        content = answer.json()
    except (ValueError, RecursionError):
        content = None
    if not answer.is_success or not isinstance(content, dict):
        raise ExternalError(Sentence("Twilio refuses it: HTTP {status}", status=answer.status_code))
    return content


def _refused(answer: httpx.Response) -> Fault:
    """The fault of our credentials, by the answer to a request with them."""
    if answer.status_code == _UNAUTHORISED:
        return Fault(
            Sentence("Twilio refuses our credentials"),
            Sentence(
                "Compare TRATO_TWILIO_ACCOUNT_SID, TRATO_TWILIO_API_KEY and TRATO_TWILIO_API_SECRET with Twilio's console"
            ),
        )
    if answer.status_code == _FORBIDDEN:
        return Fault(
            Sentence("the API key may not do this at Twilio"),
            Sentence("Make a standard key, or give a restricted one messages, phone numbers and Messaging Services"),
        )
    return Fault(
        Sentence("Twilio does not accept our requests: HTTP {status}", status=answer.status_code),
        Sentence("Compare TRATO_TWILIO_ACCOUNT_SID with Twilio's console, and look at status.twilio.com"),
    )


def _absent(name: str, channel: str) -> Sender:
    fault = Fault(
        Sentence("{number} is not in the account at Twilio", number=name),
        Sentence("Correct the number or id in the settings, or TRATO_TWILIO_ACCOUNT_SID"),
    )
    return Sender(name, channel, None, faults=(fault,))


def _posted(entry: Mapping[str, Any], address: str, method: str) -> str:
    """The address that Twilio posts to. Any other method than POST stands in front of it: then it is not ours."""
    found, how = _text(entry, address), _text(entry, method)
    return found if how in ("", "POST") or not found else f"{how} {found}"


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


_NO_TOKEN = Sentence("no auth token is the account's: every webhook would be refused as forged")
_TAKE_TOKEN = Sentence("Set TRATO_TWILIO_AUTH_TOKEN to the auth token in Twilio's console")
_OLD_TOKEN = Sentence("one of the auth tokens is not the account's, or no longer")
_DROP_TOKEN = Sentence("Remove it from TRATO_TWILIO_AUTH_TOKEN once the rotation is over")
_REACH = Sentence("Compare TRATO_PUBLIC_URL with the proxy's address, and start `trato serve`")
_SAME_SETTINGS = Sentence(
    "Start `trato serve` again with these settings: it has another TRATO_PUBLIC_URL or TRATO_TWILIO_AUTH_TOKEN"
)
_ONLINE_AGAIN = Sentence("See its page in Twilio's console, under Messaging, WhatsApp senders")

"""The carrier's requests to us: forms with the fields that Twilio sends, signed with the SDK's own code (so that our check
is held against somebody else's), once, with Twilio's retries where the webhook's address asks for them, then the fallback."""

import asyncio
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.carrier.book import HELP_WORDS, START_WORDS, STOP_WORDS, Account, Message, plain, segments
from tests.carrier.contents import LIST
from tests.carrier.faults import Faults

PATIENCE = 15.0
"""Seconds that all tries of one call may take."""

_SPANISH_FIRST_NAME = "Oficial de prueba"


class Answer(Protocol):
    """An answer's status."""

    @property
    def status_code(self) -> int: ...


class Client(Protocol):
    """The poster: an `httpx.AsyncClient`, or a `Network`."""

    async def post(self, url: str, *, content: str, headers: Mapping[str, str], timeout: float) -> Answer:  # noqa: ASYNC109
        """Post a form. An httpx.HTTPError if there was no answer."""


class Caller:
    """Posts to us. Never raises: what became of a call is returned as the status, 0 if nobody answered."""

    def __init__(self, account: Account, client: Client) -> None:
        self.account, self.client = account, client
        self._signer = RequestValidator(account.auth_token)

    async def post(self, url: str, form: Mapping[str, str], *, fallback: str | None = None) -> list[int]:
        """Call until it is answered or tries are used up. Gives every answer."""
        address, _, fragment = url.partition("#")
        answers: list[int] = []
        for number in range(1 + _retries(fragment)):
            answers.append(await self._once(address, form, number))
            if not _again(answers[-1], fragment):
                break
        if fallback and not 200 <= answers[-1] < 400:
            more = {"ErrorCode": "11200" if answers[-1] else "11205", "ErrorUrl": address}
            answers.append(await self._once(fallback, {**form, **more}, 0))
        return answers

    async def _once(self, url: str, form: Mapping[str, str], retry: int) -> int:
        headers = {
            "X-Twilio-Signature": self._signer.compute_signature(url, form),
            "I-Twilio-Idempotency-Token": form.get("MessageSid", ""),
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
            **({"X-Twilio-Retry": str(retry)} if retry else {}),
        }
        try:
            answer = await self.client.post(url, content=urlencode(form), headers=headers, timeout=PATIENCE)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return 0
        except httpx.HTTPError:
            return -1
        return answer.status_code


def _overrides(fragment: str) -> dict[str, str]:
    return dict(parse_qsl(fragment))


def _retries(fragment: str) -> int:
    return min(5, int(_overrides(fragment).get("rc", "1")))


def _again(answer: int, fragment: str) -> bool:
    """By default only a connection that could not be made is tried again; `rp` asks for more."""
    policy = _overrides(fragment).get("rp", "ct").split(",")
    causes = {0: "ct", -1: "rt"}.get(answer, f"{answer // 100}xx")
    return causes in policy or ("all" in policy and not 200 <= answer < 400)


async def later(seconds: float) -> None:
    """Wait, and let others run in any case."""
    await asyncio.sleep(seconds)


def status_form(account: Account, message: Message, status: str) -> dict[str, str]:
    """A status callback's form, with the fields of its channel."""
    form = {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": status,
        "SmsStatus": status,
        "From": message.sender,
        "To": message.receiver,
    }
    if message.service:
        form["MessagingServiceSid"] = message.service
    if status in ("failed", "undelivered") and message.error_code:
        form["ErrorCode"] = str(message.error_code)
    if message.receiver.startswith("whatsapp:"):
        form |= {
            "ChannelPrefix": "whatsapp",
            "ChannelToAddress": message.receiver.removeprefix("whatsapp:"),
            "StructuredMessage": "false",
        }
        if status in ("delivered", "read"):
            form["EventType"] = status.upper()
    elif status == "delivered":
        form["RawDlrDoneDate"] = message.created.strftime("%y%m%d%H%M")
    return form


def inbound_form(account: Account, message: Message, extra: Mapping[str, str]) -> dict[str, str]:
    """An inbound message's form, as Twilio sends it for SMS and for WhatsApp. `extra` are further fields of the test:
    ButtonText and ButtonPayload, OriginalRepliedMessageSid, Latitude, …"""
    form = {
        "ToCountry": "MX",
        "ToState": "",
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message.sid,
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message.body,
        "FromCountry": "MX",
        "To": message.receiver,
        "ToZip": "",
        "NumSegments": str(segments(message.body)),
        "MessageSid": message.sid,
        "AccountSid": account.sid,
        "From": message.sender,
        "ApiVersion": "2010-04-01",
        "MessagingServiceSid": account.service,
    }
    for place, (path, kind) in enumerate(message.media):
        form[f"MediaUrl{place}"], form[f"MediaContentType{place}"] = f"{account.api}{path}", kind
    if message.sender.startswith("whatsapp:"):
        for name in [name for name in form if name.endswith(("Country", "State", "City", "Zip"))]:
            del form[name]
        number = message.sender.removeprefix("whatsapp:").removeprefix("+")
        form |= {"ProfileName": _SPANISH_FIRST_NAME, "WaId": number, "MessageType": "text"}
    else:
        form |= _opt_out(message.body)
    return {**form, **extra}


def pressed(message: Message, title: str) -> dict[str, str]:
    """The fields of a form that come with a pressed button, or with an item chosen from a list."""
    key = next(key for key, label in message.buttons if label == title)
    quoted = {"OriginalRepliedMessageSid": message.sid, "OriginalRepliedMessageSender": message.sender}
    if message.shape == LIST:
        return {"ListId": key, "ListTitle": title, "MessageType": "interactive", **quoted}
    return {"ButtonPayload": key, "ButtonText": title, "MessageType": "button", **quoted}


def _opt_out(body: str) -> dict[str, str]:
    word = body.strip().upper()
    kinds = {"STOP": STOP_WORDS, "START": START_WORDS, "HELP": HELP_WORDS}
    kind = next((kind for kind, words in kinds.items() if word in words), None)
    return {"OptOutType": kind} if kind else {}


async def tell(caller: Caller, message: Message, status: str, delay: float) -> None:
    """One status to our callback address, after a while."""
    await later(delay)
    answers = await caller.post(message.callback or "", status_form(caller.account, message, status))
    if 200 <= answers[-1] < 300:
        message.told.append(status)


def life(message: Message, faults: Faults) -> list[str]:
    """The statuses that a message goes through after `queued`."""
    code = message.error_code or faults.failed.get(plain(message.receiver))
    if code is not None:
        message.error_code = code
        return ["failed"] if code in (63016, 30005) else ["sent", "undelivered"]
    read = faults.read and message.receiver.startswith("whatsapp:")
    return ["sent", "delivered", *(["read"] if read else [])]

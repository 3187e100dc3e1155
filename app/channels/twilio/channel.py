"""Twilio, over httpx. Sends a message with exactly one POST. Twilio has no idempotency key, so a request that may have arrived
is `Ambiguous` and is looked up (`find_sent`), never posted again. The SDK's client is not used: it posts again after a 5xx,
and the officer gets the message twice. Numbers and texts go into requests only: never into a log or an exception's text."""

import json
import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from app.channels import transport
from app.channels.addresses import address, channel_of, spellings
from app.channels.base import (
    UID_PARAMETER,
    Accepted,
    Ambiguous,
    File,
    Forged,
    Inbound,
    InboundPage,
    ListedMessage,
    Malformed,
    NoFile,
    Outgoing,
    Rejected,
    SendResult,
    SentMessage,
    Status,
    Webhook,
)
from app.channels.causes import Cause, ErrorClass
from app.channels.twilio import files, forms, our_numbers, self_test, signature
from app.channels.twilio.account import Addresses, TwilioAccount
from app.channels.twilio.codes import NOT_FOUND, TOO_MANY_REQUESTS, answered, cause_of
from app.channels.twilio.contents import TwilioContents
from app.channels.twilio.templates import TwilioTemplates
from app.errors import ConfigurationError, ExternalError
from app.wording import Sentence

# httpx logs the address of every request at INFO, which may hold a telephone number.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
"""Twilio may be slow and still create the message. A read time-out leaves the message in doubt, so it should be rare."""

_PATIENCE = {"timeout": TIMEOUT.as_dict()}
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json", "User-Agent": "trato"}

KEEPALIVE_SECONDS = 2.0
"""Idle connections are closed soon: a POST on one that the other end has just closed is ambiguous and costs minutes, a new
connection costs milliseconds. The send worker limits their number."""

LONGEST_VALIDITY = 36_000
"""Seconds that Twilio keeps a message in its queue."""

PAGE_SIZE = 200
LARGEST_PAGE = 1000
"""The largest page that Twilio gives."""

MOST_PAGES = 200
"""Pages of one list: with it, 200,000 messages of a day can be swept."""

MOST_PAGES_OF_A_DAY = 1000
"""Pages of our messages of one day, which are read one by one and never held together."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_MISDIRECTED = (httpx.UnsupportedProtocol, httpx.InvalidURL)
_SENT_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")

INBOUND, FALLBACK, STATUS = "/twilio/inbound", "/twilio/fallback", "/twilio/status"
_EMPTY = b"<Response/>"
_WEBHOOKS = (Webhook(INBOUND, "inbound", _EMPTY), Webhook(FALLBACK, "inbound", _EMPTY), Webhook(STATUS, "status"))

Entry = Mapping[str, Any]


class TwilioChannel:
    """One Twilio account with a number for SMS and one for WhatsApp, or a Messaging Service; each may be several, by programme.

    `credentials` are for requests to Twilio: (SK…, the key's secret); without them, the account and its first auth token.
    `client` is for tests.
    """

    name = "twilio"

    def __init__(
        self,
        account_sid: str,
        auth_tokens: Sequence[str],
        *,
        public_url: str,
        credentials: tuple[str, str] | None = None,
        from_sms: Mapping[str, str] | str | None = None,
        from_whatsapp: Mapping[str, str] | str | None = None,
        messaging_service_sid: Mapping[str, str] | str | None = None,
        api_url: str = "https://api.twilio.com",
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._account_sid = account_sid
        self._tokens = tuple(auth_tokens)
        self._public_url = public_url.rstrip("/")
        self._credentials = credentials or (account_sid, auth_tokens[0])
        self._auth = httpx.BasicAuth(*self._credentials)
        self._numbers = our_numbers.numbers(from_sms, from_whatsapp, messaging_service_sid)
        self._api_url = api_url.rstrip("/")
        self._account = f"{self._api_url}/2010-04-01/Accounts/{account_sid}"
        self._messages = f"{self._account}/Messages.json"
        self._posts_to = _url(self._messages)
        self._own_client = client is None
        self._client = client or transport.client(TIMEOUT, KEEPALIVE_SECONDS)

    @property
    def sends_by(self) -> frozenset[str]:
        """See Channel. The numbers of a Messaging Service are known to Twilio only: it counts for all channels."""
        return self._numbers.channels

    @property
    def webhooks(self) -> Sequence[Webhook]:
        """See Channel."""
        return _WEBHOOKS

    @property
    def templates(self) -> TwilioTemplates:
        """See Channel."""
        return TwilioTemplates(TwilioContents(self._credentials, api_url=self._api_url, client=self._client))

    @property
    def account(self) -> TwilioAccount:
        """See Channel."""
        return TwilioAccount(
            self._account_sid,
            self._tokens,
            self._credentials,
            self._numbers,
            Addresses(self._public_url + INBOUND, self._public_url + FALLBACK),
            self._api_url,
            self._client,
        )

    def self_test(self) -> None:
        """See Channel. Our signatures are those of Twilio's own validator, for this installation's addresses."""
        for token in self._tokens:
            self_test.compare(token, self._public_url, [webhook.path for webhook in _WEBHOOKS])

    # -- requests from the carrier -----------------------------------------------------------------------------------

    def glance(self, headers: Mapping[str, str]) -> None:
        """See Channel."""
        signature.glance(headers)

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """See Channel. The signed address is built from the configured public URL: forwarded headers cannot be trusted."""
        try:
            return signature.verify(self._tokens, self._public_url + url, body, headers)
        except signature.WrongSignature as wrong:
            raise Forged(str(wrong), names_us=wrong.fields.get("AccountSid") == self._account_sid) from None

    def parse_inbound(self, form: Mapping[str, str]) -> Inbound:
        """See Channel."""
        self._check_account(form)
        message = forms.inbound(form)
        owner = self._numbers.owner(message.channel, message.receiver, form.get("MessagingServiceSid"))
        if owner is None:
            raise Forged("the message is for another number", names_us=True)
        return replace(message, programme=owner) if owner else message

    def parse_status(self, form: Mapping[str, str], uid: str | None) -> Status:
        """See Channel. Raises Forged too, if it is for another account."""
        self._check_account(form)
        return forms.status(form, uid)

    def _check_account(self, form: Mapping[str, str]) -> None:
        if form.get("AccountSid") != self._account_sid:
            raise Forged("the request is for another account")

    # -- requests to the carrier -------------------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> SendResult:
        """See Channel. One POST: no redirect is followed, nothing is retried."""
        if self._numbers.origin(message.channel, message.programme) is None:
            return Rejected(Cause.no_number)
        # Building the request with the client, address and all, would take as long as sending it.
        content = urlencode(self._fields(message)).encode()
        request = httpx.Request("POST", self._posts_to, headers=_HEADERS, content=content, extensions=_PATIENCE)
        try:
            response = await self._client.send(request, auth=self._auth, follow_redirects=False)
        except _NEVER_LEFT:
            return Rejected(Cause.carrier_unreachable)
        except _MISDIRECTED:
            return Rejected(Cause.account_refused)
        except httpx.HTTPError as error:
            return Ambiguous(type(error).__name__)
        return _outcome(response)

    def _fields(self, message: Outgoing) -> list[tuple[str, str]]:
        fields = [("To", address(message.channel, message.to))]
        if origin := self._numbers.origin(message.channel, message.programme):
            fields.append(our_numbers.parameter(origin))
        if message.content_sid:
            fields.append(("ContentSid", message.content_sid))
            if message.variables:
                numbered = {str(number): value for number, value in enumerate(message.variables, 1)}
                fields.append(("ContentVariables", json.dumps(numbered, ensure_ascii=False)))
        else:
            fields.append(("Body", message.body))
            if message.media:
                fields.append(("MediaUrl", message.media))
        fields.append(("StatusCallback", f"{self._public_url}{STATUS}?{UID_PARAMETER}={message.uid}"))
        if message.validity_seconds is not None:
            fields.append(("ValidityPeriod", str(max(1, min(message.validity_seconds, LONGEST_VALIDITY)))))
        return fields

    async def find_sent(self, message: Outgoing, after: datetime) -> list[SentMessage]:
        """See Channel. The list is not filtered by DateSent: a message still queued at Twilio has no such date, and exactly
        those must be found. One officer's messages are few, and the newest come first."""
        found: dict[str, SentMessage] = {}
        for number in spellings(message.channel, message.to):
            async for entry in self._entries({"To": address(message.channel, number)}, after):
                if not str(entry.get("direction", "")).startswith("outbound"):
                    continue
                same = entry.get("body") == message.body
                if same or message.content_sid is not None:
                    listed = replace(forms.sent_message(entry), same=same)
                    found[listed.sid] = listed
        return list(found.values())

    async def look_up(self, sid: str) -> SentMessage | None:
        """See Channel."""
        response = await self._ask(f"{self._account}/Messages/{sid}.json")
        if response.status_code == 404 and _code(_content(response)) == NOT_FOUND:
            return None
        return forms.sent_message(_readable(response, Sentence("a message")))

    async def list_sent(self, day: date) -> AsyncIterator[Sequence[SentMessage]]:
        """See Channel. One query for each number of ours, or one for the whole account if a Messaging Service sends."""
        numbers = [{"From": number} for number in self._numbers.addresses()]
        for query in [{}] if self._numbers.pools else numbers:
            asked = {**query, "DateSent": day.isoformat(), "PageSize": str(LARGEST_PAGE)}
            async for page in self._pages(f"{self._messages}?{urlencode(asked)}", "messages", MOST_PAGES_OF_A_DAY):
                yield [forms.sent_message(entry) for entry in page if self._is_sent_by_us(entry)]

    async def list_outbound(self, since: datetime) -> AsyncIterator[ListedMessage]:
        """See Channel. Not filtered by DateSent, as in `find_sent`; a list that has no end within its pages raises ExternalError."""
        numbers = [{"From": number} for number in self._numbers.addresses()]
        for query in [{}] if self._numbers.pools else numbers:
            async for entry in self._entries(query, since, LARGEST_PAGE):
                if self._is_sent_by_us(entry):
                    yield forms.listed_message(entry, since)

    def _is_sent_by_us(self, entry: Entry) -> bool:
        if entry.get("direction") != "outbound-api":  # Twilio's own answers to STOP and HELP are not ours
            return False
        sender = str(entry.get("from") or "")
        return self._numbers.owner(channel_of(sender), sender, entry.get("messaging_service_sid")) is not None

    async def list_inbound(self, since: datetime, until: datetime) -> AsyncIterator[InboundPage]:
        """See Channel. A page is a day, which is how Twilio filters. Entries that cannot be read are left out."""
        since = since.replace(microsecond=0)  # as Twilio's dates are
        for day, end in forms.days(since, until):
            found: dict[str, Inbound] = {}
            for query in self._receivers():
                async for entry in self._entries({**query, **day}, since, LARGEST_PAGE):
                    message = self._listed(entry)
                    if message is not None and since <= (message.sent_at or since) < until:
                        found[message.sid] = message
            oldest_first = list(found.values())[::-1]  # within one second, the list's order is all we have
            oldest_first.sort(key=lambda message: message.sent_at or since)
            yield InboundPage(end, oldest_first)

    def _listed(self, entry: Entry) -> Inbound | None:
        if entry.get("direction") != "inbound":
            return None
        try:
            message = forms.listed(entry)
        except Malformed:
            return None
        service = message.form.get("MessagingServiceSid")
        owner = self._numbers.owner(message.channel, message.receiver, service)
        return None if owner is None else replace(message, programme=owner)

    async def complete(self, message: Inbound) -> Inbound:
        """See Channel."""
        if not forms.has_media(message):
            return message
        return forms.with_media(message, await self._media(message.sid))

    async def fetch(self, url: str, most: int) -> File | NoFile:
        """See Channel."""
        return await files.fetch(self._client, url, self._auth, self._api_url, most)

    async def delete(self, sid: str) -> None:
        """See Channel. Files are deleted first: without their message nobody could list them."""
        try:
            files = await self._media(sid)
        except ExternalError:
            if await self._exists(sid):
                raise
            return
        for url, _ in files:
            await self._delete(url)
        await self._delete(f"{self._account}/Messages/{sid}.json")

    async def _exists(self, sid: str) -> bool:
        response = await self._ask(f"{self._account}/Messages/{sid}.json")
        return not (response.status_code == 404 and _code(_content(response)) == NOT_FOUND)

    async def _delete(self, url: str) -> None:
        try:
            response = await self._client.delete(url, auth=self._auth, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ExternalError(Sentence("Twilio does not answer: {fault}", fault=type(error).__name__)) from None
        gone = response.status_code == 404 and _code(_content(response)) == NOT_FOUND
        if response.status_code != 204 and not gone:
            code = _code(_content(response))
            raise ExternalError(
                Sentence("Twilio deletes nothing: {answer}", answer=answered(response.status_code, code))
            )

    def _receivers(self) -> list[dict[str, str]]:
        """One query for each number of ours, or one for the whole account if a Messaging Service sends."""
        return [{}] if self._numbers.pools else [{"To": number} for number in self._numbers.addresses()]

    async def _media(self, sid: str) -> list[tuple[str, str]]:
        found = []
        path = f"/2010-04-01/Accounts/{self._account_sid}/Messages/{sid}/Media.json"
        async for page in self._pages(self._api_url + path, "media_list"):
            for item in page:
                uri = str(item.get("uri", "")).removesuffix(".json")
                found.append((self._api_url + uri, str(item.get("content_type") or "application/octet-stream")))
        return found

    async def _entries(self, query: Mapping[str, str], since: datetime, size: int = PAGE_SIZE) -> AsyncIterator[Entry]:
        """Messages since then, the newest first. Ends at the first page on which all are older."""
        url = f"{self._messages}?{urlencode({**query, 'PageSize': str(size)})}"
        async for page in self._pages(url, "messages"):
            young = [entry for entry in page if _since(entry, since)]
            for entry in young:
                yield entry
            if not young:
                return

    async def _pages(self, url: str, name: str, most: int = MOST_PAGES) -> AsyncIterator[Sequence[Entry]]:
        for _ in range(most):
            content = _readable(await self._ask(url), Sentence("a list"))
            page = content.get(name)
            if not isinstance(page, list) or not all(isinstance(entry, dict) for entry in page):
                raise ExternalError(Sentence("Twilio's answer cannot be read: a list was asked for"))
            yield page
            following = content.get("next_page_uri")
            if not isinstance(following, str) or not following.startswith("/"):
                return
            url = self._api_url + following
        raise ExternalError(Sentence("Twilio's list has no end: more than {most} pages", most=most))

    async def _ask(self, url: str) -> httpx.Response:
        try:
            return await self._client.get(url, auth=self._auth, follow_redirects=False)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ExternalError(Sentence("Twilio does not answer: {fault}", fault=type(error).__name__)) from None

    async def aclose(self) -> None:
        """See Channel."""
        if self._own_client:
            await self._client.aclose()


def _url(text: str) -> httpx.URL:
    try:
        return httpx.URL(text)
    except httpx.InvalidURL:
        raise ConfigurationError(Sentence("TRATO_TWILIO_API_URL is no address")) from None


def _outcome(response: httpx.Response) -> SendResult:
    """The meaning of Twilio's answer to a POST. A 4xx has created nothing; a 5xx may have created the message."""
    status, content = response.status_code, _content(response)
    if status == 429:
        return _too_many(response)
    if 200 <= status < 300:
        return _accepted(content)
    if status in (408, 499) or status >= 500:  # 408, 499: a proxy gave up waiting
        return Ambiguous(f"http_{status}")
    code = _code(content)
    if code is None and status != 400:  # not the Messages resource, which explains each refusal
        return Rejected(Cause.foreign_answer)
    return Rejected(cause_of(code), code)


def _too_many(response: httpx.Response) -> Rejected:
    """A 429: whatever the code says, nothing was processed."""
    code = _code(_content(response)) or TOO_MANY_REQUESTS
    cause = cause_of(code)
    return Rejected(cause if cause.error_class is ErrorClass.retry else Cause.passing, code, _retry_after(response))


def _accepted(content: Entry | None) -> SendResult:
    sid = content.get("sid") if content else None
    if content is None or not isinstance(sid, str) or not _SENT_SID.fullmatch(sid):
        return Ambiguous("unreadable")
    made = forms.sent_message(content)
    return Accepted(made.sid, made.word or str(made.status), made.segments)


def _readable(response: httpx.Response, what: str) -> Entry:
    """The answer's JSON object. Raises ExternalError for any other answer."""
    content = _content(response)
    if response.status_code != 200 or content is None:
        code = _code(content)
        raise ExternalError(
            Sentence("Twilio refuses {what}: {answer}", what=what, answer=answered(response.status_code, code))
        )
    return content


def _content(response: httpx.Response) -> Entry | None:
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _code(content: Entry | None) -> int | None:
    code = content.get("code") if content else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("Retry-After", "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _since(entry: Entry, since: datetime) -> bool:
    """Whether an entry is no older than that, to the second, as its dates are. One without a date counts as young."""
    at = forms.moment(entry.get("date_created")) or forms.moment(entry.get("date_sent"))
    return at is None or at >= since.replace(microsecond=0)

"""The two ways by which an alert leaves the machine: an e-mail over SMTP, and a POST of JSON. Each tries once and says what went
wrong, without any address."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

import aiosmtplib
import httpx

from app.alerting.wording import Notice
from app.wording import Sentence

PATIENCE = 20.0
"""Seconds for one attempt in all, whatever the server does."""


NO_SERVER = Sentence("TRATO_SMTP_HOST is not set")
"""Why no e-mail goes out at all."""


class Undelivered(Exception):
    """The server did not take it. `why` is a sentence without an address."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Mailer:
    """Sends e-mail by one server. `security` is starttls, tls or none."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = None
    patience: float = PATIENCE

    async def greet(self) -> None:
        """Sign in at the server, and send nothing. Raises Undelivered."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            timeout=self.patience,
        )
        try:
            async with asyncio.timeout(self.patience), client:
                await client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered(_of_mail(error)) from None

    async def send(self, address: str, notice: Notice, key: str) -> None:
        """Send one e-mail. `key` becomes its Message-ID, so that a copy sent after a crash is known for one. Raises Undelivered."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, notice.subject
        message["Date"], message["Message-ID"] = (
            formatdate(localtime=False),
            f"<{key}@{self.sender.rpartition('@')[2]}>",
        )
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(notice.body)
        try:
            async with asyncio.timeout(self.patience):
                await aiosmtplib.send(
                    message,
                    hostname=self.host,
                    port=self.port,
                    username=self.user,
                    password=self.password,
                    use_tls=self.security == "tls",
                    start_tls=self.security == "starttls",
                    timeout=self.patience,
                )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered(_of_mail(error)) from None


def _of_mail(error: Exception) -> str:
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[first, *_]):
            return Sentence("the mail server refused the address (SMTP {code})", code=first.code)
        case aiosmtplib.SMTPAuthenticationError(code=code):
            return Sentence("the mail server refused TRATO_SMTP_USER or its password (SMTP {code})", code=code)
        case aiosmtplib.SMTPResponseException(code=code):
            return Sentence("the mail server refused it (SMTP {code})", code=code)
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return Sentence("the mail server did not answer in time")
        case aiosmtplib.SMTPConnectError() | OSError():
            return Sentence("no connection to the mail server")
        case _:
            return Sentence("the mail server: {error}", error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Hook:
    """Posts JSON to the webhooks that programmes name. `token` goes along as a bearer token."""

    token: str | None = None
    patience: float = PATIENCE

    async def greet(self, url: str) -> None:
        """See whether anything answers at an address, whatever it says; nothing is posted. Raises Undelivered."""
        try:
            async with asyncio.timeout(self.patience), httpx.AsyncClient(timeout=self.patience) as client:
                await client.head(url)
        except (TimeoutError, httpx.TimeoutException):
            raise Undelivered(Sentence("the webhook did not answer in time")) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Undelivered(Sentence("no connection to the webhook")) from None

    async def post(self, url: str, alerts: Sequence[dict[str, object]], key: str) -> None:
        """Post alerts together. `key` goes along as Idempotency-Key. Raises Undelivered."""
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        try:
            async with asyncio.timeout(self.patience), httpx.AsyncClient(timeout=self.patience) as client:
                answer = await client.post(url, json={"source": "trato", "alerts": list(alerts)}, headers=headers)
        except (TimeoutError, httpx.TimeoutException):
            raise Undelivered(Sentence("the webhook did not answer in time")) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise Undelivered(Sentence("no connection to the webhook")) from None
        if not answer.is_success:
            raise Undelivered(Sentence("the webhook refused it (HTTP {code})", code=answer.status_code))

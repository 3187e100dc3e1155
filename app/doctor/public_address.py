"""The public address: whether its name leads to this installation from outside, and whether its certificate is good. Whoever looks is this
machine itself: that the carrier reaches it is known from its webhooks alone."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from app.doctor.findings import Area, Finding, fault, warning
from app.store.webhook_tally import WebhookTally
from app.wording import Sentence

PATIENCE = 10.0
"""Seconds for a connection."""

SOON, VERY_SOON = timedelta(days=14), timedelta(days=3)
"""Before the end of a certificate. Let's Encrypt's are renewed a month before."""

_RENEW = Sentence(
    "Look at the log of the program that renews it (Caddy, certbot): the carrier calls no address without a certificate"
)


def name(public_url: str) -> Iterator[Finding]:
    """Whether the address can be reached from outside, as far as its text and the name service say."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    remedy = Sentence("Set TRATO_PUBLIC_URL to the https address at which the carrier reaches the proxy")
    try:
        found = {ip_address(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError, ValueError):
        yield fault(Area.public_address, Sentence("the name {host} has no address", host=host), remedy)
        return
    if all(one.is_loopback for one in found):
        yield fault(Area.public_address, Sentence("{url} is this machine alone", url=public_url), remedy)
    elif all(one.is_private for one in found):
        text = Sentence("{host} has a private address here: nobody outside reaches that", host=host)
        yield warning(Area.public_address, text, remedy)


async def certificate(public_url: str, now: datetime) -> Finding | None:
    """The certificate of an https address; None for another address, or if nobody listens, which `name` and the probe say."""
    parts = urlsplit(public_url)
    if parts.scheme != "https":
        return None
    context = ssl.create_default_context()
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context)
    except ssl.SSLCertVerificationError as error:
        text = Sentence("the certificate is refused: {reason}", reason=error.verify_message)
        return fault(Area.certificate, text, _RENEW)
    except (OSError, TimeoutError):  # SSLError is an OSError
        return None
    presented: Any = writer.get_extra_info("peercert")
    writer.close()
    return until(datetime.fromtimestamp(ssl.cert_time_to_seconds(presented["notAfter"]), UTC), now)


def until(end: datetime, now: datetime) -> Finding:
    """A certificate by its last moment."""
    text = Sentence("valid until {end:%Y-%m-%d}", end=end)
    if end - now <= VERY_SOON:
        return fault(Area.certificate, text, _RENEW)
    return warning(Area.certificate, text, _RENEW) if end - now <= SOON else Finding(Area.certificate, text)


def webhooks(tally: WebhookTally) -> Finding:
    """What the webhooks that came say of the address and the token."""
    if tally.all_forged:
        return fault(
            Area.webhooks,
            Sentence("the last {number} webhooks that name our account had another signature", number=tally.in_a_row),
            Sentence("Compare TRATO_PUBLIC_URL and the auth token with the carrier's, letter by letter"),
        )
    if tally.last_genuine is None:
        return Finding(Area.webhooks, Sentence("no webhook has come yet"))
    return Finding(
        Area.webhooks,
        Sentence("the last genuine one came at {moment} UTC", moment=tally.last_genuine[:16].replace("T", " ")),
    )

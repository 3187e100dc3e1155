"""Requests that no carrier sends, made from a seed: each is the bytes of one connection. None has a signature that is right."""

import base64
import string
from collections.abc import Callable
from random import Random
from urllib.parse import quote_plus

from tests.carrier.book import Account

PATHS = ("/twilio/inbound", "/twilio/fallback", "/twilio/status", "/twilio/status?m=abc")
OTHER_PATHS = (
    "/",
    "/healthz",
    "/readyz",
    "/sign-in",
    "/api/v1/responses.csv",
    "/api/v1/",
    "/phone",
    "/static/people.css",
    "/static/../main.py",
    "/twilio/",
    "/twilio/inbound/",
    "//twilio/inbound",
    "/%2e%2e/%2e%2e/etc/passwd",
    "*",
    "http://evil.example/twilio/inbound",
)
METHODS = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "POST", "BREW", "get")
TYPES = (
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "\x01",
    "",
)


class Requests:
    """Makes requests of every kind in turn, as a stranger who knows the account's public numbers."""

    def __init__(self, account: Account, host: str, seed: int) -> None:
        self._account, self._host, self._chance = account, host, Random(seed)
        self.kinds: tuple[Callable[[], bytes], ...] = (
            self.forged,
            self.forged,
            self.forged,
            self.large,
            self.unsigned,
            self.broken_head,
            self.broken_body,
            self.elsewhere,
            self.noise,
            self.chunked,
            self.pipelined,
            self.huge_head,
        )

    def next(self) -> bytes:
        """The bytes of one connection."""
        return self._chance.choice(self.kinds)()

    def forged(self) -> bytes:
        """A form as the carrier posts it, with a signature that could be one by its form."""
        return self._post(self._form(), [("X-Twilio-Signature", self._signature())])

    def large(self) -> bytes:
        """A forged form of up to 126 kB, of few fields or many, which is hard to parse."""
        size = self._chance.choice((8_000, 31_000, 33_000, 126_000))
        part = self._chance.choice(("Body=" + "%41" * 10, "a=b", "&", "%F0%9F%98%80" * 3, "x" * 50))
        return self._post((part + "&") * (size // (len(part) + 1)), [("X-Twilio-Signature", self._signature())])

    def unsigned(self) -> bytes:
        """A form with no signature, or with one that is none."""
        given = self._chance.choice(("", "x", "A" * 27, "*" * 28, "é" * 28, "A" * 4_000))
        return self._post(self._form(), [("X-Twilio-Signature", given)] if given else [])

    def broken_head(self) -> bytes:
        """A head that is none, or that contradicts itself."""
        lines = self._chance.choice(
            (
                "POST /twilio/inbound HTTP/9.9",
                "POST  /twilio/inbound",
                "POST /twilio/inbound HTTP/1.1\r\nContent-Length: -5",
                "POST /twilio/inbound HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6",
                "POST /twilio/inbound HTTP/1.1\r\nContent-Length: 99999999999999999999",
                "POST /twilio/inbound HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
                "POST /twilio/inbound HTTP/1.1\r\nTransfer-Encoding: gzip, what",
                "POST /twilio/inbound HTTP/1.1\r\nHost: a\r\nHost: b",
                "POST /twilio/inbound HTTP/1.1\r\n: nameless",
                "POST /twilio/inbound HTTP/1.1\r\nX-Twilio-Signature : spaced",
                "POST /twilio/inbound HTTP/1.1\r\n folded: x",
                "GET /twilio/\x00inbound HTTP/1.1",
                "GET /%ff%fe HTTP/1.1",
                "GET /phone HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket",
                "PRI * HTTP/2.0",
            )
        )
        return lines.encode("latin-1") + b"\r\nHost: " + self._host.encode() + b"\r\n\r\n" + self._bytes(60)

    def broken_body(self) -> bytes:
        """A body that ends too early, is no UTF-8, or is of another type than it says."""
        body = self._bytes(self._chance.randrange(400))
        headers = [("X-Twilio-Signature", self._signature())]
        return self._post(body, headers, length=len(body) + self._chance.choice((-1, 0, 0, 0, 1, 50)))

    def elsewhere(self) -> bytes:
        """Another path or method."""
        path = self._chance.choice(OTHER_PATHS + PATHS) + self._chance.choice(("", "?a=b", "?%ff", "?" + "x" * 300))
        method, host = self._chance.choice(METHODS), self._chance.choice((self._host, self._host, "evil.example", ""))
        cookie = self._chance.choice(("", f"Cookie: trato={self._text(30)}\r\n", "Authorization: Bearer x\r\n"))
        origin = f"Origin: http://{self._host}\r\n"
        body = self._form() if self._chance.random() < 0.5 else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}{origin}Connection: close\r\nContent-Type: {self._chance.choice(TYPES)}\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1")

    def noise(self) -> bytes:
        """Bytes."""
        return self._bytes(self._chance.choice((1, 30, 300, 5_000))) + b"\r\n\r\n"

    def chunked(self) -> bytes:
        """A body in many small pieces, with a trailer, or without an end."""
        pieces = b"".join(
            b"1;%s\r\nx\r\n" % (b"e" * self._chance.randrange(20)) for _ in range(self._chance.randrange(3_000))
        )
        end = self._chance.choice((b"0\r\n\r\n", b"", b"zz\r\n", b"0\r\n" + b"A: b\r\n" * 5_000 + b"\r\n"))
        return self._head([("X-Twilio-Signature", self._signature()), ("Transfer-Encoding", "chunked")]) + pieces + end

    def pipelined(self) -> bytes:
        """Many requests on one connection, none of which waits for its answer."""
        return self._chance.choice((b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", self.unsigned())) * 300

    def huge_head(self) -> bytes:
        """A head of up to 2 MB: one long line, or many."""
        size = self._chance.choice((15_000, 17_000, 300_000, 2_000_000))
        lines = self._chance.choice((b"X: " + b"y" * size + b"\r\n", b"X: y\r\n" * (size // 6), b"X" * size))
        return b"POST /twilio/inbound HTTP/1.1\r\n" + lines + self._chance.choice((b"\r\n", b""))

    # -- parts ----------------------------------------------------------------------------------------------------------

    def _post(self, body: str | bytes, headers: list[tuple[str, str]], length: int | None = None) -> bytes:
        content = body.encode("latin-1") if isinstance(body, str) else body
        said = len(content) if length is None else max(0, length)
        return self._head([*headers, ("Content-Length", str(said))]) + content

    def _head(self, headers: list[tuple[str, str]]) -> bytes:
        given = [("Host", self._host), ("Connection", "close"), ("Content-Type", self._chance.choice(TYPES)), *headers]
        lines = [f"POST {self._chance.choice(PATHS)} HTTP/1.1", *(f"{name}: {value}" for name, value in given)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace")

    def _form(self) -> str:
        fields = {
            "MessageSid": "SM" + f"{self._chance.getrandbits(128):032x}",
            "AccountSid": self._chance.choice((self._account.sid, "AC" + "0" * 32)),
            "From": "whatsapp:+5215555550101",
            "To": f"whatsapp:{self._account.whatsapp}",
            "Body": self._text(self._chance.randrange(200)),
            "MessageStatus": "delivered",
        }
        return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())

    def _signature(self) -> str:
        return base64.b64encode(self._chance.randbytes(20)).decode()

    def _text(self, length: int) -> str:
        return (
            "".join(self._chance.choices(string.ascii_letters + " áñ¿", k=length)).encode("latin-1").decode("latin-1")
        )

    def _bytes(self, length: int) -> bytes:
        return self._chance.randbytes(length)

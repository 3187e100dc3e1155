"""Files of messages: which are kept, and that they are asked for where they may be, with credentials for Twilio alone."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from app.channels import files
from app.channels.base import File, NoFile
from app.channels.twilio.channel import TwilioChannel
from app.errors import ExternalError

ACCOUNT = "AC" + "1" * 32
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"
STORE = "https://mms.twiliocdn.com/AC1/abc?Expires=1&Signature=x"
JPEG = b"\xff\xd8\xff\xe0 a photograph"

EXAMINED = [
    ("image/jpeg", "image/jpeg", JPEG, ("image/jpeg", None)),
    ("IMAGE/JPEG; q=1", "", JPEG, ("image/jpeg", None)),
    ("application/octet-stream", "image/jpeg", JPEG, ("image/jpeg", None)),
    ("image/jpeg", "image/jpeg", b"\x89PNG\r\n\x1a\n", ("image/png", None)),
    ("audio/ogg; codecs=opus", "audio/ogg", b"OggS\0\2", ("audio/ogg", None)),
    ("audio/mpeg", "audio/mpeg", b"\xff\xfb\x90", ("audio/mpeg", None)),
    ("audio/mpeg", "audio/mpeg", b"ID3\4", ("audio/mpeg", None)),
    ("audio/amr", "audio/amr", b"#!AMR\n", ("audio/amr", None)),
    ("video/3gpp", "video/3gpp", b"\0\0\0\x18ftyp3gp4", ("video/3gpp", None)),
    ("application/pdf", "application/pdf", b"%PDF-1.7", ("application/pdf", None)),
    ("text/vcard", "text/x-vcard", b"BEGIN:VCARD", ("text/vcard", None)),
    ("image/webp", "image/webp", b"RIFF\0\0\0\0WEBPVP8 ", ("image/webp", None)),
    ("image/jpeg", "text/html", b"<html><script>", ("image/jpeg", "content")),
    ("image/jpeg", "image/jpeg", b"MZ\x90\0", ("image/jpeg", "content")),
    ("text/plain", "text/plain", b"MZ\x90\0", ("text/plain", "content")),
    ("text/html", "text/html", b"<html>", ("text/html", "type")),
    ("image/svg+xml", "image/svg+xml", b"<svg>", ("image/svg+xml", "type")),
    ("application/x-msdownload", "application/x-msdownload", JPEG, ("application/x-msdownload", "type")),
    ("", "", JPEG, ("", "type")),
    ("image/jpeg", "image/jpeg", b"", ("image/jpeg", "empty")),
]


@pytest.mark.parametrize(("declared", "served", "content", "expected"), EXAMINED)
def test_a_file_is_taken_for_what_it_looks_like(
    declared: str, served: str, content: bytes, expected: tuple[str, str | None]
) -> None:
    assert files.examine(declared, served, content) == expected


def test_endings() -> None:
    assert [files.ending(kind) for kind in ("image/jpeg", "audio/ogg; codecs=opus", "text/vcard", "x/y")] == [
        "jpg",
        "ogg",
        "vcf",
        "bin",
    ]


Handle = Callable[[httpx.Request], httpx.Response]


def fetch(handle: Handle, url: str = URL, most: int = 1000, api_url: str = "https://api.twilio.com") -> File | NoFile:
    async def run() -> File | NoFile:
        async with httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client:
            channel = TwilioChannel(
                ACCOUNT,
                ["token"],
                public_url="https://trato.example",
                credentials=("SK1", "secret"),
                api_url=api_url,
                client=client,
            )
            return await channel.fetch(url, most)

    return asyncio.run(run())


def answer(content: bytes = JPEG, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=content, headers={"Content-Type": "image/jpeg", **headers})


def to(location: str) -> httpx.Response:
    return httpx.Response(307, headers={"Location": location})


def test_credentials_go_to_twilio_and_not_to_its_store() -> None:
    seen: list[tuple[str, bool]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, "authorization" in request.headers))
        return to(STORE) if request.url.host == "api.twilio.com" else answer()

    assert fetch(handle) == File(JPEG, "image/jpeg")
    assert seen == [("api.twilio.com", True), ("mms.twiliocdn.com", False)]


@pytest.mark.parametrize(
    "location", ["https://api.twilio.com/elsewhere", "/elsewhere", "https://s3-external-1.amazonaws.com/x"]
)
def test_after_a_redirect_there_are_none_even_within_twilio(location: str) -> None:
    seen: list[bool] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append("authorization" in request.headers)
        return to(location) if len(seen) == 1 else answer()

    assert fetch(handle) == File(JPEG, "image/jpeg")
    assert seen == [True, False]


def nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url.host} was asked")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/x",
        "https://api.twilio.com.evil.example/x",
        "https://eviltwilio.com/x",
        "https://twilio.com.mx/x",
        "https://user:pass@api.twilio.com/x",
        "https://api.twilio.com:8443/x",
        "https://api.twilio.com@evil.example/x",
        "https://mms.twiliocdn.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "file:///etc/passwd",
        "ftp://api.twilio.com/x",
        "//api.twilio.com/x",
        "/x",
        "",
        "https://api.twilio.com\\@evil.example/x",
        "https://evil.example#.twilio.com/",
        "javascript:1",
        "https://evil.example?.twilio.com",
    ],
)
def test_no_other_host_is_asked(url: str) -> None:
    found = fetch(nobody, url)
    assert isinstance(found, NoFile)
    assert not found.gone
    assert found.reason in ("host", "address")


def test_no_address_at_all_is_refused_too() -> None:
    assert fetch(nobody, "https://api.twilio.com:99999/x") in (NoFile("address"), NoFile("host"))
    assert isinstance(fetch(nobody, "x" * 70_000), NoFile)


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/x",
        "http://mms.twiliocdn.com/x",
        "https://mms.twiliocdn.com:444/x",
        "https://10.0.0.1/x",
        "data:,x",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(location: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        return to(location) if request.url.host == "api.twilio.com" else nobody(request)

    assert fetch(handle) in (NoFile("host"), NoFile("address"))


def test_redirects_come_to_an_end() -> None:
    assert fetch(lambda request: to(str(request.url))) == NoFile("redirects")


def test_tests_may_have_their_own_twilio() -> None:
    assert fetch(lambda _: answer(), "http://127.0.0.1:9000/x", api_url="http://127.0.0.1:9000") == File(
        JPEG, "image/jpeg"
    )
    assert fetch(nobody, "http://127.0.0.1:9001/x", api_url="http://127.0.0.1:9000") == NoFile("host")


class Long(httpx.AsyncByteStream):
    """A file that does not say how long it is, and is long."""

    def __init__(self) -> None:
        self.given = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.given < 100_000:
            self.given += 100
            yield b"x" * 100


def test_what_is_too_large_is_not_read_to_its_end() -> None:
    stream = Long()
    assert fetch(lambda _: httpx.Response(200, stream=stream), most=1000) == NoFile("size")
    assert stream.given == 1100
    assert fetch(lambda _: answer(b"x" * 1001), most=1000) == NoFile("size")
    assert fetch(lambda _: answer(b"x" * 1000), most=1000) == File(b"x" * 1000, "image/jpeg")
    assert fetch(lambda _: httpx.Response(200, stream=Long(), headers={"Content-Length": "5000000"})) == NoFile("size")


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_gone(status: int) -> None:
    assert fetch(lambda _: answer(b"", status)) == NoFile("gone", gone=True)


def broken(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout(str(request.url))


@pytest.mark.parametrize(
    "handle", [broken, *[lambda _, status=status: answer(b"", status) for status in (401, 403, 429, 500, 503)]]
)
def test_what_may_be_had_later_is_an_external_error_without_data(handle: Handle) -> None:
    with pytest.raises(ExternalError) as caught:
        fetch(handle)
    assert "ME1" not in str(caught.value)

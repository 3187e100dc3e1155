"""The fields of a form that a browser sends, numbers in them, and the file with them where a page takes one. A file stays in memory: it is never written to
a disk in clear."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qs

from python_multipart.exceptions import MultipartParseError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from app.errors import UsageError

LARGEST = 32 * 1024
"""Bytes: an answer of 1,600 characters, percent-encoded, has at most 20 KB."""

LARGEST_FILE = 25_000_000
"""Bytes of a file: 200,000 officers with ten columns have some 15 MB."""

MOST_FIELDS = 30
_AROUND = 64 * 1024
"""Bytes of the fields beside a file, and of what is between them."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that a browser has sent."""

    name: str
    content: bytes


async def fields(request: Request, largest: int = LARGEST, most: int = MOST_FIELDS) -> dict[str, str]:
    """The fields by name, the first of each; none if the body is no form, or has more than `most`. `largest` counts bytes. Raises
    UsageError if it is too large."""
    body = await _body(request, largest, UsageError(f"a form has at most {largest} bytes", "form_too_large"))
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def number(text: str, digits: int) -> int | None:
    """The whole number of a field or a part of an address; None if the text is none, or has more digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else None


async def with_file(request: Request) -> tuple[dict[str, str], SentFile | None]:
    """The fields of a form, and its file if one was chosen. Raises UsageError if it is too large."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await fields(request), None
    too_large = UsageError(f"a file has at most {LARGEST_FILE} bytes", "file_too_large", most=LARGEST_FILE // 1_000_000)
    body = await _body(request, LARGEST_FILE + _AROUND, too_large)
    try:
        form = await _InMemory(request.headers, _whole(body), max_files=1, max_fields=MOST_FIELDS).parse()
    except (MultiPartException, MultipartParseError):
        return {}, None
    file = None
    for one in form.values():
        if isinstance(one, UploadFile) and one.filename:
            file = SentFile(one.filename, await one.read())
    await form.close()
    if file is not None and len(file.content) > LARGEST_FILE:
        raise too_large
    return {name: one for name, one in form.items() if isinstance(one, str)}, file


class _InMemory(MultiPartParser):
    """Starlette's parser, which would write a large file to a disk."""

    spool_max_size = LARGEST_FILE + _AROUND


async def _body(request: Request, largest: int, too_large: UsageError) -> bytes:
    """The body. Raises the error as soon as it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise too_large
    return bytes(body)


async def _whole(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body

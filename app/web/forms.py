"""The fields of a form that a browser sends."""

from urllib.parse import parse_qs

from starlette.requests import Request

from app.errors import UsageError

LARGEST = 32 * 1024
"""Bytes: an answer of 1,600 characters, percent-encoded, has at most 20 KB."""

MOST_FIELDS = 30


async def fields(request: Request, largest: int = LARGEST, most: int = MOST_FIELDS) -> dict[str, str]:
    """The fields by name, the first of each; none if the body is no form, or has more than `most`. `largest` counts bytes. Raises
    UsageError if it is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise UsageError(f"a form has at most {largest} bytes", "form_too_large")
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}

"""Checks that a posted request comes from Twilio, which signs the address it calls, followed by the name and value of every
field in the order of names: base64(HMAC-SHA1(token, …)); a JSON body has its SHA-256 in the address's query. Any other request
is `Forged`, never another exception. The SDK's validator takes almost four times as long and raises TypeError for some
bodies; `self_test` and the tests compare the two.
Source: https://www.twilio.com/docs/usage/webhooks/webhooks-security."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import ParseResult, parse_qs, unquote_plus, urlparse

from app.channels.base import Forged

HEADER = "X-Twilio-Signature"
SETTINGS_HEADER = "X-Twilio-Webhooks-Signature-Settings"
"""Comes with a request that is signed with a shared key instead of the auth token."""

MOST_FIELDS = 400
"""Fields of a form. Twilio's have about 40."""

_FORM = "application/x-www-form-urlencoded"
_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_LENGTHS = {"sha1": 28, "sha256": 44}
"""Characters of a signature in base64."""

Fields = list[tuple[str, str]]


class WrongSignature(Forged):
    """A request that can be read, with another signature than ours. `fields` are what it says, which nobody has proved."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("the signature is wrong")
        self.fields = fields


def verify(tokens: Sequence[str], url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    """The fields of a request that one of the tokens signed (two while one is being replaced). `url` is the whole address
    as the carrier has it. Raises Forged."""
    glance(headers)
    given, algorithm = _header(headers, HEADER), _algorithm(_header(headers, SETTINGS_HEADER))
    try:
        signed, fields = _read(url, body, _header(headers, "Content-Type"))
        genuine = _is_genuine(tokens, url, signed, given, algorithm)
    except (ValueError, RecursionError) as error:  # UnicodeError and JSONDecodeError are ValueErrors
        raise Forged(f"the request cannot be read ({type(error).__name__})") from None
    if not genuine:
        raise WrongSignature(fields)
    return fields


def glance(headers: Mapping[str, str]) -> None:
    """Whether the headers alone could be a signed request's: cheap, and before any form is read. Raises Forged."""
    digest = _HASHES.get(_algorithm(_header(headers, SETTINGS_HEADER)).upper())
    if digest is None:
        raise Forged("an unknown algorithm")
    given = _header(headers, HEADER)
    if len(given) != _LENGTHS[digest]:
        raise Forged("there is no signature")
    try:
        base64.b64decode(given, validate=True)
    except ValueError:
        raise Forged("the signature is none") from None


def sign(url: str, fields: Iterable[tuple[str, str]], token: str, algorithm: str = "HMAC_SHA1") -> str:
    """The signature of a posted form. A name that comes several times counts with each distinct value, sorted.

    ValueError for an algorithm that is not known.
    """
    if (digest := _HASHES.get(algorithm.upper())) is None:
        raise ValueError("an unknown algorithm")
    signed = url + "".join([name + value for name, value in sorted(set(fields))])
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), digest)).decode()


def _is_genuine(tokens: Sequence[str], url: str, fields: Fields, given: str, algorithm: str) -> bool:
    """Each comparison takes the same time wherever the texts differ."""
    proof = given.encode(errors="replace")
    return any(
        hmac.compare_digest(sign(spelling, fields, token, algorithm).encode(), proof)
        for spelling in _spellings(url)
        for token in tokens
    )


def _read(url: str, body: bytes, content_type: str) -> tuple[Fields, dict[str, str]]:
    """The fields that are signed one by one, and the fields to work with. Of a JSON body only its hash is signed."""
    hashes = parse_qs(urlparse(url).query).get("bodySHA256") if "bodySHA256" in url else None
    if hashes and content_type.partition(";")[0].strip().lower() not in ("", _FORM):
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), hashes[0].encode(errors="replace")):
            raise Forged("the body is not the one that was signed")
        return [], _json_fields(body)
    form = body.decode()
    fields = _parse(form)
    if "%00" in form or "\0" in form:
        return fields, {name.replace("\0", ""): value.replace("\0", "") for name, value in fields}
    return fields, dict(fields)


def _parse(form: str) -> Fields:
    """A form's fields in their order, blank ones too: what `parse_qsl` gives, in a quarter of its time. ValueError if there
    are too many."""
    pairs = form.split("&")
    if len(pairs) > MOST_FIELDS:
        raise ValueError("too many fields")
    fields: Fields = []
    for pair in filter(None, pairs):
        name, _, value = pair.partition("=")
        is_plain = "%" not in pair and "+" not in pair
        fields.append((name, value) if is_plain else (unquote_plus(name), unquote_plus(value)))
    return fields


def _json_fields(body: bytes) -> dict[str, str]:
    content = json.loads(body)
    if not isinstance(content, dict):
        return {"body": _storable(body.decode())}
    return {
        _storable(name): _storable(value if isinstance(value, str) else json.dumps(value))
        for name, value in content.items()
    }


def _storable(text: str) -> str:
    """A text that databases accept: PostgreSQL refuses NUL, and no driver encodes half of a surrogate pair."""
    return text.replace("\0", "").encode(errors="replace").decode()


@lru_cache(maxsize=256)
def _spellings(url: str) -> tuple[str, str]:
    """The address without and with its port: the carrier signs some requests one way and some the other."""
    parsed = urlparse(url)
    return _without_port(parsed), _with_port(parsed)


def _without_port(url: ParseResult) -> str:
    return url._replace(netloc=url.netloc.partition(":")[0]).geturl() if url.port else url.geturl()


def _with_port(url: ParseResult) -> str:
    standard = 443 if url.scheme == "https" else 80
    return url.geturl() if url.port else url._replace(netloc=f"{url.netloc}:{standard}").geturl()


def _algorithm(settings: str) -> str:
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            return value.strip()
    return "HMAC_SHA1"


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header from a mapping whose names may be in lower case."""
    return headers.get(name.lower()) or headers.get(name) or ""

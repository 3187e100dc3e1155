"""The second factor: codes of six digits that an app computes from a shared secret and the time, RFC 6238 with the parameters that
every such app knows."""

import base64
import hmac
import re
import secrets
from datetime import datetime
from hashlib import sha1
from urllib.parse import quote

STEP = 30
"""Seconds for which a code is shown."""

_DIGITS = 6
_DRIFT = 1
"""Steps that the clock of a phone may differ."""


def new_secret() -> str:
    """A new secret, in Base32 as apps take it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def is_secret(text: str) -> bool:
    """Whether this is a secret as `new_secret` makes them."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def code(secret: str, step: int) -> str:
    """The code of a step, which is a number of half minutes since 1970."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), sha1).digest()
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}}"


def step_of(now: datetime) -> int:
    """The step of a moment."""
    return int(now.timestamp()) // STEP


def used_step(secret: str, given: str, now: datetime, last: int) -> int | None:
    """The step whose code this is; None if it is none of now, or not later than the last that was used: a code is used once."""
    given = "".join(given.split())
    found = None
    for step in range(step_of(now) - _DRIFT, step_of(now) + _DRIFT + 1):
        if hmac.compare_digest(code(secret, step).encode(), given.encode()) and step > last:
            found = step
    return found


def context(account: int) -> str:
    """The context that an account's secret is sealed with."""
    return f"totp:{account}"


def uri(secret: str, name: str) -> str:
    """The address that an app reads from a QR code."""
    return f"otpauth://totp/Trato:{quote(name)}?secret={secret}&issuer=Trato"

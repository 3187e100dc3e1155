"""Codes of the second factor, against the values that RFC 6238 gives (appendix B, SHA-1, the last six of eight digits)."""

import base64
from datetime import UTC, datetime

import pytest

from app.people import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_published_codes(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code(SECRET, totp.step_of(now)) == code[-6:]
    assert totp.used_step(SECRET, code[-6:], now, 0) == seconds // 30


@pytest.mark.parametrize("given", ["", "9428708", "４２８７０８２", "287082x", "\0"])
def test_what_is_no_code(given: str) -> None:
    assert totp.used_step(SECRET, given, datetime.fromtimestamp(59, UTC), 0) is None


def test_the_address_for_an_app() -> None:
    assert totp.uri(SECRET, "ana") == f"otpauth://totp/Trato:ana?secret={SECRET}&issuer=Trato"

"""The vault: what it seals opens for its own secret and place only, and nothing else about it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import ConfigurationError
from app.store.vault import Vault
from tests.shares import asserted, mostly

VAULT = Vault("a secret that only tests have")
OTHER = Vault("a secret that others have too")
texts = st.text(st.characters(codec="utf-8"))


@given(text=texts, context=texts)
def test_what_is_sealed_opens_as_it_was(text: str, context: str) -> None:
    sealed = VAULT.seal(text, context)
    assert VAULT.open(sealed, context) == text
    assert Vault("a secret that only tests have").open(memoryview(sealed), context) == text  # type: ignore[arg-type] - as a driver gives it


@mostly(0.3)
@given(text=texts, context=texts, other=texts)
def test_it_opens_in_no_other_place_and_with_no_other_secret(text: str, context: str, other: str) -> None:
    sealed = VAULT.seal(text, context)
    with pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY"):
        OTHER.open(sealed, context)
    if other != context:
        asserted()
        with pytest.raises(ConfigurationError):
            VAULT.open(sealed, other)


@given(text=texts, place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_changed_bit_is_seen(text: str, place: int, bit: int) -> None:
    sealed = bytearray(VAULT.seal(text, "x"))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(ConfigurationError):
        VAULT.open(bytes(sealed), "x")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"n" * 12, b"\x02" + b"n" * 40, b"plain text"])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(ConfigurationError):
        VAULT.open(sealed, "x")


def test_a_newer_format_is_called_so() -> None:
    with pytest.raises(ConfigurationError, match="newer release"):
        VAULT.open(b"\x02" + VAULT.seal("a", "x")[1:], "x")


def test_the_same_text_never_looks_the_same() -> None:
    assert len({VAULT.seal("+525555550101", "address:1") for _ in range(200)}) == 200


def test_lookups_find_and_tell_nothing() -> None:
    found = VAULT.lookup("+525555550101")
    assert found == Vault("a secret that only tests have").lookup("+525555550101")
    assert len(found) == 64
    assert found != OTHER.lookup("+525555550101")
    assert found != VAULT.lookup("+525555550102")


WEAK = ("", "short", "x" * 44, "hush hush hush hush hush hush", "contrasena123456", "0123456789" * 3)
STRONG = ("0f1e2d3c4b5a69788796a5b4c3d2e1f0", "q3Kd8ZxP0mVtR7sYbN2wLg", "una frase que nadie debe leer")


@pytest.mark.parametrize("secret", STRONG)
def test_a_secret_of_128_bits_is_taken(secret: str) -> None:
    assert Vault(secret).lookup("+525555550101")


@pytest.mark.parametrize("secret", WEAK)
def test_a_secret_too_weak_to_protect_anybody(secret: str) -> None:
    with pytest.raises(ConfigurationError, match="TRATO_SECRET_KEY") as raised:
        Vault(secret)
    assert not secret or secret not in str(raised.value)

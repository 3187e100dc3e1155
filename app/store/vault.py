"""Encryption of identifying data: AES-GCM for data that is read again, a keyed HMAC for lookups. Both keys are derived from the
installation's one secret. Nothing here touches the database."""

import hmac
import os
import string
from math import log2

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigurationError
from app.wording import Sentence

_FORMAT = b"\x01"
"""The first byte names the format, so that another cipher or key can be introduced while old rows still open."""
_NONCE = 12
STRENGTH = 128
"""The least strength of the secret in bits, if each of its characters was drawn at random among those of its kinds."""
FEWEST_CHARACTERS = 8
"""The fewest different characters of a secret: «hush hush hush hush hush» is long, and no secret."""
_KINDS = (string.digits, string.ascii_lowercase, string.ascii_uppercase)


class _Key:
    """The two keys that are derived from one secret."""

    def __init__(self, secret: str) -> None:
        self.cipher = AESGCM(_derive(secret, b"trato seal v1"))
        self._lookup = hmac.new(_derive(secret, b"trato lookup v1"), digestmod="sha256")

    def lookup(self, canonical: str) -> str:
        digest = self._lookup.copy()
        digest.update(canonical.encode())
        return digest.hexdigest()


class Vault:
    """Seals and opens texts and files. While the keys are changed it has the secret before, `old`, too: it seals with the new one and opens
    with both. Raises ConfigurationError if the secret is weak, or the same as the old one."""

    def __init__(self, secret: str, old: str | None = None) -> None:
        if strength(secret) < STRENGTH:
            raise ConfigurationError(
                Sentence(
                    "TRATO_SECRET_KEY is weak: it has less than {bits} bits. `openssl rand -base64 32` "
                    "makes a strong one",
                    bits=STRENGTH,
                )
            )
        if secret == old:
            raise ConfigurationError(
                Sentence(
                    "TRATO_SECRET_KEY and TRATO_SECRET_KEY_OLD are the same: set the new key, and beside "
                    "it the one before"
                )
            )
        self._key = _Key(secret)
        self._old = None if old is None else _Key(old)

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt a text. It opens only with the same context, so it cannot be moved to another row."""
        return self.seal_bytes(text.encode(), context)

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """Encrypt a file; see `seal`."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._key.cipher.encrypt(nonce, content, context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt a sealed text. Raises ConfigurationError if it was sealed with another secret, for another context, or by a newer
        release."""
        return self.open_bytes(sealed, context).decode()

    def readable(self, sealed: bytes, context: str) -> str | None:
        """The same, but None where `open` would raise."""
        try:
            return self.open(sealed, context)
        except (ConfigurationError, ValueError, TypeError):
            return None

    def opens(self, sealed: bytes, context: str) -> bool:
        """Whether `open` would return a text."""
        return self.readable(sealed, context) is not None

    def opens_bytes(self, sealed: bytes, context: str) -> bool:
        """Whether `open_bytes` would return a file."""
        try:
            self.open_bytes(sealed, context)
        except ConfigurationError:
            return False
        return True

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Decrypt a file; see `open`."""
        sealed = bytes(sealed)
        if sealed[:1] != _FORMAT:
            raise ConfigurationError(
                Sentence("something encrypted cannot be opened: it was sealed by a newer release of Trato")
            )
        content = _decrypted(self._key, sealed, context)
        if content is None and self._old is not None:
            content = _decrypted(self._old, sealed, context)
        if content is None:
            raise ConfigurationError(
                Sentence("something encrypted cannot be opened: TRATO_SECRET_KEY is not the one it was sealed with")
            )
        return content

    def resealed(self, sealed: bytes, context: str) -> bytes | None:
        """What the old key sealed, sealed with the new one; None if the new key opens it already. Raises as `open`."""
        if _decrypted(self._key, bytes(sealed), context) is not None:
            return None
        return self.seal_bytes(self.open_bytes(sealed, context), context)

    def lookup(self, canonical: str) -> str:
        """The keyed hash of a canonical address, in hexadecimal."""
        return self._key.lookup(canonical)

    def old_lookup(self, canonical: str) -> str | None:
        """The same with the old key; None if there is none."""
        return None if self._old is None else self._old.lookup(canonical)

    def lookups(self, canonical: str) -> tuple[str, ...]:
        """Every keyed hash under which a row may have this address: see `store.lookups`."""
        old = self.old_lookup(canonical)
        return (self.lookup(canonical),) if old is None else (self.lookup(canonical), old)


def _decrypted(key: _Key, sealed: bytes, context: str) -> bytes | None:
    try:
        return key.cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context.encode())
    except (InvalidTag, ValueError):
        return None


def strength(secret: str) -> float:
    """An upper bound of a secret's strength in bits: 0 if it has few different characters."""
    if len(set(secret)) < FEWEST_CHARACTERS:
        return 0.0
    kinds = sum(len(kind) for kind in _KINDS if not set(secret).isdisjoint(kind))
    others = len(set(secret).difference(*_KINDS))
    return len(secret) * log2(kinds + others)


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())

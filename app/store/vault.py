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

_FORMAT = b"\x01"
"""The first byte names the format, so that another cipher or key can be introduced while old rows still open."""
_NONCE = 12
STRENGTH = 128
"""The least strength of the secret in bits, if each of its characters was drawn at random among those of its kinds."""
FEWEST_CHARACTERS = 8
"""The fewest different characters of a secret: «hush hush hush hush hush» is long, and no secret."""
_KINDS = (string.digits, string.ascii_lowercase, string.ascii_uppercase)


class Vault:
    """Seals and opens texts and files. Raises ConfigurationError if the secret is weak."""

    def __init__(self, secret: str) -> None:
        if strength(secret) < STRENGTH:
            raise ConfigurationError(
                f"TRATO_SECRET_KEY is weak: it has less than {STRENGTH} bits. `openssl rand -base64 32` makes a strong one"
            )
        self._cipher = AESGCM(_derive(secret, b"trato seal v1"))
        self._lookup = hmac.new(_derive(secret, b"trato lookup v1"), digestmod="sha256")

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt a text. It opens only with the same context, so it cannot be moved to another row."""
        return self.seal_bytes(text.encode(), context)

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """Encrypt a file; see `seal`."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, content, context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt a sealed text. Raises ConfigurationError if it was sealed with another secret, for another context, or by a newer
        release."""
        return self.open_bytes(sealed, context).decode()

    def opens(self, sealed: bytes, context: str) -> bool:
        """Whether `open` would return a text."""
        try:
            self.open(sealed, context)
        except (ConfigurationError, ValueError, TypeError):
            return False
        return True

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Decrypt a file; see `open`."""
        sealed = bytes(sealed)
        if sealed[:1] != _FORMAT:
            raise ConfigurationError("something encrypted cannot be opened: it was sealed by a newer release of Trato")
        try:
            nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
            return self._cipher.decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError):
            raise ConfigurationError(
                "something encrypted cannot be opened: TRATO_SECRET_KEY is not the one it was sealed with"
            ) from None

    def lookup(self, canonical: str) -> str:
        """The keyed hash of a canonical address, in hexadecimal."""
        digest = self._lookup.copy()
        digest.update(canonical.encode())
        return digest.hexdigest()


def strength(secret: str) -> float:
    """An upper bound of a secret's strength in bits: 0 if it has few different characters."""
    if len(set(secret)) < FEWEST_CHARACTERS:
        return 0.0
    kinds = sum(len(kind) for kind in _KINDS if not set(secret).isdisjoint(kind))
    others = len(set(secret).difference(*_KINDS))
    return len(secret) * log2(kinds + others)


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())

"""Encryption of what says who somebody is. AES-GCM for what must be read again, a keyed HMAC for what must only be found;
both keys are derived from the installation's one secret. Nothing here touches the database."""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigurationError

_FORMAT = b"\x01"
"""The first byte says how the rest is sealed, so that another cipher or key can be brought in while old rows still open."""
_NONCE = 12
SHORTEST_SECRET = 16
"""Characters that a secret has at least."""


class Vault:
    """Seals and opens texts. ConfigurationError if the secret is too short to protect anybody."""

    def __init__(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"TRATO_SECRET_KEY must have at least {SHORTEST_SECRET} characters: `openssl rand -base64 32` makes one"
            )
        self._cipher = AESGCM(_derive(secret, b"trato seal v1"))
        self._lookup = hmac.new(_derive(secret, b"trato lookup v1"), digestmod="sha256")

    def seal(self, text: str, context: str) -> bytes:
        """Encrypt a text. It opens only with the same context, so that it cannot be moved to another row."""
        return self.seal_bytes(text.encode(), context)

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """The same for a file."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, content, context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt what `seal` made. ConfigurationError if it was sealed with another secret, for another place, or by a
        release that is newer."""
        return self.open_bytes(sealed, context).decode()

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The same for a file."""
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
        """The keyed hash by which a canonical address is found, in hexadecimal."""
        digest = self._lookup.copy()
        digest.update(canonical.encode())
        return digest.hexdigest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())

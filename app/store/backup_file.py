"""The file of a backup: sealed piece by piece with AES-256-GCM, so that a database of any size needs little memory. The key of each file is
derived from the backup key and a random salt. A piece opens only at its place, and a file that was cut opens nowhere. Knows nothing of
what is in it: see `backups`."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import ConfigurationError
from app.wording import Sentence

_MAGIC = b"trato backup 1\n"
_SALT = 16
_TAG = 16
_LENGTH = 4
PIECE = 1 << 20
"""Bytes that are sealed together. The manifest is a piece of its own, the first."""


def write(path: Path, secret: str, manifest: bytes, content: BinaryIO) -> None:
    """Seal a manifest of at most `PIECE` bytes and a content into a new file that only its owner may read, and bring it to the disk. Raises
    OSError, also if the file exists."""
    header = _MAGIC + os.urandom(_SALT)
    cipher = _cipher(secret, header)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(header)
        piece, number = manifest, 0
        while True:
            following = content.read(PIECE)
            sealed = cipher.encrypt(_nonce(number, last=not following), piece, header)
            file.write(len(sealed).to_bytes(_LENGTH) + sealed)
            if not following:
                break
            piece, number = following, number + 1
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, secret: str) -> Iterator[bytes]:
    """The manifest of a file, then its content in pieces. Raises ConfigurationError if it is no backup, was made with another key, or is
    damaged or cut; OSError."""
    with path.open("rb") as file:
        header = file.read(len(_MAGIC) + _SALT)
        if len(header) != len(_MAGIC) + _SALT or not header.startswith(_MAGIC):
            raise ConfigurationError(Sentence("{file} is no backup of Trato, or of a newer release", file=path))
        cipher = _cipher(secret, header)
        number, sealed = 0, _sealed(file)
        while sealed is not None:
            following = _sealed(file)
            try:
                piece = cipher.decrypt(_nonce(number, last=following is None), sealed, header)
            except (InvalidTag, ValueError):
                raise ConfigurationError(_damaged(path, number)) from None
            yield piece
            number, sealed = number + 1, following
        if number == 0:
            raise ConfigurationError(_damaged(path, 1))


def _damaged(path: Path, piece: int) -> Sentence:
    if piece:
        return Sentence("{file} is damaged or incomplete: take another backup", file=path)
    return Sentence(
        "{file} does not open: TRATO_BACKUP_KEY is not the key it was made with, or the file is damaged", file=path
    )


def _sealed(file: BinaryIO) -> bytes | None:
    """The next sealed piece; None at the end; empty, which does not open, if it is cut."""
    if not (stated := file.read(_LENGTH)):
        return None
    sealed = file.read(PIECE + _TAG) if (length := int.from_bytes(stated)) > PIECE + _TAG else file.read(length)
    return sealed if len(sealed) == length else b""


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _cipher(secret: str, header: bytes) -> AESGCM:
    salt = header[len(_MAGIC) :]
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"trato backup v1").derive(secret.encode()))

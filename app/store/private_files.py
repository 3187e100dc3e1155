"""Files that only their owner may read: the database, its write-ahead log, the key. Commands create every file so (umask 077); this
closes those that are older, or were copied here with wider permissions."""

import os
from contextlib import suppress
from pathlib import Path

from app.errors import ConfigurationError, reason
from app.wording import Sentence

_OTHERS = 0o077


def create(path: Path) -> None:
    """An empty file of the owner's alone, unless there is one, which is not opened: closing a file ends all locks that SQLite holds on it
    for this process, and another process would take the write-ahead log for nobody's and delete it."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def is_open(path: Path) -> bool:
    """Whether users other than its owner may read or write a file. A file that does not exist is not open."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def close(path: Path) -> None:
    """Take a file from everybody but its owner. No-op if it belongs to another user, who has decided on it."""
    if is_open(path) and path.stat().st_uid == os.geteuid():
        path.chmod(0o600)


def write(path: Path, content: bytes) -> None:
    """Write a file of the owner's alone. Raises ConfigurationError."""
    try:
        create(path)
        close(path)
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(
            Sentence("{file} cannot be written: {reason}", file=path, reason=reason(error))
        ) from None

"""Passwords: Argon2id hashes, and rules for new ones. A verification takes as long for an account without a password, or without an
account, as for one with it."""

from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import UsageError
from app.wording import Sentence

SHORTEST = 12
LONGEST = 200
"""Characters of a password. More would be work for the hash that nobody needs."""

_HASH = PasswordHash((Argon2Hasher(),))


def make(password: str, name: str) -> str:
    """The hash of a new password for this account. Raises UsageError if it is too short, too long, one character again and again, or
    the account's name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UsageError(
            Sentence(
                "a password has {least} to {most} characters: several words are easy to remember",
                least=SHORTEST,
                most=LONGEST,
            ),
            "password_length",
            shortest=SHORTEST,
            longest=LONGEST,
        )
    if len(set(password)) < 4 or password.casefold().strip() == name:
        raise UsageError(Sentence("this password is too easy to guess: take several words"), "password_easy")
    return _HASH.hash(password)


def verify(password: str, stored: str | None) -> bool:
    """Whether this is the password of the hash. Does the same work if there is none."""
    try:
        right = _HASH.verify(password[:LONGEST], stored or _nobodys())
    except PwdlibError:
        return False
    return right and stored is not None


@cache
def _nobodys() -> str:
    return _HASH.hash("the password of nobody")

"""Those to whom data are given: each has a secret of its own, from which the pseudonyms of officers and of rows follow, so that one who
gets a later export finds the same officers and rows, and the pseudonyms of two are not alike. The secrets stay in the installation."""

import hmac
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from sqlalchemy import Connection

from app.store import installation_secrets

_DIGITS = 12
"""Hexadecimal digits of a pseudonym: of a hundred thousand officers two have the same once in fifty thousand installations."""

_HALF = 26
"""Bits of half a number: a whole one is exact as a float too, which Stata and SPSS have for it."""

_BLOCK, _ROUNDS = 16, 8
_MASK = (1 << _HALF) - 1


class Pseudonyms:
    """The pseudonyms for one recipient."""

    def __init__(self, secret: bytes) -> None:
        self._mac = hmac.new(secret, digestmod="sha256")

    def of(self, study_id: str) -> str:
        """The pseudonym of an officer."""
        return self._digest(study_id).hex()[:_DIGITS].upper()

    def numbers(self, row_of: str, numbers: Sequence[int]) -> list[int]:
        """The numbers that stand for those of rows of a kind: whole, under 2**52, no two alike. A Feistel network whose rounds are AES,
        many numbers at a time: a hash of so few digits would give two of millions of rows one number."""
        if numbers and not 0 <= min(numbers) <= max(numbers) < 1 << 2 * _HALF:
            raise ValueError(f"a number of {row_of} is out of range")
        cipher = Cipher(AES(self._digest(f"numbers of {row_of}")), ECB())  # noqa: S305 - blocks apart, each once a round
        count = len(numbers)
        left, right = (_blocks(half) for half in ([one >> _HALF for one in numbers], [one & _MASK for one in numbers]))
        mask = _blocks([_MASK], count)
        for number in range(1, _ROUNDS + 1):
            asked = right ^ _blocks([number << _HALF], count)
            mixed = cipher.encryptor().update(asked.to_bytes(_BLOCK * count, "little"))
            left, right = right, left ^ (int.from_bytes(mixed, "little") & mask)
        whole = (left << _HALF | right).to_bytes(_BLOCK * count, "little")
        return [one for one, _ in struct.iter_unpack("<QQ", whole)]

    def _digest(self, text: str) -> bytes:
        mac = self._mac.copy()
        mac.update(text.encode())
        return mac.digest()


def _blocks(halves: Sequence[int], times: int = 1) -> int:
    """Each in a block of its own, all blocks as one integer: Python does with all at once what takes long one by one."""
    return int.from_bytes(b"".join(one.to_bytes(_BLOCK, "little") for one in halves) * times, "little")


def pseudonyms(tx: Connection, name: str) -> Pseudonyms:
    """The pseudonyms for a recipient, whose secret is made if there is none yet. Raises ConfigurationError if it cannot be opened: with
    another one the recipient would not know the officers again."""
    return Pseudonyms(installation_secrets.make(tx, f"recipient:{name}"))

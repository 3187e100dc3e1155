"""Study ids: random, never derived from a name or a number."""

import secrets
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""
_LENGTH = 8


def new_study_id(choice: Callable[[str], str] | None = None) -> str:
    """A random study id. `choice` draws one sign; without it all are drawn at once by the machine's own chance: a roster draws tens of thousands
    while no message can be written."""
    if choice is not None:
        return "".join(choice(_ALPHABET) for _ in range(_LENGTH))
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in secrets.token_bytes(_LENGTH))

"""Study ids: random, never derived from a name or a number."""

import secrets
from collections.abc import Callable

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that looks like a digit."""


def new_study_id(choice: Callable[[str], str] = secrets.choice) -> str:
    """A random study id. `choice` draws one sign."""
    return "".join(choice(_ALPHABET) for _ in range(8))

"""Those to whom data are given: each has a secret of its own, from which the pseudonyms of officers follow, so that one who gets a later
export finds the same officers, and the pseudonyms of two are not alike. The secrets stay in the installation."""

import hmac

from sqlalchemy import Connection

from app.store import installation_secrets

_DIGITS = 12
"""Hexadecimal digits of a pseudonym: of a hundred thousand officers two have the same once in fifty thousand installations."""


class Pseudonyms:
    """The pseudonyms of officers for one recipient."""

    def __init__(self, secret: bytes) -> None:
        self._mac = hmac.new(secret, digestmod="sha256")

    def of(self, study_id: str) -> str:
        """The pseudonym of an officer."""
        mac = self._mac.copy()
        mac.update(study_id.encode())
        return mac.hexdigest()[:_DIGITS].upper()


def pseudonyms(tx: Connection, name: str) -> Pseudonyms:
    """The pseudonyms for a recipient, whose secret is made if there is none yet. Raises ConfigurationError if it cannot be opened: with
    another one the recipient would not know the officers again."""
    return Pseudonyms(installation_secrets.make(tx, f"recipient:{name}"))

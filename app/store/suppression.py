"""Numbers of people who were erased. They are stored as hashes with a secret of their own, which is random and sealed: a change of keys
seals it anew, and could not compute the hashes anew, because nobody has the numbers any more. All functions take a transaction and
commit nothing."""

import hmac
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select

from app.store import installation_secrets
from app.store.dialect import insert_ignore
from app.store.tables import SUPPRESSED
from app.wording import Sentence

REFUSAL = Sentence(
    "this number is of somebody who was erased: leave it out, or, if it is another person's by now, `trato erase --lift` permits it"
)
"""The refusal to enrol an officer by a suppressed number."""

_NAME = "suppression"


def add(tx: Connection, canonicals: Collection[str], now: datetime) -> int:
    """Suppress addresses. Returns how many."""
    if not canonicals:
        return 0
    installation_secrets.make(tx, _NAME)
    digests = _digests(tx, canonicals)
    insert_ignore(tx, SUPPRESSED, [{"digest": digest, "at": now} for digest in sorted(digests)])
    return len(digests)


def among(tx: Connection, canonicals: Collection[str]) -> set[str]:
    """Which of these addresses are suppressed."""
    if tx.execute(select(SUPPRESSED.c.id).limit(1)).first() is None:
        return set()
    digests = _digests(tx, canonicals)
    found = select(SUPPRESSED.c.digest).where(SUPPRESSED.c.digest.in_(list(digests)))
    return {digests[digest] for digest in tx.execute(found).scalars()}


def lift(tx: Connection, canonical: str) -> bool:
    """Suppress an address no longer. False if it was not."""
    done = tx.execute(delete(SUPPRESSED).where(SUPPRESSED.c.digest.in_(list(_digests(tx, [canonical])))))
    return bool(done.rowcount)


def _digests(tx: Connection, canonicals: Collection[str]) -> dict[str, str]:
    key = installation_secrets.find(tx, _NAME)
    if key is None:
        return {}
    return {hmac.new(key, one.encode(), "sha256").hexdigest(): one for one in canonicals}

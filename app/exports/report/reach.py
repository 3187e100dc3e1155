"""What became of each conversation: whether any of its messages was sent, delivered or refused, and whether anything was answered. One
byte each, by the number of the conversation: a pass over the messages and one over the answers, which grouped by the database take
ten times as long. Needs no NumPy, for the table `consort` is made of it too."""

from collections import defaultdict
from collections.abc import Collection
from enum import IntFlag

from sqlalchemy import Connection, func, select

from app.exports.report.sample import Sample
from app.exports.source import SMALL_BATCH
from app.store.dialect import batches
from app.store.failures import FAILED
from app.store.funnel import DELIVERED, SENT
from app.store.tables import OUTBOUND, RESPONSE, SESSION

UNDERSTOOD = ("ok", "superseded", "extra")


class Reach(IntFlag):
    """The bits of a conversation. `wrote`: there is an answer, `answered`: there is one that was understood."""

    sent = 1
    delivered = 2
    failed = 4
    wrote = 8
    answered = 16


_MESSAGES = ((SENT, Reach.sent), (DELIVERED, Reach.delivered), (FAILED, Reach.failed))
_ANSWERS = ((UNDERSTOOD, Reach.answered),)


def reached(tx: Connection, sample: Sample) -> bytearray:
    """The bits of the conversations of the sample, by number; of others there may be some, too. There is none with the number 0."""
    found = bytearray((tx.execute(select(func.max(SESSION.c.id))).scalar_one() or 0) + 1)
    for table, usual, meaning in ((OUTBOUND, 0, _MESSAGES), (RESPONSE, int(Reach.wrote), _ANSWERS)):
        bits = _bits(usual, meaning)
        query = select(table.c.session_id, table.c.status).where(
            table.c.session_id.is_not(None), *sample.narrowed(table.c.contact_id)
        )
        for rows in batches(tx, query, SMALL_BATCH):
            for session, status in rows:
                found[session] |= bits[status]
    return found


def _bits(usual: int, meaning: Collection[tuple[Collection[str], Reach]]) -> defaultdict[str, int]:
    """The bits of each status; `usual` are those of all."""
    found: defaultdict[str, int] = defaultdict(lambda: usual)
    for statuses, bit in meaning:
        for status in statuses:
            found[status] |= int(bit)
    return found

"""Answers as a person has read them. A reading by a person of a message that was recorded for that question before takes its place, and
keeps what it replaced. All functions take a transaction and commit nothing."""

import json
from datetime import datetime

from sqlalchemy import Connection, select, update

from app.store import sealing
from app.store.bulk import values_of
from app.store.records import NewResponse
from app.store.sealing import RESPONSE_WORDS
from app.store.tables import RESPONSE

BY_PERSON = "person"
"""The rule of an answer that a person has read."""

_READING = (
    "raw",
    "words",
    "value",
    "number",
    "key",
    "label",
    "missing",
    "correct",
    "rule",
    "score",
    "status",
    "judged",
)


def mark(by: str, now: datetime) -> str:
    """The mark of a reading: who judged, and when."""
    return json.dumps({"by": by, "at": now.isoformat()}, ensure_ascii=False)


def replace(tx: Connection, inbound: int, answer: NewResponse) -> bool:
    """Put a person's reading in the place of what was recorded of this message for this question. False if nothing was."""
    same = (
        RESPONSE.c.session_id == answer.session_id,
        RESPONSE.c.step == answer.step,
        RESPONSE.c.inbound_id == inbound,
    )
    before = tx.execute(select(*[RESPONSE.c[name] for name in _READING]).where(*same)).mappings().one_or_none()
    if before is None:
        return False
    given = values_of(answer)
    instead = {name: before[name] for name in _READING if name != "words" and before[name] is not None}
    judged = json.dumps({**json.loads(answer.judged or "{}"), "instead_of": instead}, ensure_ascii=False)
    words = sealing.seal(tx, RESPONSE_WORDS, inbound, answer.words)
    values = {name: given[name] for name in _READING} | {"judged": judged, "status": answer.status, "words": words}
    tx.execute(update(RESPONSE).where(*same).values(**values))
    return True

"""The questions that were sent to officers, by local day: the burden of a rehearsal as they felt it. Reads only."""

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from app.store.tables import CONTACT, OUTBOUND


def questions_sent(tx: Connection) -> Iterator[tuple[str, date, int]]:
    """One for each question that the carrier took: the officer's study id, and the local day. The question for consent is one."""
    found = (
        select(CONTACT.c.study_id, CONTACT.c.timezone, OUTBOUND.c.sent_at)
        .select_from(OUTBOUND.join(CONTACT, CONTACT.c.id == OUTBOUND.c.contact_id))
        .where(OUTBOUND.c.kind == "ask", OUTBOUND.c.sent_at.is_not(None))
    )
    for officer, zone, sent_at in tx.execute(found):
        yield officer, sent_at.astimezone(ZoneInfo(zone)).date(), 1

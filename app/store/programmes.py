"""The code of a programme, which many tables have: giving a programme another code. Takes a transaction and commits nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from app.store.tables import (
    ACCOUNT_ROLE,
    ALERT,
    API_TOKEN,
    BUCKET,
    COHORT,
    FLOW_DRAFT,
    FLOW_VERSION,
    INBOUND,
    OUTBOUND,
    PROGRAMME,
    RANDOMISATION,
)

_BY_COLUMN = (COHORT, FLOW_DRAFT, FLOW_VERSION, RANDOMISATION, INBOUND, ACCOUNT_ROLE, API_TOKEN)
_NUMBERS = (BUCKET, OUTBOUND)


def is_known(tx: Connection, code: str) -> bool:
    """Whether a programme of this code was ever published, or has a cohort."""
    return any(
        tx.execute(select(func.count()).select_from(table).where(table.c.programme == code)).scalar_one()
        for table in (FLOW_VERSION, COHORT)
    )


def rename(tx: Connection, old: str, new: str, now: datetime) -> None:
    """Give all that belongs to a programme to another code: versions, cohorts, draws, roles, tokens, the pause and pace of its own numbers.
    The sources of its versions stay as they were published, with the old code in them."""
    theirs = select(ACCOUNT_ROLE.c.account_id, ACCOUNT_ROLE.c.role).where(ACCOUNT_ROLE.c.programme == new)
    for account, role in tx.execute(theirs).all():
        twice = ACCOUNT_ROLE.c.account_id == account, ACCOUNT_ROLE.c.role == role, ACCOUNT_ROLE.c.programme == old
        tx.execute(delete(ACCOUNT_ROLE).where(*twice))
    for table in _BY_COLUMN:
        tx.execute(update(table).where(table.c.programme == old).values(programme=new))
    tx.execute(update(PROGRAMME).where(PROGRAMME.c.code == old).values(code=new, updated_at=now))
    for table in _NUMBERS:
        named = table.c.sender.like(f"%:{old.replace('_', '!_')}:%", escape="!")
        tx.execute(update(table).where(named).values(sender=func.replace(table.c.sender, f":{old}:", f":{new}:")))
    subject = ALERT.c.subject == f"programme:{old}"
    tx.execute(update(ALERT).where(subject, ALERT.c.closed_at.is_(None)).values(subject=f"programme:{new}"))

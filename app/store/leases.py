"""Who may do a periodic job now. One row a job: of two clocks, one gets it."""

from datetime import datetime

from sqlalchemy import Connection, or_, update

from app.store.dialect import insert_ignore
from app.store.tables import LEASE


def acquire(tx: Connection, name: str, owner: str, until: datetime, now: datetime) -> bool:
    """Take or renew a lease. False while another owner's runs. One that runs more than twice as long as is asked for now was
    given by a clock that ran ahead of ours, and has since been put right or is not to be waited for: it does not count."""
    too_long = until + (until - now)
    insert_ignore(tx, LEASE, [{"name": name, "owner": owner, "until": now}])
    taken = tx.execute(
        update(LEASE)
        .where(LEASE.c.name == name, or_(LEASE.c.owner == owner, LEASE.c.until <= now, LEASE.c.until > too_long))
        .values(owner=owner, until=until)
    )
    return taken.rowcount == 1


def release(tx: Connection, name: str, owner: str, now: datetime) -> None:
    """Give one back, its job being done."""
    tx.execute(update(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner, LEASE.c.until > now).values(until=now))


def release_all(tx: Connection, owner: str, now: datetime) -> None:
    """Give back what a process holds, as it stops: whoever comes next need not wait for it to run out."""
    tx.execute(update(LEASE).where(LEASE.c.owner == owner, LEASE.c.until > now).values(until=now))

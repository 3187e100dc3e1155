"""Leases of periodic jobs, one row per job: of several processes, one holds it."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from app.store.dialect import insert_ignore
from app.store.tables import LEASE


def acquire(tx: Connection, name: str, owner: str, until: datetime, now: datetime) -> bool:
    """Take or renew a lease. False while another owner holds it. A lease that ends more than twice as far ahead as the one asked
    for was set by a clock that ran ahead of ours, and is ignored."""
    too_long = until + (until - now)
    insert_ignore(tx, LEASE, [{"name": name, "owner": owner, "until": now}])
    taken = tx.execute(
        update(LEASE)
        .where(LEASE.c.name == name, or_(LEASE.c.owner == owner, LEASE.c.until <= now, LEASE.c.until > too_long))
        .values(owner=owner, until=until)
    )
    return taken.rowcount == 1


def until(tx: Connection, name: str) -> datetime | None:
    """When the lease of a job ends or ended; None if no process ever had it."""
    return tx.execute(select(LEASE.c.until).where(LEASE.c.name == name)).scalar_one_or_none()


def release(tx: Connection, name: str, owner: str, now: datetime) -> None:
    """Give up a lease when its job is done."""
    tx.execute(update(LEASE).where(LEASE.c.name == name, LEASE.c.owner == owner, LEASE.c.until > now).values(until=now))


def release_all(tx: Connection, owner: str, now: datetime) -> None:
    """Give up all leases of a process that stops, so that the next one need not wait for them to expire."""
    tx.execute(update(LEASE).where(LEASE.c.owner == owner, LEASE.c.until > now).values(until=now))

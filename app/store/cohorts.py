"""Cohorts: officers who took the workshop together."""

from sqlalchemy import Connection, select

from app.errors import UsageError
from app.flows.nearby import did_you_mean
from app.store.tables import Cohort

_cohort = Cohort.__table__  # type: ignore[attr-defined]


def check(tx: Connection, code: str | None) -> None:
    """Raise UsageError if there is no cohort of this code; None is any."""
    if code is None:
        return
    codes = list(tx.execute(select(_cohort.c.code).order_by(_cohort.c.code)).scalars())
    if code not in codes:
        raise UsageError(f"there is no cohort {code!r}. {did_you_mean(code, codes)}".strip())

"""Tryouts: which programme is on telephones of its team now, pressed how much, and the rule that leaves a tryout's officers out of what is
counted over all programmes. All functions take a transaction and commit nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, select

from app.flows.tryouts import MARK
from app.store.bulk import insert_rows
from app.store.tables import COHORT, CONTACT, CONTACT_WITH_COHORT, SESSION, TRYOUT


@dataclass(frozen=True, slots=True)
class Tryout:
    """A tryout under way. `code` is that of its programme and of its cohort; `of_draft`: it runs the text that was a draft then; `ends_at`:
    when it is removed by itself."""

    code: str
    flow_version_id: int
    campaign: str
    press: str
    pace_seconds: int
    of_draft: bool
    started_at: datetime
    started_by: str
    ends_at: datetime


_FOUND = select(*(TRYOUT.c[name] for name in Tryout.__slots__))


def add(tx: Connection, one: Tryout) -> None:
    """Store a tryout. IntegrityError if its programme has one already."""
    insert_rows(tx, TRYOUT, [{name: getattr(one, name) for name in Tryout.__slots__}])


def find(tx: Connection, code: str) -> Tryout | None:
    """The tryout of this code; None if none is under way."""
    row = tx.execute(_FOUND.where(TRYOUT.c.code == code)).one_or_none()
    return None if row is None else Tryout(*row)


def over(tx: Connection, now: datetime) -> list[str]:
    """The codes of the tryouts that are to be removed."""
    return list(tx.execute(select(TRYOUT.c.code).where(TRYOUT.c.ends_at <= now).order_by(TRYOUT.c.code)).scalars())


def remove(tx: Connection, code: str) -> None:
    """Forget a tryout."""
    tx.execute(delete(TRYOUT).where(TRYOUT.c.code == code))


def current(tx: Connection) -> dict[str, int]:
    """The version that each tryout runs, by the tryout's code."""
    return dict(tx.execute(select(TRYOUT.c.code, TRYOUT.c.flow_version_id).order_by(TRYOUT.c.code)).all())


def pace(tx: Connection, version: int) -> timedelta | None:
    """The time that stands for a day in the tryout of this version; None without one."""
    seconds = tx.execute(select(TRYOUT.c.pace_seconds).where(TRYOUT.c.flow_version_id == version)).scalar_one_or_none()
    return None if seconds is None else timedelta(seconds=seconds)


# -- left out of what is counted --------------------------------------------------------------------------------------


def is_real(programme: Any = COHORT.c.programme) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    """The condition that a programme is no tryout."""
    found: ColumnElement[bool] = ~programme.endswith(MARK, autoescape=True)
    return found


def of_real() -> ColumnElement[bool]:
    """The condition that an officer is of no tryout. The query must contain the table contact."""
    return CONTACT.c.cohort_id.not_in(select(COHORT.c.id).where(~is_real()))


def officers() -> Select[tuple[int]]:
    """The ids of the officers of tryouts, also of those that are over."""
    theirs = select(COHORT.c.id).where(~is_real())
    return select(CONTACT.c.id).where(CONTACT.c.cohort_id.in_(theirs))


def begun_by_officers() -> ColumnElement[bool]:
    """The condition that a session is of no tryout."""
    return SESSION.c.contact_id.not_in(officers())


def telephones(tx: Connection, code: str) -> list[tuple[int, str]]:
    """The officers of a tryout who are not erased: id and study id."""
    theirs = select(CONTACT.c.id, CONTACT.c.study_id).select_from(CONTACT_WITH_COHORT)
    wanted = theirs.where(COHORT.c.programme == code, CONTACT.c.erased_at.is_(None))
    return [(key, study_id) for key, study_id in tx.execute(wanted.order_by(CONTACT.c.id))]

"""Runs a job's batch so that one damaged officer stops nobody else. A batch that fails is split in halves until the officers that
fail alone are found (one by one, but with few statements for a thousand officers); they are put on hold, and the others are
done. Everything happens in the job's transaction, each attempt in a savepoint."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.errors import ConfigurationError, ExternalError
from app.store import damage, damaged_rows, dead_letters
from app.store.dialect import is_away, is_conflict

FEW = 10
"""Officers that may fail without a finding in their rows. If more do, and nobody succeeds, the fault is not in the rows: then nobody
is put on hold, and the job fails."""

T = TypeVar("T")
Work = Callable[[Sequence[T]], object]
"""Does the work for some items, all of an officer's together. It may be called again for a part of the items, so that it must change
nothing but the database."""


def run(
    tx: Connection, job: str, items: Sequence[T], contact_of: Callable[[T], int], work: Work[T], now: datetime
) -> None:
    """Do the work for all items, and put officers on hold with whom it fails alone. Raises conflicts, errors of a database that does
    not answer, and errors that everybody causes."""
    groups: dict[int, list[T]] = {}
    for item in items:
        groups.setdefault(contact_of(item), []).append(item)
    search = _Search(tx, work)
    search.run(list(groups.items()))
    for contact, error in search.failed.items():
        damage.hold(tx, contact, job, dead_letters.describe(error), now)


@dataclass(slots=True)
class _Search(Generic[T]):
    """The search for the officers with whom the work fails alone."""

    tx: Connection
    work: Work[T]
    failed: dict[int, Exception] = field(default_factory=dict)
    unexplained: int = 0
    any_done: bool = False

    def run(self, groups: Sequence[tuple[int, list[T]]]) -> None:
        error = self._attempt([item for _, some in groups for item in some])
        if error is None:
            self.any_done = self.any_done or bool(groups)
        elif len(groups) > 1:
            middle = len(groups) // 2
            self.run(groups[:middle])
            self.run(groups[middle:])
        else:
            self._fail(groups[0][0], error)

    def _attempt(self, items: Sequence[T]) -> Exception | None:
        try:
            with _savepoint(self.tx):
                self.work(items)
        except ExternalError:
            raise
        except DBAPIError as error:
            if is_conflict(error) or is_away(error):
                raise
            return error
        except Exception as error:  # noqa: BLE001 - whatever a damaged row causes
            return error
        return None

    def _fail(self, contact: int, error: Exception) -> None:
        self.failed[contact] = error
        # A ConfigurationError is a flow version that this release cannot read, which the rows do not show.
        if not isinstance(error, ConfigurationError) and not any(damaged_rows.find(self.tx, [contact])):
            self.unexplained += 1
        if self.unexplained > FEW and not self.any_done:
            raise error


@contextmanager
def _savepoint(tx: Connection) -> Iterator[None]:
    """Undo what the block has done if it raises. SQLAlchemy's own takes ten times as long: it compiles a new name each time."""
    tx.exec_driver_sql("SAVEPOINT attempt")
    try:
        yield
    except BaseException:
        tx.exec_driver_sql("ROLLBACK TO SAVEPOINT attempt")
        tx.exec_driver_sql("RELEASE SAVEPOINT attempt")
        raise
    tx.exec_driver_sql("RELEASE SAVEPOINT attempt")

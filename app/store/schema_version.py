"""The schema's version, and whether this release may serve on it. The schema itself says which is the oldest version whose release
may: so an upgrade can come before the last process of the old release has stopped, or must not."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, delete, insert, inspect, select, text

from app.errors import ConfigurationError, ExternalError
from app.store.tables import SCHEMA_SUPPORT
from app.wording import Sentence

log = structlog.get_logger(__name__)

HEAD = "0012_texts_to_code"
"""The schema's version of this release: the newest file in `migrations/versions`."""

OLDEST = "0001_first_release"
"""The oldest version whose release may serve on the schema of this one. A migration that the code of older releases would not
survive makes it its own version."""

LAST = "0003_campaigns"
"""The last version before the first release, the only one that is converted."""
SEALING = "0000_sealing"
"""The version of such a database whose tables are converted and whose texts are not all sealed yet. No release serves on it."""

COPYING = "0000_copying"
"""The version of a database that is being filled from another: see `copying`. No release serves on it."""

LOOK_EVERY_SECONDS = 5.0

VERSION = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """The schema's version, None for an empty database, and the oldest version whose release may serve on it, None if the
    schema does not say."""

    version: str | None
    oldest: str | None = None

    @property
    def is_newer(self) -> bool:
        """Whether a newer release than this one made the schema."""
        return self.version is not None and self.oldest is not None and _number(self.version) > _number(HEAD)

    @property
    def may_serve(self) -> bool:
        """Whether this release may serve on it."""
        if self.version == HEAD:
            return True
        return self.is_newer and self.oldest is not None and _number(self.oldest) <= _number(HEAD)

    def check(self) -> None:
        """Raise ConfigurationError unless this release may serve."""
        if self.may_serve:
            return
        if self.is_newer:
            raise ConfigurationError(_refusal(self))
        if self.version == COPYING:
            raise ConfigurationError(UNFINISHED_COPY)
        raise ConfigurationError(
            Sentence(
                "the database is at version {version}, this release needs {head}: run `trato db upgrade`",
                version=self.version or Sentence("none"),
                head=HEAD,
            )
        )


def read(tx: Connection) -> SchemaVersion:
    """The version of this database's schema."""
    tables = inspect(tx)
    if not tables.has_table("alembic_version"):
        return SchemaVersion(None)
    version = tx.execute(VERSION).scalar_one_or_none()
    if version == HEAD or not tables.has_table(SCHEMA_SUPPORT.name):
        return SchemaVersion(version)
    return SchemaVersion(version, tx.execute(select(SCHEMA_SUPPORT.c.oldest)).scalar_one_or_none() or version)


def is_newer(version: str) -> bool:
    """Whether a schema of this version was made by a newer release than this one."""
    return version != HEAD and _number(version) > _number(HEAD)


def store_support(tx: Connection) -> None:
    """Store in the schema which releases may serve on it."""
    tx.execute(delete(SCHEMA_SUPPORT))
    tx.execute(insert(SCHEMA_SUPPORT), {"oldest": OLDEST})


class OutdatedError(ExternalError):
    """The schema is of a newer release, and this one may not serve on it. `SchemaWatch` logs it, once."""


@dataclass(slots=True)
class SchemaWatch:
    """Notices within seconds that the schema has been upgraded under a running process. `monotonic` gives seconds."""

    monotonic: Callable[[], float] = time.monotonic
    _next: float = 0.0
    _is_refused: bool = False

    def check(self, tx: Connection) -> None:
        """Raise OutdatedError if this release may no longer write. Looks at the schema every few seconds."""
        if not self._is_refused and self.monotonic() < self._next:
            return
        self._next = self.monotonic() + LOOK_EVERY_SECONDS
        if tx.execute(VERSION).scalar_one_or_none() == HEAD:
            self._is_refused = False
            return
        schema = read(tx)
        refused = schema.is_newer and not schema.may_serve
        if refused and not self._is_refused:
            log.error(_refusal(schema))
        self._is_refused = refused
        if refused:
            raise OutdatedError(_refusal(schema))


UNFINISHED_COPY = Sentence("a copy into this database is not finished: run the same `trato db copy` again")


def _refusal(schema: SchemaVersion) -> str:
    return Sentence(
        "the database was upgraded to version {version} by a newer release of Trato, and this one (version {head}) "
        "may not serve on it: install the newer release",
        version=schema.version,
        head=HEAD,
    )


def _number(version: str) -> int:
    digits = version.partition("_")[0]
    return int(digits) if digits.isdecimal() else 0
